"""Reading relations from SQLite: frontiers of links, counts, whole relations with their evidence."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import apsw
import msgspec

from kg.model import SYMMETRIC, Direction, Entity, EntityKind, Evidence, Relation, RelationType
from kg.parameters import bindable, distinct
from kg.sqlite_read import as_json, entities
from kg.store import Link, LinkCounts, Neighbor, Page, RelationFilter, fold_counts

_strings = msgspec.json.Decoder(tuple[str, ...]).decode

RELATION = "r.id, r.source_id, r.target_id, r.type, r.confidence, r.found_by, r.gains, r.costs"
_LINK = "-confidence, type, source_id, target_id, id"  # in the order of a page, so that rows sort as they are

# Each is one range of a covering index, in its order: prepared once, run for each entity. That is two to
# three times faster than one statement with window functions, and a hub costs what it gives.
_OUT = f"""
SELECT source_id, {_LINK} FROM relation INDEXED BY relation_out
WHERE source_id = ? AND confidence >= ? ORDER BY confidence DESC, type, target_id LIMIT ?"""  # noqa: S608
_IN = f"""
SELECT target_id, {_LINK} FROM relation INDEXED BY relation_in
WHERE target_id = ? AND confidence >= ? ORDER BY confidence DESC, type, source_id LIMIT ?"""  # noqa: S608
_OUT_OF_TYPE = f"""
SELECT source_id, {_LINK} FROM relation INDEXED BY relation_out_by_type
WHERE source_id = ? AND type = ? AND confidence >= ? ORDER BY confidence DESC, target_id LIMIT ?"""  # noqa: S608
_IN_OF_TYPE = f"""
SELECT target_id, {_LINK} FROM relation INDEXED BY relation_in_by_type
WHERE target_id = ? AND type = ? AND confidence >= ? ORDER BY confidence DESC, source_id LIMIT ?"""  # noqa: S608

_LIGHT = "SELECT e.id, e.kind, e.importance FROM json_each(?) AS w JOIN entity AS e ON e.id = w.value"

# Each relation is found once, at its source, and by the covering index alone until it is known to be wanted.
_AMONG = f"""
SELECT {RELATION} FROM json_each(?1) AS w CROSS JOIN relation AS r INDEXED BY relation_out
WHERE r.source_id = w.value AND r.confidence >= ?2
    AND r.target_id IN (SELECT value FROM json_each(?1)) AND r.type IN (SELECT value FROM json_each(?3))
ORDER BY r.confidence DESC, r.type, r.source_id, r.target_id LIMIT ?4"""  # noqa: S608

_OUT_COUNTS = """
SELECT source_id, type, count(*) FROM relation WHERE source_id IN (SELECT value FROM json_each(?))
GROUP BY source_id, type"""
_IN_COUNTS = """
SELECT target_id, type, count(*) FROM relation WHERE target_id IN (SELECT value FROM json_each(?))
GROUP BY target_id, type"""

_EVIDENCE = """
SELECT v.relation_id, v.passage_id, v.quote FROM json_each(?) AS w
JOIN evidence AS v ON v.relation_id = w.value ORDER BY v.relation_id, v.position"""

_SAID_IN = """r.id IN (
    SELECT v.relation_id FROM document AS d JOIN passage AS p ON p.document_id = d.id
    JOIN evidence AS v ON v.passage_id = p.id WHERE d.path = ?)"""


def links(
    db: apsw.Connection,
    entity_ids: Collection[str],
    direction: Direction,
    types: Collection[RelationType],
    min_confidence: float,
    limit: int,
    offset: int,
) -> dict[str, list[Link]]:
    """See ``GraphStore.links``."""
    ids = distinct(entity_ids)
    found: dict[str, list[tuple[Any, ...]]] = {id_: [] for id_ in ids}
    for query, type_ in _ranges(direction, types):
        of_type = (type_,) if type_ else ()
        for row in db.executemany(query, [(id_, *of_type, min_confidence, limit + offset) for id_ in ids]):
            found[row[0]].append(row)
    pages = ((id_, sorted(rows)[offset : offset + limit]) for id_, rows in found.items())
    return {id_: [_link(row[1:]) for row in page] for id_, page in pages if page}


def _ranges(direction: Direction, types: Collection[RelationType]) -> list[tuple[str, RelationType | None]]:
    # A symmetric relation is stored once, but leads out of and into both its ends.
    outwards, inwards = direction is not Direction.IN, direction is not Direction.OUT
    if types:
        chosen = sorted(set(types))
        return [
            *((_OUT_OF_TYPE, type_) for type_ in chosen if outwards or type_ in SYMMETRIC),
            *((_IN_OF_TYPE, type_) for type_ in chosen if inwards or type_ in SYMMETRIC),
        ]
    if direction is Direction.BOTH:
        return [(_OUT, None), (_IN, None)]
    if direction is Direction.OUT:
        return [(_OUT, None), *((_IN_OF_TYPE, type_) for type_ in sorted(SYMMETRIC))]
    return [(_IN, None), *((_OUT_OF_TYPE, type_) for type_ in sorted(SYMMETRIC))]


def neighbors(
    db: apsw.Connection,
    entity_ids: Collection[str],
    types: Collection[RelationType],
    min_confidence: float,
    limit: int,
) -> dict[str, list[Neighbor]]:
    """See ``GraphStore.neighbors``."""
    found = links(db, entity_ids, Direction.BOTH, types, min_confidence, limit, 0)
    ends = {link.other(id_) for id_, of in found.items() for link in of}
    light = {
        id_: (EntityKind(kind), importance)
        for id_, kind, importance in db.execute(_LIGHT, (as_json({*ends, *entity_ids}),))
    }
    return {
        id_: [
            Neighbor(
                id=other,
                kind=light[other][0],
                importance=light[other][1],
                confidence=link.confidence,
            )
            for link in found.get(id_, ())
            if (other := link.other(id_)) in light
        ]
        for id_ in distinct(entity_ids)
        if id_ in light
    }


def subgraph(
    db: apsw.Connection,
    entity_ids: Collection[str],
    types: Collection[RelationType],
    min_confidence: float,
    limit: int,
) -> tuple[dict[str, Entity], list[Relation]]:
    """See ``GraphStore.subgraph``."""
    found = entities(db, entity_ids)
    asked = (as_json(found), min_confidence, as_json(types or RelationType), limit)
    return found, with_evidence(db, list(db.execute(_AMONG, asked)))


def link_counts(db: apsw.Connection, entity_ids: Collection[str]) -> dict[str, LinkCounts]:
    """See ``GraphStore.link_counts``."""
    ids = as_json(entity_ids)
    return fold_counts(
        (id_, name, outgoing, total)
        for query, outgoing in ((_OUT_COUNTS, True), (_IN_COUNTS, False))
        for id_, name, total in db.execute(query, (ids,))
    )


def relations(db: apsw.Connection, ids: Collection[str]) -> dict[str, Relation]:
    """See ``GraphStore.relations``."""
    query = f"SELECT {RELATION} FROM json_each(?) AS w JOIN relation AS r ON r.id = w.value"  # noqa: S608
    found = with_evidence(db, list(db.execute(query, (as_json(ids),))))
    return {relation.id: relation for relation in found}


def list_relations(db: apsw.Connection, where: RelationFilter, limit: int, offset: int) -> Page[Relation]:
    """See ``GraphStore.list_relations``."""
    conditions, values = ["r.confidence >= ?"], list[str | float]([where.min_confidence])
    if where.types:
        conditions.append("r.type IN (SELECT value FROM json_each(?))")
        values.append(as_json(where.types))
    if where.document_path:
        conditions.append(_SAID_IN)
        values.append(bindable(where.document_path))
    if where.source_id:
        conditions.append("r.source_id = ?")
        values.append(bindable(where.source_id))
    if where.target_id:
        conditions.append("r.target_id = ?")
        values.append(bindable(where.target_id))
    matching = f"FROM relation AS r WHERE {' AND '.join(conditions)}"
    total = db.execute(f"SELECT count(*) {matching}", values).get
    order = "r.confidence DESC, r.type, r.source_id, r.target_id"
    page = f"SELECT {RELATION} {matching} ORDER BY {order} LIMIT ? OFFSET ?"
    return Page(with_evidence(db, list(db.execute(page, (*values, limit, offset)))), total)


def iter_links(db: apsw.Connection) -> Iterator[Link]:
    """See ``GraphStore.iter_links``."""
    for row in db.execute(f"SELECT {_LINK} FROM relation ORDER BY id"):  # noqa: S608
        yield _link(row)


def with_evidence(db: apsw.Connection, rows: list[tuple[str, ...]]) -> list[Relation]:
    """Make relations of their rows, ``RELATION``, with the evidence of each."""
    evidence: dict[str, list[Evidence]] = {row[0]: [] for row in rows}
    for relation_id, passage_id, quote in db.execute(_EVIDENCE, (as_json(evidence),)):
        evidence[relation_id].append(Evidence(passage_id=passage_id, quote=quote))
    return [
        Relation(
            source_id=source_id,
            target_id=target_id,
            type=RelationType(type_),
            confidence=float(confidence),
            found_by=_strings(found_by),
            evidence=tuple(evidence[id_]),
            gains=_strings(gains),
            costs=_strings(costs),
        )
        for id_, source_id, target_id, type_, confidence, found_by, gains, costs in rows
    ]


def _link(row: tuple[Any, ...]) -> Link:
    falling, type_, source_id, target_id, id_ = row
    return Link(
        relation_id=id_,
        source_id=source_id,
        target_id=target_id,
        type=RelationType(type_),
        confidence=-falling,
    )
