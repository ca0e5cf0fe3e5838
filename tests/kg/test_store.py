"""The conformance suite, whatever the engine: sources, vectors, publishing, housekeeping."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from random_graphs import EMPTY, everything, graphs, publish_with_vectors
from sample import BASICS, CATALOGUE, CHUNKS, RETRIEVAL, entity_id, sample_graph, sample_sources

from kg.errors import StoreBusyError, StoreUnavailableError
from kg.model import EntityKind, RelationType
from kg.store import EntityFilter, Owner

# --- sources


def test_sources_come_back_whole_by_document_id(store):
    sources = sample_sources()
    store.put_sources(sources)
    assert list(store.read_sources()) == sorted(sources, key=lambda source: source.document.id)


def test_a_source_put_again_replaces_the_first(store):
    first, *others = sample_sources()
    store.put_sources([first, *others])
    edited = replace(first, document=replace(first.document, content_hash="f" * 64), fingerprint="sample-2")
    store.put_sources([edited])
    state = store.sources()[first.document.id]
    assert (state.document.content_hash, state.fingerprint) == ("f" * 64, "sample-2")
    assert len(list(store.read_sources())) == len(others) + 1


def test_dropped_sources_are_gone_and_unknown_ids_ignored(store):
    store.put_sources(sample_sources())
    store.drop_sources([BASICS.id, "d_unknown"])
    assert set(store.sources()) == {RETRIEVAL.id, CHUNKS.id, CATALOGUE.id}


def test_readers_see_nothing_of_sources_until_they_are_published(store):
    store.put_sources(sample_sources())
    assert store.counts().documents == 0
    assert store.list_documents() == []


# --- vectors


def test_vectors_are_missing_until_they_are_put(store):
    store.put_vectors({"a": np.array([1, 0], np.float32)})
    assert store.missing_vectors(["a", "b"]) == {"b"}


def test_vectors_wait_for_their_publication_and_leave_with_their_last_owner(sample_store):
    graph = sample_graph()
    sample_store.put_vectors({"new": np.full(64, 0.125, np.float32)})
    assert sample_store.missing_vectors(["new"]) == set()
    sample_store.publish(graph, {})
    assert sample_store.missing_vectors(["new"]) == {"new"}


# --- publishing


def test_a_new_store_is_empty_at_revision_0(store):
    assert store.revision() == 0
    assert store.counts().entities == 0
    assert store.list_entities(EntityFilter(), limit=10).items == []


def test_the_revision_changes_when_the_graph_does(store):
    graph = sample_graph()
    first = store.publish(graph, {})
    second = store.publish(replace(graph, relations=graph.relations[1:]), {})
    assert (first, second, store.revision()) == (1, 2, 2)


def test_publishing_the_same_graph_again_changes_nothing(store):
    graph = sample_graph()
    revision = store.publish(graph, {})
    backwards = replace(
        graph,
        entities=graph.entities[::-1],
        relations=graph.relations[::-1],
        mentions=graph.mentions[::-1],
        passages=graph.passages[::-1],
    )
    assert store.publish(backwards, {}) == revision


def test_the_sample_comes_back_as_it_was_published(sample_store):
    graph = sample_graph()
    assert sample_store.entities([e.id for e in graph.entities]) == {e.id: e for e in graph.entities}
    assert sample_store.relations([r.id for r in graph.relations]) == {r.id: r for r in graph.relations}
    assert sample_store.passages([p.id for p in graph.passages]) == {p.id: p for p in graph.passages}
    assert sample_store.documents([d.id for d in graph.documents]) == {d.id: d for d in graph.documents}


def test_counts_leave_out_the_catalogues_documents_and_passages(sample_store):
    counts = sample_store.counts()
    assert (counts.documents, counts.passages, counts.entities, counts.relations) == (3, 13, 26, 37)
    assert counts.kinds[EntityKind.TOOL] == 3
    assert counts.types[RelationType.TRADES_OFF] == 2


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=graphs(), second=graphs())
def test_publishing_over_another_graph_reads_like_publishing_anew(new_store, first, second):
    store = new_store()
    publish_with_vectors(store, first)
    publish_with_vectors(store, second)
    over = everything(store)
    store = new_store()
    publish_with_vectors(store, second)
    assert over == everything(store)


# --- whole-graph reads


def test_topics_come_by_level_largest_first(sample_store):
    assert [topic.title for topic in sample_store.topics(level=0)] == ["Retrieval", "Foundations"]
    assert [topic.title for topic in sample_store.topics(level=1)] == ["Search"]
    assert sample_store.topics(level=2) == []


def test_tracks_and_dropped_relations_come_back_whole(sample_store):
    assert sample_store.tracks() == list(sample_graph().tracks)
    assert sample_store.dropped() == list(sample_graph().dropped)


def test_every_relation_is_streamed_by_id(sample_store):
    assert [link.relation_id for link in sample_store.iter_links()] == sorted(
        r.id for r in sample_graph().relations
    )


def test_mentions_of_the_material_are_streamed_by_passage_then_entity(sample_store):
    graph = sample_graph()
    catalogue = {p.id for p in graph.passages if p.document_id == CATALOGUE.id}
    expected = [(m.passage_id, m.entity_id, m.count) for m in graph.mentions if m.passage_id not in catalogue]
    assert list(sample_store.iter_mentions()) == sorted(expected)


# --- housekeeping


def test_settings_are_remembered(store):
    assert store.setting("ontology") is None
    store.put_setting("ontology", "1")
    store.put_setting("ontology", "2")
    assert store.setting("ontology") == "2"


def test_a_sound_store_passes_every_check(sample_store):
    assert [check for check in sample_store.check() if not check.ok] == []


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("references", lambda graph: replace(graph, entities=graph.entities[1:])),
        ("references", lambda graph: replace(graph, passages=graph.passages[1:])),
        ("publication", lambda graph: replace(graph, documents=graph.documents[1:])),
        ("vectors", lambda graph: graph),
    ],
)
def test_a_check_names_what_is_wrong_and_what_to_run(sample_store, name, spoil):
    sample_store.publish(spoil(sample_graph()), {})
    found = {check.name: check for check in sample_store.check()}[name]
    assert not found.ok
    assert "kg ingest" in found.detail


def test_one_builder_at_a_time_holds_the_lock(store):
    with store.build_lock(), pytest.raises(StoreBusyError, match="is building this graph: wait"):
        store.build_lock().__enter__()
    with store.build_lock():
        pass


def test_a_closed_store_says_so_and_closing_twice_is_harmless(sample_store):
    sample_store.close()
    sample_store.close()
    with pytest.raises(StoreUnavailableError, match="closed"):
        sample_store.revision()


def test_many_threads_read_at_once(sample_store, embedder):
    query = embedder.encode(["rag"])[0]
    barrier = threading.Barrier(8)

    def read(_: int) -> object:
        barrier.wait()
        return [
            (
                sample_store.search_vector(query, Owner.PASSAGE, limit=3),
                sample_store.links([entity_id("RAG")], limit=3),
            )
            for _ in range(20)
        ]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(read, range(8)))
    assert all(answer == answers[0] for answer in answers)


def test_readers_see_one_publication_or_the_other_while_one_is_written(sample_store):
    graph = sample_graph()
    small = replace(graph, entities=graph.entities[:5], relations=(), mentions=())
    done = threading.Event()
    seen: set[tuple[int, int]] = set()

    def read() -> None:
        while not done.is_set():
            counts = sample_store.counts()
            seen.add((counts.entities, counts.relations))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for published in [small, graph] * 10:
        sample_store.publish(published, {})
    done.set()
    for reader in readers:
        reader.join()
    assert seen <= {(26, 37), (5, 0)}


def test_a_stream_goes_on_while_others_read_and_write(sample_store):
    links = sample_store.iter_links()
    first = next(links)
    sample_store.publish(EMPTY, {})
    assert sample_store.revision() == 2
    assert len([first, *links]) == 37
