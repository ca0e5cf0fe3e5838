"""Study plans: from goals, what is known and hours a week to steps in prerequisite order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf

from kg.errors import EntityNotFoundError, InvalidInputError
from kg.lookup import find_entities
from kg.model import Direction, Entity, Relation, RelationType
from kg.names import name_key
from kg.order import descendants, reduce_links
from kg.paths import Subgraph, order_relations
from kg.prerequisites import Need, find_need, order_of_study
from kg.reading import Reading, choose_readings
from kg.schedule import Slot, find_critical_path, fit_into_weeks, lay_over_weeks
from kg.store import GraphStore, Link

MIN_HOURS_PER_WEEK, MAX_HOURS_PER_WEEK = 0.1, 168.0

_KEY_PREREQUISITES = 5
_ALTERNATIVES = 5  # of one step
_QUESTIONS = 3  # of one step
_CHECKPOINT_QUESTIONS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyStep:
    """One entity to learn: when, why then, from what, and what to ask oneself."""

    position: int  # from 1
    week: int  # in which it begins, from 1
    entity: Entity
    minutes: int  # of its readings; 0 where it has none of its own
    slack_minutes: int  # by which it can slip without moving the end
    because: tuple[Relation, ...]  # from earlier steps that it rests on
    alternatives: tuple[Entity, ...]
    readings: tuple[Reading, ...]
    questions: tuple[Entity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A week's end: questions on what it taught, then on the prerequisites that this exercised."""

    week: int
    questions: tuple[Entity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPlan:
    """What to learn in which order, laid over weeks."""

    goals: tuple[Entity, ...]
    key_prerequisites: tuple[Entity, ...]  # unknown, that the goals need most; most needed first
    steps: tuple[StudyStep, ...]
    checkpoints: tuple[Checkpoint, ...]  # of the weeks that there are questions for
    weeks: int
    total_minutes: int  # of reading; practice is not counted
    critical_path: tuple[Entity, ...]  # the heaviest chain of prerequisites
    already_known: tuple[Entity, ...]
    deferred: tuple[Entity, ...]  # what did not fit into the weeks, least important first
    subgraph: Subgraph  # the steps, and the prerequisites that fix their order
    hours_per_week: float
    start_date: date | None


def study_plan(
    store: GraphStore,
    *,
    goals: Sequence[str],
    known: Sequence[str] = (),
    hours_per_week: float = 5.0,
    max_weeks: int | None = None,
    start_date: date | None = None,
) -> StudyPlan:
    """Plan the way to some goals: each step after all that it rests on, none that is known.

    Args:
        store: what there is to learn.
        goals: names, aliases or ids of entities, or names of tracks; reached in this order.
        known: likewise of entities already understood; these and what only they need are left out.
        hours_per_week: time to read, 0.1 to 168. A step that takes longer than a week spans several.
        max_weeks: stop after so many; None for as long as it takes.
        start_date: first day, for a calendar.

    Raises:
        EntityNotFoundError: naming every goal and known entity that the graph does not have.
        InvalidInputError: no goals, a number out of range, or a track of which the graph has nothing.
    """
    _check(goals, hours_per_week, max_weeks)
    wanted, understood = _resolve(store, goals, known)
    course = _chart(store, wanted, understood)
    kept, deferred = fit_into_weeks(
        course.order,
        course.minutes,
        course.need.links,
        week_minutes=hours_per_week * 60,
        max_weeks=inf if max_weeks is None else max_weeks,
        # A goal goes after what leads to no goal any more.
        worth={id_: (id_ in course.goal_ids, course.entities[id_].importance) for id_ in course.order},
    )
    slots = lay_over_weeks([course.minutes[id_] for id_ in kept], hours_per_week * 60)
    step_slots = dict(zip(kept, slots, strict=True))
    links = [link for link in course.need.links if link.target_id in step_slots]
    critical, slack = find_critical_path(kept, course.minutes, links)
    steps = _steps(store, course, step_slots, links, slack)
    return StudyPlan(
        goals=tuple(wanted),
        key_prerequisites=_key_prerequisites(course),
        steps=steps,
        checkpoints=_checkpoints(steps, slots),
        weeks=slots[-1].last_week if slots else 0,
        total_minutes=sum(step.minutes for step in steps),
        critical_path=tuple(course.entities[id_] for id_ in critical),
        already_known=tuple(understood),
        deferred=tuple(course.entities[id_] for id_ in deferred),
        subgraph=_subgraph(steps, links, course.need.truncated),
        hours_per_week=hours_per_week,
        start_date=start_date,
    )


@dataclass(frozen=True, slots=True)
class _Course:
    """What is to be learned, in order, before it is laid over weeks."""

    goal_ids: tuple[str, ...]  # those not known yet
    need: Need
    entities: Mapping[str, Entity]
    order: list[str]
    readings: Mapping[str, tuple[Reading, ...]]
    minutes: Mapping[str, int]


def _check(goals: Sequence[str], hours_per_week: float, max_weeks: int | None) -> None:
    if not goals:
        raise InvalidInputError("a study plan needs at least one goal: the name of an entity or of a track")
    if not MIN_HOURS_PER_WEEK <= hours_per_week <= MAX_HOURS_PER_WEEK:
        raise InvalidInputError(
            f"hours per week must be {MIN_HOURS_PER_WEEK} to {MAX_HOURS_PER_WEEK:g}, not {hours_per_week}"
        )
    if max_weeks is not None and max_weeks < 1:
        raise InvalidInputError(f"a plan takes at least 1 week, not {max_weeks}")


def _resolve(
    store: GraphStore, goals: Sequence[str], known: Sequence[str]
) -> tuple[list[Entity], list[Entity]]:
    """Return the entities that the goals, tracks among them, and the known names stand for."""
    tracks = {
        name_key(name): track for track in reversed(store.tracks()) for name in (*track.aliases, track.name)
    }
    chosen = {goal: track for goal in goals if (track := tracks.get(name_key(goal)))}
    found = find_entities(store, [*goals, *known, *(name for one in chosen.values() for name in one.goals)])
    missing = [ref for ref in dict.fromkeys((*goals, *known)) if ref not in found and ref not in chosen]
    if missing:
        raise EntityNotFoundError(*missing)
    wanted: list[Entity] = []
    for goal in goals:
        of_goal = (
            [found[name] for name in chosen[goal].goals if name in found] if goal in chosen else [found[goal]]
        )
        if not of_goal:
            raise InvalidInputError(
                f"the graph has nothing of the track {goal!r}; ingest material that covers it"
            )
        wanted += of_goal
    return _distinct(wanted), _distinct(found[name] for name in known)


def _chart(store: GraphStore, wanted: Sequence[Entity], understood: Sequence[Entity]) -> _Course:
    known = {one.id for one in understood}
    goal_ids = tuple(one.id for one in wanted if one.id not in known)
    need = find_need(store, goal_ids, known)
    entities = store.entities(need.ids)
    order = order_of_study(goal_ids, need.links, entities)
    readings = choose_readings(store, [entities[id_] for id_ in order])
    minutes = {id_: sum(one.minutes for one in readings.get(id_, ())) for id_ in order}
    return _Course(goal_ids, need, entities, order, readings, minutes)


def _key_prerequisites(course: _Course) -> tuple[Entity, ...]:
    """Return what most goals, and then most steps on the way to them, rest on."""
    after = descendants(course.need.links)
    goals = set(course.goal_ids)
    needed = {id_: (len(after.get(id_, set()) & goals), len(after.get(id_, ()))) for id_ in course.order}
    ranked = sorted(
        (one for one in course.entities.values() if one.id not in goals),
        key=lambda one: (*(-count for count in needed[one.id]), -one.importance, one.id),
    )
    return tuple(ranked[:_KEY_PREREQUISITES])


def _steps(
    store: GraphStore,
    course: _Course,
    slots: Mapping[str, Slot],
    links: Sequence[Link],
    slack: Mapping[str, int],
) -> tuple[StudyStep, ...]:
    because: dict[str, list[Relation]] = {}
    for relation in store.relations([link.relation_id for link in links]).values():
        because.setdefault(relation.target_id, []).append(relation)
    alternatives = _neighbors(store, slots, RelationType.ALTERNATIVE_TO, _ALTERNATIVES)
    questions = _neighbors(store, slots, RelationType.ASKS_ABOUT, _QUESTIONS)
    return tuple(
        StudyStep(
            position=position,
            week=slot.first_week,
            entity=course.entities[id_],
            minutes=course.minutes[id_],
            slack_minutes=slack[id_],
            because=order_relations(because.get(id_, ())),
            alternatives=alternatives[id_],
            readings=course.readings.get(id_, ()),
            questions=questions[id_],
        )
        for position, (id_, slot) in enumerate(slots.items(), start=1)
    )


def _neighbors(
    store: GraphStore, ids: Collection[str], type_: RelationType, limit: int
) -> dict[str, tuple[Entity, ...]]:
    """Return for each id the entities that point at it by relations of one type, the surest first."""
    found = store.links(ids, direction=Direction.IN, types=[type_], limit=limit)
    entities = store.entities({link.other(id_) for id_, links in found.items() for link in links})
    return {id_: tuple(entities[link.other(id_)] for link in found.get(id_, ())) for id_ in ids}


def _checkpoints(steps: Sequence[StudyStep], slots: Sequence[Slot]) -> tuple[Checkpoint, ...]:
    """Ask at each week's end about what it finished, then about what that rests on."""
    by_id = {step.entity.id: step for step in steps}
    asked: dict[int, list[Entity]] = {}
    exercised: dict[int, list[Entity]] = {}
    for step, slot in zip(steps, slots, strict=True):
        asked.setdefault(slot.last_week, []).extend(step.questions)
        for relation in step.because:
            exercised.setdefault(slot.last_week, []).extend(by_id[relation.source_id].questions)
    questions = {
        week: _distinct([*asked[week], *exercised.get(week, ())])[:_CHECKPOINT_QUESTIONS]
        for week in sorted(asked)
    }
    return tuple(Checkpoint(week=week, questions=tuple(few)) for week, few in questions.items() if few)


def _subgraph(steps: Sequence[StudyStep], links: Sequence[Link], truncated: bool) -> Subgraph:
    reduced = {link.relation_id for link in reduce_links(links)}
    relations = order_relations(one for step in steps for one in step.because if one.id in reduced)
    return Subgraph(tuple(step.entity for step in steps), relations, truncated)


def _distinct(entities: Iterable[Entity]) -> list[Entity]:
    return list({entity.id: entity for entity in entities}.values())
