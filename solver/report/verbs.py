"""The verbs about one patient: read the record, ask the question, print the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from solver.errors import InputError
from solver.library.models import Library
from solver.patient.read import read_bytes, read_record
from solver.patient.record import Context
from solver.questions.matcher import Matcher
from solver.report.layout import Page
from solver.report.printer import Form, print_json_or_page
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

    library = question.library
    record = read_record(
        read_bytes(patient),
        library,
        name=patient,
        as_of=question.as_of,
        context=question.context,
        lenient=question.lenient,
    )
    with Progress(1):
        found = ask(question.matcher, record, question.trials)
    print_json_or_page(
        form, lambda: sequence_json(found, library), lambda width: sequence_page(found, library, width)
    )
