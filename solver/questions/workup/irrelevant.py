"""Missing data that do not matter for a trial, and why not.

Of a clause `smoker or weight <= 80 kg` and a record that says that the patient smokes, the weight does not matter: the clause is met with
any value. It matters once another clause that is open turns on it and some deciding set names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.engine.decision import Decision
from solver.engine.minimal_sets import Subset
from solver.engine.requirements import required_alone
from solver.engine.warnings.warnings import assumption_text
from solver.language.domain import is_exact
from solver.language.tree import Condition, variables
from solver.questions.workup.answer import IdleClause, IrrelevantVariable

if TYPE_CHECKING:
    from solver.engine.case import Case


def irrelevant_variables(case: Case, decision: Decision, telling: Subset) -> tuple[IrrelevantVariable, ...]:
    """The open variables that clauses of the trial mention and that do not matter, each with the reasons, in the vocabulary's order.

    Those that tell matter, and what the theory links to them may: its value can say something of theirs.
    """
    known, library = case.problem.known, case.problem.library
    # what a policy counts as met would not be met with every value
    assumed = {
        name
        for binding in decision.bindings
        for cohort, condition in binding.conditions.items()
        if (binding.clause.id, cohort) in decision.counted
        for name in variables(condition)
    }
    # a value of what mentions an assumed variable takes the assumption back
    assumed.update(name for other in case.problem.assumed for name in library.variables[other].mentioned_by)
    telling = case.problem.oracle.cone(telling)
    reasons: dict[str, dict[str, IdleClause]] = {}
    for binding in decision.bindings:
        for cohort, condition in binding.conditions.items():
            for name in variables(condition) & library.variables.keys():
                if name in telling or name in assumed or is_exact(known[name]) or name in library.lists:
                    continue
                reason = _why_irrelevant(case, decision, binding.clause.id, cohort, condition, name)
                before = reasons.setdefault(name, {}).get(reason.clause)
                if before is None or _RANK[reason.why] > _RANK[before.why]:
                    reasons[name][reason.clause] = reason
    return tuple(
        IrrelevantVariable(name, tuple(reasons[name].values()))
        for name in library.variables
        if name in reasons
    )


_RANK = {"met": 0, "not_met": 1, "closed": 2, "settled": 3, "decided": 4}
"""Which of the reasons of one clause is told, where its cohorts have several."""


def _why_irrelevant(
    case: Case, decision: Decision, clause: str, cohort: str, condition: Condition, name: str
) -> IdleClause:
    standing = decision.standings[clause, cohort]
    if standing is True or standing is False:
        evidence = case.evidence_finder.evidence(condition, standing)
        facts, assumptions = (evidence.facts, evidence.assumptions) if evidence else ((), ())
        alone = required_alone(case.problem, condition, name)
        return IdleClause(
            clause,
            "met" if standing else "not_met",
            facts,
            assumptions,
            alone.require if alone is not None else None,
            tuple(assumption_text(case.problem, each) for each in assumptions),
        )
    if decision.verdict == "ineligible":
        return IdleClause(clause, "decided")
    return IdleClause(clause, "closed" if decision.cohorts[cohort] == "ineligible" else "settled")
