"""A page being read: its lines, the headings above the place reached, and the blocks so far."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable

from extract.blocks import Block, BlockKind
from extract.plain import Plain

_EMOJI = (
    "\u00ae\u00b6\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2900-\u297f"
    "\u2b00-\u2bff\u3030\u303d\u3297\u3299\ufe0e\ufe0f\u200d\u20e3\U0001f000-\U0001faff\U000e0020-\U000e007f"
)
# Arrows between words say something ("RAG → agents") and stay; before or after all words they are marks.
HEADING_MARKS = re.compile(
    rf"^[{_EMOJI}\s]+|[{_EMOJI}\s]+$|[\u00b6\u2300-\u23ff\u2605\u2606\u25a0-\u25ff\u2600-\u27bf"
    r"\u2b00-\u2bff\ufe0e\ufe0f\u200d\u20e3\U0001f000-\U0001faff]+\s*"
)
"""Emoji and ornaments of a heading, with the white space that goes with them."""

_NUMBER = re.compile(
    r"(?:(?:step|part|chapter|section|module|lesson|phase|question|exercise|example|pattern|problem|"
    r"scenario|case study|appendix|week|day|level|q)\s*\d{1,3}[a-z]?\s*[:.)\u2013\u2014-]\s*"
    r"|\d{1,3}(?:\.\d{1,3}){1,4}[.):]?\s+|\d{1,3}[.):]\s*(?=[^\W\d_]|\"|\d{1,3}\s)|0\d\s+[-\u2013\u2014]?\s*)",
    re.IGNORECASE,
)


def unnumbered(heading: str) -> str:
    """Return a heading without the number or label in front: "4.2 Agents", "Step 1: Agents" give "Agents"."""
    rest = heading
    while match := _NUMBER.match(rest):
        rest = rest[match.end() :].lstrip()
    return rest or heading


class Outline:
    """The headings above the place that a loader has reached."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._open: list[tuple[int, str]] = []

    def enter(self, level: int, heading: str) -> None:
        """Go below a heading, whose plain text may be numbered."""
        while self._open and self._open[-1][0] >= level:
            self._open.pop()
        self._open.append((level, unnumbered(heading)))

    @property
    def path(self) -> tuple[str, ...]:
        """The title, then the open headings from the outermost in; the title is not repeated."""
        names = [name for _, name in self._open]
        if names and names[0].casefold() == self._title.casefold():
            names = names[1:]
        return (self._title, *names)


class Lines:
    """Where the lines of a text begin and end, and which line an offset is on."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.ends = [*(end.start() for end in re.finditer("\n", text)), len(text)]
        self.starts = [0, *(end + 1 for end in self.ends[:-1])]

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, number: int) -> str:
        """Return a line, counted from 0, without its end."""
        return self.text[self.starts[number] : self.ends[number]]

    def number(self, offset: int) -> int:
        """Return the line that ``offset`` is on, from 1."""
        return bisect_right(self.starts, offset)


class Page:
    """Collects a document's blocks in order, each with its line and the headings above it."""

    def __init__(self, title: str, line_of: Callable[[int], int]) -> None:
        self.title = title
        self.blocks: list[Block] = []
        self._line_of = line_of
        self._outline = Outline(title)

    def heading(self, plain: Plain, level: int) -> None:
        """Add a heading and go below it; one without words is left out."""
        if plain.text:
            self._outline.enter(level, plain.text)
            self.add(BlockKind.HEADING, plain, level=level)

    def add(
        self,
        kind: BlockKind,
        plain: Plain,
        *,
        level: int = 0,
        ordered: bool = False,
        lead: str = "",
        columns: tuple[str, ...] = (),
        cells: tuple[str, ...] = (),
        language: str = "",
    ) -> None:
        """Add a block below the open headings; one without words is left out."""
        if not plain.text.strip():
            return
        block = Block(
            kind=kind,
            text=plain.text,
            raw=plain.raw,
            start=plain.start,
            line=self._line_of(plain.start),
            headings=self._outline.path,
            offsets=plain.offsets,
            spans=plain.spans,
            level=level,
            ordered=ordered,
            lead=lead,
            columns=columns,
            cells=cells,
            language=language,
        )
        self.blocks.append(block)
