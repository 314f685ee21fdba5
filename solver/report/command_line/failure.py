"""Exit codes of the command line, and an error in words."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from errno import EBADF

import click

from solver.errors import InputError, ProcessError, did_you_mean
from solver.text import message

ANSWERED, WRONG_INPUT, FAILED, INTERRUPTED, PIPE_CLOSED = 0, 2, 3, 130, 141

MOST = 100
"""Lines that are printed of the problems of one input."""


def report_error(error: Exception) -> int:
    """Print an error, one line a problem, and return the exit code it calls for."""
    lines, code = told(error)
    for line in lines[:MOST]:
        say(line)
    if len(lines) > MOST:
        say(f"and {len(lines) - MOST:,} more problems in the same input")
    return code


def say(line: str) -> None:
    """Print a line about what went wrong to standard error; where that cannot be written to, the exit code has to do."""
    with suppress(OSError):
        click.echo(f"error: {message(line)}", err=True)


def told(error: Exception) -> tuple[Sequence[str], int]:
    """The lines that say an error, and the exit code that it calls for; never what a record holds."""
    if isinstance(error, InputError):
        return error.problems, WRONG_INPUT
    if isinstance(error, ProcessError):
        return (str(error),), FAILED
    if isinstance(error, click.ClickException):
        text = _usage_words(error)
        context = getattr(error, "ctx", None)
        verb = context.command_path if context else "match"
        return (f"{text[:1].lower()}{text[1:]} (see {verb} --help)",), WRONG_INPUT
    if isinstance(error, OSError):
        closed = error.errno == EBADF  # what stands in for a stream that is closed
        reason = "standard output is closed" if closed else str(error.strerror or "output error").lower()
        return (f"cannot write the answer: {reason}",), FAILED
    return (f"the engine failed, and this is a fault of the program: {type(error).__name__}",), FAILED


def _usage_words(error: click.ClickException) -> str:
    """What click says, on one line; of an option that is none the one that is meant, where click lists all that are near."""
    if isinstance(error, click.NoSuchOption):
        return f"no such option '{error.option_name}'{did_you_mean(error.option_name, error.possibilities or (), words=True)}"
    return error.format_message().rstrip(".").replace(". Did", "; did")
