"""Reading one publication at a time from a database that isolates transactions only as far as commits.

Neo4j lets a reader see the parts of a commit one after another. So the graph has a version, as in a sequence
lock: odd while a commit takes effect, even otherwise, another after it. An answer counts only if the version
was even, and the same, before its first look and after its last; else it is looked up again. That holds
across transactions, so every look is one of its own, and needs the fewest round trips.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from kg.errors import KGError, StoreUnavailableError
from kg.neo4j_server import Neo4jServer

T = TypeVar("T")

SETTLE_S = 60
"""Longest that a commit may take effect: a version that stays odd for longer is of a writer that has died."""

# A deadline that has passed no longer counts, so that readers outlive a writer that died while it committed.
_STATE_IS = """g.version, g.revision, g.build, g.dimension,
    g.version % 2 = 1 AND g.settled_by > datetime.realtime()"""
_STATE = f"MATCH (g:KgGraph {{only: 1}}) RETURN {_STATE_IS}"
# What comes before is collected, so it is whole before the state is looked at.
_AND_STATE = f" MATCH (g:KgGraph {{only: 1}}) RETURN rows, {_STATE_IS}"

_SETTLE = """
MATCH (g:KgGraph {only: 1})
SET g.version = g.version + 1 + g.version % 2,
    g.settled_by = datetime.realtime() + duration({seconds: $seconds})"""
_SETTLED = "MATCH (g:KgGraph {only: 1}) SET g.version = g.version + g.version % 2, g.settled_by = NULL"

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.001, 0.05


@dataclass(frozen=True, slots=True)
class State:
    """Which graph is published."""

    version: int
    revision: int
    build: int
    dimension: int | None  # how many numbers its vectors have
    settling: bool  # a commit is taking effect


class Reading:
    """Looks at one publication: queries with ``$build`` set."""

    def __init__(self, server: Neo4jServer, state: State, timeout_s: float) -> None:
        self._server = server
        self._timeout_s = timeout_s
        self.state = state
        self.state_after: State | None = None  # where the last look has seen it

    def __call__(self, query: str, /, **values: Any) -> list[list[Any]]:
        """Return the rows of ``query``."""
        self.state_after = None
        return self._rows(query, values)

    def gathered(self, query: str, /, **values: Any) -> list[list[Any]]:
        """Return what ``query`` ends in: ``WITH collect([...]) AS rows``.

        Some hundred rows are read in a third of the time when they come as one, and the state comes with
        them, so that a last look needs no other after it.
        """
        if not self.state.revision:  # nothing to find, and the first load makes its indexes at its end
            return []
        (rows, *state) = _of_graph(self._rows(f"{query}{_AND_STATE}", values))
        self.state_after = State(*state)
        return rows  # type: ignore[no-any-return]

    def _rows(self, query: str, values: dict[str, Any]) -> list[list[Any]]:
        return self._server.rows(query, timeout_s=self._timeout_s, build=self.state.build, **values)


class Published:
    """The graph that readers see, whole."""

    def __init__(self, server: Neo4jServer) -> None:
        self._server = server
        self._state: State | None = None

    def state(self) -> State:
        """Return which graph is published now."""
        return State(*_of_graph(self._server.rows(_STATE)))

    def read(self, work: Callable[[Reading], T], *, timeout_s: float | None = None) -> T:
        """Return what ``work`` makes of one publication; it is done again when another one came meanwhile.

        Raises:
            StoreUnavailableError: publications follow each other too fast for ``work``.
        """
        allowed_s = timeout_s or self._server.query_timeout_s
        end, wait_s = time.monotonic() + allowed_s, _FIRST_WAIT_S
        while True:
            found, error, whole = self._attempt(work, allowed_s)
            if whole:
                if error is not None:
                    raise error
                return found  # type: ignore[return-value]
            if time.monotonic() > end:
                raise StoreUnavailableError(
                    f"the graph at {self._server.name} changed all the time for {allowed_s:g} s: try again"
                )
            time.sleep(wait_s)
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)

    def _attempt(
        self, work: Callable[[Reading], T], timeout_s: float
    ) -> tuple[T | None, Exception | None, bool]:
        """Return what ``work`` found or failed with, and whether it saw one publication all the time."""
        # What was published when last looked at will mostly do: if not, the version after says so.
        before = self._state or self.state()
        look = Reading(self._server, before, timeout_s)
        found, error = None, None
        try:
            found = work(look)
        except StoreUnavailableError:
            raise
        except (KGError, ValueError, LookupError, TypeError) as raised:  # half a graph can make nonsense
            error = raised
        self._state = after = look.state_after or self.state()
        return found, error, before == after and not after.settling


def settling(server: Neo4jServer) -> None:
    """Announce that a commit is about to take effect: readers wait for ``settled``, at most ``SETTLE_S``."""
    server.change(_SETTLE, seconds=SETTLE_S)


def settled(server: Neo4jServer) -> None:
    """Let readers look again."""
    server.change(_SETTLED)


def _of_graph(rows: list[list[Any]]) -> list[Any]:
    if not rows:
        raise StoreUnavailableError("the graph is gone from the database: make it again with `kg ingest`")
    return rows[0]
