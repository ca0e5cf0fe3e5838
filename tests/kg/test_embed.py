"""The packaged embedding model, for real, and what of a passage is embedded."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.embed import Embedder, embedding_text, load_embedder, vector_key
from kg.errors import KGError
from kg.model import Passage

_TEXTS = [
    "A reranker orders passages by relevance.",
    "Rerankers sort retrieved text so that the most relevant comes first.",
    "The cat sat on the mat.",
    "",
    "token " * 2000,
    *(f"note number {i} " * (i % 40) for i in range(60)),
]

_ASK_NO_NETWORK = """
import sys
def refuse(event, args):
    if event in ("socket.connect", "socket.getaddrinfo"):
        print("asked", args)
sys.addaudithook(refuse)
from kg.embed import load_embedder
embedder = load_embedder()
print(embedder.name, "torch" in sys.modules)
print(embedder.encode(["one text"]).shape)
"""


@pytest.fixture(scope="module")
def minilm() -> Embedder:
    return load_embedder()


def passage(text: str, *headings: str) -> Passage:
    return Passage(id="p", document_id="d", position=0, headings=headings, line=1, text=text)


def test_vectors_are_float32_of_length_1(minilm):
    vectors = minilm.encode(_TEXTS)
    assert (vectors.dtype, vectors.shape) == (np.float32, (len(_TEXTS), 384))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(_TEXTS)), abs=1e-5)


def test_texts_of_like_meaning_are_nearer_than_others(minilm):
    a, b, c = minilm.encode(_TEXTS[:3])
    assert a @ b > 0.6 > 0.2 > a @ c


def test_a_text_has_the_same_vector_alone_and_among_others(minilm):
    together = minilm.encode(_TEXTS)
    alone = np.concatenate([minilm.encode([text]) for text in _TEXTS])
    assert np.abs(together - alone).max() < 1e-5


def test_no_texts_give_no_rows(minilm):
    assert minilm.encode([]).shape == (0, minilm.dim)


def test_threads_share_an_embedder_from_its_first_use():
    embedder = load_embedder()
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(embedder.encode, [_TEXTS[:20]] * 6))
    assert all(np.abs(answer - answers[0]).max() < 1e-5 for answer in answers)


def test_the_packaged_model_is_loaded_when_first_used_in_silence_and_without_the_network():
    done = subprocess.run(
        [sys.executable, "-c", _ASK_NO_NETWORK], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.splitlines() == ["all-MiniLM-L6-v2 False", "(1, 384)"]
    assert done.stderr == ""


def test_a_model_that_cannot_be_loaded_says_what_to_do(tmp_path):
    embedder = load_embedder(str(tmp_path))
    with pytest.raises(KGError, match=r"cannot be loaded \(.*\): mend KG_EMBEDDING_MODEL, or leave it out"):
        embedder.encode(["text"])


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("**RAG** uses _vectors_ and `snake_case`.", "RAG uses vectors and snake_case."),
        ("# Title\n\nText", "Title Text"),
        ('See [the guide](../a/b.md#c) and ![a chart](x.png "t").', "See the guide and a chart."),
        ("- one\n* two\n3. three\n- [x] done", "one two three done"),
        ("> quoted\n\n---\n\nrest", "quoted rest"),
        ("```python\nimport neo4j\n```", "import neo4j"),
        ("| tool | does |\n|------|:----:|\n| FAISS | search |", "tool, does FAISS, search"),
        ("a <br> b <!-- hidden --> c", "a b c"),
        ("2 * 3 * 4 and x < y", "2 * 3 * 4 and x < y"),
    ],
)
def test_markdown_loses_its_marks_and_keeps_its_words(markdown, words):
    assert embedding_text(passage(markdown)) == words


def test_the_heading_path_is_embedded_with_the_text():
    text = embedding_text(passage("It cuts  text.", "Guide", "Chunking"))
    assert text == "Guide > Chunking It cuts text."


@pytest.mark.parametrize(
    "mark", ["-", " ", "[", "<!--", "<a", "|", "*", "`", "> ", "\n", "![a](", "**a", "- "]
)
def test_no_run_of_marks_is_slow(mark):
    assert len(embedding_text(passage(mark * 50_000 + "x"))) < 50_000


@given(st.text(max_size=300))
def test_embedded_text_is_one_line_without_blanks_to_spare(text):
    found = embedding_text(passage(text, "Title"))
    assert found == " ".join(found.split())
    assert found.startswith("Title")


def test_a_vectors_key_depends_on_model_and_text():
    keys = {vector_key(model, text) for model in ("a", "b") for text in ("x", "y")}
    assert len(keys) == 4
    assert vector_key("a", "x") == vector_key("a", "x")
