"""Ingest with a language model: what it adds, what its failures cost, and what turning it on or off does."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from language_model import HOLD, KEY, NOTHING, Asked, LanguageModel, Reply, fails, says, serving
from sample import HashEmbedder

from api.cli import main
from api.commands.ingest import tell
from extract.catalogue import Catalogue
from extract.executor import LocalExecutor
from extract.ingest import ingest
from extract.llm.client import Endpoint
from extract.llm.reader import open_reader
from extract.report import IngestReport
from kg.model import EntityKind, Relation
from kg.store import GraphStore, RelationFilter

Run = Callable[..., IngestReport]

NOTES = {
    "caching.md": "# Caching\n\nThe zorblatt cache of a gateway stores answers. It shortens the wait.\n",
    "routing.md": "# Routing\n\nA frobnicator picks the gateway that answers first, so it saves time.\n",
}
SAID = "The zorblatt cache of a gateway stores answers."
CLAIMS = {
    "entities": [
        {"name": "zorblatt cache", "kind": "PATTERN", "aliases": [], "description": SAID},
        {"name": "gateway", "kind": "TOOL", "aliases": [], "description": SAID},
    ],
    "relations": [{"source": "zorblatt cache", "type": "PART_OF", "target": "gateway", "quote": SAID}],
}


def well(asked: Asked) -> Reply:
    """Answer as a good model would."""
    return says(CLAIMS if SAID in asked.question else NOTHING)


@pytest.fixture
def model() -> Iterator[LanguageModel]:
    with serving() as model:
        model.otherwise = well
        yield model


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    for path, text in NOTES.items():
        (folder / path).write_text(text)
    return folder


@pytest.fixture(scope="module")
def executor() -> Iterator[LocalExecutor]:
    with LocalExecutor(workers=1) as executor:
        yield executor


@pytest.fixture
def run(store: GraphStore, executor: LocalExecutor, notes: Path, tmp_path: Path) -> Run:
    """Give a function that ingests the notes, with a model or without, and returns the report."""

    async def at_once(_: float) -> None:
        """Wait for nothing."""

    def run(endpoint: Endpoint | None = None) -> IngestReport:
        no_catalogue = Catalogue(entries=(), files=(), tracks=(), digest="")
        alone = partial(
            ingest, store, HashEmbedder(), [str(notes)], catalogue=no_catalogue, executor=executor
        )
        if endpoint is None:
            return alone()
        with open_reader(endpoint, tmp_path / "answers.db", sleep=at_once) as reader:
            return alone(model=reader)

    return run


def counts(report: IngestReport) -> tuple[int, int, int]:
    return report.documents.added, report.documents.changed, report.documents.unchanged


def by_model(store: GraphStore) -> list[Relation]:
    links = store.list_relations(RelationFilter(), limit=100).items
    return [one for one in links if any(rule.startswith("llm:") for rule in one.found_by)]


def test_a_models_claims_are_in_the_graph_with_their_quotes_and_its_name(run, store, model):
    report = run(model.endpoint())
    (relation,) = by_model(store)
    assert relation.found_by == ("llm:reader-1",)
    assert relation.evidence[0].quote == SAID
    source = store.entities([relation.source_id])[relation.source_id]
    assert (source.name, source.kind) == ("Zorblatt cache", EntityKind.PATTERN)
    assert (report.model.read, report.model.requests, report.model.unread) == (2, 2, 0)


def test_nothing_is_asked_where_nothing_changed(run, model):
    run(model.endpoint())
    report = run(model.endpoint())
    assert counts(report) == (0, 0, 2)
    assert (report.model.requests, report.model.passages) == (0, 0)


def test_an_edited_document_alone_is_asked_about(run, model, notes):
    run(model.endpoint())
    (notes / "routing.md").write_text(NOTES["routing.md"].replace("first", "fastest"))
    report = run(model.endpoint())
    assert counts(report) == (0, 1, 1)
    assert report.model.requests == 1


def test_a_model_that_is_turned_on_reads_what_the_rules_had_read(run, store, model):
    run()
    assert by_model(store) == []
    assert counts(run(model.endpoint())) == (0, 2, 0)
    assert len(by_model(store)) == 1


def test_another_model_takes_the_place_of_the_one_before(run, store, model):
    run(model.endpoint())
    assert counts(run(model.endpoint(model="reader-2"))) == (0, 2, 0)
    assert [one.found_by for one in by_model(store)] == [("llm:reader-2",)]


def test_another_model_that_cannot_be_asked_takes_no_place(run, store, model):
    run(model.endpoint())
    model.otherwise = lambda _: fails(404)
    report = run(model.endpoint(model="reader-2"))
    assert counts(report) == (0, 0, 2)
    assert report.model.stopped
    assert [one.found_by for one in by_model(store)] == [("llm:reader-1",)]


def test_without_the_model_unchanged_documents_keep_its_claims(run, store, model):
    run(model.endpoint())
    report = run()
    assert counts(report) == (0, 0, 2)
    assert (report.model, report.warnings, len(by_model(store))) == (None, (), 1)


def test_without_the_model_a_changed_document_loses_its_claims_and_that_is_said(run, store, model, notes):
    run(model.endpoint())
    (notes / "caching.md").write_text(NOTES["caching.md"] + "\nMore.\n")
    report = run()
    assert by_model(store) == []
    (warning,) = report.warnings
    assert warning.path == "notes/caching.md"
    assert "KG_LLM_URL" in warning.reason


def test_with_the_model_again_its_claims_come_back_and_cost_nothing_twice(run, store, model, notes):
    run(model.endpoint())
    (notes / "caching.md").write_text(NOTES["caching.md"] + "\n## Costs\n\nA cache costs memory as well.\n")
    run()
    report = run(model.endpoint())
    assert len(by_model(store)) == 1
    assert (report.model.requests, report.model.cached) == (1, 1)


def test_a_failure_of_the_model_costs_its_claims_alone(run, store, model):
    model.otherwise = lambda _: fails(500)
    report = run(model.endpoint())
    assert counts(report) == (2, 0, 0)
    assert report.documents.failed == 0
    assert len(store.list_documents()) == 2
    assert (report.model.unread, by_model(store)) == (2, [])


def test_running_again_reads_what_the_model_had_missed(run, store, model):
    model.script.append(fails(413))
    first = run(model.endpoint())
    second = run(model.endpoint())
    assert (first.model.unread, counts(second)) == (1, (0, 1, 1))
    assert (second.model.requests, second.model.unread, len(by_model(store))) == (1, 0, 1)


def test_a_refusal_leaves_the_documents_that_only_the_model_had_yet_to_read(run, model, notes):
    for number in range(40):
        (notes / f"more-{number:02}.md").write_text(f"# More\n\nThis note is one of many, number {number}.\n")
    run()
    model.otherwise = lambda _: fails(401)
    report = run(model.endpoint())
    assert report.model.documents_left > 0
    assert report.model.documents_left == report.documents.unchanged
    assert report.documents.changed + report.documents.unchanged == 42
    model.otherwise = well
    report = run(model.endpoint())
    assert (report.model.unread, report.model.documents_left, report.model.read) == (0, 0, 42)


@pytest.fixture
def interruptible():
    """A run that was started in the background of a shell ignores Ctrl-C, and this process with it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interruption_ends_at_once_though_the_model_has_not_answered(run, store, model):
    def interrupts(_: Asked) -> Reply:
        os.kill(os.getpid(), signal.SIGINT)
        return HOLD

    model.otherwise = interrupts
    with pytest.raises(KeyboardInterrupt):
        run(model.endpoint(timeout_s=600))
    assert store.revision() == 0


def test_people_are_told_what_the_model_read_what_it_cost_and_what_is_left(run, model, notes, capsys):
    run(model.endpoint())
    model.script.append(fails(401))
    (notes / "new.md").write_text("# New\n\nThis is a note that the model has not seen.\n")
    (notes / "old.md").write_text(NOTES["caching.md"])
    tell(run(model.endpoint()))
    told = capsys.readouterr().err
    assert "reader-1 read 1 of 2 passages, 1 of them before: 1 requests, 0 + 0 tokens" in told
    assert "3 claims kept, 0 dropped" in told
    assert "it was asked no more: 127.0.0.1" in told
    assert "refuses the key (401): check KG_LLM_API_KEY" in told
    assert "1 passages were not read by it; run again to have them read" in told


def test_the_command_gives_the_models_report_as_json_and_its_key_nowhere(
    notes, model, tmp_path, monkeypatch, capfd
):
    cache, store = tmp_path / "answers.db", tmp_path / "kg.db"
    given = {"URL": f"{model.url}/v1", "MODEL": "reader-1", "API_KEY": KEY, "CACHE": str(cache)}
    for name, value in given.items():
        monkeypatch.setenv(f"KG_LLM_{name}", value)
    with pytest.raises(SystemExit):
        main(["ingest", str(notes), "--store", f"sqlite:///{store}", "--workers", "1", "--json"])
    out, err = capfd.readouterr()
    report = json.loads(out)["model"]
    assert (report["requests"], report["prompt_tokens"], report["unread"]) == (2, 200, 0)
    assert {asked.headers["Authorization"] for asked in model.asked} == {f"Bearer {KEY}"}
    assert KEY not in out + err
    assert all(KEY.encode() not in path.read_bytes() for path in (cache, store))
