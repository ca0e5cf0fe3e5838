"""The command that serves language models."""

from __future__ import annotations

from api.backend import close_backend, open_backend
from api.commands.options import Store, get_settings
from api.mcp import build_server


def mcp(store: Store = None) -> None:
    """Serve the graph to language models, by MCP over stdin and stdout."""
    backend = open_backend(get_settings(store))
    try:
        build_server(backend).run("stdio")
    finally:
        close_backend(backend)
