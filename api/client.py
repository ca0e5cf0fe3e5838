"""Two clients with one face: the API over HTTP, or the same schema in this process."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Protocol, Self

import httpx

from api.backend import Backend, close_backend, open_backend
from api.execution import Executor, Request
from kg.errors import KGError
from kg.settings import Settings, read_settings


class ApiError(Exception):
    """The API refused, failed, or is not there; the text is for people, the code for programs."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class GraphClient(Protocol):
    """Asks GraphQL documents; safe to use from many threads."""

    def execute(self, document: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the answer's ``data``.

        Raises:
            ApiError: there is an error in the answer, or no answer.
        """

    def close(self) -> None:
        """Release connections; closing twice is harmless."""


class RemoteClient:
    """A client of an API that runs elsewhere."""

    def __init__(self, url: str, *, timeout_s: float = 30.0) -> None:
        self._url = url.rstrip("/").removesuffix("/graphql")
        self._http = httpx.Client(timeout=timeout_s)

    def execute(self, document: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Post a document to the API."""
        sent = {"query": document, "variables": dict(variables or {})}
        try:
            response = self._http.post(f"{self._url}/graphql", json=sent)
        except httpx.TimeoutException as error:
            raise ApiError(f"the API at {self._url} did not answer in time", "TIMEOUT") from error
        except (httpx.TransportError, httpx.InvalidURL) as error:
            message = f"no API at {self._url}; start it with `kg serve`"
            raise ApiError(message, "API_UNREACHABLE") from error
        if "json" not in response.headers.get("content-type", ""):
            message = (
                f"no GraphQL API at {self._url}: it answers {response.status_code} {response.text[:200]}"
            )
            raise ApiError(message, "NOT_AN_API")
        return _data(response.json())

    def close(self) -> None:
        """Close the connections to the API."""
        self._http.close()


class LocalClient:
    """The same schema in this process: an event loop on a thread of its own, asked from any other."""

    def __init__(self, settings: Settings, backend: Backend | None = None) -> None:
        try:
            self._backend = backend or open_backend(settings)
        except KGError as error:
            raise ApiError(str(error), error.code) from error
        self._executor = Executor(self._backend, settings)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="kg-client", daemon=True)
        self._thread.start()
        self._closing = threading.Lock()

    def execute(self, document: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Execute a document in this process."""
        request = Request(query=document, variables=dict(variables or {}))
        asked = asyncio.run_coroutine_threadsafe(self._executor.execute(request), self._loop)
        return _data(asked.result().body())

    def close(self) -> None:
        """Stop the loop and close the store."""
        with self._closing:
            if self._loop.is_closed():
                return
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            close_backend(self._backend)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def connect(store: str | None = None, api: str | None = None) -> GraphClient:
    """Return a client of the API at the address ``api``, else of ``store``, else of the settings' store.

    Raises:
        ApiError: the store cannot be opened; the text says what to run.
    """
    if api:
        return RemoteClient(api)
    settings = read_settings(os.environ)
    return LocalClient(replace(settings, store=store) if store else settings)


def _data(answer: dict[str, Any]) -> dict[str, Any]:
    if errors := answer.get("errors"):
        first = errors[0]
        raise ApiError(first["message"], first.get("extensions", {}).get("code", "UNKNOWN"))
    if not isinstance(answer.get("data"), dict):
        raise ApiError(str(answer.get("detail", "the answer holds no data")), "NOT_AN_API")
    data: dict[str, Any] = answer["data"]
    return data
