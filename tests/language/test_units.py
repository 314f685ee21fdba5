"""Units: exact conversion, what laboratories print, and what is said of a unit that is none."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.language.units import UnknownUnit, parse_unit

CONVERSIONS = [
    ("kg", "g", Fraction(1000)),
    ("lb", "g", Fraction("453.59237")),
    ("oz", "lb", Fraction(1, 16)),
    ("mcg", "mg", Fraction(1, 1000)),
    ("µg", "ug", Fraction(1)),
    ("μg", "ug", Fraction(1)),
    ("dL", "mL", Fraction(100)),
    ("cc", "mL", Fraction(1)),
    ("ms", "s", Fraction(1, 1000)),
    ("h", "min", Fraction(60)),
    ("week", "days", Fraction(7)),
    ("years", "months", Fraction(12)),
    ("/mm3", "/uL", Fraction(1)),
    ("/mm³", "/uL", Fraction(1)),
    ("cells/uL", "/uL", Fraction(1)),
    ("10^9/L", "/uL", Fraction(1000)),
    ("10*9/L", "10*3/uL", Fraction(1)),
    ("x10^9/L", "10*9/L", Fraction(1)),
    ("K/uL", "/uL", Fraction(1000)),
    ("G/L", "10*9/L", Fraction(1)),
    ("10E9/L", "10*9/L", Fraction(1)),
    ("mg/dL", "mg/L", Fraction(10)),
    ("mg per dL", "mg/dL", Fraction(1)),
    ("mg/24h", "mg/d", Fraction(1)),
    ("mg/day", "mg/d", Fraction(1)),
    ("bpm", "/min", Fraction(1)),
    ("beats/min", "/min", Fraction(1)),
    ("%", "1", Fraction(1, 100)),
    ("percent", "%", Fraction(1)),
    ("mL/min/1.73m2", "mL/min/{1.73_m2}", Fraction(1)),
    ("mL/min/1.73 m²", "mL/min/{1.73_m2}", Fraction(1)),
    ("m2", "cm2", Fraction(10_000)),
    ("ft", "cm", Fraction("30.48")),
    ("kg.m", "g.cm", Fraction(100_000)),
]


@pytest.mark.parametrize(("one", "other", "ratio"), CONVERSIONS)
def test_units_convert_exactly(one: str, other: str, ratio: Fraction) -> None:
    """One of the first unit is exactly that many of the second, whichever way it is printed."""
    left, right = parse_unit(one), parse_unit(other)
    assert left.dimension == right.dimension
    assert left.factor / right.factor == ratio
    assert (left.text, right.text) == (one, other)


PRINTED = {
    "10*3/uL": """K/mcL, K/uL, k/ul, K/UL, K/µL, K/μL, K/mm3, K/mm^3, K/cmm, K/cumm, K/cu mm, Thousand/uL, THOUS/MCL, thou/mm3, Tsd/µl,
        Tsd./µl, 1000/uL, x1000/uL, 1000/mm3, 10^3/mcL, 10^3 cells/uL, x10E3/uL, X10E3/UL, x10(3)/mcL, 10³/µL, x10*3/mm3, E3/uL, /nL, /nl,
        10^9/L, 10*9/L, 10**9/L, x10*9/L, x 10^9/L, ×10⁹/l, 10e9/L, 10E9/L, E9/l, 10(9)/L, cells x 10^9/L, G/L, G/l, Giga/L, Gpt/l, Mrd/L,
        thousand cells per cubic millimetre, thousand per microliter""",
    "/uL": """/mcL, /MCL, cells/mcL, cells/uL, cell/uL, #/uL, /mm3, /mm^3,
        /mm³, /cmm, /cumm, /cu mm, /cu.mm, cells/mm3, cells/cumm, 1/uL, uL-1,
        per cubic millimetre, per cubic millimeter, per mm3, cells per microliter, 10^6/L""",
    "10*6/uL": "M/uL, M/mcL, M/mm3, million/uL, 10^6/uL, x10E6/uL, T/L, 10^12/L",
    "mg/dL": "mg/dl, MG/DL, mg/100 mL, mg/100ml, mg%, mg per dL, milligram/deciliter",
    "umol/L": "umol/l, µmol/L, μmol/l, mcmol/L, UMOL/L, micromol/L, micromole per litre, µM",
    "/min": "bpm, BPM, beats/min, beats per minute, /minute, 1/min, min-1",
    "ms": "msec, MSEC, mSec, msecs, milliseconds, MS",
    "kg": "KG, Kg, kgs, kilograms, kilo",
    "cm": "CM, cms, centimeters, centimetre",
    "[in_i]": "in, in., inch, inches",
    "[lb_av]": "lb, lbs, LB, lbs., pounds",
    "mg/d": "mg/day, mg/24h, mg/24 h, mg/24 hours, mg per day, mg daily, mg once daily, mg qd, MG/DAY",
    "mL/min/{1.73_m2}": "mL/min/1.73m2, ml/min/1.73 m2, mL/min/1.73 m^2, mL/min/1.73m², mL/min per 1.73 m2, mL/min/1.73 sq m",
    "g/dL": "G/DL, g/dl, gm/dL",
    "%": "percent, per cent, pct",
}
"""What laboratories, hospital systems and people print for one unit."""


@pytest.mark.parametrize("code", PRINTED)
def test_printed_units_are_read(code: str) -> None:
    """Every printed form is exactly the unit that is meant."""
    unit = parse_unit(code)
    for printed in re.split(r",\s+", PRINTED[code]):
        found = parse_unit(printed)
        assert (found.factor, found.dimension) == (unit.factor, unit.dimension), printed


@given(
    st.sampled_from(["K", "k", "thousand", "Thou", "10^3", "x10E3", "x10*3", "10³", "1000", "10E3", "Tsd"]),
    st.sampled_from(["", " cells"]),
    st.sampled_from(["/", " / ", " per "]),
    st.sampled_from(
        ["uL", "µL", "μl", "mcL", "MCL", "mm3", "mm^3", "cmm", "cumm", "cu mm", "cubic millimetre"]
    ),
)
def test_printed_counts_are_of_one_size(many: str, cells: str, per: str, volume: str) -> None:
    """However thousands in a microlitre are put together, they are thousands, or no unit that is known."""
    try:
        found = parse_unit(f"{many}{cells}{per}{volume}")
    except UnknownUnit:
        assert cells
    else:
        thousands = parse_unit("10*3/uL")
        assert (found.factor, found.dimension) == (thousands.factor, thousands.dimension)


@pytest.mark.parametrize(
    "text",
    [
        "mg bid",
        "mg b.i.d.",
        "5 mg",
        "mil/uL",
        "K/mL",
        "G/uL",
        "K/L",
        "10 3/uL",
        "B/L",
        "kg333333333",
        "s" + "3" * 50,
        "Billion/L",
        "mg/dL/",
        "kgg",
    ],
)
def test_what_could_be_of_two_sizes_is_no_unit(text: str) -> None:
    """No size is guessed, and no other unit is offered in place of one that is not known."""
    with pytest.raises(UnknownUnit) as caught:
        parse_unit(text)
    assert "did you mean" not in str(caught.value)


@given(st.text("kKMGTmunLlgs/µ10^3cdper ", max_size=9))
def test_a_unit_that_is_offered_is_a_unit(text: str) -> None:
    """Whatever is written, the answer is a unit or one line; what the line offers is itself a unit."""
    try:
        parse_unit(text)
    except UnknownUnit as error:
        offered = re.search(r"did you mean '(.*)'\?", str(error))
        if offered:
            parse_unit(offered[1])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mg", "ms"),
        ("mL/min", "mL/min/1.73m2"),
        ("mo", "d"),
        ("mg/dL", "umol/L"),
        ("U/L", "IU/L"),
        ("%", "mg"),
    ],
)
def test_units_of_other_things_differ(one: str, other: str) -> None:
    """Units that measure different things have different dimensions: a month is no number of days."""
    assert parse_unit(one).dimension != parse_unit(other).dimension


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kgg", "'kgg' is not a known unit"),
        ("mg/dl3x", "is not a known unit"),
        ("milisecond", "did you mean 'millisecond'?"),
        ("K", "'K' is not a known unit"),
        ("G", "'G' is not a known unit"),
        ("1000", "'1000' is not a known unit"),
        ("qx", "'qx' is not a known unit"),
        ("k%", "'k%' is not a known unit"),
        ("kmin", "'kmin' is not a known unit"),
        ("mg//dL", "is not a known unit"),
        ("mg/", "is not a known unit"),
    ],
)
def test_what_is_said_of_an_unknown_unit(text: str, message: str) -> None:
    """An unknown unit is named, with the nearest known one; a multiple is a unit only of a count."""
    with pytest.raises(UnknownUnit) as caught:
        parse_unit(text)
    assert message in str(caught.value)
