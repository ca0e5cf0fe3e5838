"""What lies around entities in Neo4j: one step from each, and what ties a set of them."""

from __future__ import annotations

from collections.abc import Collection

from kg.model import Entity, EntityKind, Relation, RelationType
from kg.neo4j_published import Reading
from kg.neo4j_read import ENTITY, entity_of
from kg.neo4j_relations import RELATION, relation_of
from kg.neo4j_rows import ANY, HUB
from kg.parameters import distinct
from kg.store import Neighbor

# As links are read, hubs from their chunks; then with the other end, which is at hand here.
_NEIGHBORS = f"""
UNWIND $ids AS id
MATCH (e:Entity {{kg_build: $build, id: id}})
CALL (e) {{
    WITH e WHERE e.degree <= {HUB}
    MATCH (e)-[r]-(o) WHERE r.confidence >= $least AND r.kg_digest IS NOT NULL AND type(r) IN $types
    WITH o, r.confidence AS confidence, type(r) AS type, startNode(r).id AS source, endNode(r).id AS target
    ORDER BY confidence DESC, type, source, target LIMIT $limit
    WITH o, confidence WHERE o:Entity
    RETURN collect([o.id, o.kind, o.importance, confidence]) AS near
  UNION ALL
    WITH e WHERE e.degree > {HUB}
    MATCH (h:KgHub {{kg_build: $build, entity_id: e.id}})
    WHERE h.first < $limit AND h.confidences[0] >= $least
        AND h.type IN CASE WHEN h.outgoing THEN $hub_outgoing ELSE $hub_incoming END
    UNWIND range(0, size(h.confidences[..$limit - h.first]) - 1) AS at
    WITH e, h.confidences[at] AS confidence, h.types[at] AS type, h.source_ids[at] AS source,
        h.target_ids[at] AS target
    WHERE confidence >= $least
    WITH e, confidence, type, source, target
    ORDER BY confidence DESC, type, source, target LIMIT $limit
    MATCH (o:Entity {{kg_build: $build, id: CASE source WHEN e.id THEN target ELSE source END}})
    WITH o, confidence, type, source, target ORDER BY confidence DESC, type, source, target
    RETURN collect([o.id, o.kind, o.importance, confidence]) AS near
}}
WITH collect([id, near]) AS rows"""

# Each relation is found once, at its source. Where much leads out of that, from whatever end has less.
_SUBGRAPH = f"""
UNWIND $ids AS id
MATCH (e:Entity {{kg_build: $build, id: id}})
WITH collect(e) AS ends
CALL (ends) {{
    UNWIND ends AS s
    CALL (s, ends) {{
        WITH s, ends WHERE COUNT {{ (s)-->() }} <= {HUB}
        MATCH (s)-[r]->(t) WHERE t IN ends AND r.kg_digest IS NOT NULL
        RETURN r, t
      UNION ALL
        WITH s, ends WHERE COUNT {{ (s)-->() }} > {HUB}
        UNWIND ends AS t
        MATCH (s)-[r]->(t) WHERE r.kg_digest IS NOT NULL
        RETURN r, t
    }}
    WITH r, s, t WHERE r.confidence >= $least AND type(r) IN $types
    WITH r, s, t ORDER BY r.confidence DESC, type(r), s.id, t.id LIMIT $limit
    RETURN collect([{RELATION}]) AS relations
}}
WITH [[e IN ends | [{ENTITY}]], relations] AS rows"""


def neighbors(
    look: Reading,
    entity_ids: Collection[str],
    types: Collection[RelationType],
    min_confidence: float,
    limit: int,
) -> dict[str, list[Neighbor]]:
    """See ``GraphStore.neighbors``."""
    wanted = sorted(set(types) or RelationType)
    rows = look.gathered(
        _NEIGHBORS,
        ids=distinct(entity_ids),
        types=wanted,
        hub_outgoing=wanted if types else [ANY],
        hub_incoming=wanted if types else [],
        least=min_confidence,
        limit=limit,
    )
    found: dict[str, list[Neighbor]] = {}
    for id_, near in sorted(rows):  # two for each entity, one of them empty: its links, a hub's chunks
        found.setdefault(id_, []).extend(
            Neighbor(id=other, kind=EntityKind(kind), importance=importance, confidence=confidence)
            for other, kind, importance, confidence in near
        )
    return found


def subgraph(
    look: Reading,
    entity_ids: Collection[str],
    types: Collection[RelationType],
    min_confidence: float,
    limit: int,
) -> tuple[dict[str, Entity], list[Relation]]:
    """See ``GraphStore.subgraph``."""
    found = look.gathered(
        _SUBGRAPH,
        ids=distinct(entity_ids),
        types=sorted(set(types) or RelationType),
        least=min_confidence,
        limit=limit,
    )
    if not found:
        return {}, []
    entities, relations = found
    return {row[0]: entity_of(row) for row in entities}, [relation_of(row) for row in relations]
