"""One database file: who may open it, its connections, transactions and deadlines."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import apsw

from kg.errors import StoreBusyError, StoreMismatchError, StoreUnavailableError
from kg.sqlite_schema import create_schema, is_new

_BUSY_TIMEOUT_MS = 5_000
_STEPS_PER_LOOK = 1_000  # of SQLite's virtual machine between two looks at the clock: under 1 ms
_WAL_LIMIT_BYTES = 32 * 1024 * 1024


class SqliteFile:
    """Readers that each see one published graph, and one writer at a time.

    A reader is a connection of its own for the length of a call, so calls from many threads neither
    wait for each other nor for the writer.
    """

    def __init__(self, path: Path, *, read_only: bool, query_timeout_s: float) -> None:
        self.path = path
        self.read_only = read_only
        self._query_timeout_s = query_timeout_s
        self._lock = threading.Lock()  # guards the three below
        self._idle: list[apsw.Connection] = []
        self._writer: apsw.Connection | None = None
        self._closed = False
        self._write_lock = threading.Lock()
        try:
            with translated_errors(path):
                self._open()
        except OSError as error:  # a folder that may not be entered, a name too long, a disk without locks
            raise StoreUnavailableError(f"{path} cannot be opened: {error.strerror}") from error

    @contextmanager
    def reading(self, *, deadline: bool = True) -> Iterator[apsw.Connection]:
        """Give a connection that sees one state of the store until the block ends.

        Args:
            deadline: whether the block must end within the query timeout. A stream, whose consumer
                takes its own time, has none.
        """
        with translated_errors(self.path, self._query_timeout_s):
            db = self._take_reader()
            try:
                if deadline:
                    end = time.monotonic() + self._query_timeout_s
                    db.set_progress_handler(lambda: time.monotonic() > end, _STEPS_PER_LOOK)
                db.execute("BEGIN")
                yield db
            finally:
                self._give_back(db)

    @contextmanager
    def writing(self) -> Iterator[apsw.Connection]:
        """Give the writer within a transaction: kept whole if the block ends well, else not at all."""
        if self.read_only:
            raise StoreUnavailableError(f"{self.path} was opened for reading only")
        with self._write_lock, translated_errors(self.path):
            db = self._take_writer()
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                # After a full disk or an I/O error SQLite may have rolled back by itself.
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close what is idle now, and what is in use when its call ends."""
        with self._write_lock, self._lock:
            self._closed = True
            connections = [*self._idle, *([self._writer] if self._writer else [])]
            self._idle, self._writer = [], None
        for db in connections:
            db.close()

    def _open(self) -> None:
        if self.path.is_dir():
            raise StoreUnavailableError(f"{self.path} is a folder: name a file in it, such as kg.db")
        if self.read_only:
            self._require_graph()
            return
        if not self.path.parent.is_dir():
            raise StoreUnavailableError(f"there is no folder {self.path.parent}: make it first")
        with _alone_in(self.path.parent):
            db = self._connect(apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
            try:
                # Looked at before anything is written: a file of another application stays as it was.
                if is_new(db, self.path):
                    create_schema(db, self.path)
            finally:
                db.close()

    def _require_graph(self) -> None:
        if not self.path.exists():
            raise StoreUnavailableError(f"there is no graph at {self.path}: make one with `kg ingest`")
        db = self._connect(apsw.SQLITE_OPEN_READONLY)
        try:
            empty = is_new(db, self.path)
        finally:
            db.close()
        if empty:
            raise StoreUnavailableError(f"{self.path} is empty: fill it with `kg ingest`")

    def _connect(self, flags: int) -> apsw.Connection:
        db = apsw.Connection(str(self.path), flags=flags)
        db.set_busy_timeout(_BUSY_TIMEOUT_MS)
        return db

    def _take_reader(self) -> apsw.Connection:
        with self._lock:
            self._require_open()
            if self._idle:
                return self._idle.pop()
        db = self._connect(apsw.SQLITE_OPEN_READONLY)
        db.pragma("query_only", True)
        db.pragma("temp_store", "memory")
        return db

    def _give_back(self, db: apsw.Connection) -> None:
        db.set_progress_handler(None)
        if db.in_transaction:
            db.execute("ROLLBACK")
        with self._lock:
            if not self._closed:
                self._idle.append(db)
                return
        db.close()

    def _take_writer(self) -> apsw.Connection:
        with self._lock:
            self._require_open()
            if self._writer is None:
                self._writer = self._connect(apsw.SQLITE_OPEN_READWRITE)
                # Commits are few and large, so that surviving a power cut costs next to nothing.
                self._writer.pragma("synchronous", "FULL")
                self._writer.pragma("journal_size_limit", _WAL_LIMIT_BYTES)
            return self._writer

    def _require_open(self) -> None:
        if self._closed:
            raise StoreUnavailableError(f"{self.path} was closed")


class FileLock:
    """A lock that one holder at a time has, among all processes and threads, and that dies with it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def __enter__(self) -> None:
        # The file stays when the lock is released: removing it would let two processes lock two files.
        try:
            file = self._path.open("a+")
        except OSError as error:
            raise StoreUnavailableError(f"{self._path} cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read(20).strip()
            file.close()
            raise StoreBusyError(
                f"another process{f' ({holder})' if holder else ''} is building this graph: "
                "wait until it is done, then run this again"
            ) from error
        except OSError as error:  # a disk without locks
            file.close()
            raise StoreUnavailableError(f"{self._path} cannot be locked: {error.strerror}") from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def __exit__(self, *exc: object) -> None:
        if self._file:
            self._file.close()
            self._file = None


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait until no one else opens a store for writing in ``folder``, and keep them waiting meanwhile.

    Two connections that turn a new file to the write-ahead log do not wait for each other but fail.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def translated_errors(path: Path, timeout_s: float | None = None) -> Iterator[None]:
    """Turn the driver's errors into ours; a mistake in our own SQL stays what it is."""
    try:
        yield
    except apsw.InterruptError as error:
        raise StoreUnavailableError(
            f"{path} gave no answer within {timeout_s} s: ask for less, or allow more time"
        ) from error
    except (apsw.BusyError, apsw.LockedError) as error:
        raise StoreBusyError(f"another process is writing to {path}: wait, then run this again") from error
    except apsw.NotADBError as error:
        raise StoreMismatchError(f"{path} is not a graph: choose another file") from error
    except apsw.CorruptError as error:
        raise StoreUnavailableError(
            f"{path} is damaged: run `kg doctor`, then `kg ingest` into a new file"
        ) from error
    except apsw.FullError as error:
        raise StoreUnavailableError(f"no space is left for {path}: nothing was changed") from error
    except (apsw.CantOpenError, apsw.IOError, apsw.ReadOnlyError, apsw.PermissionsError) as error:
        raise StoreUnavailableError(f"{path} cannot be opened or written: {error}") from error
