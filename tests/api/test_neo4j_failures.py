"""A real Neo4j that dies, fills its disk or is taken: what is said, what is lost (nothing), what recovers."""

from __future__ import annotations

import resource
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from few_notes import write_notes
from neo4j_process import Neo4jProcess, eventually, running_neo4j
from sample import HashEmbedder, publish_sample, sample_graph

from api.app import create_app
from api.backend import Backend
from api.cli import main
from extract.catalogue import Catalogue
from extract.executor import LocalExecutor
from extract.ingest import ingest
from extract.report import IngestReport
from kg.errors import StoreBusyError, StoreUnavailableError
from kg.export import GraphFormat, export_graph
from kg.open import open_store
from kg.store import GraphStore

pytestmark = pytest.mark.neo4j

NO_CATALOGUE = Catalogue(entries=(), files=(), tracks=(), digest="")
MODELS = 70  # so many notes that some are written before the last is read
KILLED_AT = 60
WRITTEN_AT_ONCE = 32

Run = Callable[..., IngestReport]
Progress = Callable[[str, int, int], None]


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Neo4jProcess]:
    with running_neo4j(tmp_path_factory.mktemp("neo4j")) as server:
        yield server


@pytest.fixture
def store(server: Neo4jProcess) -> Iterator[GraphStore]:
    """Give an empty store in the server, however the test before left it."""
    server.start()
    server.clear()
    store = server.open()
    yield store
    store.close()


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have writers give up on a dead server, and locks of the dead pass, within seconds, not minutes."""
    monkeypatch.setattr("kg.neo4j_server._WRITE_RETRY_S", 1.0)
    monkeypatch.setattr("kg.neo4j_lock.LEASE_S", 5)


@pytest.fixture(scope="module")
def notes(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("notes")
    write_notes(folder, models=MODELS)
    return folder


@pytest.fixture(scope="module")
def run(notes: Path) -> Iterator[Run]:
    with LocalExecutor(workers=1) as executor:

        def run(store: GraphStore, **options: Any) -> IngestReport:
            return ingest(
                store, HashEmbedder(), [str(notes)], catalogue=NO_CATALOGUE, executor=executor, **options
            )

        yield run


@pytest.fixture(scope="module")
def undisturbed(run: Run, tmp_path_factory) -> str:
    """Give the graph that an ingest makes to which nothing happens."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('undisturbed')}/kg.db")
    assert run(store).relations
    graph = export_graph(store, GraphFormat.JSON_LD)
    store.close()
    return graph


def at(stage: str, done: int, act: Callable[[], object]) -> Progress:
    """Return a progress that acts once, when a stage has come so far."""
    left = [act]

    def progress(name: str, so_far: int, _total: int) -> None:
        while left and name == stage and so_far >= done:
            left.pop()()

    return progress


def is_free(store: GraphStore) -> bool:
    try:
        with store.build_lock():
            return True
    except StoreBusyError:
        return False


# --- in mid-ingest


@pytest.mark.parametrize(("stage", "done"), [("reading", KILLED_AT), ("publishing", 0)])
def test_an_ingest_whose_server_is_killed_says_so_and_is_completed_by_running_again(
    server, store, run, undisturbed, stage, done
):
    store.publish(sample_graph(), {})
    before = export_graph(store, GraphFormat.JSON_LD)
    with pytest.raises(StoreUnavailableError, match=r"no Neo4j server answers at bolt://.*: start it"):
        run(store, progress=at(stage, done, server.kill))
    server.start()
    assert export_graph(store, GraphFormat.JSON_LD) == before
    eventually(lambda: is_free(store))
    assert run(store).documents.unchanged >= WRITTEN_AT_ONCE
    assert export_graph(store, GraphFormat.JSON_LD) == undisturbed


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="limits of another process need Linux")
def test_an_ingest_onto_a_full_disk_says_so_and_is_completed_when_there_is_room(
    server, store, run, undisturbed
):
    def fill_disk() -> None:
        # No file may grow past this, so that the next write fails as it does where no space is left.
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (65_536, resource.RLIM_INFINITY))

    store.publish(sample_graph(), {})
    before = export_graph(store, GraphFormat.JSON_LD)
    with pytest.raises(StoreUnavailableError, match=r"has failed .*: see the server's log and the room on"):
        run(store, progress=at("publishing", 0, fill_disk))
    server.kill()  # Neo4j itself stops working for good once it could not write
    server.start()
    assert export_graph(store, GraphFormat.JSON_LD) == before
    eventually(lambda: is_free(store))
    run(store)
    assert export_graph(store, GraphFormat.JSON_LD) == undisturbed


def test_a_second_ingest_is_refused_with_who_holds_the_lock(server, store, notes, monkeypatch, capsys):
    monkeypatch.setenv("KG_NEO4J_USER", server.settings.neo4j_user)
    monkeypatch.setenv("KG_NEO4J_PASSWORD", server.settings.neo4j_password)
    with store.build_lock(), pytest.raises(SystemExit) as ended:
        main(["ingest", str(notes), "--store", server.settings.store, "--workers", "1"])
    assert ended.value.code == 1
    assert "is building this graph: wait until it is done" in capsys.readouterr().err
    assert store.sources() == {}


# --- under query load

QUERY = '{ entity(name: "RAG") { name relations { nodes { type target { name } } } } }'


@contextmanager
def serving(server: Neo4jProcess) -> Iterator[str]:
    """Serve the API on the server's store; give its address."""
    with ThreadPoolExecutor(8) as threads, socket.create_server(("127.0.0.1", 0)) as listening:
        backend = Backend(server.open(read_only=True), HashEmbedder(), threads)
        app = create_app(server.settings, backend)
        api = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=api.run, args=([listening],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            api.should_exit = True
            thread.join()


class Load:
    """Clients that go on asking the same question, and count what they are told."""

    def __init__(self, url: str, clients: int = 4) -> None:
        self.told: Counter[str] = Counter()
        self._url = url
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(clients)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        with httpx.Client(timeout=60) as http:
            while not self._end.is_set():
                answer = http.post(f"{self._url}/graphql", json={"query": QUERY}).json()
                errors = [error["extensions"]["code"] for error in answer.get("errors", [])]
                self.told[errors[0] if errors else str(answer["data"])] += 1


def test_an_api_whose_server_is_killed_under_load_says_so_and_recovers_by_itself(server, store):
    publish_sample(store, HashEmbedder())
    with serving(server) as url, httpx.Client(base_url=url, timeout=60) as http, Load(url) as load:

        def ask() -> dict[str, Any]:
            return http.post("/graphql", json={"query": QUERY}).json()

        right = ask()
        assert right["data"]["entity"]["name"] == "RAG"
        assert http.get("/readyz").status_code == 200
        server.kill()
        load.told.clear()
        eventually(lambda: load.told["STORE_UNAVAILABLE"] > 20)
        assert load.told.keys() <= {str(right["data"]), "STORE_UNAVAILABLE"}
        error = ask()["errors"][0]
        assert error["extensions"]["code"] == "STORE_UNAVAILABLE"
        assert "no Neo4j server answers" in error["message"]
        assert http.get("/readyz").status_code == 503
        assert http.get("/healthz").json() == {"status": "alive"}
        server.start()
        eventually(lambda: http.get("/readyz").status_code == 200)
        eventually(lambda: ask() == right)
        load.told.clear()
        eventually(lambda: load.told[str(right["data"])] > 20)
    # While it starts, a request may run out of time; nothing is ever masked, wrong or half an answer.
    assert load.told.keys() <= {str(right["data"]), "STORE_UNAVAILABLE", "TIMEOUT"}


def test_a_command_says_that_the_server_is_down_in_one_line(server, store, monkeypatch, capsys):
    monkeypatch.setenv("KG_NEO4J_USER", server.settings.neo4j_user)
    monkeypatch.setenv("KG_NEO4J_PASSWORD", server.settings.neo4j_password)
    server.kill()
    with pytest.raises(SystemExit) as ended:
        main(["stats", "--store", server.settings.store])
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (1, "")
    assert said.err.count("\n") == 1
    assert said.err.startswith("kg: no Neo4j server answers at bolt://127.0.0.1")
