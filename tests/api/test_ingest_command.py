"""``kg ingest``: what it says of what it read, of what it did not, and of a cluster that is not there."""

from __future__ import annotations

import json
import shutil

import pytest

from api.cli import main


@pytest.fixture
def notes(tmp_path):
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.md").write_text("# Reranking\n\nReranking improves recall.\n")
    (folder / "plot.png").write_bytes(b"\x89PNG")
    (folder / "binary.md").write_bytes(bytes(range(256)) * 4)
    shutil.make_archive(str(folder / "older"), "zip", folder)
    return folder


@pytest.fixture
def ingest(tmp_path, notes, capsys):
    """Give a function that runs ``kg ingest`` on the notes and returns its exit code, stdout and stderr."""

    def ingest(*options: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["ingest", str(notes), "--store", f"sqlite:///{tmp_path}/kg.db", *options])
        out, err = capsys.readouterr()
        return ended.value.code or 0, out, err

    return ingest


def test_what_was_passed_over_is_said_with_what_to_do(ingest, notes):
    code, out, err = ingest("--dry-run")
    assert (code, out) == (0, "")
    assert (
        f"note: notes/older.zip: an archive within a folder, not opened; to have it read, name {notes}" in err
    )
    assert "passed over: 1 other" in err


def test_as_json_it_is_one_document_with_the_reasons(ingest):
    _, out, _ = ingest("--dry-run", "--json")
    report = json.loads(out)
    assert report["documents"] == {"added": 2, "changed": 0, "unchanged": 0, "removed": 0, "failed": 0}
    assert [warning["path"] for warning in report["warnings"]] == ["notes/older.zip"]
    assert report["skipped"] == 1


def test_an_address_where_no_cluster_is_ends_in_one_line_and_exit_1(ingest):
    code, out, err = ingest("--cluster", "nonsense://x")
    assert (code, out) == (1, "")
    assert "no Dask scheduler answers at 'nonsense://x'" in err
    assert "Traceback" not in err
