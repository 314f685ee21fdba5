"""The page and its questions for programs, asked in this process: requests with exactly the headers that a test names."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.types import ASGIApp, Message

from solver.library.models import Library
from solver.serve.application import application
from solver.serve.desk import Desk
from solver.serve.doors import Keys

PORT = 8420
HOST, ORIGIN = f"127.0.0.1:{PORT}", f"http://127.0.0.1:{PORT}"


@dataclass(frozen=True, slots=True)
class Answered:
    """What a request was answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def data(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def request(
    app: ASGIApp, method: str, address: str, headers: Iterable[tuple[str, str]], body: bytes = b""
) -> Answered:
    """What an application answers; the body comes in pieces, as it does from a network."""
    path, _, query = address.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
        "scheme": "http",
        "server": ("127.0.0.1", PORT),
        "client": ("127.0.0.1", 50_000),
        "extensions": {},
    }
    parts = [body[i : i + 65_536] for i in range(0, len(body), 65_536)] or [b""]
    sent: list[Message] = []

    async def receive() -> Message:
        if not parts:
            await asyncio.sleep(3600)
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    start = sent[0]
    found = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
    return Answered(start["status"], found, b"".join(each.get("body", b"") for each in sent[1:]))


@dataclass(slots=True)
class Client:
    """A browser, as far as it sends the right headers, and a program with the token."""

    desk: Desk
    keys: Keys = field(default_factory=lambda: Keys(PORT))
    app: ASGIApp = field(init=False)

    def __post_init__(self) -> None:
        self.app = application(self.desk, self.keys)

    @classmethod
    def of(cls, library: Library, **given: Any) -> Client:
        """A client of a server with this library."""
        return cls(Desk(library, **given))

    @property
    def cookie(self) -> tuple[str, str]:
        """The header by which a browser is known."""
        return "Cookie", f"{self.keys.cookie_name}={self.keys.cookie}"

    def get(self, address: str, *more: tuple[str, str]) -> Answered:
        """A page, or a file of it."""
        return request(self.app, "GET", address, [("Host", HOST), self.cookie, *more])

    def post(
        self, address: str, fields: Mapping[str, Any] | Iterable[tuple[str, str]] = (), *more: tuple[str, str]
    ) -> Answered:
        """What a form sends."""
        body = urlencode(fields if isinstance(fields, Mapping) else list(fields), doseq=True).encode()
        headers = [("Host", HOST), self.cookie, ("Origin", ORIGIN), *more]
        headers.append(("Content-Type", "application/x-www-form-urlencoded"))
        return request(self.app, "POST", address, headers, body)

    def upload(
        self, address: str, name: str, file: str, content: bytes, fields: Mapping[str, str] | None = None
    ) -> Answered:
        """What a form with a file sends."""
        parts = [
            f'--edge\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in (fields or {}).items()
        ]
        head = f'--edge\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\nContent-Type: application/json\r\n\r\n'
        body = b"".join([*parts, head.encode(), content, b"\r\n--edge--\r\n"])
        headers = [
            ("Host", HOST),
            self.cookie,
            ("Origin", ORIGIN),
            ("Content-Type", "multipart/form-data; boundary=edge"),
        ]
        return request(self.app, "POST", address, headers, body)

    def ask(self, verb: str, body: object, token: str | None = None) -> Answered:
        """What a program asks."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = [("Host", HOST), ("Authorization", f"Bearer {token or self.keys.token}")]
        return request(self.app, "POST", f"/api/{verb}", headers, content)
