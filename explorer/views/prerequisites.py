"""What leads up to an entity, in layers, and the order in which to learn it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from explorer import address, queries
from explorer.answers import ask
from explorer.charts import prerequisite_chart, prerequisite_height
from explorer.drawing import draw, tables
from explorer.kinds import DIFFICULTIES
from explorer.links import PREREQUISITES, entity_link, ways_on
from explorer.phrases import counted, plain
from explorer.picker import chosen_entity, not_found, pick_entity

_DEPTHS = {0: "all", 1: "1", 2: "2", 3: "3"}


def prerequisites_page() -> None:
    """Show the prerequisites of an entity."""
    name = chosen_entity(PREREQUISITES, "What leads up to it?")
    goal = ask(queries.COUNTS, name=name)["entity"]
    if goal is None:
        not_found(name, PREREQUISITES)
    st.title(f"What leads up to {plain(goal['name'])}", anchor=False)
    ways_on(goal["name"], PREREQUISITES)
    depth = address.integer("depth", 0, 3, 0)
    st.segmented_control(
        "Steps back",
        list(_DEPTHS),
        format_func=_DEPTHS.__getitem__,
        required=True,
        **address.keep("depth", depth, 0),
    )
    leading = ask(queries.PREREQUISITES, of=goal["name"], depth=depth or None)["prerequisites"]
    if len(leading["nodes"]) < 2:
        st.info(
            "The material names nothing that should be understood first: start right here.",
            icon=":material/flag:",
        )
        return
    count = counted(len(leading["nodes"]) - 1, "prerequisite")
    st.caption(f"{count}; what can be reached by way of others is not drawn again")
    draw(
        leading,
        prerequisite_chart(leading, goal["name"]),
        key=f"prerequisites-{goal['name']}-{depth}-{len(leading['nodes'])}",
        height=prerequisite_height(leading),
        alt=f"Prerequisites of {goal['name']} from left to right; the tables below say the same",
    )
    tables(leading, PREREQUISITES)
    _order(goal["name"])


def _order(goal: str) -> None:
    st.subheader("In which order to learn it", anchor=False)
    known = address.text("from")
    pick_entity("I already understand", "from", known)
    path: list[dict[str, Any]] = ask(queries.LEARNING_PATH, **{"from": known or None, "to": goal})[
        "learningPath"
    ]
    if not path:
        st.caption("Nothing is left to learn: what you understand already covers it.")
    for position, entity in enumerate(path, 1):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f":gray[{position}]", width=28)
            entity_link(entity)
            if entity["difficulty"]:
                st.caption(DIFFICULTIES[entity["difficulty"]])


if __name__ == "__main__":
    prerequisites_page()
