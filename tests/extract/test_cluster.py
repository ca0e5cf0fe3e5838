"""Ingest on a real Dask cluster of this machine: a scheduler and two workers, each a process."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from material import NOTES
from random_graphs import everything
from sample import HashEmbedder

import extract.cluster
from extract.catalogue import Catalogue
from extract.cluster import ClusterError, ClusterExecutor
from extract.executor import Executor, LocalExecutor
from extract.ingest import ingest
from extract.report import IngestReport, Progress, silent
from kg.store import GraphStore

CHECKOUT = Path(__file__).parents[2]
TESTS = CHECKOUT / "tests"
NO_CATALOGUE = Catalogue(entries=(), files=(), tracks=(), digest="")


@dataclass
class Cluster:
    """A scheduler and its workers, all of which can be killed."""

    folder: Path
    stack: ExitStack
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        self.scheduler = self._start("scheduler", "--host", self.address)

    def add_worker(self, code: Path = CHECKOUT) -> None:
        """Start a worker that runs the code in a folder; it connects as soon as it can."""
        options = ["--nthreads", "1", "--no-nanny", "--memory-limit", "0", "--local-directory"]
        self.workers.append(self._start("worker", self.address, *options, str(self.folder), code=code))

    def _start(self, what: str, *options: str, code: Path = CHECKOUT) -> subprocess.Popen[bytes]:
        path = os.pathsep.join([str(code), str(TESTS)])
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", f"distributed.cli.dask_{what}", *options, "--no-dashboard"],
            env={**os.environ, "PYTHONPATH": path},
            stderr=subprocess.DEVNULL,
        )
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        return process


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with ExitStack() as stack:
        yield Cluster(tmp_path, stack)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    for copy in range(6):
        for path, text in NOTES.items():
            (folder / f"{copy}-{path.replace('/', '-')}").write_text(
                text.replace("Reranking", f"Ranking {copy}")
            )
    return folder


def run(store: GraphStore, notes: Path, executor: Executor, progress: Progress = silent) -> IngestReport:
    return ingest(
        store, HashEmbedder(), [str(notes)], catalogue=NO_CATALOGUE, executor=executor, progress=progress
    )


def when_some_are_read(action: Callable[[], object]) -> Progress:
    """Make a callback that acts in the middle of reading."""

    def progress(stage: str, done: int, total: int) -> None:
        if (stage, done) == ("reading", len(NOTES) * 2):
            action()

    return progress


def test_a_cluster_makes_the_same_graph_even_when_a_worker_is_killed(cluster, new_store, notes):
    here, there, bereft = new_store(), new_store(), new_store()
    with LocalExecutor(workers=1) as executor:
        run(here, notes, executor)
    cluster.add_worker()
    cluster.add_worker()
    with ClusterExecutor(cluster.address) as executor:
        run(there, notes, executor)
        killing = when_some_are_read(cluster.workers[0].kill)
        report = run(bereft, notes, executor, killing)
    assert cluster.workers[0].wait() < 0
    assert report.failures == ()
    assert everything(there) == everything(here)
    assert everything(bereft) == everything(here)


def test_a_lost_scheduler_is_a_clear_error_and_what_was_stored_stays(cluster, store, notes):
    cluster.add_worker()
    lost = when_some_are_read(cluster.scheduler.kill)
    with (
        ClusterExecutor(cluster.address) as executor,
        pytest.raises(ClusterError, match="was lost; what was stored is kept"),
    ):
        run(store, notes, executor, lost)
    kept = len(store.sources())
    with LocalExecutor(workers=1) as executor:
        counts = run(store, notes, executor).documents
    assert 0 < counts.unchanged == kept < len(list(notes.iterdir()))
    assert counts.unchanged + counts.added == len(list(notes.iterdir()))


def test_a_worker_of_another_version_is_refused(cluster, tmp_path):
    for package in ("kg", "extract"):
        shutil.copytree(CHECKOUT / package, tmp_path / "other" / package)
    with (tmp_path / "other" / "extract" / "split.py").open("a") as file:
        file.write("\n# another version\n")
    cluster.add_worker(tmp_path / "other")
    with pytest.raises(ClusterError, match="another version of guidegraph"):
        ClusterExecutor(cluster.address).__enter__()


def test_a_worker_without_guidegraph_is_refused(cluster, tmp_path):
    (tmp_path / "other" / "extract").mkdir(parents=True)
    (tmp_path / "other" / "extract" / "__init__.py").touch()
    cluster.add_worker(tmp_path / "other")
    with pytest.raises(ClusterError, match="lack guidegraph"):
        ClusterExecutor(cluster.address).__enter__()


def test_a_cluster_without_workers_says_so(cluster, monkeypatch):
    monkeypatch.setattr(extract.cluster, "_CONNECT_S", 3.0)
    with pytest.raises(ClusterError, match="has no workers"):
        ClusterExecutor(cluster.address).__enter__()


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://x", "127.0.0.1"])
def test_a_wrong_address_says_so(address, monkeypatch):
    monkeypatch.setattr(extract.cluster, "_CONNECT_S", 1.0)
    with pytest.raises(ClusterError, match="no Dask scheduler answers"):
        ClusterExecutor(address).__enter__()


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"guidegraph\[cluster\]"):
        ClusterExecutor("tcp://127.0.0.1:1").__enter__()
