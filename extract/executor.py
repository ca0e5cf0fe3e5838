"""Where documents are read and texts embedded: one small protocol, and the processes of this machine."""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import SimpleNamespace, TracebackType
from typing import Protocol

import msgspec
import numpy as np

from extract.claims import extract, pipeline
from extract.content import LoadError
from extract.found import Failure
from extract.load import load
from extract.processes import Died, Overdue, Processes
from kg.embed import Embedder
from kg.errors import KGError
from kg.model import Document, Source

FILE_TIMEOUT_S = 60.0

_LOG = logging.getLogger(__name__)
_MB = 1024 * 1024
_IDLE_S = 10.0  # a reader holds some hundred megabytes, which nobody needs while the graph is folded


@dataclass(frozen=True, slots=True)
class Unread:
    """A document to read: what is known of it, and its bytes."""

    document: Document  # still without a title
    data: bytes

    @property
    def path(self) -> str:
        """The document's path as failures name it."""
        return f"{self.document.root}/{self.document.path}"


@dataclass(frozen=True, slots=True)
class Read:
    """What a document claims, and what its loader found worth a warning."""

    source: Source
    warnings: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Callable[[bytes, tuple[str, ...]], Read], tuple[bytes, tuple[str, ...]]]:
        # Of a source's thousand claims pickle makes and takes each by calls of ours, msgspec in C; one
        # process takes what all readers make.
        return _read_from, (msgspec.msgpack.encode(self.source), self.warnings)


def _read_from(source: bytes, warnings: tuple[str, ...]) -> Read:
    return Read(msgspec.msgpack.decode(source, type=Source), warnings)


class Executor(Protocol):
    """Reads documents and embeds texts, somewhere.

    Both come back as they are done, in no certain order. What is given is asked for only as far as there
    are hands to work on it, and what is done is not run ahead of who takes it: memory holds little of either.
    """

    def read(self, documents: Iterable[Unread]) -> Iterator[Read | Failure]:
        """Yield what each document claims, or why it cannot be read."""

    def prepare(self, embedder: Embedder) -> None:
        """Begin to load the embedding model, beside other work: there will be texts to embed."""

    def embed(
        self, embedder: Embedder, batches: Iterable[Mapping[str, str]]
    ) -> Iterator[dict[str, np.ndarray]]:
        """Yield the vectors of each batch of texts, by the texts' keys.

        Raises:
            KGError: the model cannot be loaded.
        """


class LocalExecutor:
    """Processes of this machine: several that read, one that embeds; use it in a ``with`` statement.

    A file that takes too long, or that a process dies of twice, is a failure; its process is replaced.
    """

    def __init__(self, *, workers: int = 0, file_timeout_s: float = FILE_TIMEOUT_S) -> None:
        """Start nothing yet.

        Args:
            workers: processes that read; 0 takes one for each processor.
            file_timeout_s: seconds that a file may take, and as many again for every megabyte.
        """
        self._readers: Processes[Unread, Read | Failure] = Processes(
            read_document,
            most=workers or os.cpu_count() or 1,
            prepare=prepare_reader,
            budget_s=lambda unread: file_timeout_s * (1 + len(unread.data) / _MB),
            idle_s=_IDLE_S,
        )
        self._embedding: tuple[str, Processes[Mapping[str, str], dict[str, np.ndarray]]] | None = None

    def __enter__(self) -> LocalExecutor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._readers.close()
        if self._embedding:
            self._embedding[1].close()

    def read(self, documents: Iterable[Unread]) -> Iterator[Read | Failure]:
        """See ``Executor.read``."""
        for unread, outcome in self._readers.run(documents):
            match outcome:
                case Overdue(seconds):
                    reason = f"not read within {seconds:.0f} s; KG_FILE_TIMEOUT_S gives it longer"
                    yield Failure(path=unread.path, reason=reason)
                case Died(how):
                    reason = f"the process that read it died twice, {how}, perhaps for want of memory"
                    yield Failure(path=unread.path, reason=reason)
                case _:
                    yield outcome

    def prepare(self, embedder: Embedder) -> None:
        """See ``Executor.prepare``."""
        self._embedding_by(embedder).start()

    def embed(
        self, embedder: Embedder, batches: Iterable[Mapping[str, str]]
    ) -> Iterator[dict[str, np.ndarray]]:
        """See ``Executor.embed``."""
        for _, vectors in self._embedding_by(embedder).run(batches):
            if not isinstance(vectors, dict):
                raise KGError(
                    "the process that embeds died twice, perhaps for want of memory; "
                    "what was done is kept: run again"
                )
            yield vectors

    def _embedding_by(self, embedder: Embedder) -> Processes[Mapping[str, str], dict[str, np.ndarray]]:
        # In a process of its own the model loads while this one folds, which in a thread takes turns with it;
        # one is enough, as it fills all processors.
        if self._embedding is None or self._embedding[0] != embedder.name:
            if self._embedding:
                self._embedding[1].close()
            encode = partial(vectors_of, embedder)
            self._embedding = embedder.name, Processes(encode, most=1, prepare=partial(encode, {}))
        return self._embedding[1]


def prepare_reader() -> None:
    """Load what reading needs, in a process that does nothing else."""
    # spaCy imports PyTorch where it finds it, and its own command line always. Nothing here uses them, and a
    # reader starts in half the time and a third of the memory without; None is how Python notes that a module
    # is not to be had.
    sys.modules.setdefault("torch", None)  # type: ignore[arg-type]
    sys.modules.setdefault("spacy.cli.info", SimpleNamespace(info=None))  # type: ignore[arg-type]
    pipeline()
    gc.freeze()  # the models stay: the collector need not go through them again and again


def read_document(unread: Unread) -> Read | Failure:
    """Load and extract one document; a bad one gives its failure as a value, as it may happen elsewhere."""
    document = unread.document
    try:
        loaded = load(document.path, unread.data)
        return Read(extract(replace(document, title=loaded.title), loaded), loaded.warnings)
    except LoadError as error:
        return Failure(path=unread.path, reason=str(error))
    except Exception as error:  # noqa: BLE001 - a fault of ours with one file must not cost the others
        _LOG.exception("cannot read %s", document.path)
        reason = f"guidegraph failed on it ({type(error).__name__}: {error}); please report it"
        return Failure(path=unread.path, reason=reason)


def vectors_of(embedder: Embedder, texts: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Return the vector of each text, by its key."""
    return dict(zip(texts, embedder.encode(list(texts.values())), strict=True))
