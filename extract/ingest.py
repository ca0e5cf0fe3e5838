"""From paths to a published graph: read what changed, and publish what all claims make."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from itertools import chain

from extract.catalogue import Catalogue
from extract.content import LoadError
from extract.discover import Discovery, discover
from extract.executor import Executor, Unread
from extract.fingerprint import extractor_version
from extract.found import Failure, Found
from extract.llm.reader import ModelReader, is_of_model, rules_of
from extract.publish import publish
from extract.report import IngestReport, Progress, Tally, silent
from kg.embed import Embedder
from kg.errors import StoreMismatchError
from kg.model import Document, Origin, Source
from kg.names import content_id
from kg.store import GraphStore

_CLAIMS_LOST = (
    "changed, and read without the language model that had read it before: the model's claims are gone; "
    "set KG_LLM_URL and KG_LLM_MODEL and run again to have them back"
)
_BATCH = 32  # documents written in one transaction: what a sudden death can cost


def ingest(
    store: GraphStore,
    embedder: Embedder,
    paths: Sequence[str],
    *,
    catalogue: Catalogue,
    executor: Executor,
    model: ModelReader | None = None,
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
        executor: where documents are read and texts embedded; which one makes no difference to the graph.
        model: reads each passage beside the rules, where there is one. Without it, unchanged documents keep
            the claims that a model made earlier, and changed ones lose them with a warning.
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
        tally = Tally(store.sources())
        changed = _changed(discovery, tally, model, progress)
        if dry_run:
            for unread in changed:
                tally.count(unread.document.id)
            gone = _gone(tally, discovery) if prune else []
            return _report(store, tally, discovery, model, len(gone), started)
        _read(store, embedder, executor, model, changed, tally)
        gone = _gone(tally, discovery) if prune else []
        store.drop_sources(gone)
        store.put_setting("embedding_model", embedder.name)
        store.put_setting("roots", json.dumps(_roots(store) | discovery.homes, sort_keys=True))
        publish(store, embedder, catalogue, executor=executor, progress=progress)
        return _report(store, tally, discovery, model, len(gone), started)


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


# --- which documents


def _changed(
    discovery: Discovery, tally: Tally, model: ModelReader | None, progress: Progress
) -> Iterator[Unread]:
    """Yield documents whose content, extractor or language model is new, and count the others."""
    for done, found in enumerate(discovery):
        if isinstance(found, Failure):
            tally.failures.append(found)
            root, _, path = found.path.partition("/")
            tally.seen.add(content_id("d", root, path))  # unreadable now is not gone
            continue
        progress("reading", done, 0)
        document_id = content_id("d", found.root, found.path)
        tally.seen.add(document_id)
        data = _bytes(found, tally)
        if data is None:
            continue
        content_hash = hashlib.sha256(data).hexdigest()
        document = Document(root=found.root, path=found.path, title="", content_hash=content_hash)
        unread = Unread(document, data)
        if _is_to_be_read(unread, model, tally):
            yield unread


def _is_to_be_read(unread: Unread, model: ModelReader | None, tally: Tally) -> bool:
    """Whether a document's content, extractor or language model is new; if not, it is counted."""
    before = tally.known.get(unread.document.id)
    if before is None:
        return True
    same = before.document.content_hash == unread.document.content_hash
    if not (same and rules_of(before.fingerprint) == extractor_version()):
        if model is None and is_of_model(before.fingerprint):
            tally.warnings.append(Failure(path=unread.path, reason=_CLAIMS_LOST))
        return True
    waiting_for = model if model and not model.has_read(before.fingerprint) else None
    if waiting_for and not waiting_for.stopped:
        return True
    tally.left_by_model += waiting_for is not None
    tally.unchanged += 1
    return False


def _bytes(found: Found, tally: Tally) -> bytes | None:
    try:
        return found.read()
    except LoadError as error:
        tally.failures.append(Failure(path=f"{found.root}/{found.path}", reason=str(error)))
        return None


def _gone(tally: Tally, discovery: Discovery) -> list[str]:
    return [
        document_id
        for document_id, state in tally.known.items()
        if document_id not in tally.seen
        and state.document.origin is Origin.MATERIAL
        and any(scope.covers(state.document.root, state.document.path) for scope in discovery.scopes)
    ]


# --- reading them


def _read(
    store: GraphStore,
    embedder: Embedder,
    executor: Executor,
    model: ModelReader | None,
    changed: Iterator[Unread],
    tally: Tally,
) -> None:
    """Store what each changed document claims, some at a time."""
    first = next(changed, None)
    if first is None:
        return
    executor.prepare(embedder)
    batch: list[Source] = []
    try:
        sources = _sources(executor, chain([first], changed), tally)
        for source in model.read(sources) if model else sources:
            if model and model.stopped and _is_worth_less(source, model, tally):
                tally.unchanged += 1
                continue
            tally.count(source.document.id)
            batch.append(source)
            if len(batch) == _BATCH:
                store.put_sources(batch)
                batch = []
    finally:
        # Also where reading ends before its time: what was read need not be read again.
        store.put_sources(batch)


def _is_worth_less(source: Source, model: ModelReader, tally: Tally) -> bool:
    """Whether the same document has claims of a model already, and this one has not read all of it."""
    before = tally.known.get(source.document.id)
    return (
        before is not None
        and is_of_model(before.fingerprint)
        and before.document.content_hash == source.document.content_hash
        and rules_of(before.fingerprint) == rules_of(source.fingerprint)
        and not model.has_read(source.fingerprint)
    )


def _sources(executor: Executor, changed: Iterator[Unread], tally: Tally) -> Iterator[Source]:
    for outcome in executor.read(changed):
        if isinstance(outcome, Failure):
            tally.failures.append(outcome)
            continue
        document = outcome.source.document
        path = f"{document.root}/{document.path}"
        tally.warnings.extend(Failure(path=path, reason=warning) for warning in outcome.warnings)
        yield outcome.source


def _report(
    store: GraphStore,
    tally: Tally,
    discovery: Discovery,
    model: ModelReader | None,
    removed: int,
    started: float,
) -> IngestReport:
    counts = store.counts()
    return IngestReport(
        documents=tally.counts(removed),
        passages=counts.passages,
        entities=counts.entities,
        relations=counts.relations,
        seconds=round(time.monotonic() - started, 3),
        failures=_sorted(tally.failures),
        warnings=_sorted([*tally.warnings, *discovery.passed_over]),
        skipped=discovery.skipped,
        model=model.report(tally.left_by_model) if model else None,
    )


def _sorted(failures: Sequence[Failure]) -> tuple[Failure, ...]:
    return tuple(sorted(failures, key=lambda failure: (failure.path, failure.reason)))
