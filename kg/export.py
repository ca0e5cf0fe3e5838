"""The graph, or a part of it, for other graph tools."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from itertools import islice
from pathlib import Path

from kg.errors import InvalidInputError, StoreBusyError
from kg.graph_formats import write_cypher, write_edges, write_graphml, write_json_ld, write_nodes
from kg.lookup import get_entities
from kg.model import Entity, Relation
from kg.paths import neighborhood
from kg.store import EntityFilter, EntityOrder, GraphStore

_BATCH = 1_000  # entities or relations in memory at a time
_MOST_AROUND = 1_000  # entities of a part


class GraphFormat(StrEnum):
    """What a graph can be written as."""

    GRAPHML = "GRAPHML"  # Gephi, yEd, Cytoscape, NetworkX
    JSON_LD = "JSON_LD"  # linked data: names in SKOS terms, relations with their evidence as statements
    CYPHER = "CYPHER"  # statements for Neo4j; running them again changes nothing
    CSV = "CSV"  # a table of nodes and one of edges


_Writer = Callable[[Iterable[Entity], Iterable[Relation]], Iterator[str]]

_WRITERS: dict[GraphFormat, _Writer] = {
    GraphFormat.GRAPHML: write_graphml,
    GraphFormat.JSON_LD: write_json_ld,
    GraphFormat.CYPHER: write_cypher,
    GraphFormat.CSV: write_edges,
}


def export_graph(
    store: GraphStore,
    format: GraphFormat,  # noqa: A002 - the contract's word
    *,
    of: Sequence[str] | None = None,
    depth: int = 1,
) -> str:
    """Return the graph, or the part around some entities, as one text.

    CSV gives the table of edges, with name and kind of both ends; ``export_files`` writes both tables.

    Args:
        store: what to export.
        format: how to write it.
        of: ids, names or aliases of entities whose neighbourhood to take; None for the whole graph.
        depth: how many steps around them.

    Raises:
        EntityNotFoundError: naming each of ``of`` that the graph does not have.
        StoreBusyError: another graph was published meanwhile.
    """
    return "".join(stream_graph(store, format, of=of, depth=depth))


def stream_graph(
    store: GraphStore,
    format: GraphFormat,  # noqa: A002
    *,
    of: Sequence[str] | None = None,
    depth: int = 1,
) -> Iterator[str]:
    """Yield what ``export_graph`` returns piece by piece, so that memory holds little of it."""
    with _unchanged(store):
        yield from _WRITERS[format](*_parts(store, of, depth))


def export_files(
    store: GraphStore,
    format: GraphFormat,  # noqa: A002
    out: Path,
    *,
    of: Sequence[str] | None = None,
    depth: int = 1,
) -> list[Path]:
    """Write the file ``out``, or for CSV the files nodes.csv and edges.csv in the folder ``out``.

    Files appear whole or not at all. Returns their paths.

    Raises:
        InvalidInputError: a file cannot be written there.
        EntityNotFoundError: naming each of ``of`` that the graph does not have.
        StoreBusyError: another graph was published meanwhile.
    """
    if format is not GraphFormat.CSV and out.is_dir():
        raise InvalidInputError(f"cannot write {out}: it is a folder; name a file in it")
    if format is GraphFormat.CSV:
        files: dict[Path, _Writer] = {out / "nodes.csv": _node_table, out / "edges.csv": _edge_table}
    else:
        files = {out: _WRITERS[format]}
    beside = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in files}
    try:
        next(iter(files)).parent.mkdir(parents=True, exist_ok=True)
        with _unchanged(store):
            entities, relations = _parts(store, of, depth)
            for path, write in files.items():
                with beside[path].open("w", encoding="utf-8", newline="") as file:
                    file.writelines(write(entities, relations))
        for path in files:
            beside[path].replace(path)
    except OSError as error:
        raise InvalidInputError(f"cannot write {out}: {error.strerror}") from error
    finally:
        with suppress(OSError):
            for path in beside.values():
                path.unlink(missing_ok=True)
    return list(files)


def _node_table(entities: Iterable[Entity], _: Iterable[Relation]) -> Iterator[str]:
    return write_nodes(entities)


def _edge_table(_: Iterable[Entity], relations: Iterable[Relation]) -> Iterator[str]:
    return write_edges((), relations)


@contextmanager
def _unchanged(store: GraphStore) -> Iterator[None]:
    """Fail where another graph is published meanwhile, as what was read is then part old, part new."""
    revision = store.revision()
    yield
    if store.revision() != revision:
        raise StoreBusyError("another graph was published during the export; run it again")


def _parts(
    store: GraphStore, of: Sequence[str] | None, depth: int
) -> tuple[Iterable[Entity], Iterable[Relation]]:
    if of is None:
        return _all_entities(store), _all_relations(store)
    start = [entity.id for entity in get_entities(store, of)]
    part = neighborhood(store, start, depth=depth, limit=_MOST_AROUND)
    return part.entities, part.relations


def _all_entities(store: GraphStore) -> Iterator[Entity]:
    offset = 0
    while page := store.list_entities(
        EntityFilter(), order=EntityOrder.NAME, limit=_BATCH, offset=offset
    ).items:
        yield from page
        offset += len(page)


def _all_relations(store: GraphStore) -> Iterator[Relation]:
    links = store.iter_links()
    while ids := [link.relation_id for link in islice(links, _BATCH)]:
        relations = store.relations(ids)
        yield from (relations[id_] for id_ in ids if id_ in relations)
