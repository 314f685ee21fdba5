"""Patients like a starting one: with the fewest changes that make conditions certain.

Two patients at once are the same conditions, said of a second one who shares with the first all variables but some.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import islice

from solver.engine.oracle import Oracle
from solver.engine.problem import Problem, pose, widest
from solver.engine.requirement_words import is_event_day
from solver.engine.witnesses.plain_values import round_values
from solver.engine.witnesses.witness import find_witness
from solver.evaluation.breakpoints import beside, turns
from solver.evaluation.build import lies_in
from solver.evaluation.simplify import simplify
from solver.language.calendar import FIRST_DAY, LAST_DAY
from solver.language.domain import Domain, Interval, is_exact
from solver.language.tree import Condition, Iff, disjunction, negation, renamed, variables
from solver.language.types import DateType, IntegerType
from solver.library.models import Library
from solver.patient.record import Fact, Record
from solver.work import Budget, OutOfBudget

Goals = Sequence[Condition]
_MOST_TRIED = 3
"""How many values of one variable are tried."""

_RECENT = 1461
"""Days: what is past is looked for among these where nothing is said of it."""


class ExamplePatients:
    """Finds patients; `blank` is the record of one of whom nothing is known."""

    def __init__(self, library: Library, blank: Record, budget: Budget | None) -> None:
        self.library, self.budget = library, budget
        # what is recorded is not assumed: here everything may be
        self.blank = blank
        self.wide = {n: self._any_fact(n) for axiom in library.axioms for n in axiom.while_unrecorded}
        self.problem = self.problem_of(replace(blank, facts=self.wide))
        self._two: dict[frozenset[str], TwoCopies] = {}

    def problem_of(self, record: Record) -> Problem:
        return pose(self.library, record, self.budget)

    def _any_fact(self, name: str) -> Fact:
        """A fact that says nothing."""
        variable, as_of = self.library.variables[name], self.blank.as_of
        domain = widest(replace(variable, absent_as_of=False), as_of)
        if isinstance(variable.type, DateType):
            domain = Interval(FIRST_DAY, as_of if variable.past else LAST_DAY, whole=True)
        return Fact(name, domain, "")

    def witness(self, goals: Goals, facts: Mapping[str, Fact]) -> Record | None:
        """A patient with these facts, and a few more, on whom the goals hold. Raises `OutOfBudget`.

        What is added is plausible where it may be: a quantity in the middle of its range, a past day within the last years.
        """
        found = self._found_witness(goals, facts)
        if found is None:
            return None
        added = [name for name in found.facts if name not in facts]
        given = [self._stated_fact(fact) for fact in facts.values()]
        wished: list[Condition] = []
        for name in sorted(added, key=self._wish_rank):
            likely = self._likely_values(name)
            if likely is not None:
                wish = lies_in(name, self.problem.types[name], likely)
                if self.problem.oracle.possible([*goals, *given, *wished, wish]) is not None:
                    wished.append(wish)
        return (self._found_witness([*goals, *wished], facts) or found) if wished else found

    def _found_witness(self, goals: Goals, facts: Mapping[str, Fact]) -> Record | None:
        asked = frozenset[str]().union(*map(variables, goals))
        free = {name: fact for name, fact in self.wide.items() if name in asked and name not in facts}
        start = replace(self.blank, facts={**free, **facts})
        return find_witness(self.library, goals, start, free=free.keys(), budget=self.budget, as_terms=True)

    def _wish_rank(self, name: str) -> tuple[bool, Fraction]:
        """Days first, then quantities from the one of which most is known to begin with."""
        domain = self.problem.known[name]
        if not isinstance(domain, Interval) or isinstance(domain.low, float):
            return True, Fraction(0)
        return not isinstance(self.library.variables[name].type, DateType), -Fraction(domain.low)

    def _likely_values(self, name: str) -> Interval | None:
        """The lower of the two middle quarters of what is plausible of a quantity, the later of a day; else the last years."""
        variable, domain = self.library.variables[name], self.problem.known[name]
        if not isinstance(domain, Interval) or isinstance(variable.type, IntegerType):
            return None
        if variable.plausible is None:
            recent = Interval(self.blank.as_of - _RECENT, self.blank.as_of, whole=True)
            return recent if variable.past and not is_event_day(variable) else None
        if isinstance(domain.high, float):
            return None
        quarter = Fraction(domain.high - domain.low) / 4
        if domain.whole:
            return Interval(int(domain.low + 2 * quarter), int(domain.low + 3 * quarter), whole=True)
        return Interval(domain.low + quarter, domain.low + 2 * quarter)

    def without(self, record: Record, name: str) -> Problem:
        """What is known of a patient if a variable may have any value."""
        return self.problem_of(replace(record, facts={**record.facts, name: self._any_fact(name)}))

    def filled(self, record: Record, names: Iterable[str]) -> Record:
        """The patient with an exact fact about each of the variables of which the record leaves more than one value."""
        for name in sorted(names):
            problem = self.problem_of(record)
            if problem.inconsistent or is_exact(problem.known[name]):
                continue
            for value in self._few_values(name, problem.known[name]):
                changed, _, consistent = self.judged(record, Fact(name, value, ""), ())
                if consistent:
                    record = changed
                    break
        return record

    def judged(self, record: Record, fact: Fact, goals: Goals) -> tuple[Record, Problem, bool]:
        """The patient with this fact, what is known then, and whether the goals certainly hold."""
        facts = {**record.facts, fact.variable: fact}
        ordered = {name: facts[name] for name in self.library.variables if name in facts}
        changed = replace(record, facts=ordered)
        return changed, *self._known_to_hold(changed, goals)

    def _known_to_hold(self, record: Record, goals: Goals) -> tuple[Problem, bool]:
        problem = self.problem_of(record)
        if problem.inconsistent or not problem.consistent():
            return problem, False
        return problem, all(problem.oracle.settle(goal) is True for goal in goals)

    def linked(self, condition: Condition) -> list[str]:
        """The variables of a condition, and then those that the theory links to them."""
        names = variables(condition) & self.library.variables.keys()
        near = frozenset[str]().union(*(self.library.linked[name] for name in names)) - names
        known = list(self.library.variables)
        return [*sorted(names, key=known.index), *sorted(near, key=known.index)]

    def core(self, goal: Condition, others: Mapping[str, Condition]) -> tuple[str, ...] | None:
        """A minimal set of the others that cannot hold together with the goal; None if all can. Raises `OutOfBudget`."""
        oracle = self.problem.oracle
        if oracle.possible([goal, *others.values()]) is not None:
            return None
        left = dict(others)
        for name in others:
            fewer = {key: condition for key, condition in left.items() if key != name}
            if oracle.possible([goal, *fewer.values()]) is None:
                left = fewer
        return tuple(left)

    def decisive(
        self, start: Record, name: str, part: Condition, condition: Condition, others: Sequence[Condition]
    ) -> tuple[Record, list[Fact]] | None:
        """A patient like the starting one whom the condition alone refuses, and whom it admits with another value of a variable.

        The part of the condition turns between the two values, which are also returned. None if there is no such patient. Raises
        `OutOfBudget`.
        """
        asked = frozenset[str]().union(*map(variables, [condition, *others]))
        two = self._two_patients((self.library.variables.keys() - asked) | {name})
        outside, turns = negation(condition), Iff(part, negation(two.second(part)))
        both = [outside, two.second(condition), *others, *map(two.second, others), turns]
        if two.oracle.possible(both) is None:
            return None
        near: list[Condition] = []
        close = self._beside_a_turn(name, part)
        if close is not None and two.oracle.possible([*both, close, two.second(close)]) is not None:
            near = [close]
            both += [close, two.second(close)]
        facts = {n: f for n, f in start.facts.items() if n != name and n in asked}
        kept = self._kept_facts(two.oracle, both, facts, variables(condition))
        box = two.oracle.possible([*both, *(self._stated_fact(kept[n]) for n in kept)])
        assert box is not None
        for value in self._few_values(name, box[other(name)]):
            there = {**self.problem.known, name: value}
            same = [simplify(each, there) for each in (condition, *others)]
            found = self.witness([outside, *others, *same, *near], kept)
            if found is not None:
                # what the theory says of these while they are not recorded may change with the variable
                found = self.filled(found, asked & self.wide.keys() & self.library.linked[name] - {name})
                return found, [Fact(name, value, ""), *(f for n, f in found.facts.items() if n == name)]
        return None

    def _beside_a_turn(self, name: str, part: Condition) -> Condition | None:
        """That a number is beside a value at which the part turns; None if there is none for this number alone."""
        domain = self.problem.known[name]
        if not isinstance(domain, Interval):
            return None
        kind = self.library.variables[name].type
        around = [beside(at, kind) for at in turns([part], name, self.problem.known)]
        parts = [Interval(each[0], each[-1], whole=domain.whole) for each in around]
        kind = self.problem.types[name]
        return disjunction([lies_in(name, kind, each) for each in parts]) if parts else None

    def near(self, start: Record, goals: Goals) -> Record | None:
        """A patient on whom the goals hold, with as many of the facts of the starting one as may be. Raises `OutOfBudget`."""
        if self.problem.oracle.possible(goals) is None:
            return None
        kept = self._kept_facts(self.problem.oracle, goals, start.facts, variables(goals[0]))
        return self.witness(goals, kept)

    def changed(
        self, record: Record, names: Collection[str], goals: Goals, kept: Goals
    ) -> tuple[Record, Record] | None:
        """The patient with other values of the named variables, on whom the goals hold, beside the one given; None if there is none.

        Facts that only one of them needs are added to both, and what is `kept` holds on the one given with them. Raises `OutOfBudget`.
        """
        found = self.witness(goals, {name: fact for name, fact in record.facts.items() if name not in names})
        if found is None:
            return None
        more = {name: fact for name, fact in found.facts.items() if name not in names}
        beside = replace(record, facts={**record.facts, **more})
        # what is recorded now is no longer said by the axioms that hold only while it is not
        return (found, beside) if self._known_to_hold(beside, kept)[1] else None

    def _two_patients(self, own: Collection[str]) -> TwoCopies:
        key = frozenset(own)
        if key not in self._two:
            self._two[key] = TwoCopies(self.problem, key)
        return self._two[key]

    def _kept_facts(
        self, oracle: Oracle, goals: Goals, facts: Mapping[str, Fact], last: Collection[str]
    ) -> dict[str, Fact]:
        """As many of the facts as the goals leave, those about the variables of `last` given up first."""
        kept: dict[str, Fact] = {}
        parts = [sorted(facts, key=lambda name: name in last)]
        while parts:
            part = parts.pop()
            tried = {**kept, **{name: facts[name] for name in part}}
            try:
                found = oracle.possible([*goals, *map(self._stated_fact, tried.values())]) if part else None
            except OutOfBudget:
                found = None
            if found is not None:
                kept = tried
            elif len(part) > 1:
                middle = len(part) // 2
                parts += [part[middle:], part[:middle]]
        return kept

    def _stated_fact(self, fact: Fact) -> Condition:
        return lies_in(fact.variable, self.problem.types[fact.variable], fact.domain)

    def _few_values(self, name: str, domain: Domain) -> list[Domain]:
        """A few values of a domain, the roundest first."""
        values = round_values(self.library.variables[name], domain, domain, self.blank.as_of)
        return list(islice(values, _MOST_TRIED))


def other(name: str) -> str:
    """What the variable is called of the second patient, where it is not shared."""
    return f"other!{name}"


class TwoCopies:
    """Two patients of a problem who share all variables but their `own`."""

    def __init__(self, problem: Problem, own: Collection[str]) -> None:
        self.own = frozenset(own)
        types = {**problem.types, **{other(name): problem.types[name] for name in self.own}}
        known = {**problem.known, **{other(name): problem.known[name] for name in self.own}}
        theory = problem.oracle.theory
        self._names = {name: other(name) for name in self.own}
        second = [renamed(c, self._names) for c in theory if not variables(c).isdisjoint(self.own)]
        self._second: dict[int, tuple[Condition, Condition]] = {}
        self.oracle = Oracle(types, known, [*theory, *second], problem.budget, search=problem.search)

    def second(self, condition: Condition) -> Condition:
        """The condition, said of the second of them."""
        if variables(condition).isdisjoint(self.own):
            return condition
        if id(condition) not in self._second:
            self._second[id(condition)] = (condition, renamed(condition, self._names))
        return self._second[id(condition)][1]
