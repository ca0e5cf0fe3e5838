"""Opaque cursors: where a page of a list begins."""

from __future__ import annotations

import base64
import binascii

from kg.errors import InvalidInputError

MAX_OFFSET = 100_000
"""A store walks over what it skips, so pages cannot start arbitrarily deep."""

_VERSION = "1"


def cursor(offset: int) -> str:
    """Return the cursor of the item at ``offset``: opaque, versioned, the same each time."""
    return base64.urlsafe_b64encode(f"{_VERSION}:{offset}".encode()).decode()


def offset_after(after: str | None) -> int:
    """Return the offset of the item that follows the one with the cursor ``after``; 0 for null.

    Raises:
        InvalidInputError: not a cursor of this API, or one too deep in the list.
    """
    if after is None:
        return 0
    try:
        version, _, offset = (
            base64.b64decode(after.encode(), altchars=b"-_", validate=True).decode().partition(":")
        )
    except (binascii.Error, UnicodeError) as error:
        raise InvalidInputError(f"after is no cursor of this API: {after[:80]!r}") from error
    if version != _VERSION or not (offset.isascii() and offset.isdigit()):
        raise InvalidInputError(f"after is no cursor of this API: {after[:80]!r}")
    if len(offset) > len(str(MAX_OFFSET)) or int(offset) >= MAX_OFFSET:
        raise InvalidInputError(f"a list cannot be paged past {MAX_OFFSET} items; narrow the filter")
    return int(offset) + 1
