"""Loaders made per request: what many resolvers ask for one by one, the store is asked once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from strawberry.dataloader import DataLoader

from kg.model import SYMMETRIC, Direction, Document, Entity, Mention, Passage, Relation, RelationType, Topic
from kg.prerequisites import direct_prerequisites
from kg.store import GraphStore, Link

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
Run = Callable[..., Awaitable[Any]]

TOPIC_LEVELS = (0, 1)
_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class CitedPassage:
    """A passage with the document it stands in."""

    passage: Passage
    document: Document


@dataclass(frozen=True, slots=True)
class JoinedRelation:
    """A relation with the entities at both its ends."""

    relation: Relation
    source: Entity
    target: Entity


@dataclass(frozen=True, slots=True)
class Around:
    """Which of an entity's relations a resolver wants; those alike but for the entity share a call."""

    types: frozenset[RelationType]
    direction: Direction
    min_confidence: float
    limit: int
    offset: int


class Loaders:
    """The loaders of one request, each batching one look-up; unknown keys load None or nothing."""

    def __init__(self, store: GraphStore, run: Run) -> None:
        self.entity: DataLoader[str, Entity | None] = _batched(run, store.entities)
        self.passage: DataLoader[str, CitedPassage | None] = _batched(run, _cited(store))
        self.relation: DataLoader[str, JoinedRelation | None] = _batched(run, _joined(store))
        self.link_counts = _batched(run, store.link_counts)
        self.passage_mentions = _batched(run, store.passage_mentions)
        self.direct_prerequisites = _batched(run, lambda ids: direct_prerequisites(store, ids))
        self.topics: DataLoader[int, list[Topic] | None] = _batched(run, _topics(store))
        self.mentions: DataLoader[tuple[str, int], list[Mention] | None] = _batched(
            run, _grouped(lambda ids, limit: store.mentions(ids, limit=limit))
        )
        self.links: DataLoader[tuple[str, Around], list[Link] | None] = _batched(run, _grouped(_links(store)))


def present(found: Iterable[V | None]) -> list[V]:
    """Leave out what a loader did not find."""
    return [value for value in found if value is not None]


def count_links(
    counts: Mapping[RelationType, tuple[int, int]], types: Collection[RelationType], direction: Direction
) -> int:
    """Add up an entity's (out, in) counts as ``GraphStore.links`` would find them; no ``types`` means all."""
    total = 0
    for type_, (out, in_) in counts.items():
        if types and type_ not in types:
            continue
        # A symmetric relation is counted as out alone, and is found from both ends.
        coming = out if type_ in SYMMETRIC else in_
        total += {Direction.OUT: out, Direction.IN: coming, Direction.BOTH: out + in_}[direction]
    return total


def _batched(run: Run, look_up: Callable[[list[K]], Mapping[K, V]]) -> DataLoader[K, V | None]:
    async def load(keys: list[K]) -> list[V | None]:
        found: Mapping[K, V] = await run(look_up, keys)
        return [found.get(key) for key in keys]

    return DataLoader(load, max_batch_size=_BATCH)


def _grouped(
    look_up: Callable[[list[str], Any], Mapping[str, V]],
) -> Callable[[Iterable[tuple[str, Any]]], dict[tuple[str, Any], V]]:
    """Look up (id, options) pairs with one call for all ids that share their options."""

    def grouped(keys: Iterable[tuple[str, Any]]) -> dict[tuple[str, Any], V]:
        ids_of: dict[Any, list[str]] = defaultdict(list)
        for entity_id, options in keys:
            ids_of[options].append(entity_id)
        found = {options: look_up(ids, options) for options, ids in ids_of.items()}
        return {
            (entity_id, options): value for options, of in found.items() for entity_id, value in of.items()
        }

    return grouped


def _links(store: GraphStore) -> Callable[[list[str], Around], Mapping[str, list[Link]]]:
    def links(ids: list[str], around: Around) -> Mapping[str, list[Link]]:
        return store.links(
            ids,
            direction=around.direction,
            types=around.types,
            min_confidence=around.min_confidence,
            limit=around.limit,
            offset=around.offset,
        )

    return links


def _cited(store: GraphStore) -> Callable[[Collection[str]], dict[str, CitedPassage]]:
    def cited(ids: Collection[str]) -> dict[str, CitedPassage]:
        passages = store.passages(ids)
        documents = store.documents({passage.document_id for passage in passages.values()})
        # A graph published between the two look-ups may have dropped a document: its passage is gone, too.
        return {
            key: CitedPassage(passage, documents[passage.document_id])
            for key, passage in passages.items()
            if passage.document_id in documents
        }

    return cited


def _joined(store: GraphStore) -> Callable[[Collection[str]], dict[str, JoinedRelation]]:
    def joined(ids: Collection[str]) -> dict[str, JoinedRelation]:
        relations = store.relations(ids)
        ends = {end for relation in relations.values() for end in (relation.source_id, relation.target_id)}
        entities = store.entities(ends)
        return {
            key: JoinedRelation(relation, entities[relation.source_id], entities[relation.target_id])
            for key, relation in relations.items()
            if relation.source_id in entities and relation.target_id in entities
        }

    return joined


def _topics(store: GraphStore) -> Callable[[Collection[int]], dict[int, list[Topic]]]:
    return lambda levels: {level: store.topics(level=level) for level in levels}
