"""What a fact that a repair changes would have to be, and whether it means that the patient gets worse."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from solver.language.domain import Domain, Inconsistent, Interval, intersect
from solver.language.tree import (
    BooleanVariable,
    Condition,
    NumberVariable,
    conjunction,
    negation,
)
from solver.library.models import Variable
from solver.questions.answers import Requirement
from solver.questions.eligibility import Decision
from solver.questions.idle import required_alone
from solver.questions.problem import Problem, widest
from solver.questions.requirement import kind_of, requirements, within_interval
from solver.questions.requirement_text import requirement_text


def required(problem: Problem, then: Problem, after: Decision, name: str) -> Requirement | None:
    """What a changed fact would have to be; `then` and `after` are the problem and the decision without what a repair changes.

    Where more than the fact itself decides, at least on which side of what is recorded it lies, if that is certain. Raises `OutOfBudget`.
    """
    if name in then.library.lists:
        return None
    found = _required(then, after, name)
    if found is None or found.text is None:
        return _side(then, after, then.library.variables[name], problem.widest[name], found)
    return found


def _required(then: Problem, after: Decision, name: str) -> Requirement | None:
    if after.verdict == "undetermined":
        (found,) = requirements(then, after, [name])
        return found
    for cohort, verdict in after.cohorts.items():
        if verdict == "eligible":
            whole = conjunction([condition for _, condition, _ in after.clauses(cohort)])
            return required_alone(then, whole, name)
    return None


def _side(
    then: Problem, after: Decision, variable: Variable, recorded: Domain, found: Requirement | None
) -> Requirement | None:
    """That a number lies below what is recorded, or above it; what was found if neither is certain."""
    if not isinstance(recorded, Interval):
        return found
    term = NumberVariable(variable.name, kind_of(variable.type))
    if not _can_hold(then, after, [within_interval(term, _from(recorded))]):
        side = Interval(-math.inf, recorded.low, True, True)
    elif not _can_hold(then, after, [within_interval(term, _up_to(recorded))]):
        side = Interval(recorded.high, math.inf, True, True)
    else:
        return found
    possible = widest(variable, then.record.as_of)
    assert isinstance(possible, Interval)
    try:
        allowed = (intersect(possible, side),)
    except Inconsistent:
        return found
    text = requirement_text(possible, allowed, variable)
    if found is None:
        return Requirement(variable.name, possible, allowed, (), text)
    return replace(found, possible=possible, allowed=allowed, text=text)


def worsening(problem: Problem, then: Problem, after: Decision, names: Sequence[str]) -> frozenset[str]:
    """The changed variables that mean that the patient gets worse: each of those that must, or all if only together they must."""
    kept = {
        name: spared
        for name in names
        if (spared := not_worse(problem.library.variables[name], problem.widest[name])) is not None
    }
    if not kept or _can_hold(then, after, list(kept.values())):
        return frozenset()
    alone = frozenset(name for name in kept if not _can_hold(then, after, [kept[name]]))
    return alone or frozenset(kept)


def not_worse(variable: Variable, recorded: Domain) -> Condition | None:
    """That a variable does not mean that the patient is worse than recorded; None where no value of it means so."""
    if variable.worse in ("true", "false"):
        flag = BooleanVariable(variable.name)
        return negation(flag) if variable.worse == "true" else flag
    if variable.worse is None or not isinstance(recorded, Interval):
        return None
    term = NumberVariable(variable.name, kind_of(variable.type))
    return within_interval(term, _up_to(recorded) if variable.worse == "higher" else _from(recorded))


def _from(recorded: Interval) -> Interval:
    return Interval(recorded.low, math.inf, False, True)


def _up_to(recorded: Interval) -> Interval:
    return Interval(-math.inf, recorded.high, True, False)


def _can_hold(then: Problem, after: Decision, conditions: Sequence[Condition]) -> bool:
    """Whether some completion satisfies the trial and the conditions. Raises `OutOfBudget`."""
    return any(
        verdict != "ineligible"
        and then.oracle.possible([*after.open_clauses(cohort).values(), *conditions]) is not None
        for cohort, verdict in after.cohorts.items()
    )
