"""A study plan: goals and hours in, weeks of steps out, each with its reason; the form is the address."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from explorer import address, queries
from explorer.answers import ask
from explorer.phrases import plain
from explorer.picker import pick_entities
from explorer.plan_parts import export_buttons, plan_drawing, plan_facts, plan_weeks, ready_now

_EXAMPLES = 3


def plan_page() -> None:
    """Make a study plan from the form in the address."""
    st.title("Study plan", anchor=False)
    tracks = {track["name"]: track for track in ask(queries.TRACKS)["tracks"]}
    asked = _form(tracks)
    if not asked["goals"]:
        _starts(tracks)
        return
    with st.spinner("Planning"):
        plan = ask(queries.STUDY_PLAN, input=asked)["studyPlan"]
    if not plan["steps"]:
        st.success(
            "Nothing is left to learn for these goals: all of it is known.", icon=":material/check_circle:"
        )
        return
    plan_facts(plan)
    export_buttons(asked)
    # The plan's goals, not the form's: those may be tracks, and only entities can be ready.
    ready_now([goal["name"] for goal in plan["goals"]], asked["known"])
    plan_weeks(plan)
    plan_drawing(plan, asked)


def _form(tracks: dict[str, Any]) -> dict[str, Any]:
    """Draw the form and return the API's ``StudyPlanInput``."""
    with st.container(border=True):
        labels = {name: f"{name} · track" for name in tracks}
        goals = pick_entities(
            "What do you want to learn?", "goals", more=labels, help_="Entities, or a whole track"
        )
        known = pick_entities("What do you understand already?", "known")
        hours, weeks, start = st.columns(3)
        per_week = address.number("hours", 0.5, 60, 5.0)
        hours.number_input(
            "Hours a week", min_value=0.5, max_value=60.0, step=0.5, **address.keep("hours", per_week, 5.0)
        )
        most: int | None = address.integer("weeks", 1, 104, 0) or None
        weeks.number_input(
            "At most weeks",
            min_value=1,
            max_value=104,
            step=1,
            placeholder="no limit",
            **address.keep("weeks", most),
        )
        first_day: date | None = address.day("start")
        start.date_input("First day", format="YYYY-MM-DD", **address.keep("start", first_day))
    return {
        "goals": goals,
        "known": known,
        "hoursPerWeek": per_week,
        "maxWeeks": most,
        "startDate": first_day.isoformat() if first_day else None,
    }


def _starts(tracks: dict[str, Any]) -> None:
    """Offer tracks, or entities where there are no tracks, to plan for."""
    st.markdown("**Choose a goal above, or start from one of these**")
    starts = [(track["name"], track["description"]) for track in tracks.values()]
    if not starts:
        starts = [(e["name"], e["description"] or "") for e in ask(queries.START)["entities"]["nodes"]]
    for name, description in starts[: max(_EXAMPLES, len(tracks))]:
        with st.container(border=True):
            st.button(
                plain(name),
                key=f"start-{name}",
                type="tertiary",
                icon=":material/flag:",
                on_click=address.add,
                args=("goals", name),
            )
            st.caption(plain(description))


if __name__ == "__main__":
    plan_page()
