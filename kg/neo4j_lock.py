"""The lock of the one builder, among all machines: a lease which dies soon after its holder."""

from __future__ import annotations

import logging
import os
import platform
import secrets
import threading

from kg.errors import KGError, StoreBusyError, StoreUnavailableError
from kg.neo4j_server import Neo4jServer

LEASE_S = 60
"""How long after its holder's death others have to wait."""

_RENEWALS = 4  # in one lease, so that some may fail

_log = logging.getLogger(__name__)

# Merged and written to first: of two that ask at once, the second waits here and then sees the first's lease.
_TAKE = """
MERGE (l:KgLock {name: 'build'})
SET l.asked = datetime.realtime()
WITH l, coalesce(l.owner = $owner OR l.until < datetime.realtime(), true) AS free
FOREACH (_ IN CASE WHEN free THEN [1] ELSE [] END |
    SET l.owner = $owner, l.holder = $holder, l.since = datetime.realtime(),
        l.until = datetime.realtime() + duration({seconds: $lease}))
RETURN free, l.holder, toString(datetime.truncate('second', l.since))"""
_RENEW = """
MATCH (l:KgLock {name: 'build', owner: $owner})
SET l.until = datetime.realtime() + duration({seconds: $lease})"""
_RELEASE = """
MATCH (l:KgLock {name: 'build', owner: $owner})
REMOVE l.owner, l.holder, l.since, l.until"""
_OTHERS = """
MATCH (l:KgLock {name: 'build'})
WHERE l.until > datetime.realtime() AND NOT l.owner STARTS WITH $store
RETURN l.holder, toString(datetime.truncate('second', l.since))"""


class LeaseLock:
    """A lock that one holder at a time has; ``store`` tells the leases of one store from those of others."""

    def __init__(self, server: Neo4jServer, store: str) -> None:
        self._server = server
        self._store = store
        self._owner = ""
        self._done = threading.Event()
        self._renewing: threading.Thread | None = None

    def __enter__(self) -> None:
        self._owner = f"{self._store}.{secrets.token_hex(8)}"  # another each time, as an id would not be
        holder = f"process {os.getpid()} on {platform.node()}"
        free, by, since = self._server.change(_TAKE, owner=self._owner, holder=holder, lease=LEASE_S)[0]
        if not free:
            raise _busy(by, since)
        self._done.clear()
        self._renewing = threading.Thread(target=self._renew, name="kg-build-lock", daemon=True)
        self._renewing.start()

    def __exit__(self, *exc: object) -> None:
        self._done.set()
        if self._renewing:
            self._renewing.join()
            self._renewing = None
        try:
            # Tried once: a server that is gone is not waited for again, as the lease ends by itself.
            self._server.command(_RELEASE, owner=self._owner)
        except StoreUnavailableError as error:
            _log.warning("the build lock frees itself in %d s: %s", LEASE_S, error)

    def _renew(self) -> None:
        while not self._done.wait(LEASE_S / _RENEWALS):
            try:
                self._server.change(_RENEW, owner=self._owner, lease=LEASE_S)
            except KGError as error:  # the next one may get through; if none does, publishing says so
                _log.warning("the build lock could not be renewed: %s", error)


def require_no_other_builder(server: Neo4jServer, store: str) -> None:
    """Refuse to go on while another store than ``store`` holds the lock.

    Raises:
        StoreBusyError: one does.
    """
    if others := server.rows(_OTHERS, store=store):
        raise _busy(*others[0])


def _busy(holder: str, since: str) -> StoreBusyError:
    return StoreBusyError(
        f"another process ({holder}, since {since}) is building this graph: wait until it is done, then run "
        f"this again; should it have died, its lock frees itself within {LEASE_S} s"
    )
