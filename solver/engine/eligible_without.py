"""Without which clauses a trial would certainly take a patient: all minimal sets of them.

    I1  score <= 2      of all cohorts; the record has score 3
    I2  level >= 50     of cohort A; nothing is recorded
    I3  level < 50      of cohort B
    I4  a text          of cohort B, objective

Cohort A is certain without I1 and I2, cohort B without I1, I3 and I4. Without I1 and I4 somebody fails neither A nor B, whatever the level
is: that set is minimal too.
"""

from __future__ import annotations

from collections.abc import Collection

from solver.engine.decision import Decision
from solver.engine.minimal_sets import (
    Minimal,
    Subset,
    hitting_sets,
    keep_minimal,
    minimal_subsets,
    sort_subsets,
)
from solver.engine.problem import Problem
from solver.language.tree import Condition, conjunction, negation
from solver.work import OutOfBudget

LIMIT = 64
"""The most sets listed for a trial."""


def eligible_without(problem: Problem, decision: Decision, assumed: Collection[str]) -> Minimal:
    """All minimal sets of clauses without which a trial is eligible; the empty one alone where it is so with all of them.

    `assumed` are clauses that a policy counts as met where they are open. Nothing is said of sets that leave a cohort without any clause: a
    cohort that nothing binds can be shown to take nobody.
    """
    if decision.verdict == "eligible":
        return Minimal(((),), True)
    try:
        return _Search(problem, decision, assumed).run()
    except OutOfBudget:
        return Minimal((), False)


class _Search:
    """`unmet` are the clauses of each cohort that are not met: each with its condition if it is open, else with None.

    `held` are those that a policy counts as met, where they can hold together.
    """

    def __init__(self, problem: Problem, decision: Decision, assumed: Collection[str]) -> None:
        self.problem = problem
        self.unmet: list[dict[str, Condition | None]] = []
        self.held: list[dict[str, Condition]] = []
        for cohort in decision.trial.cohorts:
            texts = decision.extent.capped.get(cohort, ())
            if cohort in decision.extent.capped and not texts:
                continue  # nothing binds it
            unmet: dict[str, Condition | None] = dict.fromkeys(texts)
            held = dict[str, Condition]()
            for name, condition, standing in decision.clauses(cohort):
                counted = (name, cohort) in decision.counted
                if counted or (standing is None and name in assumed):
                    held[name] = condition
                elif standing is not True:
                    unmet[name] = condition if standing is None else None
            self.unmet.append(unmet)
            self.held.append(held)

    def run(self) -> Minimal:
        """All minimal sets."""
        alone = keep_minimal({frozenset(unmet) for unmet in self.unmet})
        if not any(self.held) and not self._some_jointly():
            return Minimal(sort_subsets(alone), True)
        names = frozenset[str]().union(*self.unmet, *self.held)
        return minimal_subsets(sorted(names), lambda left: None if self._eligible(left) else left, LIMIT)

    def _some_jointly(self) -> bool:
        """Whether several cohorts together take the patient without clauses that leave each of them one that is not met."""
        if sum(any(unmet.values()) for unmet in self.unmet) < 2:
            return False
        names = frozenset[str]().union(*self.unmet)
        return any(self._jointly(names.difference(kept)) for kept in hitting_sets(self.unmet))

    def _eligible(self, without: Subset) -> bool:
        return any(
            without.issuperset(unmet) and self._hold(held, without)
            for unmet, held in zip(self.unmet, self.held, strict=True)
        ) or self._jointly(without)

    def _hold(self, held: dict[str, Condition], without: Subset) -> bool:
        """Whether what a policy counts as met can hold together, so that it does."""
        left = [condition for name, condition in held.items() if name not in without]
        return not left or self.problem.oracle.possible(left) is not None

    def _jointly(self, without: Subset) -> bool:
        """Whether nobody fails all of the cohorts that are open without these clauses."""
        ways = list[list[Condition]]()
        for unmet, held in zip(self.unmet, self.held, strict=True):
            left = [condition for name, condition in unmet.items() if name not in without]
            conditions = [condition for condition in left if condition is not None]
            if left and len(conditions) == len(left) and self._hold(held, without):
                ways.append(conditions)
        if len(ways) < 2 or _shared(ways):
            return False
        fails = [negation(conjunction(conditions)) for conditions in ways]
        return self.problem.oracle.possible(fails) is None


def _shared(ways: list[list[Condition]]) -> bool:
    """Whether one condition stands in all: who fails it fails all of them."""
    first, *others = ({id(condition) for condition in conditions} for conditions in ways)
    return bool(first.intersection(*others))
