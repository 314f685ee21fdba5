"""Partial evaluation: a condition with everything that is already decided taken out.

Of a patient born on 1 March 1960, of whose level nothing is known:

    level >= 8 and completed_years(born, as_of) >= 18     level >= 8
    level * 2 + 3 * score <= 12         with a score of 2:      level * 2 + 6 <= 12
    completed_years(born, as_of) < 18     born in 2007 or 2008, as of 1 June 2026:    born > 2008-06-01
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import reduce

from solver.evaluation.evaluate import bounds, evaluate
from solver.language import tree as t
from solver.language.arithmetic import product, summed
from solver.language.calendar import anniversary, last_day_completing, last_day_reaching
from solver.language.domain import Environment, Interval


def simplify(condition: t.Condition, known: Environment) -> t.Condition:
    """A condition equivalent to `condition` for all values that `known` allows, with the decided parts replaced by truth values.

    Where no part is decided it is the same object, of which much may be known already.
    """
    value = evaluate(condition, known)
    if value is not None:
        return t.Truth(value)
    found = _simplified(condition, known)
    return condition if found == condition else found


def _simplified(condition: t.Condition, known: Environment) -> t.Condition:
    match condition:
        case t.Not(inner):
            return t.negation(simplify(inner, known))
        case t.And(conditions):
            return t.conjunction([simplify(part, known) for part in conditions])
        case t.OneOf(conditions, name, values):
            domain = known[name]
            assert isinstance(domain, Interval)
            first, end = condition.within(domain)
            whole = (first, end) == (0, len(values))
            return condition if whole else t.OneOf(conditions[first:end], name, values[first:end])
        case t.Or(conditions):
            return t.disjunction([simplify(part, known) for part in conditions])
        case t.Iff(left, right):
            one, other = simplify(left, known), simplify(right, known)
            if isinstance(one, t.Truth):
                return other if one.value else t.negation(other)
            if isinstance(other, t.Truth):
                return one if other.value else t.negation(one)
            return t.Iff(one, other)
        case t.Compare(relation, left_term, right_term):
            return _about_the_date(
                t.Compare(relation, simplify_term(left_term, known), simplify_term(right_term, known))
            )
        case t.Member(name, values):
            domain = known[name]
            return t.Member(name, frozenset(value for value in values if value in domain))
        case _:
            return condition


def simplify_term(term: t.Term, known: Environment) -> t.Term:
    """A term of the same value, with its decided parts replaced by numbers: the same object where none is."""
    if isinstance(term, t.Constant):
        return term
    value = bounds(term, known)
    if isinstance(value, Interval) and value.exact:
        return t.Constant(Fraction(value.low))
    found = _simplified_term(term, known)
    return term if found == term else found


def _simplified_term(term: t.Term, known: Environment) -> t.Term:
    match term:
        case t.Sum(parts):
            return _folded_sum(reduce(summed, [simplify_term(part, known) for part in parts]))
        case t.Product(parts):
            return reduce(product, [simplify_term(part, known) for part in parts])
        case t.Power(base, exponent):
            return t.Power(simplify_term(base, known), exponent)
        case t.Largest(parts):
            return _fewer_parts(parts, known)
        case t.Choice(condition, then, otherwise):
            decided = evaluate(condition, known)
            if decided is not None:
                return simplify_term(then if decided else otherwise, known)
            return t.Choice(
                simplify(condition, known), simplify_term(then, known), simplify_term(otherwise, known)
            )
        case t.AddMonths(date, months):
            return t.AddMonths(simplify_term(date, known), months)
        case t.CompletedYears(start, end):
            return t.CompletedYears(simplify_term(start, known), simplify_term(end, known))
        case t.Count(conditions):
            return t.Count(tuple(simplify(part, known) for part in conditions))
        case _:
            return term


def _fewer_parts(parts: Sequence[t.Term], known: Environment) -> t.Term:
    """The largest of the parts that can be it."""
    within = [bounds(part, known) for part in parts]
    least = max(each.low for each in within)
    able = [part for part, each in zip(parts, within, strict=True) if each.high > least]
    sure = next((i for i, each in enumerate(within) if each.low == least), None)
    if sure is not None and parts[sure] not in able:
        able.append(parts[sure])
    found = tuple(simplify_term(part, known) for part in able)
    return found[0] if len(found) == 1 else t.Largest(found)


def _about_the_date(comparison: t.Compare) -> t.Condition:
    """A comparison of a shifted date or an age with a number, as a comparison of the date itself."""
    relation, left, right = comparison.relation, comparison.left, comparison.right
    if relation == "==" or isinstance(left, t.Constant) == isinstance(right, t.Constant):
        return comparison
    upper = isinstance(right, t.Constant)
    limit, term = (right, left) if upper else (left, right)
    assert isinstance(limit, t.Constant)
    # the term is at most `last` (upper), or at least `last + 1`
    last = math.ceil(limit.value) - 1 if (relation == "<") == upper else math.floor(limit.value)
    if isinstance(term, t.AddMonths):
        day = t.Constant(Fraction(last_day_reaching(last, term.months)))
        return t.Compare("<=", term.date, day) if upper else t.Compare("<", day, term.date)
    if isinstance(term, t.CompletedYears) and isinstance(term.end, t.Constant):
        day = t.Constant(Fraction(last_day_completing(last + 1, int(term.end.value))))
        return t.Compare("<", day, term.start) if upper else t.Compare("<=", term.start, day)
    if isinstance(term, t.CompletedYears) and isinstance(term.start, t.Constant):
        day = t.Constant(Fraction(anniversary(int(term.start.value), last + 1)))
        return t.Compare("<", term.end, day) if upper else t.Compare("<=", day, term.end)
    return comparison


def _folded_sum(term: t.Term) -> t.Term:
    if not isinstance(term, t.Sum):
        return term
    total = sum((part.value for part in term.parts if isinstance(part, t.Constant)), Fraction(0))
    rest = tuple(part for part in term.parts if not isinstance(part, t.Constant))
    parts = (*rest, t.Constant(total)) if total else rest
    return parts[0] if len(parts) == 1 else t.Sum(parts)
