"""Repairs: what would have to change for a patient who is ineligible to be able to enter a trial.

A repair is a minimal correction set of the record's facts: without them, some completion satisfies the trial, and with any one of them back
none does. Clauses, cohorts and theory are taken together. The day is one more thing that can change, by waiting; a date that only time
moves away from stays as recorded, and the day moves instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from solver.errors import EngineError
from solver.language.calendar import add_months, format_day
from solver.language.domain import Domain, Interval, point
from solver.language.simplify import simplify
from solver.language.tree import AS_OF, TRUE, Condition, conjunction, disjunction, variables
from solver.language.types import DateType
from solver.library.models import Axiom, Variable
from solver.questions.answers import Change, Repair, Repairs, Requirement
from solver.questions.binding import Binder
from solver.questions.dates import HORIZON_MONTHS, waiting
from solver.questions.eligibility import Decision, Standings, decide
from solver.questions.idle import required_alone
from solver.questions.oracle import OutOfBudget
from solver.questions.posed import Posed
from solver.questions.problem import Problem, plausible, pose, widest
from solver.questions.requirement import requirements
from solver.questions.subsets import Minimal, Subset, minimal_subsets

if TYPE_CHECKING:
    from solver.smt.session import Session

LIMIT = 24
"""The most repairs listed for a trial."""

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
        near = frozenset(
            name for each in variables(self.trial) & library.variables.keys() for name in library.linked[each]
        )
        self.names = near | {name for name in variables(self.trial) if name in library.variables}
        self.movable = sorted(
            name for name in record.facts if name in self.names and movable(library.variables[name])
        )
        last = add_months(record.as_of, HORIZON_MONTHS)
        self.start: dict[str, Domain] = {AS_OF: Interval(record.as_of, last, whole=True)}
        for name in self.names:
            self.start[name] = self._start(library.variables[name])

    def _start(self, variable: Variable) -> Domain:
        record = self.problem.record
        if variable.name in self.movable:
            return widest(variable, record.as_of)
        if variable.name in record.facts or variable.name in self.problem.assumed:
            return self.problem.widest[variable.name]
        if not self.posed.ranges or variable.name in self.problem.implausible:
            return widest(variable, record.as_of)
        return plausible(variable, record.as_of)

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
        for name in self.movable:
            stated += self._facts(name)
        lines = []
        for guards, condition in stated:
            left = simplify(condition, self.start)
            if left != TRUE:
                text = script.condition_text(left, symbols)
                lines.append(f"(=> (and true {' '.join(guards)}) {text})")
        kept = {name: problem.widest[name] for name in self.movable if name not in lists}
        kept[AS_OF] = problem.known[AS_OF]
        for name, domain in kept.items():
            lines += [f"(=> keep!{name} {text})" for text in script.domain_text(name, domain, symbols)]
        for name in self.names - lists:
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
        """The axiom, under the guards without which it is not in force, and once more as a recorded list makes it."""
        facts = self.problem.record.facts
        waived = axiom.while_unrecorded
        guards: list[str] = []
        if waived and all(name in facts for name in waived):
            free = [f"(not keep!{name})" for name in waived if name in self.movable]
            guards = [f"(or false {' '.join(free)})"]
        yield guards, axiom.condition
        for name in self.problem.library.mentions[axiom.id]:
            if name in self.problem.library.lists and name in self.movable:
                recorded = {**self.start, name: self.problem.widest[name]}
                yield [*guards, f"keep!{name}"], simplify(axiom.condition, recorded)

    def _facts(self, name: str) -> Iterable[tuple[Sequence[str], Condition]]:
        """What holds while a fact is kept besides its domain, and what is assumed of it once it is not."""
        problem = self.problem
        if name in problem.choices:
            yield [f"keep!{name}"], problem.choices[name]
        variable = problem.library.variables[name]
        if variable.plausible is not None and self.posed.ranges:
            yield [f"(not keep!{name})"], variable.plausible


def _described(posed: Posed, decision: Decision, names: Sequence[str]) -> Repair:
    """The repair that these names make, once it is seen to be one. Raises `OutOfBudget`."""
    problem, trial = posed.problem, decision.trial
    record = problem.record
    changed = [name for name in names if name != AS_OF]
    freed = _without_facts(posed, changed)
    standings = Standings(freed.problem.oracle, Binder())
    wait_until, then, after = None, freed.problem, decide(freed.problem, standings, trial, record.context)
    if AS_OF in names:
        days = waiting(freed, standings)
        possible = days.days(days.over_all_days(trial, record.context)).sometimes
        if possible:
            wait_until = format_day(possible[0][0])
            after = days.on(possible[0][0], trial, record.context)
            then = freed.posed_on(point(possible[0][0], whole=True))
    if after.verdict == "ineligible":
        raise EngineError("a repair does not replay")
    changes = tuple(_change(problem, name, then, after) for name in sorted(changed))
    kinds = [change.kind for change in changes] + (["time"] if wait_until else [])
    action = all(change.kind != "never" and not change.worse for change in changes)
    return Repair(max(kinds, key=KINDS.index), changes, wait_until, action)


def _without_facts(posed: Posed, names: Sequence[str]) -> Posed:
    """The record without these facts."""
    problem = posed.problem
    facts = {name: fact for name, fact in problem.record.facts.items() if name not in names}
    freed = pose(
        problem.library,
        replace(problem.record, facts=facts),
        problem.budget,
        search=problem.search,
        ranges=posed.ranges,
        assumed=problem.assumed,
    )
    return replace(posed, problem=freed)


def _change(problem: Problem, name: str, then: Problem, after: Decision) -> Change:
    variable = problem.library.variables[name]
    requirement = _requirement(name, then, after)
    return Change(
        name, variable.changes, requirement, _gets_worse(variable, problem.widest[name], requirement)
    )


def _requirement(name: str, then: Problem, after: Decision) -> Requirement | None:
    """What the changed fact would have to be, in a trial that is undetermined without it, or eligible with any plausible value."""
    if name in then.library.lists:
        return None
    if after.verdict == "undetermined":
        (found,) = requirements(then, after, [name])
        return found
    for cohort, verdict in after.cohorts.items():
        if verdict == "eligible":
            whole = conjunction([condition for _, condition, _ in after.clauses(cohort)])
            return required_alone(then, whole, name)
    return None


def _gets_worse(variable: Variable, recorded: Domain, requirement: Requirement | None) -> bool:
    """Whether every value that is required lies on the worse side of what is recorded."""
    allowed = requirement.allowed if requirement is not None else None
    if variable.worse is None or not allowed:
        return False
    if isinstance(recorded, Interval) and isinstance(allowed, tuple):
        if variable.worse == "higher":
            return all(part.low >= recorded.high for part in allowed)
        return all(part.high <= recorded.low for part in allowed)
    return variable.worse in ("true", "false") and allowed == frozenset({variable.worse == "true"})
