"""The verb `match explain`."""

from __future__ import annotations

from typing import Any

from solver.report.arguments import check_patient
from solver.report.options import FORM, OF_A_RECORD, PATIENT, TRIAL_NAMES, question, verb
from solver.report.output import Form


@verb("explain", PATIENT, TRIAL_NAMES, FORM, *OF_A_RECORD)
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

    check_patient("explain", patient, given["trials"], "TRIAL")
    return answer_each_record(question(also=(), **given), [patient], form, ask, explanation)
