"""A requirement: the form for programs says exactly what is allowed, as a fact of a record does."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.engine.answer import Values
from solver.engine.requirement_words import (
    required_values,
    requirement_on,
    requirement_text,
    rounded_text,
)
from solver.evaluation.breakpoints import append_cell, cells
from solver.language.calendar import parse_day
from solver.language.domain import BOTH, Interval, intersect
from solver.language.types import DateType, EnumerationType, IntegerType
from solver.library.models import Library, Variable
from solver.patient.readers.native.read import record_from
from solver.report.json import document
from tests.support.drawing.drawn import drawn

AS_OF = "2026-11-20"
TODAY = parse_day(AS_OF)


@st.composite
def numbers_required(draw: st.DrawFn, variable: Variable) -> tuple[Interval, tuple[Interval, ...]]:
    """What is possible of a number or a date, and a part of it that is allowed, cut where requirements are cut."""
    if isinstance(variable.type, DateType):
        ends = sorted(draw(st.sets(st.integers(TODAY - 30_000, TODAY), min_size=2, max_size=2)))
        possible = Interval(ends[0], ends[1], whole=True)
        at = st.integers(int(possible.low), int(possible.high)).map(Fraction)
    elif isinstance(variable.type, IntegerType):
        possible = Interval(0, draw(st.sampled_from([4, 20, math.inf])), False, False, True)
        possible = possible._replace(high_open=possible.high == math.inf)
        at = st.integers(0, 5).map(Fraction)
    else:
        positive = variable.positive
        possible = Interval(0, draw(st.sampled_from([300, math.inf])), positive, False)
        possible = possible._replace(high_open=possible.high == math.inf)
        at = st.fractions(Fraction(1, 10_000), 299, max_denominator=10_000)
    found = cells(possible, sorted(set(draw(st.lists(at, min_size=1, max_size=3)))))
    allowed: list[Interval] = []
    for cell, kept in zip(found, draw(st.lists(st.booleans(), min_size=8, max_size=8)), strict=False):
        if kept:
            append_cell(allowed, cell)
    return possible, tuple(allowed)


def decimal(value: object) -> bool:
    """Whether a number has a short decimal form."""
    return isinstance(value, float) or Fraction(repr(float(value))) == value  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", ["weight", "serum_creatinine", "corticosteroid_daily", "salvage_attempts", "birth_date"]
)
@given(data=st.data())
@drawn(60)
def test_the_form_for_programs_says_what_is_allowed(name: str, data: st.DataObject, library: Library) -> None:
    """Recorded as a fact, it leaves of what is possible exactly what is allowed; where it is null, no fact could say so."""
    variable = library.variables[name]
    possible, allowed = data.draw(numbers_required(variable))
    found = required_values(possible, allowed, variable)
    if requirement_text(possible, allowed, variable) is None or not allowed:
        assert found is None
        return
    if found is None:
        gap = len(allowed) > 1 and not all(each.exact for each in allowed)
        assert gap or not all(decimal(end) for each in allowed for end in each[:2])
        return
    form: dict[str, Any] = document(found)
    assert None not in form.values()
    if name == "corticosteroid_daily":
        form["drug"] = "prednisone"
    domain = record_from({"as_of": AS_OF, "facts": {name: form}}, library).facts[name].domain
    assert isinstance(domain, Interval)
    if "one_of" in form:
        assert len(form["one_of"]) == len(allowed)
        assert domain[:2] == (allowed[0].low, allowed[-1].high)
    else:
        assert intersect(domain, possible)[:4] == allowed[0][:4]


@given(data=st.data())
@drawn(60)
def test_a_choice_is_the_values_that_will_do(data: st.DataObject, library: Library) -> None:
    """Every value that is allowed and no other, in the order of the vocabulary; nothing where each will do."""
    chosen = [each for each in library.variables.values() if isinstance(each.type, EnumerationType)]
    variable = data.draw(st.sampled_from(chosen))
    assert isinstance(variable.type, EnumerationType)
    possible = data.draw(st.frozensets(st.sampled_from(variable.type.values), min_size=2))
    allowed = data.draw(st.frozensets(st.sampled_from(sorted(possible)), min_size=1))
    found = document(required_values(possible, allowed, variable))
    kept = [value for value in variable.type.values if value in allowed]
    assert found == (None if allowed == possible else {"one_of": kept})


@pytest.mark.parametrize(
    ("name", "possible", "allowed", "form"),
    [
        ("pregnant", BOTH, frozenset({True}), {"one_of": [True]}),
        ("weight", Interval(0, 300), (Interval(Fraction("61.5"), 300),), {"min": 61.5, "unit": "kg"}),
        ("weight", Interval(0, 300), (Interval(Fraction(1, 3), 300),), None),
        ("weight", Interval(0, 300), (Interval(0, 1), Interval(9, 300)), None),
        ("serum_creatinine", Interval(0, 9), (Interval(0, Fraction(5, 442)),), {"max": 1, "unit": "umol/L"}),
        ("ipss_r_score", Interval(0, 9), (Interval(0, 4, False, True),), {"max_exclusive": 4}),
        ("ecog", Interval(0, 4, whole=True), (Interval(0, 0, whole=True),), {"max": 0}),
        ("ecog", Interval(0, 4, whole=True), (Interval(2, 2, whole=True),), {"min": 2, "max": 2}),
        (
            "birth_date",
            Interval(0, TODAY, whole=True),
            (Interval(TODAY - 1, TODAY, whole=True),),
            {"min": "2026-11-19"},
        ),
    ],
)
def test_forms(
    name: str, possible: Interval, allowed: Values, form: dict[str, object] | None, library: Library
) -> None:
    """What says nothing is left out, numbers are exact in a unit in which they have a decimal form, and a gap has no form."""
    found = document(requirement_on(library.variables[name], possible, allowed))
    assert found["requirement"] == form
    assert found["require"] is not None


@pytest.mark.parametrize("name", ["weight", "serum_creatinine", "ipss_r_score"])
@given(data=st.data())
@drawn(150)
def test_a_rounded_text_implies_the_exact_one(name: str, data: st.DataObject, library: Library) -> None:
    """Whatever keeps to the rounded words is allowed, they have at most three decimals, and never nothing to keep to."""
    variable = library.variables[name]
    possible, allowed = data.draw(numbers_required(variable))
    text = requirement_text(possible, allowed, variable)
    if text is None or not allowed:
        return
    rounded = rounded_text(text, allowed)
    ranges = rounded.split(", or ")
    assert len(ranges) == len(allowed)
    for said, exact, part in zip(ranges, text.split(", or "), allowed, strict=True):
        low, high, low_open, high_open, _ = part
        if said == exact:
            continue
        for word, number in re.findall(r"(more than|at least|less than|at most) (\d+(?:\.\d+)?)", said):
            assert len(number.partition(".")[2]) <= 3
            if word in ("more than", "at least"):
                assert low <= Fraction(number)
                low, low_open = Fraction(number), word == "more than"
            else:
                assert Fraction(number) <= high
                high, high_open = Fraction(number), word == "less than"
        assert low < high or (low == high and not low_open and not high_open)
        assert "exactly" not in said


@pytest.mark.parametrize(
    ("text", "rounded"),
    [
        ("at least 57.7746 kg (exactly 3690000/63869)", "at least 57.775 kg"),
        ("less than 4.2352 kg", "less than 4.235 kg"),
        (
            "more than 1.0001 mg/dL and at most 1.0009 mg/dL",
            "more than 1.0001 mg/dL and at most 1.0009 mg/dL",
        ),
        ("less than 0.0004", "less than 0.0004"),
        ("at most 470 ms", "at most 470 ms"),
        ("on or before 2026-08-20", "on or before 2026-08-20"),
        ("at most 1.5 mg/dL, or at least 2.00001 mg/dL", "at most 1.5 mg/dL, or at least 2.001 mg/dL"),
        ("exactly 1.23456 kg", "exactly 1.23456 kg"),
        ("at most 100 umol/L (1.13122 mg/dL)", "at most 100 umol/L (1.131 mg/dL)"),
        ("not AML", "not AML"),
    ],
)
def test_limits_are_rounded_to_the_safe_side(text: str, rounded: str) -> None:
    """A minimum up, a maximum down; what would be left empty is said exactly, and days are not touched."""
    assert rounded_text(text) == rounded
