"""Copying all that a store holds into another one, of the same engine or of the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from kg.errors import InvalidInputError, StoreBusyError
from kg.store import GraphStore, SourceState

T = TypeVar("T")
Progress = Callable[[str, int, int], None]

_COPY_OF = "copy_of"
"""Setting of a store that is becoming a copy: the address of the original. A finished copy has it no more."""

_SOURCES = 32  # written in one transaction: what a sudden death can cost
_VECTORS = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """What a copy holds now, and how much of it was written to make it one."""

    documents: int  # read, the catalogue's not among them
    documents_written: int
    passages: int
    entities: int
    relations: int
    vectors: int
    vectors_written: int
    revision: int  # of the copy, which counts its own publications
    seconds: float


@dataclass(frozen=True, slots=True)
class _State:
    """All that tells whether a store has changed, and whether two hold the same."""

    revision: int
    sources: Mapping[str, SourceState]
    settings: Mapping[str, str]

    def same_graph(self, other: _State) -> bool:
        """Whether both were made of the same documents, by the same extractor, model and catalogue."""
        return (self.sources, self.settings) == (other.sources, other.settings)


def migrate(
    source: GraphStore,
    target: GraphStore,
    *,
    origin: str,
    replace: bool = False,
    progress: Progress = lambda _stage, _done, _total: None,
) -> Migration:
    """Make ``target`` hold all that ``source`` does: documents with their claims, vectors, graph, settings.

    Documents and vectors go over some at a time; the published graph is held in memory once, as for an
    ingest. Readers of ``target`` see what they saw until the new graph is published whole. What was
    written before an interruption is not written again.

    Args:
        source: only read.
        target: empty, an unfinished copy of ``origin``, or its equal already.
        origin: address of ``source``, by which an unfinished copy knows its original.
        replace: whether ``target`` may hold another graph, which is overwritten where it differs.
        progress: told the stage, how much of it is done, and of how much; 0 where that is not known.

    Raises:
        InvalidInputError: ``target`` holds another graph, and not ``replace``.
        StoreBusyError: ``source`` changed meanwhile, or someone else is building in ``target``.
    """
    started = time.monotonic()
    with target.build_lock():
        before = _state(source)
        _require_room(before, _state(target), target.setting(_COPY_OF), origin, replace=replace)
        target.put_setting(_COPY_OF, origin)
        documents = _copy_sources(source, before, target, progress)
        vectors, vectors_written = _copy_graph(source, before, target, progress)
        if _state(source) != before:
            raise StoreBusyError(
                f"{origin} changed while it was copied: run this again, which writes what is missing"
            )
        _copy_settings(before, target)
        target.put_setting(_COPY_OF, None)
        counts = target.counts()
        return Migration(
            documents=len(before.sources),
            documents_written=documents,
            passages=counts.passages,
            entities=counts.entities,
            relations=counts.relations,
            vectors=vectors,
            vectors_written=vectors_written,
            revision=target.revision(),
            seconds=round(time.monotonic() - started, 3),
        )


def _state(store: GraphStore) -> _State:
    settings = store.settings()
    settings.pop(_COPY_OF, None)
    return _State(store.revision(), store.sources(), settings)


def _require_room(
    source: _State, target: _State, unfinished: str | None, origin: str, *, replace: bool
) -> None:
    if replace or unfinished == origin or not (target.sources or target.revision):
        return
    if unfinished is not None:
        raise InvalidInputError(
            f"the target is an unfinished copy of {unfinished}: finish that one, choose an empty store, "
            "or use --replace to overwrite it"
        )
    if not source.same_graph(target):
        raise InvalidInputError(
            f"the target holds another graph ({len(target.sources)} documents, revision {target.revision}): "
            "choose an empty store, or use --replace to overwrite it"
        )


def _copy_sources(source: GraphStore, state: _State, target: GraphStore, progress: Progress) -> int:
    """Bring the documents of ``target`` to those of ``state``; return how many were written."""
    there = target.sources()
    target.drop_sources([id_ for id_ in there if id_ not in state.sources])
    missing = {id_ for id_, of in state.sources.items() if there.get(id_) != of}
    found = (one for one in source.read_sources() if one.document.id in missing) if missing else ()
    done = 0
    for batch in _batches(found, _SOURCES):
        progress("documents", done, len(missing))
        target.put_sources(batch)
        done += len(batch)
    return done


def _copy_graph(source: GraphStore, state: _State, target: GraphStore, progress: Progress) -> tuple[int, int]:
    """Publish the graph of ``source`` in ``target``; return how many vectors it has and how many were new."""
    if not state.revision:
        return 0, 0
    progress("reading the graph", 0, 0)
    graph, vector_keys = source.read_graph()
    keys = sorted(set(vector_keys.values()))
    done = written = 0
    for batch in _batches(keys, _VECTORS):
        progress("vectors", done, len(keys))
        if missing := target.missing_vectors(batch):
            found = source.read_vectors(missing)
            target.put_vectors(found)
            written += len(found)
        done += len(batch)
    progress("publishing", 0, 0)
    target.publish(graph, vector_keys)
    return len(keys), written


def _copy_settings(state: _State, target: GraphStore) -> None:
    known = target.settings()
    known.pop(_COPY_OF, None)
    for name in known.keys() - state.settings.keys():
        target.put_setting(name, None)
    for name, value in state.settings.items():
        if known.get(name) != value:
            target.put_setting(name, value)


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
