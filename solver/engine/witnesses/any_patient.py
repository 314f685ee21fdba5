"""A patient of whom nothing is known: whether there can be somebody on whom conditions hold.

For example, of these goals:

    [age >= 18, score <= 1]     a box of patients: age 18 or more, score 0 to 1, the rest as the theory leaves it
    [age >= 18, age < 18]       nobody, on no day
    [birthday + 18 a <= as_of, age < 18]
                                nobody on 2026-01-01, but on a 28 February who is born on a 29th: the box names that day
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from copy import copy
from functools import cached_property

from solver.engine.days.any_day import AnyDay, day_of
from solver.engine.problem import Problem, pose
from solver.language.domain import Environment
from solver.language.tree import Condition
from solver.library.models import Library
from solver.patient.record import Record
from solver.work import Budget


class AnyPatient:
    """The patients of whom no more is known than what `start` says.

    They may be evaluated on its day, and with `every_day` on any other. Plausible ranges are assumed if `ranges`, but of the variables of
    `implausible`. With `lived` dates that are past lie, on other days, within a life.
    """

    def __init__(
        self,
        library: Library,
        start: Record,
        budget: Budget | None,
        *,
        every_day: bool,
        ranges: bool = True,
        lived: bool = False,
        implausible: Collection[str] | None = None,
    ) -> None:
        self.library, self.start, self.budget = library, start, budget
        self._ranges, self._implausible = ranges, implausible
        days = AnyDay(library, budget, ranges=ranges, lived=lived, implausible=implausible or ())
        self._days = days if every_day else None

    @cached_property
    def problem(self) -> Problem:
        """What is known on the day of the start."""
        return pose(self.library, self.start, self.budget, ranges=self._ranges, implausible=self._implausible)

    def on_its_day_alone(self) -> AnyPatient:
        """The same patients, but for other days."""
        alone = copy(self)
        alone._days = None
        return alone

    def matters(self, goals: Sequence[Condition]) -> bool:
        """Whether other days are looked at as well, and what can hold may depend on the day."""
        return self._days is not None and self._days.matters(goals)

    def on_the_day(self, goals: Sequence[Condition]) -> Environment | None:
        """A box of patients who meet all goals on the day of the start; None if there is nobody. Raises `OutOfBudget`."""
        return self.problem.oracle.possible(goals)

    def on_some_day(self, goals: Sequence[Condition]) -> tuple[int, Environment] | None:
        """A day of evaluation and a box of patients who meet all goals on it; None if there is nobody. Raises `OutOfBudget`."""
        if self._days is None:
            return None
        box = self._days.possible(goals)
        return None if box is None else (day_of(box), box)

    def possible(self, goals: Sequence[Condition]) -> tuple[int, Environment] | None:
        """The same, the day of the start first: another is looked at only where it may matter. Raises `OutOfBudget`."""
        box = self.on_the_day(goals)
        if box is not None:
            return self.start.as_of, box
        return self.on_some_day(goals) if self.matters(goals) else None
