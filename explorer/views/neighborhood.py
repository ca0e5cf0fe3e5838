"""What lies around an entity, drawn: capped, ranked, and filtered by type, kind and confidence."""

from __future__ import annotations

from typing import Any

import streamlit as st

from explorer import address, queries
from explorer.answers import ask
from explorer.charts import neighborhood_chart
from explorer.drawing import draw, tables
from explorer.kinds import KINDS, kind_label
from explorer.links import NEIGHBORHOOD, ways_on
from explorer.phrases import PHRASES, counted, plain
from explorer.picker import chosen_entity, not_found
from explorer.rows import count_labels

_LIMITS = (15, 30, 60, 100)


def neighborhood_page() -> None:
    """Show an entity's neighbourhood."""
    name = chosen_entity(NEIGHBORHOOD, "What lies around it?")
    asked = {
        "depth": address.integer("depth", 1, 3, 1),
        "limit": address.integer("limit", 1, 100, 30),
        "types": address.choices("types", PHRASES),
        "kinds": address.choices("kinds", KINDS),
        "sure": address.number("sure", 0, 1, 0.0),
    }
    focus = ask(queries.COUNTS, name=name)["entity"]
    if focus is None:
        not_found(name, NEIGHBORHOOD)
    st.title(f"Around {plain(focus['name'])}", anchor=False)
    ways_on(focus["name"], NEIGHBORHOOD)
    _controls(asked, count_labels(focus["relationCounts"]))
    around = ask(
        queries.NEIGHBORHOOD,
        of=[focus["name"]],
        depth=asked["depth"],
        types=asked["types"] or None,
        kinds=asked["kinds"] or None,
        minConfidence=asked["sure"],
        limit=asked["limit"],
    )["neighborhood"]
    _show(around, focus["name"])


def _controls(asked: dict[str, Any], labels: dict[str, str]) -> None:
    depth, limit, sure = st.columns(3, gap="medium")
    depth.segmented_control("Steps", [1, 2, 3], required=True, **address.keep("depth", asked["depth"], 1))
    limit.segmented_control(
        "At most",
        _LIMITS,
        required=True,
        **address.keep("limit", min(_LIMITS, key=lambda n: abs(n - asked["limit"])), 30),
    )
    sure.slider(
        "At least this sure",
        0.0,
        1.0,
        step=0.05,
        format="percent",
        **address.keep("sure", asked["sure"], 0.0),
    )
    with st.expander(
        "Types and kinds", icon=":material/filter_list:", expanded=bool(asked["types"] or asked["kinds"])
    ):
        # Types that are chosen but absent here stay options: the choice outlives a move to another entity.
        options = list(dict.fromkeys([*labels, *asked["types"]]))
        st.pills(
            "Relations, with how many there are",
            options,
            format_func=lambda type_: labels.get(type_, f"{PHRASES[type_].out} (0)"),
            selection_mode="multi",
            **address.keep("types", asked["types"]),
        )
        st.pills(
            "Kinds",
            list(KINDS),
            format_func=kind_label,
            selection_mode="multi",
            **address.keep("kinds", asked["kinds"]),
        )


def _show(around: dict[str, Any], focus: str) -> None:
    if len(around["nodes"]) < 2:
        st.info(
            "Nothing here with these filters. Choose other types, or be less sure.",
            icon=":material/filter_alt_off:",
        )
        return
    said = (
        f"{counted(len(around['nodes']), 'entity', 'entities')}, {counted(len(around['edges']), 'relation')}"
    )
    more = "; there are more: raise the limit or narrow the types" if around["truncated"] else ""
    st.caption(said + more)
    draw(
        around,
        neighborhood_chart(around, focus),
        key=f"neighborhood-{focus}-{'-'.join(node['id'] for node in around['nodes'])}",
        height=620,
        alt=f"Entities around {focus} and the relations between them; the tables below say the same",
    )
    tables(around, NEIGHBORHOOD)


if __name__ == "__main__":
    neighborhood_page()
