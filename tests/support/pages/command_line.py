"""The command line run in this process, as a user runs it."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import NamedTuple

import cli


class CommandResult(NamedTuple):
    """What a command ended with and printed."""

    code: int
    output: str
    error: str


def run_command(*words: str, stdin: bytes = b"", together: bool = False) -> CommandResult:
    """Run `match` with these words; with `together` errors stand in the output, as on a terminal."""
    output = _stream()
    error = output if together else _stream()
    said = _standing_for("argv", ["match", *words]), _standing_for("stdin", _stream(stdin))
    with said[0], said[1], redirect_stdout(output), redirect_stderr(error):
        code = cli.main()
    return CommandResult(code, _text(output), "" if together else _text(error))


def _stream(content: bytes = b"") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8")


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()


@contextmanager
def _standing_for(name: str, value: object) -> Iterator[None]:
    before = getattr(sys, name)
    setattr(sys, name, value)
    try:
        yield
    finally:
        setattr(sys, name, before)
