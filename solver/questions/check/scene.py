"""Every patient at once: what can hold of some patient under the theory, and what is proved to hold of none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from solver.errors import EngineError, InputError
from solver.language.calendar import A_LIFE
from solver.language.domain import Domain, Environment, Interval
from solver.language.tree import Condition
from solver.language.types import DateType
from solver.library.models import Library
from solver.patient.record import Fact, Record
from solver.questions.check.findings import Basis
from solver.questions.oracle import OutOfBudget
from solver.questions.problem import pose
from solver.questions.witness import REFERENCE_DAY, find_witness

if TYPE_CHECKING:
    from solver.smt.session import Budget

DAYS_AHEAD = 3653
"""How far ahead of the reference day a first dose may be planned: ten years."""

Named = tuple[str, Condition]
"""A clause by its id, and the condition that it puts."""


class Scene:
    """The problem of a patient of whom nothing is known, on the reference day, with any planned first dose of the next ten years.

    It is posed twice: under the theory alone, and with the plausible ranges as well, where dates that are past lie within a life.
    Raises `InputError` if no patient fits the theory.
    """

    def __init__(self, library: Library, budget: Budget | None = None) -> None:
        self.library, self.budget = library, budget
        day = REFERENCE_DAY.toordinal()
        self.day = day
        dates = {name: v for name, v in library.variables.items() if isinstance(v.type, DateType)}
        ahead = Interval(day, day + DAYS_AHEAD, whole=True)
        lived = Interval(day - A_LIFE, day, whole=True)
        self.planned = tuple(name for name, variable in dates.items() if variable.absent_as_of)
        self.start = Record("witness", day, _facts(self.planned, ahead))
        past = [name for name, v in dates.items() if v.past and v.plausible is None]
        within = replace(self.start, facts={**self.start.facts, **_facts(past, lived)})
        self.strict = pose(library, self.start, budget, ranges=False)
        self.ranged = pose(library, within, budget)
        if not (self.strict.consistent() and self.ranged.consistent()):
            raise InputError("the theory contradicts itself: no patient fits it, so nothing can be checked")

    @property
    def known(self) -> Environment:
        """What is known of every patient, plausible ranges included."""
        return self.ranged.known

    def possible(self, goals: Sequence[Condition]) -> bool:
        """Whether a plausible patient meets all goals. Raises `OutOfBudget`."""
        return self.ranged.oracle.possible(goals) is not None

    def refuted(self, goals: Sequence[Condition]) -> Basis | None:
        """What it takes to prove that no patient meets all goals; None if a plausible one does. Raises `OutOfBudget`."""
        if self.possible(goals):
            return None
        return "theory" if self.strict.oracle.possible(goals) is None else "ranges"

    def core(self, clauses: Sequence[Named], goals: Sequence[Condition]) -> tuple[str, ...]:
        """A minimal set of the clauses, in their order, with which no patient meets the goals; all of them must rule the goals out."""
        problem = self.strict if self.refuted([*goals, *_conditions(clauses)]) == "theory" else self.ranged
        kept = list(clauses)
        size = max(len(kept), 1)
        while size:
            start = len(kept) - size
            while start > -size and kept:
                fewer = kept[: max(start, 0)] + kept[start + size :]
                if problem.oracle.possible([*goals, *_conditions(fewer)]) is None:
                    kept = fewer
                start -= size
            size //= 2
        return tuple(name for name, _ in kept)

    def witness(self, goals: Sequence[Condition]) -> Record | None:
        """A patient with few facts who meets the goals; None if none is found that can be written down."""
        try:
            return find_witness(self.library, goals, self.start, free=self.planned, budget=self.budget)
        except (EngineError, OutOfBudget):
            return None


def _facts(names: Sequence[str], domain: Domain) -> dict[str, Fact]:
    return {name: Fact(name, domain, "") for name in names}


def _conditions(clauses: Sequence[Named]) -> list[Condition]:
    return [condition for _, condition in clauses]


def widest_basis(several: Sequence[Basis]) -> Basis:
    """What several proofs together rest on."""
    return "ranges" if "ranges" in several else "theory"
