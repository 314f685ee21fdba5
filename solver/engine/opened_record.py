"""What a record poses: its problem, and whether any patient fits it, before anything else is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from solver.engine.answer import AnswerWarning, RecordState
from solver.engine.consistency import contradictions
from solver.engine.minimal_sets import Minimal
from solver.engine.problem import Problem, pose
from solver.engine.warnings.warnings import record_warnings
from solver.errors import EngineError
from solver.language.domain import Interval
from solver.library.models import Library
from solver.patient.record import Record, record_digest
from solver.work import Budget, OutOfBudget

NO_RANGES = "the plausible ranges of what is not recorded do not fit what is recorded; none was assumed"


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """A record whose consistency is known.

    `consistent` is None if the solver gave up on it; `contradictions` are all minimal sets of contradicting facts. `ranges` says whether
    plausible ranges are assumed of what is not recorded.
    """

    problem: Problem
    consistent: bool | None
    contradictions: Minimal
    warnings: tuple[AnswerWarning, ...]
    ranges: bool = True

    def state(self) -> RecordState:
        """Whether the record agrees with itself, as answers say it."""
        status: dict[bool | None, Literal["consistent", "contradictory", "undecided"]] = {
            True: "consistent",
            False: "contradictory",
            None: "undecided",
        }
        return RecordState(
            status=status[self.consistent],
            contradictions=self.contradictions.subsets,
            contradictions_complete=self.contradictions.complete,
            digest=record_digest(self.problem.record),
        )

    def on_days(self, days: Interval) -> Problem:
        """The problem of the same record with other days of evaluation; what is assumed of it stays."""
        problem = self.problem
        return pose(
            problem.library,
            problem.record,
            problem.budget,
            search=problem.search,
            ranges=self.ranges,
            implausible=problem.implausible,
            days=days,
            assumed=problem.assumed,
        )


def open_record(
    library: Library, record: Record, budget: Budget | None = None, *, search: bool = True
) -> OpenedRecord:
    """The problem that a record poses, and whether it has a completion; `search` as for `pose`."""
    problem = pose(library, record, budget, search=search)
    warnings = list(record_warnings(problem))
    try:
        if problem.consistent():
            return OpenedRecord(problem, True, Minimal((), True), tuple(warnings))
        found = contradictions(problem)
        if found != Minimal((), True):
            return OpenedRecord(problem, False if found.subsets else None, found, tuple(warnings))
        # the facts agree with the axioms, so it is what was assumed besides that does not fit
        problem = pose(library, record, budget, search=search, ranges=False)
        warnings.append(AnswerWarning(code="implausible", text=NO_RANGES))
        if not problem.consistent():
            raise EngineError("the theory contradicts itself")
        return OpenedRecord(problem, True, found, tuple(warnings), ranges=False)
    except OutOfBudget as error:
        warnings.append(gave_up("whether the record contradicts itself", error))
        return OpenedRecord(problem, None, Minimal((), False), tuple(warnings))


def gave_up(question: str, error: OutOfBudget) -> AnswerWarning:
    """That the solver did not decide a question, and what ran out."""
    return AnswerWarning(code="gave-up", text=f"the solver did not decide {question}: its {error} ran out")
