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


def patient_report(engine: Engine, record: Record, trials: Iterable[str] | None = None) -> PatientReport:
    """What there is to hand over about one record; `trials` and what is raised are those of `match`."""
    codes = [trial.code for trial in engine.chosen(trials)]
    explained = explain(engine, record, codes)
    asked = [
        trial.code
        for trial in explained.trials
        if trial.verdict == "undetermined" and trial.deciding_sets and not is_closed(trial)
    ]
    tests = plan_tests(engine, record, asked) if asked else None
    return PatientReport(record, engine.library, explained, when(engine, record, codes), tests)
