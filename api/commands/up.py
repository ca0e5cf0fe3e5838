"""The command that does it all: ingest what is new, then serve and explore."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Annotated

import httpx
import typer

from api.commands.ingest import bundled_guide, tell, update
from api.commands.options import Store, get_settings
from api.commands.output import say
from api.commands.serving import (
    Host,
    Port,
    api_address,
    explorer_address,
    explorer_command,
    explorer_environment,
    interrupt_on_termination,
)
from kg.errors import KGError
from kg.settings import Settings

_POLL_S = 0.1
_READY_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 10.0


def up(
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="What to ingest; the bundled guide if left out.", show_default=False),
    ] = None,
    store: Store = None,
    host: Host = None,
    port: Port = None,
    explorer_port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Port of the pages; default 8501.")
    ] = None,
) -> None:
    """Ingest what is new, then serve and explore."""
    settings = get_settings(store, host=host, port=port, explorer_port=explorer_port)
    tell(update(settings, paths or [bundled_guide()]))
    interrupt_on_termination()
    children: list[subprocess.Popen[bytes]] = []
    try:
        children.append(_start(_serve_command(settings)))
        children.append(
            _start(explorer_command(settings), explorer_environment(settings, api_address(settings)))
        )
        _wait_for(f"{api_address(settings)}/readyz", children)
        _wait_for(f"{explorer_address(settings)}/_stcore/health", children)
        say(f"GraphQL:  {api_address(settings)}/graphql")
        say(f"explorer: {explorer_address(settings)}")
        say("Ctrl-C stops both")
        while all(child.poll() is None for child in children):
            time.sleep(_POLL_S)
        raise KGError("the API or the explorer has ended; see above")
    finally:
        _stop(children)


def _serve_command(settings: Settings) -> list[str]:
    options = ["--store", settings.store, "--host", settings.host, "--port", str(settings.port)]
    return [sys.executable, "-m", "api.cli", "serve", *options]


def _start(command: Sequence[str], environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    # In sessions of their own: Ctrl-C then reaches this process alone, which stops them in order.
    return subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603


def _wait_for(address: str, children: Sequence[subprocess.Popen[bytes]]) -> None:
    """Wait until ``address`` answers.

    Raises:
        KGError: a child has ended, or it takes too long.
    """
    deadline = time.monotonic() + _READY_TIMEOUT_S
    while time.monotonic() < deadline:
        if any(child.poll() is not None for child in children):
            raise KGError("the API or the explorer did not start; see above")
        try:
            if httpx.get(address, timeout=_POLL_S * 10).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(_POLL_S)
    raise KGError(f"{address} does not answer")


def _stop(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
