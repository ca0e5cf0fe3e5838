"""The server: GraphQL and its page, probes, metrics."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware.cors import CORSMiddleware

from api import execution
from api.backend import Backend, close_backend, open_backend, warm_up
from api.execution import Executor, Outcome
from api.guard import PAGE_HEADERS, Guard
from api.metrics import Metrics
from kg.errors import KGError
from kg.settings import Settings

MAX_BODY_BYTES = 1_000_000
_STATIC = Path(__file__).parent / "static"
_GRAPHQL_JSON = "application/graphql-response+json"
_PROBE_TIMEOUT_S = 2.0


class _Body(msgspec.Struct, rename="camel"):
    """What the GraphQL-over-HTTP specification lets a client send; ``extensions`` are ignored."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None


def create_app(settings: Settings, backend: Backend | None = None) -> FastAPI:
    """Build the application on the settings' store, or on a ``backend`` that the caller opened.

    The application closes the store when it stops.

    Raises:
        KGError: the store cannot be opened; the text says what to run.
    """
    backend = backend or open_backend(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        warm_up(backend)
        yield
        await asyncio.to_thread(close_backend, backend)

    app = FastAPI(title="guidegraph", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    metrics = Metrics()
    _add_graphql(app, Executor(backend, settings), metrics)
    _add_errors(app)
    _add_probes(app, backend, metrics)
    _add_pages(app, settings)
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=["POST"],
            allow_headers=["Content-Type"],
        )
    app.add_middleware(Guard, settings=settings)
    return app


def _add_graphql(app: FastAPI, executor: Executor, metrics: Metrics) -> None:
    @app.post("/graphql")
    async def graphql(request: Request) -> Response:
        started = time.perf_counter()
        asked = _read(await _body(request))
        outcome = await executor.execute(asked)
        metrics.observe(outcome.operation, time.perf_counter() - started, outcome.codes())
        return _answer(request, outcome)


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(StarletteHTTPException)
    async def refused(_request: Request, error: StarletteHTTPException) -> Response:
        # In GraphQL's form, so that its clients show the message whatever refused them.
        code = HTTPStatus(error.status_code).name
        body = {"errors": [{"message": error.detail, "extensions": {"code": code}}]}
        return JSONResponse(body, error.status_code, error.headers)


def _add_probes(app: FastAPI, backend: Backend, metrics: Metrics) -> None:
    async def revision() -> int:
        return await asyncio.wait_for(backend.run(backend.store.revision), _PROBE_TIMEOUT_S)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz")
    async def readyz(response: Response) -> dict[str, Any]:
        try:
            published = await revision()
        except (KGError, TimeoutError) as error:
            response.status_code = 503
            return {"status": "unavailable", "reason": str(error) or "the store does not answer"}
        if not published:
            response.status_code = 503
            return {"status": "empty", "reason": "nothing is published yet; run `kg ingest`"}
        return {"status": "ready", "revision": published}

    @app.get("/metrics")
    async def prometheus() -> Response:
        try:
            published: int | None = await revision()
        except (KGError, TimeoutError):
            published = None
        return PlainTextResponse(metrics.text(published), media_type="text/plain; version=0.0.4")


def _add_pages(app: FastAPI, settings: Settings) -> None:
    @app.get("/")
    async def landing() -> Response:
        return FileResponse(_STATIC / "index.html", headers=PAGE_HEADERS)

    @app.get("/graphql")
    async def page(request: Request) -> Response:
        if not settings.introspection or "query" in request.query_params:
            raise HTTPException(405, "send queries by POST, as JSON", headers={"Allow": "POST"})
        return FileResponse(_STATIC / "graphiql" / "index.html", headers=PAGE_HEADERS)

    app.mount("/static", StaticFiles(directory=_STATIC))


async def _body(request: Request) -> bytes:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        # Also what keeps forms on other pages out: a browser asks before it sends JSON elsewhere.
        raise HTTPException(415, "send JSON, as Content-Type: application/json")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            raise HTTPException(413, f"a request may have at most {MAX_BODY_BYTES} bytes")
    return bytes(body)


def _read(body: bytes) -> execution.Request:
    try:
        sent = msgspec.json.decode(body, type=_Body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise HTTPException(400, f"no GraphQL request: {error}") from error
    return execution.Request(
        query=sent.query, variables=sent.variables or {}, operation_name=sent.operation_name
    )


def _answer(request: Request, outcome: Outcome) -> Response:
    if _GRAPHQL_JSON in request.headers.get("accept", ""):
        status = 200 if outcome.executed else 400
        return Response(msgspec.json.encode(outcome.body()), status_code=status, media_type=_GRAPHQL_JSON)
    return Response(msgspec.json.encode(outcome.body()), media_type="application/json")
