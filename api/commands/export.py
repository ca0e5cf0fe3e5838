"""The command that hands the graph to other graph tools."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.commands.options import Store, get_settings, reading
from api.commands.output import say
from kg.export import GraphFormat, export_files, stream_graph


class Format(StrEnum):
    """What a graph can be written as."""

    GRAPHML = "graphml"
    JSON_LD = "json-ld"
    CYPHER = "cypher"
    CSV = "csv"


def export(
    format_: Annotated[Format, typer.Option("--format", help="What to write it as.")] = Format.GRAPHML,
    out: Annotated[
        Path | None, typer.Option(help="File to write, for csv a folder; default is stdout.")
    ] = None,
    of: Annotated[list[str] | None, typer.Option("--of", help="Only what lies around this entity.")] = None,
    depth: Annotated[int, typer.Option(min=1, max=5, help="Most steps away from those entities.")] = 1,
    store: Store = None,
) -> None:
    """Write the graph for other graph tools."""
    wanted = GraphFormat[format_.name]
    with reading(get_settings(store)) as graph:
        if out:
            written = export_files(graph, wanted, out, of=of, depth=depth)
            say(f"written to {', '.join(map(str, written))}")
        else:
            sys.stdout.writelines(stream_graph(graph, wanted, of=of, depth=depth))
