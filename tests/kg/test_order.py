from __future__ import annotations

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.model import RelationType
from kg.order import ancestors, descendants, reduce_links, study_order, without_cycles
from kg.store import Link


def link(source, target, confidence=0.9):
    return Link(
        relation_id=f"{source}>{target}",
        source_id=source,
        target_id=target,
        type=RelationType.PREREQUISITE_OF,
        confidence=confidence,
    )


def graph_of(links):
    return nx.DiGraph((one.source_id, one.target_id) for one in links)


unhurried = settings(deadline=None)  # a busy machine is no failure
letters = st.sampled_from("abcdefgh")
pairs = st.tuples(letters, letters).filter(lambda pair: pair[0] != pair[1])
any_links = st.lists(
    st.builds(lambda pair, confidence: link(*pair, confidence), pairs, st.floats(0, 1)),
    unique_by=lambda one: one.relation_id,
)
acyclic_links = st.lists(
    pairs.map(sorted).map(lambda pair: link(*pair)), unique_by=lambda one: one.relation_id
)


@unhurried
@given(any_links)
def test_no_cycle_is_left(links):
    assert nx.is_directed_acyclic_graph(graph_of(without_cycles(links)))


@unhurried
@given(acyclic_links)
def test_links_without_a_cycle_all_stay(links):
    assert without_cycles(links) == links


def test_the_weakest_link_of_a_cycle_goes():
    links = [link("a", "b", 0.9), link("b", "c", 0.6), link("c", "a", 0.8), link("x", "a", 0.1)]
    assert without_cycles(links) == [links[0], links[2], links[3]]


@unhurried
@given(acyclic_links)
def test_reduction_agrees_with_networkx(links):
    expected = set(nx.transitive_reduction(graph_of(links)).edges)
    assert {(one.source_id, one.target_id) for one in reduce_links(links)} == expected


@unhurried
@given(acyclic_links)
def test_ancestors_and_descendants_agree_with_networkx(links):
    graph = graph_of(links)
    assert ancestors(links) == {one: nx.ancestors(graph, one) for one in graph}
    assert descendants(links) == {one: nx.descendants(graph, one) for one in graph}


@unhurried
@given(acyclic_links, st.lists(st.sampled_from("abcdefgh"), min_size=1, unique=True))
def test_an_order_holds_the_goals_and_what_leads_to_them_each_after_what_it_rests_on(links, goals):
    order = study_order(goals, links, rank=str)
    before = ancestors(links)
    assert sorted(order) == sorted(set(goals).union(*(before.get(goal, ()) for goal in goals)))
    place = {one: at for at, one in enumerate(order)}
    leading = [one for one in links if one.target_id in place]
    assert all(place[one.source_id] < place[one.target_id] for one in leading)


def test_what_belongs_together_is_learned_together():
    links = [link("a1", "a2"), link("a2", "goal"), link("b1", "b2"), link("b2", "goal")]
    assert study_order(["goal"], links, rank=str) == ["a1", "a2", "b1", "b2", "goal"]


def test_a_chain_longer_than_the_stack_is_ordered():
    links = [link(f"{n:05}", f"{n + 1:05}") for n in range(3_000)]
    assert study_order(["03000"], links, rank=str) == [f"{n:05}" for n in range(3_001)]
