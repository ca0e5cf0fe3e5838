"""A real API on the sample graph, a real explorer in front of it, and a real browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import uvicorn
from linked import draw_graph
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sample import HashEmbedder, publish_sample
from streamlit.testing.v1 import AppTest

import explorer
from api.app import create_app
from api.backend import Backend
from kg.model import Entity, EntityKind
from kg.open import open_store
from kg.settings import Settings
from kg.store import GraphStore

APP = Path(explorer.__file__).with_name("app.py")
_CHROMIUM = shutil.which("chromium")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


@pytest.fixture(scope="session")
def sample_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the sample graph over HTTP and give the address."""
    yield from _serve(f"sqlite:///{tmp_path_factory.mktemp('api')}/sample.db", publish_sample)


@pytest.fixture(scope="session")
def empty_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a graph that holds nothing over HTTP and give the address."""
    yield from _serve(f"sqlite:///{tmp_path_factory.mktemp('api')}/empty.db")


@pytest.fixture(scope="session")
def half_described_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve six entities, of which the less important three are described, and give the address."""
    entities = tuple(
        Entity(id=id_, name=id_, kind=EntityKind.CONCEPT, importance=share, description=description)
        for id_, share, description in [
            *((f"bare{n}", 0.3, None) for n in range(3)),
            *((f"told{n}", 0.03, f"The thing number {n}.") for n in range(3)),
        ]
    )

    def publish(store: GraphStore, _: HashEmbedder) -> None:
        store.publish(replace(draw_graph([]), entities=entities), {})

    yield from _serve(f"sqlite:///{tmp_path_factory.mktemp('api')}/half.db", publish)


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch, sample_api: str) -> Callable[..., AppTest]:
    """Give a function that opens a page of the explorer, as an address with parameters would."""

    def opened(page: str, api: str = sample_api, **parameters: str | list[str]) -> AppTest:
        monkeypatch.setenv("KG_API", api)
        app = AppTest.from_file(APP, default_timeout=30).run()
        app.query_params.update(parameters)
        return app.switch_page(page).run()

    return opened


@pytest.fixture(scope="session")
def explorer_url(sample_api: str) -> Iterator[str]:
    """Run the explorer as its users do and give its address."""
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(APP), "--server.port", str(port)]
    process = subprocess.Popen(
        [*command, "--server.headless", "true", "--server.address", "127.0.0.1"],
        env={**os.environ, "KG_API": sample_api},
        cwd=APP.parent.parent,
        stdout=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    with httpx.Client(transport=httpx.HTTPTransport(retries=8)) as client:
        client.get(f"{url}/_stcore/health").raise_for_status()
    yield url
    process.terminate()
    process.wait()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium."""
    if _CHROMIUM is None:
        pytest.skip("there is no Chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        expect.set_options(timeout=30_000)  # of waiting for a condition, on a machine that is busy
        yield started
        started.close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """Give a fresh tab that fails the test when the page asks for anything beyond this machine."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    yield page
    context.close()
    local = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")
    assert [url for url in asked if not url.startswith(local)] == []


def _serve(
    url: str, publish: Callable[[GraphStore, HashEmbedder], object] = lambda *_: None
) -> Iterator[str]:
    store, embedder = open_store(url), HashEmbedder()
    publish(store, embedder)
    backend = Backend(store, embedder, ThreadPoolExecutor(4))
    server = uvicorn.Server(uvicorn.Config(create_app(Settings(store=url), backend), log_level="error"))
    # Bound before the server starts, so that a client that is early waits in the queue.
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port
