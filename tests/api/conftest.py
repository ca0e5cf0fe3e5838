"""Fixtures of the API: the application on the sample graph, asked over HTTP in this process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import uvicorn
from sample import HashEmbedder
from starlette.testclient import TestClient

from api.app import create_app
from api.backend import Backend
from kg.settings import Settings
from kg.store import GraphStore

LOCAL = "http://127.0.0.1:8000"


@pytest.fixture
def backend_of() -> Iterator[Callable[[GraphStore, HashEmbedder], Backend]]:
    """Give a function that makes a backend of a store and an embedder."""
    with ThreadPoolExecutor(4) as threads:
        yield lambda store, embedder: Backend(store, embedder, threads)


@pytest.fixture
def backend(
    sample_store: GraphStore,
    embedder: HashEmbedder,
    backend_of: Callable[[GraphStore, HashEmbedder], Backend],
) -> Backend:
    """Give a backend on the sample graph."""
    return backend_of(sample_store, embedder)


@pytest.fixture
def http(backend: Backend) -> Iterator[TestClient]:
    """Give a client of the application on the sample graph, with its default settings."""
    with TestClient(create_app(Settings(), backend), base_url=LOCAL) as client:
        yield client


@pytest.fixture
def answer(http: TestClient) -> Callable[..., dict[str, Any]]:
    """Give a function that posts a document and returns the whole answer."""

    def answer(document: str, **variables: Any) -> dict[str, Any]:
        return http.post("/graphql", json={"query": document, "variables": variables}).json()

    return answer


@pytest.fixture
def ask(answer: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Give a function that posts a document and returns the data of an answer without errors."""

    def ask(document: str, **variables: Any) -> dict[str, Any]:
        answered = answer(document, **variables)
        assert "errors" not in answered, answered["errors"]
        return answered["data"]

    return ask


@pytest.fixture
def served(backend: Backend) -> Iterator[str]:
    """Give the address of the application, served on a free port of loopback."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(Settings(), backend), log_level="warning"))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
