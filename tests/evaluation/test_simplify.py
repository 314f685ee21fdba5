"""A condition that is made simpler by what is known has the same value."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given

from solver.evaluation.simplify import simplify
from solver.language.domain import Domain, Interval
from solver.language.tree import (
    And,
    BooleanVariable,
    Compare,
    Condition,
    Constant,
    Count,
    Not,
    NumberVariable,
    Or,
    Sum,
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


def test_what_nothing_is_decided_of_stays_the_same_object() -> None:
    """What is found of a condition is kept for the object, and serves where nothing in it is decided; else a new one is made."""
    flag, other = BooleanVariable("flag"), BooleanVariable("other")
    counted = Sum((NumberVariable("level", "int"), Count((flag, Not(other)))))
    condition = And((Or((Not(flag), other)), Compare("<=", counted, Constant(Fraction(8)))))
    both = frozenset({True, False})
    known: dict[str, Domain] = {"flag": both, "other": both, "level": Interval(0, 20, whole=True)}
    assert simplify(condition, known) is condition
    assert simplify(condition, {**known, "flag": frozenset({True})}) != condition
