"""A Neo4j server of a test module's own, which may be killed and started again."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kg.neo4j_address import Neo4jAccess, parse_address
from kg.neo4j_server import Neo4jServer
from kg.open import open_store
from kg.settings import Settings
from kg.store import GraphStore

SCRIPT = Path(os.environ.get("NEO4J_SERVER") or Path(__file__).parents[2] / "shared" / "neo4j" / "neo4j")
PASSWORD = "only-for-this-test"
_POLL_S = 0.05


class Neo4jProcess:
    """One server with its folder and port, which stay the same however often it is started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.settings = Settings(
            store=f"bolt://127.0.0.1:{self._port}", neo4j_user="neo4j", neo4j_password=PASSWORD
        )
        self.access = Neo4jAccess(user="neo4j", password=PASSWORD)
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it and wait until it answers; one that runs goes on."""
        if self._process:
            return
        process = subprocess.Popen(
            [str(SCRIPT), "run", str(self.folder), str(self._port)],
            env={**os.environ, "NEO4J_PASSWORD": PASSWORD, "NEO4J_HEAP": "512m", "NEO4J_PAGECACHE": "64m"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._process = process
        said = []
        for line in process.stdout:
            said.append(line)
            if line == "ready\n":
                return
        raise AssertionError("".join(said[-20:]))

    @property
    def pid(self) -> int:
        """The process, which is the server itself: the script becomes it."""
        return self._process.pid

    def kill(self) -> None:
        """Kill it with -9; one that is dead stays so."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
            self._process = None

    def clear(self) -> None:
        """Remove all data; the indexes stay, as making them takes longer than a test."""
        server = Neo4jServer(
            parse_address(self.settings.store), self.access, read_only=False, query_timeout_s=60
        )
        server.command("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 1000 ROWS")
        server.close()

    def open(self, *, read_only: bool = False) -> GraphStore:
        """Open the store in it."""
        return open_store(self.settings.store, access=self.access, read_only=read_only)


@contextmanager
def running_neo4j(folder: Path) -> Iterator[Neo4jProcess]:
    """Give a server that has just been started; skip the test where none can be."""
    if not SCRIPT.is_file():
        pytest.skip(f"no server to start at {SCRIPT}: NEO4J_SERVER names the script that runs one")
    if not shutil.which("java"):
        pytest.skip("the server needs Java 17, and there is no java")
    server = Neo4jProcess(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()


def eventually(holds: Callable[[], bool], deadline_s: float = 90) -> None:
    """Ask again and again until something holds."""
    end = time.monotonic() + deadline_s
    while not holds():
        assert time.monotonic() < end, f"still not after {deadline_s} s"
        time.sleep(_POLL_S)
