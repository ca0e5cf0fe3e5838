"""Input that is bad, odd or hostile: it costs itself alone, and never the time of the rest."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.executor import LocalExecutor, Read, Unread, read_document
from extract.found import Failure
from kg.model import Document

SENTENCE = "Reranking improves precision but adds latency. "
CELLS = "| " + " | ".join(["Reranking", "improves recall", "adds latency"] * 4) + " |"

LARGE = {
    "one-line.md": "# Notes\n\n" + SENTENCE * 5_000,
    "one-sentence.md": "# Notes\n\n" + SENTENCE.replace(".", ",") * 20_000,
    "one-word.md": "# Notes\n\n" + "a" * 1_000_000,
    "an-image.md": "# Notes\n\n![plot](data:image/png;base64," + "QUJD" * 250_000 + ")\n",
    "minified.html": "<html><body>"
    + "<div><p>Reranking improves recall.</p><ul><li>Latency</li></ul></div>" * 3_000
    + "</body></html>",
    "minified.txt": "var a="
    + ";".join(f"f{number}=function(){{return {number}}}" for number in range(30_000)),
    "deep.html": "<div>" * 5_000 + SENTENCE + "</div>" * 5_000,
    "deep.md": "\n".join("  " * depth + "- Reranking improves recall" for depth in range(500)),
    "hebrew.md": "# חיפוש\n\n" + "חיפוש וקטורי משפר דיוק. " * 4_000,
    "arabic.md": "# البحث\n\n" + "البحث الدلالي يحسن النتائج، \u202eولكنه بطيء\u202c. " * 4_000,  # noqa: RUF001
    "japanese.md": "# 検索\n\n" + "ベクトル検索は再現率を改善します。" * 10_000,
    "thai.md": "# ค้นหา\n\n" + "การค้นหา" * 30_000,
    "joined.md": "# Notes\n\n" + "a\u200d\u0301\u202e" * 100_000,
    "ragged.md": "| Tool | Use |\n|---|---|\n" + "\n".join(CELLS[: 7 * (row % 23)] for row in range(3_000)),
    "ragged.html": "<table>"
    + "<tr><td colspan=999999999>Reranking<td rowspan=-1>improves<tr><td>recall" * 1_000
    + "</table>",
    "open-brackets.md": "[" * 50_000 + "x" + "](" * 50_000,
    "open-marks.md": "*a _b `c " * 30_000,
    "carriage.md": "# Notes\r\rReranking improves recall.\r" * 2_000,
}


@pytest.fixture(scope="module")
def executor():
    with LocalExecutor(workers=2) as executor:
        yield executor


@pytest.mark.parametrize("path", LARGE)
def test_a_large_odd_file_is_read_within_its_time(executor, path):
    document = Document(root="notes", path=path, title="", content_hash="")
    (outcome,) = executor.read([Unread(document, LARGE[path].encode())])
    assert isinstance(outcome, Read), outcome
    assert outcome.source.passages


MARKUP = st.sampled_from(
    ["# ", "\n", "\n\n", "| ", "|", "---", "```\n", "- ", "> ", "**", "`", "<p>", "</td>", "<table>", "&amp;"]
)
WORDS = st.sampled_from(
    ["Reranking ", "improves ", "recall", ". ", "is a ", "vs ", "trade-off ", "RAG (", ")"]
)
ODD = st.text(max_size=8)


@settings(max_examples=150, deadline=None)
@given(
    parts=st.lists(MARKUP | WORDS | ODD, max_size=60),
    suffix=st.sampled_from([".md", ".html", ".txt", ".rst", ".ipynb", ".pdf", ".png"]),
)
def test_any_text_is_read_or_refused_for_a_reason_of_its_own(parts, suffix):
    document = Document(root="notes", path=f"odd{suffix}", title="", content_hash="")
    outcome = read_document(Unread(document, "".join(parts).encode(errors="surrogatepass")))
    reasons = [outcome.reason] if isinstance(outcome, Failure) else []
    assert not any("please report it" in reason for reason in reasons)
