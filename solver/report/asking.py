"""The verbs about one patient: read the record, ask the question, print the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from solver.engine.case import Matcher
from solver.errors import InputError
from solver.library.models import Library
from solver.patient.readers.native.read import record_from
from solver.patient.readers.native.several import Entry, entries
from solver.patient.record import Context, Record
from solver.report.every_record import ReportError, every_record
from solver.report.output import Answers, Form, Printer, View
from solver.report.page import Page


@dataclass(frozen=True, slots=True)
class Question:
    """What every such verb is asked with: of which trials (None means all), and how the record is read."""

    library: Library
    matcher: Matcher
    trials: Sequence[str] | None = None
    as_of: str | None = None
    context: Context | None = None
    lenient: bool = False
    first_dose: str | None = None

    def read(self, entry: Entry) -> Record:
        """The record that stands in a file, as it is read here."""
        record = record_from(
            entry.value,
            self.library,
            name=entry.name,
            as_of=self.as_of,
            context=self.context,
            lenient=self.lenient,
        )
        if self.first_dose is None:
            return record
        from solver.patient.first_dose import with_first_dose

        return with_first_dose(record, self.library, self.first_dose, name=entry.name)

    def read_one(self, patient: str) -> Record:
        """The only record of a file; raises `InputError` if it holds more."""
        found = entries(patient)
        entry = next(found)
        if next(found, None) is not None:
            raise InputError(f"{entry.name}: is not the only record of its file: give a file with one record")
        if entry.error is not None:
            raise entry.error
        return self.read(entry)


def match(
    question: Question, patients: Sequence[str], form: Form, view: View, report_error: ReportError
) -> int:
    """Print the answer for each record of the files in turn; returned is the worst exit code, or 0."""
    printer = Printer(form, question.library, view)

    def ask(entry: Entry) -> Callable[[], None]:
        record = question.read(entry)
        found = question.matcher.match(record, question.trials, repairs=view == "explanation")
        return lambda: printer.answer(found, record)

    code = every_record(patients, ask, report_error)
    printer.close()
    return code


def what_if(
    question: Question, patient: str, changes: Sequence[str], form: Form, report_error: ReportError
) -> int:
    """Print the verdicts before and after changes of each record; the word `or` begins another scenario."""
    from solver.patient.changes import changed_from
    from solver.questions.what_if.ask import what_if as ask_what_if
    from solver.questions.what_if.page import what_if_json, what_if_page
    from solver.questions.what_if.scenarios import scenarios_page

    library, scenarios, answers = question.library, _scenarios(changes), Answers(form)

    def ask(entry: Entry) -> Callable[[], None]:
        records = [
            changed_from(
                entry.value,
                library,
                scenario,
                name=entry.name,
                as_of=question.as_of,
                context=question.context,
                lenient=question.lenient,
                where="what-if",
            )
            for scenario in scenarios
        ]
        found = [ask_what_if(question.matcher, record, question.trials) for record in records]

        def page(width: int) -> Page:
            if len(found) == 1:
                return what_if_page(found[0], records[0], library, width)
            return scenarios_page(found, records, library, width)

        return lambda: answers.one(lambda: "\n".join(map(what_if_json, found)), page)

    code = every_record([patient], ask, report_error)
    answers.close()
    return code


def _scenarios(changes: Sequence[str]) -> list[list[str]]:
    """The changes of each scenario; raises `InputError` for one without changes."""
    scenarios: list[list[str]] = [[]]
    for change in changes:
        if change == "or":
            scenarios.append([])
        else:
            scenarios[-1].append(change)
    if not all(scenarios):
        raise InputError("what-if: 'or' stands between two scenarios, each with at least one VARIABLE=VALUE")
    return scenarios


def sequence(question: Question, patient: str, form: Form, report_error: ReportError) -> int:
    """Print for each record what entering one trial does to the others."""
    from solver.questions.sequence.ask import sequence as ask
    from solver.questions.sequence.document import sequence_json
    from solver.questions.sequence.page import sequence_page

    library = question.library
    return _about_each(
        question,
        patient,
        form,
        report_error,
        lambda record: ask(question.matcher, record, question.trials),
        lambda found: sequence_json(found, library),
        lambda found, _, width: sequence_page(found, library, width),
    )


def tests(question: Question, patient: str, form: Form, report_error: ReportError, *, pairs: bool) -> int:
    """Print for each record what to order, and what does not matter."""
    from solver.questions.workup.ask import plan_tests
    from solver.questions.workup.document import tests_json
    from solver.questions.workup.page import work_up_page

    return _about_each(
        question,
        patient,
        form,
        report_error,
        lambda record: plan_tests(question.matcher, record, question.trials, pairs=pairs),
        tests_json,
        lambda found, record, width: work_up_page(found, record, question.library, width),
    )


def when(question: Question, patient: str, horizon: str, form: Form, report_error: ReportError) -> int:
    """Print for each record the days on which each trial takes the patient if only time passes."""
    from solver.questions.when.ask import when as ask
    from solver.questions.when.document import when_json
    from solver.questions.when.page import when_page

    return _about_each(
        question,
        patient,
        form,
        report_error,
        lambda record: ask(question.matcher, record, question.trials, horizon),
        when_json,
        lambda found, record, width: when_page(found, record, question.library, width),
    )


Found = TypeVar("Found")


def _about_each(
    question: Question,
    patient: str,
    form: Form,
    report_error: ReportError,
    ask: Callable[[Record], Found],
    as_json: Callable[[Found], str],
    page: Callable[[Found, Record, int], Page],
) -> int:
    """Print what is found about each record of a file; returned is the worst exit code, or 0."""
    answers = Answers(form)

    def about(entry: Entry) -> Callable[[], None]:
        record = question.read(entry)
        found = ask(record)
        return lambda: answers.one(lambda: as_json(found), lambda width: page(found, record, width))

    code = every_record([patient], about, report_error)
    answers.close()
    return code
