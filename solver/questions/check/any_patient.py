"""Every patient at once: what can hold of some patient under the theory on some day, and what is proved to hold of none on any."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from functools import cached_property

from solver.engine.days.any_day import DAYS_AHEAD, AnyDay, day_of
from solver.engine.problem import Problem, pose
from solver.engine.witness import REFERENCE_DAY, find_witness
from solver.errors import EngineError, InputError
from solver.language.calendar import A_LIFE
from solver.language.domain import Domain, Environment, Interval
from solver.language.tree import Condition
from solver.language.types import DateType
from solver.library.models import Library
from solver.patient.record import Fact, Record
from solver.questions.check.findings import Basis
from solver.work import Budget, OutOfBudget

Named = tuple[str, Condition]
"""A clause by its id, and the condition that it puts."""


class Scene:
    """The problem of a patient of whom nothing is known, with any planned first dose of the next ten years.

    It is posed on the reference day and on any day, each under the theory alone, and with the plausible ranges as well, where dates that
    are past lie within a life. `today` is the same on the reference day alone. Raises `InputError` if no patient fits the theory.
    """

    def __init__(self, library: Library, budget: Budget | None = None) -> None:
        self.library, self.budget = library, budget
        self.day = REFERENCE_DAY.toordinal()
        dates = {name: v for name, v in library.variables.items() if isinstance(v.type, DateType)}
        self.planned = tuple(name for name, variable in dates.items() if variable.absent_as_of)
        self._past = [name for name, v in dates.items() if v.past and v.plausible is None]
        self.strict = pose(library, self._start(self.day), budget, ranges=False)
        self.ranged = pose(library, self._start(self.day, lived=True), budget)
        if not (self.strict.consistent() and self.ranged.consistent()):
            raise InputError("the theory contradicts itself: no patient fits it, so nothing can be checked")
        self._strict_days: AnyDay | None = AnyDay(library, budget, ranges=False)
        self._ranged_days: AnyDay | None = AnyDay(library, budget, lived=True)

    @cached_property
    def today(self) -> Scene:
        """The patients of the reference day alone: for what is a sign and no proof, or is said of that day."""
        alone = copy(self)
        alone._strict_days = alone._ranged_days = None
        return alone

    def _start(self, day: int, *, lived: bool = False) -> Record:
        """What is known of a patient on a day."""
        facts = _facts(self.planned, Interval(day, day + DAYS_AHEAD, whole=True))
        if lived:
            facts |= _facts(self._past, Interval(day - A_LIFE, day, whole=True))
        return Record("witness", day, facts)

    @property
    def known(self) -> Environment:
        """What is known of every patient on the reference day, plausible ranges included."""
        return self.ranged.known

    def possible(self, goals: Sequence[Condition]) -> bool:
        """Whether a plausible patient meets all goals on some day. Raises `OutOfBudget`."""
        return self._possible(self.ranged, self._ranged_days, goals)

    def refuted(self, goals: Sequence[Condition]) -> Basis | None:
        """What it takes to prove that no patient meets all goals on any day; None if a plausible one does. Raises `OutOfBudget`."""
        if self.ranged.oracle.possible(goals) is not None:
            return None
        strict, ranged = self._strict_days, self._ranged_days
        if strict is None or ranged is None or not strict.matters(goals):
            return "theory" if self.strict.oracle.possible(goals) is None else "ranges"
        # what no day and no range is needed for is the most; it settles the reference day as well
        if strict.possible(goals) is None:
            return "theory"
        return "ranges" if ranged.possible(goals) is None else None

    def shut(self, several: Sequence[Sequence[Condition]], basis: Basis) -> bool:
        """Whether a proof that rests on no more than the basis shows that no patient meets any of the goals. Raises `OutOfBudget`."""
        problem, days = (
            (self.strict, self._strict_days) if basis == "theory" else (self.ranged, self._ranged_days)
        )
        return not any(self._possible(problem, days, goals) for goals in several)

    def _possible(self, problem: Problem, days: AnyDay | None, goals: Sequence[Condition]) -> bool:
        if problem.oracle.possible(goals) is not None:
            return True
        return days is not None and days.matters(goals) and days.possible(goals) is not None

    def core(self, clauses: Sequence[Named], goals: Sequence[Condition]) -> tuple[str, ...]:
        """A minimal set of the clauses, in their order, with which no patient meets the goals; all of them must rule the goals out."""
        basis = self.refuted([*goals, *_conditions(clauses)]) or "ranges"
        kept = list(clauses)
        size = max(len(kept), 1)
        while size:
            start = len(kept) - size
            while start > -size and kept:
                fewer = kept[: max(start, 0)] + kept[start + size :]
                if self.shut([[*goals, *_conditions(fewer)]], basis):
                    kept = fewer
                start -= size
            size //= 2
        return tuple(name for name, _ in kept)

    def witness(self, goals: Sequence[Condition]) -> Record | None:
        """A patient with few facts who meets the goals, if one then does on the reference day; None if none is found to write."""
        try:
            day = self.day
            days = self._ranged_days
            if days is not None and days.matters(goals) and self.ranged.oracle.possible(goals) is None:
                found = days.possible(goals)
                day = day if found is None else day_of(found)
            return find_witness(self.library, goals, self._start(day), free=self.planned, budget=self.budget)
        except (EngineError, OutOfBudget):
            return None


def _facts(names: Sequence[str], domain: Domain) -> dict[str, Fact]:
    return {name: Fact(name, domain, "") for name in names}


def _conditions(clauses: Sequence[Named]) -> list[Condition]:
    return [condition for _, condition in clauses]


def widest_basis(several: Sequence[Basis]) -> Basis:
    """What several proofs together rest on."""
    return "ranges" if "ranges" in several else "theory"
