"""The address holds the state: what a page shows is read from the query string and kept there.

Streamlit's own ``bind="query-params"`` is not used: after a link from a page to itself the address
keeps its old value (seen in 1.67). Here the address is the one truth: before a widget is drawn it takes
its value from there, and a change by the reader is written there first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import streamlit as st

Value = str | int | float | date | list[str] | None


def text(name: str, default: str = "") -> str:
    """Read a text; what is not in the address gives ``default``."""
    return str(st.query_params.get(name, default)).strip() or default


def choice(name: str, options: Collection[str], default: str) -> str:
    """Read one of ``options``; anything else gives ``default``."""
    value = text(name, default)
    return value if value in options else default


def choices(name: str, options: Collection[str] | None = None) -> list[str]:
    """Read a list, in its order and without repeats; with ``options``, only those of them."""
    values = dict.fromkeys(value.strip() for value in st.query_params.get_all(name))
    return [value for value in values if value and (options is None or value in options)]


def integer(name: str, low: int, high: int, default: int) -> int:
    """Read a whole number from ``low`` to ``high``; anything else gives ``default``."""
    try:
        value = int(text(name))
    except ValueError:  # also of thousands of digits, which Python does not read
        return default
    return value if low <= value <= high else default


def number(name: str, low: float, high: float, default: float) -> float:
    """Read a number from ``low`` to ``high``; anything else gives ``default``."""
    try:
        value = float(text(name))
    except ValueError:
        return default
    return value if low <= value <= high else default


def day(name: str) -> date | None:
    """Read an ISO 8601 date; anything else gives None."""
    try:
        return date.fromisoformat(text(name))
    except ValueError:
        return None


def keep(name: str, value: Value, default: Value = None) -> dict[str, Any]:
    """Tie a widget to the address: keyword arguments for a widget that shows ``value``.

    Args:
        name: of the parameter, and the widget's key.
        value: as read from the address.
        default: a value that the address need not hold.
    """
    if name not in st.session_state or st.session_state[name] != value:
        st.session_state[name] = value
    return {"key": name, "on_change": _keep_change, "args": (name, default)}


def put(name: str, value: Value, default: Value = None) -> None:
    """Write a value into the address; the default and nothing are left out."""
    if value in (default, None, "", []):
        st.query_params.pop(name, None)
    elif isinstance(value, list):
        st.query_params[name] = value
    else:
        st.query_params[name] = f"{value:g}" if isinstance(value, float) else str(value)


def add(name: str, value: str) -> None:
    """Add a value to a list in the address; a value that it holds is not added again."""
    put(name, list(dict.fromkeys([*choices(name), value])))


def settle() -> None:
    """Show the parameters that were read: a link from a page to itself leaves the old address standing."""
    st.query_params.update()


def _keep_change(name: str, default: Value) -> None:
    put(name, st.session_state[name], default)


def query(**parameters: str | Sequence[str] | int | None) -> dict[str, str | list[str]]:
    """Return parameters for a link, without those that are empty."""
    return {
        name: list(value) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)
        for name, value in parameters.items()
        if value
    }
