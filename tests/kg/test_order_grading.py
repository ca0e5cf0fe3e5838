"""Grading of prerequisites against labelled pairs: every figure is computed by hand from the sample graph."""

from __future__ import annotations

import pytest
from graded import counts, figures, write

from kg.errors import InvalidInputError
from kg.order_grading import grade_prerequisites

PAIRS = """before,after,label
tokenizer,Embedding,1
Tokenization,text embedding,
Tokenization,RAG,1
RAG,Chunking,1
BERT,"Llama 4",1
Attention,Embedding,0
Keyword search,RAG,0
Atlantis,RAG,1
Chunking,splitting,1
"""


@pytest.fixture
def pairs(tmp_path):
    path = tmp_path / "pairs.csv"
    path.write_text(PAIRS, encoding="utf-8")
    return path


def test_pairs_that_cannot_be_judged_are_counted(sample_store, pairs):
    report = grade_prerequisites(sample_store, pairs)
    assert (report.pairs, report.unknown_pairs, report.same_entity, report.judged) == (9, 1, 1, 6)
    assert report.unknown_names == ("Atlantis",)


def test_edges_are_judged_over_the_labelled_pairs(sample_store, pairs):
    direct = grade_prerequisites(sample_store, pairs).direct
    # Found: Tokenization before Embedding, Attention before Embedding, and the reverse of RAG, Chunking.
    assert counts(direct.score) == (1, 3, 4)
    assert figures(direct.score) == (0.3333, 0.25, 0.2857)
    assert (direct.connected, direct.direction_accuracy) == (2, 0.5)


def test_the_closure_counts_chains_of_edges(sample_store, pairs):
    closure = grade_prerequisites(sample_store, pairs).closure
    assert counts(closure.score) == (2, 4, 4)
    assert figures(closure.score) == (0.5, 0.5, 0.5)
    assert (closure.connected, closure.direction_accuracy) == (3, 0.6667)


def test_weaker_edges_can_be_left_out(sample_store, pairs):
    report = grade_prerequisites(sample_store, pairs, min_confidence=0.6)
    assert counts(report.direct.score) == (1, 2, 4)
    assert counts(report.closure.score) == (2, 3, 4)


def test_the_same_pairs_as_json_lines_give_the_same_figures(sample_store, pairs, tmp_path):
    rows = [row.replace('"', "").split(",") for row in PAIRS.splitlines()[1:]]
    lines = [{"before": before, "after": after, "label": int(label or 1)} for before, after, label in rows]
    again = write(tmp_path / "pairs.jsonl", *lines)
    assert grade_prerequisites(sample_store, again) == grade_prerequisites(sample_store, pairs)


def test_a_pair_labelled_both_ways_round_is_taken_at_its_word(sample_store, tmp_path):
    rows = [{"before": "Chunking", "after": "RAG"}, {"before": "RAG", "after": "Chunking"}]
    direct = grade_prerequisites(sample_store, write(tmp_path / "pairs.jsonl", *rows)).direct
    assert (counts(direct.score), direct.direction_accuracy) == ((1, 1, 2), 0.5)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "first,second\na,b\n", "line 1 needs the header before,after"),
        ("a.csv", "before,after\nRAG\n", "line 2: .*missing required field `after`"),
        ("a.csv", "before,after\nRAG,BERT,1\n", "line 2: "),
        ("a.csv", "before,after,label\nRAG,BERT,2\n", "line 2: .* allowed: 0, 1"),
        ("a.csv", "before,after,label\nRAG,BERT,no\n", "line 2: .* allowed: 0, 1"),
        ("a.csv", 'before,after\n"RAG" x,BERT\n', "line 2 is not CSV"),
        ("a.jsonl", "{oops", "line 1 is not JSON"),
        ("a.jsonl", '{"before": "RAG", "after": "BERT", "label": 7}', "line 1: .* allowed: 0, 1"),
        ("a.jsonl", '{"before": "RAG", "next": "BERT"}', "line 1: .*unknown field `next`"),
        ("a.jsonl", '{"before": "RAG", "after": "?"}', "line 1: before and after each need a name"),
        ("a.jsonl", '{"before": "RAG", "after": "rag"}', "line 1: 'RAG' cannot come before itself"),
        ("a.csv", "before,after,label\nRAG,BERT\nRAG,bert,0\n", "line 3: .* labelled both 0 and 1"),
    ],
)
def test_a_pair_that_cannot_be_graded_is_named(sample_store, tmp_path, name, text, words):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInputError, match=words):
        grade_prerequisites(sample_store, tmp_path / name)
