"""What lies around entities, and how one entity is tied to another."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod

from kg.chains import Chains
from kg.errors import EntityNotFoundError, InvalidInputError
from kg.model import Entity, EntityKind, Relation, RelationType
from kg.store import GraphStore, Link, Neighbor

_FAN_OUT = 25  # most neighbours that one entity brings into a picture of two steps or more
_LOOK_PER_ENTITY = 50  # links read of each entity, the surest first; more where a filter will drop most
_LOOK_PER_ENTITY_FILTERED = 1_000


@dataclass(frozen=True, slots=True)
class Subgraph:
    """Entities and the relations among them."""

    entities: tuple[Entity, ...]
    relations: tuple[Relation, ...]
    truncated: bool  # a limit cut the answer short


@dataclass(frozen=True, slots=True)
class Path:
    """A chain of relations in walking order, whatever way each of them points."""

    entities: tuple[Entity, ...]
    relations: tuple[Relation, ...]  # one fewer than entities
    confidence: float  # that all of them hold, taken as independent: their product


def neighborhood(
    store: GraphStore,
    ids: Sequence[str],
    *,
    depth: int = 1,
    types: Collection[RelationType] = (),
    kinds: Collection[EntityKind] = (),
    min_confidence: float = 0.0,
    limit: int = 100,
) -> Subgraph:
    """Return what lies within ``depth`` steps of some entities, the nearest and best supported first.

    Beyond one step an entity brings at most 25 neighbours, so that a hub cannot crowd out the rest.

    Args:
        store: where to look.
        ids: the entities to start from; they come first in the answer, unknown ones are left out.
        depth: most steps, at least 0.
        types: relations of other types are neither walked nor shown; none means all.
        kinds: entities of other kinds, but for those started from, are neither passed nor shown.
        min_confidence: weaker relations are neither walked nor shown.
        limit: most entities.

    Raises:
        InvalidInputError: ``depth`` is negative or ``limit`` less than 1.
    """
    if depth < 0 or limit < 1:
        raise InvalidInputError("a neighbourhood needs a depth of at least 0 and a limit of at least 1")
    fan_out = limit if depth == 1 else min(limit, _FAN_OUT)
    look = _LOOK_PER_ENTITY_FILTERED if kinds else max(_LOOK_PER_ENTITY, fan_out)
    reach = partial(store.neighbors, types=types, min_confidence=min_confidence, limit=look + 1)
    found = reach(ids) if depth else {id_: list[Neighbor]() for id_ in store.entities(ids)}
    started = [id_ for id_ in dict.fromkeys(ids) if id_ in found]
    kept = dict.fromkeys(started[:limit])
    found = {id_: found[id_] for id_ in kept}
    cut = len(started) > limit
    seen: set[str] = set()
    for step in range(1, depth + 1):
        cut = cut or any(len(neighbors) > look for neighbors in found.values())
        fresh = {
            one: [n for n in neighbors if n.id not in kept and (not kinds or n.kind in kinds)]
            for one, neighbors in found.items()
        }
        seen.update(n.id for neighbors in fresh.values() for n in neighbors)
        frontier = _best_neighbors(fresh, fan_out)[: limit - len(kept)]
        kept |= dict.fromkeys(frontier)
        if not frontier or step == depth:
            break
        found = reach(frontier)
    most = _LOOK_PER_ENTITY * len(kept)
    entities, relations = store.subgraph(kept, types=types, min_confidence=min_confidence, limit=most + 1)
    return Subgraph(
        tuple(entities[id_] for id_ in kept if id_ in entities),
        tuple(relations[:most]),
        cut or not seen <= kept.keys() or len(relations) > most,
    )


def find_paths(
    store: GraphStore,
    from_id: str,
    to_id: str,
    *,
    max_hops: int = 4,
    types: Collection[RelationType] = (),
    limit: int = 3,
) -> list[Path]:
    """Return the best chains of relations from one entity to another that pass no entity twice.

    The shortest come first; of equal length those whose relations are the surest, whose types say more
    than RELATED_TO, and that do not lead through entities tied to everything. Relations are walked
    either way. Hubs and wide frontiers are searched along their surest relations only.

    Args:
        store: where to look.
        from_id: id of the first entity.
        to_id: id of the last.
        max_hops: most relations in a chain.
        types: the relations to walk; none means all.
        limit: most chains.

    Raises:
        EntityNotFoundError: an id is unknown.
        InvalidInputError: both ids are the same, or ``max_hops`` or ``limit`` is less than 1.
    """
    if max_hops < 1 or limit < 1:
        raise InvalidInputError("a path needs at least one hop and a limit of at least 1")
    if from_id == to_id:
        raise InvalidInputError("a path leads from one entity to another; these two are the same")
    chains = Chains(store, from_id, to_id, types)
    found: list[list[Link]] = []
    for hops in range(1, max_hops + 1):
        found += chains.of_length(hops, limit - len(found))
        if len(found) == limit:
            break
    # What is on the chains shows which ends there are, so that nothing need be looked up before.
    entities, relations = _on(store, found, types) if found else (store.entities([from_id, to_id]), {})
    if missing := {from_id, to_id} - entities.keys():
        raise EntityNotFoundError(*sorted(missing))
    return [
        _path(from_id, chain, entities, relations)
        for chain in found
        if all(link.relation_id in relations for link in chain)  # else an end of it is missing
    ]


def order_relations(relations: Iterable[Relation]) -> tuple[Relation, ...]:
    """Sort relations as readers get them: the most confident first, ties by type, source and target."""
    return tuple(sorted(relations, key=lambda r: (-r.confidence, r.type, r.source_id, r.target_id)))


def _best_neighbors(found: Mapping[str, list[Neighbor]], fan_out: int) -> list[str]:
    """Return the neighbours that some entity brings in, by confidence x importance, the best first."""
    scores: dict[str, float] = {}
    for neighbors in found.values():
        brought: dict[str, float] = {}
        for one in neighbors:
            brought[one.id] = max(one.confidence * one.importance, brought.get(one.id, 0.0))
        for other in _ranked(brought)[:fan_out]:
            scores[other] = max(brought[other], scores.get(other, 0.0))
    return _ranked(scores)


def _ranked(scores: dict[str, float]) -> list[str]:
    return sorted(scores, key=lambda id_: (-scores[id_], id_))


def _on(
    store: GraphStore, chains: Sequence[Sequence[Link]], types: Collection[RelationType]
) -> tuple[dict[str, Entity], dict[str, Relation]]:
    """Return the entities on some chains and the relations among them, by id."""
    ids = {end for chain in chains for link in chain for end in (link.source_id, link.target_id)}
    most = len(RelationType) * len(ids) ** 2  # of each type one either way between any two
    entities, relations = store.subgraph(ids, types=types, limit=most)
    return entities, {relation.id: relation for relation in relations}


def _path(
    from_id: str,
    chain: Sequence[Link],
    entities: Mapping[str, Entity],
    relations: Mapping[str, Relation],
) -> Path:
    walked = [from_id]
    for link in chain:
        walked.append(link.other(walked[-1]))
    return Path(
        tuple(entities[id_] for id_ in walked),
        tuple(relations[link.relation_id] for link in chain),
        prod(link.confidence for link in chain),
    )
