"""How much the graph holds, and how to take it along."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from explorer import queries
from explorer.answers import ask
from explorer.charts import bar_chart
from explorer.kinds import KINDS
from explorer.phrases import FAMILIES, PHRASES, type_name
from explorer.picker import nothing_here

_FORMATS = {
    "GRAPHML": ("GraphML", "graphml"),
    "JSON_LD": ("JSON-LD", "jsonld"),
    "CYPHER": ("Cypher", "cypher"),
    "CSV": ("CSV", "csv"),
}
_BAR_PX = 27


def about_page() -> None:
    """Show what the graph holds."""
    st.title("About this graph", anchor=False)
    stats = ask(queries.STATS)["stats"]
    if not stats["entities"]:
        nothing_here()
        return
    columns = st.columns(4)
    for column, name in zip(columns, ("documents", "passages", "entities", "relations"), strict=True):
        column.metric(name.capitalize(), f"{stats[name]:,}", border=True)
    left, right = st.columns(2, gap="large")
    with left:
        _bars("Entities by kind", _kinds(stats))
    with right:
        _bars("Relations by type", _types(stats))
    _take_along()
    st.subheader("Ask it from a program", anchor=False)
    st.markdown(
        "All that these pages show, the GraphQL API answers. `kg serve` offers it at `/graphql`, for example:"
    )
    st.code(queries.START.strip(), language="graphql")


def _kinds(stats: dict[str, Any]) -> list[tuple[str, int, str]]:
    numbers = {each["kind"]: each["count"] for each in stats["kinds"]}
    return [(look.plural, numbers[kind], look.color) for kind, look in KINDS.items() if numbers.get(kind)]


def _types(stats: dict[str, Any]) -> list[tuple[str, int, str]]:
    numbers = {each["type"]: each["count"] for each in stats["types"]}
    return [
        (type_name(type_), numbers[type_], FAMILIES[phrase.family][1])
        for type_, phrase in PHRASES.items()
        if numbers.get(type_)
    ]


def _bars(title: str, counts: list[tuple[str, int, str]]) -> None:
    st.subheader(title, anchor=False)
    said = ", ".join(f"{name}: {count}" for name, count, _ in counts)
    st.echarts_chart(bar_chart(counts), height=30 + _BAR_PX * len(counts), alt=f"{title}: {said}")


def _take_along() -> None:
    st.subheader("Take it along", anchor=False)
    with st.container(horizontal=True):
        for format_, (name, suffix) in _FORMATS.items():
            st.download_button(
                name,
                # Called when pressed: a whole graph is not made for every reader of this page.
                partial(_graph_as, format_),
                file_name=f"guidegraph.{suffix}",
                icon=":material/download:",
                on_click="ignore",
            )


def _graph_as(format_: str) -> str:
    text: str = ask(queries.GRAPH_EXPORT, format=format_)["export"]
    return text


if __name__ == "__main__":
    about_page()
