"""The verbs about one patient: read the record, ask the question, print the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from solver.errors import InputError
from solver.library.models import Library
from solver.patient.read import read_bytes, read_record
from solver.patient.record import Context, Record
from solver.questions.matcher import Matcher
from solver.report.layout import Page
from solver.report.printer import Form, Printer, View, print_json_or_page
from solver.report.progress import Progress


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

    def read(self, patient: str) -> Record:
        """The record in a file, as it is read here."""
        record = read_record(
            read_bytes(patient),
            self.library,
            name=patient,
            as_of=self.as_of,
            context=self.context,
            lenient=self.lenient,
        )
        if self.first_dose is None:
            return record
        from solver.patient.first_dose import with_first_dose

        return with_first_dose(record, self.library, self.first_dose, name=patient)


def match(
    question: Question,
    patients: Sequence[str],
    form: Form,
    view: View,
    report_error: Callable[[Exception], int],
) -> int:
    """Print the answer for each patient in turn; whatever is wrong with one file, the others are answered.

    `report_error` prints an error and gives its exit code; returned is that of the worst file, or 0.
    """
    printer = Printer(form, question.library, view)
    code = 0
    with Progress(len(patients)) as progress:
        for name in patients:
            try:
                record = question.read(name)
                found = question.matcher.match(record, question.trials, repairs=view == "explanation")
            except Exception as error:
                progress.clear()
                code = max(code, report_error(error))
            else:
                progress.clear()
                printer.answer(found, record)
            progress.step()
    printer.close()
    return code


def what_if(question: Question, patient: str, changes: Sequence[str], form: Form) -> None:
    """Print the verdicts before and after changes of a record; the word `or` begins another scenario."""
    from solver.patient.changes import read_changed
    from solver.questions.what_if import what_if as ask
    from solver.report.scenarios import scenarios_page
    from solver.report.what_if import what_if_json, what_if_page

    library, source = question.library, read_bytes(patient)
    scenarios = _scenarios(changes)
    records = [
        read_changed(
            source,
            library,
            scenario,
            name=patient,
            as_of=question.as_of,
            context=question.context,
            lenient=question.lenient,
            where="what-if",
        )
        for scenario in scenarios
    ]
    with Progress(1):
        found = [ask(question.matcher, record, question.trials) for record in records]

    def page(width: int) -> Page:
        if len(found) == 1:
            return what_if_page(found[0], records[0], library, width)
        return scenarios_page(found, records, library, width)

    print_json_or_page(form, lambda: "\n".join(map(what_if_json, found)), page)


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


def sequence(question: Question, patient: str, form: Form) -> None:
    """Print what entering one trial does to the others."""
    from solver.questions.sequence import sequence as ask
    from solver.report.sequence import sequence_page
    from solver.report.sequence_document import sequence_json

    library, record = question.library, question.read(patient)
    with Progress(1):
        found = ask(question.matcher, record, question.trials)
    print_json_or_page(
        form, lambda: sequence_json(found, library), lambda width: sequence_page(found, library, width)
    )


def tests(question: Question, patient: str, form: Form, *, pairs: bool) -> None:
    """Print what to order, and what does not matter."""
    from solver.questions.tests import plan_tests
    from solver.report.work_up import work_up_page
    from solver.report.work_up_document import tests_json

    library, record = question.library, question.read(patient)
    with Progress(1):
        found = plan_tests(question.matcher, record, question.trials, pairs=pairs)
    print_json_or_page(
        form, lambda: tests_json(found), lambda width: work_up_page(found, record, library, width)
    )


def when(question: Question, patient: str, horizon: str, form: Form) -> None:
    """Print the days on which each trial takes a patient if only time passes."""
    from solver.questions.when import when as ask
    from solver.report.when import when_page
    from solver.report.when_document import when_json

    library, record = question.library, question.read(patient)
    with Progress(1):
        found = ask(question.matcher, record, question.trials, horizon)
    print_json_or_page(form, lambda: when_json(found), lambda width: when_page(found, record, library, width))
