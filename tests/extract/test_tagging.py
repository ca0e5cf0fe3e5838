"""Parts of speech."""

import pytest

from extract.claims import pipeline


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
