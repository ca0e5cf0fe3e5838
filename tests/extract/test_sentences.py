import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.sentences import sentence_spans


def sentences(text):
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Use a cache, e.g. Redis, i.e. something fast.",
        "GPT-4.1 is cheaper than v1.2 of it.",
        "It costs 0.5 vs. 1.5 dollars.",
        "See Fig. 3 and Sec. 4.2 for it.",
        "The paper by J. Smith et al. (2023) says so.",
        "Node.js and Next.js run it.",
        "It waits ... and then goes on.",
        "Call foo.bar() first.",
        'It asks "why?" and goes on.',
        "Pages, tables etc. are kept.",
        "1. First comes the cache.",
    ],
)
def test_a_mark_inside_a_sentence_does_not_end_it(text):
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One ends. Two begins.", ["One ends.", "Two begins."]),
        ("Is it? Yes! Good.", ["Is it?", "Yes!", "Good."]),
        ('He said "no." Then he left.', ['He said "no."', "Then he left."]),
        ("It is (very) fast.) Then more.", ["It is (very) fast.)", "Then more."]),
        ("Use caches, queues, etc. They help.", ["Use caches, queues, etc.", "They help."]),
        ("Serve it well. vLLM does.", ["Serve it well.", "vLLM does."]),
        ("It has 3 parts. 2 are fast.", ["It has 3 parts.", "2 are fast."]),
        ("Pick plan B. Then go.", ["Pick plan B.", "Then go."]),
        ("Wait... Then go.", ["Wait...", "Then go."]),
        ("no full stop\n\nnew paragraph", ["no full stop", "new paragraph"]),
        ("検索します。次に答えます。", ["検索します。", "次に答えます。"]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text, expected):
    assert sentences(text) == expected


def test_white_space_belongs_to_no_sentence():
    assert sentence_spans("  One.   Two.  ") == [(2, 6), (9, 13)]


def test_nothing_has_no_sentences():
    assert sentence_spans(" \n ") == []


@given(st.text(alphabet="aB1 .?!\n\"'()e.g…。", max_size=80))
def test_sentences_cover_all_but_white_space_in_order_and_never_overlap(text):
    spans = sentence_spans(text)
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    assert edges == sorted(edges)
    between = [text[edges[at] : edges[at + 1]] for at in range(0, len(edges), 2)]
    assert "".join(between).strip() == ""
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in spans)
