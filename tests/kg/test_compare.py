from __future__ import annotations

import pytest
from linked import draw_graph
from sample import entity_id

from kg.compare import compare, trade_offs
from kg.errors import EntityNotFoundError, InvalidInputError
from kg.model import EntityKind, RelationType

T = RelationType


def names(entities):
    return [entity.name for entity in entities]


def ends(relations, store):
    entities = store.entities({end for one in relations for end in (one.source_id, one.target_id)})
    return [(entities[one.source_id].name, one.type, entities[one.target_id].name) for one in relations]


def test_what_both_are_tied_to_is_shared_the_surest_first(sample_store, embedder):
    found = compare(sample_store, embedder, entity_id("RAG"), entity_id("Hybrid search"))
    assert names(found.shared) == ["Vector search", "GraphRAG"]


def test_relations_that_one_side_alone_has(sample_store, embedder):
    found = compare(sample_store, embedder, entity_id("FAISS"), entity_id("Neo4j"))
    assert (names([found.a, found.b]), names(found.shared)) == (["FAISS", "Neo4j"], ["Vector search"])
    assert found.only_a == []
    assert ends(found.only_b, sample_store) == [("GraphRAG", T.USES, "Neo4j")]


def test_opposite_relations_to_a_shared_entity_set_the_two_apart(sample_store, embedder):
    found = compare(sample_store, embedder, entity_id("Semantic cache"), entity_id("GraphRAG"))
    assert names(found.shared) == ["Latency"]
    assert ("Semantic cache", T.IMPROVES, "Latency") in ends(found.only_a, sample_store)
    assert ("GraphRAG", T.WORSENS, "Latency") in ends(found.only_b, sample_store)


def test_trade_offs_that_weigh_both_come_before_those_that_weigh_one(store, embedder):
    rows = [("t1", T.TRADES_OFF, "a", 0.9), ("t2", T.TRADES_OFF, "a", 0.7), ("t2", T.TRADES_OFF, "b", 0.7)]
    store.publish(draw_graph(rows), {})
    assert names(one.entity for one in compare(store, embedder, "a", "b").trade_offs) == ["t2", "t1"]


def test_passages_that_mention_both_are_ranked(sample_store, embedder):
    found = compare(sample_store, embedder, entity_id("FAISS"), entity_id("Neo4j"))
    (hit,) = found.passages
    assert sample_store.passages([hit.id])[hit.id].headings[-1] == "Search"
    assert 0 < hit.score <= 1


def test_passages_that_speak_most_of_both_come_first(sample_store, embedder):
    found = compare(sample_store, embedder, entity_id("Vector search"), entity_id("Hybrid search"))
    headings = [sample_store.passages([hit.id])[hit.id].headings[-1] for hit in found.passages]
    assert headings == ["Hybrid search"]


def test_two_entities_that_no_passage_mentions_together(sample_store, embedder):
    found = compare(sample_store, embedder, entity_id("Llama 4"), entity_id("Chunk size"))
    assert (found.passages, found.shared) == ([], [])


def test_an_entity_is_not_compared_with_itself(sample_store, embedder):
    with pytest.raises(InvalidInputError, match="two different entities"):
        compare(sample_store, embedder, entity_id("RAG"), entity_id("RAG"))


def test_an_unknown_entity_is_not_compared(sample_store, embedder):
    with pytest.raises(EntityNotFoundError, match="'e_nothing'"):
        compare(sample_store, embedder, entity_id("RAG"), "e_nothing")


# --- trade-offs


def test_a_trade_off_tells_what_each_side_gains_and_costs(sample_store):
    (found,) = trade_offs(sample_store, entity_id("Chunk size"))
    assert found.entity.name == "Chunk size"
    assert {side.entity.name: (side.gains, side.costs) for side in found.sides} == {
        "Small chunks": (("precise",), ("lose context",)),
        "Large chunks": (("keep context",), ("vague",)),
    }
    assert all(side.evidence[0].quote for side in found.sides)


def test_a_side_leads_to_its_trade_offs(sample_store):
    (found,) = trade_offs(sample_store, entity_id("Small chunks"))
    assert found.entity.name == "Chunk size"
    assert len(found.sides) == 2


def test_an_entity_that_nothing_weighs_has_no_trade_offs(sample_store):
    assert trade_offs(sample_store, entity_id("FAISS")) == []


def test_trade_offs_of_the_whole_graph_come_by_importance(store):
    rows = [(one, T.TRADES_OFF, side, 0.8) for one in ("t1", "t2") for side in ("x", "y")]
    kinds = dict.fromkeys(["t1", "t2", "bare"], EntityKind.TRADE_OFF)
    store.publish(
        draw_graph(rows, entities=["bare"], kinds=kinds, importance={"t1": 0.1, "t2": 0.3, "bare": 0.6}), {}
    )
    assert names(one.entity for one in trade_offs(store, None)) == ["t2", "t1"]
    assert names(one.entity for one in trade_offs(store, None, limit=1)) == ["t2"]


def test_trade_offs_of_an_unknown_entity_are_refused(sample_store):
    with pytest.raises(EntityNotFoundError, match="'e_nothing'"):
        trade_offs(sample_store, "e_nothing")


def test_no_trade_offs_at_all_are_refused(sample_store):
    with pytest.raises(InvalidInputError, match="limit of at least 1"):
        trade_offs(sample_store, None, limit=0)
