"""From paths to a published graph: read what changed, embed what is new, fold, publish."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from multiprocessing import get_context
from typing import Protocol

from extract.catalogue import Catalogue
from extract.claims import EXTRACTOR_VERSION, extract
from extract.content import LoadError
from extract.discover import Discovery, discover
from extract.fold import fold
from extract.found import Failure, Found
from extract.load import load
from kg.embed import Embedder, embedding_text, vector_key
from kg.errors import KGError, StoreMismatchError
from kg.model import Document, Entity, Graph, Origin, Source
from kg.names import content_id
from kg.store import GraphStore, SourceState

FOLD_VERSION = "1"
"""Raised with every change that makes the same claims give another graph."""

_LOG = logging.getLogger(__name__)
_BATCH = 32  # documents written in one transaction: what an interrupt can cost
_ALONE = 6  # so few documents are read before a pool of processes would have started
_EMBED = 1024  # texts embedded between two commits
_WINDOW = 4  # documents handed to each worker ahead, so that memory holds few of them


class Progress(Protocol):
    """Told how far long work has come."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Take the name of the stage and how many of how many are done; a total of 0 is not known."""


def silent(stage: str, done: int, total: int) -> None:
    """Show no progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentCounts:
    """What became of the documents of one ingest."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What an ingest did; the counts of the graph are those that readers now see."""

    documents: DocumentCounts
    passages: int
    entities: int
    relations: int
    seconds: float
    failures: tuple[Failure, ...] = ()
    warnings: tuple[Failure, ...] = ()
    skipped: int = 0  # files of kinds that are not read, in folders


@dataclass(slots=True)
class _Tally:
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    seen: set[str] = field(default_factory=set)  # document ids that the paths hold, readable or not
    failures: list[Failure] = field(default_factory=list)
    warnings: list[Failure] = field(default_factory=list)

    def count(self, document_id: str, known: Mapping[str, SourceState]) -> None:
        """Count a document that was read."""
        if document_id in known:
            self.changed += 1
        else:
            self.added += 1


def ingest(
    store: GraphStore,
    embedder: Embedder,
    paths: Sequence[str],
    *,
    catalogue: Catalogue,
    workers: int = 0,
    prune: bool = False,
    dry_run: bool = False,
    progress: Progress = silent,
) -> IngestReport:
    """Bring the graph up to date with the files under ``paths``.

    Only files whose content changed are read again. What is done is kept as it is done, so an interrupted
    run goes on where it stopped; readers see the old graph until the new one is published whole.

    Args:
        store: where the graph lives.
        embedder: its name must be the one that the store was made with.
        paths: files, folders, archives, git repositories.
        catalogue: curated names.
        workers: processes that read documents; 0 takes one for each processor.
        prune: forget documents that were under ``paths`` and are no longer.
        dry_run: only say what would be read.
        progress: told how far each stage is.

    Raises:
        StoreBusyError: another ingest is running.
        StoreMismatchError: the store was made with another embedding model.
    """
    started = time.monotonic()
    with store.build_lock(), discover(paths, _roots(store)) as discovery:
        _same_model(store, embedder)
        known = store.sources()
        tally = _Tally()
        changed = _changed(discovery, known, tally, progress)
        if dry_run:
            for document, _ in changed:
                tally.count(document.id, known)
            gone = _gone(known, tally, discovery) if prune else []
            return _report(store, tally, discovery, len(gone), started)
        for batch in _batched(_extracted(changed, tally, workers), _BATCH):
            store.put_sources(batch)
            for source in batch:
                tally.count(source.document.id, known)
        gone = _gone(known, tally, discovery) if prune else []
        store.drop_sources(gone)
        store.put_setting("embedding_model", embedder.name)
        store.put_setting("roots", json.dumps(_roots(store) | discovery.homes, sort_keys=True))
        publish(store, embedder, catalogue, progress=progress)
        return _report(store, tally, discovery, len(gone), started)


def publish(
    store: GraphStore,
    embedder: Embedder,
    catalogue: Catalogue,
    *,
    progress: Progress = silent,
) -> int:
    """Fold all claims in the store, embed what has no vector yet, publish, and return the revision.

    Does nothing where the graph that readers see was folded from the very same claims and catalogue.
    """
    state = _state(store.sources(), catalogue, embedder.name)
    if store.setting("folded_from") == state:
        return store.revision()
    graph = fold(store.read_sources(), catalogue, step=lambda stage: progress(stage, 0, 0))
    texts = _texts(graph)
    keys = {owner: vector_key(embedder.name, text) for owner, text in texts.items()}
    _embed(store, embedder, {keys[owner]: text for owner, text in texts.items()}, progress)
    progress("publishing", 0, 0)
    revision = store.publish(graph, keys)
    store.put_setting("folded_from", state)
    return revision


# --- which documents


def _same_model(store: GraphStore, embedder: Embedder) -> None:
    made_with = store.setting("embedding_model")
    if made_with is not None and made_with != embedder.name:
        raise StoreMismatchError(
            f"this graph's vectors are of {made_with!r}, not {embedder.name!r}; "
            "set KG_EMBEDDING_MODEL to it, or ingest into a new store"
        )


def _roots(store: GraphStore) -> dict[str, str]:
    """Return what each root's label stands for, as earlier runs left it."""
    roots: dict[str, str] = json.loads(store.setting("roots") or "{}")
    return roots


def _changed(
    discovery: Discovery, known: Mapping[str, SourceState], tally: _Tally, progress: Progress
) -> Iterator[tuple[Document, bytes]]:
    """Yield documents whose content or extractor is new, and count the others."""
    for done, found in enumerate(discovery):
        if isinstance(found, Failure):
            tally.failures.append(found)
            root, _, path = found.path.partition("/")
            tally.seen.add(content_id("d", root, path))  # unreadable now is not gone
            continue
        progress("reading", done, 0)
        document_id = content_id("d", found.root, found.path)
        tally.seen.add(document_id)
        data = _read(found, tally)
        if data is None:
            continue
        content_hash = hashlib.sha256(data).hexdigest()
        before = known.get(document_id)
        if (
            before
            and before.document.content_hash == content_hash
            and before.fingerprint == EXTRACTOR_VERSION
        ):
            tally.unchanged += 1
            continue
        yield Document(root=found.root, path=found.path, title="", content_hash=content_hash), data


def _read(found: Found, tally: _Tally) -> bytes | None:
    try:
        return found.read()
    except LoadError as error:
        tally.failures.append(Failure(path=f"{found.root}/{found.path}", reason=str(error)))
        return None


def _gone(known: Mapping[str, SourceState], tally: _Tally, discovery: Discovery) -> list[str]:
    return [
        document_id
        for document_id, state in known.items()
        if document_id not in tally.seen
        and state.document.origin is Origin.MATERIAL
        and any(scope.covers(state.document.root, state.document.path) for scope in discovery.scopes)
    ]


def _report(
    store: GraphStore, tally: _Tally, discovery: Discovery, removed: int, started: float
) -> IngestReport:
    counts = store.counts()
    return IngestReport(
        documents=DocumentCounts(
            added=tally.added,
            changed=tally.changed,
            unchanged=tally.unchanged,
            removed=removed,
            failed=len(tally.failures),
        ),
        passages=counts.passages,
        entities=counts.entities,
        relations=counts.relations,
        seconds=round(time.monotonic() - started, 3),
        failures=tuple(sorted(tally.failures, key=lambda failure: (failure.path, failure.reason))),
        warnings=tuple(tally.warnings),
        skipped=discovery.skipped,
    )


# --- reading them


@dataclass(frozen=True, slots=True)
class _Unreadable:
    path: str
    reason: str


def read_document(document: Document, data: bytes) -> tuple[Source, tuple[str, ...]] | _Unreadable:
    """Load and extract one document; runs in a worker process, so a bad file comes back as a value."""
    try:
        loaded = load(document.path, data)
        titled = replace(document, title=loaded.title)
        return extract(titled, loaded), loaded.warnings
    except LoadError as error:
        return _Unreadable(f"{document.root}/{document.path}", str(error))
    except Exception as error:  # noqa: BLE001 - a fault of ours with one file must not cost the others
        _LOG.exception("cannot read %s", document.path)
        reason = f"guidegraph failed on it ({type(error).__name__}: {error}); please report it"
        return _Unreadable(f"{document.root}/{document.path}", reason)


def _extracted(changed: Iterator[tuple[Document, bytes]], tally: _Tally, workers: int) -> Iterator[Source]:
    """Yield what each changed document claims: a few in this process, many in a pool of them."""
    first = list(islice(changed, _ALONE + 1))
    if workers == 1 or len(first) <= _ALONE:
        for document, data in chain(first, changed):
            yield from _outcome(read_document(document, data), tally)
        return
    # Forked children would inherit locks of the embedding library's threads; fresh ones do not.
    with ProcessPoolExecutor(workers or None, mp_context=get_context("spawn")) as pool:
        ahead = _WINDOW * (workers or get_context().cpu_count())
        try:
            for outcome in _in_order(pool, chain(first, changed), ahead):
                yield from _outcome(outcome, tally)
        except BrokenProcessPool as error:
            raise KGError(
                "a worker process died, perhaps for want of memory; what was read is kept: "
                "run again, with --workers 1 if it happens twice"
            ) from error
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


_Outcome = tuple[Source, tuple[str, ...]] | _Unreadable


def _in_order(pool: Executor, jobs: Iterator[tuple[Document, bytes]], ahead: int) -> Iterator[_Outcome]:
    waiting: list[Future[_Outcome]] = []
    for document, data in jobs:
        waiting.append(pool.submit(read_document, document, data))
        if len(waiting) >= ahead:
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()


def _outcome(outcome: _Outcome, tally: _Tally) -> Iterator[Source]:
    if isinstance(outcome, _Unreadable):
        tally.failures.append(Failure(path=outcome.path, reason=outcome.reason))
        return
    source, warnings = outcome
    tally.warnings.extend(
        Failure(path=f"{source.document.root}/{source.document.path}", reason=warning) for warning in warnings
    )
    yield source


def _batched(sources: Iterator[Source], size: int) -> Iterator[list[Source]]:
    while batch := list(islice(sources, size)):
        yield batch


# --- vectors


def _texts(graph: Graph) -> dict[str, str]:
    """Return the text to embed for each entity and each passage of the material."""
    catalogue = {document.id for document in graph.documents if document.origin is Origin.CATALOGUE}
    texts = {
        passage.id: embedding_text(passage)
        for passage in graph.passages
        if passage.document_id not in catalogue
    }
    texts.update((entity.id, _entity_text(entity)) for entity in graph.entities)
    return texts


def _entity_text(entity: Entity) -> str:
    names = ", ".join((entity.name, *entity.aliases))
    return f"{names}: {entity.description}" if entity.description else names


def _embed(store: GraphStore, embedder: Embedder, texts: Mapping[str, str], progress: Progress) -> None:
    missing = sorted(store.missing_vectors(texts), key=lambda key: (len(texts[key]), key))
    for start in range(0, len(missing), _EMBED):
        progress("embedding", start, len(missing))
        keys = missing[start : start + _EMBED]
        vectors = embedder.encode([texts[key] for key in keys])
        store.put_vectors(dict(zip(keys, vectors, strict=True)))


def _state(known: Mapping[str, SourceState], catalogue: Catalogue, model: str) -> str:
    """Return a hash of all that the graph is folded from."""
    digest = hashlib.sha256(f"{FOLD_VERSION}\0{catalogue.digest}\0{model}".encode())
    for document_id in sorted(known):
        state = known[document_id]
        digest.update(f"{document_id}{state.document.content_hash}{state.fingerprint}".encode())
    return digest.hexdigest()
