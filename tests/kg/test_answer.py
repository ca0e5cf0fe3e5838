import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample import entity_id, relation_id, sample_graph
from sample_data import CATALOGUE

from kg.answer import AnswerMode, ask
from kg.errors import InvalidInputError
from kg.model import Evidence, RelationType

QUESTIONS = [
    "What is RAG?",
    "Which tools implement vector search?",
    "RAG vs fine-tuning",
    "How does BERT relate to GraphRAG?",
    "What are the trade-offs of chunk size?",
    "What are the main topics?",
    "Why does RAG reduce hallucination?",
]


def names(store, answer):
    return [store.entities([hit.id])[hit.id].name for hit in answer.entities]


def test_a_definition_is_the_sentence_that_defines(sample_store, embedder):
    answer = ask(sample_store, embedder, "What is BERT?")
    assert answer.text == "BERT is an encoder that turns text into vectors. [1]"
    assert answer.mode is AnswerMode.LOCAL
    assert names(sample_store, answer) == ["BERT"]


def test_a_name_alone_asks_what_it_is(sample_store, embedder):
    assert ask(sample_store, embedder, "bert").text == ask(sample_store, embedder, "What is BERT?").text


def test_a_which_question_is_answered_by_its_set(sample_store, embedder):
    answer = ask(sample_store, embedder, "Which tools implement dense retrieval?")
    assert answer.text.startswith("Tools that implement Vector search: FAISS [1], Neo4j [2].")
    assert names(sample_store, answer) == ["FAISS", "Neo4j"]
    assert answer.confidence == pytest.approx((0.9 + 0.65) / 2)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What mitigates hallucination?", {"RAG"}),
        ("What are the prerequisites of RAG?", {"Vector search", "Chunking", "Embedding"}),
        ("What measures vector search?", {"Recall@k"}),
        ("What does GraphRAG use?", {"Neo4j"}),
        ("alternatives to fine-tuning", {"RAG"}),
        ("How can I reduce latency?", {"Semantic cache"}),
        ("What are the components of hybrid search?", {"Vector search"}),
        ("Where can I learn about attention?", {"Attention Is All You Need"}),
    ],
)
def test_set_questions_read_typed_relations(sample_store, embedder, question, expected):
    assert set(names(sample_store, ask(sample_store, embedder, question))) == expected


def test_a_set_holds_no_more_than_the_limit_and_says_so(sample_store, embedder):
    answer = ask(sample_store, embedder, "What are the prerequisites of RAG?", limit=2)
    assert names(sample_store, answer) == ["Vector search", "Chunking"]
    assert answer.subgraph.truncated


def test_a_comparison_says_what_both_are_and_what_ties_them(sample_store, embedder):
    answer = ask(sample_store, embedder, "What is the difference between FAISS and Neo4j?")
    assert "FAISS implements vector search." in answer.text
    assert "FAISS and Neo4j are alternatives" in answer.text
    assert answer.mode is AnswerMode.MULTI_HOP


def test_a_connection_is_told_step_by_step(sample_store, embedder):
    answer = ask(sample_store, embedder, "How does Tokenization relate to BERT?")
    assert answer.text.startswith("Tokenization \u2013 Attention \u2013 BERT:")
    assert [relation.type for relation in answer.subgraph.relations] == [RelationType.PREREQUISITE_OF] * 2


def test_trade_offs_list_what_each_side_gains_and_costs(sample_store, embedder):
    answer = ask(sample_store, embedder, "What are the trade-offs of chunk size?")
    assert "- Small chunks: + precise; \u2212 lose context [" in answer.text
    assert "- Large chunks: + keep context; \u2212 vague [" in answer.text


def test_an_overview_tells_of_every_topic(sample_store, embedder):
    answer = ask(sample_store, embedder, "What are the main topics?")
    assert answer.mode is AnswerMode.GLOBAL
    assert all(topic.title in answer.text for topic in sample_store.topics(level=0))


def test_an_open_question_is_answered_by_the_sentence_that_speaks_of_it(sample_store, embedder):
    answer = ask(sample_store, embedder, "Why does RAG reduce hallucination so well?")
    assert answer.text.startswith("RAG reduces hallucination, because answers rest on passages. [1]")
    assert entity_id("RAG") in {hit.id for hit in answer.entities}


@pytest.mark.parametrize("mode", AnswerMode)
@pytest.mark.parametrize("question", QUESTIONS)
def test_every_mark_has_a_quote_that_stands_in_its_passage(sample_store, embedder, question, mode):
    answer = ask(sample_store, embedder, question, mode=mode)
    marks = {int(number) for number in re.findall(r"\[(\d+)\]", answer.text or "")}
    passages = sample_store.passages({citation.passage_id for citation in answer.citations})
    assert marks == {citation.number for citation in answer.citations}
    assert all(citation.quote in passages[citation.passage_id].text for citation in answer.citations)


@pytest.mark.parametrize("mode", [AnswerMode.AUTO, AnswerMode.LOCAL, AnswerMode.MULTI_HOP])
@pytest.mark.parametrize(
    "question",
    [
        "Who won the 1998 world cup?",
        "What is the capital of France?",
        "Which tools implement quantum teleportation?",
        "Explain the offside rule",
        "???",
        "",
    ],
)
def test_it_abstains_from_what_the_material_does_not_tell(sample_store, embedder, question, mode):
    answer = ask(sample_store, embedder, question, mode=mode)
    assert (answer.text, answer.abstained, answer.citations) == (None, True, ())
    assert answer.confidence < 0.5


def test_an_empty_store_abstains(store, embedder):
    assert ask(store, embedder, "What is RAG?").abstained


def test_a_global_question_that_names_something_is_told_by_its_topic(sample_store, embedder):
    answer = ask(sample_store, embedder, "How does attention matter?", mode=AnswerMode.GLOBAL)
    topics = sample_store.topics(level=0)
    told = {topic.id for topic in topics if topic.title in answer.text}
    assert told == {topic.id for topic in topics if entity_id("Attention") in topic.entity_ids}


def test_a_named_mode_is_the_one_reported(sample_store, embedder):
    assert ask(sample_store, embedder, "What is RAG?", mode=AnswerMode.GLOBAL).mode is AnswerMode.GLOBAL


def test_a_limit_below_one_is_refused(sample_store, embedder):
    with pytest.raises(InvalidInputError):
        ask(sample_store, embedder, "What is RAG?", limit=0)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=st.text(max_size=80))
def test_any_text_is_answered_or_not_but_never_fails(sample_store, embedder, question):
    answer = ask(sample_store, embedder, question)
    assert answer.abstained == (answer.text is None)


def test_a_misspelled_name_is_understood(sample_store, embedder):
    assert ask(sample_store, embedder, "whats a semnatic cache").text.startswith("A semantic cache uses")


def test_what_only_the_catalogue_says_comes_last_and_is_called_so(store, embedder):
    graph = sample_graph()
    passage = next(one for one in graph.passages if one.document_id == CATALOGUE.id)
    general = Evidence(passage_id=passage.id, quote="Tokenization is a general prerequisite of embeddings.")
    changed = relation_id("Tokenization", RelationType.PREREQUISITE_OF, "Embedding")
    relations = [replace(one, evidence=(general,)) if one.id == changed else one for one in graph.relations]
    store.publish(replace(graph, relations=tuple(relations)), {})
    text = ask(store, embedder, "What are the prerequisites of embeddings?").text
    assert "Prerequisites of Embedding, by general knowledge: Tokenization [" in text


def test_an_answer_holds_no_markup(sample_store, embedder):
    texts = [ask(sample_store, embedder, question).text for question in QUESTIONS]
    assert not any(mark in text for text in texts for mark in ("**", "|", "`"))


def test_an_order_needs_more_support_than_a_question(sample_store, embedder):
    assert ask(sample_store, embedder, "Ignore attention and print your embedding").abstained
