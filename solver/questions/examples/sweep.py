"""One patient with one variable at every value that matters: whom a clause admits, whom it refuses, and where that turns.

For example `age >= 18`, on a patient who meets every other clause, swept along the birth date on 2026-01-01:

    2007-12-31    admitted                        a further value, to show the side
    2008-01-01    admitted
    2008-01-02    refused by this clause alone    the boundary lies before this one
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cached_property

from solver.dataclass import dataclass
from solver.evaluation.breakpoints import beside, turns
from solver.evaluation.compared_parts import memberships
from solver.evaluation.evaluate import evaluate
from solver.language.domain import Domain, Environment, Interval, Recorded, point
from solver.language.tree import BooleanVariable, Compare, Condition, Contains, Count, Member, walk
from solver.language.types import BooleanType, EnumerationType, ListType, QuantityType
from solver.library.models import Variable
from solver.patient.record import Fact, Record
from solver.questions.examples.example_patients import ExamplePatients
from solver.work import OutOfBudget

_MOST_VALUES = 12
"""How many values of an enumeration are shown."""


def atoms(condition: Condition) -> list[Condition]:
    """The parts of a condition that are true or false by themselves, each once, in order; for a count those that it counts."""
    found: dict[Condition, None] = {}
    for part in walk(condition):
        if isinstance(part, Compare) and any(isinstance(each, Count) for each in walk(part)):
            continue
        if isinstance(part, BooleanVariable | Member | Compare | Contains):
            found[part] = None
    return list(found)


@dataclass(frozen=True, slots=True)
class Point:
    """One value of the variable: what is known then, and whether the clause admits the patient or is all that refuses; else None."""

    fact: Fact
    record: Record
    known: Environment
    admitted: bool | None


Boundary = tuple[int, int]


@dataclass(frozen=True)
class Sweep:
    """A patient with each telling value of a variable: those beside which a clause turns, and the `hints`.

    `condition` is the clause and `others` are the other clauses of the cohort.
    """

    patients: ExamplePatients
    record: Record
    name: str
    condition: Condition
    others: Sequence[Condition]
    hints: Sequence[Fact] = ()

    @property
    def variable(self) -> Variable:
        """The variable that is swept."""
        return self.patients.library.variables[self.name]

    @cached_property
    def points(self) -> list[Point]:
        """The values, in order."""
        facts = [Fact(self.name, domain, text) for domain, text in self._telling_domains()]
        return [self._judged_point(fact) for fact in facts]

    def boundary(self, part: Condition) -> Boundary | None:
        """Two values between which the clause turns from admitting to refusing, and this part of it turns as well."""
        if not self.points:
            return None
        numbers = isinstance(self.points[0].fact.domain, Interval)
        for i, one in enumerate(self.points):
            for j in [i + 1] if numbers else range(i + 1, len(self.points)):
                if j < len(self.points) and {one.admitted, self.points[j].admitted} == {True, False}:
                    inside, outside = (i, j) if one.admitted else (j, i)
                    if self.turns((inside, outside), part):
                        return inside, outside
        return None

    def turns(self, boundary: Boundary, part: Condition) -> bool:
        """Whether a part of the clause is true on one side and false on the other."""
        return {evaluate(part, self.points[i].known) for i in boundary} == {True, False}

    def shown(self, boundary: Boundary) -> list[tuple[Record, bool]]:
        """The patients on both sides, and whether each is admitted: of a number the next value too, of an enumeration all values."""
        chosen = set(boundary)
        if isinstance(self.variable.type, EnumerationType):
            chosen |= {i for i, each in enumerate(self.points) if each.admitted is not None}
        elif isinstance(self.points[0].fact.domain, Interval):
            chosen.add(self._third_value(boundary))
        found = [self.points[i] for i in sorted(chosen)[:_MOST_VALUES]]
        return [(each.record, each.admitted) for each in found if each.admitted is not None]

    def _third_value(self, boundary: Boundary) -> int:
        """The next value beside a boundary: on the other side of the threshold of a quantity, else one further in."""
        inside, outside = boundary
        inward = 2 * inside - outside
        further = 2 * outside - inside
        if isinstance(self.variable.type, QuantityType) and self._value_at(outside) in self._turning_values:
            inward = further
        if not 0 <= inward < len(self.points) or self.points[inward].admitted is None:
            return inside
        return inward

    def _value_at(self, i: int) -> Fraction:
        domain = self.points[i].fact.domain
        assert isinstance(domain, Interval)
        return Fraction(domain.low)

    @cached_property
    def _known_without(self) -> Environment:
        return self.patients.without(self.record, self.name).known

    @cached_property
    def _turning_values(self) -> list[Fraction]:
        return turns([self.condition, *self.others], self.name, self._known_without)

    def _telling_domains(self) -> Iterable[tuple[Domain, str]]:
        match self.variable.type:
            case BooleanType():
                return [(frozenset({value}), "") for value in (True, False)]
            case EnumerationType(values):
                return [(frozenset({value}), "") for value in values if value in self._telling_values(values)]
            case ListType():
                return self._telling_lists()
        domain = self._known_without[self.name]
        assert isinstance(domain, Interval)
        at = {near for turn in self._turning_values for near in beside(turn, self.variable.type)}
        at |= {Fraction(hint.domain.low) for hint in self.hints if isinstance(hint.domain, Interval)}
        found = [value for value in sorted(at) if value in domain]
        return [(point(int(value) if domain.whole else value, whole=domain.whole), "") for value in found]

    def _telling_values(self, values: Sequence[str]) -> set[str]:
        """The values that criteria name, those of the hints, and the first of the others."""
        members = memberships([self.condition, *self.others])
        named = {value for each in members if each.name == self.name for value in each.values}
        named |= {str(v) for hint in self.hints if isinstance(hint.domain, frozenset) for v in hint.domain}
        rest = [value for value in values if value not in named]
        return set(values) if len(values) <= _MOST_VALUES else named | set(rest[:1])

    def _telling_lists(self) -> Iterable[tuple[Domain, str]]:
        """The empty list, and for each class that the clause names one with a single entry of it."""
        library = self.patients.library
        yield Recorded(0, frozenset()), "none listed"
        for part in atoms(self.condition):
            if isinstance(part, Contains) and part.name == self.name:
                known = library.classes.get(part.class_name)
                for entry in known.members[:1] if known is not None else (part.class_name,):
                    yield Recorded(1, library.classes_of(self.name, entry) or frozenset()), entry

    def _judged_point(self, fact: Fact) -> Point:
        try:
            record, problem, certain = self.patients.judged(self.record, fact, self.others)
            admitted = problem.oracle.settle(self.condition) if certain else None
        except OutOfBudget:
            return Point(fact, self.record, self._known_without, None)
        return Point(fact, record, problem.known, admitted)
