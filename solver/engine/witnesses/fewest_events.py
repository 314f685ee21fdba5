"""The completion of a witness that its events are written from: one in which as little happened as can be.

Of `last_end(antineoplastic)` on 1 May 2026 one of the drugs below is enough, and that nothing else happened is tried of each in turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from solver.engine.oracle import Oracle
from solver.engine.problem import Problem
from solver.engine.witnesses.event_entries import event_flags, tellable_kinds
from solver.evaluation.evaluate import evaluate
from solver.evaluation.propagate import Conditions, complete
from solver.language.domain import Environment, Inconsistent
from solver.language.tree import Condition, variables
from solver.library.models import Library


def _wishes(library: Library) -> Iterator[tuple[str, frozenset[object]]]:
    """Values of hidden variables that are wished for, one after another."""
    yield from tellable_kinds(library).items()
    yield from ((name, frozenset({False})) for name in event_flags(library))


def fewest_events(problem: Problem, goals: Sequence[Condition], library: Library) -> Environment | None:
    """A completion of the whole problem on which the goals hold; None if there is none.

    As little happened as can be, and what did is something that a record can tell from all else that the library asks about, if that can
    be. Raises `OutOfBudget`.
    """
    oracle = problem.oracle
    if problem.inconsistent or any(evaluate(goal, problem.known) is False for goal in goals):
        return None
    pending = [goal for goal in goals if evaluate(goal, problem.known) is None]
    conditions = Conditions([*pending, *oracle.theory])
    box = dict(problem.known)
    try:
        conditions.close(box)
    except Inconsistent:
        return None
    for name, values in _wishes(library):
        before = box.get(name)
        left = before & values if isinstance(before, frozenset) else None
        if left and left != before:
            fewer = {**box, name: left}
            try:
                conditions.close(fewer, {name})
            except Inconsistent:
                continue
            box = fewer
    try:
        found = complete(conditions, box)
    except Inconsistent:
        found = None
    if found is not None:
        return found
    every = frozenset[str]().union(*map(variables, conditions.conditions))
    for known in (box, problem.known):
        first = Oracle(problem.types, known, oracle.theory, problem.budget)
        found = first.solve(pending, oracle.theory, first.cone(every))
        if found is not None:
            return found
    return None
