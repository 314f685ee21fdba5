"""On which days conditions hold of a completion: the days are split where one comparison changes, not one by one.

With a dose on 1 March, `dose + 14 days <= day` and `day <= dose + 1 month` over the days of March and April: the first changes on 15 March,
and holds on no day before and on all days from then on; within these the second changes after 1 April. What is found is one span, 15
March to 1 April, after a handful of evaluations.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from solver.engine.days.day_sets import Spans, union
from solver.evaluation.breakpoints import breaks, comparisons
from solver.evaluation.simplify import simplify
from solver.language.domain import Environment, Interval
from solver.language.tree import AS_OF, Condition, Truth, size, variables
from solver.work import check_left, spend


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
