"""Markdown, as GitHub has it, to blocks that are exact stretches of the file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from extract.blocks import BlockKind
from extract.content import Content, title_from_path
from extract.front_matter import FrontMatter, read_front_matter
from extract.inline import Places, add_inline
from extract.page import HEADING_MARKS, Lines, Page, unnumbered
from extract.plain import Plain, PlainText
from extract.raw_html import read_raw_html

_MAX_NESTING = 100
"""Open lists, items and quotations together; each costs the parser three stack frames."""

# Deeper than anyone means it, a line is parsed as if it were less far in: below _MAX_NESTING the parser
# would skip the rest of the file. Lines are found again by how they end, so their places stay right.
_MAX_INDENT = 60
_MAX_MARKS = 20
_FAR_IN = re.compile(r"^([ \t]{61,}(?=\S)|(?:(?:[-+*>]|\d{1,9}[.)])[ \t]?){21,}(?=[^\s\-+*>]))", re.MULTILINE)

_MAX_BRACKETS = 500  # in one paragraph; the parser's time grows with the square of open ones
_MARKUP = re.compile(r"[\\`~*_\[<&\n]")  # what any of the parser's inline rules begins at
_PREFIX = re.compile(r"[ \t>]*")
_ITEM_MARK = re.compile(r"(?:[-+*]|\d{1,9}[.)])[ \t]+$")
_PIPE = re.compile(r"(?<!\\)\|")
_ESCAPED_BAR = re.compile(r"\\(?=\|)")


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("gfm-like", {"linkify": False, "maxNesting": _MAX_NESTING})
    # Inline content is parsed where it is read. Unjoined, its escapes and entities keep their spelling
    # and can be found in the source again.
    parser.disable(["inline", "linkify", "text_join"])
    parser.normalizeLink = str  # type: ignore[assignment,method-assign]  # targets as written
    return parser


def _clip(far_in: re.Match[str]) -> str:
    return far_in[1][-_MAX_INDENT:] if far_in[1].isspace() else far_in[1][-_MAX_MARKS:]


def read_markdown(text: str, path: str) -> Content:
    """Read a Markdown file; ``path`` names it where neither front matter nor a heading does."""
    front = read_front_matter(text)
    env: dict[str, Any] = {}  # where the parser keeps the targets of reference links
    tokens = _parser().parse(_FAR_IN.sub(_clip, text[front.body :]), env)
    reader = _Reader(text, front, tokens, env, path)
    reader.read()
    warnings = front.warnings
    if any(token.level >= _MAX_NESTING - 1 for token in tokens):
        warnings += ("lists and quotations nested too deep: the file was read only up to them",)
    return Content(
        title=reader.page.title,
        source=text,
        blocks=tuple(reader.page.blocks),
        metadata=front.metadata,
        warnings=warnings,
    )


@dataclass(slots=True)
class _List:
    """A list that the reader is inside of."""

    ordered: bool
    lead: str
    item: str = ""  # text of its open item
    fresh: bool = False  # whether the open item has had no block yet


class _Reader:
    """Walks the block tokens once, knowing the lists that are open and the headings above."""

    def __init__(
        self, text: str, front: FrontMatter, tokens: Sequence[Token], env: dict[str, Any], path: str
    ) -> None:
        self._source = text
        self._lines = Lines(text)
        self._first = self._lines.number(front.body) - 1  # markdown-it counts from the body's first line
        self._front = front
        self._tokens = tokens
        self._env = env
        self._lists: list[_List] = []
        self.page = Page(self._find_title() or title_from_path(path), self._lines.number)

    def _find_title(self) -> str:
        """Return the front matter's title, else the first heading of level 1, else one that comes first."""
        stated = self._front.metadata.get("title")
        if isinstance(stated, str) and stated.strip():
            return stated.strip()
        for index, token in enumerate(self._tokens):
            if token.type == "heading_open" and token.level == 0 and (token.tag == "h1" or index == 0):
                return unnumbered(self._plain(self._tokens[index + 1], drop=HEADING_MARKS).text)
        return ""

    def read(self) -> None:
        """Fill the page."""
        if self._front.words:
            start, end = self._front.words
            plain = PlainText()
            plain.add(self._source[start:end], start)
            self.page.add(BlockKind.PARAGRAPH, plain.finish(self._source))
        for index, token in enumerate(self._tokens):
            match token.type:
                case "heading_open" if token.level == 0:
                    heading = self._plain(self._tokens[index + 1], drop=HEADING_MARKS)
                    self.page.heading(heading, int(token.tag[1]))
                case "paragraph_open" | "heading_open":  # a heading in a quotation opens no section
                    self._paragraph(self._tokens[index + 1])
                case "bullet_list_open" | "ordered_list_open":
                    self._lists.append(_List(token.type == "ordered_list_open", self._lead(index)))
                case "bullet_list_close" | "ordered_list_close":
                    self._lists.pop()
                case "list_item_open":
                    self._lists[-1].item, self._lists[-1].fresh = "", True
                case "tbody_open":
                    self._rows(index)
                case "fence" | "code_block":
                    self._code(token)
                case "html_block":
                    read_raw_html(self._source, *self._span(token), self.page)

    def _span(self, token: Token) -> tuple[int, int]:
        """Return the stretch of the source that a token's lines fill."""
        first, last = token.map or [0, 0]
        start = self._lines.starts[self._first + first]
        return start, self._lines.ends[self._first + last - 1]

    def _places(self, inline: Token) -> Places:
        """Find each line of an inline token's content at the end of its line in the source."""
        first = self._first + (inline.map or [0])[0]
        stretches = []
        for number, content in enumerate(inline.content.split("\n"), first):
            line = self._lines[number]
            at = line.rfind(content) if line.rstrip().endswith(content) else line.find(content)
            start = self._lines.starts[number] + max(at, 0)
            stretches.append((start, start + len(content)))
        return Places(stretches)

    def _add(self, plain: PlainText, inline: Token, places: Places) -> None:
        """Add an inline token's text; as it stands where it has no markup or too many brackets for prose."""
        content = inline.content
        if _MARKUP.search(content) is None or content.count("[") > _MAX_BRACKETS:
            children = [Token("text", "", 0, content=content)]
        else:
            parser = _parser()
            children = parser.inline.parse(content, parser, self._env, [])
        add_inline(plain, content, children, places)

    def _plain(
        self, inline: Token, *, start: int | None = None, drop: re.Pattern[str] | None = None
    ) -> Plain:
        plain = PlainText()
        places = self._places(inline)
        self._add(plain, inline, places)
        begin = places.place(0) if start is None else start
        return plain.finish(self._source, start=begin, end=places.place(len(inline.content)), drop=drop)

    def _lead(self, index: int) -> str:
        """Return what a list that opens here belongs to: the item around it, or the paragraph before it."""
        if self._lists:
            return self._lists[-1].item
        before = self._tokens[index - 1] if index else None
        if before is None or before.type != "paragraph_close" or not self.page.blocks:
            return ""
        return self.page.blocks[-1].text

    def _paragraph(self, inline: Token) -> None:
        if not self._lists or not self._lists[-1].fresh:
            self.page.add(BlockKind.PARAGRAPH, self._plain(inline))
            return
        current = self._lists[-1]
        current.fresh = False
        content_start = self._places(inline).place(0)
        line_start = self._lines.starts[self._lines.number(content_start) - 1]
        mark = _ITEM_MARK.search(self._source, line_start, content_start)
        plain = self._plain(inline, start=mark.start() if mark else None)
        current.item = plain.text
        self.page.add(
            BlockKind.ITEM,
            plain,
            level=len(self._lists) - 1,
            ordered=current.ordered,
            lead=current.lead,
        )

    def _rows(self, index: int) -> None:
        """Add the rows of a table's body, each with the header's cells."""
        tokens = self._tokens
        head = index
        while tokens[head].type != "table_open":
            head -= 1
        columns = tuple(self._cell_text(token) for token in tokens[head:index] if token.type == "inline")
        row: list[Token] = []
        while tokens[index].type != "tbody_close":
            if tokens[index].type == "inline":
                row.append(tokens[index])
            elif tokens[index].type == "tr_close":
                self._row(row, columns)
                row = []
            index += 1

    def _cell_text(self, inline: Token) -> str:
        plain = PlainText()
        self._add(plain, inline, Places([(0, len(inline.content))]))
        return plain.text()

    def _row(self, row: Sequence[Token], columns: tuple[str, ...]) -> None:
        start, end = self._span(row[0])
        start = _PREFIX.match(self._source, start, end).end()  # type: ignore[union-attr]  # matches nothing too
        end = start + len(self._source[start:end].rstrip())
        bars = [match.start() for match in _PIPE.finditer(self._source, start, end)]
        edges = [
            *([] if bars[:1] == [start] else [start - 1]),
            *bars,
            *([] if bars[-1:] == [end - 1] else [end]),
        ]
        plain = PlainText()
        cells: list[tuple[int, int]] = []
        for inline, (left, right) in zip(row, pairwise(edges), strict=False):
            if cells:
                plain.add_instead(" | ", left, left + 1)
            begin = len(plain)
            self._add(plain, inline, self._cell_places(left + 1, right))
            cells.append((begin, len(plain)))
        finished = plain.finish(self._source, start=start, end=end)
        texts = [finished.text[begin:stop].strip() for begin, stop in cells]
        texts += [""] * (len(columns) - len(texts))  # a row may be shorter than the header
        self.page.add(BlockKind.ROW, finished, columns=columns, cells=tuple(texts))

    def _cell_places(self, start: int, end: int) -> Places:
        """Say where a cell's content stands, which has an escaped bar without its backslash."""
        while start < end and self._source[start].isspace():
            start += 1
        stretches = []
        for bar in _ESCAPED_BAR.finditer(self._source, start, end):
            stretches.append((start, bar.start()))
            start = bar.end()
        return Places([*stretches, (start, end)], joint=0)

    def _code(self, token: Token) -> None:
        """Add a code block: its text without fences and indentation, its stretch with them."""
        start, end = self._span(token)
        start = self._source.find(token.markup, start, end) if token.markup else start
        content = token.content.rstrip()
        number = self._first + (token.map or [0])[0] + bool(token.markup)
        offsets: list[int] = []
        for written in token.content.split("\n")[: content.count("\n") + 1]:
            here = min(number, len(self._lines) - 1)  # a fence left open at the end has no line below it
            line = self._lines[here]
            words = written.lstrip()
            indent = len(written) - len(words)
            at = len(line) - len(words) if line.endswith(words) else 0
            place = self._lines.starts[here] - start
            # A tab that a list's indentation cuts through is written as blanks, and these stand nowhere.
            offsets += [place + max(at - indent + blank, 0) for blank in range(indent)]
            offsets.extend(range(place + at, place + at + len(words) + 1))
            number += 1
        del offsets[len(content) + 1 :]
        raw = self._source[start:end].rstrip()
        language = token.info.split()[0].strip("{}.").lower() if token.info.strip() else ""
        plain = Plain(text=content, raw=raw, start=start, offsets=tuple(offsets), spans=())
        self.page.add(BlockKind.CODE, plain, language=language)
