"""The command line: data on stdout, words on stderr, and exit codes that scripts can rely on."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from importlib import import_module

import pytest
import typer
from sample import publish_sample

from api.cli import COMMANDS, main
from api.commands.output import print_table, print_text
from kg.open import open_store


@pytest.fixture
def graph(tmp_path, monkeypatch, embedder):
    """Make the sample graph the store of the settings; its vectors pass for the packaged model's."""
    store = open_store(f"sqlite:///{tmp_path}/kg.db")
    publish_sample(store, embedder)
    store.put_setting("embedding_model", "all-MiniLM-L6-v2")
    store.close()
    monkeypatch.setenv("KG_STORE", f"sqlite:///{tmp_path}/kg.db")
    return tmp_path


@pytest.fixture
def kg(graph, capsys):
    """Give a function that runs a command and returns its exit code, stdout and stderr."""

    def kg(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        out, err = capsys.readouterr()
        return ended.value.code or 0, out, err

    return kg


@pytest.mark.parametrize("name", COMMANDS)
def test_the_summary_in_the_table_is_that_of_the_command(name):
    place, summary = COMMANDS[name]
    module, _, attribute = place.partition(":")
    command = getattr(import_module(module), attribute)
    said = command.info.help if isinstance(command, typer.Typer) else command.__doc__
    assert said == summary


def test_help_lists_every_command(kg):
    code, out, _ = kg("--help")
    assert code == 0
    assert all(f" {name} " in out for name in COMMANDS)


HEAVY = {"torch", "numpy", "spacy", "strawberry", "fastapi", "streamlit", "pydantic", "mcp"}


def test_help_loads_nothing_heavy():
    script = f"""
import sys
from api.cli import main
try:
    main(["--help"])
except SystemExit:
    print(sorted({HEAVY} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


JSON = [
    ("show", "RAG"),
    ("near", "RAG"),
    ("path", "FAISS", "GraphRAG"),
    ("prereqs", "GraphRAG"),
    ("search", "vector search", "--mode", "keyword"),
    ("tradeoffs",),
    ("topics",),
    ("ready", "--known", "tokenization"),
    ("plan", "GraphRAG"),
    ("stats",),
    ("doctor",),
]


@pytest.mark.parametrize("command", JSON, ids=lambda command: command[0])
def test_json_is_one_document_on_stdout(kg, command):
    _, out, _ = kg(*command, "--json")
    assert json.loads(out)


@pytest.mark.parametrize("command", JSON, ids=lambda command: command[0])
def test_people_get_lines_to_read(kg, command):
    code, out, _ = kg(*command)
    assert code == 0
    assert out.strip()
    assert "\x1b" not in out  # no colours where no terminal is


def test_an_entity_is_shown_with_its_relations_and_their_quotes(kg):
    shown = json.loads(kg("show", "rag", "--json")[1])
    assert shown["entity"]["name"] == "RAG"
    uses = next(relation for relation in shown["relations"] if relation["type"] == "USES")
    assert uses["target"] == "Embedding"
    assert uses["foundBy"] == ["sample"]
    assert uses["evidence"][0] == {
        "quote": "RAG uses embeddings to find passages.",
        "document": "retrieval/rag.md",
        "headings": ["Retrieval-augmented generation"],
        "line": 1,
    }


def test_an_unknown_name_is_one_line_on_stderr_and_exit_1(kg):
    code, out, err = kg("show", "no such thing")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "no such thing" in err


@pytest.mark.parametrize(
    "arguments",
    [("nonsense",), ("show",), ("near", "RAG", "--depth", "x"), ("plan", "RAG", "--format", "doc")],
)
def test_wrong_usage_is_exit_2(kg, arguments):
    assert kg(*arguments)[0] == 2


def test_a_store_that_is_missing_says_what_to_run(kg, tmp_path):
    code, _, err = kg("stats", "--store", f"sqlite:///{tmp_path}/none.db")
    assert code == 1
    assert "kg ingest" in err


def test_a_bad_setting_is_named(kg, monkeypatch):
    monkeypatch.setenv("KG_PORT", "eighty")
    code, _, err = kg("stats")
    assert code == 1
    assert "KG_PORT" in err


def test_an_interrupt_is_one_line_and_exit_130(kg, monkeypatch):
    def interrupt(_settings):
        raise KeyboardInterrupt

    monkeypatch.setattr("api.commands.look.reading", interrupt)
    code, out, err = kg("stats")
    assert (code, out, err.strip()) == (130, "", "kg: interrupted")


def test_a_reader_that_leaves_early_is_no_error(graph):
    exports = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "export"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    exports.stdout.close()
    assert exports.stderr.read() == b""
    exports.stderr.close()
    exports.wait()


@pytest.mark.parametrize("format_", ["text", "markdown", "json", "mermaid", "anki", "csv"])
def test_a_plan_can_be_written_in_every_format(kg, tmp_path, format_):
    out = tmp_path / "plan"
    assert kg("plan", "GraphRAG", "--format", format_, "--out", str(out))[0] == 0
    assert "GraphRAG" in out.read_text(encoding="utf-8")


def test_a_calendar_keeps_its_line_ends_on_stdout(kg):
    _, out, _ = kg("plan", "RAG", "--format", "ics", "--start", "2027-01-04")
    assert out.startswith("BEGIN:VCALENDAR\r\n")


def test_a_plan_that_cannot_be_written_is_one_line_on_stderr_and_exit_1(kg, tmp_path):
    code, _, err = kg("plan", "RAG", "--out", str(tmp_path / "nowhere" / "plan.md"))
    assert code == 1
    assert err.splitlines() == [f"kg: cannot write {tmp_path}/nowhere/plan.md: No such file or directory"]


def test_a_calendar_needs_a_start(kg):
    assert kg("plan", "GraphRAG", "--format", "ics")[0] == 1
    assert "BEGIN:VEVENT" in kg("plan", "GraphRAG", "--format", "ics", "--start", "2027-01-04")[1]


@pytest.mark.parametrize("format_", ["graphml", "json-ld", "cypher", "csv"])
def test_the_graph_can_be_exported_in_every_format(kg, format_):
    code, out, _ = kg("export", "--format", format_)
    assert code == 0
    assert "GraphRAG" in out


def test_csv_goes_to_a_folder_of_nodes_and_edges(kg, tmp_path):
    kg("export", "--format", "csv", "--out", str(tmp_path / "graph"))
    rows = csv.DictReader(io.StringIO((tmp_path / "graph" / "edges.csv").read_text(encoding="utf-8")))
    assert len(list(rows)) == 37
    assert (tmp_path / "graph" / "nodes.csv").exists()


def test_material_cannot_steer_a_terminal(capsys):
    print_text("a\x1b[2Jb")
    print_table(["x"], [["c\x1b]0;title\x07d"]])
    assert "\x1b" not in capsys.readouterr().out


def test_material_cannot_style_a_table(capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    print_table(["name"], [[r"[red]a[/] \[b]c"]])
    assert r"[red]a[/] \[b]c" in capsys.readouterr().out


def test_the_doctor_finds_a_store_that_is_not_there(kg, tmp_path):
    code, out, _ = kg("doctor", "--json", "--store", f"sqlite:///{tmp_path}/none.db")
    assert code == 1
    assert [check["name"] for check in json.loads(out) if not check["ok"]] == ["store"]


def test_the_doctor_finds_another_embedding_model(kg, monkeypatch):
    monkeypatch.setenv("KG_EMBEDDING_MODEL", "another/model")
    code, out, _ = kg("doctor", "--json")
    assert code == 1
    assert "embedding model" in [check["name"] for check in json.loads(out) if not check["ok"]]


SECTION = {
    "document": "retrieval/rag.md",
    "headings": ["Retrieval-augmented generation", "Quality and safety"],
    "entities": [
        {"name": "Ragas", "kind": "TOOL"},
        {"name": "Groundedness", "kind": "METRIC", "salient": True},
    ],
    "relations": [{"source": "Ragas", "type": "MEASURES", "target": "Groundedness"}],
}
PAIR = {"before": "Tokenization", "after": "RAG"}


@pytest.fixture
def gold(tmp_path):
    """Give a function that writes a row as the labels of a command, and returns the file's path."""

    def gold(row) -> str:
        path = tmp_path / "gold.jsonl"
        path.write_text(f"{json.dumps(row)}\n", encoding="utf-8")
        return str(path)

    return gold


def test_extraction_is_graded_as_one_json_document(kg, gold):
    graded = json.loads(kg("eval", "extraction", gold(SECTION), "--json")[1])
    assert graded["entities"]["alias"] == {
        "right": 2, "found": 4, "gold": 2, "precision": 0.5, "recall": 1.0, "f1": 0.6667,
    }  # fmt: skip
    assert graded["relations"]["types"]["MEASURES"]["precision"] == 0.5
    assert len(graded["relations"]["calibration"]["bins"]) == 10
    assert graded["sections"][0]["wrong_entities"] == ["Hallucination", "Prompt injection"]


def test_extraction_is_graded_in_tables_for_people(kg, gold):
    code, out, err = kg("eval", "extraction", gold(SECTION))
    assert code == 0
    assert "name or alias\t0.500\t1.000\t0.667\t2\t4\t2\n" in out
    assert "salient entities found: 1.000 of 1\n" in out
    assert "relations of confidence 0.5 and above\nMEASURES\t0.500\t1.000\t0.667\t1\t2\t1\n" in out
    assert "expected calibration error: 0.450\n" in out  # (|1 - 0.8| + |0 - 0.7|) / 2
    assert "1 RELATED_TO" in err
    assert "labelled sections: 1;" in err


def test_weaker_relations_can_be_left_out_of_the_grades(kg, gold):
    graded = kg("eval", "extraction", gold(SECTION), "--json", "--min-confidence", "0.75")[1]
    assert json.loads(graded)["relations"]["types"]["MEASURES"]["precision"] == 1


def test_prerequisites_are_graded_as_one_json_document(kg, gold):
    graded = json.loads(kg("eval", "prerequisites", gold(PAIR), "--json")[1])
    assert (graded["judged"], graded["direct"]["score"]["recall"]) == (1, 0)
    assert graded["direct"]["direction_accuracy"] is None
    assert graded["closure"]["score"]["recall"] == 1


def test_prerequisites_are_graded_in_tables_for_people(kg, gold):
    code, out, err = kg("eval", "prerequisites", gold(PAIR))
    assert code == 0
    assert "direct\t-\t0.000\t0.000\t0\t0\t1\t-\t0\n" in out
    assert "closure\t1.000\t1.000\t1.000\t1\t1\t1\t1.000\t1\n" in out
    assert "pairs judged: 1 of 1" in err


def test_pairs_that_are_left_out_are_said(kg, gold):
    assert (
        "pairs of an unknown entity: 1 (Atlantis)"
        in kg("eval", "prerequisites", gold({**PAIR, "after": "Atlantis"}))[2]
    )
    assert (
        "pairs of two names for one entity of the graph: 1"
        in kg("eval", "prerequisites", gold({"before": "RAG", "after": "Retrieval-augmented generation"}))[2]
    )


@pytest.mark.parametrize(
    ("command", "row", "words"),
    [
        ("extraction", {**SECTION, "document": "none.md"}, "line 1: the graph has no document 'none.md'"),
        ("prerequisites", {"before": "RAG"}, "line 1: Object missing required field `after`"),
    ],
)
def test_labels_that_cannot_be_graded_are_one_line_on_stderr_and_exit_1(kg, gold, command, row, words):
    code, out, err = kg("eval", command, gold(row))
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert words in err


@pytest.mark.parametrize("command", ["extraction", "prerequisites"])
def test_missing_labels_are_one_line_on_stderr_and_exit_1(kg, tmp_path, command):
    code, out, err = kg("eval", command, str(tmp_path / "nowhere.jsonl"))
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "nowhere.jsonl" in err
