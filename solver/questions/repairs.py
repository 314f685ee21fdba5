"""Repairs: what would have to change for a patient who is ineligible to be able to enter a trial.

A repair is a minimal correction set of the record's facts: without them, some completion satisfies the trial, and with any one of them back
none does. Clauses, cohorts and theory are taken together. The day is one more thing that can change, by waiting; a date that only time
moves away from stays as recorded, and the day moves instead. Plausible ranges hold of what is dropped as of what was never
recorded; a range that the whole record excludes stays left out. What a policy assumes stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from solver.errors import EngineError
from solver.language.calendar import add_months, format_day
from solver.language.domain import Domain, Interval, hull, is_exact, point
from solver.language.evaluate import evaluate
from solver.language.narrow import Narrowing, assume
from solver.language.simplify import simplify
from solver.language.tree import (
    AS_OF,
    TRUE,
    Condition,
    conjunction,
    disjunction,
    variables,
)
from solver.language.types import DateType
from solver.library.models import Axiom, Library, Variable
from solver.questions.answers import Change, Repair, Repairs
from solver.questions.binding import Binder
from solver.questions.changed import required, worsening
from solver.questions.dates import HORIZON_MONTHS, waiting
from solver.questions.eligibility import Decision, Standings, decide
from solver.questions.oracle import OutOfBudget
from solver.questions.posed import Posed
from solver.questions.problem import Problem, plausible, pose, widest
from solver.questions.subsets import Minimal, Subset, minimal_subsets

if TYPE_CHECKING:
    from solver.smt.script import Symbols
    from solver.smt.session import Session

LIMIT = 24
"""The most repairs listed for a trial."""

_SOME_DAYS = 3
"""So many days older, a patient has completed the years that else are completed on the next day, whatever the calendar."""

KINDS = ("time", "age", "stop", "treat", "consent", "test", "never")
"""How things change, from the easiest; a repair is of the kind of its hardest member."""


def find_repairs(posed: Posed, decision: Decision) -> Repairs:
    """The repairs of an ineligible trial; not complete where the solver gave up."""
    search = _Search(posed, decision)
    try:
        found = search.run()
    except OutOfBudget:
        return Repairs((), False)
    described, complete = [], found.complete
    for names in found.subsets:
        try:
            described.append(_described(posed, decision, names))
        except OutOfBudget:
            complete = False
    order = {kind: place for place, kind in enumerate(KINDS)}
    described.sort(key=lambda each: (not each.action, order[each.kind], len(each.changes), _names(each)))
    return Repairs(tuple(described), complete)


def _names(repair: Repair) -> tuple[str, ...]:
    return tuple(change.variable for change in repair.changes)


def movable(variable: Variable) -> bool:
    """Whether a recorded fact about the variable can be part of a repair: a date that only time moves away from is not."""
    return not (isinstance(variable.type, DateType) and variable.changes in ("time", "age"))


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
        self.unranged = _unranged(posed)
        last = add_months(record.as_of, HORIZON_MONTHS)
        self.start: dict[str, Domain] = {AS_OF: Interval(record.as_of, last, whole=True)}
        for name in self.names:
            self.start[name] = self._start(library.variables[name])

    def _start(self, variable: Variable) -> Domain:
        """What holds of a variable whichever facts are kept."""
        problem, name = self.problem, variable.name
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
            from solver.smt.session import GaveUp, Unsat

            outcome = session.check([f"keep!{name}" for name in elements if name not in subset])
            if isinstance(outcome, GaveUp):
                raise OutOfBudget(outcome)
            if not isinstance(outcome, Unsat):
                return None
            core = {literal.removeprefix("keep!") for literal in outcome.core}
            return frozenset(name for name in elements if name not in core)

        if without(frozenset(elements)) is not None:
            return Minimal((), True)
        return minimal_subsets(elements, without, LIMIT)

    def _session(self) -> Session:
        from solver.smt import script
        from solver.smt.session import DEFAULT_BUDGET, Session

        problem = self.problem
        symbols = script.Symbols(problem.types, self.start)
        lists = frozenset(problem.library.lists)
        stated: list[tuple[Sequence[str], Condition]] = [((), self.trial)]
        stated += [entry for axiom in self._axioms() for entry in self._guarded(axiom)]
        stated += [
            ((), choice)
            for name, choice in problem.choices.items()
            if name in self.names and name not in self.movable
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
        from solver.smt.script import condition_text, domain_text

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


def _implied(guard: str, texts: Iterable[str]) -> Iterable[str]:
    return [f"(=> {guard} {text})" for text in texts]


def _unranged(posed: Posed) -> frozenset[str]:
    """The variables whose plausible range the whole record excludes."""
    problem, day = posed.problem, point(posed.problem.record.as_of, whole=True)
    beyond = [
        variable.name
        for variable in problem.library.variables.values()
        if variable.plausible is not None
        and is_exact(problem.known[variable.name])
        and evaluate(variable.plausible, {AS_OF: day, variable.name: problem.known[variable.name]}) is False
    ]
    return frozenset([*problem.implausible, *beyond])


def _described(posed: Posed, decision: Decision, names: Sequence[str]) -> Repair:
    """The repair that these names make, once it is seen to be one. Raises `OutOfBudget`."""
    trial, context = decision.trial, posed.problem.record.context
    changed = sorted(name for name in names if name != AS_OF)
    freed = _without_facts(posed, changed)
    standings = Standings(freed.problem.oracle, Binder())
    if AS_OF in names:
        wait = _wait(freed, standings, decision)
        then, after = wait.problem, wait.decision
    else:
        wait, then = None, freed.problem
        after = decide(then, standings, trial, context)
    if after.verdict == "ineligible":
        raise EngineError("a repair does not replay")
    worse = worsening(posed.problem, then, after, changed)
    known = posed.problem.library.variables
    changes = tuple(
        Change(name, known[name].changes, required(posed.problem, then, after, name), name in worse)
        for name in changed
    )
    kinds = [change.kind for change in changes] + ([wait.kind] if wait else [])
    kind = max(kinds, key=KINDS.index)
    action = "never" not in kinds and not worse and (wait is None or wait.action)
    if wait is None:
        return Repair(kind, changes, None, action)
    return Repair(kind, changes, format_day(wait.day), action, wait.kind)


@dataclass(frozen=True, slots=True)
class _Wait:
    """The first day on which a record can satisfy a trial, with the problem and the decision on that day.

    `kind` is `age` where it is an age that is waited for. `action` is false where a clause asks for something else from that age on, and
    not for the age itself: that is no advice.
    """

    day: int
    problem: Problem
    decision: Decision
    kind: str
    action: bool


def _wait(freed: Posed, standings: Standings, decision: Decision) -> _Wait:
    trial, context = decision.trial, freed.problem.record.context
    waited = waiting(freed, standings)
    possible = waited.days(waited.over_all_days(trial, context)).sometimes
    if not possible or possible[0][0] == waited.first:
        raise EngineError("a repair by waiting does not replay")
    day = possible[0][0]
    before, after = waited.on(day - 1, trial, context), waited.on(day, trial, context)
    conditions = {
        (binding.clause.id, cohort): condition
        for binding in after.bindings
        for cohort, condition in binding.conditions.items()
    }
    opened = [
        conditions[key]
        for key, standing in after.standings.items()
        if standing is not False and before.standings[key] is False and after.cohorts[key[1]] != "ineligible"
    ]
    aging = _opened_by_age(freed, day - 1, opened)
    ages = _ages(freed.problem.library)
    plain = all(variables(condition) <= ages | {AS_OF} for condition in aging)
    problem = freed.posed_on(point(day, whole=True))
    return _Wait(day, problem, after, "age" if aging else "time", plain)


def _ages(library: Library) -> frozenset[str]:
    return frozenset(
        name
        for name, variable in library.variables.items()
        if variable.changes == "age" and isinstance(variable.type, DateType)
    )


def _opened_by_age(freed: Posed, day: int, conditions: Iterable[Condition]) -> list[Condition]:
    """Those of the conditions, which fail on a day for the last time, that would not if the patient were a few days older."""
    known = dict(freed.posed_on(point(day, whole=True)).known)
    for name in _ages(freed.problem.library):
        born = known[name]
        assert isinstance(born, Interval)
        known[name] = Interval(born.low - _SOME_DAYS, born.high, whole=True)
    return [condition for condition in conditions if evaluate(condition, known) is not False]


def _without_facts(posed: Posed, names: Sequence[str]) -> Posed:
    """The record without these facts; the ranges that the whole record excludes stay left out."""
    problem = posed.problem
    facts = {name: fact for name, fact in problem.record.facts.items() if name not in names}
    freed = pose(
        problem.library,
        replace(problem.record, facts=facts),
        problem.budget,
        search=problem.search,
        ranges=posed.ranges,
        assumed=problem.assumed,
        implausible=_unranged(posed) - set(names),
    )
    return replace(posed, problem=freed)
