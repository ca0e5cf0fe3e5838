from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.schedule import Slot, find_critical_path, fit_into_weeks, lay_over_weeks


@dataclass(frozen=True)
class Edge:
    source_id: str
    target_id: str


def edges(*pairs):
    return [Edge(*pair) for pair in pairs]


minutes_of_steps = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 40), min_size=1)
unhurried = settings(deadline=None)  # a busy machine is no failure
letters = st.sampled_from("abcdefgh")
forward = st.lists(st.tuples(letters, letters).filter(lambda pair: pair[0] < pair[1]), unique=True)


def among(pairs, minutes):
    return edges(*(pair for pair in pairs if set(pair) <= minutes.keys()))


def test_a_step_that_does_not_fit_begins_the_next_week():
    assert lay_over_weeks([30, 20, 20], 60) == [Slot(1, 1), Slot(1, 1), Slot(2, 2)]


def test_a_step_longer_than_a_week_spans_several_and_leaves_their_rest():
    assert lay_over_weeks([10, 150, 30, 1], 60) == [Slot(1, 1), Slot(2, 4), Slot(4, 4), Slot(5, 5)]


def test_steps_without_minutes_take_no_week_of_their_own():
    assert lay_over_weeks([60, 0, 0], 60) == [Slot(1, 1)] * 3


@unhurried
@given(st.lists(st.integers(0, 200)), st.floats(6, 300))
def test_no_week_holds_more_than_its_minutes(minutes, week_minutes):
    slots = lay_over_weeks(minutes, week_minutes)
    first_weeks = [slot.first_week for slot in slots]
    assert first_weeks == sorted(first_weeks)
    for week in set(first_weeks):
        whole = sum(m for m, slot in zip(minutes, slots, strict=True) if slot == Slot(week, week))
        assert whole <= week_minutes
    assert all(
        needed <= (slot.last_week - slot.first_week + 1) * week_minutes
        for needed, slot in zip(minutes, slots, strict=True)
    )


def test_the_least_worthy_step_that_none_rests_on_is_deferred_first():
    kept, deferred = fit_into_weeks(
        ["base", "top", "aside"],
        {"base": 60, "top": 60, "aside": 60},
        edges(("base", "top")),
        week_minutes=60,
        max_weeks=1,
        worth={"base": 1, "top": 3, "aside": 2},
    )
    assert (kept, deferred) == (["base"], ["aside", "top"])


@unhurried
@given(minutes_of_steps, forward, st.integers(1, 4))
def test_what_remains_fits_and_rests_on_nothing_deferred(minutes, pairs, max_weeks):
    order, links = sorted(minutes), among(pairs, minutes)
    worth = dict.fromkeys(order, 0)
    kept, deferred = fit_into_weeks(order, minutes, links, week_minutes=30, max_weeks=max_weeks, worth=worth)
    assert sorted(kept + deferred) == order
    assert all(slot.last_week <= max_weeks for slot in lay_over_weeks([minutes[one] for one in kept], 30))
    assert all(link.source_id in kept for link in links if link.target_id in kept)


def test_slack_is_how_far_a_step_can_slip():
    minutes = {"a": 10, "b": 5, "c": 20, "end": 1}
    links = edges(("a", "c"), ("b", "end"), ("c", "end"))
    assert find_critical_path(["a", "b", "c", "end"], minutes, links) == (
        ["a", "c", "end"],
        {"a": 0, "b": 25, "c": 0, "end": 0},
    )


def test_nothing_has_no_critical_path():
    assert find_critical_path([], {}, []) == ([], {})


@unhurried
@given(minutes_of_steps, forward)
def test_the_critical_path_is_the_heaviest_chain(minutes, pairs):
    links = among(pairs, minutes)
    path, slack = find_critical_path(sorted(minutes), minutes, links)
    graph = nx.DiGraph((link.source_id, link.target_id) for link in links)
    graph.add_nodes_from(minutes)
    heaviest = max(
        sum(minutes[one] for one in chain)
        for start in graph
        for end in graph
        for chain in ([[start]] if start == end else nx.all_simple_paths(graph, start, end))
    )
    assert sum(minutes[one] for one in path) == heaviest
    assert all(graph.has_edge(one, two) for one, two in pairwise(path))
    assert all(slack[one] == 0 for one in path)
    assert min(slack.values()) == 0


def test_equal_chains_are_told_apart_by_order():
    path, _ = find_critical_path(["a", "b"], {"a": 5, "b": 5}, [])
    assert path == ["a"]


@pytest.mark.parametrize("week_minutes", [0.5, 6.0, 1e4])
def test_any_length_of_week_will_do(week_minutes):
    assert lay_over_weeks([3], week_minutes)[0].first_week == 1
