"""Queries that the graph's services answer: search, walks, plans, answers, comparisons."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry import UNSET

from api import by_name
from api.arguments import MAX_DEPTH, confidence_floor, page_size, within
from api.described import field
from api.results import Answer, Comparison, Path, SearchResult, Subgraph, TradeOff
from api.study import ReadyEntity, StudyPlan, StudyPlanInput, first_day
from api.types import Entity, Info
from kg.answer import AnswerMode, ask
from kg.model import EntityKind, RelationType
from kg.plan import study_plan
from kg.search import SearchMode, search

From = Annotated[str, strawberry.argument(name="from")]
MaybeFrom = Annotated[str | None, strawberry.argument(name="from")]


@strawberry.type
class Questions:
    """Part of the query root: what the graph's services answer."""

    @field
    async def search(
        self,
        info: Info,
        query: str,
        mode: SearchMode | None = SearchMode.HYBRID,
        kinds: list[EntityKind] | None = UNSET,
        first: int | None = 10,
    ) -> SearchResult:
        """Entities and passages for a query in plain words."""
        backend = info.context.backend
        found = await backend.run(
            search,
            backend.store,
            backend.embedder,
            query,
            mode=mode or SearchMode.HYBRID,
            kinds=frozenset(kinds or ()),
            limit=page_size(first, 10),
        )
        return SearchResult(found=found)

    @field
    async def neighborhood(
        self,
        info: Info,
        of: list[str],
        depth: int | None = 1,
        types: list[RelationType] | None = UNSET,
        kinds: list[EntityKind] | None = UNSET,
        min_confidence: float | None = 0,
        limit: int | None = 100,
    ) -> Subgraph:
        """What lies around some entities, the best supported first."""
        backend = info.context.backend
        around = await backend.run(
            by_name.neighborhood,
            backend.store,
            of,
            depth=within("depth", 1 if depth is None else depth, 1, MAX_DEPTH),
            types=tuple(types or ()),
            kinds=tuple(kinds or ()),
            min_confidence=confidence_floor(min_confidence),
            limit=within("limit", 100 if limit is None else limit, 1, 1_000),
        )
        return Subgraph.of(around)

    @field
    async def paths(
        self,
        info: Info,
        from_: From,
        to: str,
        max_hops: int | None = 4,
        types: list[RelationType] | None = UNSET,
        first: int | None = 3,
    ) -> list[Path]:
        """How one entity is tied to another: the best chains of relations between them."""
        backend = info.context.backend
        found = await backend.run(
            by_name.find_paths,
            backend.store,
            from_,
            to,
            max_hops=within("maxHops", 4 if max_hops is None else max_hops, 1, 8),
            types=tuple(types or ()),
            limit=page_size(first, 3),
        )
        return [Path.of(path) for path in found]

    @field
    async def prerequisites(self, info: Info, of: str, depth: int | None = UNSET) -> Subgraph:
        """All that leads up to an entity, as an acyclic graph without redundant edges."""
        backend = info.context.backend
        steps = within("depth", depth, 1, 100) if isinstance(depth, int) else None
        return Subgraph.of(await backend.run(by_name.prerequisites, backend.store, of, depth=steps))

    @field
    async def learning_path(self, info: Info, to: str, from_: MaybeFrom = UNSET) -> list[Entity]:
        """The shortest well-supported order of study from what is known to the goal."""
        backend = info.context.backend
        order = await backend.run(by_name.learning_path, backend.store, from_ or None, to)
        return [Entity.of(entity) for entity in order]

    @field
    async def study_plan(self, info: Info, input: StudyPlanInput) -> StudyPlan:  # noqa: A002
        """A plan that reaches the goals in prerequisite order, in the time there is."""
        backend = info.context.backend
        made = await backend.run(
            study_plan,
            backend.store,
            goals=input.goals,
            known=input.known or (),
            hours_per_week=5.0 if input.hours_per_week is None else input.hours_per_week,
            max_weeks=input.max_weeks if isinstance(input.max_weeks, int) else None,
            start_date=first_day(input.start_date),
        )
        return StudyPlan.of(made)

    @field
    async def ready(
        self, info: Info, known: list[str], goals: list[str] | None = UNSET, first: int | None = 10
    ) -> list[ReadyEntity]:
        """What can be learned next."""
        backend = info.context.backend
        found = await backend.run(
            by_name.ready, backend.store, known, goals=goals or None, limit=page_size(first, 10)
        )
        return [ReadyEntity.of(each) for each in found]

    @field
    async def ask(
        self, info: Info, question: str, mode: AnswerMode | None = AnswerMode.AUTO, first: int | None = 8
    ) -> Answer:
        """An answer in the material's own sentences, each cited; or none, rather than a guess."""
        backend = info.context.backend
        given = await backend.run(
            ask,
            backend.store,
            backend.embedder,
            question,
            mode=mode or AnswerMode.AUTO,
            limit=page_size(first, 8),
        )
        return Answer.of(given)

    @field
    async def compare(self, info: Info, a: str, b: str) -> Comparison:
        """What two entities share, and what sets them apart."""
        backend = info.context.backend
        return Comparison.of(await backend.run(by_name.compare, backend.store, backend.embedder, a, b))

    @field
    async def trade_offs(self, info: Info, of: str | None = UNSET, first: int | None = 20) -> list[TradeOff]:
        """Trade-offs that an entity takes part in, or those of the whole graph."""
        backend = info.context.backend
        found = await backend.run(by_name.trade_offs, backend.store, of or None, limit=page_size(first, 20))
        return [TradeOff.of(trade_off) for trade_off in found]
