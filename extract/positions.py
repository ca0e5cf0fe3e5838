"""Where the names of a passage stand: in which line, in what part of it, and under which headings."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from extract.link import Found
from kg.names import WORD, fold_word

_BULLET = re.compile(r"(?:[-*+•]|\d{1,3}[.)])\s")
_FRINGE = re.compile(r"[\s>|*_`#+-]*(?:\d{1,3}[.)]\s+)?[\s*_`\[\"]*")
_LABEL = re.compile(r"[\s>|*_`#+-]*(?:\d{1,3}[.)]\s+)?[^:\u2014\u2013|]{0,70}?(?::|\s[\u2014\u2013-]\s)")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[A-Z*`\"(])")
_BAR = re.compile(r"(?<!\\)\|")
_RULE = frozenset("|-: ")
_EMPTY = frozenset("the a an of to and in for is are it its or with on by as that this be at from".split())
_LOOKED_AT = 4  # places of one name in one passage
_FAR = 5  # lines
_INTRODUCING = 6  # last words of the line above a list or table
_INTRODUCTION = 200  # characters of it that hold them


@dataclass
class _Line:
    """A line, and what is found out of it once, however many names it has."""

    start: int
    text: str
    order: int
    kind: str  # "prose", "item", "row" or "header"
    indent: int = 0
    block: int = 0  # the list or table that an item or row is of
    above: _Line | None = None  # what introduces an item, or a table's row
    header: _Line | None = None  # of a row

    @cached_property
    def bars(self) -> list[int]:
        return [match.start() + self.start for match in _BAR.finditer(self.text)]

    @cached_property
    def sentences(self) -> list[int]:
        """Where each sentence ends, but the last."""
        return [match.start() + self.start for match in _SENTENCE.finditer(self.text)]

    @cached_property
    def opens(self) -> int:
        match = _FRINGE.match(self.text)
        return self.start + (match.end() if match else 0)

    @cached_property
    def labelled(self) -> int:
        """Where its label ends; its start if it has none."""
        match = _LABEL.match(self.text)
        return self.start + (match.end() if match else 0)

    @cached_property
    def cells(self) -> list[str]:
        ends = [*self.bars[1:], self.start + len(self.text)]
        return [
            self.text[bar + 1 - self.start : end - self.start]
            for bar, end in zip(self.bars, ends, strict=True)
        ]

    @cached_property
    def introduces(self) -> tuple[str, ...]:
        """The last words that say something."""
        return telling_words(self.text[-_INTRODUCTION:])[-_INTRODUCING:]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a name stands."""

    start: int
    end: int
    line: _Line
    part: str  # "item.lead": the kind of line, and the part of it
    sentence: int  # of its line
    column: int  # of its row; -1 elsewhere


@dataclass(frozen=True, slots=True)
class Above:
    """A name in a heading above a passage."""

    target: str
    level: int  # 0 for the passage's own heading, 1 for the one above that
    whole: bool  # the heading has nothing else but marks or a small word
    heading: str

    @property
    def part(self) -> str:
        """How it stands there, as `Position.part` says it of a line."""
        return f"h{self.level}{'w' if self.whole else 'p'}"


def positions(text: str, found: Iterable[Found]) -> dict[str, list[Position]]:
    """Return the first few places of each name, by target; those in blocks of code are left out."""
    lines = list(_lines(text))
    starts = [line.start for line in lines]
    places: dict[str, list[Position]] = {}
    for one in found:
        at = bisect_right(starts, one.start) - 1
        known = places.setdefault(one.target, [])
        if at >= 0 and len(known) < _LOOKED_AT and one.start < starts[at] + len(lines[at].text):
            known.append(_position(lines[at], one))
    return {target: known for target, known in places.items() if known}


def _lines(text: str) -> Iterator[_Line]:
    fenced = False
    at = order = block = 0
    last: _Line | None = None
    lead: _Line | None = None  # what introduces the list
    items: list[_Line] = []  # of it that the next one may be nested in, the innermost last
    header: _Line | None = None
    for raw in text.split("\n"):
        start, at = at, at + len(raw) + 1
        content = raw.rstrip().lstrip(" \t>")
        if content.startswith(("```", "~~~")):
            fenced = not fenced
        elif content and not fenced and not (content[0] == "|" and _RULE.issuperset(content)):
            order += 1
            indent = len(raw.rstrip()) - len(content)
            line = _Line(start, raw, order, "prose", indent, block)
            if content[0] == "|":
                if last is None or last.kind not in ("row", "header"):
                    block += 1
                    line.kind, header = "header", line
                    line.above = last
                else:
                    line.kind, line.header, line.above = "row", header, last.above
            elif _BULLET.match(content):
                line.kind = "item"
                if last is None or last.kind != "item":
                    block += 1
                    items, lead = [], last
                while items and items[-1].indent >= line.indent:
                    items.pop()
                line.above = items[-1] if items else lead
                items.append(line)
            line.block = block
            last = line
            yield line


def _position(line: _Line, found: Found) -> Position:
    sentence = bisect_left(line.sentences, found.start)
    if line.kind in ("row", "header"):
        column = bisect_right(line.bars, found.start) - 1
        part = "header" if line.kind == "header" else "row.first" if column <= 0 else "row.other"
        return Position(found.start, found.end, line, part, sentence, column)
    first = found.start <= line.opens + 2
    has_label = line.labelled > line.start
    if has_label and found.end <= line.labelled:
        part = "term" if first else "label"
    elif first:
        part = "start"
    else:
        part = "rest" if has_label and found.start >= line.labelled else "in"
    return Position(found.start, found.end, line, f"{line.kind}.{part}", sentence, -1)


# --- features of pairs


def position_features(
    a: str, b: str, kinds: str, places: Mapping[str, Sequence[Position]], above: Mapping[str, Above]
) -> Iterator[str]:
    """Yield how two names of a passage stand to each other.

    Args:
        a: the source's id.
        b: the target's.
        kinds: of both.
        places: where the passage's text has each name.
        above: the names in the headings above it.
    """
    for frame in dict.fromkeys(_headed(a, b, places, above)):
        yield f"under:{frame}"
        yield f"under:{frame}|{kinds}"
    for named, way in ((above.get(a), ">"), (above.get(b), "<")):
        if named is not None and not named.whole:
            yield from (f"beside:{word}{way}" for word in telling_words(named.heading))
    if a in places and b in places:
        one, other = min(
            ((one, other) for one in places[a] for other in places[b]), key=lambda both: _distance(*both)
        )
        relation = _relation(one, other)
        way = ">" if one.start < other.start else "<"
        yield f"at:{relation}{way}"
        yield f"at:{relation}{way}|{kinds}"
        yield f"at:{relation}:{one.part},{other.part}{way}"
        yield f"at:{relation}:{one.part},{other.part}{way}|{kinds}"
        for end, place in (("a", one), ("b", other)):
            line = place.line
            if line.header is not None and 0 <= place.column < len(line.header.cells):
                words = telling_words(line.header.cells[place.column])
                yield from (f"column-{end}:{word}" for word in words)
            if line.above is not None and one.line is not other.line:
                yield from (f"above-{end}:{word}" for word in line.above.introduces)


def _headed(
    a: str, b: str, places: Mapping[str, Sequence[Position]], above: Mapping[str, Above]
) -> Iterator[str]:
    one, other = above.get(a), above.get(b)
    if one is not None and other is not None:
        yield f"{one.part}/{other.part}"
    elif one is not None:
        yield from (f"{one.part}/{place.part}" for place in places.get(b, ()))
    elif other is not None:
        yield from (f"{place.part}/{other.part}" for place in places.get(a, ()))


def _distance(one: Position, other: Position) -> tuple[int, int, int]:
    gap = max(one.start, other.start) - min(one.end, other.end)
    return abs(one.line.order - other.line.order), gap, one.start


def _relation(one: Position, other: Position) -> str:
    a, b = one.line, other.line
    if a is b:
        apart = abs(one.sentence - other.sentence) if a.kind in ("prose", "item") else 0
        return f"same{min(apart, 2)}"
    if a.above is b or b.above is a:
        return "below" if a.above is b else "above"
    if a.header is b or b.header is a:
        return f"{'row' if a.header is b else 'head'}{'' if one.column == other.column else '-other'}"
    if a.kind == b.kind and a.kind in ("item", "row") and a.block == b.block:
        if a.kind == "row":
            return "rows" if one.column == other.column else "rows-other"
        return "items" if a.indent == b.indent else "nested"
    lines = abs(a.order - b.order)
    return "next" if lines == 1 else "close" if lines <= _FAR else "far"


@lru_cache(maxsize=20_000)
def telling_words(text: str) -> tuple[str, ...]:
    """Return the folded words of a heading, label or column head that say something, in order."""
    words = map(str.casefold, WORD.findall(text))
    return tuple(fold_word(word) for word in words if word not in _EMPTY)
