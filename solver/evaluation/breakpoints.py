"""Where a condition can change along a variable, and the values at and beside such places.

Of `0.5 <= level` and `level * weight <= 80`, with the weight between 40 and 100 kg:

    breaks            of the first comparison: 0.5
    cells             of level, cut there: below 0.5, 0.5 itself, above it; the first changes in none of them
    coupled_breaks    0.8 and 2 as well, where the second turns with the weight at either end
    turns             0.5 alone, as the weight is not known; with a weight of 40 kg also 2
    beside            of 0.5: 0.49, 0.5 and 0.51, what a person would write down around it
    values_to_try     of level: the ends of what is known, and 0.5, 1.5, 79, 80 and 81 as far as it can be that

A comparison that is monotone in each of the other numbers is hardest, and easiest, to meet with each of them at an end of what is known
of it, or at a threshold of its own: `coupled_breaks` looks at these corners only.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import partial, reduce
from itertools import islice, product

from solver.evaluation.compared_parts import comparisons
from solver.evaluation.evaluate import bounds, evaluate
from solver.evaluation.narrow import Narrowing, assume
from solver.evaluation.simplify import simplify
from solver.language import domain as d
from solver.language import tree as t
from solver.language.calendar import last_day_completing
from solver.language.types import QuantityType, VariableType
from solver.work import spend

MOST_CORNERS = 256
"""How many combinations of values of the others are looked at in one comparison."""

DIGITS = 4
"""Significant digits to which a change that is no rational number is told."""

_LONG = 64
"""So many values that a number may be are all tried."""

_FINEST = 3
"""Decimals of the finest step."""


def alike(
    members: Iterable[t.Member], name: str, domain: frozenset[bool] | frozenset[str]
) -> list[frozenset[bool] | frozenset[str]]:
    """The values in groups that no membership tells apart: each that one names, and the rest together."""
    if domain == d.BOTH:
        return [frozenset({True}), frozenset({False})]
    named = {value for part in members if part.name == name for value in part.values}
    rest = domain - named
    groups = [frozenset({value}) for value in sorted(map(str, domain & named))]
    return [*groups, rest] if rest else [*groups]


def breaks(comparison: t.Compare, name: str, domain: d.Interval) -> list[Fraction] | None:
    """The values of a number at which a comparison can change, whatever the flags and enumerations; None if they hang on other numbers.

    A term chosen by a condition may be either one. Where the condition changes is left to the comparisons within it.
    """
    terms = list(_terms_compared(comparison))
    numbers = {term.name for term in terms if isinstance(term, t.NumberVariable)}
    if name not in numbers:
        return []
    if numbers != {name}:
        return None
    ages = [term for term in terms if isinstance(term, t.CompletedYears)]
    if ages:
        known = {name: domain}
        end = bounds(ages[0].end, known)
        years = bounds(ages[0], known)
        if not end.exact:
            return None
        spans = range(int(years.low), int(years.high) + 2)
        return [Fraction(last_day_completing(each, int(end.low)) + 1) for each in spans]
    try:
        left, right = _lines(comparison.left), _lines(comparison.right)
    except _NotLinear:
        return None
    return sorted({(b - a) / (rise - fall) for rise, a in left for fall, b in right if rise != fall})


def _terms_compared(node: t.Node) -> Iterator[t.Node]:
    """The terms of a comparison, without those in a condition by which it chooses or counts."""
    for child in t.children(node):
        if not isinstance(child, t.Condition):
            yield child
            yield from _terms_compared(child)


class _NotLinear(Exception):
    """A term is not made of lines, or of too many of them."""


_Line = tuple[Fraction, Fraction]
"""Slope and offset."""


def _lines(term: t.Term) -> set[_Line]:
    """Lines one of which a term of one number follows at each of its values; raises `_NotLinear`."""
    match term:
        case t.Constant(value):
            return {(Fraction(0), value)}
        case t.NumberVariable():
            return {(Fraction(1), Fraction(0))}
        case t.Count(conditions):
            return {(Fraction(0), Fraction(number)) for number in range(len(conditions) + 1)}
        case t.Choice(_, then, otherwise):
            return _lines(then) | _lines(otherwise)
        case t.Largest(parts):
            return set[_Line]().union(*map(_lines, parts))
        case t.Sum(parts):
            return reduce(partial(_joined, _sum_of), map(_lines, parts))
        case t.Product(parts):
            return reduce(partial(_joined, _product_of), map(_lines, parts))
        case _:
            raise _NotLinear


def _joined(join: Callable[[_Line, _Line], _Line], left: set[_Line], right: set[_Line]) -> set[_Line]:
    found = {join(one, other) for one in left for other in right}
    if len(found) > MOST_CORNERS:
        raise _NotLinear
    return found


def _sum_of(left: _Line, right: _Line) -> _Line:
    return left[0] + right[0], left[1] + right[1]


def _product_of(left: _Line, right: _Line) -> _Line:
    if left[0] and right[0]:
        raise _NotLinear
    return left[0] * right[1] + right[0] * left[1], left[1] * right[1]


def cells(domain: d.Interval, cuts: Sequence[Fraction]) -> list[d.Interval]:
    """The domain cut at the numbers given into points and open intervals, in order."""
    cells: list[d.Interval] = []
    before: d.Number = -math.inf
    ends: list[d.Number] = [*cuts, math.inf]
    for at in ends:
        for cell in (d.Interval(before, at, True, True), d.Interval(at, at)):
            if cell.low != math.inf:
                with suppress(d.Inconsistent):
                    cells.append(d.intersect(cell, domain))
        before = at
    return cells


def complement(domain: d.Interval, parts: Sequence[d.Interval]) -> tuple[d.Interval, ...]:
    """What of the domain lies in none of the parts, which are disjoint and in order."""
    left: list[d.Interval] = []
    low, low_open = domain.low, domain.low_open
    for part in (*parts, None):
        if part is None:
            gap = d.Interval(low, domain.high, low_open, domain.high_open)
        else:
            gap = d.Interval(low, part.low, low_open, not part.low_open)
            low, low_open = part.high, not part.high_open
        with suppress(d.Inconsistent):
            left.append(d.intersect(gap, domain))
    return tuple(left)


def append_cell(allowed: list[d.Interval], cell: d.Interval) -> None:
    """Add a cell to the allowed ones, joined to the last where they touch."""
    if allowed:
        last = allowed[-1]
        touching = last.high == cell.low and not (last.high_open and cell.low_open)
        adjacent = cell.whole and last.high + 1 == cell.low
        if touching or adjacent:
            allowed[-1] = d.Interval(last.low, cell.high, last.low_open, cell.high_open, cell.whole)
            return
    allowed.append(cell)


def values_to_try(domain: d.Domain, conditions: Sequence[t.Condition], name: str) -> list[d.Domain]:
    """Values of a variable that may change a condition: all of them, or the ends and what lies at and beside the thresholds."""
    if isinstance(domain, frozenset):
        return [frozenset({value}) for value in sorted(domain)]  # type: ignore[misc]
    assert isinstance(domain, d.Interval)
    numbers = [domain.low, domain.high]
    several: list[t.OneOf] = []
    for condition in conditions:
        for part in _outside_long_lists(condition):
            if isinstance(part, t.OneOf) and part.name == name and len(part.values) > _LONG:
                several.append(part)
            elif isinstance(part, t.Compare) and name in t.variables(part):
                for side in (part.left, part.right):
                    if isinstance(side, t.Constant):
                        numbers += [side.value - 1, side.value, side.value + 1]
    if several:
        # of many values that it may be those at the thresholds
        numbers = [near for each in several for number in numbers for near in _nearest(each.values, number)]
    whole = domain.whole
    finite = [n for n in dict.fromkeys(numbers) if not isinstance(n, float) and n in domain]
    return [d.point(int(number) if whole else number, whole=whole) for number in finite]


def _outside_long_lists(node: t.Node) -> Iterator[t.Node]:
    """The node and what is below it, but for the equations of a number that is one of many."""
    yield node
    if not (isinstance(node, t.OneOf) and len(node.values) > _LONG):
        for child in t.children(node):
            yield from _outside_long_lists(child)


def _nearest(values: Sequence[int | Fraction], number: d.Number) -> Sequence[int | Fraction]:
    """Of values in order the last that is no larger than a number, and the first that is no smaller."""
    return values[max(0, bisect_right(values, number) - 1) : bisect_left(values, number) + 1]


def turns(conditions: Iterable[t.Condition], name: str, known: d.Environment) -> list[Fraction]:
    """The values of a number at which a comparison of it can turn, in order; the other variables are as they are `known`.

    Of whole numbers and days both the last value on one side and the first on the other are among them. Only comparisons count in which
    every other variable has one value.
    """
    found: set[Fraction] = set()
    for comparison in comparisons(simplify(condition, known) for condition in conditions):
        if t.variables(comparison) == {name}:
            found.update(_moved_ends(comparison, name, known))
    return sorted(found)


def _moved_ends(comparison: t.Compare, name: str, known: d.Environment) -> Iterable[Fraction]:
    """The ends that the domain of a variable gets where the comparison is assumed to hold, or not to."""
    before = known[name]
    assert isinstance(before, d.Interval)
    for truth in (True, False):
        narrowed: Narrowing = {**known, name: before}
        try:
            assume(comparison, truth, narrowed, set())
        except d.Inconsistent:
            continue
        after = narrowed[name]
        assert isinstance(after, d.Interval)
        for end, old in ((after.low, before.low), (after.high, before.high)):
            if end != old and not isinstance(end, float):
                yield Fraction(end)


def step_at(at: Fraction, kind: VariableType) -> Fraction:
    """The smallest difference that a person would tell beside a value: one for whole numbers and days, else by its size.

    A quantity is told in three digits, a whole one in at most one decimal, and none as finer than its own decimals or 0.001.
    """
    if not isinstance(kind, QuantityType) or at >= 100 or at == 0:
        return Fraction(1)
    if at.denominator == 1:
        return Fraction(1, 10)
    places = 2 if at >= 1 else 1 - math.floor(math.log10(at))
    return Fraction(1, 10 ** min(_FINEST, places))


def beside(at: Fraction, kind: VariableType) -> list[Fraction]:
    """A value and the next ones before and after it that a person would write down; without it where it has more digits."""
    step = step_at(at, kind)
    low, high = math.floor(at / step) * step, math.ceil(at / step) * step
    found = [low - step, at, high + step] if low == high else [low, high]
    return [value for value in found if value >= 0]


def coupled_breaks(
    compared: Sequence[t.Compare], name: str, known: d.Environment, others: frozenset[str] | None = None
) -> set[Fraction]:
    """The values of a variable at which some of the comparisons can change, with the other open variables at each of their corners.

    With `others` only comparisons in which every other open variable is one of these count. An irrational value is given by the two
    decimals of `DIGITS` digits on both sides of it.
    """
    found: set[Fraction] = set()
    for comparison in [each for each in compared if name in t.variables(each)]:
        rest = t.variables(comparison) - {name}
        beside = sorted(other for other in rest if other in known and not d.is_exact(known[other]))
        if others is None or others.issuperset(beside):
            for corner in corners(compared, beside, known):
                spend(4 * t.size(comparison))
                for left in comparisons([simplify(comparison, {**known, **corner})]):
                    found.update(_own_turns(left, name, known[name]))
    return found


def corners(
    compared: Sequence[t.Compare], names: Sequence[str], known: d.Environment
) -> Iterable[dict[str, d.Domain]]:
    """The combinations of values of the variables that are looked at, at most `MOST_CORNERS` of them."""
    values = [_corner_values(compared, name, known[name]) for name in names]
    return (dict(zip(names, each, strict=True)) for each in islice(product(*values), MOST_CORNERS))


def worst_cases(
    condition: t.Condition, names: Sequence[str], known: d.Environment
) -> list[t.Condition] | None:
    """What is left of a condition with each of the numbers at each end of what is known of it; None if some has no end."""
    ends = [_end_values(known[name]) for name in names]
    if not all(ends):
        return None
    found = (dict(zip(names, each, strict=True)) for each in islice(product(*ends), MOST_CORNERS))
    return [simplify(condition, {**known, **each}) for each in found]


def _end_values(domain: d.Domain) -> list[d.Domain]:
    """Each value of a flag or an enumeration, or both ends of an interval; none if one of them is infinite."""
    if isinstance(domain, frozenset):
        return [frozenset({value}) for value in sorted(domain)]  # type: ignore[misc]
    assert isinstance(domain, d.Interval)
    if isinstance(domain.low, float) or isinstance(domain.high, float):
        return []
    return [d.point(end, whole=domain.whole) for end in (domain.low, domain.high)]


def _corner_values(compared: Sequence[t.Compare], name: str, domain: d.Domain) -> list[d.Domain]:
    """The ends of what is known of a variable, and its own thresholds."""
    if isinstance(domain, frozenset):
        return _end_values(domain)
    assert isinstance(domain, d.Interval)
    numbers = {Fraction(end) for end in (domain.low, domain.high) if not isinstance(end, float)}
    for comparison in compared:
        if t.variables(comparison) == {name}:
            numbers.update(each for each in breaks(comparison, name, domain) or () if each in domain)
    return [d.point(int(n) if domain.whole else n, whole=domain.whole) for n in sorted(numbers)]


def _own_turns(comparison: t.Compare, name: str, domain: d.Domain) -> Iterable[Fraction]:
    """Where a comparison of the variable alone turns."""
    if not isinstance(domain, d.Interval) or t.variables(comparison) != {name}:
        return ()
    found = breaks(comparison, name, domain)
    return found if found is not None else _crossing_values(comparison, name, domain)


def _crossing_values(comparison: t.Compare, name: str, domain: d.Interval) -> tuple[Fraction, ...]:
    """The two decimals beside the value at which the sides of a comparison cross, if they do so once."""
    if isinstance(domain.low, float) or isinstance(domain.high, float):
        return ()
    order = t.Compare("<", comparison.left, comparison.right)

    def holds(at: Fraction) -> bool | None:
        return evaluate(order, {name: d.Interval(at, at)})

    low, high = Fraction(domain.low), Fraction(domain.high)
    first = holds(low)
    if first is None or holds(high) is not (not first):
        return ()
    least = Fraction(1) if domain.whole else _last_digit(high) / 10**DIGITS
    step = max(least, _last_digit(high))
    while math.ceil(high / step) - math.floor(low / step) > 1:
        middle = Fraction(math.floor((low + high) / 2 / step)) * step
        if middle <= low:
            middle += step
        if middle >= high:
            break
        low, high = (middle, high) if holds(middle) is first else (low, middle)
        step = max(least, min(step, _last_digit(high)))
    return (low, high)


def _last_digit(number: Fraction) -> Fraction:
    """The last of `DIGITS` digits of a number."""
    if number <= 0:
        return Fraction(1)
    places = math.floor(math.log10(number)) + 1 - DIGITS
    return Fraction(10) ** places
