"""Measures speed and memory on a real guide; prints a table and writes bench.json.

``python -m tests.bench [FOLDER]``: the folder of notes to measure on, by default the bundled guide.
Machines are shared and noisy: compare the ratios of one run, not the seconds of two.
"""

from __future__ import annotations

import json
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from kg.embed import embedding_text, load_embedder
from kg.open import open_store
from kg.store import EntityFilter

KG = [sys.executable, "-m", "api.cli"]
REPEATS = 5
REQUESTS = 200


def main() -> None:
    """Measure everything and print it."""
    corpus = Path(sys.argv[1] if len(sys.argv) > 1 else "seeds/guide").resolve()
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder) / corpus.name
        shutil.copytree(corpus, notes)
        store = f"sqlite:///{folder}/bench.db"
        _ingests(notes, store, figures)
        figures["embedding alone, s"] = _embedding_alone(store)
        figures["ingest / embedding alone"] = figures["ingest, s"] / figures["embedding alone, s"]
        figures["kg --help, s"] = statistics.median(_timed([*KG, "--help"]) for _ in range(REPEATS))
        _serving(store, figures)
    for name, value in figures.items():
        print(f"{name:<42}{value:>12,.3f}")  # noqa: T201
    rounded = {name: round(value, 4) for name, value in figures.items()}
    Path("bench.json").write_text(json.dumps({"corpus": corpus.name, "figures": rounded}, indent=2) + "\n")


def _ingests(notes: Path, store: str, figures: dict[str, float]) -> None:
    report, peak = _ingest(notes, store)
    figures["documents"] = report["documents"]["added"]
    for count in ("passages", "entities", "relations"):
        figures[count] = report[count]
    figures["ingest, s"] = report["wall"]
    figures["ingest, peak MB of all processes"] = peak
    figures["ingest unchanged, s"] = _ingest(notes, store)[0]["wall"]
    edited = max(notes.rglob("*.md"), key=lambda path: path.stat().st_size)
    edited.write_text(edited.read_text() + "\n\nReranking improves precision but adds latency.\n")
    again, _ = _ingest(notes, store)
    assert again["documents"]["changed"] == 1
    figures["ingest after one edited file, s"] = again["wall"]


def _ingest(notes: Path, store: str) -> tuple[dict, float]:
    started = time.perf_counter()
    with subprocess.Popen(
        [*KG, "ingest", str(notes), "--store", store, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        peak = _watch_memory(process.pid)
        output, _ = process.communicate()
    assert process.returncode == 0, output
    return json.loads(output) | {"wall": time.perf_counter() - started}, peak[0] / 2**20


def _watch_memory(pid: int) -> list[float]:
    """Sample the resident memory of a process and its children; shared pages count for each of them."""
    peak = [0.0]

    def sample() -> None:
        try:
            root = psutil.Process(pid)
            while root.is_running() and root.status() != psutil.STATUS_ZOMBIE:
                family = [root, *root.children(recursive=True)]
                peak[0] = max(peak[0], sum(one.memory_info().rss for one in family))
                time.sleep(0.1)
        except psutil.NoSuchProcess:
            pass  # the process or a worker of it has ended

    threading.Thread(target=sample, daemon=True).start()
    return peak


def _embedding_alone(url: str) -> float:
    """Return the seconds to load the model and embed the passages that the ingest embedded."""
    store = open_store(url, read_only=True)
    texts = [
        embedding_text(passage)
        for document in store.list_documents()
        for passage in store.document_passages(document.id, limit=1_000_000).items
    ]
    store.close()
    started = time.perf_counter()
    load_embedder().encode(texts)
    return time.perf_counter() - started


def _timed(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


# --- serving


def _serving(store: str, figures: dict[str, float]) -> None:
    names = _names(store)
    with _server(store) as (address, seconds):
        figures["kg serve ready, s"] = seconds
        with httpx.Client(base_url=address, timeout=60) as client:
            _ask(client, "query($q: String!) { search(query: $q) { passages { score } } }", {"q": names[0]})
            for label, document, variables in _requests(names):
                times = sorted(_ask(client, document, one) for one in variables)
                figures[f"{label}, p50 ms"] = statistics.median(times)
                figures[f"{label}, p95 ms"] = times[int(len(times) * 0.95)]


def _names(url: str) -> list[str]:
    store = open_store(url, read_only=True)
    page = store.list_entities(EntityFilter(), limit=2000)
    store.close()
    return [entity.name for entity in page.items]


def _requests(names: list[str]) -> Iterator[tuple[str, str, list[dict[str, str]]]]:
    pick = random.Random(7)
    some = [pick.choice(names) for _ in range(REQUESTS)]
    hubs = [pick.choice(names[:50]) for _ in range(REQUESTS // 2)]
    entity = """query($n: String!) { entity(name: $n) { id name kind description aliases importance
        relations(first: 25) { nodes { type confidence source { name } target { name } } }
        evidence { quote line document { path } } } }"""
    near = """query($n: String!) { neighborhood(of: [$n], depth: 2) { truncated nodes { id name kind }
        edges { type confidence source { id } target { id } } } }"""
    search = """query($n: String!) { search(query: $n) { entities { score entity { name kind } }
        passages { score passage { text line document { path } } } } }"""
    yield "entity", entity, [{"n": name} for name in some]
    yield "two-hop neighbourhood", near, [{"n": name} for name in (*some[: REQUESTS // 2], *hubs)]
    yield "search", search, [{"n": f"how does {name} work"} for name in some]


def _ask(client: httpx.Client, document: str, variables: dict[str, str]) -> float:
    started = time.perf_counter()
    answer = client.post("/graphql", json={"query": document, "variables": variables}).json()
    took = 1000 * (time.perf_counter() - started)
    assert "errors" not in answer, answer
    return took


@contextmanager
def _server(store: str) -> Iterator[tuple[str, float]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    started = time.perf_counter()
    with subprocess.Popen(
        [*KG, "serve", "--store", store, "--port", str(port)], stderr=subprocess.DEVNULL
    ) as process:
        try:
            while not _is_ready(address):
                assert process.poll() is None, "kg serve ended"
                time.sleep(0.02)
            yield address, time.perf_counter() - started
        finally:
            process.terminate()


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


if __name__ == "__main__":
    main()
