"""Reading entities, documents and passages of the published graph from Neo4j."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec

from kg.model import (
    Difficulty,
    Document,
    DroppedRelation,
    Entity,
    EntityKind,
    Mention,
    Origin,
    Passage,
    Topic,
    Track,
)
from kg.neo4j_published import Reading
from kg.neo4j_rows import path_key
from kg.neo4j_schema import DOCUMENTS, ENDS, PASSAGES
from kg.parameters import bindable, distinct
from kg.store import Counts, EntityFilter, EntityOrder, Page

_decode_counts = msgspec.json.Decoder(Counts).decode

ENTITY = (
    "e.id, coalesce(e.kg_whole_name, e.name), e.kind, e.aliases, e.description, e.difficulty, e.importance, "
    "e.x, e.y"
)
PASSAGE = "p.id, p.document_id, p.position, p.headings, p.line, p.text"
DOCUMENT = "d.root, d.path, d.title, d.content_hash, d:Catalogue"
MENTION = "e.id, p.id, m.count, m.start, m.quote"
_ANY_DOCUMENT, _ANY_PASSAGE = "|".join(DOCUMENTS), "|".join(PASSAGES)

_COUNTS = "MATCH (g:KgGraph {only: 1}) RETURN g.counts"
_ENTITIES = f"""
UNWIND $ids AS id
MATCH (e:Entity {{kg_build: $build, id: id}})
WITH collect([{ENTITY}]) AS rows"""
_DOCUMENTS = f"UNWIND $ids AS id MATCH (d:{_ANY_DOCUMENT} {{kg_build: $build, id: id}}) RETURN {DOCUMENT}"
_LISTED_DOCUMENTS = f"""
MATCH (d:Document {{kg_build: $build}}) WHERE d.id >= ''
RETURN {DOCUMENT} ORDER BY d.root, d.path"""
_PASSAGES = f"""
UNWIND $ids AS id
MATCH (p:{_ANY_PASSAGE} {{kg_build: $build, id: id}})
WITH collect([{PASSAGE}]) AS rows"""
_HOLDER = f"MATCH (d:{_ANY_DOCUMENT}|KgMissing {{kg_build: $build, id: $id}})-[:HAS_PASSAGE]->(p)"
_HELD = f"{_HOLDER} RETURN {PASSAGE} ORDER BY p.position, p.id SKIP $offset LIMIT $limit"
_HELD_COUNT = f"{_HOLDER} RETURN count(p)"

# All ends have the id and `kg_build`, and nothing but ours has a relation MENTIONS with a count between them.
_MENTIONS = f"""
UNWIND $ids AS id
MATCH (e:{ENDS} {{kg_build: $build, id: id}})
CALL (e) {{
    MATCH (e)<-[m:MENTIONS]-(p) WHERE m.count IS NOT NULL
    RETURN m, p ORDER BY m.count DESC, p.id LIMIT $limit
}}
RETURN {MENTION}"""
_PASSAGE_MENTIONS = f"""
UNWIND $ids AS id
MATCH (p:{_ANY_PASSAGE}|KgMissing {{kg_build: $build, id: id}})-[m:MENTIONS]->(e)
WHERE m.count IS NOT NULL
RETURN {MENTION}
ORDER BY p.id, m.start, e.id"""

_TOPICS = """
MATCH (t:Topic {kg_build: $build}) WHERE t.id >= '' AND t.level = $level
RETURN t.id, t.title, t.summary, t.entity_ids, t.scores, t.parent_id
ORDER BY size(t.entity_ids) DESC, t.id"""
_TRACKS = """
MATCH (t:Track {kg_build: $build}) WHERE t.id >= ''
RETURN t.name, t.aliases, t.goals, t.description ORDER BY t.name"""
_DROPPED = """
MATCH (d:KgDropped {kg_build: $build}) WHERE d.id >= ''
RETURN d.source_id, d.target_id, d.confidence, d.reason ORDER BY d.source_id, d.target_id"""

# Ordering by all properties of an index, the first one included, lets rows come from it in order, so that a
# page is read and not the whole graph. The conditions on the second are always true, and ask for the index.
_ORDERS = {
    EntityOrder.IMPORTANCE: ("e.importance >= 0", "e.kg_build DESC, e.importance DESC, e.id"),
    EntityOrder.NAME: ("e.kg_order >= ''", "e.kg_build, e.kg_order, e.id"),
}
_FROM_DOCUMENT = (
    f"MATCH (:{_ANY_DOCUMENT} {{kg_build: $build, kg_path: $path}})-[:HAS_PASSAGE]->()"
    "-[:MENTIONS]->(e:Entity) WITH DISTINCT e"
)


def counts(look: Reading) -> Counts:
    """See ``GraphStore.counts``."""
    found = look(_COUNTS)[0][0]
    none = Counts(documents=0, passages=0, entities=0, relations=0, kinds={}, types={})
    return _decode_counts(found) if found else none


def entities(look: Reading, ids: Collection[str]) -> dict[str, Entity]:
    """See ``GraphStore.entities``."""
    return {row[0]: entity_of(row) for row in look.gathered(_ENTITIES, ids=distinct(ids))}


def list_entities(
    look: Reading, where: EntityFilter, order: EntityOrder, limit: int, offset: int
) -> Page[Entity]:
    """See ``GraphStore.list_entities``."""
    conditions, values = _conditions(where)
    asks_for_index, ordered = _ORDERS[order]
    start = _FROM_DOCUMENT if where.document_path else "MATCH (e:Entity)"
    matching = f"{start} WHERE {' AND '.join(['e.kg_build = $build', *conditions])}"
    if conditions or where.document_path:
        total = look(f"{matching} RETURN count(e)", **values)[0][0]
    else:
        total = counts(look).entities
    page = (
        f"{matching} AND {asks_for_index} WITH e ORDER BY {ordered} SKIP $offset LIMIT $limit"
        f" RETURN {ENTITY} ORDER BY {ordered}"
    )
    return Page([entity_of(row) for row in look(page, limit=limit, offset=offset, **values)], total)


def _conditions(where: EntityFilter) -> tuple[list[str], dict[str, Any]]:
    conditions: list[str] = []
    values: dict[str, Any] = {"path": path_key(bindable(where.document_path))}
    if where.kinds:
        conditions.append("e.kind IN $kinds")
        values["kinds"] = sorted(where.kinds)
    if where.difficulties:
        conditions.append("e.difficulty IN $difficulties")
        values["difficulties"] = sorted(where.difficulties)
    if where.name_contains:
        conditions.append("e.kg_folded CONTAINS $part")
        values["part"] = bindable(where.name_contains.casefold())
    return conditions, values


def mentions(look: Reading, entity_ids: Collection[str], limit: int) -> dict[str, list[Mention]]:
    """See ``GraphStore.mentions``."""
    found: dict[str, list[Mention]] = {}
    for row in look(_MENTIONS, ids=distinct(entity_ids), limit=limit):
        found.setdefault(row[0], []).append(mention_of(row))
    return found


def passage_mentions(look: Reading, passage_ids: Collection[str]) -> dict[str, list[Mention]]:
    """See ``GraphStore.passage_mentions``."""
    found: dict[str, list[Mention]] = {}
    for row in look(_PASSAGE_MENTIONS, ids=distinct(passage_ids)):
        found.setdefault(row[1], []).append(mention_of(row))
    return found


def documents(look: Reading, ids: Collection[str]) -> dict[str, Document]:
    """See ``GraphStore.documents``."""
    found = [document_of(row) for row in look(_DOCUMENTS, ids=distinct(ids))]
    return {document.id: document for document in found}


def list_documents(look: Reading) -> list[Document]:
    """See ``GraphStore.list_documents``."""
    return [document_of(row) for row in look(_LISTED_DOCUMENTS)]


def document_passages(look: Reading, document_id: str, limit: int, offset: int) -> Page[Passage]:
    """See ``GraphStore.document_passages``."""
    id_ = bindable(document_id)
    total = look(_HELD_COUNT, id=id_)[0][0]
    return Page([passage_of(row) for row in look(_HELD, id=id_, limit=limit, offset=offset)], total)


def passages(look: Reading, ids: Collection[str]) -> dict[str, Passage]:
    """See ``GraphStore.passages``."""
    return {row[0]: passage_of(row) for row in look.gathered(_PASSAGES, ids=distinct(ids))}


def topics(look: Reading, level: int) -> list[Topic]:
    """See ``GraphStore.topics``."""
    return [
        Topic(
            id=id_,
            level=level,
            title=title,
            summary=summary,
            entity_ids=tuple(entity_ids),
            scores=tuple(scores),
            parent_id=parent_id,
        )
        for id_, title, summary, entity_ids, scores, parent_id in look(_TOPICS, level=level)
    ]


def tracks(look: Reading) -> list[Track]:
    """See ``GraphStore.tracks``."""
    return [
        Track(name=name, aliases=tuple(aliases), goals=tuple(goals), description=description)
        for name, aliases, goals, description in look(_TRACKS)
    ]


def dropped(look: Reading) -> list[DroppedRelation]:
    """See ``GraphStore.dropped``."""
    return [
        DroppedRelation(source_id=source, target_id=target, confidence=confidence, reason=reason)
        for source, target, confidence, reason in look(_DROPPED)
    ]


def document_of(row: list[Any]) -> Document:
    """Make a document of its row: ``DOCUMENT``."""
    root, path, title, content_hash, of_catalogue = row
    origin = Origin.CATALOGUE if of_catalogue else Origin.MATERIAL
    return Document(root=root, path=path, title=title, content_hash=content_hash, origin=origin)


def entity_of(row: list[Any]) -> Entity:
    """Make an entity of its row: ``ENTITY``."""
    id_, name, kind, aliases, description, difficulty, importance, x, y = row
    return Entity(
        id=id_,
        name=name,
        kind=EntityKind(kind),
        aliases=tuple(aliases),
        description=description,
        difficulty=Difficulty(difficulty) if difficulty else None,
        importance=importance,
        x=x,
        y=y,
    )


def passage_of(row: list[Any]) -> Passage:
    """Make a passage of its row: ``PASSAGE``."""
    id_, document_id, position, headings, line, text = row
    return Passage(
        id=id_,
        document_id=document_id,
        position=position,
        headings=tuple(headings),
        line=line,
        text=text,
    )


def mention_of(row: list[Any]) -> Mention:
    """Make a mention of its row: ``MENTION``."""
    entity_id, passage_id, count, start, quote = row
    return Mention(entity_id=entity_id, passage_id=passage_id, count=count, start=start, quote=quote)
