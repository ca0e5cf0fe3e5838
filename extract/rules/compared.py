"""Comparison tables whose cells grade, "High", "slow", "yes": trade-offs between the things compared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from extract.blocks import BlockKind
from extract.lexicon import BLAME, NEGATIVE_QUALITIES, PRAISE, QUALITIES, role_of
from extract.naming import is_name, names_in_heading, tidy, without_asides
from extract.reading import Part, Reading
from extract.rules.grades import comparative, degrees_of, measure
from extract.rules.tables import ASPECTS
from extract.rules.trade_offs import Claims, Sides, choice_of, trade_off
from kg.names import WORD, fold_word, name_key

_MOST_SIDES = 5  # a table of more lists what there is
_MOST_ASPECTS = 40  # likewise
_LEAST_DIFFERING = 2  # aspects
_HIGH = frozenset("high higher highest more most large larger heavy many".split())
_LOW = frozenset("low lower lowest less least small smaller light minimal little few".split())
_INTENSITY = r"(?:very|extremely|relatively|quite|fairly|much|generally|usually|typically|often)\s+"
_YES = frozenset("y✅✓✔")
_DEGREE = re.compile(
    r"(?P<how>small|large|big|low|high|short|long|few|narrow|wide|loose|strict)(?:g?er|r)?\s+(?P<what>.+)",
    re.IGNORECASE,
)
_OPENING = re.compile(rf"[\s*_`]*(?:{_INTENSITY})?([a-z][a-z-]*)", re.IGNORECASE)
_WHOLE = re.compile(r"[\s*_`]*(yes|no|[✅✓✔❌✗✘].*?)[\s*_`]*(?:[(,].*)?", re.IGNORECASE)
# What more or less of is neither good nor bad, or which a "no" praises.
_NO_QUALITY = re.compile(
    r"\b(?:(?:best|good|great|ideal|suited) for|used?|uses|when|where|examples?|require[sd]?|needs?|limits?|"
    r"limitations?|lock-in|type)\b",
    re.IGNORECASE,
)
_UNTELLING = re.compile(
    r"\b(?:comparison|matrix|overview|summary|table|options|alternatives|choice)\b", re.IGNORECASE
)


def claims(reading: Reading) -> Claims:
    """Yield a TRADE_OFF for each table that grades two things or a few, with what each gains and costs."""
    for is_row, group in groupby(reading.parts, key=lambda part: part.block.kind is BlockKind.ROW):
        for _, rows in groupby(group, key=lambda part: (part.block.columns, part.block.headings)):
            if is_row:
                yield from _weighed([*rows])


@dataclass(frozen=True, slots=True)
class _Grade:
    """What a cell says of a side in one aspect, and whether it praises it."""

    aspect: str
    side: str
    cell: str
    good: bool
    part: Part

    @property
    def said(self) -> str:
        """The aspect and the cell."""
        return f"{self.aspect}: {self.cell}"


def _weighed(table: list[Part]) -> Claims:
    columns = table[0].block.columns
    if len(columns) < 3 or any(role_of(column) in ("gains", "costs") for column in columns):
        return
    grades = [*_grades(table)]
    praised = {(grade.aspect, grade.good) for grade in grades}
    differing = sum((aspect, not good) in praised for aspect, good in praised if good)
    found = Sides(table[0].evidence())
    for grade in grades:
        found.add(grade.side, grade.said * grade.good, grade.said * (not grade.good), grade.part.evidence())
    both = any(gains and costs for gains, costs, _ in found.sides.values())
    if differing < _LEAST_DIFFERING or not both or not 2 <= len(found.sides) <= _MOST_SIDES:
        return  # nothing is given up
    if (what := _measured([*found.sides])) is not None:
        yield from _of_degree(*what, grades)
    else:
        yield from trade_off(
            choice_of([*found.sides], _topic(table, found)), found, "trade-off-compared", 0.8
        )


def _topic(table: Sequence[Part], found: Sides) -> str:
    """Return what the sides are choices of: by the heading, the first column or a heading further up."""
    block = table[0].block
    own, *others = [names_in_heading(heading) for heading in reversed(block.headings)] or [[]]
    column = [] if block.columns[0].casefold() in ASPECTS else [tidy(block.columns[0])]
    sides = set(map(name_key, found.sides))
    telling = (
        name
        for name in [*(it.name for it in own), *column, *(it.name for names in others for it in names)]
        if name_key(name) not in sides and not _UNTELLING.search(name)
    )
    return next(telling, "")


def _measured(sides: Sequence[str]) -> tuple[str, str] | None:
    """Return what the sides are more and less of, and its range: the "chunk size" of "small chunks"."""
    matches = [_DEGREE.match(side) for side in sides]
    found = {
        (measure(degree, match["what"].casefold()), degrees_of(degree))
        for match in matches
        if match is not None
        for degree in [comparative(match["how"].casefold())]
    }
    return found.pop() if all(matches) and len(found) == 1 else None


def _of_degree(what: str, degrees: str, grades: Sequence[_Grade]) -> Claims:
    found = Sides(grades[0].part.evidence())
    for grade in grades:
        said = f"{grade.side.lower()}: {grade.said}"
        for side in (what, grade.aspect):
            found.add(side, said * grade.good, said * (not grade.good), grade.part.evidence())
    yield from trade_off(f"{what[0].upper()}{what[1:]}: {degrees}", found, "trade-off-compared", 0.8)


def _grades(table: Sequence[Part]) -> Iterator[_Grade]:
    """Yield what the cells grade, whichever way the table is turned."""
    columns = [tidy(without_asides(column)) for column in table[0].block.columns]
    turned = columns[0].casefold() not in ASPECTS
    for part in table[:_MOST_ASPECTS]:
        name, *cells = part.block.cells or ("",)
        for column, cell in zip(columns[1:], cells, strict=False):
            side, aspect = tidy(without_asides(name)), column
            if not turned:
                side, aspect = aspect, side
            good = _is_good(aspect, cell)
            if good is not None and aspect and is_name(side):
                yield _Grade(aspect, side, cell.strip(), good, part)


def _is_good(aspect: str, cell: str) -> bool | None:
    """Return whether a cell praises its side in an aspect, None where that cannot be told."""
    if role_of(aspect) is not None or _NO_QUALITY.search(aspect):
        return None
    last = fold_word(([word.casefold() for word in WORD.findall(aspect)] or [""])[-1])
    bad, good = last in _BAD, last in _GOOD
    if whole := _WHOLE.fullmatch(cell):
        return None if bad else whole[1][0].casefold() in _YES
    opening = _OPENING.match(cell)
    grade = opening[1].casefold() if opening else ""
    if grade in PRAISE or grade in BLAME:
        return grade in PRAISE
    if (grade in _HIGH or grade in _LOW) and (bad or good):
        return (grade in _HIGH) is good
    return None


_BAD, _GOOD = ({fold_word(word) for word in words} for words in (NEGATIVE_QUALITIES - {"size"}, QUALITIES))
