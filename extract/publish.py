"""From claims to a published graph: fold, embed what is new, publish."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice

from extract.catalogue import Catalogue
from extract.executor import Executor
from extract.fingerprint import fold_version
from extract.fold import fold
from extract.report import Progress, silent
from extract.texts import texts_to_embed
from kg.embed import Embedder, vector_key
from kg.store import GraphStore, SourceState

_EMBED = 512  # texts embedded between two commits: what a sudden death can cost


def publish(
    store: GraphStore,
    embedder: Embedder,
    catalogue: Catalogue,
    *,
    executor: Executor,
    progress: Progress = silent,
) -> int:
    """Fold all claims in the store, embed what has no vector yet, publish, and return the revision.

    Does nothing where the graph that readers see was folded from the very same claims and catalogue.
    """
    state = _state(store.sources(), catalogue, embedder.name)
    if store.setting("folded_from") == state:
        return store.revision()
    with _no_collection():
        graph = fold(store.read_sources(), catalogue, step=lambda stage: progress(stage, 0, 0))
    texts = texts_to_embed(graph)
    keys = {owner: vector_key(embedder.name, text) for owner, text in texts.items()}
    _embed(store, embedder, executor, {keys[owner]: text for owner, text in texts.items()}, progress)
    progress("publishing", 0, 0)
    revision = store.publish(graph, keys)
    store.put_setting("folded_from", state)
    return revision


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep Python from searching for cycles: a fold makes millions of objects that live, and none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _state(known: Mapping[str, SourceState], catalogue: Catalogue, model: str) -> str:
    """Return a hash of all that the graph is folded from."""
    digest = hashlib.sha256(f"{fold_version()}\0{catalogue.digest}\0{model}".encode())
    for document_id in sorted(known):
        state = known[document_id]
        digest.update(f"{document_id}{state.document.content_hash}{state.fingerprint}".encode())
    return digest.hexdigest()


def _embed(
    store: GraphStore,
    embedder: Embedder,
    executor: Executor,
    texts: Mapping[str, str],
    progress: Progress,
) -> None:
    # The longest first: batches are then of texts alike, and no worker is left with a large one at the end.
    missing = sorted(store.missing_vectors(texts), key=lambda key: (-len(texts[key]), key))
    done = 0
    if missing:
        progress("embedding", done, len(missing))
    for vectors in executor.embed(embedder, _batches(missing, texts)):
        store.put_vectors(vectors)
        done += len(vectors)
        progress("embedding", done, len(missing))


def _batches(keys: list[str], texts: Mapping[str, str]) -> Iterator[dict[str, str]]:
    left = iter(keys)
    while batch := list(islice(left, _EMBED)):
        yield {key: texts[key] for key in batch}
