"""Contradictions: all minimal sets of recorded facts that cannot hold together under the theory."""

from __future__ import annotations

from solver.engine.minimal_sets import Minimal, Subset, minimal_subsets, sort_subsets
from solver.engine.oracle import Oracle
from solver.engine.problem import Problem, widest, within
from solver.evaluation.propagate import Conditions, complete, linked
from solver.language.domain import Inconsistent
from solver.language.tree import AS_OF, Condition, variables
from solver.work import OutOfBudget

LIMIT = 200
"""The most contradictions listed for a record."""


def contradictions(problem: Problem) -> Minimal:
    """Every minimal contradicting set of facts of an inconsistent record, by the names of their variables.

    The axioms in force are those of the whole record. What is merely assumed of variables that are not recorded plays no part: an empty,
    complete list says that the facts agree with the axioms. Facts that share no axiom, directly or through others, are looked at
    apart.
    """
    found: set[Subset] = set()
    facts = problem.record.facts
    whole = True
    impossible = [name for name in facts if not _possible_alone(problem, name)]
    found.update(frozenset({name}) for name in impossible)
    axioms = [axiom for axiom in problem.axioms if axiom.assumption is None]
    mentions = [problem.library.mentions[axiom.id] - {AS_OF} for axiom in axioms]
    left = {name for mention in mentions for name in mention if name in facts} - set(impossible)
    while left:
        part = linked(mentions, [min(left)])
        group = [name for name in facts if name in part and name in left]
        left -= set(group)
        theory = Conditions(
            [axiom.condition for axiom, names in zip(axioms, mentions, strict=True) if names & part]
        )
        result = _contradictions_among(problem, theory, group)
        found.update(frozenset(subset) for subset in result.subsets)
        whole = whole and result.complete
    return Minimal(sort_subsets(found), whole)


def _possible_alone(problem: Problem, name: str) -> bool:
    try:
        within(problem.library.variables[name], problem.record.facts[name], problem.record.as_of)
    except Inconsistent:
        return False
    return True


def _contradictions_among(problem: Problem, theory: Conditions, group: list[str]) -> Minimal:
    def without(subset: Subset) -> Subset | None:
        return subset if holds_together(problem, theory, subset) else None

    try:
        if without(frozenset(group)) is not None:
            return Minimal((), True)
        return minimal_subsets(group, without, LIMIT)
    except OutOfBudget:
        return Minimal((), False)


def holds_together(problem: Problem, theory: Conditions, subset: Subset) -> bool:
    """Whether the facts of `subset` agree with the theory. Raises `OutOfBudget`."""
    record, library = problem.record, problem.library
    known = {AS_OF: problem.known[AS_OF]}
    choices: list[Condition] = []
    for name in sorted({name for mention in theory.mentions for name in mention} - {AS_OF}):
        variable = library.variables[name]
        if name in subset:
            known[name] = within(variable, record.facts[name], record.as_of)
            if name in problem.choices:
                choices.append(problem.choices[name])
        else:
            known[name] = widest(variable, record.as_of)
    together = Conditions([*theory.conditions, *choices])
    try:
        if problem.search and complete(together, known) is not None:
            return True
        together.close(known)
    except Inconsistent:
        return False
    oracle = Oracle(problem.types, known, together.conditions, problem.budget, search=False)
    cone = oracle.cone(name for condition in together.conditions for name in variables(condition))
    return oracle.solve([], together.conditions, cone) is not None
