"""Neo4j at size: loading beside a plain script's loading, then neighbourhoods, paths and hubs."""

from __future__ import annotations

import os
import random
import resource
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import psutil

from kg.model import Graph
from kg.neo4j_address import Neo4jAccess, parse_address
from kg.neo4j_server import Neo4jServer
from kg.open import open_store
from kg.paths import find_paths, neighborhood
from kg.store import GraphStore
from tests.bench_neo4j_tables import percentiles, row, rule
from tests.power_law import PowerLaw, power_law

_PLAIN_BATCH = 20_000
_LIMIT = 50  # links read of one entity, and neighbours on either of two steps

CLEAR = "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 1000 ROWS"
_PLAIN_ID = "CREATE CONSTRAINT plain_id IF NOT EXISTS FOR (n:Plain) REQUIRE n.id IS UNIQUE"
_BARE_NODES = "UNWIND $rows AS row CREATE (:Plain {id: row})"
_BARE_RELATIONS = """
UNWIND $rows AS row
MATCH (s:Plain {id: row[0]}) MATCH (t:Plain {id: row[1]})
CREATE (s)-[:PLAIN]->(t)"""
_NODES = "UNWIND $rows AS row CREATE (n:Plain) SET n = row"
_RELATIONS = """
UNWIND $rows AS row
MATCH (s:Plain {id: row[0]}) MATCH (t:Plain {id: row[1]})
CREATE (s)-[r:PLAIN]->(t) SET r = row[2]"""

# What someone would write by hand; it knows nothing of builds and hubs, and brings no evidence.
_RAW_NEAR = f"""
MATCH (e:Entity {{kg_build: $build, id: $id}})
CALL (e) {{ MATCH (e)-[r]-(n:Entity) RETURN n LIMIT {_LIMIT} }}
CALL (n) {{ MATCH (n)-[r]-(m:Entity) RETURN m LIMIT {_LIMIT} }}
RETURN count(DISTINCT m)"""
_RAW_PATH = """
MATCH (a:Entity {kg_build: $build, id: $id}), (b:Entity {kg_build: $build, id: $other})
MATCH path = shortestPath((a)-[*..4]-(b))
RETURN [n IN nodes(path) | n.id]"""
_BUILD = "MATCH (g:KgGraph {only: 1}) RETURN g.build"
_INDEXES = (
    "SHOW INDEXES YIELD id, name, type WHERE name STARTS WITH 'kg_' RETURN id, name, type ORDER BY name"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A server, and the folder of its files where they are on this machine."""

    url: str
    access: Neo4jAccess
    folder: Path | None

    def process(self) -> psutil.Process | None:
        return psutil.Process(int((self.folder / "pid").read_text())) if self.folder else None


def measure_size(
    place: Place, plain: Place, entities: int, relations: int, asked: int, *, loaded: bool
) -> None:
    """Load a made-up graph of so many entities and relations, ask it, and print what that took.

    Args:
        place: an empty database, for our store.
        plain: where a plain script loads the same first; may be the same place, which is then cleared.
        entities: how many.
        relations: how many.
        asked: how often each question is put.
        loaded: the graph is there already, and only asked.
    """
    started = time.perf_counter()
    made = power_law(entities, relations)
    spent = time.perf_counter() - started
    print(f"{entities:,} entities, {relations:,} relations: made in {spent:.0f} s, {_own_peak()} in memory\n")  # noqa: T201
    if not loaded:
        _load_plainly(plain, made.graph)
    with closing(open_store(place.url, access=place.access)) as store:
        if not loaded:
            before = _own_peak()
            watch = _Watch(place)
            store.publish(made.graph, {})
            watch.tell("`publish`, with all indexes", entities, relations)
            print(f"\nThis process: {before} with the graph, {_own_peak()} at most while it was published.\n")  # noqa: T201
        _ask(place, store, made, asked)
    _tell_sizes(place)


# --- loading


class _Watch:
    """Seconds and processor time since it was made."""

    def __init__(self, place: Place) -> None:
        self._server = place.process()
        self._started, self._used = time.perf_counter(), self._seconds_used()

    def tell(self, what: str, entities: int, relations: int) -> None:
        wall = time.perf_counter() - self._started
        ours, theirs = (now - before for now, before in zip(self._seconds_used(), self._used, strict=True))
        rate = (entities + relations) / wall
        row(
            [
                what,
                f"{entities:,}",
                f"{relations:,}",
                f"{wall:.1f}",
                f"{ours:.1f}",
                f"{theirs:.1f}",
                f"{rate:,.0f}",
            ]
        )

    def _seconds_used(self) -> tuple[float, float]:
        spent = self._server.cpu_times() if self._server else None
        return time.process_time(), spent.user + spent.system if spent else 0.0


def _load_plainly(place: Place, graph: Graph) -> None:
    """Load ``graph`` as a script of two statements would: ids alone, then with what the graph says."""
    row(["loaded", "entities", "relations", "s", "processor s, here", "processor s, server", "rows a second"])
    rule(7, text=1)
    server = Neo4jServer(parse_address(place.url), place.access, read_only=False, query_timeout_s=10)
    try:
        for what, nodes, relations in (
            ("plain `UNWIND`, ids alone", (_BARE_NODES, _bare_nodes), (_BARE_RELATIONS, _bare_relations)),
            ("plain `UNWIND`, the same content", (_NODES, _nodes), (_RELATIONS, _relations)),
        ):
            server.command(_PLAIN_ID)
            for query, rows_of in (nodes, relations):
                watch = _Watch(place)
                rows = rows_of(graph)
                total = 0
                while batch := list(islice(rows, _PLAIN_BATCH)):
                    server.change(query, rows=batch)
                    total += len(batch)
                watch.tell(what, *((total, 0) if rows_of is nodes[1] else (0, total)))
            server.command(CLEAR)
    finally:
        server.command("DROP CONSTRAINT plain_id IF EXISTS")
        server.close()


def _bare_nodes(graph: Graph) -> Iterator[str]:
    return (entity.id for entity in graph.entities)


def _bare_relations(graph: Graph) -> Iterator[list[str]]:
    return ([one.source_id, one.target_id] for one in graph.relations)


def _nodes(graph: Graph) -> Iterator[dict[str, Any]]:
    for one in graph.entities:
        yield {
            "id": one.id,
            "name": one.name,
            "kind": one.kind,
            "aliases": one.aliases,
            "description": one.description,
            "importance": one.importance,
            "x": one.x,
            "y": one.y,
        }


def _relations(graph: Graph) -> Iterator[list[Any]]:
    for one in graph.relations:
        properties = {
            "id": one.id,
            "confidence": one.confidence,
            "found_by": one.found_by,
            "passages": [evidence.passage_id for evidence in one.evidence],
            "quotes": [evidence.quote for evidence in one.evidence],
        }
        yield [one.source_id, one.target_id, properties]


# --- asking


def _ask(place: Place, store: GraphStore, made: PowerLaw, asked: int) -> None:
    pick = random.Random(7)
    hubs = made.others[: max(10, len(made.others) // 1000)]
    some = [pick.choice(made.others) for _ in range(asked)]
    pairs = [pick.sample(made.others, 2) for _ in range(asked)]
    small = made.others[-asked:]
    middling = made.others[len(made.others) // 400 : len(made.others) // 200 + 1]
    server = Neo4jServer(parse_address(place.url), place.access, read_only=True, query_timeout_s=10)
    build = server.rows(_BUILD)[0][0]
    questions: dict[str, tuple[Callable[[Any], object], Sequence[Any]]] = {
        f"two hops around any entity, {_LIMIT} entities": (
            lambda id_: neighborhood(store, [id_], depth=2, limit=_LIMIT),
            some,
        ),
        "two hops around any entity, 100 entities": (lambda id_: neighborhood(store, [id_], depth=2), some),
        "two hops, raw Cypher": (lambda id_: server.rows(_RAW_NEAR, build=build, id=id_), some),
        f"two hops around a hub, {_LIMIT} entities": (
            lambda id_: neighborhood(store, [id_], depth=2, limit=_LIMIT),
            [pick.choice(hubs) for _ in range(asked)],
        ),
        "the best paths between any two": (lambda ends: find_paths(store, *ends), pairs),
        "one shortest path, raw Cypher": (
            lambda ends: server.rows(_RAW_PATH, build=build, id=ends[0], other=ends[1]),
            pairs,
        ),
        f"{_LIMIT} links of a small entity": (lambda id_: store.links([id_], limit=_LIMIT), small),
        f"{_LIMIT} links of an entity with about as many": (
            lambda id_: store.links([id_], limit=_LIMIT),
            [pick.choice(middling) for _ in range(asked)],
        ),
        f"{_LIMIT} links of the largest hub": (
            lambda id_: store.links([id_], limit=_LIMIT),
            [made.hub] * asked,
        ),
        "nothing but which graph is published": (lambda _: store.revision(), some),
    }
    times: dict[str, list[float]] = {what: [] for what in questions}
    for at in range(asked):  # in turn, so that what else the machine does meets all alike
        for what, (ask, arguments) in questions.items():
            started = time.perf_counter()
            ask(arguments[at])
            times[what].append(time.perf_counter() - started)
    server.close()
    row(["asked", "p50, ms", "p95, ms"])
    rule(3, text=1)
    for what, spent in times.items():
        row([what, *percentiles(spent[asked // 10 :])])  # the first ones warm the caches


# --- sizes


def _own_peak() -> str:
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GB"


def _tell_sizes(place: Place) -> None:
    if place.folder is None:
        return
    process = place.process()
    assert process is not None
    print(f"\nServer: {process.memory_info().rss / 2**30:.2f} GB resident.\n")  # noqa: T201
    data = place.folder / "data" / "databases" / "neo4j"
    server = Neo4jServer(parse_address(place.url), place.access, read_only=True, query_timeout_s=10)
    row(["on disk since the last checkpoint", "MB"])
    rule(2, text=1)
    indexes = data / "schema" / "index"
    for id_, name, type_ in server.rows(_INDEXES):
        if (size := _megabytes(indexes.glob(f"*/{id_}"))) != "0.0":
            row([f"`{name}` ({type_.lower()})", size])
    server.close()
    row(["everything else", _megabytes([data], without=indexes)])


def _megabytes(folders: Iterable[Path], without: Path | None = None) -> str:
    total = 0
    for folder in folders:
        for where, _, names in os.walk(folder):
            if without is None or without not in Path(where).parents:
                total += sum((Path(where) / name).stat().st_size for name in names)
    return f"{total / 2**20:,.1f}"
