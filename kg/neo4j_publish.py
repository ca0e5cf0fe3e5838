"""Publishing to Neo4j: what differs is written in one transaction, or where that is too much, beside.

A transaction's changes live in the server's memory until it commits. So a large publication writes a whole
new build in many transactions, and turns to it in a small one.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from kg.errors import StoreBusyError, StoreUnavailableError
from kg.model import Graph
from kg.neo4j_changes import Changes, find_changes
from kg.neo4j_load import forget_vectors, keep_vectors, load_beside, run_all, sweep
from kg.neo4j_published import settled, settling
from kg.neo4j_rows import GraphRows, graph_rows
from kg.neo4j_server import Neo4jServer

if TYPE_CHECKING:
    from neo4j import ManagedTransaction

_AT_ONCE = 50_000  # rows: some hundred megabytes of the server's heap

_BEFORE = """
MATCH (g:KgGraph {only: 1})
RETURN g.revision, g.build, coalesce(g.sound, false), coalesce(g.parts, '{}'), g.dimension, g.unswept"""
_REMEMBER = "MATCH (g:KgGraph {only: 1}) SET g.parts = $parts"
_TURN = """
MATCH (g:KgGraph {only: 1}) WHERE g.revision = $revision
SET g += $changes, g.revision = g.revision + 1
RETURN g.revision"""
_TURN_TO = """
MATCH (g:KgGraph {only: 1}) WHERE g.revision = $revision
SET g.unswept = [build IN g.unswept WHERE build <> $build] + [g.build], g.build = $build,
    g.version = g.version + 2, g.revision = g.revision + 1, g += $changes
RETURN g.revision"""


@dataclass(frozen=True, slots=True)
class _Before:
    revision: int
    build: int
    sound: bool  # nothing in it refers to what is not there
    parts: Mapping[str, str]  # digests of whole parts, where they are known
    dimension: int | None
    unswept: list[int]  # builds that are not, or no longer, published


def publish_graph(server: Neo4jServer, graph: Graph, vector_keys: Mapping[str, str]) -> int:
    """See ``GraphStore.publish``."""
    revision, build, sound, parts, dimension, unswept = server.rows(_BEFORE)[0]
    before = _Before(revision, build, sound, msgspec.json.decode(parts), dimension, unswept)
    for left in before.unswept:
        sweep(server, left)
    rows = graph_rows(graph, vector_keys)
    revision = _publish(server, rows, before)
    forget_vectors(server)
    return revision


def _publish(server: Neo4jServer, rows: GraphRows, before: _Before) -> int:
    if not before.revision:
        return _load(server, rows, before)
    changes = find_changes(server, rows, before.build, before.parts)
    if not len(changes):
        if changes.parts != before.parts:
            server.change(_REMEMBER, parts=_json(changes.parts))
        return before.revision
    # What hangs on a node that is missing, or that is to have another label, is moved by writing all anew.
    in_place = before.sound and not rows.missing and not changes.moved and len(changes) <= _AT_ONCE
    return _change(server, rows, changes, before) if in_place else _load(server, rows, before)


def _change(server: Neo4jServer, rows: GraphRows, changes: Changes, before: _Before) -> int:
    """Write ``changes`` in one transaction."""
    keep_vectors(server, changes.vector_keys(), before.build)
    new = {"counts": _json(rows.counts), "parts": _json(changes.parts)}

    def work(tx: ManagedTransaction) -> int:
        run_all(tx, changes.statements(rows), build=before.build)
        # In a transaction of its own, before this one holds the lock on the node: it must be seen first.
        settling(server)
        return _turn(tx, _TURN, revision=before.revision, changes=new)

    try:
        return server.write(work)
    finally:
        with suppress(StoreUnavailableError):  # readers go on without it, after a while
            settled(server)


def _load(server: Neo4jServer, rows: GraphRows, before: _Before) -> int:
    """Write all of ``rows`` beside what is published, turn to it, and remove what was published."""
    keep_vectors(server, {key for part in rows.nodes for key in part.vector_keys.values()}, before.build)
    build = load_beside(server, rows, first=not before.revision, dimension=before.dimension)
    new = {"counts": _json(rows.counts), "parts": "{}", "sound": not rows.missing}
    revision = server.write(
        lambda tx: _turn(tx, _TURN_TO, revision=before.revision, build=build, changes=new)
    )
    sweep(server, before.build)
    return revision


def _turn(tx: ManagedTransaction, query: str, **values: Any) -> int:
    found = tx.run(query, values).values()
    if not found:
        raise StoreBusyError("another process published this graph meanwhile: run this again")
    return int(found[0][0])


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
