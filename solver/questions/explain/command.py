"""The verb `match explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from solver.report.arguments import Verb, check_patient
from solver.report.options import (
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


@click.command("explain", cls=Verb, context_settings=HELP)
@click.argument("patient", metavar="PATIENT.json")
@click.argument("trials", nargs=-1, metavar="[TRIAL...]")
@options(FORM, AS_OF, FIRST_DOSE, CONTEXT, ASSUME, LENIENT, ENCODINGS)
def explain(patient: str, form: Form, **given: Any) -> int:
    """Explain a patient's answer, clause by clause.

    TRIAL is a code or an NCT number; without one, all trials are explained. What is not met comes first, then what is open and
    what is required of the missing data, then what is met, each with the recorded facts that it rests on.

    \b
      match explain patient.json TRIAL
      match explain patient.json TRIAL --format json
    """  # noqa: D301
    from solver.questions.explain.ask import explain as ask
    from solver.questions.explain.page import explanation
    from solver.report.every_record import answer_each_record
    from solver.report.json import json_text

    check_patient("explain", patient, given["trials"], "TRIAL")
    asked = question(where="", **given)
    return answer_each_record(
        asked,
        [patient],
        form,
        lambda record: ask(asked.engine, record, asked.trials),
        json_text,
        lambda found, record, width: explanation(found, record, asked.library, width),
    )
