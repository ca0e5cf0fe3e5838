"""The material's words as HTML."""

from __future__ import annotations

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from explorer.quotes import excerpt, marked, passage_html, query_words, quote_html

_PLACE = {"headings": ["Guide", "Search"], "line": 7, "document": {"title": "Guide", "path": "a/guide.md"}}
_TAG = re.compile(r"</?mark>")


def test_names_are_marked_in_any_case():
    assert marked("rag uses RAG", ["RAG"]) == "<mark>rag</mark> uses <mark>RAG</mark>"


def test_of_two_names_that_begin_alike_the_longer_is_marked():
    assert marked("GraphRAG walks", ["Graph", "GraphRAG"]) == "<mark>GraphRAG</mark> walks"


def test_a_name_inside_a_word_is_not_marked():
    assert marked("storage", ["rag"]) == "storage"


def test_markup_in_the_material_stays_text():
    assert "<script>" not in marked("<script>alert(1)</script>", ["alert"])


@given(st.text(), st.lists(st.text(), max_size=4))
def test_marking_changes_no_word(text: str, words: list[str]):
    assert unescape(_TAG.sub("", marked(text, words))) == unescape(marked(text, []))


def test_a_quotation_names_file_line_and_headings():
    assert "a/guide.md, line 7 &gt; Search" in quote_html({"quote": "So it is.", **_PLACE})


def test_a_long_passage_is_cut_around_the_first_word_sought():
    text = "word " * 200 + "needle " + "word " * 200
    cut = excerpt(text, ["needle"], 200)
    assert "needle" in cut
    assert cut.startswith("… ")
    assert cut.endswith(" …")


@given(st.text(), st.integers(50, 400))
def test_an_excerpt_is_never_much_longer_than_asked(text: str, length: int):
    assert len(excerpt(text, [], length)) <= length + 4


def test_a_short_passage_is_shown_whole():
    assert "short text" in passage_html({"text": " short text\n", **_PLACE}, length=300)


def test_words_of_fewer_than_three_letters_are_not_marked():
    assert query_words("what is an embedding?") == ["what", "embedding"]


def test_emphasis_and_code_are_set_and_a_link_keeps_its_words_alone():
    shown = quote_html({"quote": "**RAG** runs `faiss`, see [notes](https://example.org/a_b).", **_PLACE})
    assert "<strong>RAG</strong> runs <code>faiss</code>, see notes." in shown
