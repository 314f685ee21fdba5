"""A condition whose parts are shared with others has the same value, and what is equal in it is one object."""

from __future__ import annotations

from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st

from solver.evaluation.shared_conditions import SharedConditions
from solver.language.domain import Domain
from solver.language.tree import And, BooleanVariable, Condition, Not, Or, negation
from tests.support.drawing.conditions import Point, boxes, conditions, is_true
from tests.support.drawing.drawn import drawn


@drawn(200)
@given(st.lists(conditions(), min_size=1, max_size=4), boxes())
def test_what_is_left_and_its_parts_have_the_value_of_the_condition(
    several: list[Condition], box: tuple[dict[str, Domain], Point]
) -> None:
    """At each point of the box, for conditions and what is made of them, whatever was asked before."""
    known, at = box
    shared = SharedConditions(known)
    for each in (*several, Or(tuple(several)), Not(And(tuple(several))), *map(negation, several)):
        expected = is_true(each, at)
        assert is_true(shared.of(each), at) is expected
        assert all(is_true(part, at) for part in shared.parts(each)) is expected
        assert shared.negation(shared.negation(shared.of(each))) is shared.of(each)


@drawn(100)
@given(conditions(), boxes())
def test_equal_conditions_leave_one_object(one: Condition, box: tuple[dict[str, Domain], Point]) -> None:
    """A condition and its copy, and each part of both, with and without a `not`."""
    known, _ = box
    shared, again = SharedConditions(known), deepcopy(one)
    assert shared.of(one) is shared.of(again)
    assert shared.of(Not(one)) is shared.of(Not(again))
    assert [*map(id, shared.parts(one))] == [*map(id, shared.parts(again))]


def test_flags_are_told_part_by_part() -> None:
    """That neither holds is two things, each the denial of what is asked elsewhere."""
    both = frozenset({False, True})
    shared = SharedConditions({"p": both, "q": both})
    p, q = BooleanVariable("p"), BooleanVariable("q")
    neither = shared.parts(Not(Or((p, q))))
    assert neither == (Not(p), Not(q))
    assert neither[0] is shared.of(Not(BooleanVariable("p")))
    assert shared.parts(And((q, p)))[1] is shared.of(p)
