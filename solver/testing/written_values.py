"""The values of each variable that tell something: those beside which some criterion turns, and a few simple ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from solver.engine.problem import widest
from solver.evaluation.breakpoints import beside, turns
from solver.evaluation.compared_parts import comparisons, memberships
from solver.language.calendar import format_day
from solver.language.domain import Domain, Environment, Interval, point
from solver.language.tree import AS_OF, Condition, variables
from solver.language.types import BooleanType, DateType, EnumerationType
from solver.library.models import Library
from solver.patient.write import exact_decimal

_FEW_VALUES = 12
_DAYS_AGO = (0, 1, 30, 365, 1826)
_DAYS_AHEAD = (1, 14, 30)


class Values:
    """The values that tell something: on both sides of every place where a condition on one variable turns, and simple ones."""

    def __init__(self, library: Library, conditions: Sequence[Condition], known: Environment) -> None:
        self.library, self.known = library, known
        self.members = memberships(conditions)
        self._comparisons: dict[str, list[Condition]] = {}
        for part in comparisons(conditions):
            names = variables(part)
            # what was asked of events, and a limit of normal, are known of a record alone: without one nothing tells where they turn
            if names <= known.keys():
                for name in names:
                    self._comparisons.setdefault(name, []).append(part)
        self._numbers: dict[str, list[Fraction]] = {}

    @classmethod
    def of(cls, library: Library, as_of: int) -> Values:
        """The values by the criteria of every trial, and by the theory."""
        key = (id(library), as_of)
        if key not in _KNOWN:
            found = [axiom.condition for axiom in library.axioms]
            found += [variable.plausible for variable in library.variables.values() if variable.plausible]
            for trial in library.trials.values():
                found += [condition for clause in trial.clauses for condition in clause.conditions.values()]
            _KNOWN[key] = cls(library, found, nothing_known(library, as_of))
        return _KNOWN[key]

    def numbers(self, name: str) -> list[Fraction]:
        """The telling values of a number that have a decimal form, in order; of a date the latest first."""
        if name not in self._numbers:
            variable, as_of = self.library.variables[name], self.known[AS_OF]
            assert isinstance(as_of, Interval)
            today, dated = int(as_of.low), isinstance(variable.type, DateType)
            late = variable.absent_as_of
            domain = widest(replace(variable, absent_as_of=False), today) if late else self.known[name]
            assert isinstance(domain, Interval)
            ahead = () if variable.past else _DAYS_AHEAD
            days = [today - days for days in _DAYS_AGO] + [today + days for days in ahead]
            at = set(map(Fraction, days if dated else range(4)))
            for turn in turns(self._comparisons.get(name, ()), name, {**self.known, name: domain}):
                at.update(beside(turn, variable.type))
            order = [value for value in sorted(at, reverse=dated) if value in domain]
            found = [value for value in order if value not in variable.refused and written(value)]
            self._numbers[name] = found
        return self._numbers[name]

    def values(self, name: str) -> list[Any]:
        """The telling values of a variable, as a record has them without a unit."""
        match self.library.variables[name].type:
            case BooleanType():
                return [False, True]
            case EnumerationType(values):
                named = {value for part in self.members if part.name == name for value in part.values}
                first = [value for value in values if value in named]
                return list(values) if len(values) <= _FEW_VALUES else [*first, values[0]]
            case DateType():
                return [format_day(int(day)) for day in self.numbers(name)]
        return [exact_decimal(value) for value in self.numbers(name)]

    @cached_property
    def entries(self) -> Mapping[str, list[str]]:
        """For each list, entries that belong to a class."""
        return {
            name: [
                member
                for found in self.library.classes.values()
                if found.list == name
                for member in found.members
            ]
            for name in self.library.lists
        }


_KNOWN: dict[tuple[int, int], Values] = {}


def written(value: Any) -> bool:
    """Whether a number has a decimal form."""
    try:
        exact_decimal(value)
    except ValueError:
        return False
    return True


def nothing_known(library: Library, as_of: int) -> dict[str, Domain]:
    """What the types of the variables leave of each."""
    known: dict[str, Domain] = {AS_OF: point(as_of, whole=True)}
    for name, variable in library.variables.items():
        known[name] = widest(variable, as_of)
    return known
