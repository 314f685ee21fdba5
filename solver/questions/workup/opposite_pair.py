"""Two completions of one record with opposite verdicts: what is not known matters, and here is where."""

from __future__ import annotations

from collections.abc import Sequence

from solver.engine.requirement_words import requirement_text
from solver.errors import EngineError
from solver.evaluation.build import lies_in
from solver.evaluation.evaluate import evaluate
from solver.evaluation.propagate import Conditions, pin
from solver.language.domain import Domain, Environment, Interval, is_exact
from solver.language.tree import Condition
from solver.language.types import BooleanType
from solver.library.models import Variable
from solver.questions.workup.answer import Pair
from solver.questions.workup.route_solvers import RouteProblem


def opposite_pair(route: RouteProblem) -> Pair | None:
    """A pair for an undetermined trial that differs in few variables, each half replayed. Raises `OutOfBudget`."""
    problem = route.problem
    first, second = (problem.oracle.possible(goals) for goals in ([route.trial], route.fails))
    if first is None or second is None:
        return None
    first = _pinned_completion(route, [route.trial], first)
    agreed: dict[str, Condition] = {}
    parts = [[name for name in sorted(route.cone) if is_exact(first[name])]]
    while parts:
        part = parts.pop()
        same = {name: lies_in(name, problem.types[name], first[name]) for name in part}
        found = problem.oracle.possible([*agreed.values(), *same.values(), *route.fails]) if part else None
        if found is not None:
            agreed.update(same)
            second = found
        elif len(part) > 1:
            middle = len(part) // 2
            parts += [part[middle:], part[:middle]]
    second = _pinned_completion(route, [*agreed.values(), *route.fails], second)
    if evaluate(route.trial, first) is False or evaluate(route.trial, second) is True:
        raise EngineError("a completion does not replay through the evaluator")
    names = sorted(route.cone)
    differs = tuple(n for n in names if n not in agreed and not _domains_meet(first[n], second[n]))
    return Pair(
        differs=differs,
        satisfies=tuple((name, first[name]) for name in names),
        fails=tuple((name, second[name]) for name in names),
        told=tuple(
            (_value_words(variable, first[variable.name]), _value_words(variable, second[variable.name]))
            for variable in map(problem.library.variables.__getitem__, differs)
        ),
    )


def _value_words(variable: Variable, domain: Domain) -> str:
    """What is left of a variable in one of the completions: mostly one value."""
    if isinstance(domain, Interval):
        wide = Interval(float("-inf"), float("inf"), True, True)
        return (requirement_text(wide, (domain,), variable) or "any").removeprefix("exactly ")
    if isinstance(variable.type, BooleanType):
        return "either" if len(domain) > 1 else "yes" if True in domain else "no"
    return " or ".join(sorted(map(str, domain)))


def _pinned_completion(route: RouteProblem, goals: Sequence[Condition], box: Environment) -> Environment:
    """One completion within the box on which the goals hold, but for what only loose equations speak of; the box if none is found."""
    firm = [condition for condition in route.theory if condition not in route.loose]
    conditions = Conditions([*goals, *firm])
    names = sorted(route.cone.difference(*route.loose.values()))
    found = pin(conditions, box, names)
    if found is None or any(evaluate(condition, found) is not True for condition in conditions.conditions):
        return box
    return found


def _domains_meet(one: Domain, other: Domain) -> bool:
    if isinstance(one, frozenset) and isinstance(other, frozenset):
        return not one.isdisjoint(other)
    return one == other
