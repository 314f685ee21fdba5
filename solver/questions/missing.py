"""Deciding sets: all minimal sets of unknown variables that settle an undetermined verdict, whatever their values turn out to be.

With two copies of the patient that agree on a set S, S decides iff no pair of completions has one that satisfies the trial and one
that does not. A variable is *necessary* if two such completions differ in it alone: it then belongs to every deciding
set. If the necessary variables decide, they are the only minimal deciding set; otherwise the rest is searched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from solver.language.domain import Domain, Environment, Inconsistent, Interval, is_exact, point
from solver.language.evaluate import evaluate
from solver.language.simplify import simplify
from solver.language.tree import (
    Compare,
    Condition,
    Constant,
    conjunction,
    disjunction,
    negation,
    variables,
    walk,
)
from solver.library.closure import Conditions, complete, pin
from solver.questions.eligibility import Decision
from solver.questions.oracle import OutOfBudget
from solver.questions.problem import Problem
from solver.questions.subsets import Minimal, Subset, minimal_subsets

LIMIT = 64
"""The most deciding sets listed for a trial."""


def deciding_sets(problem: Problem, decision: Decision) -> Minimal:
    """Every minimal deciding set of an undetermined trial, over the variables that can be asked for."""
    search = _Search(problem, decision)
    try:
        return search.run()
    except OutOfBudget:
        return Minimal((), False)


@dataclass(slots=True)
class _Pairs:
    """The two-copy session: assumptions are the equalities of the variables in `equal`."""

    session: object
    equal: Mapping[str, str]


class _Search:
    def __init__(self, problem: Problem, decision: Decision) -> None:
        self.problem = problem
        self.oracle = problem.oracle
        live = [cohort for cohort, verdict in decision.cohorts.items() if verdict == "undetermined"]
        self.cohorts = [list(decision.open_clauses(cohort).values()) for cohort in live]
        clauses = {id(condition): condition for cohort in self.cohorts for condition in cohort}
        self.clauses = list(clauses.values())
        self.trial = disjunction([conjunction(cohort) for cohort in self.cohorts])
        known = problem.known
        self.direct = frozenset(
            name for condition in self.clauses for name in variables(condition) if not is_exact(known[name])
        )
        self.cone = self.oracle.cone(self.direct)
        self.theory = [self.oracle.theory[i] for i in self.oracle.relevant(self.cone)]
        self.candidates = sorted(name for name in self.cone if self._askable(name))
        self._sessions: dict[Subset, _Pairs] = {}

    def _askable(self, name: str) -> bool:
        variable = self.problem.library.variables.get(name)
        return variable is not None and (variable.requested or name in self.problem.record.facts)

    def run(self) -> Minimal:
        """All minimal deciding sets."""
        necessary = frozenset(name for name in self.candidates if self._necessary(name))
        if self.direct <= necessary or self._decides(necessary, frozenset()):
            return Minimal((tuple(sorted(necessary)),), True)
        rest = [name for name in self.candidates if name not in necessary]

        def without(subset: Subset) -> Subset | None:
            if self.direct <= subset | necessary or self._decides(necessary, subset):
                return None
            return subset

        if without(frozenset(rest)) is not None:
            return Minimal((), True)
        found = minimal_subsets(rest, without, LIMIT)
        sets = [tuple(sorted(necessary.union(subset))) for subset in found.subsets]
        return Minimal(tuple(sorted(sets, key=lambda s: (len(s), s))), found.complete)

    def _necessary(self, name: str) -> bool:
        """Whether two completions that differ in the variable alone, among those that can be asked for, differ in the verdict."""
        if self._flips(name):
            return True
        others = frozenset(other for other in self.candidates if other != name)
        if self.direct <= others:
            return False
        return not self._decides(others, frozenset())

    def _flips(self, name: str) -> bool:
        """Whether changing the variable alone changes the verdict of some completion that is at hand."""
        touched = [c for c in self.clauses if name in variables(c)]
        theory = [c for c in self.theory if name in variables(c)]
        values = _telling(self.problem.known[name], [*touched, *theory], name)
        for condition in touched:
            for truth in (True, False):
                box = self._hinge(condition, truth)
                if box is None:
                    continue
                verdict = evaluate(self.trial, box)
                if verdict is None:
                    continue
                if any(self._flipped(box, name, value, theory, verdict) for value in values):
                    return True
        return False

    def _flipped(
        self, box: Environment, name: str, value: Domain, theory: Sequence[Condition], verdict: bool
    ) -> bool:
        if not _inside(value, self.problem.known[name]):
            return False
        other = {**box, name: value}
        if evaluate(self.trial, other) is not (not verdict):
            return False
        return all(evaluate(condition, other) is True for condition in theory)

    def _hinge(self, condition: Condition, truth: bool) -> Environment | None:
        """A completion in which the verdict may hang on one clause: the clause has the value, the others of its cohort hold."""
        cohort = next(cohort for cohort in self.cohorts if any(c is condition for c in cohort))
        goals = [c for c in cohort if c is not condition]
        goals.append(condition if truth else negation(condition))
        try:
            box = self.oracle.possible(goals)
        except OutOfBudget:
            return None
        if box is None:
            return None
        return self._pinned(box, goals)

    def _pinned(self, box: Environment, goals: Sequence[Condition]) -> Environment:
        """The box narrowed until it decides every clause, if that is easily done."""
        if evaluate(self.trial, box) is not None:
            return box
        pinned = complete(Conditions([*goals, *self.theory]), pin(box, ()))
        return pinned if pinned is not None else box

    def _decides(self, shared: Subset, subset: Subset) -> bool:
        """Whether no two completions that agree on both sets differ in the verdict."""
        pairs = self._sessions.get(shared)
        if pairs is None:
            pairs = self._sessions[shared] = self._pairs(shared)
        from solver.smt.session import GaveUp, Session, Unsat

        assert isinstance(pairs.session, Session)
        self.oracle.calls += 1
        outcome = pairs.session.check([pairs.equal[name] for name in sorted(subset) if name in pairs.equal])
        if isinstance(outcome, GaveUp):
            raise OutOfBudget(outcome)
        return isinstance(outcome, Unsat)

    def _pairs(self, shared: Subset) -> _Pairs:
        """A session with two completions that share some variables: the first satisfies the trial, the second does not."""
        from solver.smt import script
        from solver.smt.session import DEFAULT_BUDGET, Session

        known = self.problem.known
        symbols = script.Symbols(self.problem.types, known, shared)
        lines = []
        for copy, goal in ((0, self.trial), (1, negation(self.trial))):
            for condition in (*self.theory, goal):
                lines.append(script.condition_text(simplify(condition, known), symbols, copy))
            for name in sorted(self.cone):
                lines.extend(script.domain_text(name, known[name], symbols, copy))
        equal = {}
        declared = []
        for name in self.candidates:
            if name not in shared:
                equal[name] = f"equal!{name}"
                one, other = symbols.symbol(name, 0), symbols.symbol(name, 1)
                declared.append(f"(declare-const equal!{name} Bool)\n")
                lines.append(f"(=> equal!{name} (= {one} {other}))")
        body = "".join(f"(assert {line})\n" for line in dict.fromkeys(lines))
        text = symbols.declarations() + "".join(declared) + body
        return _Pairs(Session(text, {}, self.problem.budget or DEFAULT_BUDGET), equal)


def _inside(value: Domain, domain: Domain) -> bool:
    if isinstance(value, Interval) and isinstance(domain, Interval):
        return value.low in domain
    assert isinstance(value, frozenset)
    assert isinstance(domain, frozenset)
    return value <= domain


def _telling(domain: Domain, conditions: Sequence[Condition], name: str) -> list[Domain]:
    """Values of a variable that may change a condition: all of them, or the ends and what lies at and beside the thresholds."""
    if isinstance(domain, frozenset):
        return [frozenset({value}) for value in sorted(domain)]  # type: ignore[misc]
    assert isinstance(domain, Interval)
    numbers = [domain.low, domain.high]
    for condition in conditions:
        for part in walk(condition):
            if isinstance(part, Compare) and name in variables(part):
                for side in (part.left, part.right):
                    if isinstance(side, Constant):
                        numbers += [side.value - 1, side.value, side.value + 1]
    found: list[Domain] = []
    for number in dict.fromkeys(numbers):
        if isinstance(number, float):
            continue
        try:
            if number in domain:
                found.append(point(int(number) if domain.whole else number, whole=domain.whole))
        except Inconsistent:
            continue
    return found
