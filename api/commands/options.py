"""Options that many commands share, and the store they lead to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, Any

import typer

from kg.open import open_settings_store
from kg.settings import Settings, read_settings
from kg.store import GraphStore

Store = Annotated[
    str | None,
    typer.Option(
        "--store", help="Address of the store; default KG_STORE, else sqlite:///kg.db.", show_default=False
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=100, help="Most results.")]
MinConfidence = Annotated[
    float, typer.Option("--min-confidence", min=0, max=1, help="Leave out weaker relations.")
]


def get_settings(store: str | None = None, **given: Any) -> Settings:
    """Read the settings; what was ``given`` on the command line, and is not None, goes before them."""
    chosen = {name: value for name, value in {"store": store, **given}.items() if value is not None}
    return replace(read_settings(os.environ), **chosen)


@contextmanager
def reading(settings: Settings) -> Iterator[GraphStore]:
    """Open the store for reading."""
    store = open_settings_store(settings, read_only=True)
    try:
        yield store
    finally:
        store.close()
