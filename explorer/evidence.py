"""Where the material says something: quotations, passages, relations with their sentences."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from explorer.links import entity_link, entity_row
from explorer.phrases import plain, seen_from
from explorer.quotes import passage_html, quote_html
from explorer.rows import relation_caption

_EXCERPT = 320
_SIDES = 3  # of a trade-off beside each other
_SHOWN = 5  # relations of a group that are open to the eye


def quotations(evidence: Iterable[Mapping[str, Any]], names: Collection[str]) -> None:
    """Show quotations one below the other, ``names`` marked."""
    for each in evidence:
        st.html(quote_html(each, names))


def passage(found: Mapping[str, Any], words: Collection[str]) -> None:
    """Show an excerpt of a passage; the whole of a longer one can be opened."""
    st.html(passage_html(found, words, length=_EXCERPT))
    if found.get("entities"):
        entity_row(found["entities"][:6])
    if len(found["text"].strip()) > _EXCERPT:
        with st.expander("Whole passage"):
            st.html(passage_html(found, words))


def relation_group(name: str, wording: str, relations: Sequence[Mapping[str, Any]], total: int) -> None:
    """Show relations of the entity ``name`` that read alike, each with its sentences.

    ``total`` says how many there are; where more than are at hand, the caller offers the rest.
    """
    with st.container(border=True, gap="xxsmall"):
        if len(relations) == total == 1:
            _relation(name, relations[0], f"{plain(name)} **{wording}**")
            return
        st.markdown(f"{plain(name)} **{wording}** :gray[{total}]")
        for relation in relations[:_SHOWN]:
            _relation(name, relation)
        if len(relations) > _SHOWN:
            with st.expander(f"{len(relations) - _SHOWN} more"):
                for relation in relations[_SHOWN:]:
                    _relation(name, relation)


def trade_off(tension: Mapping[str, Any], *, titled: bool = True) -> None:
    """Show a trade-off: what each side brings and what it gives up, with the sentences."""
    with st.container(border=True):
        if titled:
            entity_link(tension["entity"])
        if tension["entity"]["description"]:
            st.caption(plain(tension["entity"]["description"]))
        for start in range(0, len(tension["sides"]), _SIDES):
            sides = tension["sides"][start : start + _SIDES]
            for column, side in zip(st.columns(min(_SIDES, len(tension["sides"]))), sides, strict=False):
                with column:
                    _side(side)


def _side(side: Mapping[str, Any]) -> None:
    entity_link(side["entity"])
    gains = [f":green[:material/add_circle:] {plain(gain)}" for gain in side["gains"]]
    costs = [f":red[:material/remove_circle:] {plain(cost)}" for cost in side["costs"]]
    st.markdown("  \n".join([*gains, *costs]) or ":gray[The material names neither gain nor cost.]")
    if side["evidence"]:
        with st.popover("Sentence", type="tertiary", icon=":material/format_quote:"):
            quotations(side["evidence"], [side["entity"]["name"]])


def _relation(name: str, relation: Mapping[str, Any], words: str = "") -> None:
    _, _, other = seen_from(relation, name)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if words:
            st.markdown(words)
        entity_link(other)
        with st.popover(
            f"{relation['confidence']:.0%}",
            type="tertiary",
            icon=":material/format_quote:",
            help="How sure, and why",
        ):
            st.caption(plain(relation_caption(relation)))
            quotations(relation["evidence"], [name, other["name"]])
