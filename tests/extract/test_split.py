import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.blocks import BlockKind
from extract.load import load
from extract.split import MAX_WORDS, split
from kg.model import Document

SENTENCE = "A cache keeps what was asked before and gives it back."  # 11 words


def passages(text, path="note.md"):
    loaded = load(path, text.encode())
    document = Document(root="notes", path=path, title=loaded.title, content_hash=loaded.content_hash)
    return split(document, loaded)


def words(text):
    return len(text.split())


def test_what_stands_under_one_heading_is_one_passage_without_the_heading():
    found = passages("# T\n\nIntro.\n\n## A\n\nOne.\n\n- two\n- three\n\n## B\n\nFour.\n")
    assert [(p.headings, p.line, p.text, p.position) for p, _ in found] == [
        (("T",), 3, "Intro.", 0),
        (("T", "A"), 7, "One.\n\n- two\n- three", 1),
        (("T", "B"), 14, "Four.", 2),
    ]


def test_a_heading_is_among_the_blocks_of_the_first_passage_below_it():
    found = passages("# T\n\n## A\n\nOne.\n\n## B\n\nTwo.\n\n## C\n")
    assert [[block.text for block in blocks] for _, blocks in found] == [
        ["T", "A", "One."],
        ["B", "Two."],
        ["C"],
    ]


def test_headings_alone_are_a_passage():
    ((passage, _),) = passages("# T\n\n## A\n")
    assert passage.text == "T\n\n## A"


def test_long_sections_are_shared_out_evenly():
    found = passages("# T\n\n" + "\n\n".join([" ".join([SENTENCE] * 4)] * 8) + "\n")  # 352 words
    assert [words(passage.text) for passage, _ in found] == [176, 176]


def test_a_long_paragraph_is_cut_between_sentences_and_nothing_of_it_is_lost():
    paragraph = " ".join(f"Sentence {number} says **something** about caches." for number in range(90))
    found = passages(f"# T\n\n{paragraph}\n")
    texts = [passage.text for passage, _ in found]
    assert " ".join(texts) == paragraph
    assert all(text.startswith("Sentence") and text.endswith("caches.") for text in texts)
    assert max(words(text) for text in texts) <= MAX_WORDS
    parts = [block for _, blocks in found for block in blocks if block.kind is BlockKind.PARAGRAPH]
    assert all(part.text[span.start : span.end] == "something" for part in parts for span in part.spans)
    assert sum(len(part.spans) for part in parts) == 90


def test_the_lines_of_a_cut_paragraph_go_on():
    text = "# T\n\n" + "\n".join([SENTENCE] * 40) + "\n"
    for passage, _ in passages(text):
        assert text.splitlines()[passage.line - 1] == passage.text.splitlines()[0]


@pytest.mark.parametrize(
    "whole",
    ["```\n" + "\n".join(["x = some + code"] * 200) + "\n```", "word " * 600 + "end."],
    ids=["code", "sentence"],
)
def test_code_and_sentences_stay_whole_however_long(whole):
    found = passages(f"# T\n\nIntro.\n\n{whole}\n\nAfter.\n")
    assert any(whole in passage.text for passage, _ in found)


def test_a_tables_first_rows_take_its_head_along_and_no_row_is_cut():
    rows = [f"| tool {number} | {SENTENCE} |" for number in range(40)]
    table = "\n".join(["| Tool | Why |", "|---|---|", *rows])
    found = passages(f"# T\n\nThese:\n\n{table}\n")
    assert found[0][0].text.startswith("These:\n\n| Tool | Why |\n|---|---|\n| tool 0 |")
    assert [line for passage, _ in found for line in passage.text.split("\n")][4:] == rows
    ((only, _),) = passages(f"# T\n\n| Tool | Why |\n|---|---|\n{rows[0]}\n")
    assert only.text == f"| Tool | Why |\n|---|---|\n{rows[0]}"


def test_a_line_that_introduces_a_list_goes_with_it():
    filler = "\n\n".join([" ".join([SENTENCE] * 3)] * 5)
    items = "\n".join([f"- {SENTENCE}"] * 12)
    found = passages(f"# T\n\n{filler}\n\nThe reasons are:\n\n{items}\n")
    assert [passage.text.startswith("The reasons are:") for passage, _ in found].count(True) == 1


def test_equal_texts_have_different_ids_and_the_same_file_the_same_ones():
    text = "# T\n\n## A\n\nSame.\n\n## B\n\nSame.\n"
    first, second = [[passage.id for passage, _ in passages(text)] for _ in range(2)]
    assert first == second
    assert len(set(first)) == 2


PIECES = st.sampled_from(
    [
        "# One\n\n",
        "## Two\n\n",
        f"{SENTENCE} ",
        "\n\n",
        "- item **bold**\n",
        "1. first\n",
        "> quote\n",
        f"{SENTENCE * 25}\n\n",
        "| a | b |\n|---|---|\n| c | d |\n\n",
        "```\ncode\n```\n\n",
        "Line one\nline two. ",
        "What? ",
    ]
)


@given(st.lists(PIECES, min_size=1, max_size=25).map("".join), st.sampled_from(["a.md", "a.txt"]))
def test_every_block_is_in_one_passage_and_every_quote_of_it_in_the_passages_text(text, path):
    text += "\n\nThe end is here.\n"
    loaded = load(path, text.encode())
    found = passages(text, path)
    blocks = [block for _, parts in found for block in parts]
    assert "".join("".join(block.text.split()) for block in blocks) == "".join(
        "".join(block.text.split()) for block in loaded.blocks
    )
    assert [passage.position for passage, _ in found] == list(range(len(found)))
    assert len({passage.id for passage, _ in found}) == len(found)
    for passage, parts in found:
        assert passage.text in text
        content = [block for block in parts if block.kind is not BlockKind.HEADING] or parts
        assert all(block.raw in passage.text for block in content)
        assert all(block.quote(0, len(block.text)) in passage.text for block in content)
        assert all(block.headings == passage.headings for block in content)
