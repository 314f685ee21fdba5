"""The verb `match tests`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from solver.report.arguments import Verb, check_patient
from solver.report.options import (
    ALSO_TRIALS,
    AS_OF,
    ASSUME,
    CONTEXT,
    ENCODINGS,
    FIRST_DOSE,
    FORM,
    HELP,
    LENIENT,
    options,
    question,
)

if TYPE_CHECKING:
    from solver.report.output import Form


@click.command("tests", cls=Verb, context_settings=HELP)
@click.argument("patient", metavar="PATIENT.json")
@click.argument("trials", nargs=-1, metavar="[TRIAL...]")
@click.option(
    "--show-pair", "pairs", is_flag=True, help="Show two patients of opposite verdicts who fit the record."
)
@options(FORM, ALSO_TRIALS, AS_OF, FIRST_DOSE, CONTEXT, ASSUME, LENIENT, ENCODINGS)
def tests(
    patient: str, trials: tuple[str, ...], also: tuple[str, ...], pairs: bool, form: Form, **given: Any
) -> int:
    """Show what to order: what settles each trial, the shortest way in, and what does not matter.

    \b
      match tests patient.json
      match tests patient.json TRIAL --show-pair
    """  # noqa: D301
    from solver.questions.workup.ask import plan_tests
    from solver.questions.workup.page import work_up_page
    from solver.report.every_record import answer_each_record
    from solver.report.json import json_text

    check_patient("tests", patient, trials, "TRIAL")
    asked = question(trials=(*trials, *also), where="--trials" if also else "", **given)
    return answer_each_record(
        asked,
        [patient],
        form,
        lambda record: plan_tests(asked.engine, record, asked.trials, pairs=pairs),
        json_text,
        lambda found, record, width: work_up_page(found, record, asked.library, width),
    )
