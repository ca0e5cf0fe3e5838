"""A Dask cluster as executor: documents and texts go to its workers, claims and vectors stream back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from extract.executor import FILE_TIMEOUT_S, LocalExecutor, Read, Unread, vectors_of
from extract.fingerprint import extractor_version
from extract.found import Failure
from kg.embed import Embedder
from kg.errors import KGError

if TYPE_CHECKING:
    from distributed import Client, Future

_CONNECT_S = 30.0
_IDLE_S = 60.0  # longest wait for a worker where none is left
_POLL_S = 5.0  # between two looks at whether any is
_AHEAD = 2  # jobs for each thread of the workers: one to do, one to find there when it is done
_MAX_BYTES = 256 * 1024 * 1024  # of documents under way, which the scheduler holds as well

Job = TypeVar("Job")


class ClusterError(KGError):
    """The cluster cannot be reached, is lost, or is of another version; the text says what to do."""

    code = "CLUSTER_UNAVAILABLE"


class ClusterExecutor:
    """The workers of a Dask cluster; use it in a ``with`` statement, which connects.

    Workers need what this machine has installed, and nothing of its disks: a file's bytes go with the task.
    When one dies, Dask gives its tasks to others, up to the scheduler's ``allowed-failures`` times.
    """

    def __init__(self, address: str, *, file_timeout_s: float = FILE_TIMEOUT_S) -> None:
        """Connect to nothing yet.

        Args:
            address: of the scheduler, such as ``tcp://scheduler:8786``.
            file_timeout_s: seconds that a file may take, and as many again for every megabyte.
        """
        self._address = address
        self._file_timeout_s = file_timeout_s
        self._connected: Client | None = None

    def __enter__(self) -> ClusterExecutor:
        """Connect.

        Raises:
            ClusterError: ``distributed`` is missing, nobody answers, there is no worker, or one of
                another version.
        """
        self._connected = _connect(self._address)
        try:
            self._check_workers()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connected is not None:
            self._connected.close()
            self._connected = None

    def read(self, documents: Iterable[Unread]) -> Iterator[Read | Failure]:
        """See ``Executor.read``."""
        for unread, outcome in self._run(
            documents,
            task=lambda unread: (read_here, unread, self._file_timeout_s),
            size=lambda unread: len(unread.data),
        ):
            if isinstance(outcome, Exception):
                yield Failure(path=unread.path, reason=f"each worker that read it died ({outcome})")
                continue
            if isinstance(outcome, Read):
                # A worker may have come after all were checked.
                self._same_version({outcome.source.fingerprint})
            yield outcome

    def prepare(self, embedder: Embedder) -> None:
        """Do nothing: each worker loads the model with its first texts, and until then it reads."""

    def embed(
        self, embedder: Embedder, batches: Iterable[Mapping[str, str]]
    ) -> Iterator[dict[str, np.ndarray]]:
        """See ``Executor.embed``."""
        for _, vectors in self._run(batches, task=lambda texts: (embed_here, embedder, texts)):
            if isinstance(vectors, Exception):
                raise ClusterError(f"each worker that was to embed died ({vectors}); run again to go on")
            yield vectors

    # --- the workers

    @property
    def _client(self) -> Client:
        if self._connected is None:
            raise RuntimeError("used outside of its with statement")
        return self._connected

    def _check_workers(self) -> None:
        with self._speaking():
            try:
                self._client.wait_for_workers(1, timeout=_CONNECT_S)
            except TimeoutError as error:
                raise ClusterError(f"the scheduler {self._address} has no workers; start some") from error
            answers = self._client.run(extractor_version, on_error="return").values()
        for answer in answers:
            if isinstance(answer, Exception):
                raise ClusterError(
                    f"workers of {self._address} lack guidegraph, or this version of it ({answer}): "
                    "install the same on all"
                )
        self._same_version(set(answers))

    def _same_version(self, versions: set[str]) -> None:
        if versions - {extractor_version()}:
            raise ClusterError(
                f"workers of {self._address} read documents by another version of guidegraph or of its "
                "libraries than this machine; install the same on all, and run again"
            )

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """Translate what distributed raises when the scheduler is gone."""
        from distributed import CancelledError
        from distributed.client import ClosedClientError

        try:
            yield
        except (CancelledError, ClosedClientError, OSError) as error:
            raise ClusterError(
                f"the scheduler {self._address} was lost; what was stored is kept: run again to go on"
            ) from error

    # --- tasks

    def _run(
        self,
        jobs: Iterable[Job],
        *,
        task: Callable[[Job], tuple[Any, ...]],
        size: Callable[[Job], int] = lambda _: 0,
    ) -> Iterator[tuple[Job, Any]]:
        """Yield each job with its result, or with the error that it ended in because workers died."""
        left = iter(jobs)
        running: dict[Future[Any], Job] = {}
        done: list[tuple[Job, Any]] = []
        try:
            while True:
                with self._speaking():
                    most = _AHEAD * sum(self._client.nthreads().values())
                while len(running) < max(1, most) and sum(map(size, running.values())) < _MAX_BYTES:
                    try:
                        job = next(left)
                    except StopIteration:
                        break
                    running[self._submit(task(job))] = job
                yield from done  # after handing out: what the caller does with them delays nobody
                if not running:
                    return
                with self._speaking():
                    finished = self._finished(list(running))
                    done = [(running.pop(future), _result(future)) for future in finished]
        finally:
            # Not run to its end: nobody waits for the rest.
            if running and self._client.status == "running":
                with self._speaking():
                    self._client.cancel(list(running))

    def _submit(self, task: tuple[Any, ...]) -> Future[Any]:
        import dask

        # A file's bytes are many for a task, which Dask would warn of.
        with self._speaking(), dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}):
            return self._client.submit(*task, pure=False)

    def _finished(self, running: Sequence[Future[Any]]) -> Sequence[Future[Any]]:
        """Wait until some are done, for as long as there is a worker."""
        from distributed import wait

        alone_since = time.monotonic()
        with self._client.as_current():
            while True:
                try:
                    return list(wait(running, timeout=_POLL_S, return_when="FIRST_COMPLETED").done)
                except TimeoutError:
                    if self._client.nthreads():
                        alone_since = time.monotonic()
                    elif time.monotonic() - alone_since > _IDLE_S:
                        raise ClusterError(
                            f"the scheduler {self._address} has no workers left; "
                            "what was stored is kept: start some and run again to go on"
                        ) from None


def _connect(address: str) -> Client:
    try:
        from distributed import Client
    except ImportError as error:
        raise ClusterError(
            'a cluster needs the extra "cluster": pip install "guidegraph[cluster]"'
        ) from error
    try:
        return Client(address, timeout=_CONNECT_S, set_as_default=False, name="guidegraph")
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"no Dask scheduler answers at {address!r}; its address is like tcp://scheduler:8786"
        ) from error


def _result(future: Future[Any]) -> Any:
    """Return what a task gave, or the error that Dask gives where workers died of it."""
    from distributed import KilledWorker

    if future.status != "error":
        return future.result()
    error = future.exception()
    if isinstance(error, KilledWorker):
        return error
    if isinstance(error, KGError):
        raise error
    raise ClusterError(f"a worker of the cluster failed ({type(error).__name__}: {error})") from error


# --- within a worker


class _Readers(threading.local):
    """For each thread of a worker a process beside it, which can be killed as one of this machine can."""

    def __init__(self) -> None:
        self.by_timeout: dict[float, LocalExecutor] = {}


_READERS = _Readers()
_EMBEDDERS: dict[str, Embedder] = {}  # the model is loaded once for each worker


def read_here(unread: Unread, file_timeout_s: float) -> Read | Failure:
    """Read a document on the worker that this is called on."""
    fresh = LocalExecutor(workers=1, file_timeout_s=file_timeout_s)
    (outcome,) = _READERS.by_timeout.setdefault(file_timeout_s, fresh).read([unread])
    return outcome


def embed_here(embedder: Embedder, texts: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Embed texts on the worker that this is called on."""
    return vectors_of(_EMBEDDERS.setdefault(embedder.name, embedder), texts)
