"""The verb `match when`."""

from __future__ import annotations

from typing import Any

from solver.report.command_line.arguments import check_patient
from solver.report.command_line.options import (
    ALSO_TRIALS,
    FORM,
    FULL,
    OF_A_RECORD,
    PATIENT,
    TRIAL_NAMES,
    WITHOUT,
    option,
    question,
    verb,
)
from solver.report.command_line.output import Form

_HORIZON = option(
    "--horizon", default="7y", metavar="7y|18m|90d", help="How far to look ahead (7y, at most 50y)."
)


@verb("when", PATIENT, TRIAL_NAMES, _HORIZON, FULL, FORM, ALSO_TRIALS, WITHOUT, *OF_A_RECORD)
def when(patient: str, horizon: str, full: bool, form: Form, **given: Any) -> int:
    """Show from when until when each trial takes the patient, if only time passes.

    Every fact stays as recorded and only the day moves. For each trial the days are shown on which the patient is eligible, or may be,
    with the clause that binds each end, or why there is no such day; a timeline has a bar for each clock. The page is brief, and says
    what it folds; --full shows all.

    \b
      match when patient.json
      match when patient.json TRIAL --full
      match when patient.json TRIAL --horizon 18m --first-dose YYYY-MM-DD
    """  # noqa: D301
    from functools import partial

    from solver.questions.when.ask import when as ask
    from solver.questions.when.brief_page import brief_when_page
    from solver.questions.when.page import when_page
    from solver.report.command_line.every_record import answer_each_record

    check_patient("when", patient, given["trials"], "TRIAL")
    page = when_page if full else brief_when_page
    asked = question(**given)
    return answer_each_record(asked, [patient], form, partial(ask, horizon=horizon), page, brief=not full)
