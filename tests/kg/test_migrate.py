"""Copying a store into another: all of it, there and back, whatever interrupts; no graph is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from random_graphs import EMPTY
from sample import HashEmbedder, publish_sample, sample_graph, sample_sources

from kg.errors import InvalidInputError, StoreBusyError
from kg.export import GraphFormat, export_graph
from kg.migrate import migrate
from kg.paths import find_paths, neighborhood
from kg.plan import study_plan
from kg.store import GraphStore

ORIGIN = "sqlite:///origin.db"
STAGES = ("documents", "reading the graph", "vectors", "publishing")


@pytest.fixture
def origin(sqlite_stores, embedder) -> GraphStore:
    """Give a store with the sample, published, and what else an ingest leaves."""
    store = sqlite_stores()
    publish_sample(store, embedder)
    store.put_setting("roots", '{"guide": "/guide"}')
    store.put_setting("folded_from", "a hash")
    return store


def contents(store: GraphStore) -> dict[str, object]:
    """Return all that a store holds, vectors as the bytes that they are written as."""
    graph, keys = store.read_graph()
    vectors = store.read_vectors(keys.values())
    return {
        "graph": graph,
        "vector keys": keys,
        "vectors": {key: vectors[key].astype("<f2").tobytes() for key in sorted(vectors)},
        "sources": list(store.read_sources()),
        "states": store.sources(),
        "settings": store.settings(),
    }


def other_graph(store: GraphStore) -> None:
    """Publish another graph than the sample, of one document that the sample does not have."""
    graph = sample_graph()
    source = sample_sources()[0]
    store.put_sources([replace(source, document=replace(source.document, path="other.md"))])
    store.put_setting("embedding_model", HashEmbedder.name)
    store.put_setting("only here", "1")
    store.publish(replace(graph, entities=graph.entities[:5], relations=(), mentions=()), {})


def interrupt_at(stage: str):
    def progress(name: str, _done: int, _total: int) -> None:
        if name == stage:
            raise KeyboardInterrupt

    return progress


def test_a_copy_holds_all_that_the_original_does_and_so_does_a_copy_of_it(origin, store, sqlite_stores):
    migrate(origin, store, origin=ORIGIN)
    back = sqlite_stores()
    migrate(store, back, origin="the copy")
    assert contents(store) == contents(back) == contents(origin)


def test_exports_of_a_copy_are_the_same_byte_for_byte(origin, store):
    migrate(origin, store, origin=ORIGIN)
    for each in GraphFormat:
        assert export_graph(store, each) == export_graph(origin, each)


def test_a_copy_gives_the_same_neighbourhoods_paths_and_plans(origin, store):
    migrate(origin, store, origin=ORIGIN)
    entities = sample_graph().entities
    for one, other in zip(entities, [*entities[1:], entities[0]], strict=True):
        assert neighborhood(store, [one.id], depth=2) == neighborhood(origin, [one.id], depth=2)
        assert find_paths(store, one.id, other.id) == find_paths(origin, one.id, other.id)
        assert study_plan(store, goals=[one.id]) == study_plan(origin, goals=[one.id])


def test_it_reports_what_the_copy_holds_and_what_was_written(origin, store):
    graph = sample_graph()
    done = migrate(origin, store, origin=ORIGIN)
    assert (done.documents, done.entities, done.relations) == (4, len(graph.entities), len(graph.relations))
    assert (done.documents_written, done.vectors_written) == (4, done.vectors)
    assert done.vectors == len(set(origin.read_graph()[1].values()))
    assert done.revision == store.revision() == 1


def test_copying_again_writes_nothing(origin, store):
    migrate(origin, store, origin=ORIGIN)
    again = migrate(origin, store, origin="the same by another name")
    assert (again.documents_written, again.vectors_written, again.revision) == (0, 0, 1)


@pytest.mark.parametrize("stage", STAGES)
def test_an_interrupted_copy_is_completed_by_running_again(origin, store, stage):
    with pytest.raises(KeyboardInterrupt):
        migrate(origin, store, origin=ORIGIN, progress=interrupt_at(stage))
    assert store.revision() == 0
    migrate(origin, store, origin=ORIGIN)
    assert contents(store) == contents(origin)


def test_what_was_written_before_an_interruption_is_not_written_again(origin, store):
    with pytest.raises(KeyboardInterrupt):
        migrate(origin, store, origin=ORIGIN, progress=interrupt_at("publishing"))
    done = migrate(origin, store, origin=ORIGIN)
    assert (done.documents_written, done.vectors_written) == (0, 0)


def test_another_graph_is_refused_and_stays_as_it_was(origin, store):
    other_graph(store)
    before = contents(store)
    with pytest.raises(InvalidInputError, match=r"another graph \(1 documents, revision 1\).*--replace"):
        migrate(origin, store, origin=ORIGIN)
    assert contents(store) == before


def test_another_graph_is_replaced_where_that_is_wanted_and_read_until_then(origin, store):
    other_graph(store)
    before = store.read_graph()
    seen = []
    migrate(origin, store, origin=ORIGIN, replace=True, progress=lambda *_: seen.append(store.read_graph()))
    assert all(found == before for found in seen)
    assert contents(store) == contents(origin)


def test_an_unfinished_copy_of_another_graph_is_refused(origin, store):
    with pytest.raises(KeyboardInterrupt):
        migrate(origin, store, origin="sqlite:///first.db", progress=interrupt_at("vectors"))
    with pytest.raises(InvalidInputError, match=r"unfinished copy of sqlite:///first\.db"):
        migrate(origin, store, origin=ORIGIN)


def test_an_original_that_changes_meanwhile_is_told_of_and_copied_by_running_again(origin, store):
    def change(stage: str, _done: int, _total: int) -> None:
        {"publishing": lambda: origin.publish(EMPTY, {})}.get(stage, lambda: None)()

    with pytest.raises(StoreBusyError, match=r"origin\.db changed while it was copied"):
        migrate(origin, store, origin=ORIGIN, progress=change)
    migrate(origin, store, origin=ORIGIN)
    assert contents(store) == contents(origin)


def test_a_target_that_is_being_built_is_refused(origin, sqlite_stores):
    target = sqlite_stores()
    with target.build_lock(), pytest.raises(StoreBusyError):
        migrate(origin, target, origin=ORIGIN)


def test_what_is_read_but_not_published_is_copied_as_that(store, sqlite_stores):
    unpublished = sqlite_stores()
    unpublished.put_sources(sample_sources())
    done = migrate(unpublished, store, origin=ORIGIN)
    assert (done.documents_written, done.revision) == (4, 0)
    assert list(store.read_sources()) == list(unpublished.read_sources())
