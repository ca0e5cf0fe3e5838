"""Plain text, kept as notes or copied from the web: headings, lists, tables and code by their looks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from extract.blocks import BlockKind, SpanStyle
from extract.code_lines import CodeRegion, find_code
from extract.content import Content, title_from_path
from extract.noise import find_noise
from extract.page import HEADING_MARKS, Lines, Page, unnumbered
from extract.plain import Plain, PlainText
from extract.tags import split_tags, vocabulary
from extract.text_headings import ANSWER, BULLET, QUESTION, RULE, TABLE_ROW, Outlined, find_headings

_STYLED = re.compile(r"\*\*([^*\n]+)\*\*|`([^`\n]+)`")
_BAR = re.compile(r"(?<!\\)\|")
_DELIMITER = re.compile(r"\|[\s|:-]*-[\s|:-]*\|$")
_HEADING_START = re.compile(r"#{1,6}[ \t]+|Q\d{1,3}[.:][ \t]+(?=\S)")
_CLOSED = (".", "!", "?", ":", "\u2026", '."', '?"', ".)", "\u201d")
_PROSE_CHARS = 100  # lines this long are prose, whose words are the text's vocabulary
_WRAP = range(50, 130)  # how long the lines of a text are that was wrapped to fit a page
_MIN_WRAPPED = 0.2  # share of lines that end in mid-sentence


def read_text(text: str, path: str) -> Content:
    """Read a plain text; ``path`` names it where no line at the top does."""
    lines = Lines(text)
    rows = [lines[number] for number in range(len(lines))]
    noise = find_noise(rows)
    code = find_code(["" if number in noise else row for number, row in enumerate(rows)])
    reader = _Reader(text, lines, rows, noise, code, path)
    reader.read()
    return Content(title=reader.page.title, source=text, blocks=tuple(reader.page.blocks))


def _is_wrapped(rows: Sequence[str]) -> bool:
    """Whether lines end where the page did: many stop in mid-sentence and the next goes on in lower case."""
    pairs = broken = 0
    for row, following in pairwise(rows):
        if len(row.rstrip()) in _WRAP and following.strip():
            pairs += 1
            broken += not row.rstrip().endswith(_CLOSED) and following.strip()[0].islower()
    return pairs >= 3 and broken / pairs >= _MIN_WRAPPED


class _Reader:
    """Walks the lines once and knows the list it is in."""

    def __init__(
        self,
        text: str,
        lines: Lines,
        rows: Sequence[str],
        noise: set[int],
        code: Sequence[CodeRegion],
        path: str,
    ) -> None:
        self._text = text
        self._lines = lines
        self._rows = rows
        self._noise = noise
        self._code = {region.first: region for region in code}
        in_code = {number for region in code for number in range(region.first, region.last + 1)}
        self._wrapped = _is_wrapped([row for number, row in enumerate(rows) if number not in in_code])
        self._tags = self._find_tags(in_code)
        self._outline: Outlined = find_headings(rows, noise, in_code | {*self._tags}, wrapped=self._wrapped)
        self._width = max((len(row) for row in rows if len(row) in _WRAP), default=0)
        self._items: list[tuple[int, bool, str]] = []  # the open items: indentation, numbered or not, text
        self._lead = ""  # what the open list belongs to
        self._question = ""  # the last one asked
        self._at = 0
        self.page = Page(self._find_title() or title_from_path(path), lines.number)

    def _find_tags(self, in_code: set[int]) -> dict[int, list[tuple[int, int]]]:
        known = vocabulary(row for row in self._rows if len(row) > _PROSE_CHARS)
        found = {}
        for number, row in enumerate(self._rows):
            if row.strip() and number not in in_code and number not in self._noise:
                tags = split_tags(row.strip(), known)
                if tags is not None:
                    found[number] = tags
        return found

    def _find_title(self) -> str:
        for number, level in self._outline.levels.items():
            if level == 1:
                return unnumbered(self._heading(number).text)
        return ""

    def read(self) -> None:
        """Fill the page."""
        while self._at < len(self._rows):
            at, row = self._at, self._rows[self._at].strip()
            if not row or at in self._noise or at in self._outline.emblems or RULE.match(row):
                self._at += 1
            elif at in self._code:
                self._code_block(self._code[at])
            elif at in self._tags:
                self._tag_items()
            elif at in self._outline.levels:
                self._heading_block()
            elif TABLE_ROW.match(row):
                self._table()
            elif BULLET.match(row) or QUESTION.match(row) or ANSWER.match(row):
                self._item()
            else:
                self._paragraph()

    def _is_plain(self, at: int) -> bool:
        """Whether a line can go on with the paragraph or item above it."""
        if (
            at >= len(self._rows)
            or at in self._noise
            or at in self._outline.emblems
            or at in self._code
            or at in self._tags
        ):
            return False
        row = self._rows[at].strip()
        special = TABLE_ROW.match(row) or BULLET.match(row) or RULE.match(row)
        special = special or QUESTION.match(row) or ANSWER.match(row)
        return bool(row) and not special and at not in self._outline.levels

    def _plain(self, first: int, last: int, skip: int = 0, *, heading: bool = False) -> Plain:
        """Read lines as one text, from column ``skip`` of the first; what is skipped stays in the stretch."""
        plain = PlainText()
        for number in range(first, last + 1):
            row = self._rows[number]
            indent = len(row) - len(row.lstrip())
            begin = self._lines.starts[number] + indent + (skip if number == first else 0)
            end = self._lines.starts[number] + len(row.rstrip())
            plain.blank(begin)
            self._add_styled(plain, begin, end)
        indent = len(self._rows[first]) - len(self._rows[first].lstrip())
        start = self._lines.starts[first] + indent
        end = self._lines.starts[last] + len(self._rows[last].rstrip())
        return plain.finish(self._text, start=start, end=end, drop=HEADING_MARKS if heading else None)

    def _add_styled(self, plain: PlainText, begin: int, end: int) -> None:
        """Add a stretch of one line, with the bold and code that people write in plain text too."""
        for match in _STYLED.finditer(self._text, begin, end):
            plain.add(self._text[begin : match.start()], begin)
            before = len(plain)
            group = 1 if match[1] else 2
            plain.add(match[group], match.start(group))
            plain.style(before, SpanStyle.BOLD if group == 1 else SpanStyle.CODE)
            begin = match.end()
        plain.add(self._text[begin:end], begin)

    def _heading(self, at: int) -> Plain:
        mark = _HEADING_START.match(self._rows[at].lstrip())
        return self._plain(at, at, mark.end() if mark else 0, heading=True)

    def _heading_block(self) -> None:
        plain = self._heading(self._at)
        last = self.page.blocks[-1] if self.page.blocks else None
        # A title that the page shows twice, in its head and above its text.
        if last is None or last.kind is not BlockKind.HEADING or last.text != plain.text:
            self.page.heading(plain, self._outline.levels[self._at])
        self._items = []
        self._at += 1

    def _code_block(self, region: CodeRegion) -> None:
        start = self._lines.starts[region.first]
        raw = self._text[start : self._lines.ends[region.last]]
        plain = Plain(text=raw, raw=raw, start=start, offsets=(), spans=())
        self.page.add(BlockKind.CODE, plain, language=region.language)
        self._at = region.last + 1

    def _table(self) -> None:
        first = self._at
        while self._at < len(self._rows) and TABLE_ROW.match(self._rows[self._at].strip()):
            self._at += 1
        has_head = self._at > first + 1 and bool(_DELIMITER.match(self._rows[first + 1].strip()))
        columns = self._row(first)[1] if has_head else ()
        for number in range(first + 2 if has_head else first, self._at):
            if not _DELIMITER.match(self._rows[number].strip()):
                plain, cells = self._row(number)
                self.page.add(BlockKind.ROW, plain, columns=columns, cells=cells)

    def _row(self, at: int) -> tuple[Plain, tuple[str, ...]]:
        """Read one table row and its cells."""
        row = self._rows[at]
        start = self._lines.starts[at] + len(row) - len(row.lstrip())
        end = self._lines.starts[at] + len(row.rstrip())
        bars = [bar.start() for bar in _BAR.finditer(self._text, start, end)]
        plain = PlainText()
        edges: list[tuple[int, int]] = []
        for left, right in pairwise(bars):
            if edges:
                plain.add_instead(" | ", left, left + 1)
            begin = len(plain)
            self._add_styled(plain, left + 1 + _indent(self._text[left + 1 : right]), right)
            edges.append((begin, len(plain)))
        finished = plain.finish(self._text, start=start, end=end)
        return finished, tuple(finished.text[begin:stop].strip() for begin, stop in edges)

    def _item(self) -> None:
        """Read a list item, or a question or answer that stands for one."""
        first = self._at
        row = self._rows[first]
        mark = BULLET.match(row.strip())
        skip = mark.end() if mark else 0
        if mark and not row.strip()[skip:]:  # the mark has a line of its own
            following = self._next_plain(first)
            if following is None:
                self._at += 1
                return
            first, skip = following, 0
        last = first
        while self._is_plain(last + 1) and self._goes_on(last, last + 1, indent=_indent(row) + 2):
            last += 1
        plain = self._plain(first, last, skip)
        ordered = bool(mark and mark["number"])
        level, lead = self._nest(_indent(row), ordered=ordered)
        if ANSWER.match(plain.text):
            level, lead = 0, self._question
        elif QUESTION.match(plain.text):
            level, lead, self._question = 0, "", plain.text
        self._items = [*self._items[:level], (_indent(row), ordered, plain.text)]
        self.page.add(BlockKind.ITEM, plain, level=level, ordered=ordered, lead=lead)
        self._at = last + 1

    def _next_plain(self, at: int) -> int | None:
        """Return the line that a list mark on its own belongs to, past at most one blank line."""
        for below in (at + 1, at + 2):
            if below < len(self._rows) and self._rows[below].strip():
                row = self._rows[below].strip()
                asks = QUESTION.match(row) or ANSWER.match(row)
                return below if asks or self._is_plain(below) else None
        return None

    def _goes_on(self, at: int, below: int, *, indent: int) -> bool:
        """Whether line ``below`` belongs to the item or paragraph that line ``at`` is part of."""
        row, following = self._rows[at].rstrip(), self._rows[below]
        closed = row.endswith(_CLOSED)
        if indent and _indent(following) >= indent:
            return True
        if self._wrapped:
            return not (closed and len(row) < 0.8 * self._width)
        return (not closed and following.strip()[0].islower()) or (bool(indent) and row.endswith(":"))

    def _nest(self, indent: int, *, ordered: bool) -> tuple[int, str]:
        """Return how deep an item is and what it belongs to, by the items that are open."""
        level = len(self._items)
        while level and self._items[level - 1][0] >= indent:
            # Copied lists lose their indentation: a bullet below a number is that number's own.
            if self._items[level - 1][0] == indent and self._items[level - 1][1] and not ordered:
                break
            level -= 1
        if level:
            return level, self._items[level - 1][2]
        if not self._items:
            self._lead = self._introduction()
        return 0, self._lead

    def _introduction(self) -> str:
        """Return the paragraph that introduces the list that begins here, or ""."""
        last = self.page.blocks[-1] if self.page.blocks else None
        if last is None or last.kind is not BlockKind.PARAGRAPH:
            return ""
        directly = bool(self._at and self._rows[self._at - 1].strip())
        return last.text if directly or last.text.endswith(":") else ""

    def _paragraph(self) -> None:
        first = last = self._at
        while self._is_plain(last + 1) and self._goes_on(last, last + 1, indent=0):
            last += 1
        self._items = []
        self._at = last + 1
        self.page.add(BlockKind.PARAGRAPH, self._plain(first, last))

    def _tag_items(self) -> None:
        """Read a line of tags as one item each."""
        begin = self._lines.starts[self._at] + _indent(self._rows[self._at])
        for start, end in self._tags[self._at]:
            plain = PlainText()
            plain.add(self._text[begin + start : begin + end], begin + start)
            self.page.add(BlockKind.ITEM, plain.finish(self._text))
        self._items = []
        self._at += 1


def _indent(row: str) -> int:
    return len(row) - len(row.lstrip())
