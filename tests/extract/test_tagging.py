"""Parts of speech."""

import string

import pytest
from HanTa.HanoverTagger import HanoverTagger
from hypothesis import given
from hypothesis import strategies as st

from extract.claims import pipeline
from extract.morphemes import english

MODEL = english()
WORDS = "embedding rerankers unhelpfully vectorized langgraph pre-trained k8s gpt-4o non-linear qx s".split()


def parts(text: str) -> dict[str, str]:
    return {token.text: token.pos_ for token in pipeline()(text)}


@pytest.mark.parametrize(
    ("text", "word", "part"),
    [
        ("Query rewriting reduces latency.", "rewriting", "NOUN"),
        ("Query rewriting reduces latency.", "reduces", "VERB"),
        ("The measures are simple.", "measures", "NOUN"),
        ("The metric measures the recall of a search.", "measures", "VERB"),
        ("Thermophilic bacteria raise the pile.", "Thermophilic", "ADJ"),
        ("It does not need a GPU.", "not", "PART"),
        ("Qdrant, Milvus and pgvector implement vector search.", "implement", "VERB"),
        ("Small chunks increase precision.", "increase", "VERB"),
        ("Tools such as Ragas measure faithfulness.", "measure", "VERB"),
        ("Retries increase latency.", "Retries", "NOUN"),
        ("The chat and email support team answers.", "support", "NOUN"),
        ("It shows latency increase figures.", "increase", "NOUN"),
    ],
)
def test_a_word_is_tagged_by_its_place(text, word, part):
    assert parts(text)[word] == part


def test_words_joined_by_hyphens_are_one():
    found = parts("A cross-encoder scores pairs.")
    assert found["cross"] == found["encoder"] == found["-"]


def test_every_token_of_any_script_has_a_part():
    doc = pipeline()("Ein Satz auf Deutsch. 検索は速い。 هذا نص. 🙂 " + "x" * 200)
    assert all(token.pos_ for token in doc)


@given(st.sampled_from(WORDS) | st.text(string.ascii_lowercase + "-'0", min_size=1, max_size=24))
def test_a_word_is_analysed_as_by_hanta(word):
    assert MODEL.analyze_forward(word) == HanoverTagger.analyze_forward(MODEL, word)
