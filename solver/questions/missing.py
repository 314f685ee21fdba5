"""Deciding sets: all minimal sets of unknown variables that settle an undetermined verdict, whatever their values turn out to be.

With two copies of the patient that agree on a set S, S decides iff no pair of completions has one that satisfies the trial and one
that does not. A variable is *necessary* if two such completions differ in it alone: it then belongs to every deciding
set. If the necessary variables decide, they are the only minimal deciding set; otherwise the rest is searched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice, permutations, product

from solver.language.domain import Domain, Environment, Interval, is_exact, point
from solver.language.evaluate import evaluate
from solver.language.simplify import simplify
from solver.language.tree import (
    FALSE,
    TRUE,
    Compare,
    Condition,
    Constant,
    conjunction,
    disjunction,
    negation,
    variables,
    walk,
)
from solver.library.closure import Conditions, complete, linked, pin
from solver.questions.eligibility import Decision
from solver.questions.oracle import OutOfBudget
from solver.questions.problem import Problem
from solver.questions.subsets import Minimal, Subset, minimal_subsets

LIMIT = 64
"""The most deciding sets listed for a trial."""

_HINGES = 4
"""How many completions and clauses, and how many pairs of values, are tried for one variable before the solver is asked."""


def deciding_sets(problem: Problem, decision: Decision) -> Minimal:
    """Every minimal deciding set of an undetermined trial, over the variables that can be asked for."""
    search = _Search(problem, decision)
    try:
        return search.run()
    except OutOfBudget:
        return Minimal((), False)


class _Search:
    """The search for the deciding sets of one trial.

    `cohorts` are the open clauses of each cohort that is still possible, `direct` the open variables they mention, and `cone` those
    with all that the theory links to them.
    """

    def __init__(self, problem: Problem, decision: Decision) -> None:
        self.problem = problem
        self.oracle = problem.oracle
        known = problem.known
        clauses: dict[int, Condition] = {}
        self.cohorts: list[list[Condition]] = []
        for cohort, verdict in decision.cohorts.items():
            if verdict == "undetermined":
                conditions = decision.open_clauses(cohort).values()
                for condition in conditions:
                    clauses.setdefault(id(condition), simplify(condition, known))
                self.cohorts.append([clauses[id(condition)] for condition in conditions])
        self.clauses = list(clauses.values())
        self.trial = disjunction([conjunction(cohort) for cohort in self.cohorts])
        self.direct = frozenset(
            name for clause in self.clauses for name in variables(clause) if not is_exact(known[name])
        )
        self.cone = self.oracle.cone(self.direct)
        self.theory = [simplify(self.oracle.theory[i], known) for i in self.oracle.relevant(self.cone)]
        self.askable = frozenset(filter(self._askable, self.cone))
        self.points: list[Environment] = []

    def run(self) -> Minimal:
        """All minimal deciding sets."""
        for cohort in self.cohorts:
            self._add_point(cohort)
        necessary = frozenset(name for name in sorted(self.direct) if self._necessary(name))
        if self._decides(necessary):
            return Minimal((tuple(sorted(necessary)),), True)
        rest = sorted(self.askable & self._linked(self.direct - necessary, necessary))

        def without(subset: Subset) -> Subset | None:
            return None if self._decides(subset | necessary) else subset

        if without(frozenset(rest)) is not None:
            return Minimal((), True)
        found = minimal_subsets(rest, without, LIMIT)
        sets = [tuple(sorted(necessary.union(subset))) for subset in found.subsets]
        return Minimal(tuple(sorted(sets, key=lambda s: (len(s), s))), found.complete)

    def _askable(self, name: str) -> bool:
        variable = self.problem.library.variables.get(name)
        return variable is not None and (variable.requested or name in self.problem.record.facts)

    def _linked(self, names: Iterable[str], shared: Subset) -> frozenset[str]:
        """The open variables that the theory links to the named ones while the shared ones are held fixed."""
        open_cone = self.cone - shared
        return linked([variables(c) & open_cone for c in self.theory], frozenset(names) & open_cone)

    def _add_point(self, goals: Sequence[Condition]) -> Environment | None:
        """A completion on which the goals hold, with one value for every variable of the cone, if one is easily found."""
        try:
            box = self.oracle.possible(goals)
        except OutOfBudget:
            return None
        if box is None:
            return None
        point_ = pin(Conditions([*goals, *self.theory]), box, sorted(self.cone))
        if point_ is not None:
            self.points.append(point_)
        return point_

    def _necessary(self, name: str) -> bool:
        """Whether two completions differ in the verdict and, among the variables that can be asked for, in this one alone."""
        if name not in self.askable:
            return False
        touched = [c for c in self.clauses if name in variables(c)]
        theory = [c for c in self.theory if name in variables(c)]
        values = _telling(self.problem.known[name], [*touched, *theory], name)
        if any(self._changes(point_, name, values, theory) for point_ in self.points):
            return True
        if self._hinges(name, touched, theory, values) or self._hinges_anywhere(name, touched, theory, values):
            return True
        return not self._decides(self.askable - {name})

    def _changes(
        self, completion: Environment, name: str, values: Sequence[Domain], theory: Sequence[Condition]
    ) -> bool:
        """Whether giving the variable another value, and nothing else, changes the verdict of a completion."""
        verdict = evaluate(self.trial, completion)
        if verdict is None:
            return False
        for value in values:
            other = {**completion, name: value}
            if evaluate(self.trial, other) is (not verdict) and all(
                evaluate(condition, other) is True for condition in theory
            ):
                return True
        return False

    def _hinges(
        self, name: str, touched: Sequence[Condition], theory: Sequence[Condition], values: Sequence[Domain]
    ) -> bool:
        """Whether the verdict can be made to hang on the variable by changing, in a completion at hand, one clause's variables."""
        for completion, clause in islice(product(list(self.points), touched), _HINGES):
            free = {other: self.problem.known[other] for other in variables(clause) & self.cone}
            base = {**completion, **free}
            bound = [c for c in (*self.theory, *self.clauses) if c is not clause and variables(c) & free.keys()]
            for one, other in islice(permutations(values, 2), _HINGES):
                first, second = {**base, name: one}, {**base, name: other}
                goals = [simplify(clause, first), negation(simplify(clause, second))]
                goals += [simplify(c, known) for c in theory for known in (first, second)]
                goals += [simplify(c, first) for c in bound]
                if FALSE in goals:
                    continue
                conditions = Conditions([goal for goal in goals if goal != TRUE])
                box = complete(conditions, first)
                found = None if box is None else pin(conditions, box, sorted(free))
                if found is not None and self._changes(found, name, [other], theory):
                    self.points.append(found)
                    return True
        return False

    def _hinges_anywhere(
        self, name: str, touched: Sequence[Condition], theory: Sequence[Condition], values: Sequence[Domain]
    ) -> bool:
        """As `_hinges`, with all variables of the cone free to change."""
        known = self.problem.known
        for clause, (one, other) in islice(product(touched, permutations(values, 2)), _HINGES):
            first, second = {**known, name: one}, {**known, name: other}
            cohort = next(cohort for cohort in self.cohorts if any(c is clause for c in cohort))
            goals = [simplify(clause, first), negation(simplify(clause, second))]
            goals += [simplify(c, world) for c in theory for world in (first, second)]
            goals += [simplify(c, first) for c in cohort if c is not clause]
            goals += [c for c in self.theory if name not in variables(c)]
            if FALSE in goals:
                continue
            conditions = Conditions([goal for goal in goals if goal != TRUE])
            box = complete(conditions, first)
            found = None if box is None else pin(conditions, box, sorted(self.cone - {name}))
            if found is not None and self._changes(found, name, [other], theory):
                self.points.append(found)
                return True
        return False

    def _decides(self, shared: Subset) -> bool:
        """Whether no two completions that agree on the shared variables differ in the verdict.

        Only clauses that mention an open variable outside the shared ones can differ between the two. If no cohort's can, the shared
        variables decide; if they can differ while the rest of some completion at hand is kept, they do not; else both copies are
        searched in full.
        """
        loose = [c for c in self.clauses if not variables(c) & self.direct <= shared]
        if not loose:
            return True
        ids = set(map(id, loose))
        parts = [conjunction([c for c in cohort if id(c) in ids]) for cohort in self.cohorts]
        moved = frozenset(name for c in loose for name in variables(c)) & self.direct
        loosened = self._linked(moved - shared, shared)
        near = [c for c in self.theory if not variables(c).isdisjoint(loosened)]
        known = self.problem.known
        differ = [(part, negation(part)) for part in dict.fromkeys(parts)]
        if not any(self._pair(goals, near, known, shared) for goals in differ):
            return True
        reach = moved.union(*map(variables, near))
        for completion in self.points[:_HINGES]:
            kept = {name: completion[name] for name in self.cone - reach}
            if self._pair((self.trial, negation(self.trial)), near, {**known, **kept}, shared):
                return False
        return not self._pair((self.trial, negation(self.trial)), self.theory, known, shared)

    def _pair(
        self,
        goals: tuple[Condition, Condition],
        theory: Sequence[Condition],
        known: Environment,
        shared: Subset,
    ) -> bool:
        """Whether two completions that agree on the shared variables satisfy one goal each. Raises `OutOfBudget`."""
        from solver.smt import script
        from solver.smt.session import DEFAULT_BUDGET, GaveUp, Sat, Session

        symbols = script.Symbols(self.problem.types, known, shared)
        lines = []
        for copy, goal in enumerate(goals):
            for condition in (*theory, goal):
                lines.append(script.condition_text(simplify(condition, known), symbols, copy))
        for symbol, name in list(symbols.declared.items()):
            lines.extend(script.domain_text(name, known[name], symbols, int(symbol != name)))
        body = "".join(f"(assert {line})\n" for line in dict.fromkeys(lines))
        self.oracle.calls += 1
        session = Session(symbols.declarations() + body, {}, self.problem.budget or DEFAULT_BUDGET)
        outcome = session.check()
        if isinstance(outcome, GaveUp):
            raise OutOfBudget(outcome)
        return isinstance(outcome, Sat)


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
        if number in domain:
            found.append(point(int(number) if domain.whole else number, whole=domain.whole))
    return found
