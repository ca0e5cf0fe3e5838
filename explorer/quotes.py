"""The material's own words as HTML: escaped, with what was sought marked.

Not as Markdown: that would lay the words out anew, and a picture in them would be fetched from afar.
Only emphasis, code and links within a line are set as they are meant.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from html import escape
from typing import Any

from explorer.rows import place

_WORD = re.compile(r"[^\W_]{3,}")
_INLINE = [  # Markdown that only disturbs reading; lists and tables read well as they are
    (re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)"), r"\1"),  # no address: a link here would lead away unseen
    (re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"`([^`\n]+)`"), r"<code>\1</code>"),
]
_BEFORE = 80  # characters of an excerpt that stand before the first mark


def quote_html(evidence: Mapping[str, Any], names: Collection[str] = ()) -> str:
    """Return evidence as a quotation with its source, ``names`` marked."""
    return _block(marked(evidence["quote"], names), place(evidence))


def passage_html(passage: Mapping[str, Any], words: Collection[str] = (), *, length: int = 0) -> str:
    """Return a passage with its source, ``words`` marked; with ``length``, an excerpt of that size."""
    text = passage["text"].strip()
    shown = excerpt(text, words, length) if length else text
    return _block(marked(shown, words), place(passage))


def marked(text: str, words: Collection[str]) -> str:
    """Escape ``text`` for HTML and mark where a word or name of ``words`` begins a word, in any case."""
    pattern = _pattern(words)
    if pattern is None:
        return escape(text)
    # Every second part is a match: the pattern has one group, around all of it.
    parts = pattern.split(text)
    return "".join(
        f"<mark>{escape(part)}</mark>" if index % 2 else escape(part) for index, part in enumerate(parts)
    )


def excerpt(text: str, words: Collection[str], length: int) -> str:
    """Cut about ``length`` characters around the first of ``words``, at word ends, with dots where cut."""
    if len(text) <= length:
        return text
    pattern = _pattern(words)
    match = pattern.search(text) if pattern else None
    start = max(0, match.start() - _BEFORE) if match else 0
    if start:
        start = text.find(" ", start) + 1 or start
    end = start + length
    cut = text[start:end].rsplit(" ", 1)[0] if end < len(text) else text[start:]
    return f"{'… ' if start else ''}{cut}{' …' if end < len(text) else ''}"


def query_words(query: str) -> list[str]:
    """Return the words of a query that are worth marking."""
    return _WORD.findall(query)


def _pattern(words: Collection[str]) -> re.Pattern[str] | None:
    # The longest first: of two names that begin alike, the longer one is the one that stands there.
    ordered: Sequence[str] = sorted({word for word in words if word.strip()}, key=lambda w: (-len(w), w))
    if not ordered:
        return None
    return re.compile(rf"((?<!\w)(?:{'|'.join(map(re.escape, ordered))}))", re.IGNORECASE)


def _block(words: str, source: str) -> str:
    for pattern, instead in _INLINE:
        words = pattern.sub(instead, words)
    return f'<blockquote class="kg-quote">{words}<footer>{escape(source)}</footer></blockquote>'
