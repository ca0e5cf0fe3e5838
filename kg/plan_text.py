"""Study plans for people to read: plain text, a Markdown checklist, a Mermaid diagram."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.escape import markdown_text, mermaid_label, one_line
from kg.model import Entity, Relation
from kg.plan import StudyPlan, StudyStep
from kg.reading import Reading

_ABOUT = "Reading time only, from words, code and tables; practice is not counted."


def as_text(plan: StudyPlan) -> str:
    """Return the plan as plain text, week by week."""
    lines = [
        f"Study plan: {_names(plan.goals)}",
        f"{_count(len(plan.steps), 'step')}, {_duration(plan.total_minutes)}, {_count(plan.weeks, 'week')}",
        *_asides(plan),
    ]
    names = _step_names(plan)
    for week, steps, questions in _by_week(plan):
        lines += ["", f"Week {week}"]
        for step in steps:
            lines.append(f"{step.position:4}. {one_line(step.entity.name)} ({step.minutes} min)")
            lines += [f"      {line}" for line in _step_notes(step, names)]
        lines += [f"      check: {one_line(question.name)}" for question in questions]
    return "\n".join([*lines, "", _ABOUT, ""])


def as_markdown(plan: StudyPlan) -> str:
    """Return the plan as a checklist with the reason for each step and where to read."""
    lines = [
        f"# Study plan: {markdown_text(_names(plan.goals))}",
        "",
        f"{_count(len(plan.steps), 'step')}, {_duration(plan.total_minutes)}, {_count(plan.weeks, 'week')}. "
        + _ABOUT,
    ]
    lines += [f"\n{markdown_text(line)}" for line in _asides(plan)]
    names = _step_names(plan)
    for week, steps, questions in _by_week(plan):
        lines += ["", f"## Week {week}", ""]
        for step in steps:
            lines.append(f"- [ ] **{markdown_text(step.entity.name)}** ({step.minutes} min)")
            lines += [f"  - {markdown_text(line)}" for line in _step_notes(step, names)]
        lines += ["", "Check yourself:", ""] if questions else []
        lines += [f"- [ ] **?** {markdown_text(question.name)}" for question in questions]
    return "\n".join([*lines, ""])


def as_mermaid(plan: StudyPlan) -> str:
    """Return the plan as a flowchart: a box for each step, grouped by week, an arrow for each reason."""
    numbers = {step.entity.id: step.position for step in plan.steps}
    lines = ["flowchart TD"]
    for week, steps, _ in filter(lambda of_week: of_week[1], _by_week(plan)):
        lines.append(f'    subgraph week{week}["Week {week}"]')
        for step in steps:
            label = mermaid_label(f"{step.entity.name} ({step.minutes} min)")
            lines.append(f"        step{step.position}[{label}]")
        lines.append("    end")
    arrows = sorted((numbers[one.source_id], numbers[one.target_id]) for one in plan.subgraph.relations)
    lines += [f"    step{source} --> step{target}" for source, target in arrows]
    return "\n".join([*lines, ""])


def describe_place(reading: Reading) -> str:
    """Return where a reading stands, as a person looks it up: file, line and section."""
    section = " > ".join(reading.passage.headings)
    place = f"{reading.document.path}, line {reading.passage.line}"
    return one_line(f"{place} ({section})" if section else place)


def describe_reason(relation: Relation, names: dict[str, str]) -> str:
    """Return what a step rests on and the words that say so."""
    return one_line(f"{names[relation.source_id]}: “{relation.evidence[0].quote}”")


def _step_names(plan: StudyPlan) -> dict[str, str]:
    return {step.entity.id: step.entity.name for step in plan.steps}


def _step_notes(step: StudyStep, names: dict[str, str]) -> Iterator[str]:
    if step.entity.description:
        yield one_line(step.entity.description)
    for relation in step.because:
        yield f"after {describe_reason(relation, names)}"
    for reading in step.readings:
        yield f"read {describe_place(reading)}, {reading.minutes} min"
    if step.alternatives:
        yield f"or {_names(step.alternatives)}"
    for question in step.questions:
        yield f"ask {one_line(question.name)}"


def _asides(plan: StudyPlan) -> Iterator[str]:
    for said, entities in (
        ("Most needed first", plan.key_prerequisites),
        ("Known already", plan.already_known),
        ("Deferred", plan.deferred),
    ):
        if entities:
            yield f"{said}: {_names(entities)}"


def _by_week(plan: StudyPlan) -> Iterator[tuple[int, list[StudyStep], tuple[Entity, ...]]]:
    """Yield each week in which something begins or is asked: its steps and its end's questions."""
    questions = {checkpoint.week: checkpoint.questions for checkpoint in plan.checkpoints}
    steps: dict[int, list[StudyStep]] = {}
    for step in plan.steps:
        steps.setdefault(step.week, []).append(step)
    for week in sorted(steps.keys() | questions.keys()):
        yield week, steps.get(week, []), questions.get(week, ())


def _names(entities: Iterable[Entity]) -> str:
    return ", ".join(one_line(entity.name) for entity in entities)


def _duration(minutes: int) -> str:
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
