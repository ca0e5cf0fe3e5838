"""From paths to a published graph, on a real store and real files."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from material import NOTES
from random_graphs import everything
from sample import HashEmbedder

from extract.catalogue import Catalogue
from extract.executor import LocalExecutor
from extract.ingest import ingest
from extract.report import IngestReport
from kg.errors import KGError, StoreBusyError, StoreMismatchError
from kg.open import open_store
from kg.store import EntityFilter, GraphStore, Owner

Run = Callable[..., IngestReport]

NO_CATALOGUE = Catalogue(entries=(), files=(), tracks=(), digest="")


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    for path, text in NOTES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Give a function that ingests; its processes stay from one call to the next."""
    with LocalExecutor(workers=1) as executor:

        def run(store: GraphStore, *paths: Path, **options) -> IngestReport:
            chosen = {"catalogue": NO_CATALOGUE, "executor": executor} | options
            embedder = chosen.pop("embedder", HashEmbedder())
            return ingest(store, embedder, [str(path) for path in paths], **chosen)

        yield run


def counts(report: IngestReport) -> tuple[int, int, int, int, int]:
    found = report.documents
    return found.added, found.changed, found.unchanged, found.removed, found.failed


def test_a_folder_goes_in_whole_and_can_be_searched(run, store, notes):
    report = run(store, notes)
    assert counts(report) == (len(NOTES), 0, 0, 0, 0)
    assert report.entities == store.counts().entities > 5
    (found, *_) = store.find_names(["hybrid search"])["hybrid search"]
    assert store.entities([found])[found].name == "Hybrid search"
    vector = HashEmbedder().encode(["Hybrid search fuses keyword search with vector search"])[0]
    assert store.search_vector(vector, Owner.PASSAGE, limit=1)


def test_nothing_is_read_or_published_again_where_nothing_changed(run, store, notes):
    run(store, notes)
    before = store.revision()
    assert counts(run(store, notes)) == (0, 0, len(NOTES), 0, 0)
    assert store.revision() == before


def test_an_edited_file_alone_is_read_again(run, store, notes):
    run(store, notes)
    (notes / "models.md").write_text(NOTES["models.md"] + "\nSpeculative decoding reduces latency.\n")
    assert counts(run(store, notes)) == (0, 1, len(NOTES) - 1, 0, 0)


def test_prune_forgets_what_has_vanished_and_only_there(run, store, notes, tmp_path):
    other = tmp_path / "others"
    other.mkdir()
    (other / "kept.md").write_text("# Reranking\n\nReranking improves recall.\n")
    run(store, notes, other)
    (notes / "models.md").unlink()
    (other / "kept.md").unlink()
    assert counts(run(store, notes))[3] == 0
    assert counts(run(store, notes, prune=True))[3] == 1
    assert {document.path for document in store.list_documents()} == {*NOTES, "kept.md"} - {"models.md"}


def test_a_file_that_cannot_be_read_now_is_not_forgotten(run, store, notes):
    run(store, notes)
    (notes / "models.md").write_bytes(b"\x00\x01\x02" * 100)
    report = run(store, notes, prune=True)
    assert (report.documents.removed, report.documents.failed) == (0, 1)
    assert [failure.path for failure in report.failures] == ["notes/models.md"]
    assert "models.md" in {document.path for document in store.list_documents()}


def test_a_dry_run_changes_nothing(run, store, notes):
    assert counts(run(store, notes, dry_run=True)) == (len(NOTES), 0, 0, 0, 0)
    assert (store.sources(), store.revision()) == ({}, 0)


def test_a_pool_of_processes_makes_the_same_graph(run, new_store, notes):
    for copy in range(4):
        (notes / f"copy-{copy}.md").write_text(NOTES["glossary.md"])
    alone, pooled = new_store(), new_store()
    run(alone, notes)
    with LocalExecutor(workers=2) as executor:
        run(pooled, notes, executor=executor)
    assert everything(pooled) == everything(alone)


@settings(max_examples=8, deadline=None)
@given(
    edits=st.lists(
        st.tuples(st.sampled_from(sorted(NOTES)), st.sampled_from(["", "drop", "edit"])), max_size=4
    )
)
def test_an_incremental_build_equals_a_fresh_one(run, tmp_path_factory, edits):
    folder = tmp_path_factory.mktemp("incremental")
    notes = folder / "notes"
    for path, text in NOTES.items():
        (notes / path).parent.mkdir(parents=True, exist_ok=True)
        (notes / path).write_text(text)
    with_history = open_store(f"sqlite:///{folder}/a.db")
    run(with_history, notes)
    for path, action in edits:
        text = {"": NOTES[path], "drop": None, "edit": NOTES[path] + "\nReranking improves recall.\n"}[action]
        _write(notes / path, text)
        run(with_history, notes, prune=True)
    fresh = open_store(f"sqlite:///{folder}/b.db")
    run(fresh, notes)
    assert everything(with_history) == everything(fresh)
    with_history.close()
    fresh.close()


def _write(path: Path, text: str | None) -> None:
    path.unlink(missing_ok=True)
    for body in [text] if text is not None else []:
        path.write_text(body)


def test_two_files_of_one_content_are_two_documents(run, store, tmp_path):
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text("# Reranking\n\nReranking improves recall.\n")
    run(store, tmp_path)
    assert [document.path for document in store.list_documents()] == ["a.md", "b.md"]


def test_bad_files_cost_themselves_alone(run, store, notes):
    (notes / "binary.md").write_bytes(bytes(range(256)) * 4)
    (notes / "empty.md").write_text("")
    (notes / "loop").symlink_to(notes)
    report = run(store, notes)
    assert report.documents.added == len(NOTES)
    assert {failure.path for failure in report.failures} == {"notes/binary.md", "notes/empty.md"}


def test_a_folder_of_a_name_read_before_is_another_root(run, store, tmp_path):
    for parent in ("first", "second"):
        (tmp_path / parent / "notes").mkdir(parents=True)
        (tmp_path / parent / "notes" / "a.md").write_text(f"# Reranking\n\nThe {parent} note on reranking.\n")
        run(store, tmp_path / parent / "notes", prune=True)
    assert len(store.list_documents()) == 2
    assert counts(run(store, tmp_path / "second" / "notes"))[2] == 1


def test_a_folder_that_was_moved_keeps_its_documents(run, store, tmp_path, notes):
    run(store, notes)
    (tmp_path / "elsewhere").mkdir()
    moved = notes.rename(tmp_path / "elsewhere" / "notes")
    assert counts(run(store, moved)) == (0, 0, len(NOTES), 0, 0)


def test_a_missing_path_is_reported_and_the_rest_goes_in(run, store, notes, tmp_path):
    report = run(store, notes, tmp_path / "nowhere")
    assert report.documents.added == len(NOTES)
    assert [failure.reason for failure in report.failures] == ["no such file or folder"]


def interrupted_while_embedding(stage: str, done: int, total: int) -> None:
    """Stop in the middle, as Ctrl-C would."""
    if stage == "embedding":
        raise KeyboardInterrupt


def test_an_interrupt_keeps_the_old_graph_and_what_was_read(run, store, notes):
    first = notes / "glossary.md"
    run(store, first)
    before = {entity.name for entity in store.list_entities(EntityFilter(), limit=100).items}
    with pytest.raises(KeyboardInterrupt):
        run(store, notes, progress=interrupted_while_embedding)
    assert {entity.name for entity in store.list_entities(EntityFilter(), limit=100).items} == before
    assert len(store.sources()) == len(NOTES)
    assert counts(run(store, notes)) == (0, 0, len(NOTES), 0, 0)
    assert len(store.list_documents()) == len(NOTES)


def test_a_file_that_takes_too_long_is_reported_and_what_was_there_before_stays(run, store, notes):
    run(store, notes)
    (notes / "models.md").write_text(NOTES["models.md"] * 1000)  # seconds of work
    with LocalExecutor(workers=1, file_timeout_s=1e-9) as hasty:
        report = run(store, notes, executor=hasty, prune=True)
    assert counts(report) == (0, 0, len(NOTES) - 1, 0, 1)
    assert [(failure.path, "KG_FILE_TIMEOUT_S" in failure.reason) for failure in report.failures] == [
        ("notes/models.md", True)
    ]
    assert "models.md" in {document.path for document in store.list_documents()}


def test_archives_that_were_passed_over_are_told(run, store, notes, tmp_path):
    shutil.make_archive(str(notes / "older"), "zip", notes)
    report = run(store, notes)
    assert counts(report) == (len(NOTES), 0, 0, 0, 0)
    assert [warning.path for warning in report.warnings] == ["notes/older.zip"]


class Unloadable(HashEmbedder):
    """A model whose files are missing."""

    def encode(self, texts):
        raise KGError("the embedding model cannot be loaded")


def test_a_model_that_cannot_be_loaded_is_told_and_what_was_read_is_kept(store, notes, run):
    with LocalExecutor(workers=1) as executor, pytest.raises(KGError, match="cannot be loaded"):
        run(store, notes, executor=executor, embedder=Unloadable())
    assert counts(run(store, notes)) == (0, 0, len(NOTES), 0, 0)


def test_a_second_ingest_at_the_same_time_is_told_to_wait(run, store, notes):
    with store.build_lock(), pytest.raises(StoreBusyError, match="building"):
        run(store, notes)


class Other(HashEmbedder):
    """Another model."""

    name = "another-model"


def test_another_embedding_model_is_refused_and_says_what_to_do(run, store, notes):
    run(store, notes)
    with pytest.raises(StoreMismatchError, match="KG_EMBEDDING_MODEL"):
        run(store, notes, embedder=Other())
