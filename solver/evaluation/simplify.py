"""Partial evaluation: a condition with everything that is already decided taken out."""

from __future__ import annotations

import math
from fractions import Fraction

from solver.evaluation.evaluate import bounds, evaluate
from solver.language.arithmetic import product, summed
from solver.language.calendar import anniversary, last_day_completing, last_day_reaching
from solver.language.domain import Environment, Interval
from solver.language.tree import (
    AddMonths,
    And,
    Choice,
    Compare,
    CompletedYears,
    Condition,
    Constant,
    Count,
    Iff,
    Member,
    Not,
    OneOf,
    Or,
    Power,
    Product,
    Sum,
    Term,
    Truth,
    conjunction,
    disjunction,
    negation,
)


def simplify(condition: Condition, known: Environment) -> Condition:
    """A condition equivalent to `condition` for all values that `known` allows, with the decided parts replaced by truth values."""
    value = evaluate(condition, known)
    if value is not None:
        return Truth(value)
    match condition:
        case Not(inner):
            return negation(simplify(inner, known))
        case And(conditions):
            return conjunction([simplify(part, known) for part in conditions])
        case OneOf(conditions, name, values):
            domain = known[name]
            assert isinstance(domain, Interval)
            first, end = condition.within(domain)
            whole = (first, end) == (0, len(values))
            return condition if whole else OneOf(conditions[first:end], name, values[first:end])
        case Or(conditions):
            return disjunction([simplify(part, known) for part in conditions])
        case Iff(left, right):
            one, other = simplify(left, known), simplify(right, known)
            if isinstance(one, Truth):
                return other if one.value else negation(other)
            if isinstance(other, Truth):
                return one if other.value else negation(one)
            return Iff(one, other)
        case Compare(relation, left_term, right_term):
            return _about_the_date(
                Compare(relation, simplify_term(left_term, known), simplify_term(right_term, known))
            )
        case Member(name, values):
            domain = known[name]
            return Member(name, frozenset(value for value in values if value in domain))
        case _:
            return condition


def simplify_term(term: Term, known: Environment) -> Term:
    """A term of the same value, with its decided parts replaced by numbers."""
    if isinstance(term, Constant):
        return term
    value = bounds(term, known)
    if isinstance(value, Interval) and value.exact:
        return Constant(Fraction(value.low))
    match term:
        case Sum(parts):
            total = simplify_term(parts[0], known)
            for part in parts[1:]:
                total = summed(total, simplify_term(part, known))
            return _folded_sum(total)
        case Product(parts):
            total = simplify_term(parts[0], known)
            for part in parts[1:]:
                total = product(total, simplify_term(part, known))
            return total
        case Power(base, exponent):
            return Power(simplify_term(base, known), exponent)
        case Choice(condition, then, otherwise):
            decided = evaluate(condition, known)
            if decided is not None:
                return simplify_term(then if decided else otherwise, known)
            return Choice(
                simplify(condition, known), simplify_term(then, known), simplify_term(otherwise, known)
            )
        case AddMonths(date, months):
            return AddMonths(simplify_term(date, known), months)
        case CompletedYears(start, end):
            return CompletedYears(simplify_term(start, known), simplify_term(end, known))
        case Count(conditions):
            return Count(tuple(simplify(part, known) for part in conditions))
        case _:
            return term


def _about_the_date(comparison: Compare) -> Condition:
    """A comparison of a shifted date or an age with a number, as a comparison of the date itself."""
    relation, left, right = comparison.relation, comparison.left, comparison.right
    if relation == "==" or isinstance(left, Constant) == isinstance(right, Constant):
        return comparison
    upper = isinstance(right, Constant)
    limit, term = (right, left) if upper else (left, right)
    assert isinstance(limit, Constant)
    # the term is at most `last` (upper), or at least `last + 1`
    last = math.ceil(limit.value) - 1 if (relation == "<") == upper else math.floor(limit.value)
    if isinstance(term, AddMonths):
        day = Constant(Fraction(last_day_reaching(last, term.months)))
        return Compare("<=", term.date, day) if upper else Compare("<", day, term.date)
    if isinstance(term, CompletedYears) and isinstance(term.end, Constant):
        day = Constant(Fraction(last_day_completing(last + 1, int(term.end.value))))
        return Compare("<", day, term.start) if upper else Compare("<=", term.start, day)
    if isinstance(term, CompletedYears) and isinstance(term.start, Constant):
        day = Constant(Fraction(anniversary(int(term.start.value), last + 1)))
        return Compare("<", term.end, day) if upper else Compare("<=", day, term.end)
    return comparison


def _folded_sum(term: Term) -> Term:
    """A sum with its numbers added up."""
    if not isinstance(term, Sum):
        return term
    total = sum((part.value for part in term.parts if isinstance(part, Constant)), Fraction(0))
    rest = tuple(part for part in term.parts if not isinstance(part, Constant))
    parts = (*rest, Constant(total)) if total else rest
    return parts[0] if len(parts) == 1 else Sum(parts)
