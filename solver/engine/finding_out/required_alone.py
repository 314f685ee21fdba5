"""What one condition requires of a variable, whatever else is asked.

Of `level >= 8 and level < 12` it is a level of at least 8 and less than 12; `level >= 8 or treated` requires nothing of the level.
"""

from __future__ import annotations

from solver.engine.answer import Requirement, Values
from solver.engine.problem import Problem, widest
from solver.engine.requirement_words import requirement_on
from solver.evaluation import breakpoints
from solver.evaluation.compared_parts import comparisons, memberships
from solver.evaluation.evaluate import evaluate
from solver.evaluation.simplify import simplify
from solver.language import tree as t
from solver.language.domain import Environment, Interval


def required_alone(problem: Problem, condition: t.Condition, name: str) -> Requirement | None:
    """What a condition requires of a variable if nothing is assumed or known of it; None where it alone decides nothing."""
    variable = problem.library.variables[name]
    known: Environment = {**problem.known, name: widest(variable, problem.record.as_of)}
    left = simplify(condition, known)
    if isinstance(left, t.Truth) or t.variables(left) != {name}:
        return None
    domain = known[name]
    allowed: Values
    if isinstance(domain, Interval):
        cuts = set()
        for comparison in comparisons([left]):
            each = breakpoints.breaks(comparison, name, domain)
            if each is None:
                return None
            cuts.update(each)
        kept: list[Interval] = []
        for cell in breakpoints.cells(domain, sorted(cuts)):
            if evaluate(left, {**known, name: cell}) is True:
                breakpoints.append_cell(kept, cell)
        allowed = tuple(kept)
    else:
        assert isinstance(domain, frozenset)
        groups = breakpoints.alike(memberships([left]), name, domain)
        values = [group for group in groups if evaluate(left, {**known, name: group}) is True]
        allowed = frozenset(value for group in values for value in group)  # type: ignore[assignment]
    return requirement_on(variable, domain, allowed)
