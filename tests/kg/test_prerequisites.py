from __future__ import annotations

import pytest
from linked import draw_graph
from sample import entity_id

from kg.errors import EntityNotFoundError, InvalidInputError
from kg.model import RelationType
from kg.prerequisites import (
    WELL_SUPPORTED,
    direct_prerequisites,
    find_need,
    learning_path,
    prerequisites,
    ready,
)

BEFORE = RelationType.PREREQUISITE_OF


def names(entities):
    return [entity.name for entity in entities]


def drawn(store, *pairs, confidence=0.9, **options):
    store.publish(draw_graph([(one, BEFORE, two, confidence) for one, two in pairs], **options), {})
    return store


# --- what leads up to an entity


def test_prerequisites_come_each_after_what_it_rests_on(sample_store):
    found = prerequisites(sample_store, entity_id("GraphRAG"))
    assert names(found.entities) == [
        "Tokenization", "Embedding", "Vector search", "Chunking", "RAG", "GraphRAG",
    ]  # fmt: skip


def test_redundant_prerequisites_are_not_shown(sample_store):
    found = prerequisites(sample_store, entity_id("RAG"))
    ends = {(relation.source_id, relation.target_id) for relation in found.relations}
    assert (entity_id("Vector search"), entity_id("RAG")) in ends
    assert (entity_id("Embedding"), entity_id("RAG")) not in ends


def test_weakly_supported_prerequisites_do_not_count(sample_store):
    found = prerequisites(sample_store, entity_id("GraphRAG"))
    assert all(relation.confidence >= WELL_SUPPORTED for relation in found.relations)
    assert "Hybrid search" not in names(found.entities)


def test_prerequisites_of_one_step_keep_their_order_among_themselves(store):
    drawn(store, ("a", "b"), ("b", "c"), ("a", "c"), ("z", "a"))
    found = prerequisites(store, "c", depth=1)
    assert names(found.entities) == ["a", "b", "c"]
    assert [(one.source_id, one.target_id) for one in found.relations] == [("a", "b"), ("b", "c")]


def test_an_entity_that_rests_on_nothing_stands_alone(sample_store):
    found = prerequisites(sample_store, entity_id("Tokenization"))
    assert (names(found.entities), found.relations, found.truncated) == (["Tokenization"], (), False)


def test_a_cycle_is_cut_at_its_weakest_relation(store):
    rows = [
        ("a", BEFORE, "b", 0.9),
        ("b", BEFORE, "c", 0.7),
        ("c", BEFORE, "a", 0.8),
        ("c", BEFORE, "d", 0.9),
    ]
    store.publish(draw_graph(rows), {})
    assert names(prerequisites(store, "d").entities) == ["c", "d"]
    assert names(prerequisites(store, "b").entities) == ["c", "a", "b"]


def test_more_prerequisites_than_anyone_studies_are_cut_and_said_to_be(store):
    drawn(store, *[(f"p{n:03}", "goal") for n in range(120)])
    found = prerequisites(store, "goal")
    assert len(found.entities) == 101
    assert found.truncated


def test_prerequisites_of_an_unknown_entity_are_refused(sample_store):
    with pytest.raises(EntityNotFoundError, match="'e_nothing'"):
        prerequisites(sample_store, "e_nothing")


def test_a_depth_of_nothing_is_refused(sample_store):
    with pytest.raises(InvalidInputError, match="at least 1"):
        prerequisites(sample_store, entity_id("RAG"), depth=0)


def test_direct_prerequisites_come_best_supported_first(sample_store):
    found = direct_prerequisites(sample_store, [entity_id("RAG"), entity_id("Tokenization"), "e_nothing"])
    assert found == {
        entity_id("RAG"): [entity_id("Vector search"), entity_id("Chunking"), entity_id("Embedding")],
        entity_id("Tokenization"): [],
    }


# --- ways from what is known


def test_a_learning_path_from_nothing_begins_at_the_beginning(sample_store):
    found = learning_path(sample_store, None, entity_id("Vector search"))
    assert names(found) == ["Tokenization", "Embedding", "Vector search"]


def test_a_learning_path_leaves_out_all_that_is_covered(sample_store):
    found = learning_path(sample_store, entity_id("Embedding"), entity_id("GraphRAG"))
    assert names(found) == ["Vector search", "Chunking", "RAG", "GraphRAG"]


def test_there_is_nothing_to_learn_on_the_way_back(sample_store):
    assert learning_path(sample_store, entity_id("GraphRAG"), entity_id("Embedding")) == []


def test_a_learning_path_from_an_unknown_entity_is_refused(sample_store):
    with pytest.raises(EntityNotFoundError, match="'e_nothing'"):
        learning_path(sample_store, "e_nothing", entity_id("RAG"))


# --- what is needed


def test_what_only_a_known_entity_needs_is_not_needed(store):
    drawn(store, ("base", "known"), ("known", "goal"), ("base", "goal"), ("other", "goal"))
    assert find_need(store, ["goal"], ["known"]).ids == {"goal", "other"}


def test_what_something_unknown_needs_too_is_needed(store):
    drawn(store, ("base", "known"), ("known", "goal"), ("base", "other"), ("other", "goal"))
    assert find_need(store, ["goal"], ["known"]).ids == {"goal", "other", "base"}


def test_nothing_is_needed_for_a_known_goal(store):
    drawn(store, ("base", "goal"))
    assert find_need(store, ["goal"], ["goal"]).ids == frozenset()


# --- what can be learned next


def test_what_opens_most_of_the_way_to_the_goals_is_ready_first(sample_store):
    goals = [entity_id("GraphRAG"), entity_id("Hybrid search")]
    found = ready(sample_store, [], goal_ids=goals)
    assert [(one.entity.name, one.unlocks) for one in found] == [("Tokenization", 6), ("Keyword search", 1)]


def test_what_is_ready_says_on_what_known_entity_it_rests(sample_store):
    found = ready(sample_store, [entity_id("Embedding")], goal_ids=[entity_id("Vector search")])
    assert [one.entity.name for one in found] == ["Vector search"]
    assert [relation.source_id for relation in found[0].because] == [entity_id("Embedding")]


def test_without_goals_what_rests_on_the_known_comes_before_beginnings(sample_store):
    found = ready(sample_store, [entity_id("Embedding")])
    assert [(one.entity.name, bool(one.because)) for one in found] == [
        ("Vector search", True),
        ("Attention", True),
        ("Chunking", True),
        ("Keyword search", False),
    ]


def test_nothing_is_ready_before_all_it_rests_on_is_known(store):
    drawn(store, ("a", "goal"), ("b", "goal"))
    assert [one.entity.name for one in ready(store, ["a"])] == ["b"]
    assert [one.entity.name for one in ready(store, ["a", "b"])] == ["goal"]


def test_who_knows_nothing_begins_with_what_opens_most(sample_store):
    assert [one.entity.name for one in ready(sample_store, [], limit=1)] == ["Tokenization"]


def test_no_more_is_ready_than_asked_for(sample_store):
    assert len(ready(sample_store, [], goal_ids=[entity_id("Hybrid search")], limit=1)) == 1


def test_a_limit_of_nothing_is_refused(sample_store):
    with pytest.raises(InvalidInputError, match="limit of at least 1"):
        ready(sample_store, [], limit=0)
