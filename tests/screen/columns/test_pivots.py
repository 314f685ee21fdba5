"""A number that an equation fixes is told by the other side of the equation."""

from __future__ import annotations

from fractions import Fraction

from solver.evaluation.evaluate import evaluate
from solver.language import tree as t
from solver.language.domain import Environment, Interval, point
from solver.library.models import Axiom
from solver.screen.columns.pivots import pivots


def number(name: str) -> t.NumberVariable:
    """A quantity."""
    return t.NumberVariable(name, "real")


def constant(value: int) -> t.Constant:
    """A number."""
    return t.Constant(Fraction(value))


EQUATION = t.Compare(
    "==",
    t.Product((t.Power(number("a"), 2), number("b"))),
    t.Product((constant(60), t.Power(number("x"), 2))),
)
AXIOM = Axiom("E", "an equation", "none", EQUATION, ("x",))


def test_a_number_with_a_constant_factor_comes_first() -> None:
    """It is fixed whatever the others are."""
    assert [each.name for each in pivots(AXIOM)] == ["x", "a", "b"]
    assert pivots(Axiom("E", "", "", t.Compare("<=", number("a"), number("x")))) == []


def test_a_limit_is_rewritten() -> None:
    """Of `2 * 2 * 15 == 60 * x * x` the root is 1: it is at most 1, and not below it, and within ranges that hold 1."""
    known: Environment = {"a": point(2), "b": point(15)}
    [pivot, *_] = pivots(AXIOM)
    for relation, expected in (("<=", True), ("<", False)):
        rewritten = pivot.rewritten(t.Compare(relation, number("x"), constant(1)))  # type: ignore[arg-type]
        assert rewritten is not None
        assert evaluate(rewritten, known) is expected
    assert evaluate(pivot.solvable(Interval(1, 3)), known) is True
    assert evaluate(pivot.solvable(Interval(2, 3)), known) is False
    assert evaluate(pivot.positive(), known) is True


def test_what_else_is_said_of_it_is_not_rewritten() -> None:
    """Such as a sum, or a comparison with a number that may be negative."""
    [pivot, *_] = pivots(AXIOM)
    assert pivot.rewritten(t.Compare("<", t.Sum((number("x"), number("b"))), constant(1))) is None
    assert pivot.rewritten(t.Compare("<", number("x"), constant(-1))) is None
