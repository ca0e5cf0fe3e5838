"""Relations that a table states: a row's cells, by their columns' heads, about the row's first cell."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, groupby

from extract.blocks import BlockKind
from extract.lexicon import kind_of_head, role_of
from extract.naming import is_name, listed_names, tidy
from extract.reading import Part, Reading
from kg.model import EntityClaim, EntityKind, RelationClaim, RelationType

# What a cell below such a head says of the row's name: (type, whether the cell is the source).
_CELL: dict[str, tuple[RelationType, bool]] = {
    "mitigation": (RelationType.MITIGATES, True),
    "tools": (RelationType.IMPLEMENTS, True),
    "examples": (RelationType.IS_A, True),
    "uses": (RelationType.USES, False),
    "measures": (RelationType.MEASURES, False),
    "metrics": (RelationType.MEASURES, True),
    "alternatives": (RelationType.ALTERNATIVE_TO, False),
    "prerequisites": (RelationType.PREREQUISITE_OF, True),
    "parts": (RelationType.PART_OF, True),
    "related": (RelationType.RELATED_TO, False),
    "risks": (RelationType.RELATED_TO, False),
}
_COMPARED = (
    "vs",
    "versus",
    "comparison",
    "compared",
    "choosing",
    "selection",
    "options",
    "landscape",
    "alternatives",
)
ASPECTS = frozenset(
    "aspect dimension feature factor criterion criteria property attribute axis metric characteristic "
    "consideration capability concern".split()
) | {""}
_MOST_PEERS = 6  # of a longer table one cannot say that each is a choice for the same job as each other


def claims(reading: Reading) -> Iterator[EntityClaim | RelationClaim]:
    """Yield what typed columns, name-value rows and comparison tables state."""
    for is_row, group in groupby(reading.parts, key=lambda part: part.block.kind is BlockKind.ROW):
        if not is_row:
            continue
        for _, rows in groupby(group, key=lambda part: (part.block.columns, part.block.headings)):
            table = list(rows)
            for part in table:
                yield from _row(part, reading)
            yield from _peers(table)
            yield from _columns(table[0])


def _row(part: Part, reading: Reading) -> Iterator[RelationClaim]:
    cells, columns = part.block.cells, part.block.columns
    if len(cells) < 2:
        return
    name = tidy(cells[0])
    label = role_of(cells[0])
    if len(cells) == 2 and label in _CELL:
        # "| Builds on | A, B |": the row is a label, and about the whole document.
        yield from _cell(part, label, reading.title, cells[1], 0.75)
        return
    if not is_name(name):
        return
    for cell, column in zip(cells[1:], columns[1:], strict=False):
        role = role_of(column)
        if role in _CELL:
            yield from _cell(part, role, name, cell, 0.75)


def _cell(part: Part, role: str, name: str, cell: str, confidence: float) -> Iterator[RelationClaim]:
    type_, cell_first = _CELL[role]
    if not name:
        return
    # A mitigation is often a phrase around a name; the other cells list names alone.
    others = [cell] if role in ("mitigation", "measures") and not listed_names(cell) else listed_names(cell)
    for other in others:
        source, target = (other, name) if cell_first else (name, other)
        yield RelationClaim(
            source=source,
            type=type_,
            target=target,
            rule=f"table-{role}",
            confidence=confidence,
            evidence=part.evidence(),
        )


def _peers(table: list[Part]) -> Iterator[RelationClaim]:
    """Rows of a short table of tools, models or patterns that is there to choose among them."""
    block = table[0].block
    above = " ".join(block.headings[-2:]).casefold()
    kind = kind_of_head(block.columns[0]) if block.columns else None
    if kind not in (EntityKind.TOOL, EntityKind.MODEL, EntityKind.PATTERN) or len(table) > _MOST_PEERS:
        return
    if not any(word in above.split() or word in above for word in _COMPARED):
        return
    named = [
        (tidy(part.block.cells[0]), part)
        for part in table
        if part.block.cells and is_name(tidy(part.block.cells[0]))
    ]
    for (one, _), (other, part) in combinations(named, 2):
        yield RelationClaim(
            source=one,
            type=RelationType.ALTERNATIVE_TO,
            target=other,
            rule="table-peers",
            confidence=0.6,
            evidence=part.evidence(),
        )


def _columns(part: Part) -> Iterator[RelationClaim]:
    """Read a table "Aspect | Dense | Sparse" as one that weighs its columns against each other."""
    columns = [tidy(column) for column in part.block.columns]
    if not 3 <= len(columns) <= 5 or columns[0].casefold() not in ASPECTS:
        return
    names = [column for column in columns[1:] if is_name(column) and role_of(column) is None]
    for one, other in combinations(names, 2):
        yield RelationClaim(
            source=one,
            type=RelationType.ALTERNATIVE_TO,
            target=other,
            rule="table-columns",
            confidence=0.6,
            evidence=part.evidence(),
        )
