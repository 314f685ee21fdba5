"""The days on which waiting alone makes, or keeps, a patient eligible.

Only the day of evaluation moves, and with it a first dose that is not planned for later; every fact stays as recorded, and what is past
stays before the record's own day. Verdicts are not monotone in time, so the set of days is found exactly: the day is one more
variable, and a completion that fits on one day covers all days on which it still fits.

    I1  dose + 14 days <= day         last dose on 1 March, everything else is met; the record is of 5 March
    I2  day <= dose + 3 months

A completion is found on some day, say 1 May. Nothing but the day moves, and it fits from 15 March to 1 June: these days are done. Before
and after them none is found: the patient is eligible from 15 March until 1 June.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import cached_property

from solver.dataclass import dataclass
from solver.engine.clauses import ConditionCache
from solver.engine.consistency import OpenedRecord
from solver.engine.days.day_sets import Spans, difference, intersection, true_days, union
from solver.engine.days.horizon import HORIZON_MONTHS
from solver.engine.decision import Decision, Standings, counting, decide
from solver.engine.problem import Problem
from solver.evaluation.evaluate import evaluate
from solver.evaluation.propagate import Conditions, certain, pin
from solver.evaluation.simplify import simplify
from solver.language import tree as t
from solver.language.calendar import add_months
from solver.language.domain import Environment, Inconsistent, Interval, point
from solver.language.types import DateType
from solver.library.models import Trial
from solver.patient.record import Context
from solver.work import allowed, check_left, spend, uncounted, worked_out_once

_FEW = 20
"""Where the days that a completion covers are fewer than one in so many, one is sought that holds at both ends."""

A_DAY = 1_000
"""The work of posing a record on one day."""

_ALL_DAYS = 1_000_000
"""The work that may go into finding the days on which a record agrees with itself, which all trials share."""

_DAY = t.NumberVariable(t.AS_OF, "date")


@dataclass(frozen=True, slots=True)
class Days:
    """Days of a horizon, as day numbers: on those of `always` every completion fits, on those of `sometimes` some completion does."""

    always: Spans
    sometimes: Spans


class DayRange:
    """A record over the days from `first` to `last`.

    `pose_on` gives the problem that the record poses on given days.
    `today` are the problem and the standings on the first day, where they are at hand. `counted` gives the clauses of a trial that count
    as met on the days on which they are open.
    """

    def __init__(
        self,
        pose_on: Callable[[Interval], Problem],
        first: int,
        last: int,
        cache: ConditionCache,
        today: tuple[Problem, Standings] | None = None,
        counted: Callable[[Trial], Collection[str]] = lambda trial: (),
    ) -> None:
        self.first, self.last = first, last
        self._pose_on, self._cache, self._counted = pose_on, cache, counted
        self._on: dict[int, tuple[Problem, Standings]] = {}
        if today is not None:
            self._on[first] = today
        self._shut: dict[int, tuple[t.Condition, bool]] = {}
        self._days: dict[tuple[int, ...], tuple[object, Spans, int]] = {}
        self._fitting: Spans | None = None
        self._gave_up = False

    @cached_property
    def problem(self) -> Problem:
        """The problem with the day left open."""
        with uncounted(0):
            return self._pose_on(Interval(self.first, self.last, whole=True))

    @cached_property
    def standings(self) -> Standings:
        """How conditions stand where the day is left open."""
        today = self._on.get(self.first)
        return Standings(self.problem.oracle, self._cache, today[1] if today else None)

    def forget(self) -> None:
        """Forget the completions that were found, and what they settled."""
        whole = ((self.problem, self.standings),) if "problem" in vars(self) else ()
        for problem, standings in (*whole, *self._on.values()):
            problem.oracle.pool.clear()
            standings.forget()

    def shut_by_facts(self, today: Decision) -> bool:
        """Whether the recorded facts alone shut each cohort whatever the day, as all do that are no dates.

        `today` is the decision on the first day. What evaluation shows of the facts holds with all that follows from them besides.
        """
        if today.verdict != "ineligible" or self.first not in self._on:
            return False
        left = set(today.cohorts)
        for binding in today.bindings:
            for cohort, condition in binding.conditions.items():
                if cohort in left and today.standings[binding.clause.id, cohort] is False:
                    left -= {cohort} if self._fails_on_all_days(condition) else set()
        return not left

    def _fails_on_all_days(self, condition: t.Condition) -> bool:
        found = self._shut.get(id(condition))
        if found is None:
            found = self._shut[id(condition)] = (condition, evaluate(condition, self._facts) is False)
        return found[1]

    @cached_property
    def _facts(self) -> Environment:
        """What types and facts leave of each variable, on any of the days."""
        return {**self._on[self.first][0].widest, t.AS_OF: Interval(self.first, self.last, whole=True)}

    def over_all_days(self, trial: Trial, context: Context) -> Decision:
        """The verdict with the day left open and nothing counted: eligible on every day, ineligible on every day, or neither."""
        if self.first in self._on:
            self.problem.oracle.learn(self._on[self.first][0].oracle.pool)
        return decide(self.problem, self.standings, trial, context)

    def on(self, day: int, trial: Trial, context: Context) -> Decision:
        """The verdict on one day, on which the record has a completion."""
        problem, standings = self._on_day(day)
        return counting(problem, decide(problem, standings, trial, context), self._counted(trial))

    def problem_on(self, day: int) -> Problem:
        """The problem on one day."""
        return self._on_day(day)[0]

    def _on_day(self, day: int) -> tuple[Problem, Standings]:
        spend(A_DAY)
        if day not in self._on:
            check_left()
            with uncounted(0):
                problem = self._pose_on(point(day, whole=True))
            self._on[day] = (problem, Standings(problem.oracle, self._cache))
        return self._on[day]

    def fits(self, day: int) -> bool:
        """Whether the record has a completion on a day of the horizon. Raises `OutOfBudget`."""
        return any(first <= day <= last for first, last in self._consistent_days())

    def days(self, decision: Decision) -> Days:
        """The days on which a trial takes the patient, from the decision over all days. Raises `OutOfBudget`.

        A capped cohort makes days possible, and none certain.
        """
        if decision.verdict == "ineligible":
            return Days((), ())
        if decision.verdict == "eligible":
            return Days(self._consistent_days(), self._consistent_days())
        counted = self._counted(decision.trial)
        possible: Spans = ()
        ways = []
        for cohort, verdict in decision.cohorts.items():
            if verdict != "ineligible":
                clauses = decision.open_clauses(cohort)
                goals = list(clauses.values())
                days = self._fitting_days(goals) if verdict == "undetermined" else self.satisfiable(goals)
                possible = union(possible, days)
                if cohort in decision.extent.capped:
                    continue
                required = [c for name, c in clauses.items() if name not in counted]
                if len(required) < len(clauses):
                    required.append(_on_one_of(days))
                ways.append(required)
        if not ways or (decision.verdict == "undetermined" and self._fails_each(ways)):
            return Days((), possible)
        fails = [t.negation(t.conjunction(required)) for required in ways]
        return Days(difference(self._consistent_days(), self.satisfiable(fails)), possible)

    def _fails_each(self, ways: Sequence[Sequence[t.Condition]]) -> bool:
        """Whether on every day somebody fails all ways in, by a clause that is open in each and has nothing to do with the day."""
        shared = set(map(id, ways[0])).intersection(*(map(id, required) for required in ways[1:]))
        return any(
            id(condition) in shared and not self._is_dated(condition) and self.standings.of(condition) is None
            for condition in ways[0]
        )

    def _is_dated(self, condition: t.Condition) -> bool:
        """Whether anything that bears on a condition speaks of the day."""
        return t.AS_OF in self.problem.oracle.cone(t.variables(condition))

    def _fitting_days(self, goals: Sequence[t.Condition]) -> Spans:
        """As `satisfiable`, of goals that hold together on some day.

        Those that have nothing to do with the day, nor with a goal that has, can then hold on every day on which the record has a
        completion, whatever else does: the others are looked at, once for all trials that ask for the same.
        """
        groups = self.problem.oracle.in_groups(goals)
        dated = next((group for cone, group in groups if t.AS_OF in cone), [])
        if not dated:
            return self.satisfiable([])
        return worked_out_once(self._days, tuple(map(id, dated)), dated, self._satisfiable_afresh, dated)

    def _satisfiable_afresh(self, goals: Sequence[t.Condition]) -> Spans:
        with self.problem.oracle.afresh():
            return self.satisfiable(goals)

    def clause_days(self, condition: t.Condition) -> Days:
        """The days on which a clause is met. Raises `OutOfBudget`."""
        fails = self.satisfiable([t.negation(condition)])
        return Days(difference(self._consistent_days(), fails), self.satisfiable([condition]))

    def _consistent_days(self) -> Spans:
        """The days on which the record has a completion."""
        # whoever asks first pays no more than those who ask after
        spend(A_DAY)
        check_left()
        if self._fitting is None:
            with uncounted(0), allowed(0 if self._gave_up else _ALL_DAYS):
                self._gave_up = True
                self._fitting = self.satisfiable(self._dated_theory)
        return self._fitting

    @cached_property
    def _dated_theory(self) -> list[t.Condition]:
        """What is known besides facts that speaks of the day."""
        return [c for c in self.problem.oracle.theory if t.AS_OF in t.variables(c)]

    def satisfiable(self, goals: Sequence[t.Condition]) -> Spans:
        """The days on which some completion satisfies all goals. Raises `OutOfBudget`."""
        days = self.problem.known[t.AS_OF]
        assert isinstance(days, Interval)
        pending = [(int(days.low), int(days.high))]
        if t.AS_OF not in self.problem.oracle.cone(_names_in(goals)):
            # nothing that bears on the goals speaks of the day
            if self.problem.oracle.possible(goals) is None:
                return ()
            return self._consistent_days() if self._dated_theory else tuple(pending)
        found: Spans = ()
        while pending:
            first, last = pending.pop()
            check_left()
            box = self.problem.oracle.possible([*goals, *_lies_between(first, last)])
            if box is not None:
                covered = self._covered_days(goals, box, first, last)
                if _FEW * _days_in_all(covered) < last - first:
                    covered = union(covered, self._lasting_days(goals, first, last))
                found = union(found, covered)
                pending.extend(difference(((first, last),), covered))
        return found

    def _lasting_days(self, goals: Sequence[t.Condition], first: int, last: int) -> Spans:
        """Days between the two on which the goals can hold: those of a completion with which they do on the first and on the last day."""
        conditions = self._with_theory(goals)
        dated = [condition for condition in conditions if t.AS_OF in t.variables(condition)]
        start = {**self.problem.known, t.AS_OF: point(first, whole=True)}
        on_the_first = [simplify(condition, start) for condition in dated]
        box = self.problem.oracle.possible([*goals, *on_the_first, *_lies_between(last, last)])
        return () if box is None else true_days(dated, box, first, last)

    def _with_theory(self, goals: Sequence[t.Condition]) -> list[t.Condition]:
        """The goals, and the axioms that bear on them."""
        oracle = self.problem.oracle
        return [*goals, *(oracle.theory[i] for i in oracle.relevant(oracle.cone(_names_in(goals))))]

    def _covered_days(self, goals: Sequence[t.Condition], box: Environment, first: int, last: int) -> Spans:
        """Days between the two on which the goals can hold: those of the completions at hand, and of others near them."""
        days = box[t.AS_OF]
        assert isinstance(days, Interval)
        found: Spans = intersection(((int(days.low), int(days.high)),), ((first, last),))
        if found == ((first, last),):
            return found
        conditions = self._with_theory(goals)
        dated = [condition for condition in conditions if t.AS_OF in t.variables(condition)]
        lasting = [condition for condition in conditions if t.AS_OF not in t.variables(condition)]
        compared = sorted(_compared_with_the_day(dated))
        moving = {name: [name, *self._days_behind(name, lasting)] for name in compared}
        names = list(dict.fromkeys([*compared, *(each for tied in moving.values() for each in tied)]))
        start = {**box, **{name: self.problem.known[name] for name in names}}
        start[t.AS_OF] = Interval(first, last, whole=True)
        everything = Conditions(conditions)

        def lasts(completion: Environment) -> bool:
            """Whether what holds in the box whatever the day holds here too: what is as it was there does."""
            moved = [c for c in lasting if any(completion[n] != box[n] for n in t.variables(c))]
            return certain(moved, completion)

        for highest in (False, True):
            completion = _pinned_box(everything, start, names, highest=highest)
            if completion is not None and lasts(completion):
                found = union(found, true_days(dated, completion, first, last))
        if found == ((first, last),):
            return found
        on = int(max(days.low, first))
        start[t.AS_OF] = point(on, whole=True)
        completion = _pinned_box(everything, start, names, highest=True)
        if completion is None:
            return found
        longest: Spans = ()
        for tied in ([], *moving.values()):
            for other in _moved_completions(everything, completion, self.problem.known, tied):
                if lasts(other):
                    holding = true_days(dated, other, first, last)
                    reached = tuple(span for span in holding if span[0] <= on <= span[1])
                    if reached and (not longest or _days_in_all(reached) > _days_in_all(longest)):
                        completion, longest = other, reached
        return union(found, longest)

    def _days_behind(self, name: str, lasting: Sequence[t.Condition]) -> list[str]:
        """The days that move with the day of an event: those of the events behind it, and the variables that mean the same."""
        problem = self.problem
        if problem.library.variables[name].term is None:
            return []
        beside = _names_in(each for each in lasting if name in t.variables(each)) - {name}
        return sorted(each for each in beside if isinstance(problem.types[each], DateType))


def _moved_completions(
    conditions: Conditions, completion: Environment, known: Environment, names: Sequence[str]
) -> Iterable[Environment]:
    """The completion where nothing is named, or those with the variables, the first first, as low and as high as the others let them be."""
    if not names:
        yield completion
        return
    freed = {**completion, **{name: known[name] for name in names}}
    with suppress(Inconsistent):
        conditions.close(freed, set(names))
    for highest in (True, False):
        moved = pin(conditions, freed, names, highest=highest)
        if moved is not None and moved[names[0]] != completion[names[0]]:
            yield moved


def _days_in_all(days: Spans) -> int:
    return sum(1 + last - first for first, last in days)


def days_ahead(
    opened: OpenedRecord,
    today: Standings,
    last: int | None = None,
    counted: Callable[[Trial], Collection[str]] = lambda trial: (),
) -> DayRange:
    """A consistent record over the days from its own, on which it stands as `today` says, to `last`; None is the usual horizon."""
    first = opened.problem.record.as_of
    if last is None:
        last = add_months(first, HORIZON_MONTHS)
    return DayRange(opened.on_days, first, last, today.cache, (opened.problem, today), counted)


def _pinned_box(
    conditions: Conditions, start: Environment, names: Sequence[str], *, highest: bool
) -> Environment | None:
    """A box within `start` with one value for each of the names, as low or as high as may be; None if the first choices fail."""
    narrowed = dict(start)
    try:
        conditions.close(narrowed)
    except Inconsistent:
        return None
    return pin(conditions, narrowed, names, highest=highest)


def _on_one_of(days: Spans) -> t.Condition:
    """The day of evaluation is one of these."""
    return t.disjunction([t.conjunction(_lies_between(first, last)) for first, last in days])


def _lies_between(first: int, last: int) -> tuple[t.Condition, t.Condition]:
    """The day of evaluation lies between two days."""
    low, high = t.Constant(Fraction(first)), t.Constant(Fraction(last))
    return t.Compare("<=", low, _DAY), t.Compare("<=", _DAY, high)


def _compared_with_the_day(conditions: Iterable[t.Condition]) -> frozenset[str]:
    """The variables that some comparison mentions together with the day of evaluation."""
    comparisons = [
        part
        for condition in conditions
        for part in t.walk(condition)
        if isinstance(part, t.Compare) and t.AS_OF in t.variables(part)
    ]
    return _names_in(comparisons) - {t.AS_OF}


def _names_in(conditions: Iterable[t.Condition]) -> frozenset[str]:
    return frozenset(name for condition in conditions for name in t.variables(condition))
