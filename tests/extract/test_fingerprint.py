"""Versions of the extractor and of the fold: they change with what does the work, and with nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
VERSIONS = "from extract.fingerprint import *; print(extractor_version(), fold_version())"
READING = """
import sys
from pathlib import Path
from extract.executor import Read, Unread, read_document
from extract.fingerprint import _closure
from kg.model import Document
before = set(sys.modules)
for path in map(Path, sys.argv[1:]):
    document = Document(root="notes", path=path.name, title="", content_hash="")
    assert isinstance(read_document(Unread(document, path.read_bytes())), Read), path
files, _ = _closure(("extract.load", "extract.claims", "extract.components"))
late = set(sys.modules) - before
called = {name for name in sys.modules if name.startswith(("extract.rules", "extract.load"))} | late
own = [Path(sys.modules[name].__file__) for name in called if name.startswith(("kg.", "extract."))]
print(sorted(str(file) for file in own if file not in files))
"""


def python(code: Path, script: str, *arguments: str) -> list[str]:
    """Run a script with the packages in a folder, and return the words that it prints."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", script, *arguments],
        env={**os.environ, "PYTHONPATH": str(code)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    for package in ("kg", "extract"):
        shutil.copytree(CHECKOUT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_a_copy_elsewhere_has_the_same_versions(copy):
    assert python(copy, VERSIONS) == python(CHECKOUT, VERSIONS)


@pytest.mark.parametrize(
    ("file", "changes"),
    [
        ("extract/rules/tables.py", (True, False)),
        ("extract/markdown.py", (True, False)),
        ("extract/components.py", (True, False)),
        ("extract/lexicon.toml", (True, True)),
        ("kg/names.py", (True, True)),
        ("extract/relate.py", (False, True)),
        ("kg/topics.py", (False, True)),
        ("extract/texts.py", (False, True)),
        ("extract/ingest.py", (False, False)),
        ("kg/paths.py", (False, False)),
    ],
)
def test_versions_change_with_the_files_that_do_the_work(copy, file, changes):
    before = python(copy, VERSIONS)
    original = (copy / file).read_bytes()
    (copy / file).write_bytes(original + b"\n")
    after = python(copy, VERSIONS)
    (copy / file).write_bytes(original)
    assert tuple(one != other for one, other in zip(before, after, strict=True)) == changes


def test_all_that_reading_loads_is_in_the_version_of_the_extractor(tmp_path):
    (tmp_path / "a.md").write_text("# Reranking\n\nReranking improves recall.\n")
    (tmp_path / "a.html").write_text("<html><body><p>Reranking improves recall.</p></body></html>")
    (tmp_path / "a.txt").write_text("Reranking improves recall.\n")
    (tmp_path / "a.ipynb").write_text('{"cells": [{"cell_type": "markdown", "source": ["Reranking."]}]}')
    assert python(CHECKOUT, READING, *map(str, tmp_path.iterdir())) == ["[]"]
