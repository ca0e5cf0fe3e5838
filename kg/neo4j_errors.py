"""The driver's errors, told as ours: what happened, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kg.errors import KGError, StoreBusyError, StoreUnavailableError

if TYPE_CHECKING:
    from neo4j.exceptions import DriverError, Neo4jError

_NO_INDEX = ("There is no such fulltext schema index", "There is no such vector schema index")
_TOO_LATE = ("TransactionTimedOut", "TransactionTimedOutClientConfiguration")
_MEMORY = ("OutOfMemoryError", "MemoryPoolOutOfMemoryError", "TransactionOutOfMemoryError")


class LateAnswerError(StoreUnavailableError):
    """The server is there, but gave no answer in time."""


@contextmanager
def translated_errors(where: str, timeout_s: float) -> Iterator[None]:
    """Turn the driver's errors into ours; a mistake in our own Cypher stays what it is."""
    from neo4j.exceptions import DriverError, Neo4jError

    try:
        yield
    except Neo4jError as error:
        if (ours := _of_server(error, where, timeout_s)) is None:
            raise
        raise ours from error
    except DriverError as error:
        raise _of_driver(error, where) from error


def _of_server(error: Neo4jError, where: str, timeout_s: float) -> KGError | None:
    _, category, area, title = (error.code or "...").split(".", 3)
    text = str(error.message)
    if area == "Security":
        return _of_security(title, where)
    if title in _TOO_LATE:
        return LateAnswerError(
            f"{where} gave no answer within {timeout_s:g} s: ask for less, or allow more time"
        )
    if title == "DatabaseNotFound":
        return StoreUnavailableError(
            f"{where}: there is no such database on the server; `SHOW DATABASES` there lists them"
        )
    if title.endswith(_MEMORY):
        return StoreUnavailableError(
            f"{where} has too little memory for this: "
            "raise the server's heap or dbms.memory.transaction.total.max"
        )
    if any(sign in text for sign in _NO_INDEX):
        return StoreUnavailableError(
            f"{where} lacks the index {text.rsplit(' ', 1)[-1]}: run `kg ingest`, which makes it again"
        )
    if title == "ConstraintValidationFailed":
        return StoreBusyError(f"another process is writing to {where}: wait, then run this again")
    if category == "TransientError":
        return StoreUnavailableError(f"{where} is too busy or just starting ({title}): try again")
    if category == "DatabaseError":
        return StoreUnavailableError(
            f"{where} has failed ({title}): see the server's log and the room on its disk"
        )
    return None


def _of_security(title: str, where: str) -> KGError:
    if title in ("Unauthorized", "TokenExpired", "CredentialsExpired"):
        return StoreUnavailableError(
            f"{where} does not accept the user or the password: set KG_NEO4J_USER and KG_NEO4J_PASSWORD"
        )
    if title == "AuthenticationRateLimit":
        return StoreUnavailableError(
            f"{where} has seen too many wrong passwords: "
            "wait a while, then set KG_NEO4J_PASSWORD to the right one"
        )
    return StoreUnavailableError(
        f"the user may not do this on {where}: grant the rights that the README lists under Neo4j"
    )


def _of_driver(error: DriverError, where: str) -> KGError:
    from neo4j.exceptions import (
        AuthConfigurationError,
        CertificateConfigurationError,
        ConfigurationError,
        ConnectionAcquisitionTimeoutError,
        UnsupportedServerProduct,
    )

    if isinstance(error, UnsupportedServerProduct):
        return StoreUnavailableError(f"what answers at {where} is no Neo4j server of version 5.26 or later")
    if isinstance(error, AuthConfigurationError | CertificateConfigurationError | ConfigurationError):
        return StoreUnavailableError(f"{where} cannot be asked in this way: {error}")
    if isinstance(error, ConnectionAcquisitionTimeoutError):
        return StoreUnavailableError(
            f"every connection to {where} is in use: try again, or ask for less at a time"
        )
    return StoreUnavailableError(
        f"no Neo4j server answers at {where} ({_cause(error)}): start it, or check the address"
    )


def _cause(error: BaseException) -> str:
    """Return the first line of the innermost reason."""
    while error.__cause__ is not None:
        error = error.__cause__
    return (str(error).strip() or type(error).__name__).splitlines()[0]
