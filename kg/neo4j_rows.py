"""A graph as the nodes and relations that it is to be in Neo4j, each with a digest of all that it holds."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec

from kg.model import (
    Document,
    DroppedRelation,
    Entity,
    Graph,
    Mention,
    Origin,
    Passage,
    Relation,
    Topic,
    Track,
)
from kg.names import content_id, folded_names, name_key
from kg.neo4j_schema import DOCUMENTS, PASSAGES
from kg.store import Counts

T = TypeVar("T")
Properties = dict[str, Any]

HUB = 400
"""An entity with more relations than this has them in ``KgHub`` nodes too, ordered and ready to be cut."""

HUB_CHUNK = 100
ANY = "*"
"""In place of the type of a hub's relations: those of all types, in both directions."""

_LONGEST_KEY = 1_000  # a range index takes no more than some 8,000 bytes, and a character may be four
_LONGEST_NAME = 8_000  # a text index no more than 32,766


@dataclass(frozen=True, slots=True)
class Nodes:
    """All nodes of one label, by id; ``properties`` works them out one by one, as they are many."""

    label: str
    ids: Collection[str]
    properties: Callable[[str], Properties]
    vector_keys: Mapping[str, str]  # of those that are to have a vector


@dataclass(frozen=True, slots=True)
class GraphRows:
    """A graph in the shape of the database."""

    nodes: tuple[Nodes, ...]
    relations: Mapping[str, Relation]
    mentions: Mapping[str, Sequence[Mention]]  # by passage
    document_of: Mapping[str, str]  # by passage
    label_of: Mapping[str, str]  # of each document and passage
    entity_ids: Collection[str]
    missing: frozenset[str]  # ids that something refers to and nothing has
    counts: Counts

    def __len__(self) -> int:
        mentions = sum(map(len, self.mentions.values()))
        return sum(len(part.ids) for part in self.nodes) + len(self.relations) + mentions


def graph_rows(graph: Graph, vector_keys: Mapping[str, str]) -> GraphRows:
    """Lay ``graph`` out; ``vector_keys`` as for ``GraphStore.publish``."""
    mentions: defaultdict[str, list[Mention]] = defaultdict(list)
    for mention in graph.mentions:
        mentions[mention.passage_id].append(mention)
    degrees = Counter(end for r in graph.relations for end in (r.source_id, r.target_id))
    documents = {d.id: d for d in graph.documents}
    catalogues = {id_ for id_, d in documents.items() if d.origin is Origin.CATALOGUE}
    labels = {id_: "Catalogue" if id_ in catalogues else "Document" for id_ in documents} | {
        p.id: "CatalogueEntry" if p.document_id in catalogues else "Passage" for p in graph.passages
    }
    entities = {entity.id: entity for entity in graph.entities}
    missing = _missing(graph, labels, entities)
    passages = {p.id: p for p in graph.passages}

    def of_label(label: str, items: Mapping[str, T]) -> dict[str, T]:
        return {id_: item for id_, item in items.items() if labels[id_] == label}

    def passage(one: Passage) -> Properties:
        return _passage(one, vector_keys.get(one.id))

    return GraphRows(
        nodes=(
            *(_nodes(label, of_label(label, documents), _document) for label in DOCUMENTS),
            *(_nodes(label, of_label(label, passages), passage, vector_keys) for label in PASSAGES),
            _nodes(
                "Entity",
                entities,
                lambda e: _entity(e, degrees[e.id], vector_keys.get(e.id)),
                vector_keys,
            ),
            _nodes(
                "KgMissing", {id_: id_ for id_ in missing}, lambda id_: {"id": id_, "degree": degrees[id_]}
            ),
            _nodes("Topic", {t.id: t for t in graph.topics}, _topic),
            _nodes("Track", {indexed_key(t.name): t for t in graph.tracks}, _track),
            _nodes(
                "KgDropped", {content_id("r", d.source_id, d.target_id): d for d in graph.dropped}, _dropped
            ),
            _hubs(graph.relations, {id_ for id_, degree in degrees.items() if degree > HUB}),
        ),
        relations={relation.id: relation for relation in graph.relations},
        mentions=mentions,
        document_of={p.id: p.document_id for p in graph.passages},
        label_of=labels,
        entity_ids=entities.keys(),
        missing=missing,
        counts=_counts(graph, labels),
    )


def relation_properties(relation: Relation) -> Properties:
    """Return what a relation holds beside its ends and type; its evidence as two lists, best first."""
    found: Properties = {
        "id": relation.id,
        "confidence": float(relation.confidence),
        "found_by": relation.found_by,
        "passages": [evidence.passage_id for evidence in relation.evidence],
        "quotes": [evidence.quote for evidence in relation.evidence],
    }
    if relation.gains or relation.costs:  # of trade-offs only
        found |= {"gains": relation.gains, "costs": relation.costs}
    return found


def indexed_key(key: str) -> str:
    """Return what stands for a name or its key in an index, which takes no value of any length."""
    return key if len(key) <= _LONGEST_KEY else f"{key[:_LONGEST_KEY]} {content_id('n', key)}"


def path_key(path: str) -> str:
    """Return what stands for a path in an index, which takes no value of any length."""
    return content_id("f", path)


def digest(value: object) -> int:
    """Return 64 bits that depend on all of ``value``, as an integer that the database can hold."""
    hashed = hashlib.blake2b(msgspec.json.encode(value), digest_size=8).digest()
    return int.from_bytes(hashed, "big", signed=True)


def _nodes(
    label: str,
    items: Mapping[str, T],
    properties: Callable[[T], Properties],
    vector_keys: Mapping[str, str] = MappingProxyType({}),
) -> Nodes:
    keys = {id_: vector_keys[id_] for id_ in items if id_ in vector_keys} if vector_keys else {}
    return Nodes(label, items.keys(), lambda id_: properties(items[id_]), keys)


def _missing(graph: Graph, labels: Mapping[str, str], entities: Mapping[str, Entity]) -> frozenset[str]:
    entity_ends = chain(
        (end for r in graph.relations for end in (r.source_id, r.target_id)),
        (m.entity_id for m in graph.mentions),
    )
    others = chain((m.passage_id for m in graph.mentions), (p.document_id for p in graph.passages))
    return frozenset(id_ for id_ in entity_ends if id_ not in entities) | {
        i for i in others if i not in labels
    }


def _counts(graph: Graph, labels: Mapping[str, str]) -> Counts:
    found = Counter(labels.values())
    kinds, types = Counter(e.kind for e in graph.entities), Counter(r.type for r in graph.relations)
    return Counts(
        documents=found["Document"],
        passages=found["Passage"],
        entities=len(graph.entities),
        relations=len(graph.relations),
        kinds=dict(sorted(kinds.items())),
        types=dict(sorted(types.items())),
    )


def _document(document: Document) -> Properties:
    return {
        "id": document.id,
        "root": document.root,
        "path": document.path,
        "kg_path": path_key(document.path),
        "title": document.title,
        "content_hash": document.content_hash,
    }


def _passage(passage: Passage, vector_key: str | None) -> Properties:
    return {
        "id": passage.id,
        "document_id": passage.document_id,
        "position": passage.position,
        "headings": passage.headings,
        "line": passage.line,
        "text": passage.text,
        "kg_vector": vector_key,
    }


def _entity(entity: Entity, degree: int, vector_key: str | None) -> Properties:
    own = indexed_key(name_key(entity.name))
    others = {indexed_key(name_key(alias)) for alias in entity.aliases} - {own, ""}
    return {
        "id": entity.id,
        # An index refuses what is longer, and with it all that is published: the whole is kept beside it.
        "name": entity.name if len(entity.name) <= _LONGEST_NAME else f"{entity.name[:_LONGEST_KEY]}…",
        "kg_whole_name": entity.name if len(entity.name) > _LONGEST_NAME else None,
        "kind": entity.kind,
        "aliases": entity.aliases,
        "description": entity.description,
        "difficulty": entity.difficulty,
        "importance": float(entity.importance),
        "x": float(entity.x),
        "y": float(entity.y),
        "degree": degree,
        "kg_name": own,
        "kg_aliases": sorted(others),
        "kg_order": entity.name.casefold()[:_LONGEST_KEY],
        "kg_folded": folded_names((entity.name, *entity.aliases)),
        "kg_vector": vector_key,
    }


def _topic(topic: Topic) -> Properties:
    return {
        "id": topic.id,
        "level": topic.level,
        "title": topic.title,
        "summary": topic.summary,
        "entity_ids": topic.entity_ids,
        "scores": [float(score) for score in topic.scores],
        "parent_id": topic.parent_id,
    }


def _track(track: Track) -> Properties:
    return {
        "id": indexed_key(track.name),
        "name": track.name,
        "aliases": track.aliases,
        "goals": track.goals,
        "description": track.description,
    }


def _dropped(dropped: DroppedRelation) -> Properties:
    return {
        "id": content_id("r", dropped.source_id, dropped.target_id),
        "source_id": dropped.source_id,
        "target_id": dropped.target_id,
        "confidence": float(dropped.confidence),
        "reason": dropped.reason,
    }


def _hubs(relations: Sequence[Relation], hubs: Collection[str]) -> Nodes:
    """Cut the relations of each hub, all of them and those of each type and way, into chunks by rank."""
    streams: defaultdict[tuple[str, str, bool], list[tuple[float, str, str, str, str]]] = defaultdict(list)
    for r in relations if hubs else ():
        for hub, outgoing in ((r.source_id, True), (r.target_id, False)):
            if hub in hubs:
                found = (-r.confidence, r.type, r.source_id, r.target_id, r.id)
                streams[hub, r.type, outgoing].append(found)
                streams[hub, ANY, True].append(found)
    chunks: dict[str, Properties] = {}
    for (entity_id, type_, outgoing), links in streams.items():
        links.sort()
        for first in range(0, len(links), HUB_CHUNK):
            falling, types, sources, targets, ids = zip(*links[first : first + HUB_CHUNK], strict=True)
            id_ = content_id("h", entity_id, type_, str(outgoing), str(first))
            chunks[id_] = {
                "id": id_,
                "entity_id": entity_id,
                "type": type_,
                "outgoing": outgoing,
                "first": first,
                "total": len(links),
                "types": types,
                "source_ids": sources,
                "target_ids": targets,
                "relation_ids": ids,
                "confidences": [-confidence for confidence in falling],
            }
    return Nodes("KgHub", chunks.keys(), chunks.__getitem__, {})
