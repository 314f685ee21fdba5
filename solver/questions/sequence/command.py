"""The verb `match sequence`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from solver.report.arguments import Verb, check_patient
from solver.report.options import (
    AS_OF,
    ASSUME,
    CONTEXT,
    ENCODINGS,
    FORM,
    HELP,
    LENIENT,
    TRIALS,
    options,
    question,
)

if TYPE_CHECKING:
    from solver.report.output import Form


@click.command("sequence", cls=Verb, context_settings=HELP)
@click.argument("patient", metavar="PATIENT.json")
@click.argument("others", nargs=-1, metavar="")
@options(FORM, TRIALS, AS_OF, CONTEXT, ASSUME, LENIENT, ENCODINGS)
def sequence(patient: str, others: tuple[str, ...], form: Form, **given: Any) -> int:
    """Show what entering one trial does to the others.

    A matrix says for each trial that the patient can, or might, enter how the others stand while on it and afterwards, with the clauses
    that close them; then come the orders that keep most doors open. What entering a trial changes is said by `match trials TRIAL`.

    \b
      match sequence patient.json
      match sequence patient.json --format json
    """  # noqa: D301
    from solver.questions.sequence.ask import sequence as ask
    from solver.questions.sequence.page import sequence_page
    from solver.report.every_record import answer_each_record
    from solver.report.json import json_text

    check_patient("sequence", patient, others, "--trials TRIAL")
    asked = question(**given)
    return answer_each_record(
        asked,
        [patient],
        form,
        lambda record: ask(asked.engine, record, asked.trials),
        json_text,
        lambda found, _, width: sequence_page(found, asked.library, width),
    )
