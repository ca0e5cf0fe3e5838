import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample import entity_id

from kg.linking import content_words, find_misspelled, link_names


def linked(store, text):
    return [(text[span.start : span.end], span.entity_ids[0]) for span in link_names(store, text)]


def test_names_are_found_whatever_their_case_and_number(sample_store):
    assert linked(sample_store, "do EMBEDDINGS need a Tokenizer?") == [
        ("EMBEDDINGS", entity_id("Embedding")),
        ("Tokenizer", entity_id("Tokenization")),
    ]


def test_the_longest_name_at_a_place_is_taken(sample_store):
    text = "why is retrieval-augmented generation not hybrid search"
    assert linked(sample_store, text) == [
        ("retrieval-augmented generation", entity_id("RAG")),
        ("hybrid search", entity_id("Hybrid search")),
    ]


def test_text_without_names_links_nothing(sample_store):
    assert link_names(sample_store, "who won the cup?") == []


def test_one_look_up_serves_any_number_of_words(sample_store, monkeypatch):
    calls = []
    find_names = sample_store.find_names
    monkeypatch.setattr(sample_store, "find_names", lambda names: calls.append(names) or find_names(names))
    link_names(sample_store, "RAG and BERT and FAISS and Neo4j " * 50)
    assert len(calls) == 1


def test_content_words_leave_out_what_only_carries_the_question():
    assert content_words("What is the latency of RAG, and the Latency of BERT?") == ["latency", "rag", "bert"]


def test_content_words_keep_all_words_where_none_is_telling():
    assert content_words("What is it?") == ["what", "is", "it"]


@given(st.text())
def test_content_words_take_any_text(text):
    assert len(content_words(text)) <= 64


@pytest.mark.parametrize("written", ["semnatic cache", "Semantic cahce", "semanticcache"])
def test_a_misspelled_name_is_taken_for_the_one_it_is_most_like(sample_store, embedder, written):
    assert find_misspelled(sample_store, embedder, written).name == "Semantic cache"


@pytest.mark.parametrize("written", ["BRET", "quantum teleportation", ""])
def test_short_and_unlike_names_are_taken_for_none(sample_store, embedder, written):
    assert find_misspelled(sample_store, embedder, written) is None


def test_what_is_longer_than_any_name_is_no_misspelling(sample_store, embedder, monkeypatch):
    monkeypatch.setattr("kg.linking.SequenceMatcher", None)  # comparing would take minutes
    assert find_misspelled(sample_store, embedder, "e" * 200_000) is None
