"""Commands for learners: what is next, and a plan."""

from __future__ import annotations

import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api import by_name
from api.commands.options import Json, Limit, Store, get_settings, reading
from api.commands.output import print_json, print_table, say
from api.recording import record_ready
from kg.errors import InvalidInputError
from kg.plan import MAX_HOURS_PER_WEEK, MIN_HOURS_PER_WEEK, study_plan
from kg.plan_export import PlanFormat, export_plan

Known = Annotated[
    list[str] | None, typer.Option("--known", help="Name or alias already understood; may be repeated.")
]


class Format(StrEnum):
    """What a plan can be written as."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"
    MERMAID = "mermaid"
    ANKI = "anki"
    ICS = "ics"
    CSV = "csv"

    def of_plan(self) -> PlanFormat:
        """Return the format's name in the graph's own words."""
        return PlanFormat.ANKI_TSV if self is Format.ANKI else PlanFormat[self.name]


def ready(
    known: Known = None,
    goals: Annotated[list[str] | None, typer.Option("--goal", help="Only what leads here.")] = None,
    limit: Limit = 10,
    store: Store = None,
    json: Json = False,
) -> None:
    """List what can be learned next."""
    with reading(get_settings(store)) as graph:
        found = record_ready(graph, by_name.ready(graph, known or (), goals=goals, limit=limit))
    if json:
        print_json(found)
        return
    print_table(
        ["next", "kind", "unlocks", "because you know"],
        [
            [each.entity.name, each.entity.kind, each.unlocks, ", ".join(tie.source for tie in each.because)]
            for each in found
        ],
    )


def plan(
    goals: Annotated[
        list[str], typer.Argument(help="Names, aliases or tracks to reach.", show_default=False)
    ],
    known: Known = None,
    hours_per_week: Annotated[
        float, typer.Option(min=MIN_HOURS_PER_WEEK, max=MAX_HOURS_PER_WEEK, help="Time there is.")
    ] = 5.0,
    max_weeks: Annotated[int | None, typer.Option(min=1, help="Stop after this many weeks.")] = None,
    start: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day, like 2027-01-31.")
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="What to write it as.")] = Format.TEXT,
    out: Annotated[Path | None, typer.Option(help="File to write; default is stdout.")] = None,
    store: Store = None,
    json: Json = False,
) -> None:
    """Plan what to study, in prerequisite order and in the time there is."""
    with reading(get_settings(store)) as graph:
        made = study_plan(
            graph,
            goals=goals,
            known=known or (),
            hours_per_week=hours_per_week,
            max_weeks=max_weeks,
            start_date=start.date() if start else None,
        )
    text = export_plan(made, PlanFormat.JSON if json else format_.of_plan())
    if out:
        _write(out, text)
        say(f"written to {out}")
    else:
        # As it is: every format has made people's words safe, and a calendar's lines end in CR and LF.
        sys.stdout.write(text)


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise InvalidInputError(f"cannot write {out}: {error.strerror}") from error
