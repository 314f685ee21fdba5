"""Random conditions and what is known of their variables, and an evaluation of them at points that is written here once more."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

from hypothesis import strategies as st

from solver.language import calendar
from solver.language.domain import Domain, Interval, Recorded, point
from solver.language.tree import (
    AddMonths,
    And,
    BooleanVariable,
    Choice,
    Compare,
    CompletedYears,
    Condition,
    Constant,
    Count,
    Iff,
    Member,
    Not,
    NumberVariable,
    Or,
    Power,
    Product,
    Sum,
    Term,
    Truth,
)
from tests.support.drawing.choices import choice
from tests.support.twins.naive import months_later, years_completed

# --- random conditions, and an evaluation of them at points that is written here once more

LETTERS = ("A", "B", "C")
AS_OF = calendar.parse_day("2024-02-29")
FIRST, LAST = calendar.parse_day("1990-01-01"), calendar.parse_day("2040-12-31")
Point = Mapping[str, Any]


def value_of(term: Term, at: Point) -> Fraction:
    """The value of a term at a point."""
    match term:
        case Constant(value):
            return value
        case NumberVariable(name, _):
            return Fraction(at[name])
        case Sum(parts):
            return sum((value_of(part, at) for part in parts), Fraction(0))
        case Product(parts):
            return math.prod((value_of(part, at) for part in parts), start=Fraction(1))
        case Power(base, exponent):
            return value_of(base, at) ** exponent
        case Choice(condition, then, otherwise):
            return value_of(then if is_true(condition, at) else otherwise, at)
        case Count(conditions):
            return Fraction(sum(is_true(part, at) for part in conditions))
        case AddMonths(day, months):
            return Fraction(months_later(date.fromordinal(int(value_of(day, at))), months).toordinal())
        case CompletedYears(start, end):
            days = (date.fromordinal(int(value_of(day, at))) for day in (start, end))
            return Fraction(years_completed(*days))
    raise AssertionError(term)


def is_true(condition: Condition, at: Point) -> bool:
    """The truth of a condition at a point."""
    match condition:
        case Truth(value):
            return value
        case BooleanVariable(name):
            return at[name]
        case Not(inner):
            return not is_true(inner, at)
        case And(parts):
            return all(is_true(part, at) for part in parts)
        case Or(parts):
            return any(is_true(part, at) for part in parts)
        case Iff(left, right):
            return is_true(left, at) == is_true(right, at)
        case Member(name, values):
            return at[name] in values
        case Compare(relation, left, right):
            one, other = value_of(left, at), value_of(right, at)
            return {"<": one < other, "<=": one <= other, "==": one == other}[relation]
    raise AssertionError(condition)


KINDS: dict[str, str] = {
    **dict.fromkeys("pq", "boolean"),
    "k": "enumeration",
    **dict.fromkeys("mn", "int"),
    **dict.fromkeys("vw", "real"),
    **dict.fromkeys("de", "date"),
}
fractions = st.builds(Fraction, st.integers(-12, 12), choice([1, 2, 3]))


@cache
@st.composite
def dates(draw: st.DrawFn, depth: int = 1) -> Term:
    """A term that is a date."""
    form = draw(choice(["variable", "variable", "constant", "months", "days", "choice"]))
    if depth == 0 or form == "variable":
        return NumberVariable(draw(choice("de")), "date")
    if form == "constant":
        return Constant(Fraction(draw(st.integers(FIRST, LAST))))
    if form == "months":
        return AddMonths(draw(dates(depth - 1)), draw(st.integers(-14, 14)))
    if form == "days":
        return Sum((draw(dates(depth - 1)), Constant(Fraction(draw(st.integers(-60, 60))))))
    return Choice(BooleanVariable("p"), draw(dates(depth - 1)), draw(dates(depth - 1)))


@cache
@st.composite
def numbers(draw: st.DrawFn, depth: int = 2) -> Term:
    """A term that is a number."""
    forms = ["variable"] * 3 + ["constant", "sum", "product", "power", "choice", "count", "years", "days"]
    form = draw(choice(forms))
    if form == "constant":
        return Constant(draw(fractions))
    if form == "count":
        return Count(tuple(draw(st.lists(conditions(0), min_size=1, max_size=3))))
    if form == "years":
        return CompletedYears(NumberVariable(draw(choice("de")), "date"), NumberVariable("as_of", "date"))
    if form == "days":
        return Sum((draw(dates(0)), Product((Constant(Fraction(-1)), draw(dates(0))))))
    if depth == 0 or form == "variable":
        name = draw(choice("mnvw"))
        return NumberVariable(name, KINDS[name])  # type: ignore[arg-type]
    if form in ("sum", "product"):
        parts = tuple(draw(st.lists(numbers(depth - 1), min_size=2, max_size=3)))
        return Sum(parts) if form == "sum" else Product(parts)
    if form == "power":
        return Power(draw(numbers(depth - 1)), draw(st.integers(1, 3)))
    return Choice(draw(conditions(0)), draw(numbers(depth - 1)), draw(numbers(depth - 1)))


@cache
@st.composite
def conditions(draw: st.DrawFn, depth: int = 2) -> Condition:
    """A condition over booleans, an enumeration, whole numbers, quantities and dates."""
    forms = ["boolean", "member", "number", "number", "date", "not", "and", "or", "iff"]
    form = draw(choice(forms[: 9 if depth else 3]))
    relation = draw(choice(["<", "<=", "=="]))
    if form == "boolean":
        return BooleanVariable(draw(choice("pq")))
    if form == "member":
        return Member("k", frozenset(draw(st.lists(choice(LETTERS), min_size=1, max_size=2))))
    if form == "number":
        if depth == 0:
            name = draw(choice("mv"))
            return Compare(relation, NumberVariable(name, KINDS[name]), Constant(draw(fractions)))  # type: ignore[arg-type]
        return Compare(relation, draw(numbers()), draw(numbers(1)))
    if form == "date":
        return Compare(relation, draw(dates()), draw(dates()))
    if form == "not":
        return Not(draw(conditions(depth - 1)))
    parts = tuple(draw(st.lists(conditions(depth - 1), min_size=2, max_size=3)))
    if form == "iff":
        return Iff(parts[0], parts[1])
    return And(parts) if form == "and" else Or(parts)


@cache
@st.composite
def intervals(draw: st.DrawFn, kind: str) -> tuple[Interval, Fraction]:
    """An interval of a kind, and a number in it."""
    if kind == "date":
        low = draw(st.integers(FIRST, LAST))
        high = low + draw(choice([0, 1, 3, 40, 500, 8000]))
        return Interval(low, high, whole=True), Fraction(draw(st.integers(low, high)))
    if kind == "int":
        low, size = draw(st.integers(0, 6)), draw(choice([0, 1, 2, 5, None]))
        if size is None:
            return Interval(low, math.inf, False, True, True), Fraction(low + draw(st.integers(0, 8)))
        return Interval(low, low + size, whole=True), Fraction(low + draw(st.integers(0, size)))
    start, width = abs(draw(fractions)), abs(draw(fractions))
    step = draw(choice([Fraction(0), Fraction(1, 3), Fraction(1, 2), Fraction(1)]))
    value = start + width * step
    low_open = draw(st.booleans()) and value > start
    if draw(st.integers(0, 3)) == 0:
        return Interval(start, math.inf, low_open, True), value
    return Interval(start, start + width, low_open, draw(st.booleans()) and value < start + width), value


@cache
@st.composite
def boxes(draw: st.DrawFn) -> tuple[dict[str, Domain], dict[str, Any]]:
    """What is known of every variable, and a point that agrees with it."""
    known: dict[str, Domain] = {"as_of": point(AS_OF, whole=True)}
    at: dict[str, Any] = {"as_of": Fraction(AS_OF)}
    for name, kind in KINDS.items():
        if kind in ("boolean", "enumeration"):
            values = [False, True] if kind == "boolean" else list(LETTERS)
            chosen = draw(st.lists(choice(values), min_size=1, unique=True))
            known[name], at[name] = frozenset(chosen), chosen[0]
        else:
            known[name], at[name] = draw(intervals(kind))
    return known, at


def exactly(at: Point) -> dict[str, Domain]:
    """The box that holds one point."""
    return {
        name: frozenset({value})
        if isinstance(value, bool | str)
        else point(value, whole=KINDS.get(name) != "real")
        for name, value in at.items()
    }


def inside(at: Point, known: Mapping[str, Domain]) -> bool:
    """Whether the point lies in the box."""
    return all(at[name] in values for name, values in known.items() if not isinstance(values, Recorded))
