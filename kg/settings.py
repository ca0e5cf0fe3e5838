"""Settings: read once from the environment, checked at the door, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from kg.errors import InvalidInputError

PREFIX = "KG_"
_TRUE, _FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that can be set from outside; the variable of ``query_timeout_s`` is ``KG_QUERY_TIMEOUT_S``."""

    store: str = (
        "sqlite:///kg.db"  # sqlite:///relative.db, sqlite:////absolute.db or neo4j://host:7687/database
    )
    embedding_model: str = ""  # a sentence-transformers model; empty means the packaged MiniLM
    host: str = "127.0.0.1"  # loopback only, unless someone decides otherwise
    port: int = 8000
    explorer_port: int = 8501
    query_timeout_s: float = 10.0  # longest a request may take before it is refused
    max_tokens: int = 1_000  # longest GraphQL document, in tokens
    max_cost: int = 10_000  # most objects that one GraphQL document may ask for
    introspection: bool = True  # whether the API describes itself and serves GraphiQL
    allowed_hosts: tuple[str, ...] = ()  # further names, beside loopback and ``host``, to answer to
    allowed_origins: tuple[str, ...] = ()  # web pages elsewhere that may ask: CORS, off by default

    def __post_init__(self) -> None:
        for name in ("query_timeout_s", "max_tokens", "max_cost"):
            if not getattr(self, name) > 0:
                raise InvalidInputError(f"{PREFIX}{name.upper()} must be more than 0")
        for name in ("port", "explorer_port"):
            if not 0 <= getattr(self, name) <= 65_535:
                raise InvalidInputError(f"{PREFIX}{name.upper()} must be a port, 0 to 65535")


def read_settings(env: Mapping[str, str]) -> Settings:
    """Read the ``KG_...`` variables of ``env``; what is unset or empty keeps its default.

    Raises:
        InvalidInputError: a value is not of its form, naming the variable.
    """
    given: dict[str, Any] = {}
    for field in fields(Settings):
        variable = PREFIX + field.name.upper()
        if text := env.get(variable, "").strip():
            given[field.name] = _parse(variable, text, field.default)
    return Settings(**given)


def _parse(variable: str, text: str, default: Any) -> Any:
    if isinstance(default, bool):
        if text.casefold() not in _TRUE | _FALSE:
            raise InvalidInputError(f"{variable} must be true or false, not {text!r}")
        return text.casefold() in _TRUE
    if isinstance(default, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    try:
        return type(default)(text)
    except ValueError as error:
        raise InvalidInputError(f"{variable} must be a number, not {text!r}") from error
