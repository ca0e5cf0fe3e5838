"""The parts of a study plan as a page shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from explorer import address, queries
from explorer.answers import ask
from explorer.evidence import quotations
from explorer.kinds import DIFFICULTIES
from explorer.links import entity_link, entity_row
from explorer.phrases import counted, duration, plain
from explorer.quotes import passage_html
from explorer.rows import step_rows, weeks

_FORMATS = {
    "MARKDOWN": ("Checklist", "md"),
    "ICS": ("Calendar", "ics"),
    "ANKI_TSV": ("Anki cards", "tsv"),
    "CSV": ("CSV", "csv"),
    "JSON": ("JSON", "json"),
    "MERMAID": ("Mermaid", "mmd"),
}
_MOST_DRAWN = 50  # steps; a Mermaid drawing of more cannot be read
_EXCERPT = 240


def plan_facts(plan: Mapping[str, Any]) -> None:
    """Show how long the plan is and what it hangs on."""
    facts = {
        "Steps": str(len(plan["steps"])),
        "Weeks": str(plan["weeks"]),
        "Reading time": duration(plan["totalMinutes"]),
    }
    for column, (name, value) in zip(st.columns(len(facts)), facts.items(), strict=True):
        column.metric(name, value, border=True)
    lists = {
        "What the goals need most": plan["keyPrerequisites"],
        "The chain that fixes the earliest end": plan["criticalPath"],
        "Known already, so left out": plan["alreadyKnown"],
        "Does not fit into the weeks": plan["deferred"],
    }
    for title, entities in lists.items():
        if entities:
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                st.markdown(f"**{title}**")
                for entity in entities:
                    entity_link(entity)


def export_buttons(asked: Mapping[str, Any]) -> None:
    """Offer the plan as files; a calendar needs a first day."""
    with st.container(horizontal=True, gap="small"):
        for format_, (label, suffix) in _FORMATS.items():
            needs_day = format_ == "ICS" and not asked["startDate"]
            st.download_button(
                label,
                # Called when pressed: six files for every change of the form would be five too many.
                partial(export, asked, format_),
                file_name=f"study-plan.{suffix}",
                icon=":material/download:",
                disabled=needs_day,
                help="Choose a first day above" if needs_day else None,
                on_click="ignore",
            )


def export(asked: Mapping[str, Any], format_: str) -> str:
    """Return the plan in one of the API's formats."""
    text: str = ask(queries.PLAN_EXPORT, input=asked, format=format_)["studyPlan"]["export"]
    return text


def ready_now(goals: Sequence[str], known: Sequence[str]) -> None:
    """Show what can be learned right away, most useful for the goals first."""
    entities = ask(queries.READY, known=list(known), goals=list(goals))["ready"]
    if not entities:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown("**Ready to learn now**")
        for ready in entities:
            entity_link(ready["entity"])
            st.caption(f"opens {ready['unlocks']}" if ready["unlocks"] else "")


def plan_weeks(plan: Mapping[str, Any]) -> None:
    """Show the steps week by week, each with its reason, and the questions at each week's end."""
    for week, steps, questions in weeks(plan):
        minutes = sum(step["minutes"] for step in steps)
        st.subheader(f"Week {week}", anchor=False)
        st.caption(f"{counted(len(steps), 'step')}, {duration(minutes)} of reading")
        with st.container(border=True, gap="xsmall"):
            for step in steps:
                _step(step)
        if questions:
            with st.container(border=True):
                st.markdown(":material/quiz: **At the end of the week, can you answer?**")
                for question in questions:
                    entity_link(question)


def plan_drawing(plan: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    """Draw the plan where it is small enough to be read, and list it as a table."""
    if len(plan["steps"]) <= _MOST_DRAWN:
        st.subheader("The whole plan", anchor=False)
        st.mermaid_chart(export(asked, "MERMAID"), alt="Steps of the plan; the table below lists them")
    with st.expander("The same as a table", icon=":material/table:"):
        st.dataframe(step_rows(plan), hide_index=True, alt="Steps of the plan")


def _step(step: Mapping[str, Any]) -> None:
    entity = step["entity"]
    with st.container(gap=None):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f":gray[{step['position']}]", width=24)
            entity_link(entity)
            facts = [duration(step["minutes"]), DIFFICULTIES.get(entity["difficulty"] or "", "")]
            st.caption(" · ".join(filter(None, facts)), width="content")
            _details(step)
            st.button(
                "I know this",
                key=f"known-{entity['name']}",
                type="tertiary",
                icon=":material/check:",
                on_click=address.add,
                args=("known", entity["name"]),
            )
        if entity["description"]:
            st.caption(plain(entity["description"]))


def _details(step: Mapping[str, Any]) -> None:
    """Show what can be opened: why the step stands here, what to read, what to ask oneself."""
    if step["because"]:
        with st.popover("Why here", type="tertiary", icon=":material/account_tree:"):
            for relation in step["because"]:
                st.markdown(f"It builds on **{plain(relation['source']['name'])}**:")
                quotations(relation["evidence"], [relation["source"]["name"], relation["target"]["name"]])
    if step["readings"]:
        readings = counted(len(step["readings"]), "reading")
        with st.popover(readings, type="tertiary", icon=":material/menu_book:"):
            for reading in step["readings"]:
                st.caption(duration(reading["minutes"]))
                st.html(passage_html(reading["passage"], [step["entity"]["name"]], length=_EXCERPT))
    if step["questions"]:
        questions = counted(len(step["questions"]), "question")
        with st.popover(questions, type="tertiary", icon=":material/quiz:"):
            for question in step["questions"]:
                entity_link(question)
    if step["alternatives"]:
        with st.popover("Instead", type="tertiary", icon=":material/alt_route:"):
            entity_row(step["alternatives"])
