"""Two entities side by side, how they are connected, and the trade-offs between them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from explorer import address, queries
from explorer.answers import ask
from explorer.evidence import passage, quotations, relation_group, trade_off
from explorer.kinds import DIFFICULTIES, KINDS
from explorer.links import entity_link, entity_row
from explorer.phrases import confidence_words, plain, seen_from
from explorer.picker import nothing_here, pick_entity
from explorer.rows import relation_groups


def compare_page() -> None:
    """Compare two entities; with none or one chosen, show the trade-offs that the material knows."""
    st.title("Compare", anchor=False)
    left, right = st.columns(2)
    a, b = address.text("a"), address.text("b")
    with left:
        pick_entity("This", "a", a)
    with right:
        pick_entity("with that", "b", b)
    if a and b:
        _comparison(ask(queries.COMPARE, a=a, b=b))
    else:
        _trade_offs(a or b)


def _comparison(found: dict[str, Any]) -> None:
    comparison = found["compare"]
    sides = [(comparison["a"], comparison["onlyA"]), (comparison["b"], comparison["onlyB"])]
    for column, (entity, _) in zip(st.columns(2, gap="large"), sides, strict=True):
        with column:
            _head(entity)
    for tension in comparison["tradeOffs"]:
        trade_off(tension)
    _paths(found["paths"])
    st.subheader("In common", anchor=False)
    if comparison["shared"]:
        entity_row(comparison["shared"])
    else:
        st.caption("No entity is tied to both.")
    for column, (entity, only) in zip(st.columns(2, gap="large"), sides, strict=True):
        with column:
            st.subheader(f"Only {plain(entity['name'])}", anchor=False)
            for _, wording, members in relation_groups(entity["name"], only):
                relation_group(entity["name"], wording, members, len(members))
            if not only:
                st.caption("Nothing of its own.")
    if comparison["passages"]:
        st.subheader("Passages on both", anchor=False)
    for hit in comparison["passages"]:
        passage(hit["passage"], [comparison["a"]["name"], comparison["b"]["name"]])


def _head(entity: dict[str, Any]) -> None:
    with st.container(border=True):
        entity_link(entity)
        level = DIFFICULTIES.get(entity["difficulty"] or "")
        st.caption(" · ".join(filter(None, [KINDS[entity["kind"]].name, level])))
        st.markdown(plain(entity["description"] or "The material gives no description."))


def _paths(paths: list[dict[str, Any]]) -> None:
    st.subheader("How they are connected", anchor=False)
    if not paths:
        st.caption("No chain of up to four relations leads from one to the other.")
    for path in paths:
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                entity_link(path["entities"][0])
                for before, relation in zip(path["entities"], path["relations"], strict=False):
                    _, wording, other = seen_from(relation, before["name"])
                    st.markdown(f"*{wording}*")
                    entity_link(other)
            with st.popover(
                confidence_words(path["confidence"]), type="tertiary", icon=":material/format_quote:"
            ):
                for relation in path["relations"]:
                    quotations(relation["evidence"], [relation["source"]["name"], relation["target"]["name"]])


def _trade_offs(name: str) -> None:
    tensions = ask(queries.TRADE_OFFS, of=name or None, first=20)["tradeOffs"]
    st.subheader(f"Trade-offs of {plain(name)}" if name else "Trade-offs in the material", anchor=False)
    if not tensions and name:
        st.caption("The material weighs it against nothing by itself. Choose a second entity to compare.")
    elif not tensions and not ask(queries.START)["entities"]["nodes"]:
        nothing_here()
    elif not tensions:
        st.caption("The material names no trade-off. Choose two entities to compare.")
    for tension in tensions:
        trade_off(tension)


if __name__ == "__main__":
    compare_page()
