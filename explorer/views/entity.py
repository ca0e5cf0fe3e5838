"""One entity: what it is, where the material says so, and what it is tied to."""

from __future__ import annotations

from typing import Any

import streamlit as st

from explorer import address, queries
from explorer.answers import ask
from explorer.evidence import quotations, relation_group, trade_off
from explorer.kinds import DIFFICULTIES, kind_label
from explorer.links import ENTITY, entity_row, ways_on
from explorer.phrases import PHRASES, counted, plain, type_name
from explorer.picker import chosen_entity, not_found
from explorer.rows import relation_groups

_RELATIONS = 60


def entity_page() -> None:
    """Show one entity."""
    name = chosen_entity(ENTITY, "What is it?")
    type_ = address.choice("type", PHRASES, "")
    found = ask(
        queries.ENTITY, name=name, types=[type_] if type_ else None, first=100 if type_ else _RELATIONS
    )
    entity = found["entity"]
    if entity is None:
        not_found(name, ENTITY)
    _head(entity)
    ways_on(entity["name"], ENTITY)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _relations(entity, type_)
    with right:
        _said(entity)
        _near(entity)
        _trade_offs(entity)


def _head(entity: dict[str, Any]) -> None:
    st.title(plain(entity["name"]), anchor=False)
    facts = [kind_label(entity["kind"])]
    if entity["difficulty"]:
        facts.append(DIFFICULTIES[entity["difficulty"]])
    facts.append(f"named {counted(entity['mentionCount'], 'time')}")
    facts.append(f"{entity['importance']:.1%} of the graph's attention".replace("%", " %"))
    st.markdown(" · ".join(facts))
    if entity["description"]:
        st.markdown(plain(entity["description"]))
    if entity["aliases"]:
        st.caption("Also called " + ", ".join(plain(alias) for alias in entity["aliases"]))


def _relations(entity: dict[str, Any], type_: str) -> None:
    relations = entity["relations"]["nodes"]
    st.subheader(counted(sum(c["out"] + c["in"] for c in entity["relationCounts"]), "relation"), anchor=False)
    if type_:
        st.page_link(
            ENTITY, label="All types", icon=":material/arrow_back:", query_params={"entity": entity["name"]}
        )
    totals = {c["type"]: c for c in entity["relationCounts"]}
    for group, wording, members in relation_groups(entity["name"], relations):
        out = wording == PHRASES[group].out
        total = totals[group]["out" if out else "in"]
        relation_group(entity["name"], wording, members, total)
    if not relations:
        st.caption("The material ties it to nothing else yet.")
    if not type_ and entity["relations"]["totalCount"] > len(relations):
        _rest(entity)


def _rest(entity: dict[str, Any]) -> None:
    """Offer what the page leaves out, type by type, each with its number."""
    st.caption(f"The {_RELATIONS} best supported are shown. All of one type:")
    with st.container(horizontal=True, gap="small"):
        for count in entity["relationCounts"]:
            number = count["out"] + count["in"]
            st.page_link(
                ENTITY,
                label=f"{type_name(count['type'])} ({number:,})",
                icon="",
                query_params={"entity": entity["name"], "type": count["type"]},
            )


def _said(entity: dict[str, Any]) -> None:
    st.subheader("Where it is mentioned", anchor=False)
    quotations(entity["evidence"], [entity["name"], *entity["aliases"]])
    if not entity["evidence"]:
        st.caption("No passage names it; it comes from the catalogue.")


def _near(entity: dict[str, Any]) -> None:
    if entity["similar"]:
        st.subheader("Near in meaning", anchor=False)
        entity_row(hit["entity"] for hit in entity["similar"])
    if entity["topics"]:
        st.caption("Topics: " + " · ".join(plain(topic["title"]) for topic in entity["topics"]))


def _trade_offs(entity: dict[str, Any]) -> None:
    tensions = ask(queries.TRADE_OFFS, of=entity["name"], first=4)["tradeOffs"]
    if tensions:
        st.subheader("Trade-offs", anchor=False)
    for tension in tensions:
        trade_off(tension)


if __name__ == "__main__":
    entity_page()
