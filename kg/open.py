"""From the address of a store to the store."""

from __future__ import annotations

from pathlib import Path

from kg.errors import InvalidInputError
from kg.sqlite import SqliteStore
from kg.store import GraphStore

_SQLITE = "sqlite:///"
_NEO4J = ("neo4j://", "neo4j+s://", "neo4j+ssc://", "bolt://", "bolt+s://")


def open_store(url: str, *, read_only: bool = False, query_timeout_s: float = 10.0) -> GraphStore:
    """Open the store at ``url``: ``sqlite:///relative.db`` or ``sqlite:////absolute.db``.

    Raises:
        InvalidInputError: no address of a store.
        StoreUnavailableError: it cannot be opened, or is missing and ``read_only``.
        StoreMismatchError: it was made by another application or version.
    """
    if url.startswith(_SQLITE) and len(url) > len(_SQLITE):
        path = Path(url.removeprefix(_SQLITE)).expanduser()
        return SqliteStore(path, read_only=read_only, query_timeout_s=query_timeout_s)
    if url.startswith(_NEO4J):
        raise InvalidInputError(f"{url} is not supported yet: use sqlite:///kg.db")
    raise InvalidInputError(f"{url!r} is no address of a store: write it as sqlite:///kg.db")
