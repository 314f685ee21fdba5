"""What `explain` says of a clause beyond its standing: what it waits for, what a quotient comes to, which number would meet it.

A clause `ratio >= 60` over a quotient of two results, not met at 48, gets `comes_to: "ratio 48"` and
`would_be_met_by: "below at most 1.1"`, where only the result below the line can change.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from solver.engine.answer import ClauseAnswer
from solver.engine.case import Case
from solver.engine.decision import Decision
from solver.engine.finding_out.required_alone import required_alone
from solver.engine.problem import Problem
from solver.evaluation.evaluate import bounds, evaluate
from solver.evaluation.simplify import simplify
from solver.language.domain import Environment, Number, is_exact
from solver.language.tree import Condition, variables
from solver.language.types import IntegerType, QuantityType
from solver.library.chart_checks import Quotient
from solver.library.models import Clause, Library
from solver.questions.match.answer import ClauseDetail, TrialAnswer
from solver.report.requirement_units import in_recorded_unit, short
from solver.text import listed

_DECIMALS = 3


def clause_details(case: Case, decision: Decision, answer: TrialAnswer) -> Iterator[ClauseDetail]:
    """What is said besides of each clause of the answer, in its order."""
    problem = case.problem
    conditions = {binding.clause.id: binding.conditions for binding in decision.bindings}
    clauses = {clause.id: clause for clause in decision.trial.clauses}
    asked = {item.variable for item in answer.missing}
    told = _mentioned_by_open(answer, conditions)
    for each in answer.clauses:
        clause, of_cohorts = clauses[each.id], conditions.get(each.id, {})
        bound = tuple(of_cohorts or clause.opaque_in)
        if each.opaque:
            yield ClauseDetail(bound)
            continue
        own = [of_cohorts[each.cohort]] if each.cohort is not None else list(of_cohorts.values())
        waits = _waited_for(problem, own) if each.status == "open" else ()
        yield ClauseDetail(
            bound,
            waits,
            _told_by_others(problem, waits, asked - told),
            _is_about_others(problem, clause, each),
            tuple(quotients(problem.library, problem.known, clause, each.facts)),
            _limits_of_numbers(problem, own[0], each) if each.status == "not_met" else "",
        )


def _waited_for(problem: Problem, conditions: Iterable[Condition]) -> tuple[str, ...]:
    """The variables on which conditions still depend, in the order of the vocabulary."""
    known = problem.known
    names = frozenset[str]().union(*(variables(simplify(c, known)) for c in conditions))
    return tuple(n for n in problem.library.variables if n in names and not is_exact(known[n]))


def _mentioned_by_open(answer: TrialAnswer, conditions: Mapping[str, Mapping[str, Condition]]) -> set[str]:
    return set().union(
        *(
            variables(condition)
            for clause in answer.clauses
            if clause.status == "open" and not clause.opaque
            for condition in conditions[clause.id].values()
        )
    )


def _told_by_others(problem: Problem, waits: Iterable[str], asked: set[str]) -> tuple[str, ...]:
    """Those of the variables asked for that say something of these through the theory."""
    library, wanted = problem.library, set(waits)
    near = frozenset[str]().union(*(names for names in library.mentions.values() if names & wanted))
    return tuple(name for name in library.variables if name in asked and name in near)


def _is_about_others(problem: Problem, clause: Clause, answer: ClauseAnswer) -> bool:
    """Whether a clause is met since it is not about this patient, as the facts that are given for it say."""
    guard, second = clause.guard, clause.alternatives.keys()
    return (
        answer.status == "met"
        and guard is not None
        and variables(guard).issuperset(answer.facts)
        and second.isdisjoint(problem.record.context.readings)
        and evaluate(guard, problem.known) is False
    )


def _limits_of_numbers(problem: Problem, condition: Condition, answer: ClauseAnswer) -> str:
    """What each recorded number alone would have to be for the condition to hold, the others as recorded; empty where none can.

    Only numbers that can change are told. Thresholds are rounded towards what is allowed. Of a number that is not recorded, and
    whose plausible range is part of why the condition does not hold, no plausible value is enough.
    """
    ranges = [name.partition(":")[2] for name in answer.assumptions if name.startswith("plausible:")]
    recorded, parts = problem.record.facts, []
    for name in [*answer.facts, *(name for name in ranges if name not in recorded)]:
        text = _limit_of_number(problem, condition, name)
        if text is not None:
            beyond = "" if name in recorded else ", which is not plausible"
            parts.append(f"{problem.library.variables[name].label} {text}{beyond}")
    return listed(parts, "or")


def _limit_of_number(problem: Problem, condition: Condition, name: str) -> str | None:
    variable = problem.library.variables[name]
    if not isinstance(variable.type, QuantityType | IntegerType) or variable.changes == "never":
        return None
    found = required_alone(problem, condition, name)
    if found is None or not isinstance(found.allowed, tuple) or not found.allowed or found.require is None:
        return None
    fact = problem.record.facts.get(name)
    return in_recorded_unit(found, variable, fact.text) if fact else short(found.require)


def quotients(library: Library, known: Environment, clause: Clause, facts: Iterable[str]) -> Iterable[str]:
    """In words, the value of each quotient that the clause names and that rests on some of the facts, as far as it is known.

    Conditions only multiply it out.
    """
    named = set(re.findall(r"\w+", " ".join(clause.logic.values())))
    for quotient in library.quotients:
        about = variables(quotient.numerator) | variables(quotient.denominator)
        if quotient.name in named and not about.isdisjoint(facts):
            text = _quotient_text(quotient, known)
            if text:
                yield f"{quotient.label} {text}"


def _quotient_text(quotient: Quotient, known: Environment) -> str:
    """The value, or its bounds, which are rounded away from one another; nothing if it may be any."""
    above, below = bounds(quotient.numerator, known), bounds(quotient.denominator, known)
    low = _quotient_of_ends(above.low, below.high, quotient.scale) or Fraction(0)
    high = _quotient_of_ends(above.high, below.low, quotient.scale)
    least, most = _decimal_text(low, up=False), "" if high is None else _decimal_text(high, up=True)
    if low == high:
        return f"{'' if least == most else 'about '}{least} {quotient.unit}"
    if low > 0 and most:
        return f"between {least} and {most} {quotient.unit}"
    if low > 0 or most:
        return f"{'at most ' + most if most else 'at least ' + least} {quotient.unit}"
    return ""


def _quotient_of_ends(above: Number, below: Number, scale: Fraction) -> Fraction | None:
    """The quotient of two ends; None if one is infinite or the lower one is zero."""
    if math.isinf(above) or math.isinf(below) or not below:
        return None
    return scale * Fraction(above) / Fraction(below)


def _decimal_text(value: Fraction, *, up: bool) -> str:
    scaled = value * 10**_DECIMALS
    whole, rest = divmod(math.ceil(scaled) if up else math.floor(scaled), 10**_DECIMALS)
    return f"{whole}.{rest:0{_DECIMALS}d}".rstrip("0").rstrip(".")
