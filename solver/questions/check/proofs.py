"""What can hold of some patient under the theory on some day, and what is proved to hold of none on any, with what the proof rests on.

For example:

    refuted([age < 0])           "theory": no completion of any record has it
    refuted([weight > 900 kg])   "ranges": only the plausible range of the weight excludes it
    refuted([score <= 1])        None: some patient has it
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from functools import cached_property

from solver.engine.days.any_day import DAYS_AHEAD, AnyPatient
from solver.engine.witnesses.witness import REFERENCE_DAY, find_witness
from solver.errors import EngineError, InputError
from solver.language.calendar import A_LIFE
from solver.language.domain import Environment, Interval
from solver.language.tree import Condition
from solver.language.types import DateType
from solver.library.models import Library
from solver.patient.record import Fact, Record
from solver.questions.check.answer import Basis
from solver.work import Budget, OutOfBudget

Named = tuple[str, Condition]
"""A clause by its id, and the condition that it puts."""


class Prover:
    """Proofs about every patient, with any planned first dose of the next ten years, on the reference day and on any other.

    `strict` patients are those of the theory alone; `ranged` ones are plausible as well, and their dates that are past lie within a life.
    Raises `InputError` if no patient fits the theory.
    """

    def __init__(self, library: Library, budget: Budget | None = None) -> None:
        self.library, self.budget = library, budget
        self.day = REFERENCE_DAY.toordinal()
        dates = {name: v for name, v in library.variables.items() if isinstance(v.type, DateType)}
        self._planned = tuple(name for name, variable in dates.items() if variable.absent_as_of)
        past = [name for name, v in dates.items() if v.past and v.plausible is None]
        lifetime = Interval(self.day - A_LIFE, self.day, whole=True)
        lived = {name: Fact(name, lifetime, "") for name in past}
        self.strict = AnyPatient(
            library, self._start_on(self.day), budget, every_day=True, ranges=False, often=True
        )
        self.ranged = AnyPatient(
            library, self._start_on(self.day, lived), budget, every_day=True, lived=True, often=True
        )
        if not (self.strict.problem.consistent() and self.ranged.problem.consistent()):
            raise InputError("the theory contradicts itself: no patient fits it, so nothing can be checked")

    @cached_property
    def today(self) -> Prover:
        """Of the patients of the reference day alone: for what is a sign and no proof, or is said of that day."""
        alone = copy(self)
        alone.strict, alone.ranged = self.strict.on_its_day_alone(), self.ranged.on_its_day_alone()
        alone.__dict__["today"] = alone
        return alone

    def _start_on(self, day: int, lived: dict[str, Fact] | None = None) -> Record:
        """What is known of a patient on a day."""
        ahead = Interval(day, day + DAYS_AHEAD, whole=True)
        return Record("witness", day, {name: Fact(name, ahead, "") for name in self._planned} | (lived or {}))

    @property
    def known(self) -> Environment:
        """What is known of every patient on the reference day, plausible ranges included."""
        return self.ranged.problem.known

    def possible(self, goals: Sequence[Condition]) -> bool:
        """Whether a plausible patient meets all goals on some day. Raises `OutOfBudget`."""
        return self.ranged.possible(goals) is not None

    def refuted(self, goals: Sequence[Condition]) -> Basis | None:
        """What it takes to prove that no patient meets all goals on any day; None if a plausible one does. Raises `OutOfBudget`."""
        if self.ranged.on_the_day(goals) is not None:
            return None
        if not self.strict.matters(goals):
            return "theory" if self.strict.on_the_day(goals) is None else "ranges"
        # what does not depend on the day often is enough, and then one day stands for all
        timeless = [goal for goal in goals if not self.strict.matters([goal])]
        if self.strict.on_the_day(timeless) is None:
            return "theory"
        # what no day and no range is needed for is the most; it settles the reference day as well
        if self.strict.on_some_day(goals) is None:
            return "theory"
        return None if self.ranged.on_some_day(goals) is not None else "ranges"

    def shut(self, several: Sequence[Sequence[Condition]], basis: Basis) -> bool:
        """Whether a proof that rests on no more than the basis shows that no patient meets any of the goals. Raises `OutOfBudget`."""
        return not any(self._met_beyond(goals, basis) for goals in several)

    def _met_beyond(self, goals: Sequence[Condition], basis: Basis) -> bool:
        if basis == "ranges":
            return self.possible(goals)
        return self.ranged.has_met(goals) or self.strict.possible(goals) is not None

    def core(self, clauses: Sequence[Named], goals: Sequence[Condition]) -> tuple[str, ...]:
        """A minimal set of the clauses, in their order, with which no patient meets the goals; all of them must rule the goals out."""
        found = self.refutation(clauses, goals)
        return found[0] if found is not None else tuple(name for name, _ in clauses)

    def refutation(
        self, clauses: Sequence[Named], goals: Sequence[Condition]
    ) -> tuple[tuple[str, ...], Basis] | None:
        """A minimal set of the clauses with which no patient meets the goals on any day, and what the proof takes; None if one does.

        What one day needs often does on every day; it is sought first, since other days are much more work.
        """
        everything = [*goals, *_conditions_of(clauses)]
        if self.ranged.on_the_day(everything) is not None:
            return None
        today = self.today
        basis: Basis = "ranges" if today.strict.on_the_day(everything) is not None else "theory"
        kept = _minimal(clauses, lambda fewer: today.shut([[*goals, *_conditions_of(fewer)]], basis))
        if self is not today and self.refuted([*goals, *_conditions_of(kept)]) != basis:
            every_day = self.refuted(everything)
            if every_day is None:
                return None
            basis = every_day
            kept = _minimal(clauses, lambda fewer: self.shut([[*goals, *_conditions_of(fewer)]], basis))
        return tuple(name for name, _ in kept), basis

    def witness(self, goals: Sequence[Condition]) -> Record | None:
        """A patient with few facts who meets the goals, if one then does on the reference day; None if none is found to write."""
        try:
            found = self.ranged.possible(goals) if self.ranged.matters(goals) else None
            start = self._start_on(self.day if found is None else found[0])
            return find_witness(self.library, goals, start, free=self._planned, budget=self.budget)
        except (EngineError, OutOfBudget):
            return None


def _conditions_of(clauses: Sequence[Named]) -> list[Condition]:
    return [condition for _, condition in clauses]


def _minimal(clauses: Sequence[Named], enough: Callable[[Sequence[Named]], bool]) -> list[Named]:
    """A minimal part of the clauses that is still enough; all of them are."""
    kept = list(clauses)
    size = max(len(kept), 1)
    # halves are left out before quarters, and these before single clauses: few of many are needed
    while size:
        start = len(kept) - size
        while start > -size and kept:
            fewer = kept[: max(start, 0)] + kept[start + size :]
            if enough(fewer):
                kept = fewer
            start -= size
        size //= 2
    return kept


def widest_basis(several: Sequence[Basis]) -> Basis:
    """What several proofs together rest on."""
    return "ranges" if "ranges" in several else "theory"
