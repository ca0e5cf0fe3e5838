"""Errors that a user can act on: one root, a code for clients, the next step in the text."""

from __future__ import annotations


class KGError(Exception):
    """Root of all expected errors; the API shows these and masks every other."""

    code = "KG_ERROR"


class EntityNotFoundError(KGError):
    """No entity has this id, name or alias; of several asked for at once, all that are missing."""

    code = "ENTITY_NOT_FOUND"

    def __init__(self, *names: str) -> None:
        missing = ", ".join(map(repr, names))
        super().__init__(f"no entity {missing} in the graph; `kg search` lists similar names")
        self.names = names


class InvalidInputError(KGError):
    """An argument is out of range or of the wrong form; the text says what is allowed."""

    code = "INVALID_INPUT"


class StoreUnavailableError(KGError):
    """The store cannot be opened or did not answer in time."""

    code = "STORE_UNAVAILABLE"


class StoreBusyError(KGError):
    """Another process is building this graph."""

    code = "STORE_BUSY"


class StoreMismatchError(KGError):
    """The store was made by another version, embedding model or ontology; the text says what to run."""

    code = "STORE_MISMATCH"
