"""A condition that is made simpler by what is known has the same value."""

from __future__ import annotations

from hypothesis import given

from solver.evaluation.simplify import simplify
from solver.language.domain import Domain
from solver.language.tree import (
    Condition,
    variables,
)
from tests.support.drawing.conditions import (
    Point,
    boxes,
    conditions,
    is_true,
)
from tests.support.drawing.drawn import drawn


@drawn(250)
@given(conditions(), boxes())
def test_simplifying_preserves_the_value(condition: Condition, box: tuple[dict[str, Domain], Point]) -> None:
    """A simplified condition has the same value at each point of the box, and speaks of no more."""
    known, at = box
    simple = simplify(condition, known)
    assert is_true(simple, at) is is_true(condition, at)
    assert variables(simple) <= variables(condition)
