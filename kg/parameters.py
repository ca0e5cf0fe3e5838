"""Values on their way into a query, of any engine."""

from __future__ import annotations

from collections.abc import Iterable


def bindable(text: str) -> str:
    """Return ``text`` as a store can take it: halves of surrogate pairs, which JSON lets in, replaced."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def distinct(ids: Iterable[str]) -> list[str]:
    """Return each of ``ids`` once, sorted, so that answers have an order whatever the caller's."""
    return sorted({bindable(id_) for id_ in ids})
