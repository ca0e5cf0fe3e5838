"""Topics: groups of entities that belong together, found in the graph itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations

from graspologic_native import hierarchical_leiden  # type: ignore[import-untyped]

from kg.model import Entity, EntityKind, Mention, Relation, RelationType, Topic
from kg.names import content_id, name_key

Pair = tuple[str, str]
Weights = Mapping[Pair, float]

_SEED = 7  # any number: the same graph must give the same topics
_LARGEST_UNDIVIDED = 25  # entities; a coarse topic beyond this is divided once more
_SMALLEST = 3  # fewer entities are no topic
_COMMON = 12  # most entities of a passage that are tied to each other: all pairs would be quadratic
_COMENTION_WEIGHT = 0.5  # of a passage's ties together with one entity, against 1 for a sure relation
_UNTYPED_WEIGHT = 0.3  # RELATED_TO says less than any other type
_TITLE_NAMES = 3
_UNTITLED = {EntityKind.QUESTION, EntityKind.RESOURCE, EntityKind.TRADE_OFF}  # too long for a title
_DIGITS = 6


def find_topics(
    entities: Iterable[Entity], relations: Iterable[Relation], mentions: Iterable[Mention]
) -> tuple[Topic, ...]:
    """Divide the graph into topics of two levels by hierarchical Leiden (Traag et al., 2019).

    Entities are tied by their relations and by being mentioned together. Level 0 covers every entity
    that is tied to something, but for groups of one or two; level 1 divides the large topics of level
    0, so that a small one has none below it. The same graph in any order gives the same topics.
    """
    known = {entity.id: entity for entity in entities}
    weights = _ties(known, relations, mentions)
    if not weights:
        return ()
    clusters = hierarchical_leiden(
        [(one, other, weight) for (one, other), weight in weights.items()],
        max_cluster_size=_LARGEST_UNDIVIDED,
        seed=_SEED,
        iterations=3,
    )
    groups: dict[tuple[int, int], set[str]] = defaultdict(set)
    parents: dict[tuple[int, int], int] = {}
    for place in clusters:
        if place.level <= 1:
            groups[place.level, place.cluster].add(place.node)
            parents[place.level, place.cluster] = place.parent_cluster
    neighbors = _neighbors(weights)
    coarse = {
        number: _topic(0, members, None, known, neighbors)
        for (level, number), members in groups.items()
        if level == 0 and len(members) >= _SMALLEST
    }
    fine = [
        _topic(1, members, coarse[parents[level, number]].id, known, neighbors)
        for (level, number), members in groups.items()
        if level == 1 and len(members) >= _SMALLEST
    ]
    topics = [*coarse.values(), *fine]
    return tuple(sorted(topics, key=lambda topic: (topic.level, -len(topic.entity_ids), topic.id)))


def _ties(
    known: Mapping[str, Entity], relations: Iterable[Relation], mentions: Iterable[Mention]
) -> dict[Pair, float]:
    """Return how strongly entities are tied, by ordered pair, sorted; sums run in a fixed order."""
    parts: dict[Pair, list[float]] = defaultdict(list)
    for relation in relations:
        if relation.source_id in known and relation.target_id in known:
            untyped = relation.type is RelationType.RELATED_TO
            weight = relation.confidence * (_UNTYPED_WEIGHT if untyped else 1.0)
            parts[_pair(relation.source_id, relation.target_id)].append(weight)
    together: dict[str, list[tuple[int, str]]] = defaultdict(list)
    spread: Counter[str] = Counter()
    for mention in mentions:
        if mention.entity_id in known:
            together[mention.passage_id].append((-mention.count, mention.entity_id))
            spread[mention.entity_id] += 1
    for held in together.values():
        common = sorted(entity_id for _, entity_id in sorted(held)[:_COMMON])
        for one, other in combinations(common, 2):
            # A name found everywhere ties to everything and so tells nothing: it is divided by its spread.
            weight = _COMENTION_WEIGHT / (len(common) - 1) / max(spread[one], spread[other]) ** 0.5
            parts[one, other].append(weight)
    return {pair: sum(sorted(parts[pair])) for pair in sorted(parts)}


def _pair(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)


def _neighbors(weights: Weights) -> dict[str, list[tuple[str, float]]]:
    neighbors: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for (one, other), weight in weights.items():
        neighbors[one].append((other, weight))
        neighbors[other].append((one, weight))
    return neighbors


def _topic(
    level: int,
    members: Collection[str],
    parent_id: str | None,
    known: Mapping[str, Entity],
    neighbors: Mapping[str, Sequence[tuple[str, float]]],
) -> Topic:
    """Rank the members by importance and by how much of their ties stays inside, and name the topic."""
    central: dict[str, float] = {}
    for one in sorted(members):
        inside = sum(weight for other, weight in neighbors[one] if other in members)
        outside = sum(weight for other, weight in neighbors[one] if other not in members)
        # The square keeps a name that every topic shares from leading any of them.
        central[one] = known[one].importance * (inside / (inside + outside)) ** 2
    total = sum(central.values()) or 1.0
    scores = {one: round(score / total, _DIGITS) for one, score in central.items()}
    ranked = sorted(scores, key=lambda one: (-scores[one], known[one].name, one))
    names = _telling_names([known[one] for one in ranked])
    return Topic(
        id=content_id("t", str(level), *sorted(members)),
        level=level,
        title=_listed(names),
        summary=_summary([known[one] for one in ranked], names),
        entity_ids=tuple(ranked),
        scores=tuple(scores[one] for one in ranked),
        parent_id=parent_id,
    )


def _telling_names(ranked: Sequence[Entity]) -> list[str]:
    """Return the first few names, without those that only repeat the words of one before."""
    names: list[str] = []
    used: list[set[str]] = []
    for entity in [entity for entity in ranked if entity.kind not in _UNTITLED] or ranked:
        words = set(name_key(entity.name).split())
        if not any(words <= other or other <= words for other in used):
            names.append(entity.name)
            used.append(words)
    return names[:_TITLE_NAMES]


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _summary(ranked: Sequence[Entity], title: Sequence[str]) -> str:
    """Say what else is in the topic, and what its most central entity is, as far as the material says."""
    others = [entity.name for entity in ranked if entity.name not in title and entity.kind not in _UNTITLED]
    more = len(ranked) - len(title) - len(others[:_TITLE_NAMES])
    parts = [*others[:_TITLE_NAMES], *([f"{more} more"] if more else [])]
    first = f"{_listed(title)}, with {_listed(parts)}." if parts else f"{_listed(title)}."
    described = next((one.description for one in ranked if one.name in title and one.description), None)
    return f"{first} {described}" if described else first
