"""Grading against labels: every figure here is computed by hand from the sample graph."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from graded import counts, figures, write
from sample import entity_id, sample_graph

from kg.errors import InvalidInputError
from kg.grading import grade_extraction
from kg.model import Document, Entity, EntityKind, Evidence, Mention, Relation, RelationType
from kg.names import content_id
from kg.order_grading import grade_prerequisites

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


@pytest.fixture
def gold(tmp_path):
    return write(tmp_path / "gold.jsonl", SEARCH, QUALITY)


@pytest.fixture
def report(sample_store, gold):
    return grade_extraction(sample_store, gold)


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
