"""The verbs about one patient: read the record, ask the question, print the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from solver.library.models import Library
from solver.patient.read import read_bytes, read_record
from solver.patient.record import Context
from solver.questions.matcher import Matcher
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
    """Print the verdicts before and after changes of a record."""
    from solver.patient.changes import read_changed
    from solver.questions.what_if import what_if as ask
    from solver.report.what_if import what_if_json, what_if_page

    library = question.library
    changed = read_changed(
        read_bytes(patient),
        library,
        changes,
        name=patient,
        as_of=question.as_of,
        context=question.context,
        lenient=question.lenient,
        where="what-if",
    )
    with Progress(1):
        found = ask(question.matcher, changed, question.trials)
    print_json_or_page(
        form, lambda: what_if_json(found), lambda width: what_if_page(found, changed, library, width)
    )


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
