"""Commands that stay and serve: the API, the explorer."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer
import uvicorn

from api.app import create_app
from api.commands.options import Store, get_settings
from api.commands.output import say
from kg.errors import InvalidInputError, KGError
from kg.settings import Settings

Host = Annotated[str | None, typer.Option(help="Address to listen on; default KG_HOST, else 127.0.0.1.")]
Port = Annotated[int | None, typer.Option(min=0, max=65_535, help="Port; default KG_PORT, else 8000.")]
ExplorerPort = Annotated[
    int | None, typer.Option("--port", min=0, max=65_535, help="Port; default KG_EXPLORER_PORT, else 8501.")
]
Api = Annotated[str | None, typer.Option("--api", help="Address of an API to ask, instead of a store.")]


def serve(store: Store = None, host: Host = None, port: Port = None) -> None:
    """Serve GraphQL at /graphql, with /healthz, /readyz and /metrics."""
    settings = get_settings(store, host=host, port=port)
    app = create_app(settings)
    with _listen(settings) as listening:
        settings = replace(settings, port=listening.getsockname()[1])  # 0 means any that is free
        say(f"GraphQL: {api_address(settings)}/graphql  (Ctrl-C stops)")
        config = uvicorn.Config(app, log_level="warning", access_log=False)
        uvicorn.Server(config).run(sockets=[listening])


def explore(store: Store = None, api: Api = None, port: ExplorerPort = None) -> None:
    """Open the pages for exploring a graph."""
    settings = get_settings(store, explorer_port=port)
    say(f"explorer: {explorer_address(settings)}  (Ctrl-C stops)")
    interrupt_on_termination()  # so that the pages' process, which ``run`` kills then, is not left behind
    done = subprocess.run(explorer_command(settings), env=explorer_environment(settings, api), check=False)  # noqa: S603
    if done.returncode:
        raise KGError(f"the explorer ended with exit code {done.returncode}")


def interrupt_on_termination() -> None:
    """Take SIGTERM and SIGHUP as Ctrl-C: what was started is stopped before this process ends."""
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _interrupt)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def api_address(settings: Settings) -> str:
    """Return where the API answers."""
    return f"http://{_reachable(settings.host)}:{settings.port}"


def explorer_address(settings: Settings) -> str:
    """Return where the pages are."""
    return f"http://{_reachable(settings.host)}:{settings.explorer_port}"


def explorer_command(settings: Settings) -> list[str]:
    """Return the command that runs the pages.

    Raises:
        InvalidInputError: the pages are not installed.
    """
    # Found, not imported: the explorer is a client of this package, never the other way round.
    spec = importlib.util.find_spec("explorer")
    if spec is None or not spec.submodule_search_locations:
        raise InvalidInputError("the package explorer is not installed")
    page = Path(next(iter(spec.submodule_search_locations))) / "app.py"
    options = {
        "server.address": settings.host,
        "server.port": str(settings.explorer_port),
        "server.headless": "true",
        # Where it listens everywhere, it would ask a server on the web for its own address, to print it.
        "browser.serverAddress": _reachable(settings.host),
        "browser.gatherUsageStats": "false",
        "global.developmentMode": "false",
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [sys.executable, "-m", "streamlit", "run", str(page), *flags]


def explorer_environment(settings: Settings, api: str | None) -> dict[str, str]:
    """Return the environment that tells the pages whom to ask."""
    environment = {name: value for name, value in os.environ.items() if name != "KG_API"}
    return {**environment, "KG_STORE": settings.store, **({"KG_API": api} if api else {})}


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listening = socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        raise InvalidInputError(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; --port takes another"
        ) from error
    # asyncio sets this on sockets that it makes itself alone; connections inherit it from the listening
    # one. Without it the second packet of an answer waits 40 ms for the first one's acknowledgement.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _reachable(host: str) -> str:
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared with, not bound to
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
