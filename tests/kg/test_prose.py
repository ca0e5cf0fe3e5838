import pytest

from kg.prose import is_readable, loss_alone, whole_sentences


@pytest.mark.parametrize(
    "quote",
    [
        "Options for storing vectors:",
        "When would you use a cache here?",
        "See the chapter on chunking for more.",
        '"LoRA: Low-Rank Adaptation of Large Language Models" (2021)',
        "result = search(store, query, limit=5) or []",
        "Read https://example.org/a/b for the details.",
        "Better recall",
    ],
)
def test_labels_pointers_questions_and_code_are_not_readable(quote):
    assert not is_readable(quote)


def test_a_table_row_reads_by_its_first_two_cells():
    assert is_readable("| **Recall@k** | Share of relevant passages among the first k | Search |")


def test_a_sentence_that_leans_comes_with_the_one_before_it():
    text = "A cache keeps answers. It saves time. They are old.\n\nThis one has nothing to lean on."
    assert list(whole_sentences(text)) == ["A cache keeps answers.", "A cache keeps answers. It saves time."]


@pytest.mark.parametrize(
    "quote",
    [
        "Better quality than naive quantization",
        "Strong candidates name the trade-off first.",
        "Fix: add a reranker after retrieval.",
        "GraphRAG solves this by summaries.",
    ],
)
def test_what_reads_badly_out_of_its_place_loses(quote):
    assert loss_alone(quote) > loss_alone("A reranker orders what retrieval has found.") == 0
