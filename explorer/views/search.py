"""The front page: search while typing, or ask a question."""

from __future__ import annotations

from typing import Any

import streamlit as st

from explorer import address, queries
from explorer.answers import ask
from explorer.evidence import passage
from explorer.kinds import KINDS, kind_label
from explorer.links import ENTITY, entity_link, entity_row
from explorer.phrases import confidence_words, counted, plain, prose
from explorer.picker import start
from explorer.quotes import passage_html, query_words

_MODES = {
    "HYBRID": "Words and meaning",
    "KEYWORD": "Words",
    "VECTOR": "Meaning",
    "GRAPH": "Along the graph",
}
_ANSWER_MODES = {
    "AUTO": "As the question needs",
    "LOCAL": "One entity",
    "MULTI_HOP": "Several steps",
    "GLOBAL": "The whole material",
}


def search_page() -> None:
    """Look something up, or ask."""
    st.title("What the guides know", anchor=False)
    tab = address.choice("do", ("search", "ask"), "search")
    st.segmented_control(
        "What to do",
        ["search", "ask"],
        format_func={"search": "Search", "ask": "Ask a question"}.__getitem__,
        label_visibility="collapsed",
        required=True,
        **address.keep("do", tab, "search"),
    )
    if tab == "search":
        _search()
    else:
        _ask()


def _search() -> None:
    text = address.text("q")
    st.text_input(
        "Search",
        type="search",
        placeholder="A name, an alias or words of a passage",
        live=True,
        label_visibility="collapsed",
        **address.keep("q", text, ""),
    )
    if not text:
        start(ENTITY)
        return
    _suggestions(text)
    mode, kinds = _options()
    with st.spinner("Searching"):
        found = ask(queries.SEARCH, text=text, mode=mode, kinds=kinds, first=10)["search"]
    if not (found["entities"] or found["passages"]):
        st.info(f"Nothing found for “{plain(text)}”. Try fewer or other words.", icon=":material/search_off:")
        return
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.subheader("Entities", anchor=False)
        _entities(found["entities"])
    with right:
        st.subheader("Passages", anchor=False)
        for hit in found["passages"]:
            passage(hit["passage"], query_words(text))
        if not found["passages"]:
            st.caption("No passage found.")


def _suggestions(text: str) -> None:
    names = ask(queries.SUGGEST, text=text)["suggest"]
    if names:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption("Go to", width="content")
            for entity in names:
                entity_link(entity)


def _options() -> tuple[str, list[str]]:
    mode = address.choice("mode", _MODES, "HYBRID")
    kinds = address.choices("kinds", KINDS)
    with st.expander("How to search", icon=":material/tune:"):
        st.radio(
            "Rank by",
            list(_MODES),
            format_func=_MODES.get,
            horizontal=True,
            **address.keep("mode", mode, "HYBRID"),
        )
        st.pills(
            "Kinds",
            list(KINDS),
            format_func=kind_label,
            selection_mode="multi",
            **address.keep("kinds", kinds),
        )
    return mode, kinds


def _entities(hits: list[dict[str, Any]]) -> None:
    for hit in hits:
        entity = hit["entity"]
        with st.container(gap="xxsmall"):
            entity_link(entity)
            about = plain(entity["description"] or ", ".join(entity["aliases"]))
            if about:
                st.caption(about)
    if not hits:
        st.caption("No entity found.")


def _ask() -> None:
    question = address.text("q")
    st.text_input(
        "Question",
        placeholder="Which tools implement vector search?",
        label_visibility="collapsed",
        icon=":material/help:",
        **address.keep("q", question, ""),
    )
    mode = address.choice("how", _ANSWER_MODES, "AUTO")
    with st.expander("How to answer", icon=":material/tune:"):
        st.radio(
            "Look at",
            list(_ANSWER_MODES),
            format_func=_ANSWER_MODES.get,
            horizontal=True,
            **address.keep("how", mode, "AUTO"),
        )
    if not question:
        st.caption("The answer comes from the material alone, each part with the passage it stands in.")
        return
    with st.spinner("Looking for evidence"):
        _answer(ask(queries.ASK, question=question, mode=mode)["ask"], question)


def _answer(answer: dict[str, Any], question: str) -> None:
    if answer["abstained"]:
        st.warning(
            "The material does not answer this, so there is no answer here rather than a guess. "
            "What comes nearest is below.",
            icon=":material/do_not_disturb_on:",
        )
    if answer["text"]:
        with st.container(border=True):
            st.markdown(prose(answer["text"]))
            how = _ANSWER_MODES[answer["mode"]].lower()
            st.caption(f"Supported: {confidence_words(answer['confidence'])} · {how}")
    if answer["entities"]:
        st.subheader("Entities", anchor=False)
        entity_row(hit["entity"] for hit in answer["entities"])
    if answer["citations"]:
        st.subheader(counted(len(answer["citations"]), "source"), anchor=False)
    for citation in answer["citations"]:
        marks = (
            [citation["quote"]] if citation["quote"] in citation["passage"]["text"] else query_words(question)
        )
        number, words = st.columns([1, 24], gap=None)
        number.markdown(f"**[{citation['number']}]**")
        words.html(passage_html(citation["passage"], marks))


if __name__ == "__main__":
    search_page()
