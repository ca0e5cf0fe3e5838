"""The command ``kg``: a table of commands, each loaded only when it is the one that was asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Annotated

import typer

from kg.errors import KGError

COMMANDS = {
    "ingest": (
        "api.commands.ingest:ingest",
        "Build or update a graph from files, folders, archives, git repositories.",
    ),
    "serve": (
        "api.commands.serving:serve",
        "Serve GraphQL at /graphql, with /healthz, /readyz and /metrics.",
    ),
    "explore": ("api.commands.serving:explore", "Open the pages for exploring a graph."),
    "up": ("api.commands.up:up", "Ingest what is new, then serve and explore."),
    "show": (
        "api.commands.look:show",
        "Show one entity: what it is, what it is tied to, and where the material says so.",
    ),
    "near": ("api.commands.look:near", "Show what lies around an entity."),
    "path": ("api.commands.look:path", "Show how one entity is tied to another."),
    "prereqs": ("api.commands.look:prereqs", "Show all that should be understood before an entity."),
    "search": ("api.commands.find:search", "Search entities and passages."),
    "ask": ("api.commands.find:ask", "Answer a question in the material's own sentences, each cited."),
    "compare": ("api.commands.find:compare", "Show what two entities share and what sets them apart."),
    "tradeoffs": ("api.commands.find:tradeoffs", "Show the trade-offs that an entity takes part in."),
    "topics": ("api.commands.look:topics", "List the topics of the graph."),
    "ready": ("api.commands.study:ready", "List what can be learned next."),
    "plan": (
        "api.commands.study:plan",
        "Plan what to study, in prerequisite order and in the time there is.",
    ),
    "export": ("api.commands.export:export", "Write the graph for other graph tools."),
    "migrate": (
        "api.commands.migrate:migrate",
        "Copy a graph with all it was made from to another store, such as from SQLite to Neo4j.",
    ),
    "stats": ("api.commands.look:stats", "Count what the graph holds."),
    "eval": ("api.commands.evaluate:evaluate", "Measure quality against labelled data."),
    "doctor": ("api.commands.doctor:doctor", "Check the store, versions and settings, and say what to do."),
    "mcp": ("api.commands.mcp:mcp", "Serve the graph to language models, by MCP over stdin and stdout."),
}
"""Where each command is, and its summary, so that ``kg --help`` loads none of them."""

EXIT_FAILED, EXIT_INTERRUPTED = 1, 130


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"guidegraph {version('guidegraph')}\n")
        raise typer.Exit


def build_cli(arguments: Sequence[str]) -> typer.Typer:
    """Build the command line: the command that ``arguments`` name, and summaries of the others."""
    cli = typer.Typer(
        name="kg",
        help="A knowledge graph of technical guides: ingest, ask, explore, plan.",
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    cli.callback()(_root)
    wanted = next((argument for argument in arguments if not argument.startswith("-")), None)
    for name, (place, summary) in COMMANDS.items():
        if name != wanted:
            cli.command(name, help=summary)(_not_loaded)
            continue
        module, _, attribute = place.partition(":")
        command = getattr(import_module(module), attribute)
        if isinstance(command, typer.Typer):
            cli.add_typer(command, name=name)
        else:
            cli.command(name)(command)
    return cli


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``kg`` and exit: 0 done, 1 could not, 2 wrong usage, 130 interrupted."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        build_cli(given)(given, prog_name="kg")
    except KGError as error:
        sys.stderr.write(f"kg: {error}\n")
        sys.exit(EXIT_FAILED)
    except KeyboardInterrupt:
        _interrupted()
    except BrokenPipeError:
        _leave_quietly()
    except SystemExit as exit_:
        if exit_.code == EXIT_INTERRUPTED:
            _interrupted()
        raise


def _root(
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Hold the commands."""


def _not_loaded() -> None:
    """Stand for a command that was not asked for."""


def _interrupted() -> None:
    sys.stderr.write("\nkg: interrupted\n")
    sys.exit(EXIT_INTERRUPTED)


def _leave_quietly() -> None:
    # The reader has gone (``kg ... | head``): nothing may be written any more, not even at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(EXIT_FAILED)


if __name__ == "__main__":
    main()
