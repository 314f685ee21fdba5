"""Sets of whole numbers as disjoint spans, each from its first to its last member, in order, no two of which touch.

The union of `((1, 3), (8, 9))` and `((4, 5),)` is `((1, 5), (8, 9))`, since 3 and 4 touch.

The days on which conditions hold of a completion are split where one comparison changes, not one by one. With a dose on 1 March,
`dose + 14 days <= day` and `day <= dose + 1 month` over the days of March and April: the first changes on 15 March, within the days from
then on the second after 1 April. What is found is one span, 15 March to 1 April, after a handful of evaluations.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from solver.evaluation.breakpoints import breaks
from solver.evaluation.compared_parts import comparisons
from solver.evaluation.simplify import simplify
from solver.language.domain import Environment, Interval
from solver.language.tree import AS_OF, Condition, Truth, size, variables
from solver.work import check_left, spend

Spans = tuple[tuple[int, int], ...]


def union(left: Spans, right: Spans) -> Spans:
    """The members of either."""
    found: list[tuple[int, int]] = []
    for first, last in sorted((*left, *right)):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def difference(left: Spans, right: Spans) -> Spans:
    """The members of `left` that `right` does not have."""
    found: list[tuple[int, int]] = []
    for first, last in left:
        for other_first, other_last in right:
            if other_last < first or other_first > last:
                continue
            if other_first > first:
                found.append((first, other_first - 1))
            first = other_last + 1
        if first <= last:
            found.append((first, last))
    return tuple(found)


def intersection(left: Spans, right: Spans) -> Spans:
    """The members of both."""
    return difference(left, difference(left, right))


def true_days(conditions: Iterable[Condition], completion: Environment, first: int, last: int) -> Spans:
    """The days between the two on which all conditions certainly hold, everything but the day being as in the completion.

    Raises `OutOfBudget`.
    """
    found: Spans = ((first, last),)
    for condition in conditions:
        holding: Spans = ()
        for low, high in found:
            holding = union(holding, _days_of(condition, completion, low, high))
        found = holding
        if not found:
            break
    return found


def _days_of(condition: Condition, completion: Environment, first: int, last: int) -> Spans:
    """The days between the two on which one condition certainly holds."""
    days = Interval(first, last, whole=True)
    spend(4 * size(condition))
    check_left()
    left = simplify(condition, {**completion, AS_OF: days})
    if isinstance(left, Truth):
        return ((first, last),) if left.value else ()
    if first == last or AS_OF not in variables(left):
        return ()
    cut = _day_to_cut(left, days)
    return union(_days_of(left, completion, first, cut), _days_of(left, completion, cut + 1, last))


def _day_to_cut(condition: Condition, days: Interval) -> int:
    """A day after which some comparison of the condition changes; the middle where none is seen to."""
    for comparison in comparisons([condition]):
        for at in breaks(comparison, AS_OF, days) or ():
            for day in (math.ceil(at) - 1, math.floor(at)):
                if days.low <= day < days.high:
                    return day
    return int(days.low + days.high) // 2
