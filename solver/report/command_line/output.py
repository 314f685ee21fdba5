"""Answers on standard output, one after another: a table for people, or one line of JSON each."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Literal

from solver.report.page import Page
from solver.text import escaped

Form = Literal["table", "json"]

MOST_COLUMNS = 80
"""The columns of a brief page, however wide the terminal is."""

_COLUMNS = 80
"""The columns where nothing tells how many there are."""


class Answers:
    """Prints answers one after another, in one form.

    The width is COLUMNS, else that of the terminal, else 80; that of a brief page is no more than `MOST_COLUMNS`.
    """

    def __init__(self, form: Form, *, brief: bool = False) -> None:
        self._form = form
        self._brief = brief
        self._printed = 0

    def one(self, as_json: Callable[[], str], page: Callable[[int], Page]) -> None:
        """Print one answer: as JSON, or the page for a width."""
        if self._form == "json":
            print_text(as_json())
            return
        from solver.report.head import gap, rule

        width = self._width()
        if self._printed:
            show(gap(width) if self._brief else rule(width))
        show(page(width))
        self._printed += 1

    def close(self) -> None:
        """Print what stands below the last answer."""
        if self._printed:
            from solver.report.head import closing

            show(closing(self._width()))

    def _width(self) -> int:
        columns = terminal_width()
        return min(columns, MOST_COLUMNS) if self._brief else columns


def terminal_width() -> int:
    """The columns of the terminal: COLUMNS, else what the terminal says, else 80.

    As `shutil.get_terminal_size`, without the modules for archives that come with it.
    """
    with suppress(ValueError):
        given = int(os.environ.get("COLUMNS", ""))
        if given > 0:
            return given
    with suppress(AttributeError, ValueError, OSError):
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or _COLUMNS  # type: ignore[union-attr]
    return _COLUMNS


def print_brief(page: Callable[[int], Page | None]) -> None:
    """Print a brief page with the line that stands below it, if there is one."""
    from solver.report.head import closing

    width = min(terminal_width(), MOST_COLUMNS)
    found = page(width)
    if found is not None:
        show(found)
        show(closing(width))


def print_json_or_page(form: Form, as_json: Callable[[], str], page: Callable[[int], Page]) -> None:
    """Print one answer: as JSON, or the page for a width."""
    answers = Answers(form)
    answers.one(as_json, page)
    answers.close()


def print_text(text: str) -> None:
    """Print a text that a program reads, and a line's end, as UTF-8 whatever the terminal speaks."""
    print_pieces([text])


def print_pieces(pieces: Iterable[str]) -> None:
    """The same of a text in pieces, which is long."""
    for piece in pieces:
        sys.stdout.buffer.write(escaped(piece).encode())
    sys.stdout.buffer.write(b"\n")
    sys.stdout.flush()


def show(page: Page) -> None:
    """Print a page, with styles on a terminal."""
    if sys.stdout.isatty():
        page.show(sys.stdout)
    else:
        sys.stdout.write(page.plain())
    sys.stdout.flush()
