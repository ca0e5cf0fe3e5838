"""Where a Neo4j database is, and who asks for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from kg.errors import InvalidInputError

SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")

_FORM = "write it as neo4j://host:7687/database"
_DATABASE = re.compile(r"[A-Za-z][A-Za-z0-9.-]{2,62}")  # as the server's manual has them


@dataclass(frozen=True, slots=True)
class Neo4jAddress:
    """One database of one server."""

    uri: str  # what the driver connects to
    database: str | None  # None: the user's default

    def __str__(self) -> str:
        return f"{self.uri}/{self.database}" if self.database else self.uri


@dataclass(frozen=True, slots=True, kw_only=True)
class Neo4jAccess:
    """What lets us in, and how far we may go."""

    user: str = ""  # empty: the server asks for none
    password: str = field(default="", repr=False)
    shared: bool = False  # whether the graph may be put beside data that is not ours


def is_neo4j(url: str) -> bool:
    """Tell whether ``url`` means a Neo4j database at all."""
    return url.partition("://")[0].lower() in SCHEMES


def parse_address(url: str) -> Neo4jAddress:
    """Read ``neo4j://host:7687/database``; the port may be missing, and the database for the user's default.

    Raises:
        InvalidInputError: it has not this form, or names a user or a password, which it then does not repeat.
    """
    try:
        parts = urlsplit(url)
        require_no_credentials(parts)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidInputError(
            f"the address of the Neo4j server cannot be read ({error}): {_FORM}"
        ) from error
    database = parts.path.strip("/")
    if not host or parts.query or parts.fragment:
        raise InvalidInputError(f"{url!r} is no address of a Neo4j database: {_FORM}")
    if database and not _DATABASE.fullmatch(database):
        raise InvalidInputError(f"{database!r} is no name of a Neo4j database: {_FORM}")
    at = f"[{host}]" if ":" in host else host
    return Neo4jAddress(f"{parts.scheme}://{at}:{port or 7687}", database or None)


def require_no_credentials(parts: SplitResult) -> None:
    """Refuse an address that holds a user or a password, as addresses are printed, logged and remembered.

    Raises:
        InvalidInputError: it does.
    """
    if "@" in parts.netloc:
        raise InvalidInputError(
            "the address of the store holds a user or a password: leave them out, "
            "and set KG_NEO4J_USER and KG_NEO4J_PASSWORD instead"
        )
