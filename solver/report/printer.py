"""Answers on standard output, one after another: a table for people, or one line of JSON each."""

from __future__ import annotations

import sys
from shutil import get_terminal_size
from typing import Literal

from solver.library.models import Library
from solver.patient.record import Record
from solver.questions.answers import MatchAnswer
from solver.report.layout import Page

Form = Literal["table", "json"]


class Printer:
    """Prints answers in one form. The width is COLUMNS, else that of the terminal, else 80."""

    def __init__(self, form: Form, library: Library) -> None:
        self._form, self._library = form, library
        self._printed = 0

    def answer(self, answer: MatchAnswer, record: Record) -> None:
        """Print the answer for a record."""
        if self._form == "json":
            from solver.report.document import match_json

            # as bytes, since JSON is UTF-8 whatever the terminal speaks
            sys.stdout.buffer.write(match_json(answer).encode("utf-8", "backslashreplace") + b"\n")
            sys.stdout.flush()
            return
        from solver.report.table import report, rule

        width = get_terminal_size().columns
        if self._printed:
            self._show(rule(width))
        self._show(report(answer, record, self._library, width))
        self._printed += 1

    def close(self) -> None:
        """Print what stands below the last answer."""
        if self._printed:
            from solver.report.table import closing

            self._show(closing(get_terminal_size().columns))

    def _show(self, page: Page) -> None:
        if sys.stdout.isatty():
            page.show(sys.stdout)
        else:
            sys.stdout.write(page.plain())
        sys.stdout.flush()
