"""Writing a whole graph to Neo4j beside the published one: many transactions that no reader looks at.

Two transactions are written at once. They share no node, so that one seldom waits for a lock of the other;
where both would wait, the driver tries one again. What is sent, and what the server holds, is bounded by two
batches. What is left of an old build, or of one that was interrupted, is listed with the graph and removed
afterwards, or by the next publication.
"""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any, TypeVar

from kg.neo4j_rows import GraphRows
from kg.neo4j_schema import PARTS, drop_for_loading, make_indexes, make_vector_indexes
from kg.neo4j_server import Neo4jServer
from kg.neo4j_write import (
    BATCH,
    Statement,
    batches,
    create_mentions,
    create_nodes,
    create_relations,
    embed_nodes,
    hold_passages,
    mark_mentions,
)

if TYPE_CHECKING:
    from neo4j import ManagedTransaction

T = TypeVar("T")

_MANY = 50_000

_GROUPS = 4
_ROUNDS = (((0, 0), (1, 1)), ((2, 2), (3, 3)), ((0, 1), (2, 3)), ((0, 2), (1, 3)), ((0, 3), (1, 2)))
"""Each pair of groups once; the two pairs of a round have no group in common."""

_NEXT_BUILD = """
MATCH (g:KgGraph {only: 1})
WITH g, g.builds + 1 AS build
SET g.builds = build, g.unswept = g.unswept + [build]
RETURN build"""
_SWEEP = f"""
MATCH (n:{"|".join(PARTS)}) WHERE n.kg_build = $build AND n.id >= ''
CALL (n) {{ DETACH DELETE n }} IN TRANSACTIONS OF 500 ROWS"""
_SWEPT = "MATCH (g:KgGraph {only: 1}) SET g.unswept = [build IN g.unswept WHERE build <> $build]"

_KEEP_VECTORS = """
UNWIND $rows AS key
WITH key WHERE NOT EXISTS { (:KgVector {key: key}) }
CALL (key) {
    MATCH (n:Entity {kg_build: $build, kg_vector: key}) RETURN n.embedding AS value
    UNION ALL MATCH (n:Passage {kg_build: $build, kg_vector: key}) RETURN n.embedding AS value
    UNION ALL MATCH (n:CatalogueEntry {kg_build: $build, kg_vector: key}) RETURN n.embedding AS value
}
WITH key, head(collect(value)) AS value WHERE value IS NOT NULL
CREATE (:KgVector {key: key, value: value})"""
_FORGET_VECTORS = "MATCH (v:KgVector) CALL (v) { DELETE v } IN TRANSACTIONS OF 1000 ROWS"
_VECTOR_BATCH = 2_000


def load_beside(server: Neo4jServer, rows: GraphRows, *, first: bool, dimension: int | None) -> int:
    """Write ``rows`` as a new build and return its number.

    Args:
        server: the database.
        rows: the whole graph; vectors that its nodes are to have wait in the database.
        first: whether nothing is published yet.
        dimension: how many numbers a vector has; None where there is none.
    """
    build = int(server.change(_NEXT_BUILD)[0][0])
    # Nobody reads yet: an index is sooner made of all rows at the end than row by row.
    anew = first and len(rows) > _MANY
    if anew:
        drop_for_loading(server)
    _write_all(server, _rounds(rows), build)
    if anew:
        make_indexes(server)
        if dimension:
            make_vector_indexes(server, dimension)
    return build


def run_all(tx: ManagedTransaction, statements: Iterable[Statement], **values: Any) -> None:
    """Run statements one after another, each with ``values`` beside its rows."""
    for query, rows in statements:
        tx.run(query, rows=rows, **values).consume()


def sweep(server: Neo4jServer, build: int) -> None:
    """Remove all nodes of a build that is not published."""
    server.command(_SWEEP, build=build)
    server.change(_SWEPT, build=build)


def keep_vectors(server: Neo4jServer, keys: Iterable[str], build: int) -> None:
    """Copy vectors that nodes of ``build`` have to where they wait for new nodes."""
    for batch in batches(sorted(keys), _VECTOR_BATCH):
        server.change(_KEEP_VECTORS, rows=batch, build=build)


def forget_vectors(server: Neo4jServer) -> None:
    """Remove what waits: the nodes that were to have it have it."""
    server.command(_FORGET_VECTORS)


def _write_all(server: Neo4jServer, rounds: Iterable[list[Iterator[Statement]]], build: int) -> None:
    """Write the streams of each round at once; when one fails, the other ends with its transaction."""
    ended = Event()

    def write(stream: Iterator[Statement]) -> None:
        try:
            for some in _in_transactions(stream):
                if ended.is_set():
                    return
                server.write(partial(run_all, statements=some, build=build))
        except BaseException:
            ended.set()
            raise

    with ThreadPoolExecutor(2) as pool:
        try:
            for streams in rounds:
                for written in [pool.submit(write, stream) for stream in streams]:
                    written.result()
        finally:
            ended.set()


def _rounds(rows: GraphRows) -> Iterator[list[Iterator[Statement]]]:
    """Yield what may be written at once: streams that have no node in common."""
    for part in rows.nodes:
        ids = sorted(part.ids)
        yield [create_nodes(part, half) for half in (ids[: len(ids) // 2], ids[len(ids) // 2 :])]
    yield [hold_passages(rows, sorted(rows.document_of))]
    group, group_of_passage = _grouping(rows.entity_ids), _grouping(rows.document_of)

    def ends(relation_id: str) -> tuple[int, int]:
        relation = rows.relations[relation_id]
        return group(relation.source_id), group(relation.target_id)

    # Neighbours in a batch are neighbours on the server's pages.
    relations = sorted(rows.relations, key=lambda id_: rows.relations[id_].source_id)
    for blocks in _apart(relations, ends):
        yield [create_relations(rows, block) for block in blocks]
    mentions = (m for id_ in sorted(rows.mentions) for m in rows.mentions[id_])
    for some in _apart(mentions, lambda m: (group_of_passage(m.passage_id), group(m.entity_id))):
        yield [create_mentions(rows, block) for block in some]
    yield [mark_mentions(rows, sorted(rows.mentions))]
    for part in rows.nodes:
        yield [embed_nodes(part.label, part.vector_keys)]


def _grouping(ids: Collection[str]) -> Callable[[str], int]:
    """Return what puts an id into one of as many groups as there are, all of about the same size."""
    in_order = sorted(ids)
    bounds = [in_order[len(in_order) * n // _GROUPS] for n in range(1, _GROUPS)] if in_order else []
    return partial(bisect, bounds)


def _apart(items: Iterable[T], ends: Callable[[T], tuple[int, int]]) -> Iterator[list[list[T]]]:
    """Yield all items, by the groups of their ends: no two lists that come at once have a group in common."""
    blocks: defaultdict[tuple[int, int], list[T]] = defaultdict(list)
    for item in items:
        one, other = ends(item)
        blocks[min(one, other), max(one, other)].append(item)
    return ([blocks[pair] for pair in of_round] for of_round in _ROUNDS)


def _in_transactions(statements: Iterable[Statement]) -> Iterator[list[Statement]]:
    """Yield statements in lists that have about a batch of rows together."""
    found: list[Statement] = []
    for statement in statements:
        found.append(statement)
        if sum(len(rows) for _, rows in found) >= BATCH:
            yield found
            found = []
    if found:
        yield found
