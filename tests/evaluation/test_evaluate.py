"""Evaluation on what is known: exact at a point, and sound on a box."""

from __future__ import annotations

from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st

from solver.evaluation.evaluate import bounds, evaluate
from solver.language.domain import Domain
from solver.language.tree import (
    Condition,
    Term,
)
from tests.support.drawing.conditions import (
    Point,
    boxes,
    conditions,
    dates,
    exactly,
    is_true,
    numbers,
    value_of,
)
from tests.support.drawing.drawn import drawn


@drawn(200)
@given(conditions(), boxes())
def test_evaluation_at_a_point_is_exact(condition: Condition, box: tuple[dict[str, Domain], Point]) -> None:
    """On exact values a condition is true or false, never unknown, and it is what its parts say."""
    assert evaluate(condition, exactly(box[1])) is is_true(condition, box[1])


@drawn(250)
@given(conditions(), boxes())
def test_evaluation_on_a_box_is_sound(condition: Condition, box: tuple[dict[str, Domain], Point]) -> None:
    """What is said to be true, or false, on a box is so at each of its points."""
    known, at = box
    assert evaluate(condition, known) in (None, is_true(condition, at))


@drawn(200)
@given(st.one_of(numbers(), dates(2)), boxes())
def test_bounds_hold_every_value(term: Term, box: tuple[dict[str, Domain], Point]) -> None:
    """The bounds of a term on a box hold its value at each point, and at a point they are that value."""
    known, at = box
    assert value_of(term, at) in bounds(term, known)
    assert bounds(term, exactly(at))[:2] == (value_of(term, at), value_of(term, at))


@drawn(200)
@given(st.one_of(numbers(), dates(2)), st.lists(boxes(), min_size=2, max_size=3), st.data())
def test_bounds_do_not_hang_on_what_was_asked_before(
    term: Term, drawn_boxes: list[tuple[dict[str, Domain], Point]], data: st.DataObject
) -> None:
    """Asked of several boxes in turn, which share some domains, a term has the bounds that a copy of it has."""
    parts = [known for known, _ in drawn_boxes]
    mixed = [{name: data.draw(st.sampled_from(parts))[name] for name in parts[0]} for _ in range(3)]
    for known in (*parts, *mixed, *parts):
        assert bounds(term, known) == bounds(deepcopy(term), known)
