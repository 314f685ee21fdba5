"""The values that one requirement allows and another does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from solver.engine.answer import Requirement, Values
from solver.evaluation.breakpoints import complement
from solver.language.domain import Inconsistent, Interval, intersect


def only(some: Requirement, others: Requirement) -> Values | None:
    """The values that the first allows and the second does not; None if there is none, or if it is not known."""
    if some.allowed is None or others.allowed is None:
        return None
    if isinstance(some.possible, Interval):
        assert isinstance(some.allowed, tuple)
        assert isinstance(others.allowed, tuple)
        left = complement(some.possible, others.allowed)
        return tuple(_common_parts(some.allowed, left)) or None
    return (some.allowed - others.allowed) or None  # type: ignore[operator]


def _common_parts(some: Sequence[Interval], others: Sequence[Interval]) -> Iterator[Interval]:
    """What lies in one of the intervals of each kind; those of a kind are disjoint and in order."""
    one = other = 0
    while one < len(some) and other < len(others):
        left, right = some[one], others[other]
        with suppress(Inconsistent):
            yield intersect(left, right)
        if (left.high, not left.high_open) <= (right.high, not right.high_open):
            one += 1
        else:
            other += 1
