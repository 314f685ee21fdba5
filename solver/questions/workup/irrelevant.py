"""Missing data that do not matter for a trial, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from solver.engine.decision import Decision
from solver.engine.minimal_sets import Subset
from solver.engine.requirements import required_alone
from solver.language.domain import is_exact
from solver.language.tree import Condition, variables

if TYPE_CHECKING:
    from solver.engine.case import Matching

Why = Literal["met", "not_met", "decided", "closed", "settled"]


@dataclass(frozen=True, slots=True)
class IdleClause:
    """Why a clause does not make a missing variable matter.

    `met` and `not_met`: it stands so whatever the value is, by these recorded facts and assumptions; `requires` says what the clause alone
    would require of the variable, beyond what is assumed of it. `decided`: the trial is ineligible for other reasons. `closed`: the
    clause is open in cohorts only that the patient cannot enter. `settled`: it is open, and what decides the trial does not
    turn on this variable.
    """

    clause: str
    why: Why
    facts: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    requires: str | None = None


@dataclass(frozen=True, slots=True)
class Idle:
    """A variable that is not known, that some clause of the trial mentions, and that does not matter."""

    variable: str
    clauses: tuple[IdleClause, ...]


def idle_variables(matching: Matching, decision: Decision, telling: Subset) -> tuple[Idle, ...]:
    """The open variables that clauses of the trial mention and that do not matter, each with the reasons, in the vocabulary's order.

    Those that tell matter, and what the theory links to them may: its value can say something of theirs.
    """
    known, library = matching.problem.known, matching.problem.library
    # what a policy counts as met would not be met with every value
    assumed = {
        name
        for binding in decision.bindings
        for cohort, condition in binding.conditions.items()
        if (binding.clause.id, cohort) in decision.counted
        for name in variables(condition)
    }
    # a value of what mentions an assumed variable takes the assumption back
    assumed.update(
        name for other in matching.problem.assumed for name in library.variables[other].mentioned_by
    )
    telling = matching.problem.oracle.cone(telling)
    reasons: dict[str, dict[str, IdleClause]] = {}
    for binding in decision.bindings:
        for cohort, condition in binding.conditions.items():
            for name in variables(condition) & library.variables.keys():
                if name in telling or name in assumed or is_exact(known[name]) or name in library.lists:
                    continue
                reason = _reason(matching, decision, binding.clause.id, cohort, condition, name)
                before = reasons.setdefault(name, {}).get(reason.clause)
                if before is None or _RANK[reason.why] > _RANK[before.why]:
                    reasons[name][reason.clause] = reason
    return tuple(Idle(name, tuple(reasons[name].values())) for name in library.variables if name in reasons)


_RANK: dict[Why, int] = {"met": 0, "not_met": 1, "closed": 2, "settled": 3, "decided": 4}


def _reason(
    matching: Matching, decision: Decision, clause: str, cohort: str, condition: Condition, name: str
) -> IdleClause:
    standing = decision.standings[clause, cohort]
    if standing is True or standing is False:
        evidence = matching.evidence_finder.evidence(condition, standing)
        facts = evidence.facts if evidence else ()
        assumptions = evidence.assumptions if evidence else ()
        why: Why = "met" if standing else "not_met"
        return IdleClause(clause, why, facts, assumptions, _requires(matching, condition, name))
    if decision.verdict == "ineligible":
        return IdleClause(clause, "decided")
    return IdleClause(clause, "closed" if decision.cohorts[cohort] == "ineligible" else "settled")


def _requires(matching: Matching, condition: Condition, name: str) -> str | None:
    found = required_alone(matching.problem, condition, name)
    return found.text if found is not None else None
