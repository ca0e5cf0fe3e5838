"""Commands that look for something: search, answers, comparisons."""

from __future__ import annotations

from typing import Annotated

import typer

from api import by_name
from api.backend import embedder_of
from api.commands.options import Json, Limit, Store, get_settings, reading
from api.commands.output import print_heading, print_json, print_table, print_text, say
from api.recording import record_answer, record_comparison, record_search, record_trade_offs
from api.records import AnswerRecord, ComparisonRecord, RelationRecord, TradeOffRecord
from kg import answer as answering
from kg import search as searching
from kg.answer import AnswerMode
from kg.model import EntityKind
from kg.search import SearchMode

_PREVIEW_CHARS = 160


def search(
    text: Annotated[str, typer.Argument(help="Words, a name or a question.", show_default=False)],
    mode: Annotated[SearchMode, typer.Option(case_sensitive=False, help="How to rank.")] = SearchMode.HYBRID,
    kinds: Annotated[
        list[EntityKind] | None, typer.Option("--kind", help="Only entities of this kind.")
    ] = None,
    limit: Limit = 10,
    store: Store = None,
    json: Json = False,
) -> None:
    """Search entities and passages."""
    settings = get_settings(store)
    with reading(settings) as graph:
        embedder = embedder_of(graph, settings)
        hits = searching.search(graph, embedder, text, mode=mode, kinds=frozenset(kinds or ()), limit=limit)
        found = record_search(graph, hits)
    if json:
        print_json(found)
        return
    if not (found.entities or found.passages):
        say(f"nothing found for {text!r}")
    print_table(
        ["score", "entity", "kind", "description"],
        [[hit.score, hit.entity.name, hit.entity.kind, hit.entity.description] for hit in found.entities],
    )
    if found.passages:
        print_heading("passages")
        print_table(
            ["score", "place", "text"],
            [[hit.score, f"{hit.document}:{hit.line}", hit.text[:_PREVIEW_CHARS]] for hit in found.passages],
        )


def ask(
    question: Annotated[str, typer.Argument(help="A question in plain words.", show_default=False)],
    mode: Annotated[AnswerMode, typer.Option(case_sensitive=False, help="How to look.")] = AnswerMode.AUTO,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Most passages to answer from.")] = 8,
    store: Store = None,
    json: Json = False,
) -> None:
    """Answer a question in the material's own sentences, each cited."""
    settings = get_settings(store)
    with reading(settings) as graph:
        given = answering.ask(graph, embedder_of(graph, settings), question, mode=mode, limit=limit)
        answer = record_answer(graph, given)
    if json:
        print_json(answer)
    else:
        _print_answer(answer)


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="One entity.", show_default=False)],
    b: Annotated[str, typer.Argument(metavar="B", help="The other.", show_default=False)],
    store: Store = None,
    json: Json = False,
) -> None:
    """Show what two entities share and what sets them apart."""
    settings = get_settings(store)
    with reading(settings) as graph:
        compared = by_name.compare(graph, embedder_of(graph, settings), a, b)
        comparison = record_comparison(graph, compared)
    if json:
        print_json(comparison)
    else:
        _print_comparison(comparison)


def tradeoffs(
    name: Annotated[str | None, typer.Argument(help="Id, name or alias; all if left out.")] = None,
    limit: Limit = 20,
    store: Store = None,
    json: Json = False,
) -> None:
    """Show the trade-offs that an entity takes part in."""
    with reading(get_settings(store)) as graph:
        found = record_trade_offs(graph, by_name.trade_offs(graph, name, limit=limit))
    if json:
        print_json(found)
        return
    if not found:
        say("the material names no trade-off here")
    _print_trade_offs(found)


def _print_answer(answer: AnswerRecord) -> None:
    if answer.text is None:
        say("the graph holds no answer to that")
        return
    print_text(answer.text)
    print_heading("citations")
    print_table(
        ["", "place", "quote"],
        [
            [f"[{each.number}]", f"{each.evidence.document}:{each.evidence.line}", each.evidence.quote]
            for each in answer.citations
        ],
    )
    say(f"confidence {answer.confidence:.2f}, looked {answer.mode}")


def _print_comparison(comparison: ComparisonRecord) -> None:
    for entity in (comparison.a, comparison.b):
        print_text(
            f"{entity.name}  {entity.kind}" + (f": {entity.description}" if entity.description else "")
        )
    if comparison.shared:
        print_heading("both are tied to")
        print_text(", ".join(comparison.shared))
    for entity, relations in ((comparison.a, comparison.only_a), (comparison.b, comparison.only_b)):
        print_heading(f"only {entity.name}")
        print_table(["relation", "where the material says so"], [_tie(relation) for relation in relations])
    if comparison.trade_offs:
        print_text("")
    _print_trade_offs(comparison.trade_offs)


def _tie(relation: RelationRecord) -> list[str]:
    quote = relation.evidence[0].quote if relation.evidence else ""
    return [f"{relation.source} {relation.type} {relation.target}", quote]


def _print_trade_offs(found: list[TradeOffRecord]) -> None:
    for place, trade_off in enumerate(found):
        print_heading(trade_off.entity, gap=place > 0)
        print_table(
            ["side", "gains", "costs"],
            [[side.entity, "; ".join(side.gains), "; ".join(side.costs)] for side in trade_off.sides],
        )
