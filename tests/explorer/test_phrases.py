"""Relations, confidence and time in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from explorer.phrases import confidence_words, counted, duration, plain, seen_from, sentence

_USES = {"type": "USES", "source": {"name": "RAG"}, "target": {"name": "Embedding"}}
_ALTERNATIVE = {"type": "ALTERNATIVE_TO", "source": {"name": "FAISS"}, "target": {"name": "Neo4j"}}


def test_a_relation_reads_as_a_sentence():
    assert sentence(_USES) == "RAG uses Embedding"


def test_from_its_source_a_relation_goes_out():
    assert seen_from(_USES, "RAG") == ("out", "uses", {"name": "Embedding"})


def test_from_its_target_a_relation_comes_in():
    assert seen_from(_USES, "Embedding") == ("in", "is used by", {"name": "RAG"})


@pytest.mark.parametrize("name", ["FAISS", "Neo4j"])
def test_a_relation_without_a_direction_reads_alike_from_both_ends(name: str):
    assert seen_from(_ALTERNATIVE, name)[:2] == ("out", "is an alternative to")


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        (0.95, "almost certain, 95 %"),
        (0.75, "likely, 75 %"),
        (0.5, "plausible, 50 %"),
        (0.2, "uncertain, 20 %"),
    ],
)
def test_confidence_is_a_word_and_a_percentage(confidence: float, words: str):
    assert confidence_words(confidence) == words


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "0 min"), (45, "45 min"), (60, "1 h"), (125, "2 h 5 min")]
)
def test_minutes_read_as_hours_and_minutes(minutes: int, words: str):
    assert duration(minutes) == words


def test_a_number_agrees_with_its_noun():
    assert [counted(1, "entity", "entities"), counted(1204, "entity", "entities"), counted(2, "week")] == [
        "1 entity",
        "1,204 entities",
        "2 weeks",
    ]


@given(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"]), min_size=1))
def test_escaped_text_shows_as_it_is_whatever_it_holds(text: str):
    (paragraph,) = MarkdownIt().enable("strikethrough").parse(f"x{plain(text)}x")[1:2]
    shown = "".join(
        child.content for child in paragraph.children or [] if child.type in ("text", "text_special")
    )
    assert shown == "x" + " ".join(text.split()) + "x"
