"""Waiting, judged day by day: two twins of `match when`.

`judged` asks the engine for the verdict on every single day, with no search over days. `DayTwin` enumerates an invented patient on one
day, and shares nothing with the engine.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise

from solver.engine.clauses import ConditionCache
from solver.engine.decision import Decision, Standings, counting, decide
from solver.language.domain import point
from solver.matcher import Matcher
from solver.patient.record import Record
from solver.questions.when.answer import TrialDates
from tests.support.twins.naive import (
    FIRST,
    LAST,
    Expression,
    Patient,
    TooLargeError,
    Trial,
    Twin,
    Value,
    Variable,
    World,
)

Dates = tuple[tuple[str, str], ...]


def spans(days: Iterable[date]) -> Dates:
    """Days as spans of ISO dates."""
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        if found and found[-1][1] + timedelta(days=1) == day:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return tuple((first.isoformat(), last.isoformat()) for first, last in found)


def days_of(dates: Dates) -> set[date]:
    """The days that spans stand for."""
    return {
        date.fromisoformat(first) + timedelta(days=n)
        for first, last in dates
        for n in range((date.fromisoformat(last) - date.fromisoformat(first)).days + 1)
    }


def certain(trial: TrialDates) -> Dates:
    """The days on which a trial takes the patient for certain."""
    return tuple((window.first, window.last) for window in trial.eligible)


def may(trial: TrialDates) -> Dates:
    """Those on which it may."""
    return tuple((window.first, window.last) for window in trial.possible)


# --- the engine, a day at a time


def judged(
    matcher: Matcher, record: Record, codes: Collection[str], days: Iterable[date]
) -> dict[str, dict[date, Decision]]:
    """The decision on each trial on each day on which the record has a completion, by trial and day."""
    matching = matcher.case(matcher.open(record, warned=False), [])
    found: dict[str, dict[date, Decision]] = {code: {} for code in codes}
    for day in days:
        problem = matching.opened.on_days(point(day.toordinal(), whole=True))
        standings = Standings(problem.oracle, ConditionCache())
        for code in codes if problem.consistent() else ():
            trial = matcher.library.trials[code]
            decision = decide(problem, standings, trial, record.context)
            found[code][day] = counting(problem, decision, matching.assumptions.clauses(trial))
    return found


def check_windows(trial: TrialDates, decisions: dict[date, Decision]) -> None:
    """What is said to bind an end stands otherwise on the day beyond it, and there is no end that nothing binds without a reason."""
    one = timedelta(days=1)
    for windows, inner in ((trial.eligible, {"eligible"}), (trial.possible, {"eligible", "undetermined"})):
        for window in windows:
            ends = ((window.first, -one, window.opened_by), (window.last, one, window.closed_by))
            for text, step, clauses in ends:
                day = date.fromisoformat(text)
                assert decisions[day].verdict in inner
                if day + step in decisions:
                    inside, outside = decisions[day], decisions[day + step]
                    assert outside.verdict not in inner
                    changed = {
                        clause
                        for (clause, cohort), standing in inside.standings.items()
                        if standing != outside.standings[clause, cohort]
                    }
                    joint = len(set(outside.cohorts.values())) > 1 or len(clauses) > 1
                    assert set(clauses) & changed or (joint and set(clauses) <= set(_clauses(inside)))
                else:
                    assert clauses == ()


def _clauses(decision: Decision) -> Iterable[str]:
    return (binding.clause.id for binding in decision.bindings)


# --- an invented patient, by enumeration


class DayTwin(Twin):
    """A patient on a later day: the day moves, while what is past and what is plausible stay as on the record's own."""

    def __init__(self, world: World, patient: Patient, day: date, most: int = 250) -> None:
        self.own = patient.as_of
        super().__init__(world, replace(patient, as_of=day), most)

    def _limits(self) -> dict[str, set[Value]]:
        found = super()._limits()
        for part in self.world.expressions():
            for name, value in part.limits(self.own):
                found[name].add(value)
        for name, variable in self.world.variables.items():
            if variable.kind == "date":
                found[name].add(self.own)
        return found

    def _allowed(self, variable: Variable, facts: Iterable[str], *, ranged: bool) -> list[Value]:
        fact = self.patient.facts[variable.name] if variable.name in facts else None
        values = [value for value in self.values[variable.name] if fact is None or fact.holds(value)]
        if variable.kind == "date":
            if variable.past:
                values = [day for day in values if day <= self.own]
            if fact is None and variable.absent:
                values = [self.own]
            elif fact is None:
                values = [day for day in values if min(FIRST, self.own) <= day <= max(LAST, self.own)]
        if variable.kind == "list" and fact is None:
            values = [()]
        if ranged and variable.plausible is not None:
            at = {"as_of": self.own}
            values = [v for v in values if variable.plausible.holds({**at, variable.name: v})]
        return values

    def points(self, trial: Trial, ranges: Iterable[str]) -> list[dict[str, Value]]:
        """All completions of what bears on a trial; none where the record contradicts itself on the day."""
        if not self.possible(self.patient.facts, ranges=ranges, assumed=True):
            return []
        spoken = {name for c in trial.clauses for e in c.expressions() for name in e.names} - {"cohort_open"}
        near = self._near(spoken)
        axioms = [axiom.require for axiom in self.axioms if axiom.require.names <= near]
        domains = {
            name: self._allowed(self.world.variables[name], self.patient.facts, ranged=name in ranges)
            for name in near
        }
        found = []
        for at in self.completions(domains, axioms):
            found.append(at)
            if len(found) > self.most:
                raise TooLargeError
        return found

    def _near(self, names: set[str]) -> set[str]:
        near, grew = set(names), True
        while grew:
            more = {n for axiom in self.axioms if axiom.require.names & near for n in axiom.require.names}
            grew = not more <= near
            near |= more
        return near - {"as_of"}


@dataclass(frozen=True)
class Waited:
    """One trial over some days, by enumeration: the completions of each day, and which clauses hold on each of them, by cohort."""

    trial: Trial
    patient: Patient
    points: dict[date, list[dict[str, Value]]]

    @cached_property
    def holding(self) -> dict[date, list[dict[str, frozenset[str]]]]:
        """For each day and completion the clauses that hold, by cohort."""
        return {day: [self._holds(at) for at in points] for day, points in self.points.items()}

    def _holds(self, at: dict[str, Value]) -> dict[str, frozenset[str]]:
        return {
            cohort: frozenset(
                self.name(clause.id)
                for clause in self.trial.clauses
                if cohort in clause.binds(self.trial.cohorts)
                and clause.holds({**at, "cohort_open": self.patient.is_open(self.trial.code, cohort)}, cohort)
            )
            for cohort in self.trial.cohorts
        }

    def name(self, clause: str) -> str:
        """The id of a clause."""
        return f"{self.trial.code}.{clause}"

    @cached_property
    def binding(self) -> dict[str, frozenset[str]]:
        """The clauses that bind each cohort."""
        cohorts = self.trial.cohorts
        return {
            cohort: frozenset(
                self.name(clause.id) for clause in self.trial.clauses if cohort in clause.binds(cohorts)
            )
            for cohort in cohorts
        }

    @cached_property
    def satisfied(self) -> dict[date, list[bool]]:
        """For each day and completion whether the trial takes it."""
        return {
            day: [any(held[cohort] == names for cohort, names in self.binding.items()) for held in points]
            for day, points in self.holding.items()
        }

    def days(self, *, certain: bool) -> Dates:
        """The days on which all completions, or some, satisfy the trial."""
        test = all if certain else any
        return spans(day for day, taken in self.satisfied.items() if taken and test(taken))

    def clause_days(self, clause: str, cohort: str, *, certain: bool) -> Dates:
        """The days on which a clause is met on all completions, or on some."""
        test = all if certain else any
        return spans(
            day
            for day, points in self.holding.items()
            if points and test(clause in held[cohort] for held in points)
        )

    def never(self, chosen: frozenset[str]) -> bool:
        """Whether these clauses hold together on no day, in no cohort and on no completion."""
        return not any(
            chosen & self.binding[cohort] <= held[cohort]
            for points in self.holding.values()
            for held in points
            for cohort in self.trial.cohorts
        )


def waited(world: World, patient: Patient, days: Sequence[date]) -> dict[str, Waited]:
    """Every trial of a world over the days; raises `TooLargeError`."""
    own = DayTwin(world, patient, patient.as_of)
    ranges = own.ranges
    twins = {day: DayTwin(world, patient, day) for day in days}
    return {
        trial.code: Waited(trial, patient, {day: twin.points(trial, ranges) for day, twin in twins.items()})
        for trial in world.trials
    }


def speaks_of_days(expressions: Iterable[Expression]) -> bool:
    """Whether some condition depends on the day."""
    return any(type(part).__name__ in ("Age", "DaysBetween", "Dates") for part in expressions)


def following(day: date, count: int) -> list[date]:
    """A day and those after it."""
    found = [day + timedelta(days=n) for n in range(count + 1)]
    assert all(after - before == timedelta(days=1) for before, after in pairwise(found))
    return found
