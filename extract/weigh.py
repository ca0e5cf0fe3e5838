"""Trade-offs that a single sentence states, and which of those claimed are one and the same choice."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from kg.model import Entity, EntityKind, Evidence, Mention, Relation, RelationType
from kg.names import content_id

_MARKUP = re.compile(r"[*`|]+|\s+")
_SURE = 0.6  # both effects must be: one misread verb would make a trade-off of nothing
_CHOICES = frozenset({"trade-off-choice", "trade-off-compared", "trade-off-table", "trade-off-lists"})
"""Rules that name a choice by its sides: "RAG or long context" is "Long context or RAG"."""
_BETTER = frozenset({RelationType.IMPROVES, RelationType.MITIGATES})


def weigh(
    relations: Iterable[Relation], entities: Mapping[str, Entity]
) -> tuple[list[Entity], list[Relation], list[Mention]]:
    """Return a trade-off for each sentence that says both what a thing improves and what it worsens.

    "Reranking improves precision but adds latency" weighs precision against latency, and reranking is
    what one chooses or not; all three are its sides.
    """
    effects: dict[tuple[str, Evidence], list[Relation]] = defaultdict(list)
    for relation in relations:
        if relation.confidence >= _SURE and (
            relation.type in _BETTER or relation.type is RelationType.WORSENS
        ):
            for evidence in relation.evidence:
                effects[relation.source_id, evidence].append(relation)
    found: dict[str, tuple[Entity, list[Relation], Mention]] = {}
    for (chosen, evidence), stated in sorted(effects.items()):
        better = [relation for relation in stated if relation.type in _BETTER]
        worse = [relation for relation in stated if relation.type is RelationType.WORSENS]
        # One of two that say the opposite of each other is misread.
        opposed = {one.target_id for one in better} & {one.target_id for one in worse}
        better = [relation for relation in better if relation.target_id not in opposed]
        worse = [relation for relation in worse if relation.target_id not in opposed]
        if better and worse and entities[chosen].kind is not EntityKind.RISK:
            entity, sides = _trade_off(entities, chosen, better, worse, evidence)
            mention = Mention(
                entity_id=entity.id, passage_id=evidence.passage_id, count=1, start=0, quote=evidence.quote
            )
            found.setdefault(entity.id, (entity, sides, mention))
    listed = [found[entity_id] for entity_id in sorted(found)]
    return (
        [entity for entity, _, _ in listed],
        [side for _, sides, _ in listed for side in sides],
        [mention for _, _, mention in listed],
    )


def same_choices(relations: Iterable[Relation]) -> dict[str, str]:
    """Return of the choices between the same sides, by id, the one that tells most of them."""
    sides: dict[str, set[str]] = defaultdict(set)
    told: Counter[str] = Counter()
    otherwise: set[str] = set()
    for relation in relations:
        if relation.type is RelationType.TRADES_OFF:
            sides[relation.source_id].add(relation.target_id)
            told[relation.source_id] += len(relation.gains) + len(relation.costs)
            if not _CHOICES.issuperset(relation.found_by):
                otherwise.add(relation.source_id)
    alike: dict[frozenset[str], list[str]] = defaultdict(list)
    for choice in sorted(sides.keys() - otherwise):
        alike[frozenset(sides[choice])].append(choice)
    best = {
        choice: min(group, key=lambda it: (-told[it], it)) for group in alike.values() for choice in group
    }
    return {choice: one for choice, one in best.items() if choice != one}


def _trade_off(
    entities: Mapping[str, Entity],
    chosen: str,
    better: list[Relation],
    worse: list[Relation],
    evidence: Evidence,
) -> tuple[Entity, list[Relation]]:
    gained = " and ".join(entities[relation.target_id].name.lower() for relation in better[:2])
    lost = " and ".join(entities[relation.target_id].name.lower() for relation in worse[:2])
    said = _MARKUP.sub(" ", evidence.quote).strip()
    entity = Entity(
        id=content_id("e", "weighed", chosen, *(relation.id for relation in (*better, *worse))),
        name=f"{entities[chosen].name}: {gained} against {lost}",
        kind=EntityKind.TRADE_OFF,
        description=said,
    )
    confidence = round(min(relation.confidence for relation in (*better, *worse)), 4)
    words: tuple[str, ...] = (said,)
    none: tuple[str, ...] = ()
    sides = {chosen: (words, words)}
    sides |= {relation.target_id: (none, words) for relation in worse}
    sides |= {relation.target_id: (words, none) for relation in better}
    return entity, [
        Relation(
            source_id=entity.id,
            target_id=side,
            type=RelationType.TRADES_OFF,
            confidence=confidence,
            found_by=("weighed-in-one-sentence",),
            evidence=(evidence,),
            gains=gains,
            costs=costs,
        )
        for side, (gains, costs) in sides.items()
    ]
