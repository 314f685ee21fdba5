"""The doors of the server: who is let in, and the headers that every answer carries.

Another page in the same browser, another name for this machine, and other people's programs all reach a port of it. So a request must
name this machine by its own address, and prove by a cookie, or by a token, that it comes from whoever started the server.

GET  /open?token=ONCE      once: sets the cookie
POST /api/...              the token for programs; neither cookie nor origin is looked at
GET  anything else         the cookie
POST anything else         the cookie, and an origin of this server
"""

from __future__ import annotations

import secrets
from dataclasses import field
from hmac import compare_digest
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from solver.dataclass import dataclass

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
"""What every answer carries. Without a referrer at all a form's origin would be `null`."""

ADDRESS = "127.0.0.1"
_API = "/api/"
_SAFE = ("GET", "HEAD")


def _secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass(slots=True)
class Keys:
    """What opens the server on a port: a link that works once, a cookie, and a token for programs."""

    port: int
    token: str = field(default_factory=_secret)
    cookie: str = field(default_factory=_secret)
    once: str | None = field(default_factory=_secret)
    """None once the link was used."""

    @property
    def link(self) -> str:
        """The address that opens the page, once."""
        return f"http://{ADDRESS}:{self.port}/open?token={self.once}"

    @property
    def cookie_name(self) -> str:
        """Cookies know no ports, so that the name says it."""
        return f"trialproof_{self.port}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """By which names this server may be called."""
        return f"{ADDRESS}:{self.port}", f"localhost:{self.port}"

    @property
    def origins(self) -> tuple[str, ...]:
        """Whence a form may be sent: never what the request says of itself."""
        return tuple(f"http://{host}" for host in self.hosts)

    def use_link(self, token: str) -> bool:
        """Whether this token opens the page; if so it does not do so again."""
        fits = self.once is not None and _same(token, self.once)
        if fits:
            self.once = None
        return fits


class Doors:
    """Lets in what may come in, and puts the headers on every answer."""

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self._app, self._keys = app, keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        """The answer where the request is not handed on; a refusal gives no reason."""
        headers: dict[bytes, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name, []).append(value.decode("latin-1"))
        refused, keys = Response(status_code=403), self._keys
        host = headers.get(b"host", [])
        if len(host) != 1 or host[0] not in keys.hosts:
            return refused
        path, method = scope["path"], scope["method"]
        if path == "/open" and method == "GET":
            return self._opened(scope) or refused
        if method == "POST" and path.startswith(_API):
            scheme, _, token = "".join(headers.get(b"authorization", [])).partition(" ")
            if scheme.casefold() == "bearer" and _same(token.strip(), keys.token):
                return None
            return JSONResponse(
                {"errors": ["the token is missing or wrong: send Authorization: Bearer TOKEN"]},
                401,
                {"WWW-Authenticate": "Bearer"},
            )
        if not any(
            _same(found, keys.cookie) for found in _cookies(headers.get(b"cookie", []), keys.cookie_name)
        ):
            return refused
        origin = headers.get(b"origin", [])
        if method not in _SAFE and (len(origin) != 1 or origin[0] not in keys.origins):
            return refused
        return None

    def _opened(self, scope: Scope) -> Response | None:
        """The way to the page with its cookie, for the token of the link."""
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
        if len(given) != 1 or not self._keys.use_link(given[0]):
            return None
        found = RedirectResponse("/", 303)
        found.headers["Set-Cookie"] = (
            f"{self._keys.cookie_name}={self._keys.cookie}; HttpOnly; SameSite=Strict; Path=/"
        )
        return found


def _same(one: str, other: str) -> bool:
    return compare_digest(one.encode("utf-8", "replace"), other.encode())


def _cookies(headers: list[str], name: str) -> list[str]:
    """Every cookie of this name."""
    found = []
    for header in headers:
        for part in header.split(";"):
            try:
                cookie = SimpleCookie(part.strip())
            except CookieError:
                continue
            found += [cookie[name].value] if name in cookie else []
    return found
