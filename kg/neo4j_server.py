"""One database of a Neo4j server: its driver, transactions, time-outs and retries."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from kg.errors import StoreMismatchError, StoreUnavailableError
from kg.neo4j_address import Neo4jAccess, Neo4jAddress
from kg.neo4j_errors import translated_errors

if TYPE_CHECKING:
    from neo4j import ManagedTransaction, Session

T = TypeVar("T")

_OLDEST = (5, 26)
_CONNECT_S = 5.0  # a server that is there answers at once; one that is not shall be told of soon
_WRITE_RETRY_S = 30.0
# Of the time that an answer may take: the last try may end at twice this, and a reader is to be told of a
# server that is gone before its own time is over, which would say no more than that.
_READ_RETRIES = 0.2
_TRIES = 3
# Else Python prints each try that fails, before we can tell the failure as ours.
logging.getLogger("neo4j").addHandler(logging.NullHandler())
_APPLICATION = {"app": "guidegraph"}  # how our transactions show in SHOW TRANSACTIONS and the query log


class Neo4jServer:
    """A driver with its pool of connections; a session of its own for each call, so threads may share it."""

    def __init__(
        self, address: Neo4jAddress, access: Neo4jAccess, *, read_only: bool, query_timeout_s: float
    ) -> None:
        from neo4j import GraphDatabase

        self.read_only = read_only
        self.query_timeout_s = query_timeout_s
        self._address = address
        self._idle = threading.Condition()  # told when a call ends
        self._running = 0
        self._closed = False
        with translated_errors(self.name, query_timeout_s):
            self._driver = GraphDatabase.driver(
                address.uri,
                auth=(access.user, access.password) if access.user else None,
                connection_timeout=min(_CONNECT_S, query_timeout_s),
                # A server that is just starting takes a connection and says nothing.
                connection_acquisition_timeout=query_timeout_s / 2,
                notifications_min_severity="OFF",
                telemetry_disabled=True,
                max_transaction_retry_time=query_timeout_s * _READ_RETRIES,
            )
            # Of one store, a read sees its earlier writes, on every member of a cluster.
            self._bookmarks = GraphDatabase.bookmark_manager()
        try:
            self.version = self._greet()
        except BaseException:
            self._driver.close()
            raise

    @property
    def name(self) -> str:
        """The address, as errors tell it."""
        return str(self._address)

    def read(self, work: Callable[[ManagedTransaction], T], *, timeout_s: float | None = None) -> T:
        """Return what ``work`` makes of one read transaction; it may be run again after a passing error."""
        return self._in_transaction(work, "READ", timeout_s or self.query_timeout_s)

    def write(self, work: Callable[[ManagedTransaction], T], *, timeout_s: float | None = None) -> T:
        """Return what ``work`` makes of one write transaction: all of it is kept, or nothing.

        It may be run again after a passing error, so it must not change anything but the database. Writes
        have no deadline unless one is given: a publication takes as long as it takes.
        """
        if self.read_only:
            raise StoreUnavailableError(f"{self.name} was opened for reading only")
        return self._in_transaction(work, "WRITE", timeout_s)

    def rows(self, query: str, /, *, timeout_s: float | None = None, **values: Any) -> list[list[Any]]:
        """Return the rows of one query, in a read transaction of its own: one round trip, ``read`` is two."""
        from neo4j import Query
        from neo4j.exceptions import DriverError, Neo4jError

        asked = Query(query, _APPLICATION, _whole_ms(timeout_s or self.query_timeout_s))
        end = time.monotonic() + self.query_timeout_s * _READ_RETRIES
        with translated_errors(self.name, self.query_timeout_s), self._under_way():
            for tries_left in reversed(range(_TRIES)):
                try:
                    with self._session("READ") as session:
                        return session.run(asked, values).values()
                except DriverError as error:
                    # Kept connections are all lost with the server: a new one is made, or refused, at once.
                    # Waiting would help few, and keep the many behind them in the queue until it is too late.
                    if not (error.is_retryable() and tries_left and time.monotonic() < end):
                        raise
                except Neo4jError as error:
                    if not error.is_retryable():
                        raise
                    break  # the server is there, and may be less busy in a moment
        return self.read(lambda tx: tx.run(query, values).values(), timeout_s=timeout_s)

    def change(self, query: str, **values: Any) -> list[list[Any]]:
        """Return the rows of one query, in a write transaction of its own."""
        return self.write(lambda tx: tx.run(query, values).values())

    def command(self, statement: str, **values: Any) -> None:
        """Run what opens transactions itself, or has to be one of its own, such as making an index."""
        if self.read_only:
            raise StoreUnavailableError(f"{self.name} was opened for reading only")
        with (
            translated_errors(self.name, self.query_timeout_s),
            self._under_way(),
            self._session("WRITE") as session,
        ):
            session.run(statement, values).consume()

    def close(self) -> None:
        """Close all connections once what runs has ended; closing twice is harmless."""
        with self._idle:
            if self._closed:
                return
            self._closed = True
            # The driver says goodbye on connections that other threads may be writing to.
            self._idle.wait_for(lambda: not self._running, timeout=self.query_timeout_s)
        self._driver.close()

    def _in_transaction(
        self, work: Callable[[ManagedTransaction], T], mode: str, timeout_s: float | None
    ) -> T:
        from neo4j import unit_of_work

        bounded = unit_of_work(timeout=_whole_ms(timeout_s), metadata=_APPLICATION)(work)
        with (
            translated_errors(self.name, self.query_timeout_s),
            self._under_way(),
            self._session(mode) as session,
        ):
            return session.execute_read(bounded) if mode == "READ" else session.execute_write(bounded)

    def _session(self, mode: str) -> Session:
        return self._driver.session(
            database=self._address.database,
            default_access_mode=mode,
            bookmark_manager=self._bookmarks,
            max_transaction_retry_time=(
                self.query_timeout_s * _READ_RETRIES if mode == "READ" else _WRITE_RETRY_S
            ),
        )

    @contextmanager
    def _under_way(self) -> Iterator[None]:
        with self._idle:
            if self._closed:
                raise StoreUnavailableError(f"{self.name} was closed")
            self._running += 1
        try:
            yield
        finally:
            with self._idle:
                self._running -= 1
                self._idle.notify_all()

    def _greet(self) -> str:
        with translated_errors(self.name, self.query_timeout_s):
            # Not retried, unlike transactions: a wrong address is told of at once.
            agent = self._driver.get_server_info().agent
        require_version(agent, self.name)
        return agent.removeprefix("Neo4j/")


def _whole_ms(timeout_s: float | None) -> float | None:
    """Return a time-out as the server takes it: at least a millisecond, as 0 means none at all."""
    return None if timeout_s is None else max(timeout_s, 0.001)


def require_version(agent: str, where: str) -> None:
    """Refuse a server that is not Neo4j 5.26 or later, by the name that it gives itself.

    Raises:
        StoreMismatchError: it is another product, or too old.
    """
    found = re.match(r"Neo4j/(\d+)\.(\d+)", agent)
    if found is None:
        raise StoreMismatchError(f"what answers at {where} is no Neo4j server: it calls itself {agent!r}")
    if (int(found[1]), int(found[2])) < _OLDEST:
        raise StoreMismatchError(
            f"{where} runs {agent.replace('/', ' ')}, which is too old: 5.26 or later is needed"
        )
