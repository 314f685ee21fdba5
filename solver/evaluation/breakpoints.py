"""The values of a variable in cells within which no criterion changes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from contextlib import suppress
from fractions import Fraction

from solver.evaluation.evaluate import bounds
from solver.language.calendar import last_day_completing
from solver.language.domain import BOTH, Inconsistent, Interval, Number, intersect
from solver.language.tree import (
    Compare,
    CompletedYears,
    Condition,
    Constant,
    Member,
    NumberVariable,
    Product,
    Sum,
    Term,
    variables,
    walk,
)


def memberships(conditions: Iterable[Condition]) -> list[Member]:
    """Every membership in the conditions."""
    return [part for condition in conditions for part in walk(condition) if isinstance(part, Member)]


def alike(
    members: Iterable[Member], name: str, domain: frozenset[bool] | frozenset[str]
) -> list[frozenset[bool] | frozenset[str]]:
    """The values in groups that no membership tells apart: each that one names, and the rest together."""
    if domain == BOTH:
        return [frozenset({True}), frozenset({False})]
    named = {value for part in members if part.name == name for value in part.values}
    rest = domain - named
    groups: list[frozenset[bool] | frozenset[str]] = [
        frozenset({value}) for value in sorted(map(str, domain & named))
    ]
    return [*groups, rest] if rest else groups


def comparisons(conditions: Iterable[Condition]) -> list[Compare]:
    """Every comparison in the conditions."""
    return [part for condition in conditions for part in walk(condition) if isinstance(part, Compare)]


def breaks(comparison: Compare, name: str, domain: Interval) -> list[Fraction] | None:
    """The values of the variable at which a comparison of it alone can change; None if it is not of that kind."""
    ages = [part for part in walk(comparison) if isinstance(part, CompletedYears)]
    if variables(comparison) != {name}:
        return None
    if ages:
        known = {name: domain}
        end = bounds(ages[0].end, known)
        years = bounds(ages[0], known)
        if not end.exact:
            return None
        spans = range(int(years.low), int(years.high) + 2)
        return [Fraction(last_day_completing(each, int(end.low)) + 1) for each in spans]
    left, right = _linear(comparison.left, name), _linear(comparison.right, name)
    if left is None or right is None:
        return None
    slope, offset = left[0] - right[0], right[1] - left[1]
    return [offset / slope] if slope else []


def _linear(term: Term, name: str) -> tuple[Fraction, Fraction] | None:
    """Slope and offset of a term that is linear in the variable and mentions no other."""
    match term:
        case Constant(value):
            return Fraction(0), value
        case NumberVariable():
            return Fraction(1), Fraction(0)
        case Sum(parts):
            lines = [_linear(part, name) for part in parts]
            known = [line for line in lines if line is not None]
            if len(known) < len(lines):
                return None
            return sum((a for a, _ in known), Fraction(0)), sum((b for _, b in known), Fraction(0))
        case Product(parts):
            slope, offset = Fraction(0), Fraction(1)
            for part in parts:
                line = _linear(part, name)
                if line is None or (line[0] and slope):
                    return None
                slope, offset = slope * line[1] + line[0] * offset, offset * line[1]
            return slope, offset
        case _:
            return None


def cells(domain: Interval, cuts: Sequence[Fraction]) -> list[Interval]:
    """The domain cut at the numbers given into points and open intervals, in order."""
    cells: list[Interval] = []
    before: Number = -math.inf
    ends: list[Number] = [*cuts, math.inf]
    for at in ends:
        for cell in (Interval(before, at, True, True), Interval(at, at)):
            if cell.low != math.inf:
                try:
                    cells.append(intersect(cell, domain))
                except Inconsistent:
                    continue
        before = at
    return cells


def complement(domain: Interval, parts: Sequence[Interval]) -> tuple[Interval, ...]:
    """What of the domain lies in none of the parts, which are disjoint and in order."""
    left: list[Interval] = []
    low, low_open = domain.low, domain.low_open
    for part in (*parts, None):
        if part is None:
            gap = Interval(low, domain.high, low_open, domain.high_open)
        else:
            gap = Interval(low, part.low, low_open, not part.low_open)
            low, low_open = part.high, not part.high_open
        with suppress(Inconsistent):
            left.append(intersect(gap, domain))
    return tuple(left)


def append_cell(allowed: list[Interval], cell: Interval) -> None:
    """Add a cell to the allowed ones, joined to the last where they touch."""
    if allowed:
        last = allowed[-1]
        touching = last.high == cell.low and not (last.high_open and cell.low_open)
        adjacent = cell.whole and last.high + 1 == cell.low
        if touching or adjacent:
            allowed[-1] = Interval(last.low, cell.high, last.low_open, cell.high_open, cell.whole)
            return
    allowed.append(cell)
