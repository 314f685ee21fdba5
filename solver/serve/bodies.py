"""What requests send, read in memory alone: a file that is uploaded is never written to disk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request

from solver.errors import InputError

MOST_BYTES = 10_000_000
"""The longest file, and the longest body for programs."""

_BESIDE = 100_000
"""How much longer a form with a file may be than the file."""
_MOST_FIELDS = 10_000


class TooLargeError(Exception):
    """A body is longer than is read."""


async def read_body(request: Request, most: int = MOST_BYTES) -> bytes:
    """The body of a request; raises `TooLargeError` as soon as it is known to be too long."""
    told = request.headers.get("content-length", "0")
    if told.isdecimal() and int(told) > most:
        raise TooLargeError
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > most:
            raise TooLargeError
    return bytes(found)


class _InMemory(MultiPartParser):
    spool_max_size = MOST_BYTES + 2 * _BESIDE


async def read_form(request: Request) -> FormData:
    """The fields of a form, and its files; raises `TooLargeError`, and `InputError` where it is no form."""
    body = await read_body(request, MOST_BYTES + _BESIDE)

    async def stream() -> AsyncIterator[bytes]:
        yield body
        yield b""

    kind = request.headers.get("content-type", "")
    make: Callable[..., Any] = _InMemory if kind.startswith("multipart/form-data") else FormParser
    try:
        form: FormData = await make(
            request.headers, stream(), max_fields=_MOST_FIELDS, max_part_size=MOST_BYTES
        ).parse()
    except (MultiPartException, ValueError, KeyError):
        raise InputError("the form cannot be read: send it from the page") from None
    if any(isinstance(each, UploadFile) and (each.size or 0) > MOST_BYTES for each in form.values()):
        await form.close()
        raise TooLargeError
    return form


async def file_of(form: FormData, name: str) -> tuple[str, bytes]:
    """What a field for a file was given, and what the file is called; both empty where it has none."""
    found = form.get(name)
    if not isinstance(found, UploadFile):
        return "", b""
    try:
        return found.filename or "", await found.read()
    finally:
        await found.close()


def text_of(form: FormData, name: str) -> str | None:
    """What a field says; None where the form has none of this name."""
    found = form.get(name)
    return found if isinstance(found, str) else None
