"""Where a condition can change along a number: nowhere else, whatever the rest of the patient is."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from solver.evaluation.breakpoints import breaks, cells
from solver.evaluation.compared_parts import comparisons
from solver.language.domain import Domain, Interval
from solver.language.tree import (
    BooleanVariable,
    Choice,
    Compare,
    Condition,
    Constant,
    Count,
    Largest,
    NumberVariable,
    Term,
)
from tests.support.drawing.conditions import Point, boxes, conditions, is_true
from tests.support.drawing.drawn import drawn

V = NumberVariable("v", "real")
P, Q = BooleanVariable("p"), BooleanVariable("q")


def number(value: int) -> Constant:
    """A number as a term."""
    return Constant(Fraction(value))


def places(left: Term, right: Term) -> list[Fraction] | None:
    """Where `left <= right` can change along a quantity."""
    return breaks(Compare("<=", left, right), "v", Interval(0, 100))


def some_of(cell: Interval) -> list[Fraction]:
    """A few numbers of a cell, spread over it."""
    low = Fraction(cell.low)
    high = low + 100 if isinstance(cell.high, float) else Fraction(cell.high)
    numbers = [low + (high - low) * part / 7 for part in (0, 1, 3, 6, 7)]
    return [n for n in (Fraction(round(n)) if cell.whole else n for n in numbers) if n in cell]


def test_a_limit_that_flags_choose_or_count_is_each_that_it_can_be() -> None:
    """5 with the flag and 2 without, and every number of conditions that hold."""
    assert places(V, Choice(P, number(5), number(2))) == [2, 5]
    assert places(V, Count((P, Q))) == [0, 1, 2]
    assert places(Choice(P, V, number(7)), number(3)) == [3]
    assert places(Largest((V, number(7))), number(9)) == [9]


def test_a_number_that_only_a_condition_within_speaks_of_moves_no_limit() -> None:
    """`5 with more than 3 of it, else 2` changes at 3, which the comparison within says."""
    other = NumberVariable("w", "real")
    comparison = Compare("<=", other, Choice(Compare("<", number(3), V), number(5), number(2)))
    assert breaks(comparison, "v", Interval(0, 100)) == []
    found = [breaks(each, "v", Interval(0, 100)) for each in comparisons([comparison])]
    assert found == [[], [3]]


def test_what_hangs_on_another_number_is_not_told() -> None:
    """Where the other number moves the limit there is no list of places."""
    assert places(V, Choice(P, NumberVariable("w", "real"), number(2))) is None


@drawn(50)
@given(conditions(), boxes(), st.sampled_from("mvde"))
def test_a_condition_changes_at_its_breaks_alone(
    condition: Condition, box: tuple[dict[str, Domain], Point], name: str
) -> None:
    """Between two neighbouring breaks a condition is as true of one value as of another."""
    known, at = box
    domain = known[name]
    assert isinstance(domain, Interval)
    cuts: set[Fraction] = set()
    for comparison in comparisons([condition]):
        found = breaks(comparison, name, domain)
        if found is None:
            return
        cuts.update(found)
    for cell in cells(domain, sorted(cuts)):
        assert len({is_true(condition, {**at, name: value}) for value in some_of(cell)}) == 1
