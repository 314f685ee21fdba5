"""The records of the files that a command names, each answered in turn, whatever is wrong with another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from solver.engine.case import Engine
from solver.engine.events.extend import extended
from solver.errors import InputError
from solver.library.models import Library
from solver.patient.readers.native.several import RecordEntry, entries
from solver.patient.record import Record
from solver.report.failure import report_error
from solver.report.json import json_text
from solver.report.output import Answers, Form
from solver.report.page import Page
from solver.report.progress import Progress
from solver.report.question import Question


def every_record(patients: Sequence[str], ask: Callable[[RecordEntry], Callable[[], None]]) -> int:
    """Ask about every record of the files, and print each answer; return the worst exit code of what went wrong, or 0.

    `ask` works the answer out and returns what prints it; what it raises is reported, and the other records are answered.
    """
    code = 0
    with Progress(len(patients)) as progress:
        for patient in patients:
            for entry in _entries_of(patient):
                code = max(code, _answer_one(entry, ask, progress))
    return code


def _entries_of(patient: str) -> Iterator[RecordEntry]:
    """The records of a file; a file that cannot be read is one entry that says so."""
    try:
        yield from entries(patient)
    except InputError as error:
        yield RecordEntry(patient, error=error)


def _answer_one(
    entry: RecordEntry, ask: Callable[[RecordEntry], Callable[[], None]], progress: Progress
) -> int:
    try:
        if entry.error is not None:
            raise entry.error
        show = ask(entry)
    except Exception as error:
        progress.clear()
        code = report_error(error)
    else:
        progress.clear()
        show()
        code = 0
    progress.step()
    return code


Found = TypeVar("Found")


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
