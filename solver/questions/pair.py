"""Two completions of one record with opposite verdicts: what is not known matters, and here is where."""

from __future__ import annotations

from dataclasses import dataclass

from solver.errors import EngineError
from solver.language.domain import Domain, Environment, is_exact
from solver.language.evaluate import evaluate
from solver.language.tree import Condition, conjunction, disjunction, negation, variables
from solver.questions.eligibility import Decision
from solver.questions.problem import Problem
from solver.questions.proposals import stated


@dataclass(frozen=True, slots=True)
class Pair:
    """What is left of each open variable that bears on the trial in two completions: the first satisfies the trial, the second does not.

    `differs` are the variables in which they differ; they agree on the others. A domain with more than one value means that any will do.
    """

    satisfies: tuple[tuple[str, Domain], ...]
    fails: tuple[tuple[str, Domain], ...]
    differs: tuple[str, ...]


def opposite_pair(problem: Problem, decision: Decision) -> Pair | None:
    """A pair for an undetermined trial that differs in few variables, each half replayed. Raises `OutOfBudget`."""
    cohorts = [
        list(decision.open_clauses(cohort).values())
        for cohort, verdict in decision.cohorts.items()
        if verdict == "undetermined"
    ]
    trial = disjunction([conjunction(cohort) for cohort in cohorts])
    fails = [negation(conjunction(cohort)) for cohort in cohorts]
    first = problem.oracle.possible([trial])
    if first is None:
        return None
    names = sorted(problem.oracle.cone(variables(trial)))
    agreed: dict[str, Condition] = {}
    second = problem.oracle.possible(fails)
    for name in names:
        if not is_exact(first[name]):
            continue
        same = stated(problem, name, first[name])
        found = problem.oracle.possible([*fails, *agreed.values(), same])
        if found is not None:
            agreed[name], second = same, found
    if second is None:
        return None
    _replay(trial, first, second)
    differs = tuple(name for name in names if name not in agreed and not _overlap(first[name], second[name]))
    return Pair(tuple((n, first[n]) for n in names), tuple((n, second[n]) for n in names), differs)


def _overlap(one: Domain, other: Domain) -> bool:
    if isinstance(one, frozenset) and isinstance(other, frozenset):
        return not one.isdisjoint(other)
    return one == other


def _replay(trial: Condition, first: Environment, second: Environment) -> None:
    if evaluate(trial, first) is False or evaluate(trial, second) is True:
        raise EngineError("a completion does not replay through the evaluator")
