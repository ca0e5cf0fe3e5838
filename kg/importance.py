"""How much of the graph's attention each entity holds."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable

import numpy as np

from kg.model import Mention, Relation, RelationType
from kg.walk import build_graph, walk

_DAMPING = 0.85  # far walks, as for web pages: importance is a matter of the whole graph
_UNTYPED_WEIGHT = 0.3  # RELATED_TO says less than any other type
_FLOOR = 1e-4  # of an even share: what a walk may leave unsettled at each entity
_DIGITS = 10


def importance(
    entity_ids: Collection[str], relations: Iterable[Relation], mentions: Iterable[Mention]
) -> dict[str, float]:
    """Return each entity's share of attention, summing to 1 (to nine digits), whatever the order of input.

    PageRank of walkers that start at every entity alike and go over relations, by confidence, and
    through the passages that mention entities together. A walker at an entity goes through a mention
    with the weight of an inverse document frequency, so that a word found in every other passage
    does not lead only because it is everywhere.

    Args:
        entity_ids: whom to rank; relations and mentions of others are left out.
        relations: ties between entities.
        mentions: ties through passages.
    """
    known = set(entity_ids)
    if not known:
        return {}
    held = [mention for mention in mentions if mention.entity_id in known]
    passages = sorted({mention.passage_id for mention in held})
    spread = Counter(mention.entity_id for mention in held)
    tied = [one for one in relations if one.source_id in known and one.target_id in known]
    ties = [(one.source_id, one.target_id, _weight(one)) for one in tied]
    graph = build_graph(
        [[passage_id] for passage_id in passages],
        known,
        [
            (one.passage_id, one.entity_id, one.count * _rarity(len(passages), spread[one.entity_id]))
            for one in held
        ],
        ties,
        {},
    )
    seeds = {graph.number[entity_id]: 1.0 for entity_id in sorted(known)}
    rank = walk(graph, seeds, damping=_DAMPING, floor=_FLOOR / len(known))[graph.passage_count :]
    shares = np.round(rank / rank.sum(), _DIGITS)
    return dict(zip(graph.ids[graph.passage_count :], shares.tolist(), strict=True))


def _rarity(passages: int, holding: int) -> float:
    return math.log(1 + passages / holding)


def _weight(relation: Relation) -> float:
    return relation.confidence * (_UNTYPED_WEIGHT if relation.type is RelationType.RELATED_TO else 1.0)
