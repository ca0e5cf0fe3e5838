"""Ways on from a page: links to entities and to what can be asked of them, as addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from explorer import address
from explorer.kinds import KINDS, kind_icon
from explorer.phrases import plain

SEARCH = "views/search.py"
ENTITY = "views/entity.py"
NEIGHBORHOOD = "views/neighborhood.py"
PREREQUISITES = "views/prerequisites.py"
COMPARE = "views/compare.py"
TOPICS = "views/topics.py"
PLAN = "views/plan.py"
ABOUT = "views/about.py"


def entity_link(entity: Mapping[str, Any], *, page: str = ENTITY, **parameters: str) -> None:
    """Draw a link to an entity: its kind's icon and its name.

    Args:
        entity: with ``name`` and ``kind``.
        page: where the link leads.
        parameters: others that the address is to hold.
    """
    st.page_link(
        page,
        label=f"{kind_icon(entity['kind'])} {plain(entity['name'])}",
        icon="",
        help=KINDS[entity["kind"]].name,
        query_params=address.query(entity=entity["name"], **parameters),
    )


def entity_row(entities: Iterable[Mapping[str, Any]], *, page: str = ENTITY) -> None:
    """Draw links to entities beside each other."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for entity in entities:
            entity_link(entity, page=page)


def ways_on(name: str, current: str) -> None:
    """Draw links to the views of one entity, but for the ``current`` one."""
    views = {
        ENTITY: ("Overview", ":material/article:", {"entity": name}),
        NEIGHBORHOOD: ("Neighbourhood", ":material/hub:", {"entity": name}),
        PREREQUISITES: ("Prerequisites", ":material/account_tree:", {"entity": name}),
        COMPARE: ("Compare", ":material/compare_arrows:", {"a": name}),
        PLAN: ("Plan to learn this", ":material/event_note:", {"goals": name}),
    }
    with st.container(horizontal=True, gap="small"):
        for page, (label, icon, parameters) in views.items():
            if page != current:
                st.page_link(page, label=label, icon=icon, query_params=parameters)
