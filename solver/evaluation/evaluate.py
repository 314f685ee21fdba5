"""Three-valued evaluation: Kleene's logic over what is known of each variable, without a solver.

`evaluate` is sound: where it says true (false), the condition is true (false) for every choice of values within the domains.
It is incomplete: it looks at each comparison alone, so it may say "unknown" of what is in truth decided.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from solver.language import domain as d
from solver.language import tree as t
from solver.language.calendar import add_months, completed_years


def evaluate(condition: t.Condition, known: d.Environment) -> bool | None:
    """True or false if the condition is so for all values that `known` allows, else None."""
    return _CONDITIONS[type(condition)](condition, known)


def bounds(term: t.Term, known: d.Environment) -> d.Interval:
    """An interval that holds every value the term can take."""
    return _TERMS[type(term)](term, known)


def _truth_of_flag(condition: t.BooleanVariable, known: d.Environment) -> bool | None:
    domain = known[condition.name]
    return None if len(domain) > 1 else True in domain


def _truth_of_member(condition: t.Member, known: d.Environment) -> bool | None:
    domain = known[condition.name]
    assert isinstance(domain, frozenset)
    if domain <= condition.values:
        return True
    return False if domain.isdisjoint(condition.values) else None


def _truth_of_not(condition: t.Not, known: d.Environment) -> bool | None:
    inner = condition.condition
    value = _CONDITIONS[type(inner)](inner, known)
    return None if value is None else not value


def _truth_of_and(condition: t.And, known: d.Environment) -> bool | None:
    answer: bool | None = True
    for part in condition.conditions:
        value = _CONDITIONS[type(part)](part, known)
        if value is False:
            return False
        if value is None:
            answer = None
    return answer


def _truth_of_or(condition: t.Or, known: d.Environment) -> bool | None:
    answer: bool | None = False
    for part in condition.conditions:
        value = _CONDITIONS[type(part)](part, known)
        if value is True:
            return True
        if value is None:
            answer = None
    return answer


def _one_of(condition: t.OneOf, known: d.Environment) -> bool | None:
    domain = known[condition.name]
    assert isinstance(domain, d.Interval)
    first, end = condition.within(domain)
    if first >= end:
        return False
    return True if domain.low == domain.high else None


def _truth_of_iff(condition: t.Iff, known: d.Environment) -> bool | None:
    one, other = evaluate(condition.left, known), evaluate(condition.right, known)
    return None if one is None or other is None else one == other


def _truth_of_comparison(condition: t.Compare, known: d.Environment) -> bool | None:
    relation, one, other = condition.relation, condition.left, condition.right
    left, right = _TERMS[type(one)](one, known), _TERMS[type(other)](other, known)
    if relation != "==":
        low, high, low_open, high_open, _ = left
        least, most, least_open, most_open, _ = right
        strict = relation == "<"
        if high < least or (high == least and (not strict or high_open or least_open)):
            return True
        return False if low > most or (low == most and (strict or low_open or most_open)) else None
    if left.low == left.high == right.low == right.high:
        return True
    if left.low > right.high or right.low > left.high:
        return False
    if left.low == right.high and (left.low_open or right.high_open):
        return False
    if right.low == left.high and (right.low_open or left.high_open):
        return False
    if left.exact and right.whole and left.low != int(left.low):
        return False
    if right.exact and left.whole and right.low != int(right.low):
        return False
    return None


_POINTS: dict[int, tuple[t.Constant, d.Interval]] = {}
_MOST_POINTS = 20_000


def _bounds_of_constant(term: t.Constant, known: d.Environment) -> d.Interval:
    found = _POINTS.get(id(term))
    if found is None:
        if len(_POINTS) >= _MOST_POINTS:
            _POINTS.clear()
        value = d.plain(term.value)
        found = _POINTS[id(term)] = (term, d.Interval(value, value, False, False, isinstance(value, int)))
    return found[1]


def _bounds_of_sum(term: t.Sum, known: d.Environment) -> d.Interval:
    return reduce(d.add, [_TERMS[type(part)](part, known) for part in term.parts])


def _bounds_of_product(term: t.Product, known: d.Environment) -> d.Interval:
    return reduce(d.multiply, [_TERMS[type(part)](part, known) for part in term.parts])


def _bounds_of_choice(term: t.Choice, known: d.Environment) -> d.Interval:
    decided = evaluate(term.condition, known)
    if decided is None:
        return d.hull(bounds(term.then, known), bounds(term.otherwise, known))
    return bounds(term.then if decided else term.otherwise, known)


def _bounds_of_shifted_date(term: t.AddMonths, known: d.Environment) -> d.Interval:
    start = bounds(term.date, known)
    low, high = (add_months(int(end), term.months) for end in (start.low, start.high))
    return d.Interval(low, high, False, False, True)


def _bounds_of_years(term: t.CompletedYears, known: d.Environment) -> d.Interval:
    start, end = bounds(term.start, known), bounds(term.end, known)
    fewest = completed_years(int(start.high), int(end.low))
    return d.Interval(fewest, completed_years(int(start.low), int(end.high)), False, False, True)


def _bounds_of_count(term: t.Count, known: d.Environment) -> d.Interval:
    values = [evaluate(condition, known) for condition in term.conditions]
    sure = values.count(True)
    return d.Interval(sure, sure + values.count(None), False, False, True)


# Dispatch by type: evaluation is what the engine spends its time on, and a chain of patterns costs twice as much.
_CONDITIONS: dict[type, Callable[..., bool | None]] = {
    t.Truth: lambda condition, known: condition.value,
    t.BooleanVariable: _truth_of_flag,
    t.Compare: _truth_of_comparison,
    t.Member: _truth_of_member,
    t.Not: _truth_of_not,
    t.And: _truth_of_and,
    t.Or: _truth_of_or,
    t.OneOf: _one_of,
    t.Iff: _truth_of_iff,
    t.Contains: lambda condition, known: condition.class_name in known[condition.name].classes,
    t.Complete: lambda condition, known: known[condition.name].complete,
}

_TERMS: dict[type, Callable[..., d.Interval]] = {
    t.NumberVariable: lambda term, known: known[term.name],
    t.Constant: _bounds_of_constant,
    t.Sum: _bounds_of_sum,
    t.Product: _bounds_of_product,
    t.Largest: lambda term, known: reduce(d.larger, [bounds(part, known) for part in term.parts]),
    t.Power: lambda term, known: d.power(bounds(term.base, known), term.exponent),
    t.Choice: _bounds_of_choice,
    t.AddMonths: _bounds_of_shifted_date,
    t.CompletedYears: _bounds_of_years,
    t.Count: _bounds_of_count,
    t.ListSize: lambda term, known: d.point(known[term.name].size, whole=True),
}
