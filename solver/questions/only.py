"""The values that one requirement allows and another does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from solver.language.domain import Inconsistent, Interval, intersect
from solver.questions.answers import Requirement, Values
from solver.questions.cells import complement


def only(some: Requirement, others: Requirement) -> Values | None:
    """The values that the first allows and the second does not; None if there is none, or if it is not known."""
    if some.allowed is None or others.allowed is None:
        return None
    if isinstance(some.possible, Interval):
        assert isinstance(some.allowed, tuple)
        assert isinstance(others.allowed, tuple)
        left = complement(some.possible, others.allowed)
        return tuple(part for one in some.allowed for part in _common(one, left)) or None
    return (some.allowed - others.allowed) or None  # type: ignore[operator]


def _common(one: Interval, parts: Iterable[Interval]) -> Iterator[Interval]:
    for part in parts:
        with suppress(Inconsistent):
            yield intersect(one, part)
