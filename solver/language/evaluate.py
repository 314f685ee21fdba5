"""Three-valued evaluation: Kleene's logic over what is known of each variable, without a solver.

`evaluate` is sound: where it says true (false), the condition is true (false) for every choice of values within the domains.
It is incomplete: it looks at each comparison alone, so it may say "unknown" of what is in truth decided.
"""

from __future__ import annotations

from solver.language.calendar import add_months, completed_years
from solver.language.domain import (
    Environment,
    Interval,
    Recorded,
    add,
    hull,
    multiply,
    point,
    power,
)
from solver.language.tree import (
    AddMonths,
    And,
    BooleanVariable,
    Choice,
    Compare,
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
    Or,
    Power,
    Product,
    Sum,
    Term,
    Truth,
)


def evaluate(condition: Condition, known: Environment) -> bool | None:
    """True or false if the condition is so for all values that `known` allows, else None."""
    match condition:
        case BooleanVariable(name):
            domain = known[name]
            return None if len(domain) > 1 else True in domain
        case Compare(relation, left, right):
            return _compare(relation, bounds(left, known), bounds(right, known))
        case Member(name, values):
            domain = known[name]
            assert isinstance(domain, frozenset)
            if domain <= values:
                return True
            return False if domain.isdisjoint(values) else None
        case Not(inner):
            value = evaluate(inner, known)
            return None if value is None else not value
        case And(conditions):
            return _some(conditions, known, stop=False)
        case Or(conditions):
            return _some(conditions, known, stop=True)
        case Iff(left_condition, right_condition):
            one, other = evaluate(left_condition, known), evaluate(right_condition, known)
            return None if one is None or other is None else one == other
        case Truth(value):
            return value
        case Contains(name, class_name):
            listed = known[name]
            assert isinstance(listed, Recorded)
            return class_name in listed.classes


def _some(conditions: tuple[Condition, ...], known: Environment, *, stop: bool) -> bool | None:
    """`stop` if any condition evaluates to it, None if any is open, else the opposite."""
    answer: bool | None = not stop
    for condition in conditions:
        value = evaluate(condition, known)
        if value is stop:
            return stop
        if value is None:
            answer = None
    return answer


def _compare(relation: str, left: Interval, right: Interval) -> bool | None:
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


def bounds(term: Term, known: Environment) -> Interval:
    """An interval that holds every value the term can take."""
    match term:
        case NumberVariable(name, _):
            domain = known[name]
            assert isinstance(domain, Interval)
            return domain
        case Constant(value):
            return Interval(value, value, False, False, value.denominator == 1)
        case Sum(parts):
            total = bounds(parts[0], known)
            for part in parts[1:]:
                total = add(total, bounds(part, known))
            return total
        case Product(parts):
            total = bounds(parts[0], known)
            for part in parts[1:]:
                total = multiply(total, bounds(part, known))
            return total
        case Power(base, exponent):
            return power(bounds(base, known), exponent)
        case Choice(condition, then, otherwise):
            decided = evaluate(condition, known)
            if decided is None:
                return hull(bounds(then, known), bounds(otherwise, known))
            return bounds(then if decided else otherwise, known)
        case AddMonths(date, months):
            start = bounds(date, known)
            return Interval(
                add_months(int(start.low), months), add_months(int(start.high), months), False, False, True
            )
        case CompletedYears(start_term, end_term):
            start, end = bounds(start_term, known), bounds(end_term, known)
            return Interval(
                completed_years(int(start.high), int(end.low)),
                completed_years(int(start.low), int(end.high)),
                False,
                False,
                True,
            )
        case Count(conditions):
            values = [evaluate(condition, known) for condition in conditions]
            sure = values.count(True)
            return Interval(sure, sure + values.count(None), False, False, True)
        case ListSize(name):
            listed = known[name]
            assert isinstance(listed, Recorded)
            return point(listed.size, whole=True)
