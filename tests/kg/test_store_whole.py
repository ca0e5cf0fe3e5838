"""What every store gives back whole: the published graph, vectors by key, settings."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from random_graphs import EMPTY, everything, graphs, publish_with_vectors
from sample import publish_sample

from kg.model import Document, Entity, EntityKind, Graph, Mention, Passage, Track

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


def test_the_mentions_of_a_passage_that_has_moved_move_with_it(store):
    document = Document(root="r", path="a.md", title="A", content_hash="0")
    entity = Entity(id="e_1", name="One", kind=EntityKind.TOOL)
    for id_ in ("p_1", "p_2", "p_3"):
        passage = Passage(id=id_, document_id=document.id, position=0, headings=(), line=1, text="One.")
        mention = Mention(entity_id="e_1", passage_id=id_, count=1, start=0, quote="One.")
        graph = replace(
            EMPTY, documents=(document,), passages=(passage,), entities=(entity,), mentions=(mention,)
        )
        store.publish(graph, {})
        assert store.read_graph() == (graph, {})


@pytest.mark.parametrize("name", ["x" * 200_000, "long " * 40_000, "\U0001d4b3" * 9_000, "y" * 8_500])
def test_names_of_any_length_are_published_found_and_replaced(store, name):
    document = Document(root=name, path=name, title=name, content_hash="0")
    passage = Passage(id="p_long", document_id=document.id, position=0, headings=(name,), line=1, text=name)
    entity = Entity(id="e_long", name=name, aliases=(f"{name} too",), kind=EntityKind.TOOL, description=name)
    graph = replace(
        EMPTY,
        documents=(document,),
        passages=(passage,),
        entities=(entity,),
        tracks=(
            Track(name=name, aliases=(name,), goals=(name,)),
            Track(name=f"{name} too", aliases=(), goals=()),
        ),
    )
    store.publish(graph, {})
    assert store.read_graph() == (graph, {})
    wanted = [name, f"{name} too", f"{name} not"]
    assert store.find_names(wanted) == {name: ["e_long"], f"{name} too": ["e_long"]}
    short = replace(graph, entities=(replace(entity, name="short"),))
    store.publish(short, {})
    assert store.read_graph() == (short, {})


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
