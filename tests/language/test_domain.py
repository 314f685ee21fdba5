"""Domains: what is worked out of their ends is exact, or rounded outward."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from solver.language.domain import Interval, root

POSITIVE = st.one_of(st.fractions(min_value=0), st.integers(0, 10**40).map(Fraction))


@given(POSITIVE, st.integers(1, 7))
def test_roots_are_rounded_outward_by_no_more_than_a_billionth(number: Fraction, exponent: int) -> None:
    """The root of a number lies in what is said of it, and the root of a power is told exactly."""
    low, high, *_ = root(Interval(number, number), exponent)
    assert low**exponent <= number <= high**exponent
    assert high - low <= Fraction(1, 10**9)
    assert root(Interval(number**exponent, number**exponent), exponent)[:2] == (number, number)
