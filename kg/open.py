"""From the address of a store to the store."""

from __future__ import annotations

from pathlib import Path

from kg.errors import InvalidInputError
from kg.neo4j_address import Neo4jAccess, is_neo4j
from kg.neo4j_store import Neo4jStore
from kg.settings import Settings
from kg.sqlite import SqliteStore
from kg.store import GraphStore

_SQLITE = "sqlite:///"


def open_store(
    url: str,
    *,
    read_only: bool = False,
    query_timeout_s: float = 10.0,
    access: Neo4jAccess = Neo4jAccess(),  # noqa: B008 - frozen
) -> GraphStore:
    """Open the store at ``url``: ``sqlite:///relative.db``, ``sqlite:////absolute.db`` or ``neo4j://host/database``.

    Args:
        url: where it is.
        read_only: never write, not even to make what is missing.
        query_timeout_s: longest that one answer may take.
        access: user and password, where the store is a Neo4j database.

    Raises:
        InvalidInputError: no address of a store.
        StoreUnavailableError: it cannot be opened, or is missing and ``read_only``.
        StoreMismatchError: it was made by another application or version.
    """
    if is_neo4j(url):
        return Neo4jStore(url, access, read_only=read_only, query_timeout_s=query_timeout_s)
    if url.startswith(_SQLITE) and len(url) > len(_SQLITE):
        path = Path(url.removeprefix(_SQLITE)).expanduser()
        return SqliteStore(path, read_only=read_only, query_timeout_s=query_timeout_s)
    raise InvalidInputError(
        f"{url!r} is no address of a store: write it as sqlite:///kg.db or neo4j://host:7687/database"
    )


def open_settings_store(settings: Settings, *, read_only: bool = False) -> GraphStore:
    """Open the store that the settings name, as ``open_store`` does."""
    return open_store(
        settings.store,
        read_only=read_only,
        query_timeout_s=settings.query_timeout_s,
        access=Neo4jAccess(
            user=settings.neo4j_user, password=settings.neo4j_password, shared=settings.neo4j_shared
        ),
    )
