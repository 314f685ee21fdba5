"""Every day of evaluation at once: what can hold of some patient on some day, and what is proved to hold of none on any.

Days and calendar months relate in a way that depends on the day: 89 days are three months from 1 February, and 92 are not from 1
January. So the day of evaluation is a variable here, and the dates of a patient lie where they do beside it. The calendar repeats every
four years (`CYCLE` days, from March 1900 to February 2100), and a patient whose dates are all moved by four years is one for whom the
same holds, on a day four years later. Therefore four years of days stand for all, as long as no condition names a day of the calendar.
Where one does, all days from the first to `LAST_AS_OF` are looked at.

    I1  last_dose + 89 <= day         no condition names a day: whoever meets both on some day has a twin who does within the four years
    I2  day <= last_dose + 3 months
    I3  last_dose < 1 March 2026      names a day: with it, all days are looked at

A patient of whom nothing is known: whether there can be somebody on whom conditions hold.

For example, of these goals:

    [age >= 18, score <= 1]     a box of patients: age 18 or more, score 0 to 1, the rest as the theory leaves it
    [age >= 18, age < 18]       nobody, on no day
    [birthday + 18 a <= as_of, age < 18]
                                nobody on 2026-01-01, but on a 28 February who is born on a 29th: the box names that day
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from copy import copy
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from solver.engine.days.evaluation_days import EvaluationDays
from solver.engine.other_patients.repeated_oracle import RepeatedOracle
from solver.engine.problem import Problem, pose
from solver.engine.witnesses.witness import REFERENCE_DAY
from solver.language import tree as t
from solver.language.calendar import A_LIFE, CYCLE, FIRST_DAY, format_day
from solver.language.domain import Environment, Interval
from solver.language.tree import Condition
from solver.language.types import DateType
from solver.library.models import Axiom, Library
from solver.patient.record import Fact, Record
from solver.work import Budget

if TYPE_CHECKING:
    from solver.work import Budget

FIRST_AS_OF = REFERENCE_DAY.toordinal()
LAST_OF_CYCLE = FIRST_AS_OF + CYCLE - 1
LAST_AS_OF = REFERENCE_DAY.replace(year=2079).toordinal()
"""The days of evaluation that are looked at: four years, or all up to this one. Beyond it dates ahead would leave the calendar's cycle."""

DAYS_AHEAD = 3653
"""How far ahead of the day of evaluation a date may be planned: ten years."""

DAYS = FIRST_AS_OF, LAST_OF_CYCLE
"""The first and the last day of evaluation that stand for all."""

STAND_FOR_ALL = EvaluationDays(*map(format_day, DAYS))
"""The same as answers have them."""

_DAY = t.NumberVariable(t.AS_OF, "date")


class AnyDay:
    """The problem of a patient of whom nothing is known, on a day of evaluation that is not known either.

    With `ranges` plausible values are assumed, but of the variables of `implausible`. With `lived` dates that are past, and have no
    plausible range of their own, lie within a life.
    """

    def __init__(
        self,
        library: Library,
        budget: Budget | None = None,
        *,
        ranges: bool = True,
        lived: bool = False,
        implausible: Collection[str] = (),
        often: bool = False,
    ) -> None:
        self.library, self.budget, self._often = library, budget, often
        self.ranges, self.lived, self.implausible = ranges, lived, frozenset(implausible)
        self._posed: dict[int, Problem] = {}
        self._dated: dict[int, tuple[t.Condition, bool]] = {}

    def matters(self, goals: Sequence[t.Condition]) -> bool:
        """Whether what can hold may depend on the day: if not, any one day stands for all."""
        return any(map(self._matters_to, goals))

    def _matters_to(self, goal: t.Condition) -> bool:
        found = self._dated.get(id(goal))
        if found is None:
            dated = not t.variables(goal).isdisjoint(self._dated_names) or _depends_on_day(goal)
            # the goal is kept as well, so that no other one gets its identity
            found = self._dated[id(goal)] = goal, dated
        return found[1]

    @cached_property
    def _dated_names(self) -> frozenset[str]:
        """The variables of which the theory says, directly or through others, what depends on the day."""
        library = self.library
        said = [axiom.condition for axiom in library.axioms]
        said += [v.plausible for v in library.variables.values() if v.plausible is not None]
        names = frozenset[str]().union(*(t.variables(each) for each in said if _depends_on_day(each)))
        return frozenset[str]().union(*(library.linked[name] for name in names & library.variables.keys()))

    def possible(self, goals: Sequence[t.Condition]) -> Environment | None:
        """A box of patients who meet all goals, on the box's day of evaluation; None if there is nobody. Raises `OutOfBudget`."""
        last = LAST_AS_OF if names_a_day(goals) else LAST_OF_CYCLE
        if last not in self._posed:
            self._posed[last] = problem = self._posed_until(last)
            if self._often:
                problem.oracle = RepeatedOracle(problem.oracle)
        problem = self._posed[last]
        found = problem.oracle.possible(goals)
        if found is None or found[t.AS_OF] == _days_until(FIRST_AS_OF):
            return found
        # a day soon after the first is easier to read, if there is one
        soon = t.Compare("<=", _DAY, t.Constant(Fraction(FIRST_AS_OF + 366)))
        return problem.oracle.possible([*goals, soon]) or found

    def _posed_until(self, last: int) -> Problem:
        facts, axioms = {}, []
        for name, variable in self.library.variables.items():
            ranged = self.ranges and name not in self.implausible
            if ranged and variable.plausible is not None and t.AS_OF in t.variables(variable.plausible):
                axioms.append(variable.plausible)
            if not isinstance(variable.type, DateType):
                continue
            date = t.NumberVariable(name, "date")
            if variable.absent_as_of:
                facts[name] = _fact_within(name, FIRST_AS_OF, last + DAYS_AHEAD)
                axioms += [t.Compare("<=", _DAY, date), t.Compare("<=", date, _day_moved_by(DAYS_AHEAD))]
            elif variable.past:
                axioms.append(t.Compare("<=", date, _DAY))
                if self.lived and variable.plausible is None:
                    facts[name] = _fact_within(name, FIRST_AS_OF - A_LIFE, last)
                    axioms.append(t.Compare("<=", _day_moved_by(-A_LIFE), date))
        beside = [Axiom(f"day:{i}", "", "", condition) for i, condition in enumerate(axioms)]
        # a range that depends on the day is stated above: it must not be taken from one day
        plausible = {name: v.plausible for name, v in self.library.variables.items() if v.plausible}
        daily = [name for name, condition in plausible.items() if t.AS_OF in t.variables(condition)]
        return pose(
            replace(self.library, axioms=(*self.library.axioms, *beside)),
            Record("witness", last, facts),
            self.budget,
            ranges=self.ranges,
            implausible=[*self.implausible, *daily] if self.ranges else None,
            days=_days_until(last),
        )


def day_of(box: Environment) -> int:
    """The day of evaluation of a box."""
    day = box[t.AS_OF]
    assert isinstance(day, Interval)
    return int(day.low)


def names_a_day(conditions: Iterable[t.Condition]) -> bool:
    """Whether a condition may compare a date with a day of the calendar."""
    return any(_names_a_day(node) for condition in conditions for node in t.walk(condition))


def _depends_on_day(condition: t.Condition) -> bool:
    """Whether what a condition says can change where all dates move by the same number of days."""
    return any(isinstance(n, t.AddMonths | t.CompletedYears) or _names_a_day(n) for n in t.walk(condition))


def _names_a_day(node: t.Node) -> bool:
    """Whether it is a comparison of a date that has a number too large for a number of days."""
    if not isinstance(node, t.Compare):
        return False
    parts = list(t.walk(node))
    dated = any(isinstance(part, t.NumberVariable) and part.kind == "date" for part in parts)
    return dated and any(isinstance(part, t.Constant) and abs(part.value) >= FIRST_DAY for part in parts)


def _days_until(last: int) -> Interval:
    return Interval(FIRST_AS_OF, last, whole=True)


def _fact_within(name: str, low: int, high: int) -> Fact:
    return Fact(name, Interval(low, high, whole=True), "")


def _day_moved_by(days: int) -> t.Sum:
    """The day of evaluation moved by a number of days."""
    return t.Sum((_DAY, t.Constant(Fraction(days))))


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
        often: bool = False,
    ) -> None:
        self.library, self.start, self.budget, self._often = library, start, budget, often
        self._ranges, self._implausible = ranges, implausible
        days = AnyDay(library, budget, ranges=ranges, lived=lived, implausible=implausible or (), often=often)
        self._days = days if every_day else None

    @cached_property
    def problem(self) -> Problem:
        """What is known on the day of the start."""
        problem = pose(
            self.library, self.start, self.budget, ranges=self._ranges, implausible=self._implausible
        )
        if self._often:
            problem.oracle = RepeatedOracle(problem.oracle)
        return problem

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

    def has_met(self, goals: Sequence[Condition]) -> bool:
        """Whether somebody who was found on that day, where this is noted, meets all goals for certain."""
        oracle = self.problem.oracle
        return isinstance(oracle, RepeatedOracle) and oracle.has_met(goals)

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
