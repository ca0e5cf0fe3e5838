"""The command that copies a graph from one store to another."""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.options import Json, get_settings, reading
from api.commands.output import print_json, say
from api.commands.progress import showing_progress
from kg.errors import InvalidInputError
from kg.migrate import Migration
from kg.migrate import migrate as run_migration
from kg.open import open_settings_store


def migrate(
    from_: Annotated[
        str, typer.Option("--from", help="Address of the store to copy; it is only read.", show_default=False)
    ],
    to: Annotated[
        str, typer.Option("--to", help="Address of the store to make or complete.", show_default=False)
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="Overwrite another graph that is there.")
    ] = False,
    json: Json = False,
) -> None:
    """Copy a graph with all it was made from to another store, such as from SQLite to Neo4j."""
    if from_ == to:
        raise InvalidInputError("--from and --to are the same store")
    with reading(get_settings(from_)) as source:
        target = open_settings_store(get_settings(to))
        try:
            with showing_progress() as progress:
                done = run_migration(source, target, origin=from_, replace=replace, progress=progress)
        finally:
            target.close()
    if json:
        print_json(done)
    else:
        _tell(done, to)


def _tell(done: Migration, to: str) -> None:
    say(
        f"{to} now holds {done.documents} documents, {done.passages} passages, {done.entities} entities, "
        f"{done.relations} relations and {done.vectors} vectors ({done.seconds:.1f} s)"
    )
    say(f"  written: {done.documents_written} documents, {done.vectors_written} vectors; the rest was there")
