"""Writing nodes and relations to Neo4j in batches: one statement for each, with all values as parameters.

Labels and types stand in the statements themselves, and come from closed lists of ours alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from kg.model import EntityKind, Mention
from kg.neo4j_rows import GraphRows, Nodes, Properties, digest, relation_properties
from kg.neo4j_schema import KIND_LABELS, PASSAGES

T = TypeVar("T")
Statement = tuple[str, list[Any]]
"""A query over ``$rows``, and the rows."""

BATCH = 10_000

_CREATE = "UNWIND $rows AS row CREATE (n:{label}) SET n = row, n.kg_build = $build"
_UPDATE = """
UNWIND $rows AS row
MATCH (n:{label} {{kg_build: $build, id: row.id}})
SET n += row"""
# What others have added to an entity stays: their labels, properties and relations.
_UPDATE_ENTITY = """
UNWIND $rows AS row
MATCH (n:Entity {{kg_build: $build, id: row.id}})
REMOVE n:{others}
SET n:{label}, n += row"""
_DELETE = "UNWIND $rows AS id MATCH (n:{label} {{kg_build: $build, id: id}}) DETACH DELETE n"

_HOLD = """
UNWIND $rows AS row
MATCH (d:{document} {{kg_build: $build, id: row[0]}})
MATCH (p:{passage} {{kg_build: $build, id: row[1]}})
CREATE (d)-[:HAS_PASSAGE]->(p)"""
_MENTION = """
UNWIND $rows AS row
MATCH (p:{passage} {{kg_build: $build, id: row[0]}})
MATCH (e:{entity} {{kg_build: $build, id: row[1]}})
CREATE (p)-[:MENTIONS {{count: row[2], start: row[3], quote: row[4]}}]->(e)"""
_MARK_MENTIONS = """
UNWIND $rows AS row
MATCH (p:{passage} {{kg_build: $build, id: row[0]}})
SET p.kg_mentions = row[1]"""
_FORGET_MENTIONS = f"""
UNWIND $rows AS id
MATCH (p:{"|".join(PASSAGES)} {{kg_build: $build, id: id}})
REMOVE p.kg_mentions
WITH p
MATCH (p)-[m:MENTIONS]->()
DELETE m"""

_RELATE = """
UNWIND $rows AS row
MATCH (s:{source} {{kg_build: $build, id: row[0]}})
MATCH (t:{target} {{kg_build: $build, id: row[1]}})
CREATE (s)-[r:{type}]->(t)
SET r = row[2]"""
_CHANGE_RELATION = "UNWIND $rows AS row MATCH ()-[r]->() WHERE elementId(r) = row[0] SET r += row[1]"
_UNRELATE = "UNWIND $rows AS element MATCH ()-[r]->() WHERE elementId(r) = element DELETE r"

# A vector waits in a node of its own until its owner is published, and is moved there.
_EMBED = """
UNWIND $rows AS row
MATCH (n:{label} {{kg_build: $build, id: row[0]}})
MATCH (v:KgVector {{key: row[1]}})
CALL db.create.setNodeVectorProperty(n, 'embedding', v.value)"""
_UNEMBED = "UNWIND $rows AS id MATCH (n:{label} {{kg_build: $build, id: id}}) REMOVE n.embedding"


def batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """Yield ``items`` in lists of ``size``."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def create_nodes(part: Nodes, ids: Iterable[str]) -> Iterator[Statement]:
    """Yield what makes the nodes of ``ids``."""
    for batch in batches(ids):
        for label, rows in _by_label(part, batch).items():
            yield _CREATE.format(label=label), rows


def update_nodes(part: Nodes, ids: Iterable[str]) -> Iterator[Statement]:
    """Yield what brings nodes that are there to what they are to be."""
    for batch in batches(ids):
        for label, rows in _by_label(part, batch).items():
            if part.label == "Entity":
                kind = label.partition(":")[2]
                others = ":".join(other for other in KIND_LABELS.values() if other != kind)
                yield _UPDATE_ENTITY.format(label=kind, others=others), rows
            else:
                yield _UPDATE.format(label=label), rows


def delete_nodes(label: str, ids: Iterable[str]) -> Iterator[Statement]:
    """Yield what removes nodes with all their relations."""
    return ((_DELETE.format(label=label), batch) for batch in batches(ids))


def hold_passages(rows: GraphRows, passage_ids: Iterable[str]) -> Iterator[Statement]:
    """Yield what ties passages to their documents."""
    for batch in batches(passage_ids):
        ties: defaultdict[tuple[str, str], list[list[str]]] = defaultdict(list)
        for id_ in batch:
            document_id = rows.document_of[id_]
            ties[_label(rows, document_id), _label(rows, id_)].append([document_id, id_])
        for (document, passage), found in ties.items():
            yield _HOLD.format(document=document, passage=passage), found


def create_mentions(rows: GraphRows, mentions: Iterable[Mention]) -> Iterator[Statement]:
    """Yield what makes mentions."""
    for batch in batches(mentions):
        ties: defaultdict[tuple[str, str], list[list[Any]]] = defaultdict(list)
        for m in batch:
            ends = (_label(rows, m.passage_id), _entity_label(rows, m.entity_id))
            ties[ends].append([m.passage_id, m.entity_id, m.count, m.start, m.quote])
        for (passage, entity), found in ties.items():
            yield _MENTION.format(passage=passage, entity=entity), found


def mark_mentions(rows: GraphRows, passage_ids: Iterable[str]) -> Iterator[Statement]:
    """Yield what leaves the digest of all mentions of a passage with it."""
    for batch in batches(passage_ids):
        marks: defaultdict[str, list[list[Any]]] = defaultdict(list)
        for id_ in batch:
            marks[_label(rows, id_)].append([id_, mentions_digest(rows, id_)])
        for passage, marked in marks.items():
            yield _MARK_MENTIONS.format(passage=passage), marked


def forget_mentions(passage_ids: Iterable[str]) -> Iterator[Statement]:
    """Yield what removes all mentions of passages."""
    return ((_FORGET_MENTIONS, batch) for batch in batches(passage_ids))


def create_relations(rows: GraphRows, ids: Iterable[str]) -> Iterator[Statement]:
    """Yield what makes relations."""
    for batch in batches(ids):
        ties: defaultdict[tuple[str, str, str], list[list[Any]]] = defaultdict(list)
        for id_ in batch:
            r = rows.relations[id_]
            ends = (_entity_label(rows, r.source_id), _entity_label(rows, r.target_id))
            ties[r.type, *ends].append([r.source_id, r.target_id, _with_digest(relation_properties(r))])
        for (type_, source, target), found in ties.items():
            yield _RELATE.format(type=type_, source=source, target=target), found


def update_relations(rows: GraphRows, elements: Mapping[str, str]) -> Iterator[Statement]:
    """Yield what brings relations, by id with the element id of each, to what they are to be."""
    none = {"gains": None, "costs": None}
    for batch in batches(elements.items()):
        yield (
            _CHANGE_RELATION,
            [[at, none | _with_digest(relation_properties(rows.relations[id_]))] for id_, at in batch],
        )


def delete_relations(elements: Iterable[str]) -> Iterator[Statement]:
    """Yield what removes relations, by element id."""
    return ((_UNRELATE, batch) for batch in batches(elements))


def embed_nodes(label: str, keys: Mapping[str, str]) -> Iterator[Statement]:
    """Yield what gives nodes the waiting vectors of ``keys``, by the nodes' ids."""
    return (
        (_EMBED.format(label=label), [list(pair) for pair in batch])
        for batch in batches(keys.items(), BATCH // 5)
    )


def unembed_nodes(label: str, ids: Iterable[str]) -> Iterator[Statement]:
    """Yield what takes nodes their vectors."""
    return ((_UNEMBED.format(label=label), batch) for batch in batches(ids))


def mentions_digest(rows: GraphRows, passage_id: str) -> int:
    """Return the digest of all mentions of a passage, whatever their order."""
    # With the passage, as sums of digests are compared: the same mentions may move from one to another.
    found = sorted((m.entity_id, m.count, m.start, m.quote) for m in rows.mentions[passage_id])
    return digest([passage_id, found])


def _by_label(part: Nodes, ids: Sequence[str]) -> Mapping[str, list[Properties]]:
    rows: defaultdict[str, list[Properties]] = defaultdict(list)
    for id_ in ids:
        properties = _with_digest(part.properties(id_))
        label = part.label
        if label == "Entity":
            label = f"Entity:{KIND_LABELS[EntityKind(properties['kind'])]}"
        rows[label].append(properties)
    return rows


def _with_digest(properties: Properties) -> Properties:
    return {**properties, "kg_digest": digest(properties)}


def _label(rows: GraphRows, id_: str) -> str:
    return rows.label_of.get(id_, "KgMissing")


def _entity_label(rows: GraphRows, id_: str) -> str:
    return "Entity" if id_ in rows.entity_ids else "KgMissing"
