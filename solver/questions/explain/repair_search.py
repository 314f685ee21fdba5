"""Repairs: what would have to change for a patient who is ineligible to be able to enter a trial.

A repair is a minimal correction set of the record's facts: without them, some completion satisfies the trial, and with any one of them back
none does. Clauses, cohorts and theory are taken together. The day is one more thing that can change, by waiting; a date that only time
moves away from stays as recorded, and the day moves instead. Plausible ranges hold of what is dropped as of what was never
recorded; a range that the whole record excludes stays left out. What a policy assumes stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import TYPE_CHECKING

from solver.engine.consistency import OpenedRecord
from solver.engine.days.horizon import HORIZON_MONTHS
from solver.engine.decision import Decision
from solver.engine.minimal_sets import Minimal, Subset, minimal_subsets
from solver.engine.problem import plausible, widest
from solver.evaluation.narrow import Narrowing, assume
from solver.evaluation.simplify import simplify
from solver.language.calendar import add_months
from solver.language.domain import Domain, Interval, hull, point
from solver.language.tree import AS_OF, TRUE, Condition, conjunction, disjunction, variables
from solver.library.models import Axiom, Variable
from solver.questions.explain.repair import KINDS, described, movable, stops, unranged
from solver.questions.explain.stopped_events import with_stops
from solver.questions.match.answer import Repair, Repairs
from solver.smt.outcome import Sat
from solver.smt.query import Query, all_of, any_of, negated
from solver.smt.symbols import quoted
from solver.work import OutOfBudget

if TYPE_CHECKING:
    from solver.smt.session import Session

LIMIT = 24
"""The most repairs listed for a trial."""


def find_repairs(opened: OpenedRecord, decision: Decision) -> Repairs:
    """The repairs of an ineligible trial; not complete where the solver gave up."""
    opened = with_stops(opened)
    search = _Search(opened, decision)
    try:
        found = search.run()
    except OutOfBudget:
        return Repairs((), False)
    repairs, complete = [], found.complete
    for names in found.subsets:
        try:
            repairs.append(described(opened, decision, names))
        except OutOfBudget:
            complete = False

    def rank(each: Repair) -> tuple[bool, int, int, list[str]]:
        names = [change.variable for change in each.changes]
        return not each.action, KINDS.index(each.kind), len(names), names

    repairs.sort(key=rank)
    return Repairs(tuple(repairs), complete)


class _Search:
    """The search for the sets: a solver in which every fact that can change is an assumption."""

    def __init__(self, opened: OpenedRecord, decision: Decision) -> None:
        self.opened, self.problem, self.decision = opened, opened.problem, decision
        problem, library = self.problem, self.problem.library
        record = problem.record
        cohorts = [conjunction([c for _, c, _ in decision.clauses(name)]) for name in decision.trial.cohorts]
        self.trial = disjunction(cohorts)
        # on another day, what is dated may no longer fit, whether the trial speaks of it or not
        dated = [mention for mention in library.mentions.values() if AS_OF in mention]
        spoken_of = variables(self.trial).union(*dated) & library.variables.keys()
        self.names = frozenset().union(*(library.linked[name] for name in spoken_of))
        self.movable = sorted(n for n in record.facts if n in self.names and movable(library.variables[n]))
        self.stops = {date: name for name, date in stops(problem, self.movable).items() if date in self.names}
        self.unranged = unranged(opened)
        last = add_months(record.as_of, HORIZON_MONTHS)
        self.start: dict[str, Domain] = {AS_OF: Interval(record.as_of, last, whole=True)}
        for name in self.names:
            self.start[name] = self._start_domain(library.variables[name])

    def _start_domain(self, variable: Variable) -> Domain:
        """What holds of a variable whichever facts are kept."""
        problem, name = self.problem, variable.name
        if name in self.stops:
            recorded = self._in_range(variable, problem.widest[name])
            assert isinstance(recorded, Interval)
            return hull(recorded, point(problem.record.as_of, whole=True))
        if name in self.movable:
            free, kept = widest(variable, problem.record.as_of), problem.widest[name]
            return hull(free, kept) if isinstance(free, Interval) and isinstance(kept, Interval) else free
        if name in problem.assumed:
            return problem.assumed[name]
        return self._in_range(variable, problem.widest[name])

    def _in_range(self, variable: Variable, domain: Domain) -> Domain:
        """What is left of a domain by the plausible range, where it is assumed."""
        problem, name = self.problem, variable.name
        fact = problem.record.facts.get(name)
        replaced = fact is not None and (fact.exact or fact.values is not None)
        if variable.plausible is None or replaced or not self.opened.ranges or name in self.unranged:
            return domain
        known: Narrowing = {AS_OF: point(problem.record.as_of, whole=True), name: domain}
        assume(variable.plausible, True, known, set())
        return known[name]

    def run(self) -> Minimal:
        """All minimal sets, over the names of variables and of the day."""
        session = self._solver_session()
        elements = [AS_OF, *self.movable]

        def without(subset: Subset) -> Subset | None:
            outcome = session.decide([_kept_as_is(name) for name in elements if name not in subset])
            if isinstance(outcome, Sat):
                return None
            return frozenset(elements).difference(each.removeprefix(_KEEP) for each in outcome.core)

        if without(frozenset(elements)) is not None:
            return Minimal((), True)
        return minimal_subsets(elements, without, LIMIT)

    def _solver_session(self) -> Session:
        problem = self.problem
        query = Query(problem.types, self.start)
        for name in (AS_OF, *self.movable):
            query.assumption(_kept_as_is(name))
        stated: list[tuple[Sequence[str], Condition]] = [((), self.trial)]
        stated += [entry for axiom in self._axioms_about() for entry in self._guarded_axiom(axiom)]
        stated += [
            ((), choice)
            for name, choice in problem.choices.items()
            if name in self.names and name not in self.movable and name not in self.stops
        ]
        for guards, condition in stated:
            left = simplify(condition, self.start)
            if left != TRUE:
                query.state([left], when=all_of(guards))
        lists = frozenset(problem.library.lists)
        self._state_facts(query, [name for name in self.movable if name not in lists])
        query.bound({name: self.start[name] for name in (AS_OF, *sorted(self.names - lists))})
        return query.session(problem.budget, once=True)

    def _axioms_about(self) -> Iterable[Axiom]:
        library = self.problem.library
        for axiom in library.axioms:
            if axiom.assumption is not None and not self.opened.ranges:
                continue
            if not (library.mentions[axiom.id] - {AS_OF}).isdisjoint(self.names):
                yield axiom

    def _guarded_axiom(self, axiom: Axiom) -> Iterable[tuple[Sequence[str], Condition]]:
        """The axiom under the guards without which it is not in force, for each choice of the recorded lists to keep."""
        problem, waived = self.problem, axiom.while_unrecorded
        guards: list[str] = []
        if waived and all(name in problem.record.facts or name in problem.assumed for name in waived):
            guards = [any_of(_given_up(name) for name in waived if name in self.movable)]
        mentioned = problem.library.mentions[axiom.id]
        lists = [name for name in problem.library.lists if name in mentioned and name in self.movable]
        for choice in product((False, True), repeat=len(lists)):
            stands = dict(zip(lists, choice, strict=True))
            kept = {name: problem.widest[name] for name in lists if stands[name]}
            literals = [_kept_as_is(name) if stands[name] else _given_up(name) for name in lists]
            yield [*guards, *literals], simplify(axiom.condition, {**self.start, **kept})

    def _state_facts(self, query: Query, names: Iterable[str]) -> None:
        """What holds of each fact that can change while it is kept, and while it is not."""
        problem = self.problem
        query.bound({AS_OF: problem.known[AS_OF]}, when=_kept_as_is(AS_OF))
        for name in names:
            self._state_recorded(query, name, _kept_as_is(name))
            variable = problem.library.variables[name]
            free = (plausible if self.opened.ranges else widest)(variable, problem.record.as_of)
            query.bound({name: free}, when=_given_up(name))
        today = point(problem.record.as_of, whole=True)
        for date, name in self.stops.items():
            self._state_recorded(query, date, _kept_as_is(name))
            query.bound({name: frozenset({False}), date: today}, when=_given_up(name))

    def _state_recorded(self, query: Query, name: str, guard: str) -> None:
        """What the record says of a variable holds where the guard does."""
        problem = self.problem
        query.bound({name: self._in_range(problem.library.variables[name], problem.widest[name])}, when=guard)
        if name in problem.choices:
            query.state([problem.choices[name]], when=guard)


_KEEP = "keep!"


def _kept_as_is(name: str) -> str:
    """The assumption that a fact, or the day, stays as it is recorded."""
    return quoted(f"{_KEEP}{name}")


def _given_up(name: str) -> str:
    """That it does not."""
    return negated(_kept_as_is(name))
