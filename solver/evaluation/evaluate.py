"""Three-valued evaluation: Kleene's logic over what is known of each variable, without a solver.

`evaluate` is sound: where it says true (false), the condition is true (false) for every choice of values within the domains.
It is incomplete: it looks at each comparison alone, so it may say "unknown" of what is in truth decided.
"""

from __future__ import annotations

from collections.abc import Callable

from solver.language.calendar import add_months, completed_years
from solver.language.domain import (
    Environment,
    Interval,
    Recorded,
    add,
    hull,
    multiply,
    plain,
    point,
    power,
)
from solver.language.tree import (
    AddMonths,
    And,
    BooleanVariable,
    Choice,
    Compare,
    Complete,
    CompletedYears,
    Condition,
    Constant,
    Contains,
    Count,
    Iff,
    ListSize,
    Member,
    Not,
    NumberVariable,
    OneOf,
    Or,
    Power,
    Product,
    Sum,
    Term,
    Truth,
)


def evaluate(condition: Condition, known: Environment) -> bool | None:
    """True or false if the condition is so for all values that `known` allows, else None."""
    return _CONDITIONS[type(condition)](condition, known)


def bounds(term: Term, known: Environment) -> Interval:
    """An interval that holds every value the term can take."""
    return _TERMS[type(term)](term, known)


def _truth_of_flag(condition: BooleanVariable, known: Environment) -> bool | None:
    domain = known[condition.name]
    return None if len(domain) > 1 else True in domain


def _truth_of_member(condition: Member, known: Environment) -> bool | None:
    domain = known[condition.name]
    assert isinstance(domain, frozenset)
    if domain <= condition.values:
        return True
    return False if domain.isdisjoint(condition.values) else None


def _truth_of_not(condition: Not, known: Environment) -> bool | None:
    value = evaluate(condition.condition, known)
    return None if value is None else not value


def _truth_of_and(condition: And, known: Environment) -> bool | None:
    answer: bool | None = True
    for part in condition.conditions:
        value = _CONDITIONS[type(part)](part, known)
        if value is False:
            return False
        if value is None:
            answer = None
    return answer


def _truth_of_or(condition: Or, known: Environment) -> bool | None:
    answer: bool | None = False
    for part in condition.conditions:
        value = _CONDITIONS[type(part)](part, known)
        if value is True:
            return True
        if value is None:
            answer = None
    return answer


def _one_of(condition: OneOf, known: Environment) -> bool | None:
    domain = known[condition.name]
    assert isinstance(domain, Interval)
    first, end = condition.within(domain)
    if first >= end:
        return False
    return True if domain.low == domain.high else None


def _truth_of_iff(condition: Iff, known: Environment) -> bool | None:
    one, other = evaluate(condition.left, known), evaluate(condition.right, known)
    return None if one is None or other is None else one == other


def _truth_of_contains(condition: Contains, known: Environment) -> bool:
    listed = known[condition.name]
    assert isinstance(listed, Recorded)
    return condition.class_name in listed.classes


def _truth_of_complete(condition: Complete, known: Environment) -> bool:
    listed = known[condition.name]
    assert isinstance(listed, Recorded)
    return listed.complete


def _truth_of_comparison(condition: Compare, known: Environment) -> bool | None:
    relation = condition.relation
    left, right = bounds(condition.left, known), bounds(condition.right, known)
    if relation == "<=":
        if left.high <= right.low:
            return True
        if left.low > right.high or (left.low == right.high and (left.low_open or right.high_open)):
            return False
        return None
    if relation == "<":
        if left.high < right.low or (left.high == right.low and (left.high_open or right.low_open)):
            return True
        return False if left.low >= right.high else None
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


def _bounds_of_variable(term: NumberVariable, known: Environment) -> Interval:
    domain = known[term.name]
    assert isinstance(domain, Interval)
    return domain


_POINTS: dict[int, tuple[Constant, Interval]] = {}
_MOST_POINTS = 20_000


def _bounds_of_constant(term: Constant, known: Environment) -> Interval:
    found = _POINTS.get(id(term))
    if found is None:
        if len(_POINTS) >= _MOST_POINTS:
            _POINTS.clear()
        value = plain(term.value)
        found = _POINTS[id(term)] = (term, Interval(value, value, False, False, isinstance(value, int)))
    return found[1]


def _bounds_of_sum(term: Sum, known: Environment) -> Interval:
    total = bounds(term.parts[0], known)
    for part in term.parts[1:]:
        total = add(total, bounds(part, known))
    return total


def _bounds_of_product(term: Product, known: Environment) -> Interval:
    total = bounds(term.parts[0], known)
    for part in term.parts[1:]:
        total = multiply(total, bounds(part, known))
    return total


def _bounds_of_choice(term: Choice, known: Environment) -> Interval:
    decided = evaluate(term.condition, known)
    if decided is None:
        return hull(bounds(term.then, known), bounds(term.otherwise, known))
    return bounds(term.then if decided else term.otherwise, known)


def _bounds_of_shifted_date(term: AddMonths, known: Environment) -> Interval:
    start = bounds(term.date, known)
    low, high = (add_months(int(end), term.months) for end in (start.low, start.high))
    return Interval(low, high, False, False, True)


def _bounds_of_years(term: CompletedYears, known: Environment) -> Interval:
    start, end = bounds(term.start, known), bounds(term.end, known)
    fewest = completed_years(int(start.high), int(end.low))
    return Interval(fewest, completed_years(int(start.low), int(end.high)), False, False, True)


def _bounds_of_count(term: Count, known: Environment) -> Interval:
    values = [evaluate(condition, known) for condition in term.conditions]
    sure = values.count(True)
    return Interval(sure, sure + values.count(None), False, False, True)


def _bounds_of_list_size(term: ListSize, known: Environment) -> Interval:
    listed = known[term.name]
    assert isinstance(listed, Recorded)
    return point(listed.size, whole=True)


# Dispatch by type: evaluation is what the engine spends its time on, and a chain of patterns costs twice as much.
_CONDITIONS: dict[type, Callable[..., bool | None]] = {
    Truth: lambda condition, known: condition.value,
    BooleanVariable: _truth_of_flag,
    Compare: _truth_of_comparison,
    Member: _truth_of_member,
    Not: _truth_of_not,
    And: _truth_of_and,
    Or: _truth_of_or,
    OneOf: _one_of,
    Iff: _truth_of_iff,
    Contains: _truth_of_contains,
    Complete: _truth_of_complete,
}

_TERMS: dict[type, Callable[..., Interval]] = {
    NumberVariable: _bounds_of_variable,
    Constant: _bounds_of_constant,
    Sum: _bounds_of_sum,
    Product: _bounds_of_product,
    Power: lambda term, known: power(bounds(term.base, known), term.exponent),
    Choice: _bounds_of_choice,
    AddMonths: _bounds_of_shifted_date,
    CompletedYears: _bounds_of_years,
    Count: _bounds_of_count,
    ListSize: _bounds_of_list_size,
}
