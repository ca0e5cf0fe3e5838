"""Processes that can be killed one by one: a job that hangs or crashes costs itself, and no other job."""

from __future__ import annotations

import ctypes
import math
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from multiprocessing.connection import Connection, Pipe, wait
from types import TracebackType
from typing import Any, Generic, TypeVar

from kg.errors import KGError

Job = TypeVar("Job")
Result = TypeVar("Result")

_TRIES = 2  # a process may die of something else than its job, such as another process's hunger for memory
_STARTS = 3  # processes in a row that die before they are ready: a fault of the installation, not of a job
_LAST_WORDS_S = 1.0  # from the end of a process's pipe to its own
_RENEWED_AFTER = 5_000  # jobs; spaCy's vocabulary keeps every word: 25 MB for a thousand notes, measured
_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
_MAIN = "import sys; sys.path[:] = sys.argv[2:]; from extract.processes import serve; serve(int(sys.argv[1]))"


@dataclass(frozen=True, slots=True)
class Overdue:
    """A job that took longer than it was given; its process was killed."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Died:
    """A job whose process died each time that it was tried."""

    how: str  # "by SIGKILL", "with exit code 1"


def unlimited(_: object) -> float:
    """Give any job all the time it takes."""
    return math.inf


class Processes(Generic[Job, Result]):
    """Processes that call one function on jobs, one job each at a time; use it in a ``with`` statement.

    They are started when there is work, stay for more of it, and end with this process, however it ends.
    Of what the standard library and others offer, nothing survives the death of any one worker: the pool of
    ``concurrent.futures`` is broken by it, and where the workers share a pipe and its lock, one that is
    killed while it writes takes the lock along. Here each has a pipe of its own.
    """

    def __init__(
        self,
        work: Callable[[Job], Result],
        *,
        most: int,
        prepare: Callable[[], object] | None = None,
        budget_s: Callable[[Job], float] = unlimited,
        idle_s: float | None = None,
    ) -> None:
        """Start nothing yet.

        Args:
            work: what is done with a job; it and its jobs and results are pickled.
            most: processes at a time.
            prepare: called once by each process before its first job, such as to load a model.
            budget_s: seconds that a job may take.
            idle_s: seconds without a job after which a process ends and gives its memory back; None: never.
        """
        # Pickled together: what both hold on to, such as a model, is one object over there as well.
        self._first_message = pickle.dumps((work, prepare, idle_s))
        self._most = most
        self._budget_s = budget_s
        self._processes: list[_Process] = []
        self._failed_starts = 0
        self._started = 0

    def __enter__(self) -> Processes[Job, Result]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill all; closing twice is harmless."""
        while self._processes:
            self._processes.pop().end()

    def start(self) -> None:
        """Start one process ahead of its first job, where there is none."""
        if not self._processes:
            self._start_one()

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Result | Overdue | Died]]:
        """Yield each job with what became of it, as they are done.

        ``jobs`` is asked for as many as there may be processes ahead, so that memory holds no more.

        Raises:
            KGError: no process can be started.
            Exception: what ``prepare`` or the function raised.
        """
        fresh = (_Task(job) for job in jobs)
        queue: deque[_Task[Job]] = deque()
        done: list[tuple[Job, Result | Overdue | Died]] = []
        try:
            while True:
                queue.extend(islice(fresh, max(0, self._most - len(queue))))
                self._hand_out(queue)
                yield from done  # after handing out: what the caller does with them delays nobody
                done.clear()
                if not queue and all(process.task is None for process in self._processes):
                    return
                self._collect(queue, done)
        finally:
            # Not run to its end: what the busy ones still bring is for nobody.
            for process in [process for process in self._processes if process.task]:
                self._end(process)

    def _hand_out(self, queue: deque[_Task[Job]]) -> None:
        for process in list(self._processes):
            if queue and process.is_ready and process.task is None:
                if process.number <= queue[0].newest_then:
                    # It may be dying too, of what the other died of: a job is tried again in one that was
                    # started after that.
                    self._end(process)
                    continue
                task = queue.popleft()
                try:
                    process.give(task, self._budget_s(task.job))
                except OSError:  # died while it had nothing to do
                    self._end(process)
                    queue.appendleft(task)
        starting = sum(not process.is_ready for process in self._processes)
        for _ in range(min(len(queue) - starting, self._most - len(self._processes))):
            self._start_one()

    def _start_one(self) -> None:
        self._started += 1
        self._processes.append(_Process(self._first_message, self._started))

    def _collect(self, queue: deque[_Task[Job]], done: list[tuple[Job, Result | Overdue | Died]]) -> None:
        """Wait until something happens, and note it."""
        soonest = min(process.deadline for process in self._processes)
        timeout = None if math.isinf(soonest) else max(0.0, soonest - time.monotonic())
        heard = set(wait([process.connection for process in self._processes], timeout))
        for process in list(self._processes):
            task = process.task
            if process.connection in heard:
                try:
                    succeeded, value = process.connection.recv()
                except (EOFError, OSError):
                    self._mourn(process, queue, done)
                    continue
                if not succeeded:
                    self._end(process)
                    raise value
                self._failed_starts = 0
                process.finish()
                if task is not None:
                    done.append((task.job, value))
                if process.jobs >= _RENEWED_AFTER:
                    self._end(process)
            elif task is not None and process.deadline <= time.monotonic():
                self._end(process)
                done.append((task.job, Overdue(self._budget_s(task.job))))

    def _mourn(
        self,
        process: _Process,
        queue: deque[_Task[Job]],
        done: list[tuple[Job, Result | Overdue | Died]],
    ) -> None:
        """Take a dead process away, and try its job again, or give it up."""
        how = self._end(process, _LAST_WORDS_S)
        task = process.task
        if task is not None:
            task.tries += 1
            task.newest_then = self._started
            if task.tries < _TRIES:
                queue.appendleft(task)
            else:
                done.append((task.job, Died(how)))
        elif not process.is_ready:
            self._failed_starts += 1
            if self._failed_starts >= _STARTS:
                raise KGError(f"processes to work in cannot be started: they die at once, {how}")

    def _end(self, process: _Process, patience_s: float = 0.0) -> str:
        self._processes.remove(process)
        return process.end(patience_s)


class _Task(Generic[Job]):
    """A job, and how often a process died of it."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.tries = 0
        self.newest_then = 0  # the number of the newest process when the last one died


class _Process:
    """One process, as its parent sees it."""

    def __init__(self, first_message: bytes, number: int) -> None:
        self.number = number  # 1 for the first, and so on
        self.connection, theirs = Pipe()
        self.is_ready = False
        self.task: _Task[Any] | None = None
        self.deadline = math.inf
        self.jobs = 0
        with theirs:
            # Not multiprocessing's own start: it refuses to serve a process that is itself a daemon, as
            # the workers of a cluster are. In a session of its own, so that Ctrl-C reaches the parent
            # alone; what it prints goes to stderr, as stdout is for data.
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-c", _MAIN, str(theirs.fileno()), *sys.path],
                stdin=subprocess.PIPE,
                stdout=2,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
            self.connection.send_bytes(first_message)

    def give(self, task: _Task[Any], budget_s: float) -> None:
        """Hand over a job.

        Raises:
            OSError: the process has died.
        """
        self.connection.send(task.job)
        self.task = task
        self.deadline = time.monotonic() + budget_s

    def finish(self) -> None:
        """Note that it is ready for the next job."""
        self.jobs += self.task is not None
        self.is_ready = True
        self.task = None
        self.deadline = math.inf

    def end(self, patience_s: float = 0.0) -> str:
        """Kill the process, unless it ends of itself in so many seconds, and say how it ended."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(patience_s)
        self._process.kill()
        code = self._process.wait()
        self.connection.close()
        if self._process.stdin is not None:
            self._process.stdin.close()
        return f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"


# --- within such a process


def serve(descriptor: int) -> None:
    """Work for the parent at the other end of a pipe until it goes."""
    _end_with_parent()
    connection: Connection[Any, Any] = Connection(descriptor)
    try:
        work, prepare, idle_s = connection.recv()
        _answer(connection, partial(_prepared, prepare))
        while connection.poll(idle_s):
            _answer(connection, partial(work, connection.recv()))
    except (EOFError, OSError):
        return  # the parent has gone, or wants no more


def _prepared(prepare: Callable[[], object] | None) -> None:
    if prepare:
        prepare()  # what it returns stays here


def _answer(connection: Connection[Any, Any], call: Callable[[], object]) -> None:
    try:
        answer = True, call()
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent raises it
        connection.send((False, error))
    else:
        connection.send(answer)


def _end_with_parent() -> None:
    if sys.platform == "linux":
        # The thread below gets no turn while C code, such as a regular expression's, holds on to the
        # interpreter; this needs none. It looks at the thread that started the process, which is why the
        # death of an idle process is no error above.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_exit_at_end_of_input, daemon=True).start()


def _exit_at_end_of_input() -> None:
    os.read(0, 1)  # nothing is ever written to it; it ends when the parent does
    os._exit(1)
