"""An error of the command line in words."""

from __future__ import annotations

from collections.abc import Sequence

import click

from solver.errors import InputError


def report(error: Exception, wrong_input: int, failed: int) -> int:
    """Print an error, one line a problem, and return the exit code it calls for."""
    lines, code = told(error, wrong_input, failed)
    for line in lines:
        click.echo(f"error: {line}", err=True)
    return code


def told(error: Exception, wrong_input: int, failed: int) -> tuple[Sequence[str], int]:
    """The lines that say an error, and which of the two exit codes it calls for; never what a record holds."""
    if isinstance(error, InputError):
        return error.problems, wrong_input
    if isinstance(error, click.ClickException):
        text = error.format_message().rstrip(".").replace(". Did", "; did")
        context = getattr(error, "ctx", None)
        verb = context.command_path if context else "match"
        return (f"{text[:1].lower()}{text[1:]} (see {verb} --help)",), wrong_input
    if isinstance(error, OSError):
        return (f"cannot write the answer: {str(error.strerror).lower()}",), failed
    return (f"the engine failed, and this is a fault of the program: {type(error).__name__}",), failed
