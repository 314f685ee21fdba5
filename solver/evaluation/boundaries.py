"""Where the conditions on one variable turn, and the values beside such a place that a person would write down."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

from solver.evaluation.breakpoints import comparisons
from solver.evaluation.narrow import Narrowing, assume
from solver.evaluation.simplify import simplify
from solver.language.domain import Environment, Inconsistent, Interval
from solver.language.tree import Compare, Condition, variables
from solver.language.types import QuantityType, VariableType

_FINEST = 3
"""Decimals of the finest step."""


def turns(conditions: Iterable[Condition], name: str, known: Environment) -> list[Fraction]:
    """The values of a number at which a comparison of it can turn, in order; the other variables are as they are `known`.

    Of whole numbers and days both the last value on one side and the first on the other are among them. Only comparisons count in which
    every other variable has one value.
    """
    found: set[Fraction] = set()
    for comparison in comparisons(simplify(condition, known) for condition in conditions):
        if variables(comparison) == {name}:
            found.update(_ends(comparison, name, known))
    return sorted(found)


def _ends(comparison: Compare, name: str, known: Environment) -> Iterable[Fraction]:
    before = known[name]
    assert isinstance(before, Interval)
    for truth in (True, False):
        narrowed: Narrowing = {**known, name: before}
        try:
            assume(comparison, truth, narrowed, set())
        except Inconsistent:
            continue
        after = narrowed[name]
        assert isinstance(after, Interval)
        for end, old in ((after.low, before.low), (after.high, before.high)):
            if end != old and not isinstance(end, float):
                yield Fraction(end)


def step_at(at: Fraction, kind: VariableType) -> Fraction:
    """The smallest difference that a person would tell beside a value: one for whole numbers and days, else by its size.

    A quantity is told in three digits, a whole one in at most one decimal, and none as finer than its own decimals or 0.001.
    """
    if not isinstance(kind, QuantityType) or at >= 100 or at == 0:
        return Fraction(1)
    if at.denominator == 1:
        return Fraction(1, 10)
    places = 2 if at >= 1 else 1 - math.floor(math.log10(at))
    return Fraction(1, 10 ** min(_FINEST, places))


def beside(at: Fraction, kind: VariableType) -> list[Fraction]:
    """A value and the next ones before and after it that a person would write down; without it where it has more digits."""
    step = step_at(at, kind)
    low, high = math.floor(at / step) * step, math.ceil(at / step) * step
    found = [low - step, at, high + step] if low == high else [low, high]
    return [value for value in found if value >= 0]
