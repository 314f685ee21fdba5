"""The axes along which clauses split: numbers, ages, days or months between two dates, and ratios; where they do, and what lies between.

    age <= 40 or age >= 45        cuts just after 40 and just before 45
    cells                         0 to 40 | 41 to 44 | 45 and more

Months between two dates are no number: of them there are only comparisons of one date with the other moved by months. Nor is a ratio,
whose comparisons are multiplied out. Both have cuts and cells all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from math import ceil, floor, inf
from typing import Literal

from solver.dataclass import dataclass
from solver.evaluation.evaluate import bounds
from solver.language import tree as t
from solver.language.domain import Environment, Interval
from solver.language.types import QuantityType
from solver.library.chart_checks import Quotient
from solver.library.models import Library
from solver.questions.check.written_names import WrittenNames


@dataclass(frozen=True, slots=True)
class MonthsAfter:
    """How many calendar months one date lies after another, of which it may be a negative number."""

    start: t.Term
    end: t.Term


@dataclass(frozen=True, slots=True)
class RatioAxis:
    """A ratio that definitions give; `top` and `bottom` are its sides without their `factor`."""

    quotient: Quotient
    top: tuple[t.Term, ...]
    bottom: tuple[t.Term, ...]
    factor: Fraction


Axis = t.NumberVariable | t.CompletedYears | t.Sum | MonthsAfter | RatioAxis
"""A number, an age, the days or the months between two dates, or a ratio."""

End = Fraction | None

Cut = tuple[Fraction, bool]
"""A place between values of an axis: just before a number, or just after it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Values of an axis that every clause treats alike, in words and as a condition."""

    low: End
    high: End
    low_open: bool
    high_open: bool
    condition: t.Condition


def days_between(term: t.Term) -> bool:
    """Whether a term is the days between two dates."""
    return isinstance(term, t.Sum) and any(isinstance(part, t.Product) for part in term.parts)


def _is_axis(term: t.Term) -> bool:
    """Whether a term is an axis by itself."""
    if isinstance(term, t.CompletedYears):
        return isinstance(term.start, t.NumberVariable)
    if isinstance(term, t.Sum):
        dates = all(node.kind == "date" for node in t.walk(term) if isinstance(node, t.NumberVariable))
        return dates and days_between(term)
    return isinstance(term, t.NumberVariable) and term.kind != "date"


def ratio_axes(library: Library) -> tuple[RatioAxis, ...]:
    """The ratios that the definitions of a library give."""
    found = []
    for quotient in library.quotients:
        (above, top), (below, bottom) = map(_factored, (quotient.numerator, quotient.denominator))
        found.append(RatioAxis(quotient, top, bottom, quotient.scale * above / below))
    return tuple(found)


def _factored(term: t.Term) -> tuple[Fraction, tuple[t.Term, ...]]:
    """A term as a number times other terms."""
    parts = term.parts if isinstance(term, t.Product) else (term,)
    number = Fraction(1)
    for part in parts:
        if isinstance(part, t.Constant):
            number *= part.value
    return number, tuple(part for part in parts if not isinstance(part, t.Constant))


def cuts_of(compare: t.Compare, ratios: Sequence[RatioAxis] = ()) -> Iterator[tuple[Axis, Cut]]:
    """Where a comparison of an axis with a number changes along the axis."""
    yield from _cuts_of_months(compare)
    yield from _cuts_of_ratios(compare, ratios)
    for term, limit, above in ((compare.left, compare.right, True), (compare.right, compare.left, False)):
        if not (isinstance(limit, t.Constant) and _is_axis(term)):
            continue
        assert isinstance(term, t.NumberVariable | t.CompletedYears | t.Sum)
        for after in {True, False} if compare.relation == "==" else {(compare.relation == "<=") is above}:
            value = limit.value
            if t.integral(term):
                value, after = Fraction(floor(value) + 1 if after else ceil(value)), False
            yield term, (value, after)


def _cuts_of_months(compare: t.Compare) -> Iterator[tuple[Axis, Cut]]:
    for moved, other, above in ((compare.left, compare.right, True), (compare.right, compare.left, False)):
        if isinstance(moved, t.AddMonths) and not isinstance(other, t.AddMonths):
            # end >= start + 3 mo changes just before 3, and end > start + 3 mo just after it
            axis = MonthsAfter(moved.date, other)
            for after in {True, False} if compare.relation == "==" else {(compare.relation == "<") is above}:
                yield axis, (Fraction(moved.months), after)


def _cuts_of_ratios(compare: t.Compare, ratios: Sequence[RatioAxis]) -> Iterator[tuple[Axis, Cut]]:
    if not ratios:
        return
    left, right = _factored(compare.left), _factored(compare.right)
    for axis in ratios:
        for (a, low), (b, high), above in ((left, right, True), (right, left, False)):
            if low == axis.bottom and high == axis.top and b > 0:
                for after in (
                    {True, False} if compare.relation == "==" else {(compare.relation == "<") is above}
                ):
                    yield axis, (axis.factor * a / b, after)


def goes_up_and_down(condition: t.Condition, axis: Axis, ratios: Sequence[RatioAxis]) -> bool:
    """Whether a condition may be true, false and true again along an axis: some of its comparisons ask for more, and some for less."""
    found: set[bool] = set()
    pending = [(condition, True)]
    while pending:
        node, holds = pending.pop()
        match node:
            case t.Not(inner):
                pending.append((inner, not holds))
            case t.And(parts) | t.Or(parts):
                pending += [(part, holds) for part in parts]
            case t.Iff(left, right):
                pending += [(part, either) for part in (left, right) for either in (True, False)]
            case t.Compare():
                if any(each == axis for each, _ in cuts_of(node, ratios)):
                    asks_more = _asks_for_more(node, axis)
                    found |= {True, False} if asks_more is None else {asks_more is holds}
    return len(found) == 2


def _asks_for_more(compare: t.Compare, axis: Axis) -> bool | None:
    if compare.relation == "==":
        return None
    match axis:
        case MonthsAfter():
            return isinstance(compare.left, t.AddMonths)
        case RatioAxis():
            return _factored(compare.right)[1] == axis.top
    return compare.right == axis


def speaks_of(condition: t.Condition, axis: Axis, ratios: Sequence[RatioAxis]) -> bool:
    """Whether a condition compares an axis with anything."""
    if isinstance(axis, MonthsAfter | RatioAxis):
        compared = (node for node in t.walk(condition) if isinstance(node, t.Compare))
        return any(found == axis for node in compared for found, _ in cuts_of(node, ratios))
    return any(node == axis for node in t.walk(condition))


def bounds_of(axis: Axis, known: Environment) -> Interval:
    """Between which values an axis plausibly lies."""
    return Interval(-inf, inf) if isinstance(axis, MonthsAfter | RatioAxis) else bounds(axis, known)


def axis_words(axis: Axis, library: Library, written: WrittenNames) -> tuple[str, str]:
    """An axis in words, and its unit with a blank before it, if it has one."""
    match axis:
        case t.NumberVariable(name):
            variable = library.variables[name]
            kind = variable.type
            unit = f" {kind.unit.text}" if isinstance(kind, QuantityType) and kind.unit.text != "1" else ""
            definition = written.definition(name)
            return f"{variable.label} in {definition}" if definition else variable.label, unit
        case RatioAxis(quotient):
            return quotient.label, f" {quotient.unit}"
        case t.Sum() | MonthsAfter():
            terms = [axis] if isinstance(axis, t.Sum) else [axis.start, axis.end]
            names = sorted(name for term in terms for name in t.variables(term) if name in library.variables)
            word = "days" if isinstance(axis, t.Sum) else "months"
            return f"number of {word} between dates ({', '.join(dict.fromkeys(map(written.of, names)))})", ""
    return "age", ""


def whole(axis: Axis) -> bool:
    """Whether an axis has only whole numbers."""
    return not isinstance(axis, MonthsAfter | RatioAxis) and t.integral(axis)


def cells_between(axis: Axis, cuts: list[Cut], within: Interval) -> Iterator[Cell]:
    """What lies between neighbouring cuts of the axis, within its plausible range."""
    low = None if isinstance(within.low, float) else Fraction(within.low)
    high = None if isinstance(within.high, float) else Fraction(within.high)
    low_open = False
    for value, after in cuts:
        if (low is not None and (value, after) <= (low, low_open)) or (high is not None and value > high):
            continue
        end, end_open = (value - 1, False) if whole(axis) else (value, not after)
        yield _make_cell(axis, low, end, low_open, end_open)
        low, low_open = value, after
    if low is None or high is None or low < high or (low == high and not low_open):
        yield _make_cell(axis, low, high, low_open, False)


def _make_cell(axis: Axis, low: End, high: End, low_open: bool, high_open: bool) -> Cell:
    parts: list[t.Condition] = []
    if low is not None:
        parts.append(_compared(axis, low, "<" if low_open else "<=", above=True))
    if high is not None:
        parts.append(_compared(axis, high, "<" if high_open else "<=", above=False))
    return Cell(low, high, low_open, high_open, t.conjunction(parts))


def _compared(axis: Axis, value: Fraction, relation: Literal["<", "<="], *, above: bool) -> t.Condition:
    """That an axis lies above a value, or below it."""
    limit: t.Term
    term: t.Term
    match axis:
        case MonthsAfter(start, end):
            limit, term = t.AddMonths(start, int(value)), end
        case RatioAxis(quotient):
            limit = t.Product((t.Constant(value / quotient.scale), quotient.denominator))
            term = quotient.numerator
        case _:
            limit, term = t.Constant(value), axis
    return t.Compare(relation, limit, term) if above else t.Compare(relation, term, limit)


def runs_uncovered(cells: list[Cell], covered: Callable[[Cell], bool]) -> Iterator[list[Cell]]:
    """Each run of cells that are not covered, between two that are.

    No gap begins or ends the axis: where all cells between are covered, those at the ends are not looked at.
    """
    between = [covered(cell) for cell in cells[1:-1]]
    if all(between):
        return
    known = [covered(cells[0]), *between, covered(cells[-1])]
    if True not in known:
        return
    first, last = known.index(True), len(known) - 1 - known[::-1].index(True)
    for is_covered, run in groupby(range(first, last + 1), known.__getitem__):
        if not is_covered:
            yield [cells[i] for i in run]


def whole_run(axis: Axis, run: list[Cell]) -> t.Condition:
    first, last = run[0], run[-1]
    return _make_cell(axis, first.low, last.high, first.low_open, last.high_open).condition


def number_text(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):g}"
