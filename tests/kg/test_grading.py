"""Grading against labels: every figure here is computed by hand from the sample graph."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample import entity_id, sample_graph

from kg.errors import InvalidInputError
from kg.grading import grade_extraction
from kg.model import Document, Entity, EntityKind, Evidence, Mention, Relation, RelationType
from kg.names import content_id
from kg.order_grading import grade_prerequisites
from kg.scores import calibrate, macro_average, score

K, T = EntityKind, RelationType

SEARCH = {
    "document": "retrieval/rag.md",
    "headings": ["Retrieval-augmented generation", "Search"],
    "entities": [
        {"name": "Vector search", "kind": "CONCEPT", "salient": True},
        {"name": "hybrid searches", "kind": "PATTERN", "salient": True},
        {"name": "BM25", "kind": "CONCEPT"},
        {"name": "FAISS", "kind": "TOOL"},
        {"name": "Neo4j", "kind": "MODEL"},
        {"name": "Reranking", "aliases": ["reranker"], "kind": "PATTERN", "salient": True},
    ],
    "relations": [
        {"source": "Vector search", "type": "PREREQUISITE_OF", "target": "hybrid searches"},
        {"source": "BM25", "type": "PREREQUISITE_OF", "target": "hybrid searches"},
        {"source": "FAISS", "type": "IMPLEMENTS", "target": "Vector search"},
        {"source": "FAISS", "type": "ALTERNATIVE_TO", "target": "Neo4j"},
        {"source": "hybrid searches", "type": "PART_OF", "target": "Vector search"},
        {"source": "reranker", "type": "USES", "target": "hybrid searches"},
    ],
}
QUALITY = {
    "document": "sample/retrieval/rag.md",
    "headings": ["Retrieval-augmented generation", "**Quality and safety**"],
    "entities": [
        {"name": "Ragas", "kind": "TOOL"},
        {"name": "Groundedness", "kind": "METRIC"},
        {"name": "Hallucination", "kind": "RISK", "salient": True},
    ],
    "relations": [{"source": "Ragas", "type": "MEASURES", "target": "groundedness"}],
}
BELONG = {"source": "Hallucination", "type": "RELATED_TO", "target": "Groundedness"}


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def figures(one):
    return one.precision, one.recall, one.f1


def counts(one):
    return one.right, one.found, one.gold


@pytest.fixture
def gold(tmp_path):
    return write(tmp_path / "gold.jsonl", SEARCH, QUALITY)


@pytest.fixture
def report(sample_store, gold):
    return grade_extraction(sample_store, gold)


# --- figures


def test_a_share_of_nothing_is_none_but_missing_all_is_an_f1_of_0():
    assert figures(score(0, 0, 0)) == (None, None, None)
    assert figures(score(0, 0, 3)) == (None, 0, 0)
    assert figures(score(0, 3, 0)) == (0, None, 0)


@given(st.integers(1, 50), st.integers(0, 50), st.integers(0, 50))
def test_f1_is_the_harmonic_mean(right, wrong, missed):
    precision, recall, f1 = figures(score(right, right + wrong, right + missed))
    assert f1 == pytest.approx(2 * precision * recall / (precision + recall), abs=2e-4)


def test_a_macro_average_counts_a_precision_that_is_none_as_0():
    assert figures(macro_average([score(1, 2, 1), score(0, 0, 1)])) == (0.25, 0.5, 0.3333)
    assert figures(macro_average([])) == (None, None, None)


def test_calibration_error_weighs_each_bin_by_what_it_holds():
    found = calibrate([(0.0, False), (0.25, True), (0.29, False), (1.0, True)])
    assert [one.n for one in found.bins] == [1, 0, 2, 0, 0, 0, 0, 0, 0, 1]
    assert (found.bins[2].confidence, found.bins[2].right) == (0.27, 0.5)
    assert (found.bins[1].confidence, found.bins[1].right) == (None, None)
    assert found.expected_error == pytest.approx((0 + 2 * 0.23 + 0) / 4)


def test_a_confidence_on_a_border_is_in_the_upper_bin():
    assert [calibrate([(n / 10, True)]).bins[n].n for n in range(10)] == [1] * 10


def test_nothing_judged_is_no_calibration_error():
    assert calibrate([]).expected_error is None


# --- extraction: entities


def test_entities_are_scored_by_exact_name_and_by_alias(report):
    assert counts(report.entities.exact) == (5, 11, 9)
    assert figures(report.entities.exact) == (0.4545, 0.5556, 0.5)
    assert counts(report.entities.alias) == (8, 11, 9)
    assert figures(report.entities.alias) == (0.7273, 0.8889, 0.8)


def test_salient_entities_and_kinds_have_their_own_shares(report):
    assert (report.entities.salient, report.entities.salient_recall) == (4, 0.75)
    assert report.entities.kind_accuracy == 0.875
    assert {kind: counts(one) for kind, one in report.entities.kinds.items()} == {
        K.CONCEPT: (2, 3, 2),
        K.TOOL: (2, 3, 2),
        K.MODEL: (0, 0, 1),
        K.PATTERN: (1, 1, 2),
        K.METRIC: (1, 2, 1),
        K.RISK: (1, 2, 1),
    }


def test_each_section_lists_what_to_look_at(report):
    search, quality = report.sections
    assert search.missed_entities == ("Reranking",)
    assert search.wrong_entities == ("Embedding", "Recall@k")
    assert search.wrong_kinds == ("Neo4j: TOOL, not MODEL",)
    assert search.missed_relations == (
        "hybrid searches PART_OF Vector search",
        "reranker USES hybrid searches",
    )
    assert quality.wrong_relations == ("Faithfulness MEASURES Hallucination",)


def with_a_second_ragas(graph):
    """Add a tool of another name that shares an alias with a label of ``QUALITY``, and says the same."""
    passage = next(one for one in graph.passages if "| Ragas |" in one.text)
    second = Entity(id="e_second", name="Ragas suite", kind=K.TOOL, aliases=("ragas",))
    mention = Mention(entity_id=second.id, passage_id=passage.id, count=1, start=0, quote="Ragas")
    measures = Relation(
        source_id=second.id,
        target_id=entity_id("Faithfulness"),
        type=T.MEASURES,
        confidence=0.95,
        found_by=("sample",),
        evidence=(Evidence(passage_id=passage.id, quote="Ragas"),),
    )
    return replace(
        graph,
        entities=(*graph.entities, second),
        mentions=(*graph.mentions, mention),
        relations=(*graph.relations, measures),
    )


def test_a_duplicate_entity_is_wrong_and_the_closest_name_is_right(store, tmp_path):
    store.publish(with_a_second_ragas(sample_graph()), {})
    report = grade_extraction(store, write(tmp_path / "gold.jsonl", QUALITY))
    assert counts(report.entities.alias) == (3, 5, 3)
    assert report.sections[0].wrong_entities == ("Prompt injection", "Ragas suite")


def test_two_senses_of_a_name_are_told_apart_by_their_kind(sample_store, tmp_path):
    senses = [{"name": "Ragas", "kind": "RESOURCE"}, {"name": "ragas", "kind": "TOOL"}]
    teaches = {"source": "Ragas", "type": "TEACHES", "target": "ragas"}
    section = {**QUALITY, "entities": senses, "relations": [teaches]}
    report = grade_extraction(sample_store, write(tmp_path / "gold.jsonl", section))
    assert (report.entities.alias.right, report.entities.kind_accuracy) == (1, 1)


def test_of_two_relations_for_one_label_the_most_confident_is_right(store, tmp_path):
    store.publish(with_a_second_ragas(sample_graph()), {})
    report = grade_extraction(store, write(tmp_path / "gold.jsonl", QUALITY))
    assert counts(report.relations.micro) == (1, 3, 1)
    assert "Ragas MEASURES Faithfulness" in report.sections[0].wrong_relations


def test_as_many_entities_are_paired_as_can_be(sample_store, tmp_path):
    # "Attention" fits both labels and "Embedding" only the first: each gets one.
    labels = [
        {"name": "x", "aliases": ["attention", "text embedding"], "kind": "CONCEPT"},
        {"name": "y", "aliases": ["self-attention"], "kind": "CONCEPT"},
    ]
    section = {
        "document": "basics.md",
        "headings": ["Language model basics", "Embeddings"],
        "entities": labels,
        "relations": [],
    }
    report = grade_extraction(sample_store, write(tmp_path / "gold.jsonl", section))
    assert report.entities.alias.right == 2


# --- extraction: relations


def test_relations_are_scored_by_type(report):
    assert {type_: (*counts(one), one.f1) for type_, one in report.relations.types.items()} == {
        T.PREREQUISITE_OF: (2, 3, 2, 0.8),
        T.PART_OF: (0, 1, 1, 0),  # the wrong way round
        T.USES: (0, 0, 1, 0),
        T.IMPLEMENTS: (1, 2, 1, 0.6667),
        T.ALTERNATIVE_TO: (1, 1, 1, 1),
        T.IMPROVES: (0, 1, 0, 0),
        T.MEASURES: (1, 3, 1, 0.5),
    }


def test_micro_is_over_all_relations_and_macro_over_the_labelled_types(report):
    assert counts(report.relations.micro) == (5, 11, 7)
    assert figures(report.relations.micro) == (0.4545, 0.7143, 0.5556)
    assert figures(report.relations.macro) == (0.4167, 0.6667, 0.4944)


@pytest.mark.parametrize("ends", [("FAISS", "Neo4j"), ("Neo4j", "FAISS")])
def test_a_symmetric_relation_is_right_either_way_round(sample_store, tmp_path, ends):
    label = {"source": ends[0], "type": "ALTERNATIVE_TO", "target": ends[1]}
    gold = write(tmp_path / "gold.jsonl", {**SEARCH, "relations": [label]})
    assert counts(grade_extraction(sample_store, gold).relations.types[T.ALTERNATIVE_TO]) == (1, 1, 1)


def test_calibration_is_over_relations_of_any_confidence(report, sample_store, gold):
    calibration = report.relations.calibration
    assert [one.n for one in calibration.bins] == [0, 0, 0, 0, 0, 0, 2, 1, 6, 2]
    assert [one.right for one in calibration.bins[6:]] == [0.5, 0, 0.5, 0.5]
    assert [one.confidence for one in calibration.bins[6:]] == [0.625, 0.7, 0.8317, 0.91]
    assert calibration.expected_error == 0.3418  # (0.25 + 0.7 + 1.99 + 0.82) / 11
    assert grade_extraction(sample_store, gold, min_confidence=0.9).relations.calibration == calibration


def test_weaker_relations_are_left_out_of_the_scores(sample_store, gold):
    report = grade_extraction(sample_store, gold, min_confidence=0.85)
    assert counts(report.relations.micro) == (3, 5, 7)


def test_related_to_is_judged_only_where_it_is_labelled(sample_store, report, tmp_path):
    assert report.relations.unjudged == 1
    labelled = write(tmp_path / "more.jsonl", {**QUALITY, "relations": [*QUALITY["relations"], BELONG]})
    judged = grade_extraction(sample_store, labelled, min_confidence=0.4).relations
    assert (judged.unjudged, counts(judged.types[T.RELATED_TO])) == (0, (1, 1, 1))
    assert judged.calibration.bins[4].n == 1


def test_a_section_holds_its_subsections_and_a_document_all_of_its_own(sample_store, tmp_path):
    whole = {"document": "retrieval/chunking.md", "headings": [], "entities": [], "relations": []}
    report = grade_extraction(sample_store, write(tmp_path / "gold.jsonl", whole))
    assert report.sections[0].wrong_entities == (
        "Chunk size", "Chunking", "Large chunks", "RAG", "Small chunks", "Tokenization",
    )  # fmt: skip


# --- extraction: labels that cannot be graded


def labelled(**changed):
    return json.dumps({**QUALITY, **changed})


def entity(name="x", **more):
    return {"name": name, "kind": "TOOL", **more}


def tie(source="Ragas", type_="USES", target="Hallucination"):
    return {"source": source, "type": type_, "target": target}


BAD_SECTIONS = [
    ("{oops", "line 2 is not JSON"),
    ('{"x": ' + "[" * 100_000, "line 2 is not JSON"),
    ("[]", "line 2: Expected `object`"),
    (labelled(headings="Search"), "line 2: Expected `array`"),
    ('{"document": "a"}', "line 2: .*missing required field `headings`"),
    (labelled(entities=[entity(kind="THING")]), "line 2: .*'THING'.* allowed: CONCEPT, TOOL, .*RESOURCE"),
    (labelled(relations=[tie(type_="LIKES")]), "line 2: .*'LIKES'.* allowed: PREREQUISITE_OF, .*RELATED_TO"),
    (labelled(entities=[entity(salience=True)]), "line 2: .*unknown field `salience`"),
    (labelled(entities=[entity("--")]), "line 2: '--' is no name"),
    (labelled(entities=[entity("a b"), entity("A-B")]), "line 2 labels 'A-B' twice"),
    (labelled(relations=[tie("Atlantis")]), "line 2: 'Atlantis' of .* is none of the section's entities"),
    (labelled(relations=[tie(target="ragas")]), "line 2: 'Ragas USES ragas' needs two different"),
    (labelled(relations=[tie(), tie()]), "line 2: .* to be labelled once"),
    (labelled(document="retrieval/rags.md"), r"line 2: .*no document .*similar: .*rag\.md.* or ingest it"),
    (labelled(document="catalogue.yaml"), r"line 2: the graph has no document 'catalogue\.yaml'"),
    (
        labelled(headings=["Retrieval-augmented generation", "Quality"]),
        "line 2: .*no section .*similar: .*Quality and safety.* headings from the document's title down",
    ),
    (labelled(headings=["Quality and safety"]), "line 2: .*has no section"),
    (labelled(headings=[]), "line 2 labels what line 1 does"),
]


@pytest.mark.parametrize(("line", "words"), BAD_SECTIONS)
def test_a_label_that_cannot_be_graded_is_named(sample_store, tmp_path, line, words):
    gold = tmp_path / "gold.jsonl"
    gold.write_text(f"{json.dumps(SEARCH)}\n{line}\n", encoding="utf-8")
    with pytest.raises(InvalidInputError, match=words):
        grade_extraction(sample_store, gold)


@pytest.mark.parametrize("grade", [grade_extraction, grade_prerequisites])
def test_a_file_that_is_missing_empty_or_not_text_is_named(sample_store, tmp_path, grade):
    with pytest.raises(InvalidInputError, match=r"cannot read .*nowhere.*UTF-8"):
        grade(sample_store, tmp_path / "nowhere")
    (tmp_path / "empty").write_text("\n \n", encoding="utf-8")
    with pytest.raises(InvalidInputError, match="holds no labelled"):
        grade(sample_store, tmp_path / "empty")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidInputError, match="cannot read"):
        grade(sample_store, tmp_path / "bytes")


def test_a_path_that_two_roots_have_needs_its_root(store, tmp_path):
    graph = sample_graph()
    other = Document(root="other", path="retrieval/rag.md", title="Another", content_hash="0" * 64)
    copied = replace(graph.passages[0], id=content_id("p", other.id), document_id=other.id)
    store.publish(replace(graph, documents=(*graph.documents, other), passages=(*graph.passages, copied)), {})
    with pytest.raises(InvalidInputError, match=r"write other/retrieval/rag\.md or sample/retrieval/rag\.md"):
        grade_extraction(store, write(tmp_path / "gold.jsonl", SEARCH))
    assert grade_extraction(store, write(tmp_path / "gold.jsonl", QUALITY)).sections


# --- prerequisites

PAIRS = """before,after,label
tokenizer,Embedding,1
Tokenization,text embedding,
Tokenization,RAG,1
RAG,Chunking,1
BERT,"Llama 4",1
Attention,Embedding,0
Keyword search,RAG,0
Atlantis,RAG,1
Chunking,splitting,1
"""


@pytest.fixture
def pairs(tmp_path):
    path = tmp_path / "pairs.csv"
    path.write_text(PAIRS, encoding="utf-8")
    return path


def test_pairs_that_cannot_be_judged_are_counted(sample_store, pairs):
    report = grade_prerequisites(sample_store, pairs)
    assert (report.pairs, report.unknown_pairs, report.same_entity, report.judged) == (9, 1, 1, 6)
    assert report.unknown_names == ("Atlantis",)


def test_edges_are_judged_over_the_labelled_pairs(sample_store, pairs):
    direct = grade_prerequisites(sample_store, pairs).direct
    # Found: Tokenization before Embedding, Attention before Embedding, and the reverse of RAG, Chunking.
    assert counts(direct.score) == (1, 3, 4)
    assert figures(direct.score) == (0.3333, 0.25, 0.2857)
    assert (direct.connected, direct.direction_accuracy) == (2, 0.5)


def test_the_closure_counts_chains_of_edges(sample_store, pairs):
    closure = grade_prerequisites(sample_store, pairs).closure
    assert counts(closure.score) == (2, 4, 4)
    assert figures(closure.score) == (0.5, 0.5, 0.5)
    assert (closure.connected, closure.direction_accuracy) == (3, 0.6667)


def test_weaker_edges_can_be_left_out(sample_store, pairs):
    report = grade_prerequisites(sample_store, pairs, min_confidence=0.6)
    assert counts(report.direct.score) == (1, 2, 4)
    assert counts(report.closure.score) == (2, 3, 4)


def test_the_same_pairs_as_json_lines_give_the_same_figures(sample_store, pairs, tmp_path):
    rows = [row.replace('"', "").split(",") for row in PAIRS.splitlines()[1:]]
    lines = [{"before": before, "after": after, "label": int(label or 1)} for before, after, label in rows]
    again = write(tmp_path / "pairs.jsonl", *lines)
    assert grade_prerequisites(sample_store, again) == grade_prerequisites(sample_store, pairs)


def test_a_pair_labelled_both_ways_round_is_taken_at_its_word(sample_store, tmp_path):
    rows = [{"before": "Chunking", "after": "RAG"}, {"before": "RAG", "after": "Chunking"}]
    direct = grade_prerequisites(sample_store, write(tmp_path / "pairs.jsonl", *rows)).direct
    assert (counts(direct.score), direct.direction_accuracy) == ((1, 1, 2), 0.5)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "first,second\na,b\n", "line 1 needs the header before,after"),
        ("a.csv", "before,after\nRAG\n", "line 2: .*missing required field `after`"),
        ("a.csv", "before,after\nRAG,BERT,1\n", "line 2: "),
        ("a.csv", "before,after,label\nRAG,BERT,2\n", "line 2: .* allowed: 0, 1"),
        ("a.csv", "before,after,label\nRAG,BERT,no\n", "line 2: .* allowed: 0, 1"),
        ("a.csv", 'before,after\n"RAG" x,BERT\n', "line 2 is not CSV"),
        ("a.jsonl", "{oops", "line 1 is not JSON"),
        ("a.jsonl", '{"before": "RAG", "after": "BERT", "label": 7}', "line 1: .* allowed: 0, 1"),
        ("a.jsonl", '{"before": "RAG", "next": "BERT"}', "line 1: .*unknown field `next`"),
        ("a.jsonl", '{"before": "RAG", "after": "?"}', "line 1: before and after each need a name"),
        ("a.jsonl", '{"before": "RAG", "after": "rag"}', "line 1: 'RAG' cannot come before itself"),
        ("a.csv", "before,after,label\nRAG,BERT\nRAG,bert,0\n", "line 3: .* labelled both 0 and 1"),
    ],
)
def test_a_pair_that_cannot_be_graded_is_named(sample_store, tmp_path, name, text, words):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInputError, match=words):
        grade_prerequisites(sample_store, tmp_path / name)
