"""Commands that measure quality against labelled data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.options import Json, get_settings
from api.commands.output import print_json, print_table
from api.commands.progress import showing_progress
from kg.embed import load_embedder
from kg.evaluate import CUTS, evaluate_retrieval
from kg.search import SearchMode

evaluate = typer.Typer(help="Measure quality against labelled data.", no_args_is_help=True)

_Lines = typer.Option(help="A file of JSON lines.", exists=True, dir_okay=False, show_default=False)


@evaluate.callback()
def _group() -> None:
    """Measure quality against labelled data."""


@evaluate.command()
def retrieval(
    corpus: Annotated[Path, _Lines],
    questions: Annotated[Path, _Lines],
    modes: Annotated[
        list[SearchMode] | None, typer.Option("--mode", case_sensitive=False, help="All if left out.")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="A store that keeps the vectors for the next run.")
    ] = None,
    json: Json = False,
) -> None:
    """Rank a corpus's passages for each question, in every search mode."""
    embedder = load_embedder(get_settings().embedding_model)
    with showing_progress() as progress:
        report = evaluate_retrieval(
            corpus, questions, embedder, modes=modes or tuple(SearchMode), cache=cache, progress=progress
        )
    if json:
        print_json(report)
        return
    columns = ["mode", *(f"recall@{k}" for k in CUTS), *(f"all@{k}" for k in CUTS), "ms"]
    print_table(
        columns,
        [
            [
                mode.mode,
                *(mode.recall[k] for k in CUTS),
                *(mode.all_gold[k] for k in CUTS),
                mode.ms_per_question,
            ]
            for mode in report.modes
        ],
    )
