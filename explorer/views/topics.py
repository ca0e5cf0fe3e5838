"""Topics: groups of entities that belong together."""

from __future__ import annotations

from typing import Any

import streamlit as st

from explorer import address, queries
from explorer.answers import ask
from explorer.links import entity_row
from explorer.phrases import counted, plain
from explorer.picker import nothing_here

_LEVELS = {0: "Broad", 1: "Fine"}
_MOST = 50


def topics_page() -> None:
    """Show the topics of a level, the largest first."""
    st.title("Topics", anchor=False)
    level = address.integer("level", 0, 1, 0)
    st.segmented_control(
        "Level",
        list(_LEVELS),
        format_func=_LEVELS.__getitem__,
        required=True,
        **address.keep("level", level, 0),
    )
    topics = ask(queries.TOPICS, level=level, first=_MOST)["topics"]
    if not topics:
        nothing_here()
        return
    st.caption(f"{counted(len(topics), 'topic')}, found in how the entities are tied; the largest first")
    for row in range(0, len(topics), 2):
        for column, topic in zip(st.columns(2, gap="medium"), topics[row : row + 2], strict=False):
            with column:
                _topic(topic)


def _topic(topic: dict[str, Any]) -> None:
    with st.container(border=True, height="stretch"):
        st.subheader(plain(topic["title"]), anchor=False)
        inside = f" · part of {plain(topic['parent']['title'])}" if topic["parent"] else ""
        st.caption(counted(topic["size"], "entity", "entities") + inside)
        if topic["summary"]:
            st.markdown(plain(topic["summary"]))
        entity_row(hit["entity"] for hit in topic["entities"])


if __name__ == "__main__":
    topics_page()
