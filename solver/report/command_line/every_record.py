"""The records of the files that a command names, each answered in turn, whatever is wrong with another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from solver.engine.case import Engine
from solver.engine.events.extend import extended
from solver.errors import InputError
from solver.library.models import Library
from solver.patient.readers.native.several import RecordEntry, entries
from solver.patient.record import Record
from solver.report.command_line.failure import report_error
from solver.report.command_line.output import Answers, Form, print_brief
from solver.report.command_line.progress import Progress
from solver.report.command_line.question import Question
from solver.report.json import json_text
from solver.report.page import Page


def every_record(
    patients: Sequence[str],
    ask: Callable[[RecordEntry], Callable[[], None]],
    failed: Callable[[RecordEntry], None] = lambda _: None,
) -> int:
    """Ask about every record of the files, and print each answer; return the worst exit code of what went wrong, or 0.

    `ask` works the answer out and returns what prints it; what it raises is reported, and the other records are answered; `failed` is
    told of the record.
    """
    code = 0
    with Progress(len(patients)) as progress:
        for patient in patients:
            for entry in _entries_of(patient):
                code = max(code, _answer_one(entry, ask, failed, progress))
    return code


def _entries_of(patient: str) -> Iterator[RecordEntry]:
    """The records of a file; a file that cannot be read is one entry that says so."""
    try:
        yield from entries(patient)
    except InputError as error:
        yield RecordEntry(patient, error=error)


def _answer_one(
    entry: RecordEntry,
    ask: Callable[[RecordEntry], Callable[[], None]],
    failed: Callable[[RecordEntry], None],
    progress: Progress,
) -> int:
    try:
        if entry.error is not None:
            raise entry.error
        show = ask(entry)
    except Exception as error:
        progress.clear()
        code = report_error(error)
        failed(entry)
    else:
        progress.clear()
        show()
        code = 0
    progress.step()
    return code


Found = TypeVar("Found")
Answered = TypeVar("Answered", contravariant=True)


def answer_each_record(
    asked: Question,
    patients: Sequence[str],
    form: Form,
    ask: Callable[[Engine, Record, Sequence[str] | None], Found],
    page: Callable[[Found, Record, Library, int], Page],
    *,
    brief: bool = False,
) -> int:
    """Print what is found about each record of the files, on pages that may be `brief`; returned is the worst exit code, or 0."""
    answers = Answers(form, brief=brief)

    def about(entry: RecordEntry) -> Callable[[], None]:
        record = asked.read(entry)
        found = ask(asked.engine, record, asked.trials)
        library, shown = extended(asked.library, record)
        return lambda: answers.one(lambda: json_text(found), lambda width: page(found, shown, library, width))

    code = every_record(patients, about)
    answers.close()
    return code


class PatientsPage(Protocol[Answered]):
    """Gathers the answers about several records for one page."""

    def add(self, answer: Answered, record: Record) -> None:
        """Take the answer about a record."""

    def add_failed(self, name: str) -> None:
        """Take a record that has no answer, by the name that messages give it."""

    def page(self, width: int) -> Page | None:
        """The page on all of them; None where there is nothing to show."""


def answer_records_together(
    asked: Question,
    patients: Sequence[str],
    ask: Callable[[Engine, Record, Sequence[str] | None], Answered],
    together: PatientsPage[Answered],
) -> int:
    """Print one page on every record of the files, once all are answered; returned is the worst exit code, or 0."""

    def about(entry: RecordEntry) -> Callable[[], None]:
        record = asked.read(entry)
        found = ask(asked.engine, record, asked.trials)
        return lambda: together.add(found, record)

    code = every_record(patients, about, lambda entry: together.add_failed(entry.name))
    print_brief(together.page)
    return code
