"""What should be understood before what, and what can be learned next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kg.errors import EntityNotFoundError, InvalidInputError
from kg.model import Direction, Entity, Relation, RelationType
from kg.order import ancestors, descendants, reduce_links, study_order, without_cycles
from kg.paths import Subgraph, order_relations
from kg.store import EntityFilter, GraphStore, Link

WELL_SUPPORTED = 0.6
"""Least confidence of a prerequisite that an order of study may rest on: weaker ones are hints."""

_PER_ENTITY = 100  # prerequisites read of one entity, and dependents
_MAX_ENTITIES = 1_000  # that lead up to something; nobody studies more
_STARTING_POINTS = 200  # most important entities among which someone who knows nothing begins
_BEFORE = (RelationType.PREREQUISITE_OF,)


@dataclass(frozen=True, slots=True)
class Ready:
    """An entity whose prerequisites are all known."""

    entity: Entity
    unlocks: int  # entities on the way to the goals that rest on it; without goals, those directly
    because: list[Relation]  # from what is known to it


@dataclass(frozen=True, slots=True)
class Need:
    """What someone must still learn to reach some goals, the goals included."""

    ids: frozenset[str]
    links: tuple[Link, ...]  # every well-supported prerequisite among them; acyclic
    met: tuple[Link, ...]  # prerequisites of theirs that are known already
    truncated: bool  # more leads up to the goals than was read


def prerequisites(store: GraphStore, of_id: str, *, depth: int | None = None) -> Subgraph:
    """Return all that leads up to an entity, itself last, each after what it rests on.

    Only well-supported prerequisites count, and of those only the ones that no longer way makes
    redundant.

    Args:
        store: where to look.
        of_id: id of the entity.
        depth: most steps back; None for all.

    Raises:
        EntityNotFoundError: the id is unknown.
        InvalidInputError: ``depth`` is less than 1.
    """
    if depth is not None and depth < 1:
        raise InvalidInputError("prerequisites are looked for at a depth of at least 1")
    links, truncated = _lead_up(store, [of_id], depth)
    entities = store.entities({end for link in links for end in (link.source_id, link.target_id)} | {of_id})
    if of_id not in entities:
        raise EntityNotFoundError(of_id)
    reduced = reduce_links(links)
    relations = store.relations([link.relation_id for link in reduced])
    return Subgraph(
        tuple(entities[id_] for id_ in order_of_study([of_id], links, entities)),
        order_relations(relations.values()),
        truncated,
    )


def direct_prerequisites(store: GraphStore, ids: Collection[str]) -> dict[str, list[str]]:
    """Return what each entity rests on directly, the best supported first; unknown ids are left out."""
    found = _links(store, ids, Direction.IN)
    return {id_: [link.source_id for link in found.get(id_, [])] for id_ in sorted(store.entities(ids))}


def learning_path(store: GraphStore, from_id: str | None, to_id: str) -> list[Entity]:
    """Return what to learn, in order, to get from what is known to a goal, which comes last.

    Someone who knows an entity is taken to know all that leads up to it. Nothing is left to learn where
    that covers the goal.

    Raises:
        EntityNotFoundError: an id is unknown.
    """
    ends = [to_id] if from_id is None else [to_id, from_id]
    missing = set(ends) - store.entities(ends).keys()
    if missing:
        raise EntityNotFoundError(*sorted(missing))
    covered = _covered(store, [from_id]) if from_id else set[str]()
    if to_id in covered:
        return []
    links, _ = _lead_up(store, [to_id])
    ids = {end for link in links for end in (link.source_id, link.target_id)} | {to_id}
    entities = store.entities(ids)
    return [entities[id_] for id_ in order_of_study([to_id], links, entities) if id_ not in covered]


def ready(
    store: GraphStore, known_ids: Collection[str], *, goal_ids: Collection[str] | None = None, limit: int = 10
) -> list[Ready]:
    """Return what someone can learn next: not known, with every prerequisite known.

    What opens most of the way to the goals comes first. Without goals, that is what rests directly on
    something known (and all that leads up to it); after it, or for someone who knows nothing, come
    important entities that rest on nothing.

    Raises:
        InvalidInputError: ``limit`` is less than 1.
    """
    if limit < 1:
        raise InvalidInputError("what is ready needs a limit of at least 1")
    if goal_ids:
        return _ready_for(store, known_ids, goal_ids)[:limit]
    covered = _covered(store, known_ids)
    found = _opened_by(store, covered)
    if len(found) < limit:
        found += _starting_points(store, covered)
    return found[:limit]


def find_need(store: GraphStore, goal_ids: Sequence[str], known_ids: Collection[str]) -> Need:
    """Return what leads to the goals without what is known and what only that needs."""
    links, truncated = _lead_up(store, goal_ids)
    before: dict[str, list[str]] = {}
    for link in reduce_links(links):
        before.setdefault(link.target_id, []).append(link.source_id)
    known = set(known_ids)
    needed: set[str] = set()
    waiting = [id_ for id_ in goal_ids if id_ not in known]
    while waiting:
        one = waiting.pop()
        if one not in needed:
            needed.add(one)
            waiting += [source for source in before.get(one, ()) if source not in known]
    leading = [link for link in links if link.target_id in needed]
    return Need(
        frozenset(needed),
        tuple(link for link in leading if link.source_id in needed),
        tuple(link for link in leading if link.source_id in known),
        truncated,
    )


def order_of_study(goal_ids: Sequence[str], links: Sequence[Link], entities: dict[str, Entity]) -> list[str]:
    """Return the goals and what leads up to them in order; of equals, the most needed, then important."""
    after = descendants(links)
    return study_order(
        goal_ids, links, lambda id_: (-len(after.get(id_, ())), -entities[id_].importance, id_)
    )


def _lead_up(store: GraphStore, ids: Collection[str], depth: int | None = None) -> tuple[list[Link], bool]:
    """Return the acyclic prerequisites behind some entities, and whether there were too many to read."""
    seen, frontier = set(ids), sorted(set(ids))
    links: dict[str, Link] = {}
    truncated = False
    steps = 0
    while frontier:
        steps += 1
        found = _links(store, frontier, Direction.IN)
        truncated |= any(len(of_one) == _PER_ENTITY for of_one in found.values())
        fresh: set[str] = set()
        # At the last step only what ties those together that were found before.
        full = len(seen) >= _MAX_ENTITIES
        closing = full or (depth is not None and steps > depth)
        for link in (link for of_one in found.values() for link in of_one):
            if link.source_id in seen or not closing:
                links[link.relation_id] = link
                fresh.add(link.source_id)
            else:
                truncated |= full
        frontier = sorted(fresh - seen)
        seen |= fresh
    return without_cycles(links[id_] for id_ in sorted(links)), truncated


def _ready_for(store: GraphStore, known_ids: Collection[str], goal_ids: Collection[str]) -> list[Ready]:
    need = find_need(store, sorted(goal_ids), known_ids)
    after = descendants(need.links)
    first = need.ids - {link.target_id for link in need.links}
    met = {id_: [link for link in need.met if link.target_id == id_] for id_ in first}
    return _rank(store, {id_: len(after.get(id_, ())) for id_ in first}, met)


def _opened_by(store: GraphStore, covered: set[str]) -> list[Ready]:
    onward = _links(store, covered, Direction.OUT)
    candidates = {link.target_id for links in onward.values() for link in links} - covered
    behind = _links(store, candidates, Direction.IN)
    opened = {id_: links for id_, links in behind.items() if all(one.source_id in covered for one in links)}
    return _rank(store, _dependents(store, opened, covered), opened)


def _starting_points(store: GraphStore, covered: set[str]) -> list[Ready]:
    important = {entity.id for entity in store.list_entities(EntityFilter(), limit=_STARTING_POINTS).items}
    resting = _links(store, important - covered, Direction.IN)
    unlocks = _dependents(store, important - covered - resting.keys(), covered)
    return _rank(store, {id_: count for id_, count in unlocks.items() if count}, {})


def _dependents(store: GraphStore, ids: Collection[str], covered: set[str]) -> dict[str, int]:
    onward = _links(store, ids, Direction.OUT)
    return {id_: len({link.target_id for link in onward.get(id_, ())} - covered) for id_ in ids}


def _rank(store: GraphStore, unlocks: dict[str, int], because: dict[str, list[Link]]) -> list[Ready]:
    entities = store.entities(unlocks)
    relations = store.relations({link.relation_id for links in because.values() for link in links})
    ranked = sorted(entities.values(), key=lambda one: (-unlocks[one.id], -one.importance, one.id))
    return [
        Ready(one, unlocks[one.id], [relations[link.relation_id] for link in because.get(one.id, ())])
        for one in ranked
    ]


def _covered(store: GraphStore, ids: Collection[str]) -> set[str]:
    links, _ = _lead_up(store, ids)
    behind = ancestors(links)
    return set(ids).union(*(behind.get(id_, ()) for id_ in ids))


def _links(store: GraphStore, ids: Collection[str], direction: Direction) -> dict[str, list[Link]]:
    return store.links(
        ids, direction=direction, types=_BEFORE, min_confidence=WELL_SUPPORTED, limit=_PER_ENTITY
    )
