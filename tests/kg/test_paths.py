from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from linked import draw_graph
from sample import entity_id

from kg.errors import EntityNotFoundError, InvalidInputError
from kg.model import EntityKind, RelationType
from kg.paths import find_paths, neighborhood

T = RelationType
LETTERS = "abcdefgh"

# The store is emptied by each publication, so one for all examples is as good as many.
with_one_store = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
rows = st.lists(
    st.tuples(
        st.sampled_from(LETTERS),
        st.sampled_from([T.USES, T.PART_OF, T.RELATED_TO]),
        st.sampled_from(LETTERS),
        st.sampled_from([0.3, 0.5, 0.9]),
    ).filter(lambda row: row[0] != row[2]),
    unique_by=lambda row: (frozenset({row[0], row[2]}), row[1]),
    max_size=20,
)


def publish(store, graph):
    store.publish(graph, {})
    return store


def names(found):
    return [entity.name for entity in found]


# --- neighbourhoods


def test_a_neighborhood_begins_with_where_it_was_asked_for(sample_store):
    found = neighborhood(sample_store, [entity_id("Neo4j"), entity_id("FAISS")])
    assert names(found.entities)[:2] == ["Neo4j", "FAISS"]


def test_neighbors_come_by_confidence_times_importance_within_a_step(store):
    publish(
        store,
        draw_graph(
            [
                ("a", T.USES, "b", 0.9),
                ("a", T.USES, "c", 0.5),
                ("a", T.USES, "d", 0.8),
                ("b", T.USES, "e", 1.0),
            ],
            importance={"b": 0.1, "c": 0.4, "d": 0.1, "e": 0.9},
        ),
    )
    assert names(neighborhood(store, ["a"], depth=2).entities) == ["a", "c", "b", "d", "e"]


def test_a_neighborhood_shows_every_relation_among_its_entities_and_no_other(sample_store):
    found = neighborhood(sample_store, [entity_id("RAG")], depth=1)
    ids = {entity.id for entity in found.entities}
    expected = {
        link.relation_id for link in sample_store.iter_links() if {link.source_id, link.target_id} <= ids
    }
    assert {relation.id for relation in found.relations} == expected


def test_only_the_types_asked_for_are_walked_and_shown(sample_store):
    found = neighborhood(sample_store, [entity_id("RAG")], depth=3, types=[T.IS_A, T.WORSENS])
    assert names(found.entities) == ["RAG", "GraphRAG", "Latency"]
    assert {relation.type for relation in found.relations} == {T.IS_A, T.WORSENS}


def test_only_the_kinds_asked_for_are_passed_and_shown(sample_store):
    found = neighborhood(
        sample_store, [entity_id("RAG")], depth=2, kinds=[EntityKind.RISK, EntityKind.METRIC]
    )
    assert names(found.entities) == ["RAG", "Hallucination", "Faithfulness"]


def test_weak_relations_are_neither_walked_nor_shown(sample_store):
    found = neighborhood(sample_store, [entity_id("Embedding")], min_confidence=0.9)
    assert names(found.entities) == ["Embedding", "Vector search", "Tokenization"]
    assert all(relation.confidence >= 0.9 for relation in found.relations)


def test_depth_zero_gives_the_entities_and_what_ties_them(sample_store):
    found = neighborhood(sample_store, [entity_id("RAG"), entity_id("GraphRAG")], depth=0)
    assert {relation.type for relation in found.relations} == {T.IS_A, T.PREREQUISITE_OF}
    assert len(found.entities) == 2


def test_unknown_ids_have_no_neighborhood(sample_store):
    found = neighborhood(sample_store, ["e_nothing"])
    assert (found.entities, found.relations, found.truncated) == ((), (), False)


def test_a_whole_answer_is_not_called_truncated(sample_store):
    assert not neighborhood(sample_store, [entity_id("RAG")], depth=2).truncated


def test_a_limit_keeps_the_best_and_says_that_it_cut(sample_store):
    whole = neighborhood(sample_store, [entity_id("RAG")], depth=2)
    part = neighborhood(sample_store, [entity_id("RAG")], depth=2, limit=4)
    assert names(part.entities) == names(whole.entities)[:4]
    assert part.truncated


def test_a_hub_does_not_crowd_out_the_second_step(store):
    hub = [("start", T.USES, f"leaf{n:03}", 0.9) for n in range(300)]
    publish(store, draw_graph([*hub, ("leaf000", T.USES, "beyond", 0.9)]))
    found = neighborhood(store, ["start"], depth=2, limit=100)
    assert "beyond" in names(found.entities)
    assert found.truncated


def test_one_step_around_a_hub_fills_the_limit(store):
    publish(store, draw_graph([("hub", T.USES, f"leaf{n:03}", 0.9) for n in range(300)]))
    assert len(neighborhood(store, ["hub"], limit=120).entities) == 120


@pytest.mark.parametrize("wrong", [{"depth": -1}, {"limit": 0}])
def test_a_neighborhood_out_of_range_is_refused(sample_store, wrong):
    with pytest.raises(InvalidInputError, match="depth of at least 0 and a limit of at least 1"):
        neighborhood(sample_store, [entity_id("RAG")], **wrong)


@with_one_store
@given(rows=rows, depth=st.integers(0, 4))
def test_a_neighborhood_is_all_within_its_depth(store, rows, depth):
    publish(store, draw_graph(rows, entities="a"))
    graph = nx.Graph((source, target) for source, _, target, _ in rows)
    graph.add_node("a")
    reached = nx.single_source_shortest_path_length(graph, "a", cutoff=depth)
    found = neighborhood(store, ["a"], depth=depth)
    assert {entity.id for entity in found.entities} == set(reached)
    assert [reached[entity.id] for entity in found.entities] == sorted(reached.values())
    assert not found.truncated


# --- paths


def test_a_path_walks_relations_either_way(sample_store):
    (path,) = find_paths(sample_store, entity_id("FAISS"), entity_id("Hybrid search"), limit=1)
    assert names(path.entities) == ["FAISS", "Vector search", "Hybrid search"]
    assert [relation.type for relation in path.relations] == [T.IMPLEMENTS, T.PREREQUISITE_OF]
    assert path.confidence == pytest.approx(0.9 * 0.86)


def test_shorter_paths_come_before_surer_ones(store):
    publish(store, draw_graph([("a", T.USES, "z", 0.2), ("a", T.USES, "b", 0.99), ("b", T.USES, "z", 0.99)]))
    assert [names(path.entities) for path in find_paths(store, "a", "z")] == [["a", "z"], ["a", "b", "z"]]


def test_of_equal_length_the_surer_path_comes_first(store):
    ways = [
        ("a", T.USES, "b", 0.9),
        ("b", T.USES, "z", 0.5),
        ("a", T.USES, "c", 0.7),
        ("c", T.USES, "z", 0.7),
    ]
    publish(store, draw_graph(ways))
    assert [names(path.entities)[1] for path in find_paths(store, "a", "z")] == ["c", "b"]


def test_a_path_that_says_more_than_related_comes_first(store):
    ways = [
        ("a", T.RELATED_TO, "b", 0.9),
        ("b", T.USES, "z", 0.9),
        ("a", T.USES, "c", 0.7),
        ("c", T.USES, "z", 0.8),
    ]
    publish(store, draw_graph(ways))
    assert [names(path.entities)[1] for path in find_paths(store, "a", "z")] == ["c", "b"]


def test_a_path_around_a_hub_comes_before_one_through_it(store):
    ways = [("a", T.USES, one, 0.8) for one in ("hub", "niche")]
    onwards = [(one, T.USES, "z", 0.8) for one in ("hub", "niche")]
    leaves = [("hub", T.USES, f"leaf{n}", 0.8) for n in range(60)]
    publish(store, draw_graph([*ways, *onwards, *leaves]))
    assert [names(path.entities)[1] for path in find_paths(store, "a", "z")] == ["niche", "hub"]


def test_a_pair_of_entities_is_joined_by_its_surest_relation(sample_store):
    path = find_paths(sample_store, entity_id("GraphRAG"), entity_id("RAG"))[0]
    assert [relation.type for relation in path.relations] == [T.IS_A]


def test_paths_go_over_the_types_asked_for_alone(sample_store):
    found = find_paths(
        sample_store, entity_id("Tokenization"), entity_id("GraphRAG"), types=[T.PREREQUISITE_OF]
    )
    assert {relation.type for path in found for relation in path.relations} == {T.PREREQUISITE_OF}


def test_there_is_no_path_where_nothing_leads(sample_store):
    assert find_paths(sample_store, entity_id("RAG"), entity_id("Llama 4"), max_hops=8) == []


def test_no_path_leads_through_what_the_graph_lacks(store):
    graph = draw_graph([("a", T.USES, "lost", 0.9), ("lost", T.USES, "z", 0.9)])
    publish(store, replace(graph, entities=tuple(one for one in graph.entities if one.id != "lost")))
    assert find_paths(store, "a", "z") == []


def test_a_path_no_longer_than_asked_for(sample_store):
    assert find_paths(sample_store, entity_id("Ragas"), entity_id("FAISS"), max_hops=4) == []
    assert len(find_paths(sample_store, entity_id("Ragas"), entity_id("FAISS"), max_hops=5)) == 1


def test_a_small_end_finds_a_hub_that_cannot_see_it(store):
    surer = [("hub", T.USES, f"leaf{n:03}", 0.9) for n in range(500)]
    publish(store, draw_graph([*surer, ("hub", T.USES, "small", 0.4), ("far", T.USES, "small", 0.9)]))
    assert [names(path.entities) for path in find_paths(store, "hub", "far")] == [["hub", "small", "far"]]


def test_a_path_to_itself_is_refused(sample_store):
    with pytest.raises(InvalidInputError, match="these two are the same"):
        find_paths(sample_store, entity_id("RAG"), entity_id("RAG"))


def test_a_path_to_an_unknown_id_is_refused(sample_store):
    with pytest.raises(EntityNotFoundError, match="'e_nothing'"):
        find_paths(sample_store, entity_id("RAG"), "e_nothing")


@pytest.mark.parametrize("wrong", [{"max_hops": 0}, {"limit": 0}])
def test_paths_out_of_range_are_refused(sample_store, wrong):
    with pytest.raises(InvalidInputError, match="at least one hop and a limit of at least 1"):
        find_paths(sample_store, entity_id("RAG"), entity_id("FAISS"), **wrong)


@with_one_store
@given(rows=rows, max_hops=st.integers(1, 6))
def test_paths_are_all_simple_chains_between_the_ends_shortest_first(store, rows, max_hops):
    publish(store, draw_graph(rows, entities="ah"))
    graph = nx.Graph((source, target) for source, _, target, _ in rows)
    graph.add_nodes_from("ah")
    expected = sorted(map(tuple, nx.all_simple_paths(graph, "a", "h", cutoff=max_hops)))
    found = find_paths(store, "a", "h", max_hops=max_hops, limit=10_000)
    assert sorted(tuple(names(path.entities)) for path in found) == expected
    lengths = [len(path.relations) for path in found]
    assert lengths == sorted(lengths)
    for path in found:
        for (one, two), relation in zip(pairwise(names(path.entities)), path.relations, strict=True):
            assert {one, two} == {relation.source_id, relation.target_id}
