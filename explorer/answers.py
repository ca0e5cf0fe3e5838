"""What the pages know: answers of the API, asked once and kept for a while."""

from __future__ import annotations

import os
from typing import Any

import streamlit as st

from api.client import GraphClient, connect
from explorer import queries

_FRESH_S = 60  # how long a page may lag behind a graph that was built anew
_NAME_PAGES = 10  # of 100 names each: what a list of suggestions can hold; any other name can be typed


def ask(document: str, **variables: Any) -> dict[str, Any]:
    """Return the data that the API answers; the same question is asked again after a minute.

    Raises:
        ApiError: the API refuses the question or cannot be reached.
    """
    return _answer(os.environ.get("KG_STORE"), os.environ.get("KG_API"), document, variables)


def names() -> dict[str, str]:
    """Return the kinds of the most important entities by their names, most important first."""
    found: dict[str, str] = {}
    after = None
    for _ in range(_NAME_PAGES):
        page = ask(queries.NAMES, after=after)["entities"]
        found |= {node["name"]: node["kind"] for node in page["nodes"]}
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    return found


@st.cache_resource(show_spinner=False)
def _client(store: str | None, api: str | None) -> GraphClient:
    return connect(store, api)


@st.cache_data(ttl=_FRESH_S, max_entries=1_000, show_spinner=False)
def _answer(store: str | None, api: str | None, document: str, variables: dict[str, Any]) -> dict[str, Any]:
    return _client(store, api).execute(document, variables)
