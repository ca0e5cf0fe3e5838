"""Publishing to a real Neo4j server: in place or beside, whole for every reader, and after a failure."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_graphs import EMPTY, everything, graphs, publish_with_vectors, relation
from sample import HashEmbedder, entity_id, publish_sample, sample_graph

from kg.errors import StoreBusyError, StoreUnavailableError
from kg.model import SYMMETRIC, Direction, Entity, EntityKind, Graph, Relation, RelationType
from kg.neo4j_rows import HUB
from kg.neo4j_server import Neo4jServer
from kg.store import GraphStore, RelationFilter

pytestmark = pytest.mark.neo4j


@pytest.fixture
def store(neo4j_stores: Callable[[], GraphStore]) -> GraphStore:
    return neo4j_stores()


@pytest.fixture
def sample(store: GraphStore, embedder: HashEmbedder) -> GraphStore:
    publish_sample(store, embedder)
    return store


def nodes_by_build(server: Neo4jServer) -> list[list[int]]:
    return server.rows("MATCH (n) WHERE n.kg_build IS NOT NULL RETURN n.kg_build, count(*)")


# --- in place or beside


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=graphs(), second=graphs())
def test_a_graph_written_beside_reads_like_one_changed_in_place(neo4j_stores, first, second):
    store = neo4j_stores()
    publish_with_vectors(store, first)
    publish_with_vectors(store, second)
    in_place = everything(store)
    store = neo4j_stores()
    publish_with_vectors(store, first)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kg.neo4j_publish._AT_ONCE", 0)
        publish_with_vectors(store, second)
    assert everything(store) == in_place


def test_a_change_in_place_leaves_the_other_nodes_as_they_are(sample, neo4j_server):
    elements = "MATCH (e:Entity) WHERE e.id <> $id RETURN elementId(e) ORDER BY e.id"
    before = neo4j_server.rows(elements, id=entity_id("RAG"))
    graph = sample_graph()
    sample.publish(replace(graph, entities=tuple(e for e in graph.entities if e.name != "RAG")), {})
    sample.publish(graph, {})
    sample.publish(replace(graph, relations=graph.relations[3:]), {})
    one = [replace(e, importance=0.9) if e.name == "RAG" else e for e in graph.entities]
    between = neo4j_server.rows(elements, id=entity_id("RAG"))
    sample.publish(replace(graph, relations=graph.relations[3:], entities=tuple(one)), {})
    assert neo4j_server.rows(elements, id=entity_id("RAG")) == between
    assert len(between) == len(before)


def test_what_was_written_beside_leaves_nothing_of_the_old_build(sample, neo4j_server, monkeypatch):
    monkeypatch.setattr("kg.neo4j_publish._AT_ONCE", 0)
    graph = sample_graph()
    sample.publish(replace(graph, relations=graph.relations[1:]), {})
    assert len(nodes_by_build(neo4j_server)) == 1
    assert neo4j_server.rows("MATCH (v:KgVector) RETURN count(v)") == [[0]]


def test_vectors_move_to_the_new_build(sample, monkeypatch):
    found = everything(sample)["near"]
    monkeypatch.setattr("kg.neo4j_publish._AT_ONCE", 0)
    graph = sample_graph()
    publish_sample_with(sample, replace(graph, relations=graph.relations[1:]))
    assert everything(sample)["near"] == found


def publish_sample_with(store: GraphStore, graph: Graph) -> None:
    """Publish ``graph`` with the keys that the sample's passages and entities have in the store."""
    _, keys = store.read_graph()
    store.publish(graph, keys)


# --- for every reader the old graph or the new one


def chain(description: str, confidence: float) -> Graph:
    """Make a graph so long that commits take a while to take effect, and reads to be done."""
    ids = [f"e_{n}" for n in range(3_000)]
    entities = [Entity(id=i, name=i, kind=EntityKind.CONCEPT, description=description) for i in ids]
    ties = [relation(a, RelationType.USES, b, confidence) for a, b in pairwise(ids)]
    return replace(EMPTY, entities=tuple(entities), relations=tuple(ties))


def test_a_reader_sees_all_of_a_change_or_nothing_of_it(store):
    old, new = chain("old", 0.25), chain("new", 0.75)
    store.publish(old, {})
    ids = [entity.id for entity in old.entities]
    done = threading.Event()
    seen: list[set[object]] = []

    def read() -> None:
        while not done.is_set():
            seen.append({entity.description for entity in store.entities(ids).values()})
            links = store.links(ids, limit=2)
            seen.append({link.confidence for of in links.values() for link in of})

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for published in [new, old] * 3:
        store.publish(published, {})
    done.set()
    for reader in readers:
        reader.join()
    assert seen
    assert all(len(one) == 1 for one in seen)


@pytest.mark.parametrize("at_once", [0, 50_000])
def test_a_publication_that_fails_midway_leaves_the_last_one_and_the_next_cleans_up(
    sample, neo4j_server, monkeypatch, at_once
):
    before = everything(sample)
    monkeypatch.setattr("kg.neo4j_publish._AT_ONCE", at_once)
    graph = sample_graph()
    # Topics are written after entities; a map is no value that a property can have.
    broken = replace(graph, entities=graph.entities[1:], topics=(replace(graph.topics[0], level={"a": 1}),))
    with pytest.raises(Exception, match="Property values can only be of primitive types"):
        sample.publish(broken, {})
    assert everything(sample) == before
    assert sample.publish(replace(graph, topics=()), {}) == 2
    assert len(nodes_by_build(neo4j_server)) == 1


def test_readers_outlive_a_writer_that_died_while_it_committed(sample, neo4j_server):
    neo4j_server.change(
        "MATCH (g:KgGraph) SET g.version = g.version + 1, g.settled_by = datetime() - duration({seconds: 1})"
    )
    assert sample.entities([entity_id("RAG")])
    assert sample.publish(EMPTY, {}) == 2
    assert sample.counts().entities == 0


def test_a_reader_does_not_wait_for_ever_for_a_commit(sample, neo4j_server, neo4j_stores, monkeypatch):
    neo4j_server.change(
        "MATCH (g:KgGraph) SET g.version = g.version + 1, g.settled_by = datetime() + duration('PT1H')"
    )
    monkeypatch.setattr(sample._server, "query_timeout_s", 0.05)
    with pytest.raises(StoreUnavailableError, match=r"changed all the time for 0.05 s: try again"):
        sample.counts()


# --- one builder at a time


def test_the_holder_of_the_build_lock_is_named(store):
    with (
        store.build_lock(),
        pytest.raises(StoreBusyError, match=r"process \d+ on .*, since 20.* is building"),
    ):
        store.build_lock().__enter__()


def test_nobody_publishes_while_another_store_holds_the_build_lock(store, neo4j_server, monkeypatch):
    lock = store.build_lock()
    with lock:
        store.publish(sample_graph(), {})
        monkeypatch.setattr(store, "_id", "another")
        with pytest.raises(StoreBusyError, match="is building this graph: wait"):
            store.publish(EMPTY, {})
    assert store.publish(EMPTY, {}) == 2


def test_the_lock_of_a_builder_that_died_frees_itself(store, neo4j_server):
    dead = store.build_lock()
    dead.__enter__()
    neo4j_server.change("MATCH (l:KgLock) SET l.until = datetime() - duration({seconds: 1})")
    with store.build_lock():
        dead.__exit__(None, None, None)  # what comes back from the dead frees no other's lock
        with pytest.raises(StoreBusyError):
            store.build_lock().__enter__()


# --- hubs


@st.composite
def stars(draw: st.DrawFn) -> tuple[Relation, ...]:
    """Draw more relations of one entity than an ordinary one has, in both directions or nearly all out."""
    types = draw(st.lists(st.sampled_from(RelationType), min_size=1, max_size=4, unique=True))
    confidences = draw(st.lists(st.sampled_from([0.0, 0.2, 0.5, 0.9]), min_size=1, max_size=3))
    total = HUB + draw(st.integers(1, 150))
    every = draw(st.sampled_from([2, total]))  # so many-th leads out; the last: but for one, all
    ends = [("e_hub", f"e_{n}") if n % every else (f"e_{n}", "e_hub") for n in range(total)]
    return tuple(
        relation(source, types[n % len(types)], target, confidences[n % len(confidences)])
        for n, (source, target) in enumerate(ends)
    )


def touching(found: tuple[Relation, ...], direction: Direction) -> list[Relation]:
    """Return the relations of the hub in a direction, in the order of a page."""
    wanted = {Direction.OUT: ("source_id",), Direction.IN: ("target_id",)}
    of = [
        r
        for r in found
        if r.type in SYMMETRIC
        or "e_hub" in [getattr(r, end) for end in wanted.get(direction, ("source_id", "target_id"))]
    ]
    return sorted(of, key=lambda r: (-r.confidence, r.type, r.source_id, r.target_id))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    found=stars(),
    direction=st.sampled_from(Direction),
    types=st.sets(st.sampled_from(RelationType), max_size=8),
    least=st.sampled_from([0.0, 0.5]),
    limit=st.integers(1, 250),
    offset=st.integers(0, 250),
)
def test_a_hubs_links_come_in_the_same_order_as_any_others(
    neo4j_stores, found, direction, types, least, limit, offset
):
    store = neo4j_stores()
    store.publish(replace(EMPTY, relations=found), {})
    asked = {"direction": direction, "types": types, "min_confidence": least}
    links = store.links(["e_hub", "e_1"], limit=limit, offset=offset, **asked).get("e_hub", [])
    fitting = [
        r.id for r in touching(found, direction) if r.confidence >= least and (r.type in types or not types)
    ]
    assert [link.relation_id for link in links] == fitting[offset : offset + limit]
    counted = store.link_counts(["e_hub"])["e_hub"]
    assert sum(out + into for out, into in counted.values()) == len(found)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    found=stars(),
    types=st.sets(st.sampled_from(RelationType), max_size=8),
    least=st.sampled_from([0.0, 0.5]),
    limit=st.integers(1, 250),
)
def test_a_hubs_neighbors_and_subgraph_are_those_of_the_embedded_store(
    neo4j_stores, sqlite_stores, found, types, least, limit
):
    ids = {"e_hub", *(f"e_{n}" for n in range(300))}  # later ones are missing from the graph
    entities = tuple(Entity(id=id_, name=id_, kind=EntityKind.CONCEPT) for id_ in sorted(ids))
    asked = {"types": types, "min_confidence": least, "limit": limit}
    answers = []
    for store in (neo4j_stores(), sqlite_stores()):
        store.publish(replace(EMPTY, entities=entities, relations=found), {})
        some = ["e_hub", "e_1", "e_2"]
        answers.append([store.neighbors(some, **asked), store.subgraph(ids, **asked)])
    assert answers[0] == answers[1]


def test_a_hub_can_become_one_and_cease_to_be_one(store):
    few = tuple(relation("e_hub", RelationType.USES, f"e_{n}", 0.5) for n in range(HUB))
    hub = (*few, relation("e_new", RelationType.IS_A, "e_hub", 0.9))
    ends = sorted({end for r in hub for end in (r.source_id, r.target_id)})
    entities = tuple(Entity(id=id_, name=id_, kind=EntityKind.CONCEPT) for id_ in ends)
    seen = []
    for relations in (few, hub, few):
        store.publish(replace(EMPTY, entities=entities, relations=relations), {})
        seen.append([link.relation_id for link in store.links(["e_hub"], limit=1000)["e_hub"]])
        assert store.list_relations(RelationFilter(source_id="e_hub"), limit=1).total == len(few)
    assert seen == [[r.id for r in touching(of, Direction.BOTH)] for of in (few, hub, few)]
