"""The verb `match when`."""

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


@click.command("when", cls=Verb, context_settings=HELP)
@click.argument("patient", metavar="PATIENT.json")
@click.argument("trials", nargs=-1, metavar="[TRIAL...]")
@click.option(
    "--horizon", default="7y", metavar="7y|18m|90d", help="How far to look ahead (7y, at most 50y)."
)
@options(FORM, ALSO_TRIALS, AS_OF, FIRST_DOSE, CONTEXT, ASSUME, LENIENT, ENCODINGS)
def when(
    patient: str, trials: tuple[str, ...], also: tuple[str, ...], horizon: str, form: Form, **given: Any
) -> int:
    """Show from when until when each trial takes the patient, if only time passes.

    Every fact stays as recorded and only the day moves. For each trial the days are shown on which the patient is eligible, or may be,
    with the clause that binds each end, or why there is no such day; a timeline has a bar for each clock.

    \b
      match when patient.json
      match when patient.json TRIAL --horizon 18m --first-dose YYYY-MM-DD
    """  # noqa: D301
    from solver.questions.when.ask import when as ask
    from solver.questions.when.page import when_page
    from solver.report.every_record import answer_each_record
    from solver.report.json import json_text

    check_patient("when", patient, trials, "TRIAL")
    asked = question(trials=(*trials, *also), where="--trials" if also else "", **given)
    return answer_each_record(
        asked,
        [patient],
        form,
        lambda record: ask(asked.engine, record, asked.trials, horizon),
        json_text,
        lambda found, record, width: when_page(found, record, asked.library, width),
    )
