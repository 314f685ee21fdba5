"""Repairs: what would have to change for a patient who is ineligible to be able to enter a trial.

A repair is a minimal correction set of the record's facts: without them, some completion satisfies the trial, and with any one of them back
none does. Clauses, cohorts and theory are taken together. The day is one more thing that can change, by waiting; a date that only time
moves away from stays as recorded, and the day moves instead. Plausible ranges hold of what is dropped as of what was never
recorded; a range that the whole record excludes stays left out. What a policy assumes stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import product
from typing import TYPE_CHECKING

from solver.engine.days.eligible_days import HORIZON_MONTHS
from solver.engine.decision import Decision
from solver.engine.minimal_sets import Minimal, Subset, minimal_subsets
from solver.engine.opened_record import Posed
from solver.engine.problem import plausible, widest
from solver.evaluation.narrow import Narrowing, assume
from solver.evaluation.simplify import simplify
from solver.language.calendar import add_months
from solver.language.domain import Domain, Interval, hull, point
from solver.language.tree import (
    AS_OF,
    TRUE,
    Condition,
    conjunction,
    disjunction,
    variables,
)
from solver.library.models import Axiom, Variable
from solver.questions.explain.repair import KINDS, described, movable, stops, unranged
from solver.questions.match.answer import Repair, Repairs
from solver.work import DEFAULT_BUDGET, OutOfBudget

if TYPE_CHECKING:
    from solver.smt.session import Session
    from solver.smt.translate import Symbols

LIMIT = 24
"""The most repairs listed for a trial."""


def find_repairs(posed: Posed, decision: Decision) -> Repairs:
    """The repairs of an ineligible trial; not complete where the solver gave up."""
    search = _Search(posed, decision)
    try:
        found = search.run()
    except OutOfBudget:
        return Repairs((), False)
    repairs, complete = [], found.complete
    for names in found.subsets:
        try:
            repairs.append(described(posed, decision, names))
        except OutOfBudget:
            complete = False
    order = {kind: place for place, kind in enumerate(KINDS)}
    repairs.sort(key=lambda each: (not each.action, order[each.kind], len(each.changes), _names(each)))
    return Repairs(tuple(repairs), complete)


def _names(repair: Repair) -> tuple[str, ...]:
    return tuple(change.variable for change in repair.changes)


class _Search:
    """The search for the sets: a solver in which every fact that can change is an assumption."""

    def __init__(self, posed: Posed, decision: Decision) -> None:
        self.posed, self.problem, self.decision = posed, posed.problem, decision
        problem, library = self.problem, self.problem.library
        record = problem.record
        cohorts = [
            conjunction([condition for _, condition, _ in decision.clauses(cohort)])
            for cohort in decision.trial.cohorts
        ]
        self.trial = disjunction(cohorts)
        # on another day, what is dated may no longer fit, whether the trial speaks of it or not
        dated = [mention for mention in library.mentions.values() if AS_OF in mention]
        spoken_of = variables(self.trial).union(*dated) & library.variables.keys()
        self.names = frozenset().union(*(library.linked[name] for name in spoken_of))
        self.movable = sorted(
            name for name in record.facts if name in self.names and movable(library.variables[name])
        )
        self.stops = {date: name for name, date in stops(problem, self.movable).items() if date in self.names}
        self.unranged = unranged(posed)
        last = add_months(record.as_of, HORIZON_MONTHS)
        self.start: dict[str, Domain] = {AS_OF: Interval(record.as_of, last, whole=True)}
        for name in self.names:
            self.start[name] = self._start(library.variables[name])

    def _start(self, variable: Variable) -> Domain:
        """What holds of a variable whichever facts are kept."""
        problem, name = self.problem, variable.name
        if name in self.stops:
            recorded = self._in_range(variable, problem.widest[name])
            assert isinstance(recorded, Interval)
            return hull(recorded, point(problem.record.as_of, whole=True))
        if name in self.movable:
            free, kept = widest(variable, problem.record.as_of), problem.widest[name]
            if isinstance(free, Interval) and isinstance(kept, Interval):
                return hull(free, kept)
            return free
        if name in problem.assumed:
            return problem.assumed[name]
        return self._in_range(variable, problem.widest[name])

    def _in_range(self, variable: Variable, domain: Domain) -> Domain:
        """What is left of a domain by the plausible range, where it is assumed."""
        problem, name = self.problem, variable.name
        fact = problem.record.facts.get(name)
        replaced = fact is not None and (fact.exact or fact.values is not None)
        if variable.plausible is None or replaced or not self.posed.ranges or name in self.unranged:
            return domain
        known: Narrowing = {AS_OF: point(problem.record.as_of, whole=True), name: domain}
        assume(variable.plausible, True, known, set())
        return known[name]

    def run(self) -> Minimal:
        """All minimal sets, over the names of variables and of the day."""
        session = self._session()
        elements = [AS_OF, *self.movable]

        def without(subset: Subset) -> Subset | None:
            from solver.smt.outcome import GaveUp, Unsat

            outcome = session.check([f"keep!{name}" for name in elements if name not in subset])
            if isinstance(outcome, GaveUp):
                raise OutOfBudget(outcome.cause)
            if not isinstance(outcome, Unsat):
                return None
            core = {literal.removeprefix("keep!") for literal in outcome.core}
            return frozenset(name for name in elements if name not in core)

        if without(frozenset(elements)) is not None:
            return Minimal((), True)
        return minimal_subsets(elements, without, LIMIT)

    def _session(self) -> Session:
        from solver.smt import translate as script
        from solver.smt.session import Session

        problem = self.problem
        symbols = script.Symbols(problem.types, self.start)
        lists = frozenset(problem.library.lists)
        stated: list[tuple[Sequence[str], Condition]] = [((), self.trial)]
        stated += [entry for axiom in self._axioms() for entry in self._guarded(axiom)]
        stated += [
            ((), choice)
            for name, choice in problem.choices.items()
            if name in self.names and name not in self.movable and name not in self.stops
        ]
        lines = []
        for guards, condition in stated:
            left = simplify(condition, self.start)
            if left != TRUE:
                text = script.condition_text(left, symbols)
                lines.append(f"(=> (and true {' '.join(guards)}) {text})")
        lines += self._kept_or_free(lists, symbols)
        for name in (AS_OF, *sorted(self.names - lists)):
            lines += script.domain_text(name, self.start[name], symbols)
        literals = "".join(f"(declare-const keep!{name} Bool)\n" for name in [AS_OF, *self.movable])
        body = "".join(f"(assert {line})\n" for line in dict.fromkeys(lines))
        text = symbols.declarations() + literals + body
        return Session(text, {}, problem.budget or DEFAULT_BUDGET)

    def _axioms(self) -> Iterable[Axiom]:
        library = self.problem.library
        for axiom in library.axioms:
            if axiom.assumption is not None and not self.posed.ranges:
                continue
            if not (library.mentions[axiom.id] - {AS_OF}).isdisjoint(self.names):
                yield axiom

    def _guarded(self, axiom: Axiom) -> Iterable[tuple[Sequence[str], Condition]]:
        """The axiom under the guards without which it is not in force, for each choice of the recorded lists to keep."""
        problem, waived = self.problem, axiom.while_unrecorded
        guards: list[str] = []
        if waived and all(name in problem.record.facts or name in problem.assumed for name in waived):
            free = [f"(not keep!{name})" for name in waived if name in self.movable]
            guards = [f"(or false {' '.join(free)})"]
        mentioned = problem.library.mentions[axiom.id]
        lists = [name for name in problem.library.lists if name in mentioned and name in self.movable]
        for choice in product((False, True), repeat=len(lists)):
            stands = dict(zip(lists, choice, strict=True))
            kept = {name: problem.widest[name] for name in lists if stands[name]}
            literals = [f"keep!{name}" if stands[name] else f"(not keep!{name})" for name in lists]
            yield [*guards, *literals], simplify(axiom.condition, {**self.start, **kept})

    def _kept_or_free(self, lists: Collection[str], symbols: Symbols) -> Iterable[str]:
        """What holds of each fact that can change while it is kept, and while it is not."""
        from solver.smt.translate import condition_text, domain_text

        problem = self.problem
        yield from _implied(f"keep!{AS_OF}", domain_text(AS_OF, problem.known[AS_OF], symbols))
        for name in self.movable:
            variable = problem.library.variables[name]
            if name in lists:
                continue
            kept = self._in_range(variable, problem.widest[name])
            yield from _implied(f"keep!{name}", domain_text(name, kept, symbols))
            if name in problem.choices:
                yield from _implied(f"keep!{name}", [condition_text(problem.choices[name], symbols)])
            free = (plausible if self.posed.ranges else widest)(variable, problem.record.as_of)
            yield from _implied(f"(not keep!{name})", domain_text(name, free, symbols))
        for date, name in self.stops.items():
            kept = self._in_range(problem.library.variables[date], problem.widest[date])
            recorded = domain_text(date, kept, symbols)
            if date in problem.choices:
                recorded = [*recorded, condition_text(problem.choices[date], symbols)]
            yield from _implied(f"keep!{name}", recorded)
            today = point(problem.record.as_of, whole=True)
            stopped = [
                *domain_text(name, frozenset({False}), symbols),
                *domain_text(date, today, symbols),
            ]
            yield from _implied(f"(not keep!{name})", stopped)


def _implied(guard: str, texts: Iterable[str]) -> Iterable[str]:
    return [f"(=> {guard} {text})" for text in texts]
