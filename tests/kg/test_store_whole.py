"""What every store gives back whole: the published graph, vectors by key, settings."""

from __future__ import annotations

from operator import attrgetter

import numpy as np
from hypothesis import HealthCheck, given, settings
from random_graphs import EMPTY, everything, graphs, publish_with_vectors
from sample import publish_sample

from kg.model import Graph

# A store is made once for all examples of a test, as on a server that takes seconds.
FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def in_order(graph: Graph) -> Graph:
    return Graph(
        documents=tuple(sorted(graph.documents, key=attrgetter("id"))),
        passages=tuple(sorted(graph.passages, key=attrgetter("id"))),
        entities=tuple(sorted(graph.entities, key=attrgetter("id"))),
        relations=tuple(sorted(graph.relations, key=attrgetter("id"))),
        mentions=tuple(sorted(graph.mentions, key=attrgetter("passage_id", "entity_id"))),
        topics=tuple(sorted(graph.topics, key=attrgetter("id"))),
        tracks=tuple(sorted(graph.tracks, key=attrgetter("name"))),
        dropped=tuple(sorted(graph.dropped, key=attrgetter("source_id", "target_id"))),
    )


def test_an_empty_store_gives_back_an_empty_graph(store):
    assert store.read_graph() == (EMPTY, {})


def test_the_sample_comes_back_whole_with_its_catalogue_and_its_vector_keys(store, embedder):
    graph = publish_sample(store, embedder)
    found, keys = store.read_graph()
    assert found == in_order(graph)
    assert keys.keys() == {owner.id for owner in (*graph.passages, *graph.entities)}


@FEW
@given(graph=graphs())
def test_publishing_what_was_read_changes_nothing(store, graph):
    revision = publish_with_vectors(store, graph)
    found, keys = store.read_graph()
    assert found == in_order(graph)
    before = everything(store)
    assert store.publish(found, keys) == revision
    assert everything(store) == before


def test_vectors_are_found_by_key_whether_published_or_waiting(store, embedder):
    publish_sample(store, embedder)
    waiting = np.full(64, 0.125, np.float32)
    store.put_vectors({"waiting": waiting})
    _, keys = store.read_graph()
    owner, key = min(keys.items())
    found = store.read_vectors([key, "waiting", "unknown"])
    assert found.keys() == {key, "waiting"}
    np.testing.assert_array_equal(found[key], store.vector(owner))
    np.testing.assert_allclose(found["waiting"], waiting, atol=1e-3)


def test_settings_are_listed_by_name_and_forgotten_by_none(store):
    store.put_setting("roots", "{}")
    store.put_setting("embedding_model", "hash-64")
    store.put_setting("passing", "1")
    store.put_setting("passing", None)
    store.put_setting("unknown", None)
    assert list(store.settings().items()) == [("embedding_model", "hash-64"), ("roots", "{}")]
    assert store.setting("passing") is None
