"""Answers on standard output, one after another: a table for people, or one line of JSON each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Literal

from solver.library.models import Library
from solver.patient.record import Record
from solver.questions.answers import MatchAnswer
from solver.report.layout import Page
from solver.text import escaped

if TYPE_CHECKING:
    from solver.report.schemas import SchemaName

Form = Literal["table", "json"]
View = Literal["table", "explanation"]


class Printer:
    """Prints answers in one form, for people in one of two views. The width is COLUMNS, else that of the terminal, else 80."""

    def __init__(self, form: Form, library: Library, view: View = "table") -> None:
        self._form, self._library, self._view = form, library, view
        self._printed = 0

    def answer(self, answer: MatchAnswer, record: Record) -> None:
        """Print the answer for a record."""
        if self._form == "json":
            from solver.report.document import answer_json

            print_text(answer_json(answer))
            return
        from solver.report.frame import rule

        if self._view == "table":
            from solver.report.table import report as page
        else:
            from solver.report.explain import explanation as page
        width = get_terminal_size().columns
        if self._printed:
            show(rule(width))
        show(page(answer, record, self._library, width))
        self._printed += 1

    def close(self) -> None:
        """Print what stands below the last answer."""
        if self._printed:
            from solver.report.frame import closing

            show(closing(get_terminal_size().columns))


def print_catalogue(library: Library, codes: Sequence[str], form: Form, *, clauses: bool) -> None:
    """Print what is encoded of the trials."""
    from solver.report.catalogue import catalogue, catalogue_json

    if form == "json":
        print_text(catalogue_json(library, codes))
    else:
        show(catalogue(library, codes, get_terminal_size().columns, clauses=clauses))


def print_json_or_page(form: Form, as_json: Callable[[], str], page: Callable[[int], Page]) -> None:
    """Print an answer about one patient: as JSON, or the page for a width."""
    if form == "json":
        print_text(as_json())
        return
    from solver.report.frame import closing

    width = get_terminal_size().columns
    show(page(width))
    show(closing(width))


def print_template(library: Library, codes: Iterable[str], form: Form) -> None:
    """Print a record to fill in: for people with comments, else as plain JSON."""
    from solver.report import template

    print_text((template.template_json if form == "json" else template.template)(library, codes))


def print_schema(name: SchemaName, library: Library, form: Form) -> None:
    """Print a JSON Schema, or the table of its properties."""
    from solver.report.schemas import schema, schema_json

    if form == "json":
        print_text(schema_json(name, library))
    else:
        from solver.report.schema_table import schema_table

        show(schema_table(schema(name, library), get_terminal_size().columns))


def print_text(text: str) -> None:
    """Print a text that a program reads, and a line's end, as UTF-8 whatever the terminal speaks."""
    sys.stdout.buffer.write(f"{escaped(text)}\n".encode())
    sys.stdout.flush()


def show(page: Page) -> None:
    """Print a page, with styles on a terminal."""
    if sys.stdout.isatty():
        page.show(sys.stdout)
    else:
        sys.stdout.write(page.plain())
    sys.stdout.flush()
