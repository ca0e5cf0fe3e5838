"""The conformance suite, whatever the engine: entities, relations, documents and passages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_graphs import EMPTY, relations
from sample import BASICS, CHUNKS, RETRIEVAL, entity_id, sample_graph

from kg.model import SYMMETRIC, Difficulty, Direction, Entity, EntityKind, Relation, RelationType
from kg.store import EntityFilter, EntityOrder, GraphStore, Neighbor, RelationFilter


def names_of(ids: Iterable[str]) -> list[str]:
    names = {entity.id: entity.name for entity in sample_graph().entities}
    return [names[id_] for id_ in ids]


def neighbours(store: GraphStore, name: str, **how: object) -> list[str]:
    id_ = entity_id(name)
    return names_of(link.other(id_) for link in store.links([id_], **{"limit": 100, **how}).get(id_, []))


# --- entities


def test_unknown_ids_are_left_out(sample_store):
    rag = entity_id("RAG")
    assert set(sample_store.entities([rag, "e_unknown"])) == {rag}
    assert set(sample_store.links([rag, "e_unknown"], limit=5)) == {rag}
    assert sample_store.relations(["r_unknown"]) == {}
    assert sample_store.passages(["p_unknown"]) == {}
    assert sample_store.mentions(["e_unknown"], limit=5) == {}


@pytest.mark.parametrize("name", ["RAG", "rags", "retrieval augmented generation"])
def test_a_name_or_alias_is_found_whatever_its_spelling(sample_store, name):
    assert sample_store.find_names([name]) == {name: [entity_id("RAG")]}


@pytest.mark.parametrize("name", ["", "???", "no such thing", "ra%", "\ud800"])
def test_names_that_nothing_has_are_left_out(sample_store, name):
    assert sample_store.find_names([name]) == {}


def test_own_names_come_before_aliases_then_the_most_important_then_by_id(store):
    def named(id_: str, name: str, importance: float, *aliases: str) -> Entity:
        kind = EntityKind.CONCEPT
        return Entity(id=id_, name=name, kind=kind, importance=importance, aliases=aliases)

    entities = (
        named("e_1", "Reranker", 0.9, "Ranker"),
        named("e_2", "Ranker", 0.1),
        named("e_3", "ranker", 0.3),
        named("e_4", "rankers", 0.1),
    )
    store.publish(replace(EMPTY, entities=entities), {})
    assert store.find_names(["ranker"]) == {"ranker": ["e_3", "e_2", "e_4", "e_1"]}


def test_entities_are_listed_by_importance_or_by_name(sample_store):
    by_importance = sample_store.list_entities(EntityFilter(), limit=100).items
    by_name = sample_store.list_entities(EntityFilter(), order=EntityOrder.NAME, limit=100).items
    assert by_importance == sorted(sample_graph().entities, key=lambda e: (-e.importance, e.id))
    assert by_name == sorted(sample_graph().entities, key=lambda e: (e.name.casefold(), e.id))


def test_a_page_of_entities_knows_the_total(sample_store):
    everyone = sample_store.list_entities(EntityFilter(), limit=100).items
    page = sample_store.list_entities(EntityFilter(), limit=5, offset=3)
    assert (page.items, page.total) == (everyone[3:8], 26)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (EntityFilter(kinds=frozenset({EntityKind.MODEL, EntityKind.RISK})), 4),
        (EntityFilter(difficulties=frozenset({Difficulty.ADVANCED})), 2),
        (EntityFilter(name_contains="RETRIEVAL"), 2),
        (EntityFilter(name_contains="%"), 0),
        (EntityFilter(name_contains="_"), 0),
        (EntityFilter(name_contains="\ud800"), 0),
        (EntityFilter(document_path="no/such.md"), 0),
        (EntityFilter(kinds=frozenset({EntityKind.CONCEPT}), name_contains="chunk"), 3),
    ],
)
def test_entities_are_filtered(sample_store, where, expected):
    page = sample_store.list_entities(where, limit=100)
    assert (len(page.items), page.total) == (expected, expected)


def test_entities_of_a_document_are_those_that_it_mentions(sample_store):
    found = sample_store.list_entities(EntityFilter(document_path=CHUNKS.path), limit=100).items
    passages = {p.id for p in sample_graph().passages if p.document_id == CHUNKS.id}
    assert {e.id for e in found} == {m.entity_id for m in sample_graph().mentions if m.passage_id in passages}


def test_mentions_come_most_often_first_and_ties_by_passage(sample_store):
    rag = entity_id("RAG")
    expected = sorted(
        (m for m in sample_graph().mentions if m.entity_id == rag), key=lambda m: (-m.count, m.passage_id)
    )
    assert sample_store.mentions([rag], limit=100) == {rag: expected}
    assert sample_store.mentions([rag], limit=2) == {rag: expected[:2]}


def test_a_passages_mentions_come_in_the_order_of_its_text(sample_store):
    passage = next(p for p in sample_graph().passages if p.headings[-1] == "GraphRAG")
    expected = sorted(
        (m for m in sample_graph().mentions if m.passage_id == passage.id),
        key=lambda m: (m.start, m.entity_id),
    )
    assert sample_store.passage_mentions([passage.id]) == {passage.id: expected}


# --- relations


def test_links_come_most_confident_first_then_by_type_source_and_target(sample_store):
    found = sample_store.links([entity_id("RAG")], limit=100)[entity_id("RAG")]
    assert found == sorted(found, key=lambda k: (-k.confidence, k.type, k.source_id, k.target_id))
    assert len(found) == 10


def test_links_are_limited_for_each_entity_after_the_offset(sample_store):
    ids = [entity_id("RAG"), entity_id("Vector search")]
    whole = sample_store.links(ids, limit=100)
    page = sample_store.links(ids, limit=3, offset=2)
    assert page == {id_: links[2:5] for id_, links in whole.items()}


@pytest.mark.parametrize(
    ("direction", "expected"),
    [
        (Direction.OUT, ["Embedding"]),
        (Direction.IN, []),
        (Direction.BOTH, ["Embedding"]),
    ],
)
def test_links_have_a_direction(sample_store, direction, expected):
    types = [RelationType.USES]
    assert neighbours(sample_store, "RAG", direction=direction, types=types) == expected


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("types", [(), (RelationType.ALTERNATIVE_TO,)])
@pytest.mark.parametrize(("one", "other"), [("FAISS", "Neo4j"), ("Neo4j", "FAISS")])
def test_a_symmetric_link_goes_out_of_and_into_both_ends_once(sample_store, direction, types, one, other):
    assert neighbours(sample_store, one, direction=direction, types=types).count(other) == 1


def test_links_can_be_of_some_types_only(sample_store):
    types = [RelationType.IS_A, RelationType.USES]
    assert neighbours(sample_store, "GraphRAG", types=types) == ["RAG", "Neo4j"]


def test_links_can_be_restricted_to_confident_ones(sample_store):
    assert neighbours(sample_store, "GraphRAG", min_confidence=0.85) == ["RAG", "RAG"]


def test_link_counts_count_a_symmetric_link_once_as_out(sample_store):
    neo4j = entity_id("Neo4j")
    assert sample_store.link_counts([neo4j, "e_unknown"]) == {
        neo4j: {
            RelationType.ALTERNATIVE_TO: (1, 0),
            RelationType.IMPLEMENTS: (1, 0),
            RelationType.USES: (0, 1),
        }
    }


_TOUCHES: dict[Direction, Callable[[Relation], set[str]]] = {
    Direction.OUT: lambda r: {r.source_id},
    Direction.IN: lambda r: {r.target_id},
    Direction.BOTH: lambda r: {r.source_id, r.target_id},
}


def touches(r: Relation, entity: str, direction: Direction) -> bool:
    return entity in _TOUCHES[Direction.BOTH if r.type in SYMMETRIC else direction](r)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    found=relations(["e_0", "e_1", "e_2", "e_3"], max_size=30),
    direction=st.sampled_from(Direction),
    types=st.sets(st.sampled_from(RelationType), max_size=6),
    least=st.sampled_from([0.0, 0.5, 0.9]),
    limit=st.integers(1, 6),
    offset=st.integers(0, 6),
)
def test_links_agree_with_a_plain_look_at_all_relations(
    new_store, found, direction, types, least, limit, offset
):
    store = new_store()
    store.publish(replace(EMPTY, relations=found), {})
    asked = {"direction": direction, "types": types, "min_confidence": least}
    links = store.links(["e_0", "e_1"], limit=limit, offset=offset, **asked)
    fitting = [r for r in found if r.confidence >= least and (r.type in types or not types)]
    fitting.sort(key=lambda r: (-r.confidence, r.type, r.source_id, r.target_id))
    expected = {
        id_: [r.id for r in fitting if touches(r, id_, direction)][offset : offset + limit]
        for id_ in ("e_0", "e_1")
    }
    assert {id_: [k.relation_id for k in of] for id_, of in links.items()} == {
        id_: of for id_, of in expected.items() if of
    }


ENDS = ("e_0", "e_1", "e_2")
SOME_OF_ENDS = replace(
    EMPTY,
    entities=tuple(
        Entity(id=id_, name=id_, kind=EntityKind.TOOL, importance=n / 4) for n, id_ in enumerate(ENDS, 1)
    ),
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    found=relations([*ENDS, "e_missing"], max_size=30),
    types=st.sets(st.sampled_from(RelationType), max_size=6),
    least=st.sampled_from([0.0, 0.5, 0.9]),
    limit=st.integers(1, 12),
)
def test_neighbors_and_a_subgraph_agree_with_links_and_relations(new_store, found, types, least, limit):
    store = new_store()
    store.publish(replace(SOME_OF_ENDS, relations=found), {})
    asked = {"types": types, "min_confidence": least, "limit": limit}
    ids = [*ENDS[:2], "e_missing", "e_unknown"]
    importance = {entity.id: entity.importance for entity in SOME_OF_ENDS.entities}
    links = store.links(ids, **asked)
    assert store.neighbors(ids, **asked) == {
        id_: [
            Neighbor(id=other, kind=EntityKind.TOOL, importance=importance[other], confidence=link.confidence)
            for link in links.get(id_, [])
            if (other := link.other(id_)) in importance
        ]
        for id_ in ENDS[:2]
    }
    within = [
        r
        for r in found
        if {r.source_id, r.target_id} <= set(ENDS[:2])
        and r.confidence >= least
        and (r.type in types or not types)
    ]
    within.sort(key=lambda r: (-r.confidence, r.type, r.source_id, r.target_id))
    assert store.subgraph(ids, **asked) == (store.entities(ENDS[:2]), within[:limit])


def test_relations_are_listed_most_confident_first_with_a_total(sample_store):
    page = sample_store.list_relations(RelationFilter(), limit=10, offset=5)
    expected = sorted(
        sample_graph().relations, key=lambda r: (-r.confidence, r.type, r.source_id, r.target_id)
    )
    assert (page.items, page.total) == (expected[5:15], 37)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (RelationFilter(types=frozenset({RelationType.USES, RelationType.IS_A})), 4),
        (RelationFilter(min_confidence=0.9), 8),
        (RelationFilter(document_path=CHUNKS.path), 6),
        (RelationFilter(source_id=entity_id("GraphRAG")), 3),
        (RelationFilter(target_id=entity_id("GraphRAG")), 2),
        (RelationFilter(source_id=entity_id("RAG"), types=frozenset({RelationType.USES})), 1),
        (RelationFilter(document_path="\ud800"), 0),
    ],
)
def test_relations_are_filtered(sample_store, where, expected):
    page = sample_store.list_relations(where, limit=100)
    assert (len(page.items), page.total) == (expected, expected)


# --- documents and passages


def test_documents_of_the_material_are_listed_by_path(sample_store):
    assert sample_store.list_documents() == [BASICS, CHUNKS, RETRIEVAL]


def test_a_documents_passages_come_in_their_order(sample_store):
    expected = [p for p in sample_graph().passages if p.document_id == RETRIEVAL.id]
    page = sample_store.document_passages(RETRIEVAL.id, limit=3, offset=1)
    assert (page.items, page.total) == (expected[1:4], len(expected))
