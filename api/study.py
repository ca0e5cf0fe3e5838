"""What to learn and in which order, as GraphQL types."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import strawberry
from strawberry import UNSET

from api.described import field, graphql_input, graphql_type
from api.results import Subgraph
from api.types import Entity, Info, Passage, Relation, join_relations
from kg import model, plan, prerequisites
from kg.errors import InvalidInputError
from kg.plan_export import PlanFormat, export_plan


@graphql_input("StudyPlanInput")
class StudyPlanInput:
    """What to learn, from where, and in how much time."""

    goals: list[str] = strawberry.field(
        description="Names or aliases of what to learn, or of a role track; at least one."
    )
    known: list[str] | None = strawberry.field(
        default_factory=list,
        description="Names or aliases already understood: these, and what only they need, are left out.",
    )
    hours_per_week: float | None = 5
    max_weeks: int | None = strawberry.field(
        default=UNSET,
        description="Stop after this many weeks; what does not fit is listed as deferred, "
        "least important first.",
    )
    start_date: str | None = strawberry.field(
        default=UNSET, description="First day of the plan, ISO 8601; needed for calendar export."
    )


def first_day(text: str | None) -> date | None:
    """Read a start date.

    Raises:
        InvalidInputError: it is no ISO 8601 date.
    """
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError(f"a start date is written like 2027-01-31, not {text!r}") from error


@graphql_type
class Reading:
    """A passage to read for a step."""

    passage: Passage
    minutes: int


@graphql_type
class StudyStep:
    """One entity to learn, with why, what to read and what to ask oneself."""

    position: int
    week: int
    entity: Entity
    minutes: int
    slack_minutes: int = strawberry.field(
        description="Minutes by which the step can slip without moving the end."
    )
    alternatives: list[Entity]
    questions: list[Entity]
    step: strawberry.Private[plan.StudyStep]

    @classmethod
    def of(cls, step: plan.StudyStep) -> StudyStep:
        """Show a step."""
        return cls(
            position=step.position,
            week=step.week,
            entity=Entity.of(step.entity),
            minutes=step.minutes,
            slack_minutes=step.slack_minutes,
            alternatives=_shown(step.alternatives),
            questions=_shown(step.questions),
            step=step,
        )

    @field
    async def because(self, info: Info) -> list[Relation]:
        """Relations from earlier steps that this one rests on, each with its evidence."""
        return await join_relations(info, self.step.because)

    @field
    async def readings(self, info: Info) -> list[Reading]:
        """Passages to read, the best first."""
        readings = self.step.readings
        found = await info.context.loaders.passage.load_many([reading.passage.id for reading in readings])
        return [
            Reading(passage=Passage.of(cited), minutes=reading.minutes)
            for reading, cited in zip(readings, found, strict=True)
            if cited is not None
        ]


@graphql_type
class Checkpoint:
    """A week's end: questions on that week's entities and on the prerequisites that they exercise."""

    week: int
    questions: list[Entity]


@graphql_type
class StudyPlan:
    """Steps in prerequisite order, laid over weeks."""

    goals: list[Entity]
    key_prerequisites: list[Entity] = strawberry.field(
        description="The few unknown prerequisites that the goals need most, most needed first."
    )
    steps: list[StudyStep]
    checkpoints: list[Checkpoint]
    weeks: int
    total_minutes: int = strawberry.field(
        description="Reading time, from words, code and tables; practice is not counted."
    )
    critical_path: list[Entity] = strawberry.field(
        description="The heaviest chain of prerequisites: what fixes the earliest end."
    )
    already_known: list[Entity]
    deferred: list[Entity]
    subgraph: Subgraph = strawberry.field(description="The prerequisite relations that fix the order.")
    made: strawberry.Private[plan.StudyPlan]

    @classmethod
    def of(cls, made: plan.StudyPlan) -> StudyPlan:
        """Show a plan."""
        return cls(
            goals=_shown(made.goals),
            key_prerequisites=_shown(made.key_prerequisites),
            steps=[StudyStep.of(step) for step in made.steps],
            checkpoints=[
                Checkpoint(week=each.week, questions=_shown(each.questions)) for each in made.checkpoints
            ],
            weeks=made.weeks,
            total_minutes=made.total_minutes,
            critical_path=_shown(made.critical_path),
            already_known=_shown(made.already_known),
            deferred=_shown(made.deferred),
            subgraph=Subgraph.of(made.subgraph),
            made=made,
        )

    @field
    async def export(self, info: Info, format: PlanFormat) -> str:  # noqa: A002 - the contract's word
        """The plan as a file to keep: a checklist, a calendar, flash cards."""
        return await info.context.backend.run(export_plan, self.made, format)


@graphql_type
class ReadyEntity:
    """An entity whose prerequisites are all known, and how much of the way to the goals it opens."""

    entity: Entity
    unlocks: int
    ready: strawberry.Private[prerequisites.Ready]

    @classmethod
    def of(cls, ready: prerequisites.Ready) -> ReadyEntity:
        """Show what can be learned next."""
        return cls(entity=Entity.of(ready.entity), unlocks=ready.unlocks, ready=ready)

    @field
    async def because(self, info: Info) -> list[Relation]:
        """Relations from what is known already."""
        return await join_relations(info, self.ready.because)


def _shown(entities: Iterable[model.Entity]) -> list[Entity]:
    return [Entity.of(entity) for entity in entities]
