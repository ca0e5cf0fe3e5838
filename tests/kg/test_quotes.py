import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.quotes import as_sentence, plain, sentences, stems, table_rows


def test_prose_is_cut_into_sentences_across_line_breaks():
    text = "A cache keeps\nanswers. It saves time!  Does it?\n\nYes."
    assert list(sentences(text)) == ["A cache keeps\nanswers.", "It saves time!", "Does it?", "Yes."]


def test_list_items_are_sentences_without_their_marks():
    text = "Options:\n- **Small** chunks are precise\n  and cheap\n1. Large ones are vague. Really.\n"
    assert list(sentences(text)) == [
        "Options:",
        "**Small** chunks are precise\n  and cheap",
        "Large ones are vague.",
        "Really.",
    ]


def test_headings_tables_and_code_are_left_out():
    text = "## Caching\nA cache helps.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nprint(1)\n```\nEnd of it."
    assert list(sentences(text)) == ["A cache helps.", "End of it."]


def test_abbreviations_end_no_sentence():
    text = "Use a store, e.g. Neo4j, vs. A file. Then stop."
    assert list(sentences(text)) == ["Use a store, e.g. Neo4j, vs. A file.", "Then stop."]


@given(st.text(alphabet="ab. !?\n-*|#`12AB", max_size=200))
def test_every_sentence_is_a_stretch_of_the_text(text):
    assert all(sentence in text and sentence.strip() for sentence in sentences(text))


@pytest.mark.parametrize(
    ("quote", "reads"),
    [
        ("An **embedding** is a *vector*.", "An embedding is a vector."),
        ("- [ ] Read [the paper](https://example.org/a)", "Read the paper"),
        ("Use `k_means` and snake_case\n  names", "Use k_means and snake_case names"),
        ("| Ragas | faithfulness |", "Ragas | faithfulness"),
        ("2 * 3 is 6 <br> or so", "2 * 3 is 6 or so"),
    ],
)
def test_a_quote_reads_without_markup(quote, reads):
    assert plain(quote) == reads


@pytest.mark.parametrize(
    "family",
    [
        "reduce reduces reduced reducing",
        "evaluate evaluates evaluated evaluation",
        "cache caches cached caching",
    ],
)
def test_forms_of_a_word_have_one_stem(family):
    assert len(stems(family)) == 1


@pytest.mark.parametrize(
    ("quote", "reads"),
    [
        ("| **RRF** | Fuses ranked lists | Hybrid search |", "RRF: Fuses ranked lists."),
        ("Strong answer: Chunks are cut by heading.", "Chunks are cut by heading."),
        ('"Agents suit tasks that split well.', "Agents suit tasks that split well."),
        ("A cap ends the loop. See [Loops](loops.md).", "A cap ends the loop."),
        ("| N/A | vLLM | Serves models |", "vLLM: Serves models."),
        ("[!NOTE]\n> Thinking tokens are billed.", "Thinking tokens are billed."),
        ("Use regions close to users", "Use regions close to users."),
    ],
)
def test_a_quote_stands_in_prose_as_a_sentence(quote, reads):
    assert as_sentence(quote) == reads


def test_table_rows_come_without_the_rules_between_them():
    assert list(table_rows("| a | b |\n|---|---|\n| 1 | 2 |\nText.")) == ["| a | b |", "| 1 | 2 |"]
