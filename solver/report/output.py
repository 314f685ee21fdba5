"""Answers on standard output, one after another: a table for people, or one line of JSON each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Literal

from solver.engine.answer import MatchAnswer
from solver.library.models import Library
from solver.patient.record import Record
from solver.report.page import Page
from solver.text import escaped

if TYPE_CHECKING:
    from solver.questions.schema.ask import SchemaName

Form = Literal["table", "json"]
View = Literal["table", "explanation"]


class Answers:
    """Prints answers one after another, in one form. The width is COLUMNS, else that of the terminal, else 80."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._printed = 0

    def one(self, as_json: Callable[[], str], page: Callable[[int], Page]) -> None:
        """Print one answer: as JSON, or the page for a width."""
        if self._form == "json":
            print_text(as_json())
            return
        from solver.report.head import rule

        width = get_terminal_size().columns
        if self._printed:
            show(rule(width))
        show(page(width))
        self._printed += 1

    def close(self) -> None:
        """Print what stands below the last answer."""
        if self._printed:
            from solver.report.head import closing

            show(closing(get_terminal_size().columns))


class Printer:
    """Prints the answers of match, for people in one of two views."""

    def __init__(self, form: Form, library: Library, view: View = "table") -> None:
        self._library, self._view = library, view
        self._answers = Answers(form)

    def answer(self, answer: MatchAnswer, record: Record) -> None:
        """Print the answer for a record."""
        self._answers.one(
            lambda: _answer_json(answer), lambda width: self._page()(answer, record, self._library, width)
        )

    def _page(self) -> Callable[[MatchAnswer, Record, Library, int], Page]:
        if self._view == "table":
            from solver.questions.match.page import report as page
        else:
            from solver.questions.explain.page import explanation as page
        return page

    def close(self) -> None:
        """Print what stands below the last answer."""
        self._answers.close()


def _answer_json(answer: MatchAnswer) -> str:
    from solver.questions.match.document import answer_json

    return answer_json(answer)


def print_catalogue(library: Library, codes: Sequence[str], form: Form, *, clauses: bool) -> None:
    """Print what is encoded of the trials."""
    from solver.questions.catalogue.page import catalogue, catalogue_json

    if form == "json":
        print_text(catalogue_json(library, codes))
    else:
        show(catalogue(library, codes, get_terminal_size().columns, clauses=clauses))


def print_json_or_page(form: Form, as_json: Callable[[], str], page: Callable[[int], Page]) -> None:
    """Print one answer: as JSON, or the page for a width."""
    answers = Answers(form)
    answers.one(as_json, page)
    answers.close()


def print_template(library: Library, codes: Iterable[str], form: Form) -> None:
    """Print a record to fill in: for people with comments, else as plain JSON."""
    from solver.questions.template import page as template

    print_text((template.template_json if form == "json" else template.template)(library, codes))


def print_schema(name: SchemaName, library: Library, form: Form) -> None:
    """Print a JSON Schema, or the table of its properties."""
    from solver.questions.schema.ask import schema, schema_json

    if form == "json":
        print_text(schema_json(name, library))
    else:
        from solver.questions.schema.page import schema_table

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
