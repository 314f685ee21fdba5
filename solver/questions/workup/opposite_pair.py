"""Two completions of one record with opposite verdicts: what is not known matters, and here is where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from solver.errors import EngineError
from solver.evaluation.build import lies_in
from solver.evaluation.evaluate import evaluate
from solver.evaluation.propagate import Conditions, pin
from solver.language.domain import Domain, Environment, is_exact
from solver.language.tree import Condition
from solver.questions.workup.route_solvers import Sought


@dataclass(frozen=True, slots=True)
class Pair:
    """What is left of each open variable that bears on the trial in two completions: the first satisfies the trial, the second does not.

    `differs` are the variables in which they differ; they agree on the others. Nothing hangs on a domain that has more than one value.
    """

    satisfies: tuple[tuple[str, Domain], ...]
    fails: tuple[tuple[str, Domain], ...]
    differs: tuple[str, ...]


def opposite_pair(sought: Sought) -> Pair | None:
    """A pair for an undetermined trial that differs in few variables, each half replayed. Raises `OutOfBudget`."""
    problem = sought.problem
    first, second = (problem.oracle.possible(goals) for goals in ([sought.trial], sought.fails))
    if first is None or second is None:
        return None
    first = _pinned(sought, [sought.trial], first)
    agreed: dict[str, Condition] = {}
    parts = [[name for name in sorted(sought.cone) if is_exact(first[name])]]
    while parts:
        part = parts.pop()
        same = {name: lies_in(name, problem.types[name], first[name]) for name in part}
        found = problem.oracle.possible([*agreed.values(), *same.values(), *sought.fails]) if part else None
        if found is not None:
            agreed.update(same)
            second = found
        elif len(part) > 1:
            middle = len(part) // 2
            parts += [part[middle:], part[:middle]]
    second = _pinned(sought, [*agreed.values(), *sought.fails], second)
    _replay(sought, first, second)
    names = sorted(sought.cone)
    differs = tuple(name for name in names if name not in agreed and not _overlap(first[name], second[name]))
    return Pair(tuple((n, first[n]) for n in names), tuple((n, second[n]) for n in names), differs)


def _pinned(sought: Sought, goals: Sequence[Condition], box: Environment) -> Environment:
    """One completion within the box on which the goals hold, but for what only loose equations speak of; the box if none is found."""
    firm = [condition for condition in sought.theory if condition not in sought.loose]
    conditions = Conditions([*goals, *firm])
    names = sorted(sought.cone.difference(*sought.loose.values()))
    found = pin(conditions, box, names)
    if found is None or any(evaluate(condition, found) is not True for condition in conditions.conditions):
        return box
    return found


def _overlap(one: Domain, other: Domain) -> bool:
    if isinstance(one, frozenset) and isinstance(other, frozenset):
        return not one.isdisjoint(other)
    return one == other


def _replay(sought: Sought, first: Environment, second: Environment) -> None:
    if evaluate(sought.trial, first) is False or evaluate(sought.trial, second) is True:
        raise EngineError("a completion does not replay through the evaluator")
