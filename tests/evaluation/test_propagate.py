"""What conditions force together: no completion is lost, and one that is built is a proof."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.evaluation.evaluate import evaluate
from solver.evaluation.propagate import Conditions, complete, pin
from solver.language.domain import BOTH, Domain, Inconsistent, Interval, is_exact
from solver.language.tree import (
    BooleanVariable,
    Compare,
    Condition,
    Iff,
    Not,
    NumberVariable,
    Product,
    Sum,
    conjunction,
    disjunction,
    variables,
)
from solver.work import allowed
from tests.support.drawing.conditions import (
    KINDS,
    Point,
    boxes,
    conditions,
    inside,
    is_true,
)
from tests.support.drawing.drawn import drawn


@drawn(150)
@given(st.lists(conditions(1), min_size=1, max_size=4), boxes())
def test_closing_loses_no_completion(parts: list[Condition], box: tuple[dict[str, Domain], Point]) -> None:
    """The closure under conditions keeps each point that satisfies all of them, however it is begun."""
    known, at = box
    stated = Conditions([part if is_true(part, at) else Not(part) for part in parts])
    closed = dict(known)
    stated.close(closed)
    assert inside(at, closed)
    stated.close(closed, stated.index)
    assert inside(at, closed)


@drawn(150)
@given(st.lists(conditions(1), min_size=1, max_size=4), boxes())
def test_a_completion_is_a_proof(parts: list[Condition], box: tuple[dict[str, Domain], Point]) -> None:
    """A completion lies within what is known and makes every condition certainly true; where none can be, none is built."""
    known, at = box
    try:
        found = complete(Conditions(parts), known)
    except Inconsistent:
        assert not all(is_true(part, at) for part in parts)
        return
    if found is None:
        return
    assert all(evaluate(part, found) is True for part in parts)
    for name, values in found.items():
        ours = known[name]
        if isinstance(ours, Interval) and isinstance(values, Interval):
            assert ours.low <= values.low <= values.high <= ours.high
            assert not (ours.low_open and values.low == ours.low and not values.low_open)
            assert not (ours.high_open and values.high == ours.high and not values.high_open)
        else:
            assert isinstance(values, frozenset)
            assert values
            assert values <= ours  # type: ignore[operator]


@drawn(150)
@given(st.lists(conditions(1), min_size=1, max_size=4), boxes(), st.sets(st.sampled_from(sorted(KINDS))))
def test_what_is_known_to_be_open_is_completed_as_any(
    parts: list[Condition], box: tuple[dict[str, Domain], Point], changed: set[str]
) -> None:
    """Of conditions that are open, those of which nothing was narrowed need not be evaluated: what is found, and the work, are the same."""
    known, _ = box
    left = Conditions([part for part in parts if evaluate(part, known) is None])
    ways: list[tuple[object, int]] = []
    for opened in (False, True):
        with allowed(10**9) as allowance:
            found: object = "inconsistent"
            with suppress(Inconsistent):
                found = complete(left, known, changed, opened=opened)
            ways.append((found, allowance.left))
    assert ways[0] == ways[1]


@drawn(75)
@given(st.lists(conditions(1), min_size=1, max_size=3), boxes(), st.booleans())
def test_pinning_gives_one_value_each(
    parts: list[Condition], box: tuple[dict[str, Domain], Point], highest: bool
) -> None:
    """A pinned box has one value for each of the named variables, and lies within what is known."""
    known, at = box
    stated = Conditions([part if is_true(part, at) else Not(part) for part in parts])
    closed = dict(known)
    stated.close(closed)
    pinned = pin(stated, closed, sorted(KINDS), highest=highest)
    if pinned is None:
        return
    assert all(is_exact(pinned[name]) for name in KINDS)
    values = {
        name: next(iter(values)) if isinstance(values, frozenset) else Fraction(values.low)  # type: ignore[union-attr]
        for name, values in pinned.items()
    }
    assert inside(values, known)


def test_a_box_in_which_a_condition_is_false_has_no_completion(monkeypatch: pytest.MonkeyPatch) -> None:
    """Narrowing that was cut short can leave such a box: the search goes no further into it."""
    monkeypatch.setattr(Conditions, "close", lambda *_: None)
    box: dict[str, Domain] = {"a": frozenset({True}), "b": frozenset({False})}
    same = Iff(BooleanVariable("a"), BooleanVariable("b"))
    assert complete(Conditions([same]), box) is None
    assert complete(Conditions([conjunction([same, BooleanVariable("a")])]), box) is None


def test_an_equivalence_with_one_known_side_is_completed_on_the_other() -> None:
    """That `a` is the same as `b or c` has a completion in which `a` holds, and one in which it does not."""
    a, b, c = (BooleanVariable(name) for name in "abc")
    either = disjunction([b, c])
    box: dict[str, Domain] = dict.fromkeys("abc", BOTH)
    for same in (Iff(a, either), Iff(either, a)):
        for goal in (a, Not(a)):
            found = complete(Conditions([same, goal]), box)
            assert found is not None
            assert evaluate(same, found) is evaluate(goal, found) is True


def test_a_choice_that_narrows_nothing_is_not_made_again() -> None:
    """Of a product and a sum, one of which is to be large, values are tried where assuming either narrows nothing."""
    x, y = (NumberVariable(name, "real") for name in ("x", "y"))
    wide = Interval(Fraction(0), Fraction(100))
    either = disjunction(
        [Compare("<", Product((x, y)), Sum((x, y))), Compare("<", Sum((x, y)), Product((x, y)))]
    )
    found = complete(Conditions([either]), {"x": wide, "y": wide})
    assert found is not None
    assert evaluate(either, found) is True


def test_as_many_choices_are_made_as_conditions_are_open() -> None:
    """Of a hundred that have nothing to do with one another each takes one."""
    pairs = [
        disjunction([BooleanVariable(f"a{i}"), BooleanVariable(f"b{i}"), BooleanVariable(f"c{i}")])
        for i in range(100)
    ]
    box: dict[str, Domain] = {name: BOTH for pair in pairs for name in variables(pair)}
    assert complete(Conditions(pairs), box) is not None
