"""What every way in works on: the store, the embedder and the threads, opened and closed together."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import ParamSpec, TypeVar

from kg.embed import Embedder, load_embedder
from kg.errors import KGError, StoreMismatchError
from kg.open import open_settings_store
from kg.search import SearchMode, search
from kg.settings import Settings
from kg.store import GraphStore

_log = logging.getLogger(__name__)
_THREADS = 8

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Backend:
    """The store, the embedder and the threads they run on; one for the whole application."""

    store: GraphStore
    embedder: Embedder
    threads: Executor

    async def run(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run blocking ``work`` off the event loop, which goes on answering others meanwhile."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, partial(self._steady, work, *args, **kwargs))

    def _steady(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Do the work, and once more where a new graph was published between its first look and its last."""
        try:
            return work(*args, **kwargs)
        except KeyError:  # what one look found, the next one no longer knew
            return work(*args, **kwargs)


def open_backend(settings: Settings) -> Backend:
    """Open the store for reading; the embedding model waits until it is needed.

    Raises:
        KGError: the store cannot be opened; the text says what to run.
    """
    store = open_settings_store(settings, read_only=True)
    try:
        embedder = embedder_of(store, settings)
    except KGError:
        store.close()
        raise
    return Backend(store, embedder, ThreadPoolExecutor(_THREADS, thread_name_prefix="kg"))


def embedder_of(store: GraphStore, settings: Settings) -> Embedder:
    """Return the embedder that made the store's vectors, not loaded yet.

    Raises:
        StoreMismatchError: the settings ask for another one.
    """
    made_with = store.setting("embedding_model")
    embedder = load_embedder(settings.embedding_model or made_with or "")
    if made_with is not None and embedder.name != made_with:
        raise StoreMismatchError(
            f"this graph's vectors are of {made_with!r}, not {embedder.name!r}: unset KG_EMBEDDING_MODEL, "
            "or `kg ingest` into a new store"
        )
    return embedder


def close_backend(backend: Backend) -> None:
    """Let running work end, then close the store."""
    backend.threads.shutdown(cancel_futures=True)
    backend.store.close()


def warm_up(backend: Backend) -> threading.Thread:
    """Load behind the scenes what the first search would wait for: the model, vectors, the walk's arrays."""

    def load() -> None:
        try:
            search(backend.store, backend.embedder, "warm up", mode=SearchMode.GRAPH, limit=1)
        except KGError as error:
            _log.warning("search is not available: %s", error)

    thread = threading.Thread(target=load, name="kg-warm-up", daemon=True)
    thread.start()
    return thread
