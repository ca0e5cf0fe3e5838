"""Reading relations from Neo4j: frontiers of links, counts, whole relations with their evidence.

An ordinary entity's relations are read and sorted, at most ``HUB`` of them. A hub's stand ready in chunks,
sorted, for each type and direction, so that the first of many cost what the first of few do.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from kg.model import SYMMETRIC, Direction, Evidence, Relation, RelationType
from kg.neo4j_lucene import any_of
from kg.neo4j_published import Reading
from kg.neo4j_read import counts
from kg.neo4j_rows import ANY, HUB, path_key
from kg.neo4j_schema import DOCUMENTS, ENDS, RELATIONS
from kg.parameters import bindable, distinct
from kg.store import Link, LinkCounts, Page, RelationFilter, fold_counts

RELATION = "s.id, t.id, type(r), r.confidence, r.found_by, r.passages, r.quotes, r.gains, r.costs"

# Relations of others have no `kg_digest`.
_LINKS = f"""
UNWIND $ids AS id
MATCH (e:{ENDS} {{kg_build: $build, id: id}}) WHERE e.degree > 0
CALL (e) {{
    WITH e WHERE e.degree <= {HUB}
    MATCH (e)-[r]-() WHERE r.confidence >= $least AND r.kg_digest IS NOT NULL
    WITH e, r, startNode(r) AS s, endNode(r) AS t
    WHERE type(r) IN CASE s WHEN e THEN $outgoing ELSE $incoming END
    WITH r, s, t ORDER BY r.confidence DESC, type(r), s.id, t.id SKIP $offset LIMIT $limit
    RETURN collect([-r.confidence, type(r), s.id, t.id, r.id]) AS links
}}
CALL (e) {{
    WITH e WHERE e.degree > {HUB}
    MATCH (h:KgHub {{kg_build: $build, entity_id: e.id}})
    WHERE h.first < $end AND h.confidences[0] >= $least
        AND h.type IN CASE WHEN h.outgoing THEN $hub_outgoing ELSE $hub_incoming END
    WITH h, $end - h.first AS most
    RETURN collect([
        h.confidences[..most], h.types[..most], h.source_ids[..most], h.target_ids[..most],
        h.relation_ids[..most]
    ]) AS chunks
}}
WITH collect([id, links, chunks]) AS rows"""

_COUNTS = f"""
UNWIND $ids AS id
MATCH (e:{ENDS} {{kg_build: $build, id: id}}) WHERE e.degree > 0
CALL (e) {{
    WITH e WHERE e.degree <= {HUB}
    MATCH (e)-[r]-() WHERE r.kg_digest IS NOT NULL
    RETURN type(r) AS name, startNode(r) = e AS outgoing, count(*) AS total
    UNION ALL
    WITH e WHERE e.degree > {HUB}
    MATCH (h:KgHub {{kg_build: $build, entity_id: e.id}}) WHERE h.first = 0 AND h.type <> '{ANY}'
    RETURN h.type AS name, h.outgoing AS outgoing, h.total AS total
}}
RETURN id, name, outgoing, total"""

_BY_INDEX = f"""
UNWIND $queries AS query
CALL db.index.fulltext.queryRelationships('{RELATIONS}', query) YIELD relationship AS r
WITH DISTINCT r
WITH r, startNode(r) AS s, endNode(r) AS t
WHERE s.kg_build = $build"""
_BY_ID = f"{_BY_INDEX} AND r.id IN $ids WITH collect([{RELATION}]) AS rows"
_PASSAGES_OF = f"""
MATCH (:{"|".join(DOCUMENTS)} {{kg_build: $build, kg_path: $path}})-[:HAS_PASSAGE]->(p) RETURN p.id"""
_FROM_SOURCE = f"MATCH (s:{ENDS} {{kg_build: $build, id: $source}})-[r]->(t) WHERE true"
_FROM_TARGET = f"MATCH (s)-[r]->(t:{ENDS} {{kg_build: $build, id: $target}}) WHERE true"

# Of each type the first, from its index in order, and of these the first: a page is read, not the graph.
_OF_TYPE = """MATCH (s)-[r:{type}]->(t)
WHERE r.confidence >= $least AND r.kg_digest IS NOT NULL AND s.kg_build = $build """
_FIRST_OF_TYPE = f"{_OF_TYPE}RETURN r, s, t ORDER BY r.confidence DESC, s.id, t.id LIMIT $offset + $limit"
_COUNT_OF_TYPE = f"{_OF_TYPE}RETURN count(r) AS total"
_ORDER = "r.confidence DESC, type(r), s.id, t.id"
_PAGE = f"WITH r, s, t ORDER BY {_ORDER} SKIP $offset LIMIT $limit RETURN {RELATION} ORDER BY {_ORDER}"


def links(
    look: Reading,
    entity_ids: Collection[str],
    direction: Direction,
    types: Collection[RelationType],
    min_confidence: float,
    limit: int,
    offset: int,
) -> dict[str, list[Link]]:
    """See ``GraphStore.links``."""
    wanted = sorted(set(types) or RelationType)
    # A symmetric relation is stored once, but leads out of and into both its ends.
    asked = {
        "outgoing": [t for t in wanted if direction is not Direction.IN or t in SYMMETRIC],
        "incoming": [t for t in wanted if direction is not Direction.OUT or t in SYMMETRIC],
        "least": min_confidence,
    }
    whole = not types and direction is Direction.BOTH
    rows = look.gathered(
        _LINKS,
        ids=distinct(entity_ids),
        hub_outgoing=[ANY] if whole else asked["outgoing"],
        hub_incoming=[] if whole else asked["incoming"],
        limit=limit,
        offset=offset,
        end=offset + limit,
        **asked,
    )
    pages = {
        id_: page or _of_hub(chunks, min_confidence)[offset : offset + limit] for id_, page, chunks in rows
    }
    return {id_: [_link(row) for row in page] for id_, page in sorted(pages.items()) if page}


def _of_hub(chunks: list[list[Any]], min_confidence: float) -> list[list[Any]]:
    """Return the links in chunks of a hub's, in the order of a page and in the form of ``_LINKS``."""
    return sorted(
        [-confidence, *link]
        for confidences, *columns in chunks
        for confidence, *link in zip(confidences, *columns, strict=True)
        if confidence >= min_confidence
    )


def link_counts(look: Reading, entity_ids: Collection[str]) -> dict[str, LinkCounts]:
    """See ``GraphStore.link_counts``."""
    rows = look(_COUNTS, ids=distinct(entity_ids))
    return fold_counts((id_, name, outgoing, total) for id_, name, outgoing, total in rows)


def relations(look: Reading, ids: Collection[str]) -> dict[str, Relation]:
    """See ``GraphStore.relations``."""
    wanted = distinct(ids)
    found = [relation_of(row) for row in look.gathered(_BY_ID, queries=any_of(wanted, "id"), ids=wanted)]
    return {relation.id: relation for relation in sorted(found, key=lambda r: r.id)}


def list_relations(look: Reading, where: RelationFilter, limit: int, offset: int) -> Page[Relation]:
    """See ``GraphStore.list_relations``."""
    page = {"limit": limit, "offset": offset}
    if not (where.document_path or where.source_id or where.target_id):
        return _most_confident(look, where, page)
    values: dict[str, Any] = {
        "least": where.min_confidence,
        "types": sorted(where.types or RelationType),
        "source": bindable(where.source_id),
        "target": bindable(where.target_id),
    }
    if where.document_path:
        passages = [id_ for (id_,) in look(_PASSAGES_OF, path=path_key(bindable(where.document_path)))]
        start, values["queries"] = _BY_INDEX, any_of(passages, "passages")
    else:
        start = _FROM_SOURCE if where.source_id else _FROM_TARGET
    matching = f"{start} AND r.confidence >= $least AND r.kg_digest IS NOT NULL AND type(r) IN $types"
    if where.source_id:
        matching += " AND s.id = $source"
    if where.target_id:
        matching += " AND t.id = $target"
    total = look(f"{matching} RETURN count(r)", **values)[0][0]
    return Page([relation_of(row) for row in look(f"{matching} {_PAGE}", **values, **page)], total)


def _most_confident(look: Reading, where: RelationFilter, page: dict[str, int]) -> Page[Relation]:
    """Return a page of the relations of the whole graph."""
    wanted = sorted(where.types or RelationType)
    values = {"least": where.min_confidence, **page}
    if where.min_confidence > 0:
        total = look(f"{_of_each(_COUNT_OF_TYPE, wanted)} RETURN sum(total)", **values)[0][0]
    else:
        known = counts(look).types
        total = sum(known.get(type_, 0) for type_ in wanted)
    rows = look(f"{_of_each(_FIRST_OF_TYPE, wanted)} {_PAGE}", **values)
    return Page([relation_of(row) for row in rows], total)


def _of_each(query: str, types: Collection[RelationType]) -> str:
    return f"CALL () {{ {' UNION ALL '.join(query.format(type=type_) for type_ in types)} }}"


def _link(row: list[Any]) -> Link:
    falling, type_, source_id, target_id, id_ = row
    return Link(
        relation_id=id_,
        source_id=source_id,
        target_id=target_id,
        type=RelationType(type_),
        confidence=-falling,
    )


def relation_of(row: list[Any]) -> Relation:
    """Make a relation of its row: ``RELATION``."""
    source_id, target_id, type_, confidence, found_by, passages, quotes, gains, costs = row
    return Relation(
        source_id=source_id,
        target_id=target_id,
        type=RelationType(type_),
        confidence=confidence,
        found_by=tuple(found_by),
        evidence=tuple(
            Evidence(passage_id=passage_id, quote=quote)
            for passage_id, quote in zip(passages, quotes, strict=True)
        ),
        gains=tuple(gains or ()),
        costs=tuple(costs or ()),
    )
