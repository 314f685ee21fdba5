"""Whether patients of a saved sheet of examples are still judged as the sheet says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from solver.engine.answer import Subsets, Verdict
from solver.engine.case import Engine
from solver.engine.conflicts import cohort_conflicts
from solver.patient.record import Record


@dataclass(frozen=True, slots=True)
class Standing:
    """The verdict on a trial and on one of its cohorts, with the conflicts of each; a cohort that there is not has none."""

    verdict: Verdict
    conflicts: Subsets
    cohort_verdict: Verdict | None
    cohort_conflicts: Subsets


@dataclass(frozen=True, slots=True)
class Saved:
    """A patient of a sheet: the clause that the patient is an example of, None for a starting patient, and how the patient stood."""

    record: Record
    clause: str | None
    cohort: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Rechecked:
    """A saved patient, and how the same patient stands now."""

    saved: Saved
    now: Standing

    @property
    def holds(self) -> bool:
        """Whether verdicts and conflicts are the same."""
        return self.saved.standing == self.now


def recheck(engine: Engine, code: str, saved: Iterable[Saved]) -> list[Rechecked]:
    """How each patient stands now for the trial with this code. Raises `EngineError` if an answer fails its own re-check."""
    return [Rechecked(each, standing(engine, code, each.record, each.cohort)) for each in saved]


def standing(engine: Engine, code: str, record: Record, cohort: str) -> Standing:
    """How a patient stands for a trial and one of its cohorts: the verdicts and conflicts that `match` gives, and nothing else of it."""
    posed = engine.pose(record)
    if posed.consistent is not True:
        verdict: Verdict = "unresolved" if posed.consistent is None else "withheld"
        return Standing(verdict, (), verdict, ())
    matching = engine.matching(posed, [])
    decision = matching.decision(engine.library.trials[code])
    conflicts = matching.conflicts(decision).subsets
    if cohort not in decision.cohorts:
        return Standing(decision.verdict, conflicts, None, ())
    own: Subsets = ()
    if decision.cohorts[cohort] == "ineligible":
        own = cohort_conflicts(matching.problem, decision, cohort).subsets
    return Standing(decision.verdict, conflicts, decision.cohorts[cohort], own)
