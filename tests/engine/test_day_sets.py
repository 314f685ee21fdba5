"""Spans of whole numbers against the sets that they stand for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from solver.engine.days.day_sets import Spans, difference, intersection, union

NUMBERS = st.frozensets(st.integers(0, 12))


def spans(numbers: frozenset[int]) -> Spans:
    """The spans of a set, one number after another."""
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)


@given(NUMBERS, NUMBERS)
def test_operations_on_spans_are_those_on_sets(left: frozenset[int], right: frozenset[int]) -> None:
    """Union, difference and intersection have the members of the sets', in the one form that a set has."""
    assert union(spans(left), spans(right)) == spans(left | right)
    assert difference(spans(left), spans(right)) == spans(left - right)
    assert intersection(spans(left), spans(right)) == spans(left & right)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), max_size=6))
def test_spans_that_overlap_or_touch_are_joined(pairs: list[tuple[int, int]]) -> None:
    """A union takes spans in any order, overlapping or touching, and gives the one form."""
    given_spans = tuple((first, first + more) for first, more in pairs)
    members = frozenset(number for first, last in given_spans for number in range(first, last + 1))
    assert union(given_spans, ()) == spans(members)


def test_no_days_are_no_spans() -> None:
    """Nothing has no spans, and taking everything away leaves none."""
    assert union((), ()) == difference((), ((1, 2),)) == difference(((3, 4),), ((1, 9),)) == ()
