"""Who does what to whom in a sentence."""

import pytest

from extract.claims import pipeline
from extract.clauses import clauses
from extract.items import MAX_TOKENS, sentences_of


def stated(text: str) -> set[tuple[tuple[str, ...], str, tuple[str, ...]]]:
    """Return (subjects, verb, objects) of each clause that is not negated."""
    return {
        (
            tuple(span.text for span in clause.subjects),
            clause.lemma,
            tuple(span.text for span in clause.objects),
        )
        for sentence in sentences_of(pipeline()(text))
        for clause in clauses(sentence)
        if not clause.negated
    }


@pytest.mark.parametrize(
    ("sentence", "clause"),
    [
        ("Smaller chunks improve precision.", (("Smaller chunks",), "improve", ("precision",))),
        ("RAG with reranking improves precision.", (("RAG",), "improve", ("precision",))),
        (
            "Caching, batching and quantization reduce latency and cost.",
            (("Caching", "batching", "quantization"), "reduce", ("latency", "cost")),
        ),
        ("Faithfulness is measured by an LLM judge.", (("LLM judge",), "measure", ("Faithfulness",))),
        ("Using RAG reduces hallucination.", (("RAG",), "reduce", ("hallucination",))),
        (
            "Use continuous batching to raise throughput.",
            (("continuous batching",), "raise", ("throughput",)),
        ),
        (
            "To prevent prompt injection, use input filtering.",
            (("input filtering",), "prevent", ("prompt injection",)),
        ),
        ("Guardrails reduce the risk of hallucination.", (("Guardrails",), "reduce", ("hallucination",))),
        ("Hot composting relies on bacteria.", (("Hot composting",), "rely on", ("bacteria",))),
        (
            "Speculative decoding, which uses a small draft model, is fast.",
            (("Speculative decoding",), "use", ("small draft model",)),
        ),
    ],
)
def test_a_clause_has_its_own_subjects_and_objects(sentence, clause):
    assert clause in stated(sentence)


def test_a_second_verb_goes_on_with_the_subject():
    found = stated("Smaller chunks improve precision but lose context.")
    assert (("Smaller chunks",), "lose", ("context",)) in found


@pytest.mark.parametrize(
    "sentence",
    ["Reranking does not need a GPU.", "SQLite needs no server.", "Never use greedy decoding."],
)
def test_what_is_denied_is_not_stated(sentence):
    assert stated(sentence) == set()


def test_a_new_subject_ends_a_list():
    assert (("gateway",), "add", ("hop",)) in stated("The gateway adds a hop, and latency grows.")


def test_noun_phrases_leave_articles_and_verbs_out():
    (sentence,) = sentences_of(pipeline()("The cross-encoder reranker scores a query-document pair."))
    assert "query-document pair" in [phrase.text for phrase in sentence.phrases]


def test_a_line_without_end_states_nothing():
    (sentence,) = sentences_of(pipeline()("caching reduces latency " * MAX_TOKENS))
    assert clauses(sentence) == []
