import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample import entity_id

from kg.errors import InvalidInputError
from kg.model import EntityKind
from kg.search import SearchMode, search, similar


def first_entity(found):
    return found.entities[0].id


@pytest.mark.parametrize("mode", [SearchMode.HYBRID, SearchMode.KEYWORD])
@pytest.mark.parametrize(
    "query", ["RAG", "rag", "Retrieval-Augmented Generation", "retrieval augmented generations"]
)
def test_an_entity_comes_first_by_its_name_and_by_its_alias(sample_store, embedder, query, mode):
    assert first_entity(search(sample_store, embedder, query, mode=mode)) == entity_id("RAG")


def test_the_beginning_of_a_name_finds_the_entity(sample_store, embedder):
    assert first_entity(search(sample_store, embedder, "halluc")) == entity_id("Hallucination")


def test_an_entity_named_in_a_question_comes_before_those_that_are_not(sample_store, embedder):
    found = search(sample_store, embedder, "how do small chunks and BERT differ")
    assert {hit.id for hit in found.entities[:2]} == {entity_id("Small chunks"), entity_id("BERT")}


@pytest.mark.parametrize("mode", SearchMode)
def test_passages_that_speak_of_the_query_come_first(sample_store, embedder, mode):
    found = search(sample_store, embedder, "FAISS implements vector search", mode=mode)
    assert "FAISS implements" in sample_store.passages([found.passages[0].id])[found.passages[0].id].text


@pytest.mark.parametrize("mode", SearchMode)
def test_scores_fall_and_nothing_comes_twice(sample_store, embedder, mode):
    found = search(sample_store, embedder, "vector search and embeddings", mode=mode, limit=100)
    for hits in (found.entities, found.passages):
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        assert len({hit.id for hit in hits}) == len(hits)


@pytest.mark.parametrize("mode", SearchMode)
def test_kinds_restrict_entities(sample_store, embedder, mode):
    kinds = {EntityKind.TOOL}
    found = search(sample_store, embedder, "vector search in Neo4j", mode=mode, kinds=kinds)
    entities = sample_store.entities([hit.id for hit in found.entities])
    assert {entity.kind for entity in entities.values()} == kinds


@pytest.mark.parametrize("mode", SearchMode)
def test_no_more_than_the_limit_is_found(sample_store, embedder, mode):
    found = search(sample_store, embedder, "search with embeddings", mode=mode, limit=2)
    assert len(found.entities) == len(found.passages) == 2


def test_a_graph_search_reaches_what_the_query_does_not_name(sample_store, embedder):
    found = search(sample_store, embedder, "BERT", mode=SearchMode.GRAPH, limit=100)
    ids = [hit.id for hit in found.entities]
    assert ids[0] == entity_id("BERT")
    assert entity_id("Attention") in ids


def test_a_graph_search_that_names_nothing_starts_at_what_is_near(sample_store, embedder):
    found = search(sample_store, embedder, "cuts documents", mode=SearchMode.GRAPH)
    assert entity_id("Chunking") in {hit.id for hit in found.entities}
    assert found.passages


@pytest.mark.parametrize("mode", SearchMode)
@pytest.mark.parametrize("query", ["", "   ", "???", "\0", "'\"*()"])
def test_a_query_without_words_finds_nothing(sample_store, embedder, query, mode):
    found = search(sample_store, embedder, query, mode=mode)
    assert (found.entities, found.passages) == ([], [])


@pytest.mark.parametrize("mode", SearchMode)
def test_an_empty_store_finds_nothing(store, embedder, mode):
    found = search(store, embedder, "vector search", mode=mode)
    assert (found.entities, found.passages) == ([], [])


def test_a_limit_below_one_is_refused(sample_store, embedder):
    with pytest.raises(InvalidInputError):
        search(sample_store, embedder, "RAG", limit=0)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=80), mode=st.sampled_from(SearchMode))
def test_any_text_is_a_query_and_never_syntax(sample_store, embedder, query, mode):
    found = search(sample_store, embedder, query, mode=mode)
    assert len(found.passages) <= 10


def test_similar_entities_leave_out_the_entity_itself(sample_store):
    hits = similar(sample_store, entity_id("Vector search"), limit=5)
    assert len(hits) == 5
    assert entity_id("Vector search") not in {hit.id for hit in hits}


def test_an_entity_without_a_vector_is_similar_to_nothing(sample_store):
    assert similar(sample_store, "e_unknown") == []
