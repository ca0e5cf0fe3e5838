"""Where the names of a passage stand: in which paragraph, item or row, in what part of it, and under what."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from extract.link import Found
from extract.mentions import blocks, prose
from kg.model import Passage
from kg.names import WORD, fold_word

_BULLET = re.compile(r"(?:[-*+•]|\d{1,3}[.)])[ \t]")
_FRINGE = re.compile(r"[\s>|*_`#+-]*(?:\d{1,3}[.)]\s+)?[\s*_`\[\"]*")
_LABEL = re.compile(r"[\s>|*_`#+-]*(?:\d{1,3}[.)]\s+)?[^:\u2014\u2013|]{0,70}?(?::|\s[\u2014\u2013-]\s)")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[A-Z*`\"(])")
_BAR = re.compile(r"(?<!\\)\|")
_RULE = frozenset("|-: \t")
_EMPTY = frozenset("the a an of to and in for is are it its or with on by as that this be at from".split())
_LOOKED_AT = 4  # places of one name in one passage
_INTRODUCING = 6  # last words of what stands above a list or table
_INTRODUCTION = 200  # characters of it that hold them


@dataclass
class Block:
    """A paragraph, list item or table row, and what is found out of it once, however many names it has."""

    start: int
    text: str
    kind: str  # "prose", "item", "row" or "header"
    order: int  # in its passage
    indent: int
    group: int  # the list or table that an item or row is of
    above: Block | None = None  # what introduces an item or a row
    header: Block | None = None  # of a row

    @cached_property
    def bars(self) -> list[int]:
        """Where the bars of a row stand in the passage."""
        return [match.start() + self.start for match in _BAR.finditer(self.text)]

    @cached_property
    def cells(self) -> list[str]:
        """The text behind each bar."""
        ends = [*self.bars[1:], self.start + len(self.text)]
        return [
            self.text[bar + 1 - self.start : end - self.start]
            for bar, end in zip(self.bars, ends, strict=True)
        ]

    @cached_property
    def sentences(self) -> list[int]:
        """Where each sentence but the last ends in the passage."""
        return [match.start() + self.start for match in _SENTENCE.finditer(self.text)]

    @cached_property
    def opens(self) -> int:
        """Where its words begin in the passage, behind all marks."""
        match = _FRINGE.match(self.text)
        return self.start + (match.end() if match else 0)

    @cached_property
    def labelled(self) -> int:
        """Where its label ends in the passage; its start if it has none."""
        match = _LABEL.match(self.text)
        return self.start + (match.end() if match else 0)

    @cached_property
    def introduces(self) -> tuple[str, ...]:
        """Its last words, which say what a list or table below it is of."""
        return telling_words(self.text[-_INTRODUCTION:])[-_INTRODUCING:]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a name stands."""

    start: int
    end: int
    block: Block
    part: str  # "item.label": the kind of block, and the part of it
    sentence: int  # of its block
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
        """How it stands there, as `Position.part` says it of a block."""
        return f"h{self.level}{'w' if self.whole else 'p'}"


def positions(passage: Passage, found: Iterable[Found]) -> dict[str, list[Position]]:
    """Return the first few places of each name in a passage's text, by target."""
    read = list(_read(prose(passage)))
    starts = [block.start for block in read]
    places: dict[str, list[Position]] = {}
    for one in found:
        at = bisect_right(starts, one.start) - 1
        if at < 0 or one.start >= starts[at] + len(read[at].text):
            continue  # in the line below a table's head
        known = places.setdefault(one.target, [])
        if len(known) < _LOOKED_AT:
            known.append(_position(read[at], one))
    return places


def _read(text: str) -> Iterator[Block]:
    last: Block | None = None  # but for what belongs to a list's item
    lead: Block | None = None  # what introduces the list or table
    header: Block | None = None
    items: list[Block] = []  # that the next one may be nested in, the innermost last
    group = 0
    bounds = blocks(text)
    for order, (start, end) in enumerate(bounds):
        content = text[start:end].strip()
        if not content or (content[0] == "|" and _RULE.issuperset(content)):
            continue
        kind = "row" if content[0] == "|" else "item" if _BULLET.match(content) else "prose"
        indent = text.index(content[0], start) - text.rfind("\n", 0, text.index(content[0], start)) - 1
        if kind == "prose" and indent and last is not None and last.kind == "item":
            yield Block(start, text[start:end], kind, order, indent, group)  # the list goes on below it
            continue
        heads = kind == "row" and _heads(text, bounds, order)
        if kind != "prose" and (heads or last is None or _sort(last.kind) != kind):
            group += 1
            lead, header, items = last, None, []
        block = Block(start, text[start:end], kind, order, indent, group)
        if kind == "row":
            block.above = lead
            if heads:
                block.kind, header = "header", block
            else:
                block.header = header
        elif kind == "item":
            while items and items[-1].indent >= indent:
                items.pop()
            block.above = items[-1] if items else lead
            items.append(block)
        last = block
        yield block


def _sort(kind: str) -> str:
    return "row" if kind == "header" else kind


def _heads(text: str, bounds: list[tuple[int, int]], order: int) -> bool:
    """Whether a table's rule follows: one cut from its head has rows alone."""
    if order + 1 == len(bounds):
        return False
    start, end = bounds[order + 1]
    return _RULE.issuperset(text[start:end].strip()) and {"|", "-"}.issubset(text[start:end])


def _position(block: Block, found: Found) -> Position:
    sentence = bisect_left(block.sentences, found.start)
    if _sort(block.kind) == "row":
        column = bisect_right(block.bars, found.start) - 1
        part = "header" if block.kind == "header" else "row.first" if column <= 0 else "row.other"
        return Position(found.start, found.end, block, part, sentence, column)
    first = found.start <= block.opens + 2
    has_label = block.labelled > block.start
    if has_label and found.end <= block.labelled:
        part = "term" if first else "label"
    elif first:
        part = "start"
    else:
        part = "rest" if has_label and found.start >= block.labelled else "in"
    return Position(found.start, found.end, block, f"{block.kind}.{part}", sentence, -1)


@lru_cache(maxsize=20_000)
def telling_words(text: str) -> tuple[str, ...]:
    """Return the folded words of a heading, label or column head that say something, in order."""
    words = map(str.casefold, WORD.findall(text))
    return tuple(fold_word(word) for word in words if word not in _EMPTY)
