"""Commands that measure quality against labelled data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.options import Json, MinConfidence, Store, get_settings, reading
from api.commands.output import print_heading, print_json, print_table, print_text, say
from api.commands.progress import showing_progress
from kg.embed import load_embedder
from kg.evaluate import CUTS, evaluate_retrieval
from kg.grading import EntityReport, RelationReport, grade_extraction
from kg.order_grading import OrderScore, PrerequisiteReport, grade_prerequisites
from kg.scores import Calibration, Means, Score
from kg.search import SearchMode

evaluate = typer.Typer(help="Measure quality against labelled data.", no_args_is_help=True)

_Lines = typer.Option(help="A file of JSON lines.", exists=True, dir_okay=False, show_default=False)
_SCORE = ["precision", "recall", "F1", "right", "found", "labelled"]


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


@evaluate.command()
def extraction(
    gold: Annotated[Path, typer.Argument(help="Labelled sections, as JSON lines.", show_default=False)],
    min_confidence: MinConfidence = 0.5,
    store: Store = None,
    json: Json = False,
) -> None:
    """Grade the entities and relations of the graph against labelled sections."""
    with reading(get_settings(store)) as graph:
        report = grade_extraction(graph, gold, min_confidence=min_confidence)
    if json:
        print_json(report)
        return
    _print_entities(report.entities)
    _print_relations(report.relations)
    _print_calibration(report.relations.calibration)
    if report.relations.unjudged:
        say(f"left out, as none is labelled: {report.relations.unjudged} RELATED_TO")
    say(f"labelled sections: {len(report.sections)}; --json lists what was missed or wrong in each")


@evaluate.command()
def prerequisites(
    gold: Annotated[
        Path, typer.Argument(help="Labelled pairs, as JSON lines or .csv with a header.", show_default=False)
    ],
    min_confidence: MinConfidence = 0.0,
    store: Store = None,
    json: Json = False,
) -> None:
    """Grade the prerequisites of the graph against labelled pairs."""
    with reading(get_settings(store)) as graph:
        report = grade_prerequisites(graph, gold, min_confidence=min_confidence)
    if json:
        print_json(report)
    else:
        _print_prerequisites(report)


def _print_entities(report: EntityReport) -> None:
    print_heading("entities", gap=False)
    print_table(
        ["", *_SCORE],
        [["exact name", *_cells(report.exact)], ["name or alias", *_cells(report.alias)]],
    )
    print_text(f"salient entities found: {_share(report.salient_recall)} of {report.salient}")
    print_text(f"kind right: {_share(report.kind_accuracy)} of {report.alias.right} found by name or alias")
    print_heading("entities by kind, right where name or alias and kind are")
    print_table(["kind", *_SCORE], [[kind, *_cells(score)] for kind, score in report.kinds.items()])


def _print_relations(report: RelationReport) -> None:
    print_heading(f"relations of confidence {report.min_confidence:g} and above")
    rows = [[type_, *_cells(score)] for type_, score in report.types.items()]
    together = ["all together", *_cells(report.micro)]
    mean = ["mean of the labelled types", *_shares(report.macro), "", "", ""]
    print_table(["type", *_SCORE], [*rows, together, mean])


def _print_calibration(report: Calibration) -> None:
    print_heading("calibration of relations of any confidence")
    print_table(
        ["from", "to", "relations", "mean confidence", "share right"],
        [[one.low, one.high, one.n, _share(one.confidence), _share(one.right)] for one in report.bins],
    )
    print_text(f"expected calibration error: {_share(report.expected_error)}")


def _print_prerequisites(report: PrerequisiteReport) -> None:
    print_heading(f"prerequisites of confidence {report.min_confidence:g} and above", gap=False)
    print_table(
        ["", *_SCORE, "direction right", "connected"],
        [["direct", *_order_cells(report.direct)], ["closure", *_order_cells(report.closure)]],
    )
    say(f"pairs judged: {report.judged} of {report.pairs}")
    if report.unknown_pairs:
        say(f"pairs of an unknown entity: {report.unknown_pairs} ({', '.join(report.unknown_names)})")
    if report.same_entity:
        say(f"pairs of two names for one entity of the graph: {report.same_entity}")


def _order_cells(order: OrderScore) -> list[str | int]:
    return [*_cells(order.score), _share(order.direction_accuracy), order.connected]


def _cells(score: Score) -> list[str | int]:
    return [*_shares(score), score.right, score.found, score.gold]


def _shares(score: Score | Means) -> list[str]:
    return [_share(score.precision), _share(score.recall), _share(score.f1)]


def _share(value: float | None) -> str:
    # Three digits: targets have two. A share of nothing is none, and is not shown as 0.
    return "-" if value is None else f"{value:.3f}"
