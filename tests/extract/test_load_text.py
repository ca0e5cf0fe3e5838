import pytest

from extract.blocks import BlockKind
from extract.load import load

PROSE = (
    "A cache keeps what was asked before, so that the same question costs nothing the second time it comes."
)


def read(text, path="notes.txt"):
    return load(path, text.encode())


def outline(loaded):
    return [(block.level, block.text) for block in loaded.blocks if block.kind is BlockKind.HEADING]


def texts(loaded, kind):
    return [block.text for block in loaded.blocks if block.kind is kind]


def test_short_lines_above_paragraphs_are_headings():
    loaded = read(f"Caching at Work\n\n{PROSE}\n\nWhen It Helps\n\n{PROSE}\n")
    assert outline(loaded) == [(1, "Caching at Work"), (2, "When It Helps")]
    assert loaded.blocks[-1].headings == ("Caching at Work", "When It Helps")
    assert loaded.blocks[-1].line == 7


def test_ornaments_and_pilcrows_mark_headings_and_their_depth():
    loaded = read(
        f"Caching¶\n{PROSE}\n★ TL;DR¶\n- Short.\n★ In Depth¶\nHow It Works¶\n{PROSE}\n○ Gotchas¶\n- Stale.\n"
    )
    assert outline(loaded) == [
        (1, "Caching"),
        (2, "TL;DR"),
        (2, "In Depth"),
        (3, "How It Works"),
        (2, "Gotchas"),
    ]


def test_numbered_headings_lose_the_number_in_paths_alone():
    loaded = read(f"Guide\n\n{PROSE}\n\n1.Step 1: pick a store\n\n{PROSE}\n\n2.Step 2: fill it\n\n{PROSE}\n")
    assert outline(loaded)[1:] == [(2, "1.Step 1: pick a store"), (2, "2.Step 2: fill it")]
    assert loaded.blocks[-1].headings == ("Guide", "fill it")


def test_an_emoji_and_a_number_announce_a_section_and_a_line_below_its_card_is_a_subtitle():
    cards = "".join(
        f"{sign}\n0{n}\n\nArea {name}\n\nCard {name}\nkeys, values, misses\n{PROSE}\n"
        for n, sign, name in CARDS
    )
    loaded = read(f"All Topics\n\n{PROSE}\n{cards}")
    assert outline(loaded)[1:] == [(2, "Area One"), (3, "Card One"), (2, "Area Two"), (3, "Card Two")]
    assert "keys, values, misses" in texts(loaded, BlockKind.PARAGRAPH)


CARDS = [(1, "🧠", "One"), (2, "🔍", "Two")]


def test_question_numbers_announce_questions_whose_labels_stand_below_them():
    blocks = f"Q1\nWhy does a cache go stale over time?\nImportant\nProblem\n{PROSE}\nApproach\n{PROSE}\n"
    loaded = read(f"Questions\n\n{PROSE}\n\n{blocks}Q2\nHow large should a cache be?\nApproach\n{PROSE}\n")
    assert [text for _, text in outline(loaded)] == [
        "Questions",
        "Why does a cache go stale over time?",
        "Problem",
        "Approach",
        "How large should a cache be?",
        "Approach",
    ]
    assert loaded.blocks[-1].headings == ("Questions", "How large should a cache be?", "Approach")


def test_an_answer_is_led_by_its_question():
    loaded = read(
        "- Q: What is a miss?\n-\nA: A fruitless look-up.\n\n-\n\nQ: And a hit?\n- A: One that does.\n"
    )
    items = [(block.text, block.lead) for block in loaded.blocks]
    assert items == [
        ("Q: What is a miss?", ""),
        ("A: A fruitless look-up.", "Q: What is a miss?"),
        ("Q: And a hit?", ""),
        ("A: One that does.", "Q: And a hit?"),
    ]


def test_menus_counters_and_offers_are_left_out():
    loaded = read(
        "Interview Prep\n\nCaching for Everyone\n\n16 min read\n\n15 Domains\n94 Topics\nFull Coverage\n\n"
        f"{PROSE}\n\nReady to ace your next exam?\n\nBuy our course.\n\n  • 900 cards\n\n"
        f"How It Works\n\nCopy\n\n{PROSE}\n\n"
        "Finished reading?\n\nMark it as done.\n"
    )
    assert outline(loaded) == [(1, "Caching for Everyone"), (2, "How It Works")]
    assert texts(loaded, BlockKind.PARAGRAPH) == [PROSE, PROSE]


def test_tags_run_together_come_apart_where_the_text_knows_the_words():
    prose = (
        f"{PROSE} LangGraph and CrewAI keep a cache; a hit ratio and write-through matter, and so does Redis."
    )
    loaded = read(f"Caches\n\n{prose}\nHit ratioWrite-throughLangGraphCrewAIRedis\n")
    assert texts(loaded, BlockKind.ITEM) == ["Hit ratio", "Write-through", "LangGraph", "CrewAI", "Redis"]


def test_code_without_fences_is_one_block():
    code = (
        '# a comment\nimport redis\n\ndef look_up(key: str) -> str:\n"""\nFind a value.\nSlow first.\n"""\n'
        "value = store.get(\nkey,\n)\nif value is None:\nreturn load(key)\nreturn value"
    )
    loaded = read(f"Example\n\n{PROSE}\n{code}\nThis is how it is done, line by line.\n")
    assert texts(loaded, BlockKind.CODE) == [code]
    assert loaded.blocks[-1].text == "This is how it is done, line by line."


def test_diagrams_commands_and_trees_are_code():
    loaded = read(
        f"Setup\n\n{PROSE}\n\nflowchart LR\nA[Start] --> B[End]\nB --> C\n\n"
        f"{PROSE}\n\ngit clone https://x.org/y.git\ncd y\n\n"
        f"{PROSE}\n\nnotes/\n├── a.md\n└── b.md\n"
    )
    code = [
        (block.language, block.text.count("\n") + 1)
        for block in loaded.blocks
        if block.kind is BlockKind.CODE
    ]
    assert code == [("mermaid", 3), ("bash", 2), ("", 3)]


def test_tables_have_columns_where_a_rule_follows_the_first_row():
    loaded = read("| kind | note |\n\nCosts\n\n| Tool | Cost |\n|---|\n| Redis | low |\n| Disk | lower |\n")
    rows = [(block.columns, block.cells) for block in loaded.blocks if block.kind is BlockKind.ROW]
    assert rows == [
        ((), ("kind", "note")),
        (("Tool", "Cost"), ("Redis", "low")),
        (("Tool", "Cost"), ("Disk", "lower")),
    ]


def test_bullets_below_a_number_belong_to_it_and_lines_go_on():
    loaded = read("Pick one of these:\n1. Store\n- fast\n- cheap, such as\ndisk\n2. Use\n")
    items = [(block.text, block.level, block.ordered, block.lead) for block in loaded.blocks[1:]]
    assert items == [
        ("Store", 0, True, "Pick one of these:"),
        ("fast", 1, False, "Store"),
        ("cheap, such as disk", 1, False, "Store"),
        ("Use", 0, True, "Pick one of these:"),
    ]


def test_lines_wrapped_to_a_page_are_joined_to_paragraphs():
    wrapped = (
        "Caches\n\nA cache keeps what was asked before, so that the same question costs\n"
        "nothing the second time it comes. It may go stale, and then somebody has\n"
        "to throw it away.\n\nAnother paragraph begins after the blank "
        "line and goes on for a\nwhile before it ends.\n"
    )
    loaded = read(wrapped)
    assert len(texts(loaded, BlockKind.PARAGRAPH)) == 2
    assert loaded.blocks[1].text.endswith(
        "costs nothing the second time it comes. It may go stale, and then somebody has to throw it away."
    )


@pytest.mark.parametrize(
    "text",
    [
        "|" * 50_000,
        "fooBarBaz" * 5_000,
        "x = (\n" + "foo bar\n" * 20_000,
        "word " * 200_000,
        "x" + " " * 200_000 + "x",
    ],
)
def test_text_without_shape_is_read(text):
    assert read(text).blocks


def test_blocks_are_stretches_of_the_file():
    text = f"Title\n\n{PROSE}\n\n- **one**  two\n  three\n| a |  b |\n"
    loaded = read(text)
    assert [text[block.start : block.start + len(block.raw)] for block in loaded.blocks] == [
        b.raw for b in loaded.blocks
    ]
    assert [block.text for block in loaded.blocks][2:] == ["one two three", "a | b"]
    assert loaded.blocks[2].quote(4, 13) == "two\n  three"
