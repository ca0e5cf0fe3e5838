"""Writing a whole graph to Neo4j beside the published one: many transactions that no reader looks at.

Memory is bounded on both sides by the size of a batch. What is left of an old build, or of one that was
interrupted, is listed with the graph and removed afterwards, or by the next publication.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
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
)

if TYPE_CHECKING:
    from neo4j import ManagedTransaction

T = TypeVar("T")

_MANY = 50_000

_NEXT_BUILD = """
MATCH (g:KgGraph {only: 1})
SET g.builds = g.builds + 1, g.unswept = g.unswept + [g.builds]
RETURN g.builds"""
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
    for statements in _one_ahead(_in_transactions(_everything(rows))):
        server.write(partial(run_all, statements=statements, build=build))
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


def _everything(rows: GraphRows) -> Iterator[Statement]:
    for part in rows.nodes:
        yield from create_nodes(part, sorted(part.ids))
    yield from hold_passages(rows, sorted(rows.document_of))
    # Neighbours in a batch are neighbours on the server's pages.
    yield from create_relations(rows, sorted(rows.relations, key=lambda id_: rows.relations[id_].source_id))
    yield from create_mentions(rows, sorted(rows.mentions))
    for part in rows.nodes:
        yield from embed_nodes(part.label, part.vector_keys)


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


def _one_ahead(items: Iterator[T]) -> Iterator[T]:
    """Yield ``items``, the next one already in the making: the server then has not to wait for us."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item
