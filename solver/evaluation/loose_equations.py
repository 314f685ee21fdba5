"""Equations that can be solved whatever else is the case: a completion needs no values for what only they speak of."""

from __future__ import annotations

from collections.abc import Sequence

from solver.evaluation.propagate import has_solution
from solver.language import tree as t
from solver.language.domain import Environment


def loose_equations(
    clauses: Sequence[t.Condition], theory: Sequence[t.Condition], known: Environment
) -> dict[t.Condition, frozenset[str]]:
    """The equations of the theory that have a solution whatever the values of the variables that something else speaks of.

    Each with the variables that nothing else speaks of: as long as these stay open, the equation says nothing.

    Of `index * height^2 = weight`, where clauses speak of the weight alone, every weight has an index and a height that solve it, which may
    be irrational. A completion needs no values for these two, and evaluation, which knows rational numbers only, can do without the solver.
    """
    found: dict[t.Condition, frozenset[str]] = {}
    in_clauses = frozenset[str]().union(*map(t.variables, clauses))
    for equation in theory:
        spoken_of = in_clauses.union(*(t.variables(other) for other in theory if other is not equation))
        hidden = t.variables(equation) - spoken_of
        if hidden and has_solution(equation, known, t.variables(equation) & spoken_of):
            found[equation] = hidden
    return found
