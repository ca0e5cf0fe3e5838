"""Settings: read once from the environment, checked at the door, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

from kg.errors import InvalidInputError
from kg.neo4j_address import is_neo4j, parse_address

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
    neo4j_user: str = ""  # of a Neo4j database; empty where the server asks for none
    neo4j_password: str = field(default="", repr=False)
    neo4j_shared: bool = False  # whether a graph may be put beside data of others in a Neo4j database
    query_timeout_s: float = 10.0  # longest a request may take before it is refused
    file_timeout_s: float = 60.0  # longest that reading a file may take, and as much again for every megabyte
    max_tokens: int = 1_000  # longest GraphQL document, in tokens
    max_cost: int = 10_000  # most objects that one GraphQL document may ask for
    introspection: bool = True  # whether the API describes itself and serves GraphiQL
    allowed_hosts: tuple[str, ...] = ()  # further names, beside loopback and ``host``, to answer to
    allowed_origins: tuple[str, ...] = ()  # web pages elsewhere that may ask: CORS, off by default
    llm_url: str = ""  # an OpenAI-compatible address, such as http://127.0.0.1:11434/v1; empty: no model
    llm_model: str = ""  # the name that the model has there
    llm_api_key: str = field(default="", repr=False)  # sent to that address and nowhere else
    llm_timeout_s: float = 120.0  # longest wait for one answer of the model
    llm_parallel: int = 4  # most requests at a time
    llm_max_requests: int = 0  # most requests of one ingest; 0 sets no limit
    llm_cache: str = ""  # file that keeps the answers; empty: one in the user's cache folder

    def __post_init__(self) -> None:
        for name in (
            "query_timeout_s",
            "file_timeout_s",
            "max_tokens",
            "max_cost",
            "llm_timeout_s",
            "llm_parallel",
        ):
            if not getattr(self, name) > 0:
                raise InvalidInputError(f"{PREFIX}{name.upper()} must be more than 0")
        for name in ("port", "explorer_port"):
            if not 0 <= getattr(self, name) <= 65_535:
                raise InvalidInputError(f"{PREFIX}{name.upper()} must be a port, 0 to 65535")
        if self.llm_max_requests < 0:
            raise InvalidInputError(f"{PREFIX}LLM_MAX_REQUESTS must not be less than 0")
        if is_neo4j(self.store):
            parse_address(self.store)  # refused here already, so that no message repeats a password in it
        _check_model(self.llm_url, self.llm_model, self.llm_api_key)


def _check_model(url: str, model: str, api_key: str) -> None:
    """Refuse an address that is none, and a key that no header can carry; neither is repeated in the text."""
    if bool(url) != bool(model):
        raise InvalidInputError("KG_LLM_URL and KG_LLM_MODEL belong together: set both or neither")
    if url and not _is_address(url):
        raise InvalidInputError(
            "KG_LLM_URL must be an address such as http://127.0.0.1:11434/v1, without a name or password"
        )
    if not (api_key.isascii() and api_key.isprintable()):
        raise InvalidInputError("KG_LLM_API_KEY holds characters that no key has")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and parts.username is None
            and parts.port != 0
        )
    except ValueError:
        return False


def read_settings(env: Mapping[str, str]) -> Settings:
    """Read the ``KG_...`` variables of ``env``; what is unset or empty keeps its default.

    Raises:
        InvalidInputError: a value is not of its form, naming the variable.
    """
    given: dict[str, Any] = {}
    for each in fields(Settings):
        variable = PREFIX + each.name.upper()
        if text := env.get(variable, "").strip():
            given[each.name] = _parse(variable, text, each.default)
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
