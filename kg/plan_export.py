"""Study plans as files to keep: a checklist, a calendar, flash cards, data for other tools."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from enum import StrEnum
from io import StringIO
from math import ceil
from typing import Any

from kg.calendar import Event, write_calendar
from kg.errors import InvalidInputError
from kg.escape import one_line, spreadsheet_cell
from kg.model import Entity
from kg.plan import StudyPlan, StudyStep
from kg.plan_text import as_markdown, as_mermaid, as_text, describe_place, describe_reason

_DAYS = 7  # of a week


class PlanFormat(StrEnum):
    """What a plan can be written as."""

    TEXT = "TEXT"
    MARKDOWN = "MARKDOWN"
    JSON = "JSON"
    MERMAID = "MERMAID"
    ANKI_TSV = "ANKI_TSV"
    ICS = "ICS"
    CSV = "CSV"


def export_plan(plan: StudyPlan, format: PlanFormat) -> str:  # noqa: A002 - the contract's word
    """Write a plan in a format; the same plan gives the same text, and people's words stay words in it.

    Raises:
        InvalidInputError: a calendar is asked of a plan that has no start date or ends past the year 9999.
    """
    return _WRITERS[format](plan)


def _as_json(plan: StudyPlan) -> str:
    """Return the plan under the names that the GraphQL contract has for its fields."""
    content = {
        "goals": _briefs(plan.goals),
        "startDate": plan.start_date and plan.start_date.isoformat(),
        "hoursPerWeek": plan.hours_per_week,
        "weeks": plan.weeks,
        "totalMinutes": plan.total_minutes,
        "keyPrerequisites": _briefs(plan.key_prerequisites),
        "steps": [_step_content(step) for step in plan.steps],
        "checkpoints": [{"week": one.week, "questions": _briefs(one.questions)} for one in plan.checkpoints],
        "criticalPath": _briefs(plan.critical_path),
        "alreadyKnown": _briefs(plan.already_known),
        "deferred": _briefs(plan.deferred),
    }
    return json.dumps(content, indent=2) + "\n"


def _step_content(step: StudyStep) -> dict[str, Any]:
    return {
        "position": step.position,
        "week": step.week,
        "entity": _brief(step.entity) | {"description": step.entity.description},
        "minutes": step.minutes,
        "slackMinutes": step.slack_minutes,
        "because": [
            {
                "id": one.id,
                "sourceId": one.source_id,
                "confidence": one.confidence,
                "quotes": [evidence.quote for evidence in one.evidence],
            }
            for one in step.because
        ],
        "alternatives": _briefs(step.alternatives),
        "readings": [
            {
                "passageId": one.passage.id,
                "path": one.document.path,
                "line": one.passage.line,
                "headings": list(one.passage.headings),
                "minutes": one.minutes,
            }
            for one in step.readings
        ],
        "questions": _briefs(step.questions),
    }


def _as_csv(plan: StudyPlan) -> str:
    names = {step.entity.id: step.entity.name for step in plan.steps}
    out = StringIO()
    rows = csv.writer(out)
    rows.writerow("position week entity kind minutes slack_minutes because readings questions".split())
    for step in plan.steps:
        said = (
            step.entity.name,
            step.entity.kind,
            "; ".join(describe_reason(one, names) for one in step.because),
            "; ".join(describe_place(one) for one in step.readings),
            "; ".join(one.name for one in step.questions),
        )
        name, kind, because, readings, questions = map(spreadsheet_cell, said)
        numbers = step.minutes, step.slack_minutes
        rows.writerow([step.position, step.week, name, kind, *numbers, because, readings, questions])
    return out.getvalue()


def _as_anki(plan: StudyPlan) -> str:
    """Return flash cards: a question, a tab, and the material's words for it with where they stand."""
    out = StringIO()
    out.write("#separator:tab\n#html:false\n#columns:Question\tAnswer\n")
    # All quoted, so that no question is taken for a comment or for the beginning of a quotation.
    rows = csv.writer(out, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_ALL)
    rows.writerows(dict(_cards(plan)).items())
    return out.getvalue()


def _cards(plan: StudyPlan) -> Iterator[tuple[str, str]]:
    names = {step.entity.id: step.entity.name for step in plan.steps}
    for step in plan.steps:
        places = "; ".join(describe_place(reading) for reading in step.readings)
        cited = f" [{places}]" if places else ""
        if step.entity.description:
            yield one_line(f"What is {step.entity.name}?"), one_line(step.entity.description) + cited
        if step.because:
            reasons = "; ".join(describe_reason(relation, names) for relation in step.because)
            yield one_line(f"What should be understood before {step.entity.name}?"), reasons
        for question in step.questions:
            if question.description or places:
                yield one_line(question.name), one_line(question.description or "See") + cited


def _as_calendar(plan: StudyPlan) -> str:
    if plan.start_date is None:
        raise InvalidInputError("a calendar needs the day on which the plan starts: give a start date")
    name = f"Study plan: {', '.join(goal.name for goal in plan.goals)}"
    try:
        return write_calendar(_events(plan), name=name, made_on=plan.start_date)
    except OverflowError as error:
        raise InvalidInputError("the plan ends past the year 9999; start it earlier") from error


def _events(plan: StudyPlan) -> Iterator[Event]:
    """Yield the steps, spread over the days of their weeks in proportion to their minutes."""
    assert plan.start_date  # checked by the caller, for the type
    # Without the date, so that a plan made again after a slip moves its events.
    purpose = " ".join(goal.id for goal in plan.goals)
    days_per_minute = _DAYS / (plan.hours_per_week * 60)
    day = 0.0
    for step in plan.steps:
        begin = max(day, float((step.week - 1) * _DAYS))
        day = round(begin + step.minutes * days_per_minute, 6)
        yield Event(
            key=f"{step.entity.id} {purpose}",
            first_day=plan.start_date + timedelta(days=int(begin)),
            days=max(1, ceil(day) - int(begin)),
            summary=f"{step.entity.name} ({step.minutes} min)",
            description="\n".join(_event_lines(step)),
        )
    for checkpoint in plan.checkpoints:
        yield Event(
            key=f"checkpoint {checkpoint.week} {purpose}",
            first_day=plan.start_date + timedelta(days=checkpoint.week * _DAYS - 1),
            days=1,
            summary=f"Checkpoint, week {checkpoint.week}",
            description="\n".join(question.name for question in checkpoint.questions),
        )


def _event_lines(step: StudyStep) -> Iterator[str]:
    if step.entity.description:
        yield step.entity.description
    for reading in step.readings:
        yield f"Read {describe_place(reading)}"


def _briefs(entities: Iterable[Entity]) -> list[dict[str, Any]]:
    return [_brief(entity) for entity in entities]


def _brief(entity: Entity) -> dict[str, Any]:
    return {"id": entity.id, "name": entity.name, "kind": entity.kind}


_WRITERS: dict[PlanFormat, Callable[[StudyPlan], str]] = {
    PlanFormat.TEXT: as_text,
    PlanFormat.MARKDOWN: as_markdown,
    PlanFormat.JSON: _as_json,
    PlanFormat.MERMAID: as_mermaid,
    PlanFormat.ANKI_TSV: _as_anki,
    PlanFormat.ICS: _as_calendar,
    PlanFormat.CSV: _as_csv,
}
