"""The command that checks everything and says what to do."""

from __future__ import annotations

import platform
from importlib.metadata import version

import typer

from api.commands.options import Json, Store, get_settings
from api.commands.output import print_json, print_table, say
from kg.embed import load_embedder
from kg.errors import KGError
from kg.open import open_settings_store
from kg.settings import Settings
from kg.store import Check

_LIBRARIES = ("guidegraph", "apsw", "spacy", "sentence-transformers", "strawberry-graphql", "streamlit")


def doctor(store: Store = None, json: Json = False) -> None:
    """Check the store, versions and settings, and say what to do."""
    settings = get_settings(store)
    checks = [*_versions(), *_store(settings)]
    if json:
        print_json(checks)
    else:
        print_table(
            ["", "check", "found"],
            [["ok" if check.ok else "BAD", check.name, check.detail] for check in checks],
        )
    if bad := [check.name for check in checks if not check.ok]:
        say(f"not well: {', '.join(bad)}")
        raise typer.Exit(1)


def _versions() -> list[Check]:
    found = [Check(name="python", ok=True, detail=platform.python_version())]
    return found + [Check(name=name, ok=True, detail=version(name)) for name in _LIBRARIES]


def _store(settings: Settings) -> list[Check]:
    where = Check(name="store address", ok=True, detail=settings.store)
    try:
        store = open_settings_store(settings, read_only=True)
    except KGError as error:
        return [where, Check(name="store", ok=False, detail=str(error))]
    try:
        made_with = store.setting("embedding_model")
        model = load_embedder(settings.embedding_model or made_with or "").name
        fits = made_with in {None, model}
        detail = (
            model
            if fits
            else f"the store has {made_with}, the settings say {model}: unset KG_EMBEDDING_MODEL"
        )
        return [where, Check(name="embedding model", ok=fits, detail=detail), *store.check()]
    finally:
        store.close()
