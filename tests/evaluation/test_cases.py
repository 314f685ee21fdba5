"""Refuting by cases: what is refuted cannot hold, and cases see what narrowing alone does not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from solver.evaluation.cases import refuted
from solver.evaluation.propagate import Conditions
from solver.language.domain import BOTH, Domain, Interval
from solver.language.tree import (
    BooleanVariable,
    Compare,
    Condition,
    Constant,
    Iff,
    Not,
    NumberVariable,
    Or,
    Sum,
)
from tests.support.drawing.conditions import Point, boxes, conditions, is_true
from tests.support.drawing.drawn import drawn


@drawn(150)
@given(st.lists(conditions(2), min_size=1, max_size=4), boxes(), st.integers(0, 20))
def test_what_holds_somewhere_is_not_refuted(
    parts: list[Condition], box: tuple[dict[str, Domain], Point], cases: int
) -> None:
    """Conditions that are all true at a point of the box are not refuted, by however many cases."""
    known, at = box
    assert not refuted(Conditions([part if is_true(part, at) else Not(part) for part in parts]), known, cases)


A, B, C = map(BooleanVariable, "abc")


def test_cases_see_what_narrowing_does_not() -> None:
    """Each of two cases is refuted by narrowing; without any case nothing is seen, and without the last condition there is nothing."""
    parts = [Or((A, Not(B))), Or((B, A)), Or((Not(A), C)), Or((Not(A), Not(C)))]
    known = {"a": BOTH, "b": BOTH, "c": BOTH}
    assert refuted(Conditions(parts), known, 2)
    assert not refuted(Conditions(parts), known, 0)
    assert not refuted(Conditions(parts[:3]), known, 20)


def test_cases_within_a_condition_and_on_either_side_of_an_equivalence() -> None:
    """`a is b`, `b is c` and `a is not c` fall into cases, each of which narrowing refutes."""
    parts = [Iff(A, B), Iff(B, C), Iff(A, Not(C))]
    known = {"a": BOTH, "b": BOTH, "c": BOTH}
    assert refuted(Conditions(parts), known, 4)
    assert not refuted(Conditions(parts[:2]), known, 20)


def test_what_falls_into_no_cases_is_left_open() -> None:
    """Two sums that cannot both be small: nothing narrows, and no condition falls into parts."""
    one, other, third = (NumberVariable(name, "real") for name in "xyz")
    known = dict.fromkeys("xyz", Interval(0, 10))
    parts = [
        Compare("<=", Sum((one, other)), third),
        Compare("<", Sum((third, Constant(1))), Sum((one, other))),
    ]
    assert not refuted(Conditions(parts), known, 20)
