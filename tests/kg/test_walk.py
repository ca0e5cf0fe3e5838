from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample import entity_id

from kg.walk import build_graph, walk, walk_graph

PASSAGES = [f"p{number}" for number in range(6)]
ENTITIES = [f"e{number}" for number in range(5)]

mentions = st.lists(
    st.tuples(st.sampled_from(PASSAGES), st.sampled_from(ENTITIES), st.integers(1, 4)),
    unique_by=lambda mention: mention[:2],
)
ties = st.lists(
    st.tuples(st.sampled_from(ENTITIES), st.sampled_from(ENTITIES), st.floats(0.05, 1)).filter(
        lambda tie: tie[0] != tie[1]
    )
)
homes = st.dictionaries(st.sampled_from(PASSAGES), st.sampled_from(ENTITIES))
documents = st.integers(1, 5).map(lambda cut: [PASSAGES[:cut], PASSAGES[cut:]])


def as_networkx(graph):
    """Give the same graph to NetworkX, whose power iteration is the oracle."""
    other = nx.DiGraph()
    other.add_nodes_from(range(len(graph.ids)))
    for node, (first, end) in enumerate(pairwise(graph.starts)):
        for edge in range(first, end):
            to = int(graph.others[edge])
            weight = other.get_edge_data(node, to, {"weight": 0.0})["weight"] + graph.weights[edge]
            other.add_edge(node, to, weight=weight)
    return other


@settings(deadline=None)
@given(documents, mentions, ties, homes, st.sampled_from([0.5, 0.85]), st.data())
def test_local_push_agrees_with_power_iteration(documents, mentions, ties, homes, damping, data):
    graph = build_graph(documents, ENTITIES, mentions, ties, homes)
    nodes = st.integers(0, len(graph.ids) - 1)
    seeds = data.draw(st.dictionaries(nodes, st.floats(0.1, 1), min_size=1))
    expected = nx.pagerank(as_networkx(graph), alpha=damping, personalization=seeds, tol=1e-12, max_iter=1000)
    found = walk(graph, seeds, damping=damping, floor=1e-9)
    assert found == pytest.approx(np.array([expected[node] for node in range(len(graph.ids))]), abs=1e-6)


@given(mentions, ties, homes)
def test_the_graph_depends_on_no_order_of_its_input(mentions, ties, homes):
    one = build_graph([PASSAGES[:3], PASSAGES[3:]], ENTITIES, mentions, ties, homes)
    other = build_graph(
        [PASSAGES[3:], PASSAGES[:3]],
        reversed(ENTITIES),
        mentions[::-1],
        ties[::-1],
        dict(reversed(homes.items())),
    )
    assert one.ids == other.ids
    assert one.others.tolist() == other.others.tolist()
    assert one.weights.tolist() == other.weights.tolist()


@given(mentions, ties)
def test_a_walk_keeps_all_walkers(mentions, ties):
    graph = build_graph([PASSAGES], ENTITIES, mentions, ties, {})
    assert walk(graph, {0: 2.0, 7: 1.0}).sum() == pytest.approx(1)


def test_a_walk_without_seeds_reaches_nothing():
    graph = build_graph([PASSAGES], ENTITIES, [("p0", "e0", 1)], [], {})
    assert not walk(graph, {}).any()


def test_a_node_tied_to_nothing_keeps_its_walkers():
    graph = build_graph([["p0"], ["p1"]], ENTITIES, [], [], {})
    assert walk(graph, {0: 1.0})[0] == pytest.approx(1)


def test_only_passages_of_one_document_are_neighbours():
    graph = build_graph([["p0", "p1"], ["p2"]], [], [], [], {})
    assert graph.row(0).tolist() == [1]
    assert graph.row(2).tolist() == [2]


def test_spread_counts_the_passages_that_mention_an_entity():
    graph = build_graph([["p0", "p1"]], ["e1"], [("p0", "e0", 3), ("p1", "e0", 1)], [], {})
    assert graph.spread[graph.number["e0"]] == 2
    assert graph.spread[graph.number["e1"]] == 0


def test_walkers_prefer_the_passage_that_is_about_an_entity():
    mentions = [("p0", "e0", 1), ("p0", "e1", 1), ("p1", "e0", 1), ("p1", "e1", 1)]
    graph = build_graph([["p0"], ["p1"]], [], mentions, [], {"p1": "e0"})
    rank = walk(graph, {graph.number["e0"]: 1.0})
    assert rank[graph.number["p1"]] > rank[graph.number["p0"]]


def test_the_snapshot_of_a_store_holds_what_it_publishes(sample_store):
    graph = walk_graph(sample_store)
    assert graph.passage_count == sample_store.counts().passages
    assert entity_id("FAISS") in {
        graph.ids[node] for node in graph.row(graph.number[entity_id("Vector search")])
    }


def test_the_snapshot_is_built_once_per_revision(sample_store):
    assert walk_graph(sample_store) is walk_graph(sample_store)
