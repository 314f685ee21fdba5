"""Gathering what a report hands over: each part is what the verb of its name answers."""

from __future__ import annotations

from collections.abc import Iterable

from solver.engine.banner import is_closed
from solver.engine.case import Engine
from solver.patient.record import Record
from solver.questions.explain.ask import explain
from solver.questions.report.answer import PatientReport
from solver.questions.when.ask import when
from solver.questions.workup.ask import plan_tests
from solver.work import DEFAULT_BUDGET, allowed

_SHARE = 4
"""The tests and the days are each worked out with half of what the explanation leaves, or with one part in so many of the whole budget."""


def patient_report(engine: Engine, record: Record, trials: Iterable[str] | None = None) -> PatientReport:
    """What there is to hand over about one record; `trials` and what is raised are those of `match`."""
    codes = [trial.code for trial in engine.chosen(trials)]
    whole = (engine.budget or DEFAULT_BUDGET).work
    with allowed(whole, own=True) as allowance:
        explained = explain(engine, record, codes)
    asked = [
        trial.code
        for trial in explained.trials
        if trial.verdict == "undetermined" and trial.deciding_sets and not is_closed(trial)
    ]
    share = max(allowance.left // 2, whole // _SHARE)
    with allowed(share, own=True):
        tests = plan_tests(engine, record, asked) if asked else None
    with allowed(share, own=True):
        days = when(engine, record, codes)
    return PatientReport(record, engine.library, explained, days, tests)
