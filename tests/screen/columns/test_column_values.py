"""Columns say of each row what the evaluator says of its values, exactly."""

from __future__ import annotations

from fractions import Fraction
from operator import le, lt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.evaluation.evaluate import evaluate
from solver.language import tree as t
from solver.language.calendar import FIRST_DAY, LAST_DAY, add_months
from solver.language.domain import point
from solver.language.types import (
    BooleanType,
    DateType,
    EnumerationType,
    IntegerType,
    QuantityType,
    VariableType,
)
from solver.language.units import parse_unit
from solver.library.models import Variable
from solver.screen.columns.column_values import ColumnValues
from solver.screen.columns.corners import corners_of, whatever
from tests.program.test_slot_values import CONDITIONS, FLAGS, KINDS, level, score
from tests.support.drawing.drawn import drawn

pl = pytest.importorskip("polars")

TYPES: dict[str, VariableType] = {
    **dict.fromkeys(FLAGS, BooleanType()),
    "kind": EnumerationType(tuple(sorted(KINDS))),
    "level": QuantityType(parse_unit("mg/dL")),
    "score": IntegerType(),
}
MOST = dict.fromkeys(TYPES, 1_000)
ROWS = st.fixed_dictionaries(
    {
        **{name: st.booleans() for name in FLAGS},
        "kind": st.sampled_from(sorted(KINDS)),
        "level": st.integers(0, 8).map(lambda n: n / 4),
        "score": st.integers(0, 3),
    }
)


def columns(rows: list[dict[str, Any]]) -> ColumnValues:
    """Rows as columns."""
    kinds = {"kind": pl.String, "level": pl.Float64, "score": pl.Int64}
    found = {
        name: pl.Series(name, [row[name] for row in rows], dtype=kinds.get(name, pl.Boolean))
        for name in TYPES
    }
    return ColumnValues(found, TYPES, MOST, 739_403)


def said(truth: Any, height: int) -> list[bool | None]:
    """What a truth says of each row."""
    return [truth] * height if truth is None or isinstance(truth, bool) else truth.to_list()


@given(condition=CONDITIONS, rows=st.lists(ROWS, min_size=1, max_size=4))
@settings(drawn(100))
def test_rows_are_evaluated_as_their_values(condition: t.Condition, rows: list[dict[str, Any]]) -> None:
    """Of rows without an empty cell."""
    expected = []
    for row in rows:
        known: Any = {name: frozenset({row[name]}) for name in (*FLAGS, "kind")}
        known |= {"level": point(Fraction(row["level"])), "score": point(row["score"], whole=True)}
        expected.append(evaluate(condition, known))
    assert said(columns(rows).truth(condition), len(rows)) == expected


@given(cell=st.decimals(0, 100, places=3).map(float), steps=st.integers(-3, 3), cut=st.fractions(0, 100))
@settings(drawn(200))
def test_a_double_stands_for_its_shortest_decimal(cell: float, steps: int, cut: Fraction) -> None:
    """On either side of a limit, also of one that no double is."""
    for limit in (cut, Fraction(repr(cell)), Fraction(repr(cell)) + Fraction(steps, 10**18)):
        values = columns([dict.fromkeys(TYPES) | {"level": cell}])
        for attained in (False, True):
            decimal = Fraction(repr(cell))
            expected = decimal <= limit if attained else decimal < limit
            assert values.limited("level", limit, attained).to_list() == [expected]


def test_what_is_not_recorded_is_tried_at_its_ends() -> None:
    """A product is told where it is the same at both ends of the range, and not else."""
    limit = t.Constant(Fraction(10))
    condition = t.Compare("<=", t.Product((level(), score())), limit)
    rows = [dict.fromkeys(TYPES) | {"level": 2.0, "score": each} for each in (1, 9)]
    rows += [dict.fromkeys(TYPES) | {"score": each} for each in (1, 4)]
    corners = {"level": (Fraction(0), Fraction(5)), "score": (0, 20)}
    assert said(whatever(condition, corners, columns(rows)), 4) == [True, False, True, None]
    # few rows of which it is not known are tried by themselves
    rows += [dict.fromkeys(TYPES) | {"level": 2.0, "score": each} for each in (3, 6, 7)]
    values = columns(rows)
    known = values.truth(condition)
    assert said(known, 7) == [True, False, None, None, True, False, False]
    expected = [True, False, True, None, True, False, False]
    assert said(whatever(condition, corners, values, None, known), 7) == expected


def test_what_may_hold_between_two_ends_is_not_tried_at_them() -> None:
    """A grade from 0 to 3 may be 2, though neither end is; how many of two limits hold is least and most at the ends."""
    number = t.NumberVariable("grade", "int")
    low, high = (t.Constant(Fraction(each)) for each in (0, 3))
    plausible = t.And((t.Compare("<=", low, number), t.Compare("<=", number, high)))
    grade = Variable("grade", IntegerType(), "grade", "grade", "treat", plausible=plausible)
    two, low_one = (
        t.Compare("==", number, t.Constant(Fraction(2))),
        t.Compare("<=", number, t.Constant(Fraction(2))),
    )
    one = t.Constant(Fraction(1))
    assert corners_of(t.Compare("<=", one, t.Count((two,))), {"grade": grade}, 739_403) is None
    assert corners_of(t.Compare("<=", one, t.Count((low_one,))), {"grade": grade}, 739_403) == {
        "grade": (0, 3)
    }


def test_conditions_that_hold_are_counted() -> None:
    """A count is known where each condition is."""
    flag = next(iter(FLAGS))
    rows = [dict.fromkeys(TYPES) | {flag: each, "level": 2.0} for each in (True, False, None)]
    low = t.Compare("<=", t.NumberVariable("level", "real"), t.Constant(Fraction(3)))
    condition = t.Compare("<=", t.Constant(Fraction(2)), t.Count((t.BooleanVariable(flag), low)))
    assert said(columns(rows).truth(condition), 3) == [True, False, None]


def test_many_days_are_moved_as_each() -> None:
    """Days that are looked up, days before and behind those that records can speak of, and empty cells."""
    for low, high in ((FIRST_DAY, LAST_DAY), (FIRST_DAY - 400, LAST_DAY), (FIRST_DAY, LAST_DAY + 400)):
        days = [*range(low, high, 13), high, None]
        values = ColumnValues(
            {"day": pl.Series(days, dtype=pl.Int64)}, {"day": DateType()}, {"day": 10**6}, 0
        )
        for months in (-13, 3, 600):
            moved = values.term(t.AddMonths(t.NumberVariable("day", "date"), months)).number
            each = [None if day is None else add_months(day, months) for day in days]
            assert moved.to_list() == each


QUANTITIES = st.one_of(
    st.integers(0, 40).map(lambda n: n / 10),
    st.floats(0, 100, allow_nan=False),
    st.none(),
)


@given(st.lists(st.tuples(QUANTITIES, QUANTITIES), min_size=1, max_size=5), st.integers(0, 4_000))
@settings(drawn(100))
def test_two_quantities_are_compared_as_their_decimals(rows: list[tuple[Any, Any]], filled: int) -> None:
    """Whatever doubles they are; one of them may be filled in."""
    given = {name: [row[i] for row in rows] for i, name in enumerate(("level", "other"))}
    columns: dict[str, Any] = {name: pl.Series(each, dtype=pl.Float64) for name, each in given.items()}
    decimals = {
        name: [None if each is None else Fraction(repr(each)) for each in values]
        for name, values in given.items()
    }
    for change in ({}, {"level": Fraction(filled, 1_000)}, {"other": Fraction(filled, 1_000)}):
        types = dict.fromkeys(given, TYPES["level"])
        values = ColumnValues(columns | change, types, dict.fromkeys(given, 1_000), 0)
        here = decimals | {name: [value] * len(rows) for name, value in change.items()}
        pairs = list(zip(here["level"], here["other"], strict=True))
        one, other = (t.NumberVariable(name, "real") for name in given)
        for relation, holds in (("<", lt), ("<=", le)):
            expected = [None if None in pair else holds(*pair) for pair in pairs]
            assert said(values.truth(t.Compare(relation, one, other)), len(rows)) == expected
