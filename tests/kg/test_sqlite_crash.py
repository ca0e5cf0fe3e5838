"""The SQLite store under kill -9 and with a damaged journal: nothing acknowledged lost, nothing partial."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from random_graphs import everything
from sample import HashEmbedder, publish_sample, sample_graph, sample_sources

from kg.errors import StoreBusyError
from kg.model import Graph, Source
from kg.sqlite import SqliteStore

_VICTIM = """
import sys
from pathlib import Path
sys.path[:] = {path!r}
import test_sqlite_crash as crash
from kg.sqlite import SqliteStore
with SqliteStore(Path({file!r})) as store:
    crash.{work}(store)
"""


def numbered_source(number: int) -> Source:
    source = sample_sources()[number % 4]
    return replace(source, document=replace(source.document, path=f"{number:06}.md"))


def even_or_odd(revision: int) -> Graph:
    graph = sample_graph()
    return graph if revision % 2 else replace(graph, entities=graph.entities[:9], relations=(), mentions=())


def keep_putting(store: SqliteStore) -> None:
    number = len(store.sources())
    while True:
        store.put_sources([numbered_source(number), numbered_source(number + 1)])
        number += 2
        print(number, flush=True)  # noqa: T201


def keep_publishing(store: SqliteStore) -> None:
    while True:
        print(store.publish(even_or_odd(store.revision() + 1), {}), flush=True)  # noqa: T201


def hold_the_lock(store: SqliteStore) -> None:
    with store.build_lock():
        print("held", flush=True)  # noqa: T201
        sys.stdin.read()


def start(file: Path, work: str) -> subprocess.Popen[str]:
    code = _VICTIM.format(path=[str(Path.cwd()), *sys.path], file=str(file), work=work)
    return subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def kill_after(victim: subprocess.Popen[str], lines: int) -> str:
    """Kill the process, at work on the next commit, once it printed ``lines``; return the last one."""
    with victim:
        last = [victim.stdout.readline() for _ in range(lines)][-1]
        os.kill(victim.pid, signal.SIGKILL)
        # What it printed before the signal reached it is acknowledged too.
        rest = victim.stdout.read().splitlines()
    return (rest or [last])[-1].strip()


def test_sources_survive_kills_whole_and_none_that_was_acknowledged_is_lost(tmp_path):
    file = tmp_path / "kg.db"
    for lines in (1, 2, 5, 9, 3, 1, 7):
        acknowledged = int(kill_after(start(file, "keep_putting"), lines))
        with SqliteStore(file) as store:
            found = sorted(store.read_sources(), key=lambda source: source.document.path)
            assert len(found) >= acknowledged
            assert found == [numbered_source(number) for number in range(len(found))]
            assert len(found) % 2 == 0


def test_readers_find_a_whole_publication_after_each_kill(tmp_path):
    file = tmp_path / "kg.db"
    with SqliteStore(tmp_path / "other.db") as other:
        expected = [(other.publish(even_or_odd(number), {}), everything(other))[1] for number in (0, 1)]
    for lines in (1, 2, 4, 8, 3, 6, 1):
        acknowledged = int(kill_after(start(file, "keep_publishing"), lines))
        with SqliteStore(file) as store:
            assert store.revision() >= acknowledged
            assert everything(store) == expected[store.revision() % 2]
            assert {check.name for check in store.check() if not check.ok} <= {
                "publication",
                "vectors",
                "embedding model",
            }


def test_the_build_lock_is_released_by_the_death_of_its_holder(tmp_path):
    file = tmp_path / "kg.db"
    victim = start(file, "hold_the_lock")
    assert victim.stdout.readline() == "held\n"
    with SqliteStore(file) as store:
        with pytest.raises(StoreBusyError, match=rf"another process \({victim.pid}\)"):
            store.build_lock().__enter__()
        with victim:
            os.kill(victim.pid, signal.SIGKILL)
        with store.build_lock():
            pass


@pytest.mark.parametrize(
    "damage",
    [
        lambda wal: wal[: len(wal) // 2],
        lambda wal: wal[: len(wal) // 3] + bytes(len(wal) - len(wal) // 3),
        lambda wal: wal + b"\xa5" * 10_000,
        lambda wal: wal[: len(wal) // 2] + bytes([wal[len(wal) // 2] ^ 0xFF]) + wal[len(wal) // 2 + 1 :],
        lambda wal: b"",
        lambda wal: b"\xa5" * len(wal),
    ],
    ids=["truncated", "zeroed tail", "garbage appended", "flipped byte", "empty", "garbage"],
)
def test_a_damaged_journal_opens_with_a_consistent_prefix(tmp_path, damage):
    file, copy = tmp_path / "kg.db", tmp_path / "copy.db"
    with SqliteStore(file) as store:
        publish_sample(store, HashEmbedder())
    with SqliteStore(file) as store:
        for number in range(40):
            store.put_sources([numbered_source(number)])
        shutil.copy(file, copy)
        wal = Path(f"{file}-wal").read_bytes()
    Path(f"{copy}-wal").write_bytes(damage(wal))
    with SqliteStore(copy) as store:
        found = [s for s in store.read_sources() if s.document.path[0] == "0"]
        found.sort(key=lambda source: source.document.path)
        assert found == [numbered_source(number) for number in range(len(found))]
        assert store.revision() == 1
        assert {check.name for check in store.check() if not check.ok} <= {"publication"}
