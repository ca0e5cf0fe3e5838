"""Two entities side by side, and the trade-offs that weigh them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.embed import Embedder
from kg.errors import EntityNotFoundError, InvalidInputError
from kg.model import SYMMETRIC, Direction, Entity, EntityKind, Evidence, Relation, RelationType
from kg.paths import order_relations
from kg.search import Hit, search
from kg.store import EntityFilter, GraphStore, Link, Owner

_LINKS_READ = 500  # of each side, the surest first
_SHARED = 50
_ONLY = 50  # relations that one side alone has
_PASSAGES = 10
_MENTIONS_READ = 1_000  # of each side, to find the passages that mention both
_RANKED_BY_SEARCH = 100
_SIDES = 20  # of one trade-off
_WEIGHED_IN = 100  # trade-offs that one entity takes part in
_LOOKED_AT = 5  # trade-offs read for each one wanted, since those without sides are left out


@dataclass(frozen=True, slots=True)
class TradeOffSide:
    """An option or quality that a trade-off weighs."""

    entity: Entity
    gains: tuple[str, ...]
    costs: tuple[str, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class TradeOff:
    """A tension between options or qualities."""

    entity: Entity
    sides: tuple[TradeOffSide, ...]  # the surest first; never empty


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two entities have in common and what sets them apart."""

    a: Entity
    b: Entity
    shared: list[Entity]  # tied to both, the surest ties first
    only_a: list[Relation]  # that b has not: b has no relation of this type and way to the same entity
    only_b: list[Relation]
    trade_offs: list[TradeOff]  # that weigh either, those that weigh both first
    passages: list[Hit]  # that mention both; scores from 0 to 1


def compare(store: GraphStore, embedder: Embedder, a_id: str, b_id: str) -> Comparison:
    """Set two entities side by side.

    Raises:
        EntityNotFoundError: an id is unknown.
        InvalidInputError: both ids are the same.
    """
    if a_id == b_id:
        raise InvalidInputError("a comparison needs two different entities")
    both = store.entities([a_id, b_id])
    missing = {a_id, b_id} - both.keys()
    if missing:
        raise EntityNotFoundError(*sorted(missing))
    found = store.links([a_id, b_id], limit=_LINKS_READ)
    of_a, of_b = found.get(a_id, []), found.get(b_id, [])
    only_a, only_b = _only(a_id, of_a, b_id, of_b), _only(b_id, of_b, a_id, of_a)
    relations = store.relations({link.relation_id for link in (*only_a, *only_b)})
    return Comparison(
        a=both[a_id],
        b=both[b_id],
        shared=_shared(store, a_id, of_a, b_id, of_b),
        only_a=list(order_relations(relations[link.relation_id] for link in only_a)),
        only_b=list(order_relations(relations[link.relation_id] for link in only_b)),
        trade_offs=_weighing(store, [a_id, b_id]),
        passages=_passages_on_both(store, embedder, both[a_id], both[b_id]),
    )


def trade_offs(store: GraphStore, of_id: str | None, *, limit: int = 20) -> list[TradeOff]:
    """Return the trade-offs that an entity is or that weigh it, or those of the whole graph.

    An entity's come with the surest first, the graph's with the most important. A trade-off that the
    material names but says nothing about is left out.

    Raises:
        EntityNotFoundError: the id is unknown.
        InvalidInputError: ``limit`` is less than 1.
    """
    if limit < 1:
        raise InvalidInputError("trade-offs need a limit of at least 1")
    if of_id is None:
        every = EntityFilter(kinds=frozenset({EntityKind.TRADE_OFF}))
        return _read(store, store.list_entities(every, limit=limit * _LOOKED_AT).items)[:limit]
    if of_id not in store.entities([of_id]):
        raise EntityNotFoundError(of_id)
    return _weighing(store, [of_id])[:limit]


def _shared(
    store: GraphStore, a_id: str, of_a: Iterable[Link], b_id: str, of_b: Iterable[Link]
) -> list[Entity]:
    near_a, near_b = _surest(a_id, of_a), _surest(b_id, of_b)
    entities = store.entities(near_a.keys() & near_b.keys())
    # As sure as the weaker of the two ties.
    ranked = sorted(
        entities.values(), key=lambda one: (-min(near_a[one.id], near_b[one.id]), -one.importance, one.id)
    )
    return ranked[:_SHARED]


def _surest(entity_id: str, links: Iterable[Link]) -> dict[str, float]:
    near: dict[str, float] = {}
    for link in links:
        other = link.other(entity_id)
        near[other] = max(link.confidence, near.get(other, 0.0))
    return near


def _only(one_id: str, of_one: Sequence[Link], other_id: str, of_other: Iterable[Link]) -> list[Link]:
    """Return the links of one entity that the other has no equal of; what ties the two is left out."""
    there = {_shape(other_id, link) for link in of_other}
    apart = [link for link in of_one if link.other(one_id) != other_id]
    return [link for link in apart if _shape(one_id, link) not in there][:_ONLY]


def _shape(entity_id: str, link: Link) -> tuple[RelationType, str, bool]:
    other = link.other(entity_id)
    # Which end of a symmetric link is its source says nothing.
    outwards = link.source_id == entity_id and link.type not in SYMMETRIC
    return link.type, other, outwards


def _weighing(store: GraphStore, ids: Collection[str]) -> list[TradeOff]:
    """Return the trade-offs among ``ids`` and those that weigh them: of most of them, then the surest."""
    found = store.links(ids, types=[RelationType.TRADES_OFF], limit=_WEIGHED_IN)
    weighs: dict[str, set[str]] = {}
    sureness: dict[str, float] = {}
    for one, links in found.items():
        for link in links:
            weighs.setdefault(link.source_id, set()).add(one)
            sureness[link.source_id] = max(link.confidence, sureness.get(link.source_id, 0.0))
    entities = store.entities(weighs)
    ranked = sorted(
        entities.values(),
        key=lambda one: (-len(weighs[one.id]), -sureness[one.id], -one.importance, one.id),
    )
    return _read(store, ranked)


def _read(store: GraphStore, entities: Sequence[Entity]) -> list[TradeOff]:
    """Return the trade-offs that these entities are, in their order."""
    found = store.links(
        [entity.id for entity in entities],
        direction=Direction.OUT,
        types=[RelationType.TRADES_OFF],
        limit=_SIDES,
    )
    relations = store.relations({link.relation_id for links in found.values() for link in links})
    weighed = store.entities({relation.target_id for relation in relations.values()})
    return [
        TradeOff(entity, tuple(_side(relations[link.relation_id], weighed) for link in found[entity.id]))
        for entity in entities
        if entity.id in found
    ]


def _side(relation: Relation, entities: Mapping[str, Entity]) -> TradeOffSide:
    return TradeOffSide(entities[relation.target_id], relation.gains, relation.costs, relation.evidence)


def _passages_on_both(store: GraphStore, embedder: Embedder, a: Entity, b: Entity) -> list[Hit]:
    """Return the passages that mention both: half by how often each is named, half by search."""
    found = store.mentions([a.id, b.id], limit=_MENTIONS_READ)
    counts_a, counts_b = ({one.passage_id: one.count for one in found.get(id_, ())} for id_ in (a.id, b.id))
    both = {id_: min(counts_a[id_], counts_b[id_]) for id_ in counts_a.keys() & counts_b.keys()}
    if not both:
        return []
    question = f"{a.name} compared with {b.name}"
    ranked = search(store, embedder, question, limit=_RANKED_BY_SEARCH, owners=[Owner.PASSAGE]).passages
    fit = {hit.id: hit.score for hit in ranked}
    most = max(both.values())
    scores = {id_: round((count / most + fit.get(id_, 0.0)) / 2, 6) for id_, count in both.items()}
    return [Hit(id_, scores[id_]) for id_ in sorted(both, key=lambda id_: (-scores[id_], id_))][:_PASSAGES]
