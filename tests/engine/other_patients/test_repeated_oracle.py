"""An oracle that learns from what it was asked says what one says that is asked each question alone."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from solver.engine.oracle import Oracle
from solver.engine.other_patients.repeated_oracle import RepeatedOracle
from solver.evaluation.evaluate import evaluate
from solver.evaluation.propagate import Conditions, certain
from solver.language.domain import Domain, Inconsistent, Interval
from solver.language.tree import BooleanVariable, Compare, Condition, Constant, NumberVariable, negation
from solver.language.types import (
    BooleanType,
    DateType,
    EnumerationType,
    IntegerType,
    QuantityType,
    VariableType,
)
from solver.language.units import parse_unit
from solver.work import Budget, OutOfBudget, allowed
from tests.support.drawing.conditions import KINDS, LETTERS, Point, boxes, conditions, is_true
from tests.support.drawing.drawn import drawn

QUICK = Budget(steps=200_000, seconds=10)
TYPES: dict[str, VariableType] = {
    name: {
        "boolean": BooleanType(),
        "enumeration": EnumerationType(LETTERS),
        "int": IntegerType(),
        "date": DateType(),
        "real": QuantityType(parse_unit("1")),
    }[kind]
    for name, kind in KINDS.items()
} | {"as_of": DateType()}


def theory_left(theory: list[Condition], known: dict[str, Domain], at: Point) -> list[Condition]:
    """A theory that holds at a point, which `known` is narrowed by, without what that settles."""
    theory = [each if is_true(each, at) else negation(each) for each in theory]
    with suppress(Inconsistent):
        Conditions(theory).close(known)
    return [each for each in theory if evaluate(each, known) is not True]


@drawn(60)
@given(
    boxes(), st.lists(conditions(1), max_size=2), st.lists(conditions(1), min_size=2, max_size=5), st.data()
)
def test_each_question_is_answered_as_if_it_were_the_only_one(
    box: tuple[dict[str, Domain], Point], theory: list[Condition], asked: list[Condition], data: st.DataObject
) -> None:
    """Whether there is somebody; and whoever is given meets all goals and the theory."""
    known, at = box
    left = theory_left(theory, known, at)
    repeated = RepeatedOracle(Oracle(TYPES, known, left, QUICK))
    goal = st.sampled_from([*asked, *map(negation, asked)])
    for goals in data.draw(st.lists(st.lists(goal, min_size=1, max_size=4), min_size=2, max_size=6)):
        try:
            expected = Oracle(TYPES, known, left, QUICK).possible(goals) is not None
            found = repeated.possible(goals)
        except OutOfBudget:
            continue
        assert (found is not None) is expected
        if all(is_true(each, at) for each in goals):
            assert found is not None
        if found is not None:
            assert certain(goals, found)
            assert repeated.has_met(goals)


@drawn(60)
@given(
    boxes(), st.lists(conditions(1), max_size=2), st.lists(conditions(1), min_size=2, max_size=5), st.data()
)
def test_goals_are_looked_at_apart_as_they_are_together(
    box: tuple[dict[str, Domain], Point], theory: list[Condition], asked: list[Condition], data: st.DataObject
) -> None:
    """An oracle that keeps what it found of some goals answers of them, and of others, as a new one does."""
    known, at = box
    left = theory_left(theory, known, at)
    kept = Oracle(TYPES, known, left, QUICK)
    for goals in data.draw(
        st.lists(st.lists(st.sampled_from(asked), min_size=1, max_size=4), min_size=2, max_size=6)
    ):
        with suppress(OutOfBudget), allowed(2_000_000):
            expected = Oracle(TYPES, known, left, QUICK).possible(goals) is not None
            kept.pool.clear()
            found = kept.possible_apart(goals)
            assert (found is not None) is expected
            if found is not None:
                assert certain(goals, found)
            for goal in goals:
                if evaluate(goal, known) is None:
                    assert kept.settle_open(goal, alone={}) is kept.settle_open(goal)


def _oracle() -> RepeatedOracle:
    known: dict[str, Domain] = {
        "p": frozenset({False, True}),
        "v": Interval(Fraction(0), Fraction(20)),
        "w": Interval(Fraction(0), Fraction(20)),
    }
    return RepeatedOracle(Oracle(TYPES, known, []))


def test_what_was_found_answers_what_is_asked_again() -> None:
    """A patient who was found meets what is less than what was asked; what nobody meets, nobody meets together with more."""
    oracle = _oracle()
    v, w = NumberVariable("v", "real"), NumberVariable("w", "real")
    high, low = Compare("<=", Constant(Fraction(8)), v), Compare("<", v, Constant(Fraction(5)))
    other, flag = Compare("<=", w, v), BooleanVariable("p")
    assert not oracle.has_met([high])
    assert oracle.possible([high, other]) is not None
    assert oracle.has_met([other])
    assert oracle.possible([high, low]) is None
    assert oracle.possible([flag, high, other, low]) is None
    assert oracle.calls == 0
