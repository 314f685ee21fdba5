"""The verb `match sequence`."""

from __future__ import annotations

from typing import Any

import click

from solver.report.command_line.arguments import check_patient
from solver.report.command_line.options import FORM, FULL, ON_A_DAY, PATIENT, TRIALS, question, verb
from solver.report.command_line.output import Form


@verb("sequence", PATIENT, click.argument("others", nargs=-1, metavar=""), FULL, FORM, TRIALS, *ON_A_DAY)
def sequence(patient: str, others: tuple[str, ...], full: bool, form: Form, **given: Any) -> int:
    """Show what entering one trial does to the others.

    A matrix says for each trial that the patient can, or might, enter how the others stand while on it and afterwards, with the clauses
    that close them; then come the orders that keep most doors open. What entering a trial changes is said by --full, and by
    `match trials TRIAL`.

    \b
      match sequence patient.json
      match sequence patient.json --format json
    """  # noqa: D301
    from solver.questions.sequence.ask import sequence as ask
    from solver.questions.sequence.brief_page import brief_sequence_page
    from solver.questions.sequence.page import sequence_page
    from solver.report.command_line.every_record import answer_each_record

    check_patient("sequence", patient, others, "--trials TRIAL")
    page = sequence_page if full else brief_sequence_page
    return answer_each_record(
        question(**given), [patient], form, ask, lambda found, _, *shown: page(found, *shown), brief=not full
    )
