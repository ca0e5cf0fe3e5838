"""Queries of Neo4j's full-text indexes, in Lucene's syntax, from text that is never syntax."""

from __future__ import annotations

import re
from collections.abc import Collection

_MOST_CLAUSES = 500  # Lucene takes 1,024 in one query


def quoted(text: str) -> str:
    """Return ``text`` as a phrase, in which only a backslash and a quotation mark mean something."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def beginning_with(text: str, *fields: str) -> str:
    """Return a query of what begins with ``text`` in one of ``fields``."""
    escaped = re.sub(r"(\W)", r"\\\1", text)
    return " ".join(f"{field}:{escaped}*" for field in fields)


def any_of(texts: Collection[str], *fields: str) -> list[str]:
    """Return queries that together find what has one of ``texts`` in one of ``fields``."""
    phrases = [quoted(text) for text in sorted(texts)]
    size = _MOST_CLAUSES // len(fields)
    groups = [" ".join(phrases[first : first + size]) for first in range(0, len(phrases), size)]
    return [" ".join(f"{field}:({group})" for field in fields) for group in groups]
