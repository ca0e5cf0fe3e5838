"""A drawn graph that answers clicks, and its twin as a table."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from explorer import address
from explorer.charts import Options, selected
from explorer.links import entity_link
from explorer.phrases import FAMILIES, PHRASES, plain
from explorer.quotes import quote_html
from explorer.rows import entity_rows, relation_caption, relation_rows

_MOVES = "moves"  # how often a click on a drawing has led to another entity
_TABLE = {
    "Confidence": st.column_config.ProgressColumn("Confidence", min_value=0, max_value=1, format="percent"),
    "Importance": st.column_config.NumberColumn("Importance", format="percent"),
    "Said": st.column_config.TextColumn("Said", width="large"),
    "Description": st.column_config.TextColumn("Description", width="large"),
}


def draw(subgraph: Mapping[str, Any], options: Options, *, key: str, height: int, alt: str) -> None:
    """Draw a graph; a click on an entity makes it the page's entity, one on a line shows what is said.

    Args:
        subgraph: nodes and edges in the order in which ``options`` has them.
        options: the drawing.
        key: differs wherever another graph is drawn, so that a click is never applied to another one.
        height: in pixels.
        alt: what the drawing shows, for those who do not see it.
    """
    # After a move that the reader takes back, the old click would come again: no drawing outlives a move.
    key = f"{key}-{st.session_state.get(_MOVES, 0)}"
    event = st.echarts_chart(
        options,
        height=height,
        key=key,
        alt=alt,
        renderer="svg",  # sharp in print and at any zoom; at this many entities no slower than a canvas
        on_select=partial(_move_on, subgraph, key),
    )
    _line_legend(subgraph)
    edge = selected(event, "edge")
    if edge is not None and edge < len(subgraph["edges"]):
        relation_panel(subgraph["edges"][edge])


def tables(subgraph: Mapping[str, Any], page: str) -> None:
    """Show the graph as tables, and its entities as links: the way for keyboard, screen reader and phone."""
    with st.expander("The same as tables", icon=":material/table:"):
        st.dataframe(
            relation_rows(subgraph["edges"]),
            hide_index=True,
            column_config=_TABLE,
            alt="Relations drawn above",
        )
        st.dataframe(
            entity_rows(subgraph["nodes"]), hide_index=True, column_config=_TABLE, alt="Entities drawn above"
        )
        with st.container(horizontal=True, gap="small"):
            for node in sorted(subgraph["nodes"], key=lambda node: node["name"].casefold()):
                entity_link(node, page=page)


def relation_panel(relation: Mapping[str, Any]) -> None:
    """Show one relation: both ends, how sure it is, and the sentences behind it."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            entity_link(relation["source"])
            st.markdown(f"*{PHRASES[relation['type']].out}*")
            entity_link(relation["target"])
        st.caption(plain(relation_caption(relation)))
        names = (relation["source"]["name"], relation["target"]["name"])
        for evidence in relation["evidence"]:
            st.html(quote_html(evidence, names))


def _line_legend(subgraph: Mapping[str, Any]) -> None:
    present = {PHRASES[edge["type"]].family for edge in subgraph["edges"]}
    lines = [
        f':color[━━]{{foreground="{color}"}} {words}'
        for family, (words, color) in FAMILIES.items()
        if family in present
    ]
    if lines:
        hint = "dashed: less sure · click an entity to move there, a line to read what is said"
        st.caption(" &nbsp; ".join([*lines, hint]))


def _move_on(subgraph: Mapping[str, Any], key: str) -> None:
    node = selected(st.session_state[key], "node")
    if node is not None and node < len(subgraph["nodes"]):
        st.session_state[_MOVES] = st.session_state.get(_MOVES, 0) + 1
        address.put("entity", subgraph["nodes"][node]["name"])
