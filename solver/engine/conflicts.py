"""Conflicts: all minimal sets of clauses that cannot hold together, given the record and the theory.

    I1  score <= 2      of all cohorts; the record has score 3
    I2  level >= 50     of cohort A; nothing is recorded
    I3  level < 30      of cohort A
    I4  treated         of cohort B; the record says no

The conflicts of A are I1, which is not met, and I2 with I3, which are open; those of B are I1 and I4. Of the trial they are I1, and I2
with I3 and I4: without one of these three some cohort would be left, were it not for I1.
"""

from __future__ import annotations

from collections.abc import Mapping

from solver.engine.decision import UNRESOLVED, Decision
from solver.engine.minimal_sets import Minimal, Subset, keep_minimal, minimal_subsets, sort_subsets
from solver.engine.problem import Problem
from solver.evaluation.evaluate import evaluate
from solver.work import OutOfBudget, spend

LIMIT = 200
"""The most conflicts listed for a cohort or a trial."""


def cohort_conflicts(problem: Problem, decision: Decision, cohort: str) -> Minimal:
    """Every minimal conflict among the clauses that bind a cohort.

    A clause that is not met is a conflict alone and in no other; the rest lie among the clauses that are open.
    """
    clauses = decision.clauses(cohort)
    failed = sorted(name for name, _, standing in clauses if standing is False)
    singles = tuple((name,) for name in failed)
    left = {name: condition for name, condition, standing in clauses if standing in (None, UNRESOLVED)}
    if not left:
        return Minimal(singles, True)

    def without(subset: Subset) -> Subset | None:
        # in the order of the file: the work depends on it, and a set has none
        box = problem.oracle.possible_apart([c for name, c in left.items() if name in subset])
        if box is None:
            return None
        return subset | {name for name, condition in left.items() if evaluate(condition, box) is True}

    try:
        if all(standing != UNRESOLVED for _, _, standing in clauses):
            together = problem.oracle.hold_together(list(left.values()))
        else:
            together = problem.oracle.possible_apart(list(left.values())) is not None
        if together:
            return Minimal(singles, True)
        found = minimal_subsets(list(left), without, LIMIT)
    except OutOfBudget:
        return Minimal(singles, False)
    return Minimal(sort_subsets({*map(frozenset, singles), *map(frozenset, found.subsets)}), found.complete)


def trial_conflicts(by_cohort: Mapping[str, Minimal]) -> Minimal:
    """Every minimal conflict of a trial: its clauses fail in every cohort, and the choice of cohort is free.

    A set of clauses is unsatisfiable for the trial exactly if it holds a conflict of each cohort, so the minimal ones are the minimal
    unions of one conflict a cohort.
    """
    if len(by_cohort) == 1:
        # none of them is a part of another: each is minimal, and they are in order
        only = next(iter(by_cohort.values()))
        spend(len(only.subsets))
        return Minimal(only.subsets[:LIMIT], only.complete and len(only.subsets) <= LIMIT)
    unions: set[Subset] = {frozenset()}
    complete = all(conflicts.complete for conflicts in by_cohort.values())
    for conflicts in by_cohort.values():
        try:
            spend(len(unions) * len(conflicts.subsets))
            unions = keep_minimal({union | frozenset(c) for union in unions for c in conflicts.subsets})
        except OutOfBudget:
            first = min(unions, key=lambda union: (len(union), sorted(union)), default=frozenset[str]())
            unions, complete = {first | frozenset(conflict) for conflict in conflicts.subsets[:1]}, False
        if len(unions) > 10 * LIMIT:
            unions = set(sorted(unions, key=lambda union: (len(union), sorted(union)))[: 10 * LIMIT])
            complete = False
    if not complete:
        unions = {_shrunk_union(union, by_cohort) for union in unions}
    found = sort_subsets(unions)
    return Minimal(found[:LIMIT], complete and len(found) <= LIMIT)


def _shrunk_union(union: Subset, by_cohort: Mapping[str, Minimal]) -> Subset:
    """A minimal part of the union that still holds a conflict of every cohort."""
    for name in sorted(union):
        fewer = union - {name}
        if all(any(fewer.issuperset(c) for c in conflicts.subsets) for conflicts in by_cohort.values()):
            union = fewer
    return union
