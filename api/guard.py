"""The outermost layer of the server: which hosts it answers to, and which pages may ask it.

A page on the web can make a browser send requests to 127.0.0.1, and with a name of its own that
resolves there (DNS rebinding) it could even read the answers. So a server on loopback answers only
to loopback's names, and to pages only of its own origin.
"""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from kg.settings import Settings

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with, not bound to

PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""A page of this server loads from this server alone."""


class Guard:
    """Refuses requests for other hosts and from other origins, before anything reads them."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._any_host = settings.host in _EVERYWHERE and not settings.allowed_hosts
        # Lower case, as ``urlsplit`` gives a host's name.
        self._hosts = LOOPBACK | {name.lower() for name in (settings.host, *settings.allowed_hosts)}
        self._origins = frozenset(settings.allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 403."""
        refusal = self._refusal(Headers(scope=scope)) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await PlainTextResponse(refusal + "\n", status_code=403)(scope, receive, send)

    def _refusal(self, headers: Headers) -> str | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._any_host and _split(f"//{host}").hostname not in self._hosts:
            return "this server does not answer to that host; KG_ALLOWED_HOSTS names further ones"
        if origin is None or origin in self._origins or _split(origin).netloc == host:
            return None
        return "pages of another origin may not ask this server; KG_ALLOWED_ORIGINS names those that may"


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:  # brackets that close nothing: of no host
        return urlsplit("")
