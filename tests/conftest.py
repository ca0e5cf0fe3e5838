"""Fixtures that all tests share: stores on every engine, the sample graph in one, an embedder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from sample import HashEmbedder, publish_sample

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


@pytest.fixture(params=["sqlite"])
def new_store(request: pytest.FixtureRequest) -> NewStore:
    """Give a function that makes an empty store, once for each engine; an earlier one may be gone then."""
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
