"""Fixtures that all tests share: stores on every engine, the sample graph in one, an embedder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from sample import HashEmbedder, publish_sample

from kg.errors import StoreUnavailableError
from kg.neo4j_address import Neo4jAccess, parse_address
from kg.neo4j_server import Neo4jServer
from kg.open import open_store
from kg.store import GraphStore

NewStore = Callable[[], GraphStore]


@pytest.fixture
def sqlite_stores(tmp_path: Path) -> Iterator[NewStore]:
    """Give a function that makes an empty store in a file of its own."""
    numbers = count()
    with ExitStack() as stack:

        def new_store() -> GraphStore:
            store = open_store(f"sqlite:///{tmp_path}/kg{next(numbers)}.db")
            stack.callback(store.close)
            return store

        yield new_store


@pytest.fixture(scope="session")
def neo4j_access() -> Neo4jAccess:
    """Give the user and the password of the server that NEO4J_URI names."""
    return Neo4jAccess(user=os.environ.get("NEO4J_USER", ""), password=os.environ.get("NEO4J_PASSWORD", ""))


@pytest.fixture(scope="session")
def neo4j_server(neo4j_access: Neo4jAccess) -> Iterator[Neo4jServer]:
    """Give a server whose default database is the tests' own."""
    uri = os.environ.get("NEO4J_URI")
    if not uri:
        pytest.skip("NEO4J_URI names no server")
    try:
        server = Neo4jServer(parse_address(uri), neo4j_access, read_only=False, query_timeout_s=10)
    except StoreUnavailableError as error:
        pytest.skip(str(error))
    yield server
    server.close()


@pytest.fixture
def neo4j_url(neo4j_server: Neo4jServer) -> str:
    """Give the address of an empty database; Community has one, so what was there goes."""
    clear(neo4j_server)
    return neo4j_server.name


@pytest.fixture
def neo4j_stores(neo4j_url: str, neo4j_server: Neo4jServer, neo4j_access: Neo4jAccess) -> Iterator[NewStore]:
    """Give a function that makes an empty store in the one database."""
    with ExitStack() as stack:

        def new_store() -> GraphStore:
            clear(neo4j_server)
            store = open_store(neo4j_url, access=neo4j_access)
            stack.callback(store.close)
            return store

        yield new_store


def clear(server: Neo4jServer) -> None:
    """Remove all data; the indexes stay, as making them for each test would take longer than the test."""
    server.command("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 1000 ROWS")


_ON_EVERY_ENGINE = frozenset(
    "test_store test_store_graph test_store_search test_store_whole "
    "test_paths test_plan test_search test_queries".split()
)
"""The conformance suite, and what asks most of a store; all else knows its protocol alone."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of the modules above once for each engine, all others on the embedded one."""
    if "new_store" in metafunc.fixturenames:
        everywhere = metafunc.module.__name__.rpartition(".")[2] in _ON_EVERY_ENGINE
        neo4j = [pytest.param("neo4j", marks=pytest.mark.neo4j)] if everywhere else []
        metafunc.parametrize("new_store", ["sqlite", *neo4j], indirect=True)


@pytest.fixture
def new_store(request: pytest.FixtureRequest) -> NewStore:
    """Give a function that makes an empty store of an engine; an earlier one may be gone then."""
    return request.getfixturevalue(f"{request.param}_stores")


@pytest.fixture
def store(new_store: NewStore) -> GraphStore:
    """Give an empty store."""
    return new_store()


@pytest.fixture
def embedder() -> HashEmbedder:
    """Give an embedder without a model."""
    return HashEmbedder()


@pytest.fixture
def sample_store(store: GraphStore, embedder: HashEmbedder) -> GraphStore:
    """Give a store with the sample graph published."""
    publish_sample(store, embedder)
    return store
