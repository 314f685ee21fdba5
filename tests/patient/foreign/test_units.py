"""Numbers and units of an export: what is read as it stands, and what is refused rather than guessed."""

from __future__ import annotations

from fractions import Fraction

import pytest

from solver.library.models import Library
from solver.patient.readers.foreign.statements import Amount, AmountRange, AmountRatio
from solver.patient.readers.foreign.units import Unusable, decimal_text, limits_of, number_text, read_number
from solver.patient.readers.native.json_text import NumberText


def read(library: Library, variable: str, value: Amount | AmountRange | AmountRatio) -> dict[str, object]:
    """What a value says of a variable, its numbers as texts."""
    fact = read_number(library.variables[variable], value).fact
    return {key: each.text if isinstance(each, NumberText) else each for key, each in fact.items()}


def refused(library: Library, variable: str, value: Amount | AmountRange | AmountRatio) -> str:
    """The outcome of a value that is refused."""
    with pytest.raises(Unusable) as caught:
        read_number(library.variables[variable], value)
    return caught.value.outcome


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("71", "71"),
        ("4.20", "4.20"),
        ("007.5", "7.5"),
        ("1.", "1"),
        (".5", "0.5"),
        ("+3", "3"),
        ("1E3", "1e3"),
        ("-2", "-2"),
    ],
)
def test_a_number_is_kept_digit_for_digit(written: str, text: str) -> None:
    """A number becomes one of JSON without losing or gaining a digit."""
    assert number_text(written).text == text


@pytest.mark.parametrize("written", ["", "1,2", "<5", "5-10", "NaN", "1e99", "9" * 60, "1e13", "½", "1 2"])
def test_what_is_no_number_is_no_value(written: str) -> None:
    """Nothing is read from a text that could be read in two ways, is none, or is beyond what a record takes."""
    with pytest.raises(Unusable) as caught:
        number_text(written)
    assert caught.value.outcome == "value"


@pytest.mark.parametrize(
    ("variable", "unit"),
    [
        ("wbc", "K/uL"),
        ("wbc", "10*3/uL"),
        ("wbc", "10*9/L"),
        ("wbc", "G/L"),
        ("wbc", "/mm3"),
        ("wbc", "cells/uL"),
        ("wbc", "Thousands Per MicroLiter"),
        ("bm_blasts_pct", "percent"),
        ("bm_blasts_pct", "1"),
        ("alt", "IU/L"),
        ("potassium", "meq/L"),
        ("serum_creatinine", "umol/L"),
    ],
)
def test_printed_units_are_read_in_either_place(library: Library, variable: str, unit: str) -> None:
    """A known unit is kept as it is written, whether it stands as a code or is printed."""
    assert read(library, variable, Amount("2", unit=unit)) == {"value": "2", "unit": unit}
    assert read(library, variable, Amount("2", code=unit)) == {"value": "2", "unit": unit}


def test_a_billion_per_litre_is_that_of_laboratories(library: Library) -> None:
    """In an export the word stands for 10*9, as which it is written."""
    assert read(library, "wbc", Amount("2", unit="billion per liter")) == {"value": "2", "unit": "10*9/L"}


@pytest.mark.parametrize(
    ("variable", "amount"),
    [
        ("serum_creatinine", Amount("71")),
        ("serum_creatinine", Amount("71", unit="U/L")),
        ("serum_creatinine", Amount("71", unit="mcg/dL", code="mg/dL")),
        ("egfr", Amount("71", unit="mL/min")),
        ("egfr", Amount("71", unit="mL/min", code="mL/min/{1.73_m2}")),
        ("wbc", Amount("4", unit="spoons")),
        ("ecog", Amount("1", unit="%")),
        ("inr", Amount("80", unit="%")),
    ],
)
def test_a_unit_is_never_guessed(library: Library, variable: str, amount: Amount) -> None:
    """No unit, one of another kind, an unknown one, and two that differ are refused."""
    assert refused(library, variable, amount) == "unit"


@pytest.mark.parametrize("unit", [None, "1", "{score}", "{INR}", "score"])
def test_a_bare_number_has_no_unit(library: Library, unit: str | None) -> None:
    """A unit that says no more than that a number is bare is left out."""
    assert read(library, "ecog", Amount("1", unit=unit)) == {"value": "1"}
    assert read(library, "inr", Amount("1", unit=unit)) == {"value": "1"}


def test_a_unit_in_the_wrong_case_is_read_with_a_remark(library: Library) -> None:
    """Where only the case is wrong, the unit is read, and told; one that is right has no remark."""
    weight = library.variables["weight"]
    assert read_number(weight, Amount("61", unit="KG")).remark
    assert read_number(library.variables["albumin"], Amount("4", unit="G/DL")).remark
    assert read_number(weight, Amount("61", unit="kg")).remark is None
    for count in ("K/uL", "G/L"):
        assert read_number(library.variables["wbc"], Amount("4", unit=count)).remark is None


def test_comparators_are_bounds(library: Library) -> None:
    """`<` and `>` leave their number out, `<=` and `>=` do not, and any other is no value, whatever the unit."""
    for sign, bound in (
        ("<", {"max": "5", "max_exclusive": True}),
        ("<=", {"max": "5"}),
        (">", {"min": "5", "min_exclusive": True}),
        (">=", {"min": "5"}),
    ):
        assert read(library, "wbc", Amount("5", sign, unit="K/uL")) == {**bound, "unit": "K/uL"}
    assert refused(library, "wbc", Amount("5", "ad", unit="K/uL")) == "value"
    assert refused(library, "wbc", Amount("5", "ad", unit="spoons")) == "value"


def test_a_range_is_an_interval(library: Library) -> None:
    """A range has one unit, and no comparators."""
    five, ten = Amount("5", unit="%"), Amount("10", unit="percent")
    assert read(library, "bm_blasts_pct", AmountRange(five, ten)) == {"min": "5", "max": "10", "unit": "%"}
    assert read(library, "bm_blasts_pct", AmountRange(None, ten)) == {"max": "10", "unit": "percent"}
    assert refused(library, "bm_blasts_pct", AmountRange(None, None)) == "value"
    assert refused(library, "bm_blasts_pct", AmountRange(five, Amount("0.1", unit="1"))) == "unit"
    assert refused(library, "bm_blasts_pct", AmountRange(five, Amount("10", "<", unit="%"))) == "value"


def test_a_ratio_is_read_of_a_ratio_alone(library: Library) -> None:
    """One number over another is read of what is a ratio by its unit; one without decimals is bounded as closely as they go."""
    ratio = "flt3_itd_allelic_ratio"
    assert read(library, ratio, AmountRatio(Amount("7"), Amount("10"))) == {"value": "0.7", "unit": "1"}
    third = read(library, ratio, AmountRatio(Amount("1"), Amount("3")))
    assert Fraction(str(third["min"])) < Fraction(1, 3) < Fraction(str(third["max"]))
    assert refused(library, ratio, AmountRatio(Amount("1"), Amount("0"))) == "value"
    assert refused(library, "wbc", AmountRatio(Amount("7"), Amount("10"))) == "value"


def test_what_cannot_be_measured_is_no_value(library: Library) -> None:
    """A negative number, and 0 of what is never 0, are no values, whatever the unit."""
    assert refused(library, "wbc", Amount("-1", unit="spoons")) == "value"
    assert refused(library, "weight", Amount("0", unit="kg")) == "value"
    assert read(library, "weight", Amount("0", ">", unit="kg"))["min"] == "0"


def test_limits_of_normal_stand_beside_a_result_in_its_unit(library: Library) -> None:
    """A range of normal gives the limits that a variable has, in the unit of the result, or nothing."""

    def limits(variable: str, low: Amount | None, high: Amount | None, unit: str) -> dict[str, str]:
        found = limits_of(library.variables[variable], AmountRange(low, high), unit)
        return {key: each.text for key, each in found.items() if isinstance(each, NumberText)}

    assert limits("alt", Amount("5", unit="U/L"), Amount("40", unit="U/L"), "U/L") == {"uln": "40"}
    assert limits("alt", None, Amount("40", unit="%"), "U/L") == {}
    assert limits("alt", None, Amount("40"), "U/L") == {}
    assert limits("alt", None, Amount("0", unit="U/L"), "U/L") == {}
    assert limits("pt", Amount("18", unit="s"), Amount("11", unit="s"), "s") == {}
    assert limits("wbc", Amount("4", unit="K/uL"), Amount("10", unit="K/uL"), "K/uL") == {}


def test_decimals_are_rounded_outwards() -> None:
    """A number with few decimals is exact; of any other the end of a range is never inside of it."""
    assert decimal_text(Fraction(71, 100), up=True).text == "0.71"
    third = Fraction(1, 3)
    assert Fraction(decimal_text(third, up=False).text) < third < Fraction(decimal_text(third, up=True).text)
