"""Web pages: the main text of HTML, without the menus around it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from selectolax.lexbor import LexborNode

from extract.blocks import BlockKind, SpanStyle
from extract.content import Content, title_from_path
from extract.page import HEADING_MARKS, Lines, Page, unnumbered
from extract.plain import Plain, PlainText
from extract.web_main import main_element

_STYLES = {
    "b": SpanStyle.BOLD,
    "strong": SpanStyle.BOLD,
    "em": SpanStyle.ITALIC,
    "i": SpanStyle.ITALIC,
    "code": SpanStyle.CODE,
    "kbd": SpanStyle.CODE,
    "a": SpanStyle.LINK,
}
_BLANKS = frozenset({"br", "wbr", "img", "hr"})
_INLINE = frozenset(
    "abbr bdi bdo big cite data del dfn font ins label mark q s samp small span strike sub sup time tt u "
    "var".split()
)
_INLINE |= _STYLES.keys() | _BLANKS
_LANGUAGE = re.compile(r"(?:language|lang|highlight-source)-([\w+#]+)")
_HEADING = re.compile(r"h[1-6]")
_USED = "!"  # behind an element's name once its first block is read: what follows are paragraphs
_PROBE = re.compile(r"[ -%'-;=?-~]{3,40}")  # plain letters, which HTML writes as they read
_PROBE_CHARS = 50_000  # how far ahead they are looked for; what a page hides between is not longer


def read_web_page(text: str, path: str) -> Content:
    """Read an HTML page; ``path`` names it where neither a heading nor its head does.

    The source of the blocks is the text as extracted, set as Markdown; lines are those of the HTML.

    Raises:
        LoadError: its elements are nested far deeper than any page's.
    """
    title, root = main_element(text)
    reader = _Reader(text, unnumbered(title or title_from_path(path)))
    if root is not None:
        reader.read(root)
    return Content(title=reader.page.title, source="".join(reader.source), blocks=tuple(reader.page.blocks))


@dataclass(slots=True)
class _List:
    """An open list."""

    ordered: bool
    lead: str  # what it belongs to
    item: str = ""  # text of its last item


@dataclass(slots=True)
class _Table:
    """An open table, or none."""

    is_open: bool = False  # whether a row is
    is_head: bool = True  # whether the row has head cells alone
    columns: tuple[str, ...] = ()
    edges: list[tuple[int, int]] = field(
        default_factory=list
    )  # where each cell begins and the one before ends

    def cell(self, plain: PlainText, *, is_head: bool) -> None:
        """Begin the next cell of the open row."""
        end = len(plain)
        if self.edges:
            plain.add_instead(" | ", 0, 0)
        self.edges.append((len(plain), end))
        self.is_head = self.is_head and is_head

    def cells(self, row: str) -> tuple[str, ...]:
        """Return the cells of the open row, whose text is ``row``."""
        edges = [*self.edges, (0, len(row))]
        return tuple(row[start:end].strip() for (start, _), (_, end) in pairwise(edges))


class _Reader:
    """Walks the tree once, without recursion, and writes the source as it goes."""

    def __init__(self, html: str, title: str) -> None:
        self.source: list[str] = []
        self.page = Page(title, lambda _: self._line)
        self._html = html
        self._lines = Lines(html)
        self._cursor = 0  # in the HTML, behind what was found last
        self._line, self._found = 1, False  # of the block being read, and whether it is known yet
        self._length = 0  # of the source
        self._plain = PlainText()
        self._styles: list[int] = []  # where each open style begins in the text
        self._elements: list[str] = []  # the open elements that say what a text is
        self._lists: list[_List] = []
        self._table = _Table()
        self._last = BlockKind.HEADING  # kind of the block before

    def read(self, root: LexborNode) -> None:
        """Fill the page."""
        stack = [(root, root.iter(include_text=True))]
        while stack:
            parent, children = stack[-1]
            node = next(children, None)
            if node is None:
                stack.pop()
                self._close(parent.tag or "", parent)
            elif node.is_text_node:
                self._text(node.text(deep=False) or "")
            elif node.tag == "pre":
                self._code(node)
            elif node.is_element_node:
                self._open(node.tag or "")
                stack.append((node, node.iter(include_text=True)))
        self._flush()

    def _text(self, words: str) -> None:
        if not self._found:
            self._find_line(words)
        self._plain.add(words, 0)

    def _find_line(self, words: str) -> None:
        """Set the line by where the words stand in the HTML, as far as they are written as they read."""
        probe = _PROBE.search(words.strip())
        ahead = self._cursor + _PROBE_CHARS
        at = self._html.find(probe[0], self._cursor, ahead) if probe else -1
        if at >= 0:
            self._cursor = at + 1
            self._line, self._found = self._lines.number(at), True

    def _open(self, tag: str) -> None:
        if tag in _INLINE:
            if tag in _BLANKS:
                self._plain.blank(0)
            elif tag in _STYLES:
                self._styles.append(len(self._plain))
        elif self._table.is_open and tag in ("td", "th"):
            self._table.cell(self._plain, is_head=tag == "th")
        elif self._table.is_open and tag in ("p", "div", "span"):
            self._plain.blank(0)
        elif tag == "dd" and self._elements[-1:] == ["dt"] and len(self._plain):  # goes on with its term
            self._plain.add_instead(": ", 0, 0)
        else:
            self._flush()
            self._enter(tag)

    def _enter(self, tag: str) -> None:
        """Go into an element that says what its text is."""
        if tag in ("ul", "ol", "dl"):
            after_text = self._last is BlockKind.PARAGRAPH and bool(self.page.blocks)
            lead = self.page.blocks[-1].text if after_text and not self._lists else ""
            self._lists.append(_List(tag == "ol", self._lists[-1].item if self._lists else lead))
        elif tag == "table":
            self._table = _Table()
        elif tag == "tr":
            self._table.is_open = True
        if tag in ("li", "dt", "dd") or _HEADING.fullmatch(tag):
            self._elements.append(tag)

    def _close(self, tag: str, node: LexborNode) -> None:
        if tag in _STYLES and self._styles:
            start = self._styles.pop()
            target = (node.attributes.get("href") or "") if tag == "a" else ""
            if tag != "a" or target:
                self._plain.style(start, _STYLES[tag], target)
        elif tag in _INLINE or tag == "dt" or (self._table.is_open and tag in ("td", "th", "p", "div")):
            return
        else:
            self._flush()
            if tag in ("ul", "ol", "dl") and self._lists:
                self._lists.pop()
            if tag in ("dd", "dl"):
                tag = self._elements[-1] if self._elements[-1:] in (["dt"], ["dd"]) else ""
            if self._elements and self._elements[-1] in (tag, tag + _USED):
                self._elements.pop()

    def _flush(self) -> None:
        """Add the text collected so far as the block that the open elements make it."""
        plain, table = self._plain, self._table
        self._plain, self._styles, self._found = PlainText(), [], False
        element = self._elements[-1] if self._elements else ""
        if table.is_open:
            self._row(plain)
        elif not plain.text():
            return
        elif _HEADING.fullmatch(element):
            level = int(element[1])
            heading = HEADING_MARKS.sub("", plain.text())
            fresh = PlainText()
            fresh.add(heading, 0)
            self.page.heading(self._write(BlockKind.HEADING, fresh, before="#" * level + " "), level)
        elif element and not element.endswith(_USED):
            self._elements[-1] = element + _USED
            self._item(plain)
        else:
            self.page.add(BlockKind.PARAGRAPH, self._write(BlockKind.PARAGRAPH, plain))

    def _item(self, plain: PlainText) -> None:
        if not self._lists:  # an item without a list
            self._lists.append(_List(False, ""))
        current = self._lists[-1]
        current.item = plain.text()
        level = len(self._lists) - 1
        written = self._write(BlockKind.ITEM, plain, before="1. " if current.ordered else "- ", indent=level)
        self.page.add(BlockKind.ITEM, written, level=level, ordered=current.ordered, lead=current.lead)

    def _row(self, plain: PlainText) -> None:
        """End a table row: the first one of head cells alone names the columns."""
        table = self._table
        cells = table.cells(plain.text())
        if cells and table.is_head and not table.columns and self._last is not BlockKind.ROW:
            table.columns = cells
            rule = "|" + " --- |" * len(cells)
            self._append("\n\n", f"| {' | '.join(cells)} |\n{rule}")
            self._last = BlockKind.ROW
        elif any(cells):
            written = self._write(BlockKind.ROW, plain, before="| ", after=" |")
            self.page.add(BlockKind.ROW, written, columns=table.columns, cells=cells)
        self._table = _Table(columns=table.columns)

    def _code(self, node: LexborNode) -> None:
        self._flush()
        code = (node.text() or "").strip("\n").rstrip()
        inner = node.css_first("code")
        names = f"{node.attributes.get('class') or ''} {inner.attributes.get('class') or '' if inner else ''}"
        language = _LANGUAGE.search(names)
        if not code:
            return
        self._find_line(code)
        name = language[1].lower() if language else ""
        fence = "`" * max(3, 1 + max(map(len, re.findall(r"`+", code)), default=0))
        before, after = f"{fence}{name}\n", f"\n{fence}"
        start = self._append("\n\n" if self._length else "", before + code + after)
        offsets = tuple(range(len(before), len(before) + len(code) + 1))
        plain = Plain(text=code, raw=before + code + after, start=start, offsets=offsets, spans=())
        self._last = BlockKind.CODE
        self.page.add(BlockKind.CODE, plain, language=name)

    def _write(
        self, kind: BlockKind, plain: PlainText, *, before: str = "", after: str = "", indent: int = 0
    ) -> Plain:
        """Write a block into the source, on the next line of its list or table or after a blank one."""
        joined = kind is self._last and kind in (BlockKind.ITEM, BlockKind.ROW)
        gap = "" if not self._length else "\n" if joined else "\n\n"
        start = self._append(gap + "  " * indent, "")
        written = plain.as_written(start, before=before, after=after)
        self._append("", written.raw)
        self._last = kind
        return written

    def _append(self, gap: str, words: str) -> int:
        """Append to the source and return where ``words`` begin."""
        self.source += (gap, words)
        self._length += len(gap) + len(words)
        return self._length - len(words)
