"""What gives a name, and what does not."""

import pytest

from extract.naming import initials_match, is_name, listed_names, names_in_heading


def named(heading: str) -> list[str]:
    return [name.name for name in names_in_heading(heading)]


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("What Is RAG?", ["RAG"]),
        ("1.2 RAG Fundamentals", ["RAG"]),
        ("How Attention Works", ["Attention"]),
        ("Phase 2: Indexing", ["Indexing"]),
        ("Case Study: Fraud Detection", ["Fraud Detection"]),
        ("★ Reranking¶", ["Reranking"]),
        ("The God Prompt", ["God Prompt"]),
        ("KV Cache and Context Caching", ["KV Cache", "Context Caching"]),
        ("Dense vs Sparse Retrieval", ["Dense Retrieval", "Sparse Retrieval"]),
        ("GPT-4 vs. Claude 3", ["GPT-4", "Claude 3"]),
    ],
)
def test_a_heading_gives_the_names_it_is_about(heading, names):
    assert named(heading) == names


@pytest.mark.parametrize(
    "heading",
    [
        "Overview",
        "Key Takeaways",
        "Choosing a Database",
        "Step 2",
        "Failure Modes",
        "When to use",
        "★ TL;DR",
        "2024",
    ],
)
def test_a_heading_that_names_nothing_gives_nothing(heading):
    assert named(heading) == []


def test_a_definition_in_parentheses_gives_an_alias():
    (name,) = names_in_heading("Retrieval-Augmented Generation (RAG)")
    assert (name.name, name.aliases) == ("Retrieval-Augmented Generation", ("RAG",))


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("LoRA", "Low-Rank Adaptation"),
        ("LLMs", "Large Language Models"),
        ("BPE", "Byte-Pair Encoding"),
        ("RLHF", "Reinforcement Learning from Human Feedback"),
        ("TTFT", "Time to First Token"),
    ],
)
def test_an_acronym_stands_for_the_words_its_letters_begin(short, long):
    assert initials_match(short, long)


@pytest.mark.parametrize(
    ("short", "long"), [("MCP", "Message Queue"), ("AI", "Agents"), ("see", "Section Four")]
)
def test_other_short_words_stand_for_nothing(short, long):
    assert not initials_match(short, long)


@pytest.mark.parametrize(
    "text", ["$3 per 1M", "get_user()", "foo.py", "What is this?", "a, b", "~50 ms", "the", "Step"]
)
def test_values_code_and_sentences_are_no_names(text):
    assert not is_name(text)


def test_a_list_in_a_cell_gives_its_names_without_asides():
    assert listed_names("Qdrant, Milvus (open source), and pgvector / Weaviate") == [
        "Qdrant",
        "Milvus",
        "pgvector",
        "Weaviate",
    ]
