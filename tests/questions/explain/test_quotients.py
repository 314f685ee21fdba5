"""What a quotient comes to, which conditions only multiply out, as `match explain` shows it."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import pytest

from solver.language.domain import Interval
from solver.language.tree import NumberVariable
from solver.library.chart_checks import Quotient
from solver.library.models import Library
from solver.questions.explain.clause_details import quotients
from tests.support.pages.explained import folded

INFINITY = float("inf")

MAN: dict[str, Any] = {"birth_date": "1966-03-15", "sex": "M"}
MG, UMOL = {"unit": "mg/dL"}, {"unit": "umol/L"}
KG = {"unit": "kg"}


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"serum_creatinine": {"value": 1.6, **MG}, "weight": {"value": 72, **KG}}, "50 mL/min close"),
        ({"serum_creatinine": {"value": 142, **UMOL}, "weight": {"value": 72, **KG}}, "about 49.802 mL/min would"),
        ({"serum_creatinine": {"value": 141, **UMOL}, "weight": {"value": 72, **KG}}, "about 50.156 mL/min close"),
        ({"serum_creatinine": {"value": 1, **MG}, "weight": {"min": 45, **KG}}, "between 50 and 277.778 mL/min close"),
        ({"serum_creatinine": {"value": 9, **MG}}, "between 3.703 and 30.865 mL/min would"),
        ({"serum_creatinine": {"max": 0.1, **MG}, "weight": {"value": 72, **KG}}, "800 mL/min note"),
        ({"serum_creatinine": {"min": 9, **MG}, "weight": {"value": 72, **KG}}, "between 3.2 and 8.889 mL/min would"),
    ],
)  # fmt: skip
def test_the_value_of_a_quotient_is_shown(library: Library, facts: dict[str, Any], words: str) -> None:
    """Exactly where it has a short form, else cut off and marked; where it is not exact, its bounds, rounded away from one another."""
    text = folded(library, "RO", **MAN, **facts)
    assert f"comes to: creatinine clearance (Cockcroft-Gault) {words}" in text


@pytest.mark.parametrize("facts", [{}, {"weight": {"value": 72, "unit": "kg"}}])
def test_what_is_not_settled_comes_to_nothing(library: Library, facts: dict[str, Any]) -> None:
    """An open clause, or one without such a quotient, shows none."""
    assert "comes to:" not in folded(library, "RO", **MAN, **facts)
    assert "comes to:" not in folded(library, "SAR", **MAN, serum_creatinine={"value": 1.6, **MG})


@pytest.mark.parametrize(
    ("above", "below", "words"),
    [
        (Interval(6, INFINITY), Interval(1, 4), ["rate at least 3 1/d"]),
        (Interval(0, 6), Interval(4, INFINITY), ["rate at most 3 1/d"]),
        (Interval(0, 6), Interval(0, 4), []),
        (Interval(2, 2), Interval(3, 3), ["rate about 1.333 1/d"]),
        (Interval(2, 3), Interval(3, 3), ["rate between 1.333 and 2 1/d"]),
    ],
)
def test_bounds_are_told_where_there_are_any(
    library: Library, above: Interval, below: Interval, words: list[str]
) -> None:
    """Of a quotient whose parts are unbounded, or whose denominator may be nothing, what is left; nothing where it may be any."""
    rate = Quotient(
        "rate", "rate", NumberVariable("a", "real"), NumberVariable("b", "real"), Fraction(2), "1/d"
    )
    clause = dataclasses.replace(library.trials["RO"].clauses[0], logic={"": "rate >= 1 /d"})
    known = {"a": above, "b": below}
    assert list(quotients(dataclasses.replace(library, quotients=(rate,)), known, clause, ["a"])) == words
    assert list(quotients(library, known, clause, ["a"])) == []
