"""Conflicts where the solver had given up on how a clause stands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from solver.engine.clauses import ConditionCache
from solver.engine.conflicts import cohort_conflicts
from solver.engine.decision import UNRESOLVED, Standings, decide
from solver.engine.problem import pose
from solver.library.load import load_library
from solver.patient.readers.native.read import record_from
from tests.support.libraries.small_library import TRIAL, folder

CLAUSES = """\
clauses:
  - {id: I1, label: l, source: S, class: objective, changes: treat, require: smoker}
  - {id: I2, label: l, source: S, class: objective, changes: treat, require: grade < 3 and grade > 5}
"""


def test_what_was_left_unresolved_is_not_taken_to_hold(tmp_path: Path) -> None:
    """A clause that nobody can meet is a conflict by itself, also where that was not found out before."""
    files = {"trials/one.yaml": TRIAL.partition("readings:\n")[0] + CLAUSES}
    library = load_library(folder(tmp_path, files), cached=False)
    record = record_from({"id": "p", "as_of": "2026-11-20", "facts": {}}, library)
    problem, trial = pose(library, record), library.trials["ONE"]
    decision = decide(problem, Standings(problem.oracle, ConditionCache()), trial, record.context)
    assert decision.standings["ONE.I2", "A"] is False
    doubtful = replace(decision, standings={**decision.standings, ("ONE.I2", "A"): UNRESOLVED})
    for each in (decision, doubtful):
        assert cohort_conflicts(problem, each, "A").subsets == (("ONE.I2",),)
