"""Three-valued evaluation: Kleene's logic over what is known of each variable, without a solver.

`evaluate` is sound: where it says true (false), the condition is true (false) for every choice of values within the domains.
It is incomplete: it looks at each comparison alone, so it may say "unknown" of what is in truth decided.

The same few conditions are evaluated thousands of times, with one domain or another changed. So a condition is made into a function of
what is known when it is first met, out of those of its parts, and the function is kept by the identity of the condition:

    level >= 8 or treated     level_is_high(known) or treated(known), where level_is_high compares the ends of known["level"] with 8
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import is_, itemgetter
from typing import Any

from solver.language import domain as d
from solver.language import tree as t
from solver.language.calendar import add_months, completed_years

Known = Mapping[str, Any]
"""What is known: of which kind a domain is follows from how a condition speaks of the variable."""

Truth = Callable[[Known], bool | None]
"""What a condition says of what is known."""

Bounds = Callable[[Known], d.Interval]
"""What a term can be, of what is known."""

_MOST_KEPT = 30_000

_LARGE = 3
"""From so many parts on, what a term can be is remembered."""

_truths: dict[int, tuple[t.Condition, Truth]] = {}
_bounds: dict[int, tuple[t.Term, Bounds]] = {}


def evaluate(condition: t.Condition, known: d.Environment) -> bool | None:
    """True or false if the condition is so for all values that `known` allows, else None."""
    found = _truths.get(id(condition))
    return (truth_of(condition) if found is None else found[1])(known)


def bounds(term: t.Term, known: d.Environment) -> d.Interval:
    """An interval that holds every value the term can take."""
    found = _bounds.get(id(term))
    return (bounds_of(term) if found is None else found[1])(known)


def truth_of(condition: t.Condition) -> Truth:
    """What says of what is known whether the condition holds."""
    found = _truths.get(id(condition))
    if found is None:
        if len(_truths) >= _MOST_KEPT:
            _truths.clear()
        found = _truths[id(condition)] = condition, _CONDITIONS[type(condition)](condition)
    return found[1]


def bounds_of(term: t.Term) -> Bounds:
    """What gives an interval that holds every value the term can take."""
    found = _bounds.get(id(term))
    if found is None:
        if len(_bounds) >= _MOST_KEPT:
            _bounds.clear()
        within = _TERMS[type(term)](term)
        if t.size(term) >= _LARGE:
            within = _remembering(within, sorted(t.variables(term)))
        found = _bounds[id(term)] = term, within
    return found[1]


def _remembering(within: Bounds, names: Sequence[str]) -> Bounds:
    """The same, which looks first whether it is asked of what it was asked of last: mostly another variable has changed."""
    if not names:
        return within
    last: tuple[Any, d.Interval | None] = None, None
    if len(names) == 1:
        (name,) = names

        def of_one(known: Known) -> d.Interval:
            nonlocal last
            asked = known[name]
            before, found = last
            if found is None or asked is not before:
                found = within(known)
                last = asked, found
            return found

        return of_one
    taken = itemgetter(*names)

    def of_several(known: Known) -> d.Interval:
        nonlocal last
        asked = taken(known)
        before, found = last
        if found is None or not all(map(is_, asked, before)):
            found = within(known)
            last = asked, found
        return found

    return of_several


def _constant_truth(condition: t.Truth) -> Truth:
    value = condition.value
    return lambda known: value


def _flag(condition: t.BooleanVariable) -> Truth:
    name = condition.name

    def truth(known: Known) -> bool | None:
        domain = known[name]
        return None if len(domain) > 1 else True in domain

    return truth


def _absent(name: str) -> Truth:
    """Whether a yes-or-no variable is no."""

    def truth(known: Known) -> bool | None:
        domain = known[name]
        return None if len(domain) > 1 else True not in domain

    return truth


def _member(condition: t.Member, *, among: bool = True) -> Truth:
    """Whether an enumeration has one of the values, or with `among` off none of them."""
    name, values, outside = condition.name, condition.values, not among

    def truth(known: Known) -> bool | None:
        domain = known[name]
        if domain <= values:
            return among
        return outside if values.isdisjoint(domain) else None

    return truth


def _not(condition: t.Not) -> Truth:
    match condition.condition:
        case t.BooleanVariable(name):
            return _absent(name)
        case t.Member() as member:
            return _member(member, among=False)
        case t.And(parts) | t.Or(parts) as joined:
            return _all_or_any(parts, decisive=isinstance(joined, t.Or), negated=True)
    inner = truth_of(condition.condition)

    def truth(known: Known) -> bool | None:
        value = inner(known)
        return None if value is None else not value

    return truth


def _and(condition: t.And) -> Truth:
    return _all_or_any(condition.conditions, decisive=False)


def _or(condition: t.Or) -> Truth:
    return _all_or_any(condition.conditions, decisive=True)


def _all_or_any(conditions: Sequence[t.Condition], *, decisive: bool, negated: bool = False) -> Truth:
    """What the conditions say together, where one of them with the decisive value settles it; with `negated` the opposite."""
    parts = [truth_of(part) for part in conditions]
    settled, otherwise = decisive is not negated, decisive is negated

    def truth(known: Known) -> bool | None:
        answer: bool | None = otherwise
        for part in parts:
            value = part(known)
            if value is decisive:
                return settled
            if value is None:
                answer = None
        return answer

    return truth


def _one_of(condition: t.OneOf) -> Truth:
    name, within = condition.name, condition.within

    def truth(known: Known) -> bool | None:
        domain = known[name]
        first, end = within(domain)
        if first >= end:
            return False
        return True if domain.low == domain.high else None

    return truth


def _iff(condition: t.Iff) -> Truth:
    left, right = truth_of(condition.left), truth_of(condition.right)

    def truth(known: Known) -> bool | None:
        one, other = left(known), right(known)
        return None if one is None or other is None else one == other

    return truth


def _compare(condition: t.Compare) -> Truth:
    relation, one, other = condition.relation, condition.left, condition.right
    strict = relation == "<"
    if relation != "==" and isinstance(one, t.NumberVariable) and isinstance(other, t.Constant):
        return _below(one.name, d.plain(other.value), strict)
    if relation != "==" and isinstance(other, t.NumberVariable) and isinstance(one, t.Constant):
        return _above(other.name, d.plain(one.value), strict)
    left, right = bounds_of(one), bounds_of(other)
    if relation == "==":
        return lambda known: _are_equal(left(known), right(known))

    def truth(known: Known) -> bool | None:
        low, high, low_open, high_open, _ = left(known)
        least, most, least_open, most_open, _ = right(known)
        if high < least or (high == least and (not strict or high_open or least_open)):
            return True
        return False if low > most or (low == most and (strict or low_open or most_open)) else None

    return truth


def _below(name: str, limit: d.Number, strict: bool) -> Truth:
    """Whether a variable is less than a number, or at most that where not `strict`."""

    def truth(known: Known) -> bool | None:
        low, high, low_open, high_open, _ = known[name]
        if high < limit or (high == limit and (not strict or high_open)):
            return True
        return False if low > limit or (low == limit and (strict or low_open)) else None

    return truth


def _above(name: str, limit: d.Number, strict: bool) -> Truth:
    """Whether a variable is more than a number, or at least that where not `strict`."""

    def truth(known: Known) -> bool | None:
        low, high, low_open, high_open, _ = known[name]
        if low > limit or (low == limit and (not strict or low_open)):
            return True
        return False if high < limit or (high == limit and (strict or high_open)) else None

    return truth


def _are_equal(left: d.Interval, right: d.Interval) -> bool | None:
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


def _contains(condition: t.Contains) -> Truth:
    name, class_name = condition.name, condition.class_name
    return lambda known: class_name in known[name].classes


def _complete(condition: t.Complete) -> Truth:
    name = condition.name
    return lambda known: known[name].complete


def _number(term: t.NumberVariable) -> Bounds:
    return itemgetter(term.name)


def _constant(term: t.Constant) -> Bounds:
    value = d.plain(term.value)
    found = d.Interval(value, value, False, False, isinstance(value, int))
    return lambda known: found


def _sum(term: t.Sum) -> Bounds:
    parts = [bounds_of(part) for part in term.parts]
    if len(parts) == 2:
        one, other = parts
        return lambda known: d.add(one(known), other(known))
    return lambda known: reduce(d.add, [part(known) for part in parts])


def _product(term: t.Product) -> Bounds:
    parts = [bounds_of(part) for part in term.parts]
    if len(parts) == 2:
        one, other = parts
        return lambda known: d.multiply(one(known), other(known))
    return lambda known: reduce(d.multiply, [part(known) for part in parts])


def _largest(term: t.Largest) -> Bounds:
    parts = [bounds_of(part) for part in term.parts]
    return lambda known: reduce(d.larger, [part(known) for part in parts])


def _power(term: t.Power) -> Bounds:
    base, exponent = bounds_of(term.base), term.exponent
    return lambda known: d.power(base(known), exponent)


def _choice(term: t.Choice) -> Bounds:
    condition, then, otherwise = truth_of(term.condition), bounds_of(term.then), bounds_of(term.otherwise)

    def within(known: Known) -> d.Interval:
        decided = condition(known)
        if decided is None:
            return d.hull(then(known), otherwise(known))
        return (then if decided else otherwise)(known)

    return within


def _shifted_date(term: t.AddMonths) -> Bounds:
    date, months = bounds_of(term.date), term.months

    def within(known: Known) -> d.Interval:
        start = date(known)
        low, high = (add_months(int(end), months) for end in (start.low, start.high))
        return d.Interval(low, high, False, False, True)

    return within


def _years(term: t.CompletedYears) -> Bounds:
    first, last = bounds_of(term.start), bounds_of(term.end)

    def within(known: Known) -> d.Interval:
        start, end = first(known), last(known)
        fewest = completed_years(int(start.high), int(end.low))
        return d.Interval(fewest, completed_years(int(start.low), int(end.high)), False, False, True)

    return within


def _count(term: t.Count) -> Bounds:
    parts = [truth_of(part) for part in term.conditions]

    def within(known: Known) -> d.Interval:
        values = [part(known) for part in parts]
        sure = values.count(True)
        return d.Interval(sure, sure + values.count(None), False, False, True)

    return within


def _list_size(term: t.ListSize) -> Bounds:
    name = term.name
    return lambda known: d.point(known[name].size, whole=True)


_CONDITIONS: dict[type, Callable[..., Truth]] = {
    t.Truth: _constant_truth,
    t.BooleanVariable: _flag,
    t.Compare: _compare,
    t.Member: _member,
    t.Not: _not,
    t.And: _and,
    t.Or: _or,
    t.OneOf: _one_of,
    t.Iff: _iff,
    t.Contains: _contains,
    t.Complete: _complete,
}

_TERMS: dict[type, Callable[..., Bounds]] = {
    t.NumberVariable: _number,
    t.Constant: _constant,
    t.Sum: _sum,
    t.Product: _product,
    t.Largest: _largest,
    t.Power: _power,
    t.Choice: _choice,
    t.AddMonths: _shifted_date,
    t.CompletedYears: _years,
    t.Count: _count,
    t.ListSize: _list_size,
}
