"""HTML inside Markdown: its words, as stretches of the file, without its tags."""

from __future__ import annotations

import html
import re
from itertools import pairwise

from extract.blocks import BlockKind
from extract.inline import HTML_NAMES
from extract.page import HEADING_MARKS, Page
from extract.plain import PlainText

_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<skip>script|style|svg)\b.*?(?:</(?P=skip)\s*>|\Z)"
    r"|<(?P<close>/?)(?P<tag>[a-z][a-z0-9]*)[^<>]*>|&(?:\#\w{1,8}|\w{1,32});|[^<&]+|[<&]",
    re.DOTALL | re.IGNORECASE,
)
_INLINE = frozenset(
    "a abbr b big br cite code del dfn em font i img input ins kbd mark q s samp small span strike strong "
    "sub sup tt u var wbr".split()
)
_CELLS = frozenset({"td", "th"})
_ROW_PARTS = _INLINE | _CELLS | {"p", "div"}  # what may stand in a row without ending it


def read_raw_html(source: str, start: int, end: int, page: Page) -> None:
    """Add the blocks that the HTML in ``source[start:end]`` holds to a page."""
    words = _Words(source, page)
    for token in _TOKEN.finditer(source, start, end):
        tag = (token["tag"] or "").lower()
        if tag in HTML_NAMES:
            words.tag(tag, token.start(), closing=bool(token["close"]))
        elif token[0][0] == "&" and len(token[0]) > 1:
            words.plain.add_instead(html.unescape(token[0]), token.start(), token.end())
        elif not token["skip"] and not token[0].startswith("<!--"):
            words.plain.add(token[0], token.start())
    words.flush()


class _Words:
    """The words of the element that the reader is in."""

    def __init__(self, source: str, page: Page) -> None:
        self.plain = PlainText()
        self._source = source
        self._page = page
        self._element = ""
        self._edges: list[tuple[int, int]] = []  # where each cell of a row begins, and the one before ends

    def tag(self, tag: str, at: int, *, closing: bool) -> None:
        """Meet a tag: end the block, the cell or the word."""
        if tag in _CELLS and self._element == "tr":
            if not closing:
                end = len(self.plain)
                if self._edges:
                    self.plain.add_instead(" | ", at, at)
                self._edges.append((len(self.plain), end))
        elif tag in _INLINE or (self._element == "tr" and tag in _ROW_PARTS):
            if tag in ("br", "p", "div"):
                self.plain.blank(at)
        else:
            self.flush()
            self._element = "" if closing else tag

    def flush(self) -> None:
        """Add what there is as a block, and begin another."""
        text = self.plain.text()
        if text and re.fullmatch(r"h[1-6]", self._element):
            self._page.heading(self.plain.finish(self._source, drop=HEADING_MARKS), int(self._element[1]))
        elif text and self._element == "tr":
            edges = [*self._edges, (0, len(text))]
            cells = tuple(text[start:end].strip() for (start, _), (_, end) in pairwise(edges))
            self._page.add(BlockKind.ROW, self.plain.finish(self._source), cells=cells)
        elif text:
            kind = BlockKind.ITEM if self._element == "li" else BlockKind.PARAGRAPH
            self._page.add(kind, self.plain.finish(self._source))
        self.plain, self._edges = PlainText(), []
