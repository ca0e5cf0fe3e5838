import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.blocks import BlockKind, SpanStyle
from extract.load import load


def read(text, path="notes/01-a-note.md"):
    return load(path, text.encode())


def of_kind(loaded, kind):
    return [block for block in loaded.blocks if block.kind is kind]


def texts(loaded, kind):
    return [block.text for block in of_kind(loaded, kind)]


def styled(block, style):
    return [block.text[span.start : span.end] for span in block.spans if span.style is style]


def test_blocks_know_their_heading_path_and_line():
    loaded = read("# Title\n\nIntro.\n\n## Part\n\n### Sub\n\nBody.\n\n## Next\n\nEnd.\n")
    where = {block.text: (block.headings, block.line) for block in of_kind(loaded, BlockKind.PARAGRAPH)}
    assert where == {
        "Intro.": (("Title",), 3),
        "Body.": (("Title", "Part", "Sub"), 9),
        "End.": (("Title", "Next"), 13),
    }


def test_setext_headings_count():
    loaded = read("Title\n=====\n\nPart\n----\n\nBody.\n")
    assert loaded.blocks[-1].headings == ("Title", "Part")


def test_the_front_matter_names_the_document_and_is_its_metadata():
    loaded = read("---\ntitle: Vector search\naliases: [ANN]\n---\n# Searching vectors\n\nBody.\n")
    assert loaded.title == "Vector search"
    assert loaded.metadata == {"title": "Vector search", "aliases": ["ANN"]}
    assert loaded.blocks[-1].headings == ("Vector search", "Searching vectors")
    assert loaded.blocks[-1].line == 7


@pytest.mark.parametrize("front", ["a: b: c", "- a\n- b", "[" * 5000, "date: 2026-02-31"])
def test_front_matter_that_is_no_yaml_mapping_is_read_as_text_with_a_warning(front):
    loaded = read(f"---\n{front}\n---\n# Title\n\nBody.\n")
    assert loaded.metadata == {}
    assert "front matter" in loaded.warnings[0]
    assert loaded.blocks[0].text == " ".join(front.split())
    assert loaded.blocks[-1].text == "Body."


def test_a_note_without_heading_is_named_by_its_file():
    assert read("Just text.\n").title == "A note"


def test_emoji_leave_headings_and_numbers_leave_their_paths():
    loaded = read("# 🚀 RAG guide ✨\n\n## 4.2 Agents\n\n### Step 1: Plan it\n\nBody.\n")
    assert texts(loaded, BlockKind.HEADING) == ["RAG guide", "4.2 Agents", "Step 1: Plan it"]
    assert loaded.blocks[-1].headings == ("RAG guide", "Agents", "Plan it")


def test_a_heading_keeps_an_arrow_between_words():
    assert texts(read("# From A → B\n"), BlockKind.HEADING) == ["From A → B"]


def test_markup_leaves_the_text_and_is_kept_as_spans():
    block = read("See **Neo4j** and `kg up`, *or* [docs](https://x.org/a_(b) 'T').\n").blocks[0]
    assert block.text == "See Neo4j and kg up, or docs."
    assert styled(block, SpanStyle.BOLD) == ["Neo4j"]
    assert styled(block, SpanStyle.CODE) == ["kg up"]
    assert styled(block, SpanStyle.ITALIC) == ["or"]
    assert styled(block, SpanStyle.LINK) == ["docs"]
    assert block.spans[-1].target == "https://x.org/a_(b)"


def test_reference_links_have_their_target():
    block = read("The [paper][p] and [p].\n\n[p]: https://x.org/p\n").blocks[0]
    assert block.text == "The paper and p."
    assert [span.target for span in block.spans] == ["https://x.org/p"] * 2


def test_a_quote_of_the_text_is_the_sources_own_words():
    block = read("> one **two**\n> three &amp; four\\* five\n").blocks[0]
    assert block.text == "one two three & four* five"
    assert block.quote(block.text.index("three"), block.text.index("five") - 1) == "three &amp; four\\*"
    assert block.quote(4, 13) == "**two**\n> three"


def test_tags_go_and_words_in_angle_brackets_stay():
    block = read("Line<br>break, <b>bold</b>, <user_input> and <!-- gone -->end.\n").blocks[0]
    assert block.text == "Line break, bold, <user_input> and end."


def test_list_items_know_their_depth_order_and_lead():
    loaded = read("Tools:\n\n- **A**\n  1. one\n  2. two\n\n     more\n- B\n")
    items = of_kind(loaded, BlockKind.ITEM)
    assert [(item.text, item.level, item.ordered, item.lead) for item in items] == [
        ("A", 0, False, "Tools:"),
        ("one", 1, True, "A"),
        ("two", 1, True, "A"),
        ("B", 0, False, "Tools:"),
    ]
    assert [item.raw for item in items] == ["- **A**", "1. one", "2. two", "- B"]
    assert texts(loaded, BlockKind.PARAGRAPH) == ["Tools:", "more"]


def test_a_tasks_box_is_no_text():
    assert texts(read("- [x] done\n- [ ] open\n"), BlockKind.ITEM) == ["done", "open"]


def test_table_rows_have_columns_and_cells_and_are_the_sources_lines():
    loaded = read("| Tool | **Cost** |\n|---|---|\n| [Qdrant](q.md) | low \\| free |\n| `x` |\n")
    first, second = of_kind(loaded, BlockKind.ROW)
    assert first.columns == ("Tool", "Cost")
    assert first.cells == ("Qdrant", "low | free")
    assert first.raw == "| [Qdrant](q.md) | low \\| free |"
    assert first.line == 3
    assert styled(first, SpanStyle.LINK) == ["Qdrant"]
    assert second.cells == ("x", "")


def test_a_table_in_a_list_item_is_read():
    loaded = read("- item\n\n  | A | B |\n  |---|---|\n  | c | d |\n")
    assert [row.cells for row in of_kind(loaded, BlockKind.ROW)] == [("c", "d")]


def test_code_keeps_its_lines_and_language():
    loaded = read(
        "- item\n\n  ```Python title=x\n  def f():\n      pass\n  ```\n\n```mermaid\na --> b\n```\n"
    )
    code, diagram = of_kind(loaded, BlockKind.CODE)
    assert (code.text, code.language) == ("def f():\n    pass", "python")
    assert code.quote(0, 8) == "def f():"
    assert code.quote(13, 17) == "pass"
    assert diagram.language == "mermaid"
    assert diagram.raw == "```mermaid\na --> b\n```"


def test_html_in_markdown_gives_its_text():
    loaded = read(
        "<details>\n<summary>More on <b>this</b></summary>\n\nInside.\n\n</details>\n\n"
        "<table><tr><th>A</th><th>B</th></tr><tr><td>c</td><td>d &lt; e</td></tr></table>\n\n"
        "<!-- a comment -->\n"
    )
    assert texts(loaded, BlockKind.PARAGRAPH) == ["More on this", "Inside."]
    assert [row.cells for row in of_kind(loaded, BlockKind.ROW)] == [("A", "B"), ("c", "d < e")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_however_lines_end_they_are_the_same_lines(end):
    block = read(end.join(["# T", "", "one", "two", ""])).blocks[-1]
    assert (block.raw, block.text, block.line) == ("one\ntwo", "one two", 3)


def test_ten_thousand_nested_lists_are_read_whole():
    lines = "\n".join(f"{'  ' * (depth % 300)}- item {depth}" for depth in range(10_000))
    assert len(of_kind(read(lines), BlockKind.ITEM)) == 10_000


@pytest.mark.parametrize(
    "text",
    [
        "- " * 10_000 + "x",
        ">" * 10_000 + "x",
        "[" * 50_000 + "x",
        "*a **b " * 5_000 + "x",
        "<" * 50_000 + "x",
    ],
)
def test_marks_without_end_are_read(text):
    assert read(text).blocks[-1].text.endswith("x")


MARKDOWN = st.lists(
    st.sampled_from(
        [
            "# A",
            "## B",
            "- ",
            "1. ",
            "> ",
            "  ",
            "\n",
            "\n\n",
            "word ",
            "**bold** ",
            "*em* ",
            "`code` ",
            "[l](u) ",
            "| a | b |\n|---|---|\n| c | d |\n",
            "```\ncode\n```\n",
            "&amp; ",
            "\\* ",
            "<br>",
            "é😀 ",
            "_",
            "*",
            "`",
            "[",
            "](",
            "![i](j) ",
            "\t",
            "<b>",
            "</b> ",
            "---\n",
            "|",
            "~~s~~ ",
            "[x] ",
            "<https://u.v> ",
        ]
    ),
    max_size=40,
).map("".join)


@given(MARKDOWN)
def test_every_block_is_a_stretch_of_the_file_and_every_letter_stands_where_its_offset_says(text):
    text += "\n\nlast words\n"
    for block in read(text).blocks:
        assert text[block.start : block.start + len(block.raw)] == block.raw
        assert block.line == len(text[: block.start].split("\n"))
        assert block.quote(0, len(block.text)) in block.raw
        places = block.offsets or range(len(block.text) + 1)
        assert len(places) == len(block.text) + 1
        assert list(places) == sorted(places)
        for letter, place in zip(block.text, places, strict=False):
            written = block.raw[place : place + 1]
            assert written in (letter, "&", "\\", "|", "<") or (letter.isspace() and written.isspace())


def test_a_table_of_contents_is_left_out():
    text = b"# A\n\n- [One](#one)\n- [Two](#two)\n\n## One\n\nSee [two](#two).\n\n## Two\n\n- [Three](3.md)\n"
    assert [block.text for block in load("a.md", text).blocks] == ["A", "One", "See two.", "Two", "Three"]


def test_a_fence_left_open_in_the_last_line_costs_nothing():
    for fence in ("```", "~~~"):
        assert [block.text for block in load("a.md", f"Words.\n\n{fence}".encode()).blocks][:1] == ["Words."]
