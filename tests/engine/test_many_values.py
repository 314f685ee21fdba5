"""A number or a day that is one of very many: what is asked costs what its thresholds tell apart, and the answers are the same."""

from __future__ import annotations

import json
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.engine import problem
from solver.evaluation.breakpoints import values_to_try
from solver.evaluation.evaluate import evaluate
from solver.language import tree as t
from solver.language.domain import Interval, point
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.report.json import answer_document
from tests.support.drawing.drawn import drawn

EXAMPLE = Path(__file__).parents[2] / "examples" / "undetermined.json"


def with_days(count: int, apart: int, last: date = date(2025, 3, 1)) -> dict[str, Any]:
    """An example whose last transplant was on one of so many days."""
    document: dict[str, Any] = json.loads(EXAMPLE.read_text())
    days = [(last - timedelta(days=apart * i)).isoformat() for i in range(count)]
    document["facts"]["last_hsct_date"] = {"one_of": days}
    return document


@pytest.mark.parametrize("apart", [1, 2])
def test_an_answer_is_the_same_whether_days_are_told_one_by_one(
    library: Library, monkeypatch: pytest.MonkeyPatch, apart: int
) -> None:
    """Days that follow on one another are what lies between the first and the last, and nothing else is said of them."""
    record = read_record(with_days(80, apart), library, name="patient")
    matcher = Matcher(library)
    found = answer_document(matcher.match(record))
    told = matcher.open(record).problem.choices
    assert ("last_hsct_date" in told) == (apart > 1)
    monkeypatch.setattr(problem, "_FEW_VALUES", 10_000)
    assert "last_hsct_date" in matcher.open(record).problem.choices
    assert answer_document(Matcher(library).match(record)) == found


def test_many_values_are_written_down_once(library: Library) -> None:
    """However often a record is posed, its conditions are the same ones."""
    record = read_record(with_days(80, 2), library, name="patient")
    opened = [Matcher(library).open(record).problem.choices["last_hsct_date"] for _ in range(2)]
    assert opened[0] is opened[1]


@given(
    st.sets(st.integers(0, 400), min_size=65, max_size=90),
    st.lists(st.tuples(st.sampled_from(["<=", "<", "=="]), st.integers(-5, 405)), max_size=4),
)
@drawn(100)
def test_the_values_tried_tell_apart_what_all_of_them_tell_apart(
    several: set[int], compared: list[tuple[Any, int]]
) -> None:
    """Whatever truth the comparisons have together at some value, they have at one that is tried; and each of these it may be."""
    values, x = tuple(sorted(several)), t.NumberVariable("x", "int")
    one_of = t.OneOf(tuple(t.Compare("==", x, t.Constant(n)) for n in map(Fraction, values)), "x", values)
    conditions = [t.Compare(relation, x, t.Constant(Fraction(at))) for relation, at in compared]
    tried = values_to_try(Interval(values[0], values[-1], whole=True), [*conditions, one_of], "x")
    assert all(isinstance(each, Interval) and each.low in several for each in tried)
    assert len(tried) <= 2 + 6 * len(conditions)

    def told(each: Any) -> tuple[bool | None, ...]:
        return tuple(evaluate(condition, {"x": each}) for condition in conditions)

    assert {told(each) for each in tried} == {told(point(value, whole=True)) for value in values}
