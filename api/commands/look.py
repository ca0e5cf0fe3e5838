"""Commands that show what is in the graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from api import by_name
from api.commands.options import Json, Limit, MinConfidence, Store, get_settings, reading
from api.commands.output import print_heading, print_json, print_table, print_text, say
from api.recording import (
    record_page,
    record_paths,
    record_stats,
    record_subgraph,
    record_topics,
)
from api.records import EntityPage, EvidenceRecord, RelationRecord, SubgraphRecord
from kg.lookup import get_entity
from kg.model import EntityKind, RelationType

Name = Annotated[str, typer.Argument(help="Id, name or alias of an entity.", show_default=False)]
Types = Annotated[list[RelationType] | None, typer.Option("--type", help="Only relations of this type.")]
Kinds = Annotated[list[EntityKind] | None, typer.Option("--kind", help="Only entities of this kind.")]


def show(name: Name, store: Store = None, json: Json = False) -> None:
    """Show one entity: what it is, what it is tied to, and where the material says so."""
    with reading(get_settings(store)) as graph:
        page = record_page(graph, get_entity(graph, name))
    if json:
        print_json(page)
    else:
        _print_page(page)


def near(
    name: Name,
    depth: Annotated[int, typer.Option(min=1, max=5, help="Most steps away.")] = 1,
    types: Types = None,
    kinds: Kinds = None,
    min_confidence: MinConfidence = 0.0,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="Most entities.")] = 50,
    store: Store = None,
    json: Json = False,
) -> None:
    """Show what lies around an entity."""
    with reading(get_settings(store)) as graph:
        around = by_name.neighborhood(
            graph,
            [name],
            depth=depth,
            types=types or (),
            kinds=kinds or (),
            min_confidence=min_confidence,
            limit=limit,
        )
        _print_subgraph(record_subgraph(graph, around), json=json)


def path(
    from_: Annotated[str, typer.Argument(metavar="A", help="Where to start.", show_default=False)],
    to: Annotated[str, typer.Argument(metavar="B", help="Where to get to.", show_default=False)],
    max_hops: Annotated[int, typer.Option(min=1, max=8, help="Most relations in a chain.")] = 4,
    types: Types = None,
    limit: Limit = 3,
    store: Store = None,
    json: Json = False,
) -> None:
    """Show how one entity is tied to another."""
    with reading(get_settings(store)) as graph:
        found = by_name.find_paths(graph, from_, to, max_hops=max_hops, types=types or (), limit=limit)
        paths = record_paths(graph, found)
    if json:
        print_json(paths)
        return
    if not paths:
        say(f"no chain of at most {max_hops} relations between {from_} and {to}; try --max-hops")
    for place, each in enumerate(paths):
        print_heading(f"{' - '.join(each.entities)}  ({each.confidence:.2f})", gap=place > 0)
        _print_relations(each.relations)


def prereqs(
    name: Name,
    depth: Annotated[int | None, typer.Option(min=1, help="Most steps back; all if left out.")] = None,
    store: Store = None,
    json: Json = False,
) -> None:
    """Show all that should be understood before an entity."""
    with reading(get_settings(store)) as graph:
        leading = by_name.prerequisites(graph, name, depth=depth)
        _print_subgraph(record_subgraph(graph, leading), json=json)


def topics(
    level: Annotated[int, typer.Option(min=0, max=1, help="0 for the broadest.")] = 0,
    limit: Limit = 50,
    store: Store = None,
    json: Json = False,
) -> None:
    """List the topics of the graph."""
    with reading(get_settings(store)) as graph:
        found = record_topics(graph, graph.topics(level=level)[:limit])
    if json:
        print_json(found)
    else:
        print_table(
            ["topic", "entities", "most central"],
            [[topic.title, topic.size, ", ".join(topic.entities[:5])] for topic in found],
        )


def stats(store: Store = None, json: Json = False) -> None:
    """Count what the graph holds."""
    with reading(get_settings(store)) as graph:
        counts = record_stats(graph.counts())
    if json:
        print_json(counts)
        return
    totals = ("documents", "passages", "entities", "relations")
    print_table(["", "count"], [[name, getattr(counts, name)] for name in totals])
    print_heading("entities by kind")
    print_table(["kind", "count"], list(counts.kinds.items()))
    print_heading("relations by type")
    print_table(["type", "count"], list(counts.types.items()))


def _print_page(page: EntityPage) -> None:
    entity = page.entity
    print_text(f"{entity.name}  {entity.kind}" + (f"  {entity.difficulty}" if entity.difficulty else ""))
    if entity.aliases:
        print_text(f"also: {', '.join(entity.aliases)}")
    if entity.description:
        print_text(f"\n{entity.description}")
    if page.evidence:
        print_heading("where the material names it")
        print_table(["place", "quote"], [[_place(each), each.quote] for each in page.evidence])
    if page.relations:
        print_heading("relations")
        _print_relations(page.relations)


def _print_subgraph(found: SubgraphRecord, *, json: bool) -> None:
    if json:
        print_json(found)
        return
    print_table(["entity", "kind", "description"], [[e.name, e.kind, e.description] for e in found.entities])
    if found.relations:
        print_heading("relations")
        _print_relations(found.relations)
    if found.truncated:
        say("there is more: --limit shows it")


def _print_relations(relations: Sequence[RelationRecord]) -> None:
    print_table(
        ["relation", "sure", "where the material says so"],
        [
            [
                f"{relation.source} {relation.type} {relation.target}",
                relation.confidence,
                "; ".join(f"{_place(each)} {each.quote}" for each in relation.evidence[:1]),
            ]
            for relation in relations
        ],
    )


def _place(evidence: EvidenceRecord) -> str:
    return f"{evidence.document}:{evidence.line}"
