"""The verb `match`, which may be left out."""

from __future__ import annotations

from typing import Any

import click

from solver.questions import TABLE
from solver.report.command_line.arguments import DEFAULT_VERB, DefaultCommand, check_patients
from solver.report.command_line.options import (
    FORM_OF_SEVERAL,
    FULL,
    HELP,
    OF_A_RECORD,
    TRIALS,
    VERSION,
    WITHOUT,
    options,
    question,
)
from solver.report.command_line.output import Form

_VERBS = "\n".join(f"  {f'match {name} {verb.usage}':<35}{verb.about}" for name, verb in TABLE.items())
ABOUT = f"""Match patients against clinical trials, and say why.

PATIENT.json is a patient's record, an array of records, or NDJSON with a record on each line; - reads standard input. Each trial's
verdict is eligible, undetermined (data are missing that matter) or ineligible, with the reason; a record that contradicts itself gets
no verdict.

\b
  match patient.json
  match patient.json --format json --trials CODE
  match *.json --context site.json

The page fits a screen, and counts what it folds: --full shows all. Several patients stand in one table.

Other verbs, each with its own --help:

\b
{_VERBS}

Exit codes: 0 answered, 2 the input is wrong (other files are still answered), 3 the engine failed. Answers go to standard output,
errors and progress to standard error. Nothing is sent anywhere.
"""


@click.command(DEFAULT_VERB, cls=DefaultCommand, context_settings=HELP, help=ABOUT)
@click.argument("patients", nargs=-1, required=True, metavar="PATIENT.json...")
@options(FULL, FORM_OF_SEVERAL, TRIALS, WITHOUT, *OF_A_RECORD, VERSION)
def match(patients: tuple[str, ...], full: bool, form: Form, **given: Any) -> int:
    """Print the answer for each record of the files; `ABOUT` is its help."""
    from solver.questions.match.ask import match as ask
    from solver.report.command_line.every_record import answer_each_record, answer_records_together

    check_patients(patients, TABLE)
    asked = question(**given)
    if full or form == "json":
        from solver.questions.match.page import report

        return answer_each_record(asked, patients, form, ask, report)
    from solver.questions.match.several_page import SeveralPatients

    return answer_records_together(asked, patients, ask, SeveralPatients(asked.library))
