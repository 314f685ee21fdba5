"""The verb `match tests`."""

from __future__ import annotations

from typing import Any

import click

from solver.report.arguments import check_patient
from solver.report.options import ALSO_TRIALS, FORM, OF_A_RECORD, PATIENT, TRIAL_NAMES, question, verb
from solver.report.output import Form

_PAIRS = click.option(
    "--show-pair", "pairs", is_flag=True, help="Show two patients of opposite verdicts who fit the record."
)


@verb("tests", PATIENT, TRIAL_NAMES, _PAIRS, FORM, ALSO_TRIALS, *OF_A_RECORD)
def tests(patient: str, pairs: bool, form: Form, **given: Any) -> int:
    """Show what to order: what settles each trial, the shortest way in, and what does not matter.

    \b
      match tests patient.json
      match tests patient.json TRIAL --show-pair
    """  # noqa: D301
    from functools import partial

    from solver.questions.workup.ask import plan_tests
    from solver.questions.workup.page import work_up_page
    from solver.report.every_record import answer_each_record

    check_patient("tests", patient, given["trials"], "TRIAL")
    ask = partial(plan_tests, pairs=pairs)
    return answer_each_record(question(**given), [patient], form, ask, work_up_page)
