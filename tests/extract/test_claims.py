"""What one document claims."""

import hashlib

import pytest

from extract.blocks import BlockKind
from extract.claims import extract
from extract.load import load
from kg.model import Document, EntityKind, RelationType, Source


def source(text: str, path: str = "note.md") -> Source:
    loaded = load(path, text.encode())
    digest = hashlib.sha256(text.encode()).hexdigest()
    return extract(Document(root="notes", path=path, title=loaded.title, content_hash=digest), loaded)


def relations(text: str) -> set[tuple[str, str, str]]:
    return {(one.source, one.type.value, one.target) for one in source(text).relation_claims}


def names(text: str, rule: str) -> set[str]:
    return {one.name for one in source(text).entity_claims if one.rule == rule}


@pytest.mark.parametrize(
    ("sentence", "claim"),
    [
        ("Reranking improves precision.", ("Reranking", "IMPROVES", "precision")),
        ("Reranking relies on a cross-encoder.", ("Reranking", "USES", "cross-encoder")),
        ("Guardrails prevent prompt injection.", ("Guardrails", "MITIGATES", "prompt injection")),
        ("Prompt injection is mitigated by guardrails.", ("guardrails", "MITIGATES", "Prompt injection")),
        ("Faithfulness is measured by Ragas.", ("Ragas", "MEASURES", "Faithfulness")),
        ("The retriever is part of RAG.", ("retriever", "PART_OF", "RAG")),
        ("RAG consists of a retriever and a generator.", ("generator", "PART_OF", "RAG")),
        ("QLoRA is a variant of LoRA.", ("QLoRA", "IS_A", "LoRA")),
        ("Milvus is an alternative to Qdrant.", ("Milvus", "ALTERNATIVE_TO", "Qdrant")),
        ("GraphRAG builds on RAG.", ("RAG", "PREREQUISITE_OF", "GraphRAG")),
        ("Vector databases such as Qdrant scale.", ("Qdrant scale", "IS_A", "Vector databases")),
    ],
)
def test_a_sentence_claims_what_its_verb_says(sentence, claim):
    assert claim in relations(f"# Notes on things\n\n{sentence}\n")


@pytest.mark.parametrize(
    "sentence",
    [
        "Reranking does not improve precision.",
        "Reranking never uses a cross-encoder.",
        "Does reranking improve precision?",
        "Use reranking when precision matters.",
    ],
)
def test_denials_questions_and_instructions_claim_nothing(sentence):
    assert relations(f"# Notes on things\n\n{sentence}\n") == set()


def test_a_second_verb_has_the_first_ones_subject():
    found = relations("# Notes on things\n\nReranking improves precision and increases latency.\n")
    assert ("Reranking", "IMPROVES", "precision") in found
    assert (
        "Reranking",
        "IMPROVES",
        "latency",
    ) in found  # "increases": what it comes to is settled in the fold


def test_a_pronoun_stands_for_what_the_section_is_about():
    assert ("Reranking", "IMPROVES", "precision") in relations("# Reranking\n\nIt improves precision.\n")


def test_an_item_is_about_its_bold_lead():
    found = relations("# Search\n\n- **Reranking**: improves precision.\n")
    assert ("Reranking", "IMPROVES", "precision") in found


def test_rows_state_what_their_columns_say():
    text = "# Risks\n\n| Failure | Mitigation |\n|---|---|\n| Prompt injection | Guardrails |\n"
    assert ("Guardrails", "MITIGATES", "Prompt injection") in relations(text)


def test_items_below_prerequisites_come_before_the_document():
    found = relations("# Hybrid Search\n\n## Prerequisites\n\n- Vector search\n- BM25\n")
    assert {
        ("Vector search", "PREREQUISITE_OF", "Hybrid Search"),
        ("BM25", "PREREQUISITE_OF", "Hybrid Search"),
    } <= found


def test_front_matter_states_prerequisites_and_difficulty():
    read = source(
        "---\ndifficulty: advanced\nprerequisites: [LoRA]\n---\n# QLoRA\n\nQLoRA adds quantization.\n"
    )
    assert ("LoRA", RelationType.PREREQUISITE_OF, "QLoRA") in {
        (one.source, one.type, one.target) for one in read.relation_claims
    }
    assert {one.difficulty.value for one in read.entity_claims if one.difficulty} == {"ADVANCED"}


def test_an_acronym_definition_gives_its_long_form():
    found = source("# Notes\n\nWe use Low-Rank Adaptation (LoRA) here.\n").entity_claims
    assert ("Low-Rank Adaptation", ("LoRA",)) in {
        (one.name, one.aliases) for one in found if one.rule == "acronym"
    }


def test_a_glossary_line_gives_name_and_description():
    (claim,) = [
        one
        for one in source(
            "# Glossary\n\n**Chunking** - Cutting documents into passages. More.\n"
        ).entity_claims
        if one.rule == "glossary"
    ]
    assert (claim.name, claim.description) == ("Chunking", "Cutting documents into passages.")


def test_imports_and_installs_name_tools():
    text = "# Search\n\n```python\nimport os\nimport qdrant_client\n```\n\n```sh\npip install ragas\n```\n"
    assert names(text, "code") == {"qdrant-client", "ragas"}


def test_a_question_is_an_entity_that_asks():
    text = "# Retrieval\n\n## Interview Questions\n\n### What is hybrid search good for?\n\nRare names.\n"
    (claim,) = [one for one in source(text).entity_claims if one.kind is EntityKind.QUESTION]
    assert claim.name == "What is hybrid search good for?"


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("### Q: Explain late interaction.\n\nToken by token.", "Explain late interaction."),
        ("**Q:** Recall fell at night. What now?\n**A:** Look.", "Recall fell at night. What now?"),
        ("| Question | Answer |\n|---|---|\n| Why rerank? | precision |", "Why rerank?"),
    ],
)
def test_a_question_may_be_a_command_have_a_scene_or_stand_in_a_table(text, question):
    asked = {
        one.name for one in source(f"# Notes\n\n{text}\n").entity_claims if one.kind is EntityKind.QUESTION
    }
    assert asked == {question}


def test_what_is_denied_of_a_side_is_neither_gain_nor_cost():
    read = source("# Indexes\n\n## HNSW vs IVF\n\nHNSW is not cheap. IVF isn't slow.\n")
    weighed = [one for one in read.relation_claims if one.type is RelationType.TRADES_OFF]
    assert [(one.target, one.gains, one.costs) for one in weighed] == [("HNSW", (), ()), ("IVF", (), ())]


def test_a_choice_that_a_table_weighs_is_one_trade_off():
    table = "| Index | Pros | Cons |\n|---|---|---|\n| HNSW | fast | large |\n| IVF | small | slow |\n"
    read = source(f"# Indexes\n\n## HNSW vs IVF\n\n{table}")
    assert len([one for one in read.entity_claims if one.kind is EntityKind.TRADE_OFF]) == 1


COMPARED = """# Search

## {heading}

| {first} | {one} | {other} |
|---|---|---|
| Latency | low | **high** (two passes) |
| Recall | Very low | high |
| Licence | MIT | Apache |
"""


def compared(**names: str) -> dict[str, tuple[str, list[tuple[str, ...]]]]:
    read = source(COMPARED.format(**names))
    said = [one for one in read.relation_claims if one.rule == "trade-off-compared"]
    return {one.target: (one.source, [one.gains, one.costs]) for one in said}


def test_a_table_that_grades_two_things_weighs_them():
    assert compared(heading="Ways", first="Aspect", one="BM25", other="Reranking") == {
        "BM25": ("BM25 or Reranking", [("Latency: low",), ("Recall: Very low",)]),
        "Reranking": ("BM25 or Reranking", [("Recall: high",), ("Latency: high (two passes)",)]),
    }


def test_a_table_that_grades_less_and_more_of_a_thing_weighs_the_thing():
    weighed = compared(heading="Ways", first="Aspect", one="Small chunks", other="Large chunks")
    name, (gains, costs) = weighed["chunk size"]
    assert name == "Chunk size: smaller or larger"
    assert gains == ("small chunks: Latency: low", "large chunks: Recall: high")
    assert costs == ("large chunks: Latency: high (two passes)", "small chunks: Recall: Very low")
    assert set(weighed) == {"chunk size", "Latency", "Recall"}


def test_a_table_turned_the_other_way_weighs_its_rows():
    rows = "".join(f"| {name} | {how} | {much} |\n" for name, how, much in WAYS)
    read = source(f"# Search\n\n## Index comparison\n\n| Index | Speed | Cost |\n|---|---|---|\n{rows}")
    said = [one for one in read.relation_claims if one.rule == "trade-off-compared"]
    assert {(one.source, one.target, one.gains, one.costs) for one in said} == {
        ("Choice of index", "HNSW", ("Speed: fast",), ("Cost: high",)),
        ("Choice of index", "IVF", ("Speed: fast",), ()),
        ("Choice of index", "DiskANN", ("Cost: low",), ("Speed: slow",)),
        ("Choice of index", "Flat index", ("Cost: low",), ("Speed: slow",)),
    }


WAYS = [
    ("HNSW", "fast", "high"),
    ("IVF", "fast", ""),
    ("DiskANN", "slow", "low"),
    ("Flat index", "slow", "low"),
]


@pytest.mark.parametrize(
    ("aspect", "one", "other"),
    [
        ("Recall", "no index", "3 to 5"),
        ("Licence", "Apache", "MIT"),
        ("Needs a GPU", "yes", "no"),
        ("Vendor lock-in", "no", "yes"),
        ("Best for", "simple queries", "complex queries"),
        ("Limitations", "simple queries only", "expensive"),
        ("", "good", "bad"),
    ],
)
def test_a_cell_that_grades_nothing_says_nothing(aspect, one, other):
    row = f"| {aspect} | {one} | {other} |\n"
    read = source(COMPARED.format(heading="Ways", first="Aspect", one="BM25", other="Reranking") + row)
    said = [one for one in read.relation_claims if one.rule == "trade-off-compared"]
    assert len(said) == 2
    assert all(len(one.gains) == len(one.costs) == 1 for one in said)


def test_a_mark_grades_and_an_aside_is_no_part_of_an_aspect():
    rows = "| Streaming | ✅ native | ❌ |\n| Latency (p95) | high | low |\n"
    read = source(f"# N\n\n| Feature | vLLM | Ollama |\n|---|---|---|\n{rows}")
    said = {one.target: (one.gains, one.costs) for one in read.relation_claims if one.gains}
    assert said == {
        "vLLM": (("Streaming: ✅ native",), ("Latency: high",)),
        "Ollama": (("Latency: low",), ("Streaming: ❌",)),
    }


def test_what_is_called_a_trade_off_is_weighed_by_it():
    read = source("# Chunking\n\nChunk size is a trade-off between precision and context.\n")
    assert {
        (one.source, one.target) for one in read.relation_claims if one.type is RelationType.TRADES_OFF
    } == {("Chunk size: precision against context", side) for side in ("Chunk size", "precision", "context")}


def test_a_plain_question_in_prose_is_none_of_the_materials():
    read = source("# Notes\n\nWhat is reranking good for? For precision.\n")
    assert [one for one in read.entity_claims if one.kind is EntityKind.QUESTION] == []


@pytest.mark.parametrize(
    "put",
    [
        "## HNSW vs IVF",
        "### Q: When would you choose HNSW instead of IVF?",
        "**Q:** HNSW or IVF for a nightly rebuild?",
    ],
)
def test_a_choice_of_two_is_a_trade_off_of_what_each_has_and_lacks(put):
    read = source(f"# Indexes\n\n{put}\n\nIVF builds faster, but HNSW is slow to build.\n")
    assert [one.name for one in read.entity_claims if one.kind is EntityKind.TRADE_OFF] == ["HNSW or IVF"]
    sides = {one.target: one for one in read.relation_claims if one.type is RelationType.TRADES_OFF}
    assert sides.keys() == {"HNSW", "IVF"}
    assert (sides["IVF"].gains, sides["IVF"].costs) == (("IVF builds faster",), ())
    assert (sides["HNSW"].gains, sides["HNSW"].costs) == ((), ("HNSW is slow to build.",))


@pytest.mark.parametrize(
    ("put", "choice"),
    [
        ("## Text-to-SQL vs RAG - when to use which", "Text-to-SQL or RAG"),
        ("## The shift: traditional OCR vs. vision models", "Traditional OCR or vision models"),
        ("## ColBERT vs. dense retrieval vs. hybrid search", "ColBERT, dense retrieval or hybrid search"),
        ("### 2. Why RAG over fine-tuning for regulations?", "RAG or fine-tuning"),
        ("### Q: When would you choose long context over RAG?", "Long context or RAG"),
        ("### Q: Why is DPO often preferred over PPO?", "DPO or PPO"),
        ("### Q: Should we use a queue or a log for events?", "Queue or log"),
        ("### Q: Is context caching better than RAG for one document?", "Context caching or RAG"),
    ],
)
def test_a_choice_is_named_by_its_sides(put, choice):
    read = source(f"# Notes on systems\n\n{put}\n\nIt depends.\n")
    assert [one.name for one in read.entity_claims if one.kind is EntityKind.TRADE_OFF] == [choice]


@pytest.mark.parametrize(
    "put",
    [
        "### Q: What is the difference between a queue and a log, a queue or a log?",
        "### Q: What happens if an agent trusts incorrect or malicious tool outputs?",
        "### Q: Why would you still use Textract or Document AI when vision models exist?",
        "### Q: When does memory become a liability rather than an asset?",
        "## Cost regressions from over-routing",
        "## Streaming over WebSockets",
        "## Differences: Kafka vs RabbitMQ",
    ],
)
def test_what_only_sounds_like_a_choice_is_none(put):
    read = source(f"# Notes on systems\n\n{put}\n\nIt depends.\n")
    assert [one for one in read.entity_claims if one.kind is EntityKind.TRADE_OFF] == []


def served(text: str) -> set[tuple[str, str, str]]:
    return {
        (one.source, one.rule.partition(":")[0], one.target)
        for one in source(text).relation_claims
        if "-asked:" in one.rule
    }


@pytest.mark.parametrize(
    ("put", "rule", "goal"),
    [
        ("### Q: How do you prevent prompt injection?", "verb-mitigates-asked", "prompt injection"),
        ("### Q: How would you defend a chatbot against jailbreaks?", "verb-mitigates-asked", "jailbreaks"),
        ("### Q: How do you design for high availability?", "verb-raises-asked", "high availability"),
        ("### Q: How do you optimize inference cost in production?", "verb-lowers-asked", "inference cost"),
        ("### Improving recall", "verb-raises-asked", "recall"),
        ("### Hallucination mitigation strategies", "verb-lowers-asked", "Hallucination"),
        ("### Cost optimization", "verb-lowers-asked", "Cost"),
    ],
)
def test_what_an_answer_sets_out_serves_the_goal_of_its_question(put, rule, goal):
    below = "- **Circuit breaker**: stops calls.\n- Rate limiting\n\nUse a **semantic cache**.\n"
    means = {"Circuit breaker", "Rate limiting", "semantic cache"}
    assert served(f"# Notes on systems\n\n{put}\n\n{below}") == {(one, rule, goal) for one in means}


@pytest.mark.parametrize(
    "put",
    [
        "### Common mistakes to avoid",
        "### Handling failures",
        "### Prompt injection",
        "### Increased latency",
        "### Stop sequences",
        "### Direct preference optimization",
        "### Q: What is prompt injection?",
        "### Q: What factors increase latency?",
        "### Q: How does quantization reduce latency?",
        "### Q: Explain why fine-tuning does not reduce hallucination.",
    ],
)
def test_what_stands_below_no_goal_serves_none(put):
    assert served(f"# Notes on systems\n\n{put}\n\n- **Circuit breaker**: stops calls.\n") == set()


def test_neither_what_is_warned_of_nor_the_goal_itself_serves_it():
    below = "Do not use **large models**. Avoid **retries**. Stream to lower **latency**.\n"
    assert served(f"# Notes\n\n## Reducing latency\n\n{below}") == set()


def test_of_the_sections_within_a_goal_only_the_headings_serve_it():
    inner = "### Caching\n\n- **Key**: a hash.\n\n### Further reading\n\n- **Big paper**: long.\n"
    assert served(f"# Notes\n\n## Reducing latency\n\n{inner}") == {
        ("Caching", "verb-lowers-asked", "latency")
    }


def test_a_goal_ends_with_its_section():
    text = (
        "# Notes\n\n## Reducing latency\n\n- **Streaming**: shows early.\n\n## Tools\n\n- **vLLM**: serves.\n"
    )
    assert served(text) == {("Streaming", "verb-lowers-asked", "latency")}


def test_when_a_side_is_to_be_chosen_speaks_for_it():
    read = source("# Notes\n\n## RAG vs fine-tuning\n\nUse RAG when the knowledge changes. It is simple.\n")
    gains = {one.target: one.gains for one in read.relation_claims if one.type is RelationType.TRADES_OFF}
    assert gains == {"RAG": ("Use RAG when the knowledge changes.",), "fine-tuning": ()}


@pytest.mark.parametrize(
    "sentence", ["Do not use RAG when latency matters.", "Avoid using RAG if it can be helped."]
)
def test_a_warning_speaks_for_no_side(sentence):
    read = source(f"# Notes\n\n## RAG vs fine-tuning\n\n{sentence}\n")
    assert {one.gains for one in read.relation_claims if one.type is RelationType.TRADES_OFF} == {()}


def test_a_table_of_pros_and_cons_without_columns_is_no_choice():
    table = "<table><tr><td>Pros</td><td>fast</td></tr><tr><td>Cons</td><td>slow</td></tr></table>"
    assert [one for one in source(f"# N\n\n{table}\n").entity_claims if one.kind] == []


def test_what_is_gained_stands_in_the_clause_that_names_the_cost():
    read = source("# Stores\n\nRedis keeps many keys; more speed at the cost of memory.\n")
    assert {one.target for one in read.relation_claims if one.type is RelationType.TRADES_OFF} == {
        "speed",
        "memory",
    }


@pytest.mark.parametrize(
    ("sentence", "name", "sides"),
    [
        (
            "Larger chunks preserve more context but dilute relevance.",
            "Chunk size: smaller or larger",
            "chunk size",
        ),
        ("Smaller chunks are more precise but lose context.", "Chunk size: smaller or larger", "chunk size"),
        (
            "Higher batch sizes raise throughput at the cost of latency.",
            "Batch size: smaller or larger",
            "batch size",
        ),
        ("Higher rank = more expressive but more memory.", "Rank: lower or higher", "rank"),
    ],
)
def test_what_more_or_less_of_a_thing_gains_and_costs_is_weighed(sentence, name, sides):
    said = [
        one for one in source(f"# Notes\n\n{sentence}\n").relation_claims if one.rule == "trade-off-graded"
    ]
    assert [(one.source, one.target, len(one.gains), len(one.costs)) for one in said] == [(name, sides, 1, 1)]


def test_more_of_something_that_weighs_nothing_is_no_trade_off():
    read = source("# Notes\n\nWe need more tokens but time is short. More is better but it costs.\n")
    assert [one for one in read.entity_claims if one.kind is EntityKind.TRADE_OFF] == []


def test_a_label_of_a_list_is_no_kind_of_the_documents_subject():
    text = "# Guide to systems\n\nIt covers:\n\n- RAG architectures: chunking, reranking\n"
    assert not [one for one in source(text).relation_claims if one.type is RelationType.IS_A]


def test_what_is_remarked_after_a_bold_name_is_no_sure_definition():
    text = "# Notes\n\n- **LoRA**: A way to train few weights.\n- **Buffering**: NGINX collects the stream.\n"
    sure = {one.name: one.confidence for one in source(text).entity_claims if one.rule == "term"}
    assert sure["LoRA"] > sure["Buffering"]


def test_an_or_in_a_heading_weighs_nothing():
    read = source("# Queues\n\n## Errors or timeouts\n\nErrors are cheap, but timeouts are slow.\n")
    assert [one for one in read.entity_claims if one.kind is EntityKind.TRADE_OFF] == []


def test_every_quote_stands_in_its_passage_or_is_its_heading():
    prose = "# A vs B\n\n**Reranking** *improves* precision. It adds latency.\n\n- **X**: uses Y\n\n"
    text = prose + "| Tool | Use |\n|---|---|\n| A | b |\n"
    read = source(text)
    passages = {passage.id: passage for passage in read.passages}
    for claim in (*read.entity_claims, *read.relation_claims):
        passage = passages[claim.evidence.passage_id]
        assert claim.evidence.quote in passage.text or claim.evidence.quote.lstrip("# ") in passage.headings


def test_every_block_but_headings_stands_in_one_passage():
    loaded = load("note.md", b"# A\n\nOne.\n\n- two\n- three\n\n## B\n\nfour\n")
    assert [block.text for block in loaded.blocks if block.kind is not BlockKind.HEADING] == [
        "One.",
        "two",
        "three",
        "four",
    ]
