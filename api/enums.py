"""The closed lists of the graph, made known to GraphQL."""

from __future__ import annotations

from enum import EnumMeta

import strawberry

from kg.answer import AnswerMode
from kg.export import GraphFormat
from kg.model import Difficulty, Direction, EntityKind, RelationType
from kg.plan_export import PlanFormat
from kg.search import SearchMode
from kg.store import EntityOrder

_SEARCH_MODES = {
    "HYBRID": "Keyword and vector rankings fused.",
    "KEYWORD": "By the words of the query.",
    "VECTOR": "By meaning, as the embedding model has it.",
    "GRAPH": (
        "HYBRID, then carried along the graph's relations: "
        "for questions whose evidence is spread over documents."
    ),
}


def _search_modes() -> EnumMeta:
    enum = strawberry.enum(SearchMode, description="How a search ranks.")
    for value in enum.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = _SEARCH_MODES[value.name]
    return enum


ENUMS: tuple[EnumMeta, ...] = (
    strawberry.enum(EntityKind, description="What sort of thing an entity is."),
    strawberry.enum(RelationType, description="How two entities are tied: source TYPE target."),
    strawberry.enum(Difficulty, description="How much a reader must bring along."),
    strawberry.enum(Direction, description="Which relations of an entity are meant."),
    strawberry.enum(EntityOrder, description="Order of a list of entities."),
    strawberry.enum(AnswerMode, description="How an answer is looked for."),
    strawberry.enum(PlanFormat, description="What a study plan can be written as."),
    strawberry.enum(GraphFormat, description="What a graph can be written as."),
    _search_modes(),
)
