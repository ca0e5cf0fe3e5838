from __future__ import annotations

import csv
import json
import re
from io import BytesIO, StringIO
from pathlib import Path

import networkx as nx
import pytest
from linked import draw_graph
from sample import entity_id, sample_graph

from kg.errors import EntityNotFoundError, InvalidInputError, StoreBusyError
from kg.export import GraphFormat, export_files, export_graph, stream_graph
from kg.model import EntityKind, RelationType

HOSTILE = "=1+1 \"quoted\" 'single' <tag> &amp; \\u0022}) DETACH DELETE (n) //\n\x01 `tick` 界"


@pytest.fixture
def hostile_store(store):
    rows = [(HOSTILE, RelationType.USES, "other", 0.9)]
    store.publish(draw_graph(rows, kinds={HOSTILE: EntityKind.TRADE_OFF}), {})
    return store


def read_graphml(text):
    return nx.read_graphml(BytesIO(text.encode()), force_multigraph=True)


def read_csv(text):
    return list(csv.DictReader(StringIO(text, newline="")))


# --- GraphML


def test_graphml_holds_the_whole_graph(sample_store):
    graph = read_graphml(export_graph(sample_store, GraphFormat.GRAPHML))
    whole = sample_graph()
    assert {id_: data["name"] for id_, data in graph.nodes(data=True)} == {
        entity.id: entity.name for entity in whole.entities
    }
    assert {(a, b, data["type"], data["confidence"]) for a, b, data in graph.edges(data=True)} == {
        (one.source_id, one.target_id, one.type.value, one.confidence) for one in whole.relations
    }


def test_graphml_keeps_lists_and_quotes(sample_store):
    graph = read_graphml(export_graph(sample_store, GraphFormat.GRAPHML))
    assert json.loads(graph.nodes[entity_id("RAG")]["aliases"]) == ["Retrieval-augmented generation"]
    (edge,) = graph[entity_id("Chunk size")][entity_id("Small chunks")].values()
    assert json.loads(edge["gains"]) == ["precise"]
    assert json.loads(edge["quotes"]) == ["- Small chunks are precise but lose context."]


def test_graphml_survives_any_name(hostile_store):
    graph = read_graphml(export_graph(hostile_store, GraphFormat.GRAPHML))
    assert HOSTILE.replace("\x01", "") in {data["name"] for _, data in graph.nodes(data=True)}


# --- JSON-LD


def test_json_ld_names_everything_by_iri(sample_store):
    content = json.loads(export_graph(sample_store, GraphFormat.JSON_LD))
    described = {one["@id"]: one for one in content["@graph"] if "name" in one}
    assert described[f"urn:guidegraph:{entity_id('RAG')}"]["name"] == "RAG"
    statements = [one for one in content["@graph"] if one.get("@type") == "rdf:Statement"]
    assert len(statements) == len(sample_graph().relations)
    for one in statements:
        assert one["subject"] in described
        assert one["object"] in described
        assert one["predicate"] in RelationType.__members__
        assert one["quotes"]


def test_json_ld_states_each_relation_as_a_triple(sample_store):
    content = json.loads(export_graph(sample_store, GraphFormat.JSON_LD))
    source, target = (f"urn:guidegraph:{entity_id(name)}" for name in ("GraphRAG", "RAG"))
    assert {"@id": source, "IS_A": {"@id": target}} in content["@graph"]


def test_every_term_of_the_json_ld_context_is_an_iri(sample_store):
    context = json.loads(export_graph(sample_store, GraphFormat.JSON_LD))["@context"]
    prefixes = {name for name, value in context.items() if str(value).startswith(("http", "urn:"))}
    assert prefixes == {"@vocab", "rdf", "skos"}
    terms = [value if isinstance(value, str) else value["@id"] for value in context.values()]
    assert all(re.match(r"https?://|urn:|rdf:|skos:|@type$", term) for term in terms)


# --- Cypher

STATEMENT = re.compile(r'(?P<text>"(?:[^"\\\n]|\\["\\/bfnrt])*")|(?P<rest>[^"]+)')


def outside_literals(statement):
    """What of a statement is Cypher and not text."""
    parts = list(STATEMENT.finditer(statement))
    assert "".join(part[0] for part in parts) == statement
    return "".join(part["rest"] or "?" for part in parts)


def test_cypher_merges_each_entity_and_relation_once(sample_store):
    first, *lines = export_graph(sample_store, GraphFormat.CYPHER).splitlines()
    assert first.startswith("CREATE CONSTRAINT")
    assert sum(line.startswith("MERGE (e:Entity {id: ") for line in lines) == len(sample_graph().entities)
    assert sum(line.startswith("MATCH (a:Entity {id: ") for line in lines) == len(sample_graph().relations)
    assert all(line.endswith(";") for line in lines)


def test_cypher_labels_and_types_come_from_the_ontology(sample_store):
    cypher = export_graph(sample_store, GraphFormat.CYPHER)
    assert set(re.findall(r"SET e:(\w+)", cypher)) == {
        "Concept", "Tool", "Model", "Pattern", "Metric", "Risk", "TradeOff", "Question", "Resource",
    }  # fmt: skip
    assert set(re.findall(r"-\[r:(\w+)\]->", cypher)) == set(RelationType.__members__)


def test_no_name_gets_out_of_its_cypher_literal(hostile_store):
    lines = export_graph(hostile_store, GraphFormat.CYPHER).splitlines()
    assert len(lines) == 4
    assert not any("DELETE" in outside_literals(line) for line in lines)
    assert outside_literals(lines[1]).startswith("MERGE (e:Entity {id: ?}) SET e:TradeOff, e += {name: ?")


# --- CSV


def test_csv_as_one_text_is_a_table_of_named_edges(sample_store):
    rows = read_csv(export_graph(sample_store, GraphFormat.CSV))
    assert len(rows) == len(sample_graph().relations)
    assert ("GraphRAG", "IS_A", "RAG") in {
        (row["source_name"], row["type"], row["target_name"]) for row in rows
    }


def test_csv_as_files_is_a_table_of_nodes_and_one_of_edges(sample_store, tmp_path):
    files = export_files(sample_store, GraphFormat.CSV, tmp_path / "graph")
    assert [file.name for file in files] == ["nodes.csv", "edges.csv"]
    nodes, edges = (read_csv(file.read_text(encoding="utf-8")) for file in files)
    ids = {node["id"] for node in nodes}
    assert len(ids) == len(sample_graph().entities)
    assert {end for edge in edges for end in (edge["source"], edge["target"])} <= ids
    assert {float(edge["confidence"]) for edge in edges} == {r.confidence for r in sample_graph().relations}


def test_no_cell_of_an_export_is_a_formula(hostile_store):
    (row,) = read_csv(export_graph(hostile_store, GraphFormat.CSV))
    assert row["source_name"].startswith("'=1+1")


# --- parts, files, streams


@pytest.mark.parametrize("format_", GraphFormat)
def test_a_file_holds_what_the_text_does_and_nothing_lies_beside_it(sample_store, tmp_path, format_):
    out = tmp_path / "out"
    out.mkdir()
    part = {"of": ["RAG", "faiss"], "depth": 2}
    files = export_files(sample_store, format_, out / "graph", **part)
    text = export_graph(sample_store, format_, **part)
    assert len(files[-1].read_text(encoding="utf-8").splitlines()) == len(text.splitlines())
    assert sorted(file for file in out.rglob("*") if file.is_file()) == sorted(files)


@pytest.mark.parametrize("format_", GraphFormat)
def test_a_place_that_cannot_be_written_is_told(sample_store, tmp_path, format_):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InvalidInputError, match="cannot write"):
        export_files(sample_store, format_, tmp_path / "file" / "graph")


@pytest.mark.parametrize("out", [".", "..", "/"])
def test_a_folder_is_no_file_to_write(sample_store, out):
    with pytest.raises(InvalidInputError, match="it is a folder; name a file in it"):
        export_files(sample_store, GraphFormat.GRAPHML, Path(out))


def test_a_failed_export_leaves_the_last_one_as_it_was(sample_store, tmp_path):
    out = tmp_path / "graph.cypher"
    out.write_text("the last one")
    with pytest.raises(EntityNotFoundError):
        export_files(sample_store, GraphFormat.CYPHER, out, of=["nothing"])
    assert out.read_text() == "the last one"


def test_a_part_is_what_lies_around_some_entities(sample_store):
    graph = read_graphml(export_graph(sample_store, GraphFormat.GRAPHML, of=["Ragas"], depth=2))
    assert {data["name"] for _, data in graph.nodes(data=True)} == {"Ragas", "Faithfulness", "Hallucination"}


def test_a_part_around_unknown_names_is_refused(sample_store):
    with pytest.raises(EntityNotFoundError, match="'nothing', 'nobody'"):
        export_graph(sample_store, GraphFormat.CSV, of=["nothing", "RAG", "nobody"])


def test_an_export_during_which_the_graph_changes_fails_rather_than_mixing_the_two(sample_store, tmp_path):
    pieces = stream_graph(sample_store, GraphFormat.CYPHER)
    next(pieces)
    sample_store.publish(draw_graph([]), {})
    with pytest.raises(StoreBusyError, match="run it again"):
        list(pieces)


@pytest.mark.parametrize("format_", GraphFormat)
def test_an_empty_graph_can_be_exported(store, format_):
    assert export_graph(store, format_)


@pytest.mark.parametrize("format_", GraphFormat)
def test_the_same_graph_gives_the_same_text(sample_store, format_):
    assert export_graph(sample_store, format_) == export_graph(sample_store, format_)
