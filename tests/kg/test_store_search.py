"""The conformance suite, whatever the engine: keyword and vector search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_graphs import EMPTY
from sample import CATALOGUE, entity_id, sample_graph

from kg.errors import StoreMismatchError
from kg.model import Entity, EntityKind
from kg.store import Owner

_SYNTAX = ['"', "AND", "NOT", "NEAR(", "*", "^", "a:b", "-", "(", "text:", "'", ";", "\0", "{", "+", "rag*"]


def names_of(hits: Iterable[tuple[str, float]]) -> list[str]:
    names = {entity.id: entity.name for entity in sample_graph().entities}
    return [names[id_] for id_, _ in hits]


def unit(*numbers: float) -> np.ndarray:
    vector = np.array(numbers, np.float32)
    return vector / np.linalg.norm(vector)


def test_keyword_search_ranks_the_passage_about_the_words_first(sample_store):
    hits = sample_store.search_text(["semantic", "cache"], Owner.PASSAGE, limit=3)
    assert sample_store.passages([hits[0][0]])[hits[0][0]].headings[-1] == "Caching"
    assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)


def test_keyword_search_finds_entities_by_name_alias_or_description(sample_store):
    best = [
        hit
        for word in ("neo4j", "groundedness", "precision")
        for hit in sample_store.search_text([word], Owner.ENTITY, limit=1)
    ]
    assert names_of(best) == ["Neo4j", "Faithfulness", "Chunk size"]


def test_keyword_search_knows_word_forms(sample_store):
    assert sample_store.search_text(["hallucinations"], Owner.ENTITY, limit=1)


def test_any_of_the_words_may_match(sample_store):
    found = sample_store.search_text(["ragas", "zebra"], Owner.ENTITY, limit=5)
    assert names_of(found) == ["Ragas"]


def test_many_words_still_find_what_the_rare_ones_name(sample_store):
    words = "how do i tell whether a rag of passages and a model is good with ragas or the like".split()
    found = sample_store.search_text(words, Owner.ENTITY, limit=5)
    assert "Ragas" in names_of(found)


def test_the_catalogues_passages_are_never_found(sample_store, embedder):
    catalogue = {p.id for p in sample_graph().passages if p.document_id == CATALOGUE.id}
    words = sample_store.search_text(["general", "tokenization"], Owner.PASSAGE, limit=100)
    near = sample_store.search_vector(embedder.encode(["tokenization"])[0], Owner.PASSAGE, limit=100)
    assert words
    assert not catalogue & {id_ for id_, _ in [*words, *near]}
    assert len(near) == 13


def test_equal_scores_of_keyword_search_are_ordered_by_id(store):
    entities = tuple(Entity(id=f"e_{i}", name="same words", kind=EntityKind.CONCEPT) for i in (3, 1, 4, 0, 2))
    store.publish(replace(EMPTY, entities=entities), {})
    found = [id_ for id_, _ in store.search_text(["same"], Owner.ENTITY, limit=3)]
    assert found == ["e_0", "e_1", "e_2"]


@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(st.text(st.characters(codec=None), max_size=12) | st.sampled_from(_SYNTAX), max_size=12)
)
def test_no_words_are_syntax_or_an_error(sample_store, words):
    hits = sample_store.search_text(words, Owner.PASSAGE, limit=3)
    assert len(hits) <= 3


def test_vector_search_ranks_as_the_exact_cosine_does(sample_store, embedder):
    query = embedder.encode(["vector search compares embeddings"])[0]
    ids = [e.id for e in sample_graph().entities]
    cosine = {id_: float(sample_store.vector(id_) @ query) for id_ in ids}
    found = sample_store.search_vector(query, Owner.ENTITY, limit=5)
    assert [id_ for id_, _ in found] == sorted(ids, key=lambda id_: (-cosine[id_], id_))[:5]
    assert [score for _, score in found] == pytest.approx([cosine[id_] for id_, _ in found], abs=1e-5)


def test_a_text_is_most_similar_to_itself(sample_store):
    rag = entity_id("RAG")
    found = sample_store.search_vector(sample_store.vector(rag), Owner.ENTITY, limit=1)
    assert found == [(rag, pytest.approx(1.0, abs=1e-3))]


def test_equal_vectors_are_ordered_by_id(store):
    entities = tuple(Entity(id=f"e_{i}", name=f"n{i}", kind=EntityKind.CONCEPT) for i in (3, 1, 4, 0, 2))
    store.put_vectors({"same": unit(1, 2, 3)})
    store.publish(replace(EMPTY, entities=entities), {e.id: "same" for e in entities})
    found = [id_ for id_, _ in store.search_vector(unit(3, 2, 1), Owner.ENTITY, limit=3)]
    assert found == ["e_0", "e_1", "e_2"]


def test_a_vector_put_after_its_publication_is_found(store):
    entity = Entity(id="e_1", name="one", kind=EntityKind.CONCEPT)
    store.publish(replace(EMPTY, entities=(entity,)), {"e_1": "late"})
    assert store.search_vector(unit(1, 0), Owner.ENTITY, limit=1) == []
    store.put_vectors({"late": unit(1, 0)})
    assert [id_ for id_, _ in store.search_vector(unit(1, 0), Owner.ENTITY, limit=1)] == ["e_1"]


# --- all that one search looks up


def test_rankings_are_what_each_look_up_gives_alone(sample_store):
    vector = sample_store.vector(entity_id("RAG"))
    names, words, limits = (
        ["rag", "Neo4j", "zebra"],
        ["semantic", "cache"],
        {Owner.ENTITY: 3, Owner.PASSAGE: 2},
    )
    found = sample_store.rankings(names=names, beginning="gra", words=words, vector=vector, limits=limits)
    assert found.named == sample_store.find_names(names)
    assert names_of((id_, 1.0) for id_ in found.begun) == ["GraphRAG"]
    for owner, limit in limits.items():
        assert found.by_words[owner] == sample_store.search_text(words, owner, limit=limit)
        assert found.by_vector[owner] == sample_store.search_vector(vector, owner, limit=limit)


def test_rankings_of_nothing_are_empty(sample_store):
    found = sample_store.rankings(limits={})
    assert (found.named, found.begun, found.by_words, found.by_vector) == ({}, [], {}, {})
    found = sample_store.rankings(beginning="r", words=["rag"], limits={Owner.PASSAGE: 1})
    assert (found.begun, list(found.by_words), found.by_vector) == ([], [Owner.PASSAGE], {Owner.PASSAGE: []})


# Their last words are folded in each way, or end in signs, in the keys that narrow the search down.
_BEGUN = [
    *("Policies", "policy maker", "Analyses", "Databases", "databank", "C++", "C# notes", "C", "Pies", "pie"),
    *(
        "Rage",
        "Rags to riches",
        "vector-search",
        "Vector Essays",
        "Ǆ one",
        "ǆ two",
        "the end",
        "es",
        "e_s",
        "50% off",
        "mango\u0308 dish",  # a mark of its own
        "\uff76\uff9e\uff72\uff84\uff9e",  # half-width, its marks too
    ),
]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(_BEGUN), letters=st.integers(1, 12), limit=st.integers(1, 30), upper=st.booleans()
)
def test_a_beginning_finds_names_and_aliases_that_begin_so_the_most_important_first(
    begun_store, name, letters, limit, upper
):
    beginning = (name.upper() if upper else name)[:letters]
    entities, store = begun_store
    expected = [
        e
        for e in entities
        if any(each.casefold().startswith(beginning.casefold()) for each in (e.name, *e.aliases))
    ]
    expected.sort(key=lambda e: (-e.importance, e.id))
    found = store.rankings(beginning=beginning, limits={Owner.ENTITY: limit}).begun
    assert found == [e.id for e in expected][:limit]


@pytest.fixture
def begun_store(store):
    """Give a store and its entities, each name once as the own one and once as an alias."""
    entities = [
        Entity(
            id=f"e_{n}",
            name=name,
            aliases=(_BEGUN[-1 - n],),
            kind=EntityKind.TOOL,
            importance=(n % 4) / 4,
        )
        for n, name in enumerate(_BEGUN)
    ]
    store.publish(replace(EMPTY, entities=tuple(entities)), {})
    return entities, store


def test_the_most_important_come_first_of_very_many_that_begin_alike(store):
    entities = tuple(
        Entity(id=f"e_{n:04}", name=f"Same {n}", kind=EntityKind.TOOL, importance=n % 1_000 / 1_000)
        for n in range(2_100)
    )
    store.publish(replace(EMPTY, entities=entities), {})
    assert store.rankings(beginning="same", limits={Owner.ENTITY: 3}).begun == ["e_0999", "e_1999", "e_0998"]


def test_what_has_no_vector_has_none(sample_store):
    assert sample_store.vector("e_unknown") is None


def test_a_query_of_another_model_is_refused(sample_store):
    with pytest.raises(StoreMismatchError, match="64 numbers and the query's 3"):
        sample_store.search_vector(unit(1, 2, 3), Owner.PASSAGE, limit=1)
