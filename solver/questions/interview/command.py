"""The verb `match ask`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click

from solver.errors import InputError
from solver.report.command_line import process
from solver.report.command_line.failure import ANSWERED
from solver.report.command_line.options import ON_A_DAY, TRIALS, option, question, verb

if TYPE_CHECKING:
    from typing import TextIO

    from solver.patient.readers.formats import PatientEntry
    from solver.questions.interview.interview import Interview
    from solver.report.command_line.question import Question
    from solver.report.page import Page

_PATIENT = click.argument("patient", required=False, metavar="[PATIENT.json]")
_OUT = option(
    "--out",
    metavar="FILE",
    help="Write the record here, readable by you alone; else, and for -, to standard output.",
)
_BACK, _STOP = "back", "stop"
_WIDTH = 80


@verb("ask", _PATIENT, _OUT, TRIALS, *ON_A_DAY)
def ask(patient: str | None, out: str | None, **given: Any) -> int:
    """Ask in the terminal what still matters, one question at a time, and write the record.

    Questions come in the order in which they settle the most; after each answer stands what it changed. An empty answer is unknown, back
    takes the last one back, and stop ends. Whatever ends it, what was answered is written.

    \b
      match ask patient.json --out patient.json
      match ask --as-of 2026-11-20 --out new.json

    Exit codes: 0 ended, 2 the input is wrong, or there is no terminal.
    """  # noqa: D301
    screen = _screen()
    if patient == "-":
        raise InputError("-: standard input is the terminal that is asked: give a file")
    out = None if out == "-" else out
    if out is not None:
        _check_folder(out)
    asked = question(**given)
    with _spoken_to(screen):
        interview = _begun(asked, patient, screen)
        try:
            _hold(interview, screen)
        finally:
            # a closed terminal is told twice: by the end of the input, and by a signal that comes as soon as this begins
            try:
                _write(interview, out)
            except SystemExit:
                _write(interview, out)
                raise
    return ANSWERED


def _screen() -> TextIO:
    """Where questions are put: standard output, or standard error where that is no terminal; raises `InputError`."""
    if sys.stdin.isatty():
        for stream in (sys.stdout, sys.stderr):
            if stream.isatty():
                return stream
    raise InputError("match ask needs a terminal: match tests PATIENT.json says what to find out")


def _check_folder(out: str) -> None:
    """Raise `InputError` before anything is asked where the record could not be written."""
    folder = os.path.dirname(os.path.realpath(out))
    if os.path.isdir(out) or not os.path.isdir(folder) or not os.access(folder, os.W_OK):
        what = "it is a folder" if os.path.isdir(out) else "its folder cannot be written to"
        raise InputError(f"--out: {out} cannot be written: {what}")


@contextmanager
def _spoken_to(screen: TextIO) -> Iterator[None]:
    """While the terminal is there; once it is closed, the interview is at its end."""
    with suppress(OSError, EOFError):
        yield


def _begun(asked: Question, patient: str | None, screen: TextIO) -> Interview:
    """The interview about the record of a file, or about a patient of whom nothing is known."""
    from solver.questions.interview.interview import Interview

    document: dict[str, Any] = {"id": "patient", "facts": {}}
    name = "record"
    if patient is not None:
        name, document = asked.of_only(patient, lambda entry: _document_of(asked, entry))
    as_of = asked.as_of
    if as_of is None and document.get("as_of") is None and patient is None:
        as_of = _day(screen)
    return Interview(
        asked.engine,
        document,
        trials=asked.trials,
        as_of=as_of,
        context=asked.context,
        lenient=asked.lenient,
        name=name,
    )


def _document_of(asked: Question, entry: PatientEntry) -> tuple[str, dict[str, Any]]:
    """What messages call a record, and its native form."""
    value = asked.converted(entry).document if entry.export is not None else entry.value
    if not isinstance(value, dict):
        asked.read(entry)  # which says what is wrong with it
    assert isinstance(value, dict)
    return entry.name, dict(value)


def _day(screen: TextIO) -> str:
    """The day of evaluation, which somebody confirms or writes."""
    from datetime import date

    from solver.patient.readers.native.dates import NotADateError, parse_date

    today = date.today().isoformat()
    while True:
        text = _line(screen, f"Day of evaluation, YYYY-MM-DD (empty for today, {today}): ") or today
        try:
            parse_date(text, partial=False)
        except NotADateError as error:
            print(f"  {error}", file=screen)
        else:
            return text


def _hold(interview: Interview, screen: TextIO) -> None:
    """Put one question after the other, until nothing is left or somebody stops."""
    from solver.language.calendar import format_day
    from solver.questions.interview import page
    from solver.report.interview_words import new_warnings, what_changed

    _show(page.opening_page(interview, format_day(interview.record.as_of), _WIDTH), screen)
    again: str | None = None
    while True:
        following = interview.next
        name = again or (following.variable if following else None)
        again = None
        if name is None:
            _show(page.end_page(interview, _WIDTH), screen)
        else:
            _show(page.question_page(interview, name, _WIDTH), screen)
        text = _line(screen, "> ")
        if text.casefold() == _STOP or (name is None and not text and interview.state.consistent is True):
            break
        if text.casefold() == _BACK:
            again = interview.back()
            if again is None:
                print("  this is the first question", file=screen)
            continue
        if name is None:
            continue
        try:
            before = interview.answer(name, text)
        except InputError as error:
            again = name
            _told(error.problems, screen)
        else:
            if text:
                _told([what_changed(before, interview.state), *new_warnings(before, interview.state)], screen)
    _show(page.closing_page(interview, _WIDTH), screen)


def _line(screen: TextIO, prompt: str) -> str:
    """What is typed, on one line; raises `EOFError` where the terminal is closed, or at the end of the input."""
    screen.write(prompt)
    screen.flush()
    text = sys.stdin.readline()
    if not text:
        raise EOFError
    return text.strip()


def _told(lines: Any, screen: TextIO) -> None:
    from solver.report.page import Page

    page = Page(_WIDTH)
    for line in lines:
        page.text(line, indent=2)
    _show(page, screen)


def _show(page: Page, screen: TextIO) -> None:
    page.show(screen)
    screen.flush()


def _write(interview: Interview, out: str | None) -> None:
    """Write the record: to a file that nobody else may read, or to standard output."""
    from solver.patient.answered_terms import unwritten_answers
    from solver.patient.readers.native.json_text import written_json
    from solver.report.command_line.failure import say
    from solver.report.command_line.output import print_text
    from solver.report.writing import write_file

    process.stop_no_more()
    text = written_json(interview.document, indent=2)
    if out is None:
        print_text(text)
    else:
        write_file(out, f"{text}\n", private=True)
    for each in unwritten_answers(interview.terms, interview.library):
        say(f"not in the record, since no entry of it says this alone: {each}")
