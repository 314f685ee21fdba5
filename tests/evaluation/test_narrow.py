"""Narrowing what is known by a condition that holds: nothing that satisfies it is lost."""

from __future__ import annotations

from hypothesis import given

from solver.evaluation.narrow import assume
from solver.language.domain import Domain, Inconsistent
from solver.language.tree import (
    Condition,
    variables,
)
from tests.support.drawing.conditions import (
    Point,
    boxes,
    conditions,
    inside,
    is_true,
)
from tests.support.drawing.drawn import drawn


@drawn(300)
@given(conditions(), boxes())
def test_narrowing_keeps_every_satisfying_point(
    condition: Condition, box: tuple[dict[str, Domain], Point]
) -> None:
    """Assuming a condition never loses a point at which it has that truth value, and names what it narrowed."""
    known, at = box
    narrowed, changed = dict(known), set()
    assume(condition, is_true(condition, at), narrowed, changed)
    assert inside(at, narrowed)
    assert {name for name in known if narrowed[name] != known[name]} <= changed <= variables(condition)


@drawn(150)
@given(conditions(), boxes())
def test_narrowing_fails_only_where_nothing_is_left(
    condition: Condition, box: tuple[dict[str, Domain], Point]
) -> None:
    """Where assuming a condition finds nothing left, no point of the box has that truth value."""
    known, at = box
    for truth in (True, False):
        try:
            assume(condition, truth, dict(known), set())
        except Inconsistent:
            assert is_true(condition, at) is not truth
