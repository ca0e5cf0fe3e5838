"""Choosing entities: a box that suggests names, and where to start when nothing is chosen."""

from __future__ import annotations

import streamlit as st

from explorer import address, queries
from explorer.answers import ask, names
from explorer.kinds import KINDS
from explorer.links import entity_link, entity_row
from explorer.phrases import plain


def chosen_entity(page: str, title: str) -> str:
    """Return the name of the entity that a page is about; without one, offer a start and stop there.

    The name comes from the address; without one, from the page before, so that the menu keeps the entity.
    """
    name = address.text("entity") or st.session_state.get("last_entity", "")
    if name:
        address.put("entity", name)
        st.session_state["last_entity"] = name
    if not name:
        st.title(title, anchor=False)
    pick_entity("Entity", "entity", name)
    if not name:
        start(page)
        st.stop()
    return name


def pick_entity(label: str, parameter: str, name: str) -> None:
    """Draw a box that suggests names; a choice goes into the address as ``parameter``."""
    known = names()
    # The key holds the name, so that the box follows the address wherever a change came from.
    key = f"pick-{parameter}-{name}"
    options = list(known) if name in known or not name else [name, *known]
    st.selectbox(
        label,
        options,
        index=options.index(name) if name else None,
        format_func=lambda option: named(option, known),
        key=key,
        placeholder="Type a name or an alias",
        accept_new_options=True,
        on_change=_picked,
        args=(parameter, key),
    )


def pick_entities(
    label: str, parameter: str, *, more: dict[str, str] | None = None, help_: str = ""
) -> list[str]:
    """Draw a box for several names, kept in the address; ``more`` are options with their own labels."""
    known, extra = names(), more or {}
    chosen = address.choices(parameter)
    options = list(dict.fromkeys([*extra, *chosen, *known]))
    st.multiselect(
        label,
        options,
        format_func=lambda option: extra.get(option) or named(option, known),
        placeholder="Type a name or an alias",
        accept_new_options=True,
        help=help_ or None,
        **address.keep(parameter, chosen),
    )
    return chosen


def named(name: str, known: dict[str, str]) -> str:
    """Return a name with its kind, where that is known, as a list of options shows it."""
    return f"{name} · {KINDS[known[name]].name.lower()}" if name in known else name


def start(page: str) -> None:
    """Offer three important entities, if possible described ones; links lead to ``page``."""
    entities = ask(queries.START)["entities"]["nodes"]
    if not entities:
        nothing_here()
        return
    entities.sort(key=lambda entity: not entity["description"])
    st.markdown("**Or start from one of these**")
    for column, entity in zip(st.columns(3), entities, strict=False):
        with column, st.container(border=True, height="stretch"):
            entity_link(entity, page=page)
            if entity["description"]:
                st.caption(plain(entity["description"]))


def nothing_here() -> None:
    """Say that the graph is empty, and what to do."""
    st.info(
        "The graph holds nothing yet. Run `kg ingest PATH` with a folder of notes, then reload this page.",
        icon=":material/inbox:",
    )


def not_found(name: str, page: str) -> None:
    """Say that no entity has this name, with the nearest ones, and stop."""
    st.warning(f"No entity is called “{plain(name)}”.", icon=":material/search_off:")
    near = ask(queries.SUGGEST, text=name)["suggest"]
    if near:
        st.markdown("**Did you mean**")
        entity_row(near, page=page)
    else:
        start(page)
    st.stop()


def _picked(parameter: str, key: str) -> None:
    name = st.session_state[key] or ""
    address.put(parameter, name)
    if not name:
        st.session_state.pop("last_entity", None)
