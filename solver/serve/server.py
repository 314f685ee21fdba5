"""The server: uvicorn on one port of this machine, without a log, until a signal ends it."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from solver.errors import InputError
from solver.serve.doors import ADDRESS, HEADERS

_BACKLOG = 128
_SECONDS_TO_END = 1


class _Protocol(H11Protocol):
    """HTTP, with the headers on the refusal of what is none as well."""

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read, as a request that names no host."""
        headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
        headers += [(b"content-length", b"0"), (b"connection", b"close")]
        with suppress(h11.LocalProtocolError):
            for event in (h11.Response(status_code=403, headers=headers), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


class _Server(uvicorn.Server):
    """Says when it is ready, and leaves the signals to `run_server`."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """They are set before the server begins."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and say so."""
        await super().startup(sockets)
        self._ready()


def open_port(port: int) -> socket.socket:
    """A socket on a port of this machine alone, any free one for 0; raises `InputError` where it is taken."""
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((ADDRESS, port))
        found.listen(_BACKLOG)
    except OSError as error:
        found.close()
        reason = "is in use" if not isinstance(error, PermissionError) else "is not for everybody"
        raise InputError(f"--port: {port} {reason}: give another one, or 0 for any that is free") from None
    return found


def run_server(app: ASGIApp, port: socket.socket, ready: Callable[[], None]) -> None:
    """Answer on a port until SIGINT, SIGTERM or a closed terminal; `ready` is called once it does."""
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_SECONDS_TO_END,
    )
    server = _Server(config, ready)

    def end(*_: object) -> None:
        server.force_exit, server.should_exit = server.should_exit, True

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, end)
    logging.disable()  # what libraries say may hold what a request does
    # not `asyncio.run`, which would wait for every question that is being answered: the process ends with them
    asyncio.new_event_loop().run_until_complete(server.serve(sockets=[port]))
