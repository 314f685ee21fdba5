"""The criterion language: what texts mean, and what is said of wrong ones."""

from __future__ import annotations

import pickle
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given

from solver.evaluation.evaluate import evaluate
from solver.language import calendar
from solver.language.arithmetic import CriterionError
from solver.language.domain import Domain, Recorded, point
from solver.language.elaborate import compile_condition, compile_value
from solver.language.tree import (
    Condition,
    Constant,
)
from solver.language.types import (
    BooleanType,
    DateType,
    EnumerationType,
    IntegerType,
    ListType,
    QuantityType,
    VariableType,
)
from solver.language.units import Unit, parse_unit
from solver.language.values import Scope
from tests.support.drawing.conditions import (
    conditions,
)
from tests.support.drawing.drawn import drawn


def quantity(unit: str, **equivalents: Fraction) -> QuantityType:
    """A quantity in a unit."""
    return QuantityType(parse_unit(unit), tuple((parse_unit(u), f) for u, f in equivalents.items()))


VOCABULARY: dict[str, VariableType] = {
    "flag": BooleanType(),
    "other": BooleanType(),
    "kind": EnumerationType(("AML", "MDS", "CMML")),
    "grade": IntegerType(),
    "score": IntegerType(),
    "weight": quantity("kg"),
    "dose": quantity("mg/d"),
    "qt": quantity("ms"),
    "creatinine": quantity("mg/dL", **{"umol/L": Fraction(10, 884)}),
    "index": quantity("1"),
    "share": quantity("%"),
    "count_abs": quantity("/uL"),
    "birth": DateType(),
    "seen": DateType(),
    "drugs": ListType(),
}


def scope(**options: bool) -> Scope:
    """What names mean in these tests: the vocabulary and three definitions."""
    found = Scope(VOCABULARY, {}, {"opioids": "drugs"}, **options)
    for name, text in {
        "age": "completed_years(birth, as_of)",
        "later": "if seen > as_of then seen else as_of",
        "fit": "flag and grade <= 2",
    }.items():
        found.definitions[name] = compile_value(text, found)
    return found


def domain(name: str, value: Any) -> Domain:
    """The domain that holds one value."""
    if isinstance(value, bool):
        return frozenset({value})
    if isinstance(value, Recorded):
        return value
    if name in ("birth", "seen", "as_of"):
        return point(calendar.parse_day(value), whole=True)
    if isinstance(value, str) and name == "kind":
        return frozenset({value})
    if name in ("grade", "score"):
        return point(value, whole=True)
    return point(Fraction(value))


def holds(text: str, **values: Any) -> bool | None:
    """The truth of a text at a point, given in the units of the variables."""
    condition = compile_condition(text, scope(routing=True, lists=True))
    known = {name: domain(name, value) for name, value in {"as_of": "2026-11-20", **values}.items()}
    return evaluate(condition, known)


# --- what texts mean

MEANINGS: list[tuple[str, dict[str, Any], bool]] = [
    # logic, and how it binds
    ("flag", {"flag": True}, True),
    ("not flag", {"flag": True}, False),
    ("true and not false", {}, True),
    ("not flag and other", {"flag": False, "other": False}, False),
    ("not (flag and other)", {"flag": False, "other": False}, True),
    ("flag or other and false", {"flag": True, "other": False}, True),
    ("(flag or other) and false", {"flag": True, "other": False}, False),
    ("flag implies other or true", {"flag": True, "other": False}, True),
    ("flag implies other implies false", {"flag": False, "other": True}, True),
    ("(flag implies other) implies false", {"flag": False, "other": True}, False),
    ("flag or other implies false", {"flag": True, "other": False}, False),
    ("if flag then other else not other", {"flag": False, "other": False}, True),
    ("if flag then other else not other", {"flag": True, "other": False}, False),
    ("flag == other", {"flag": False, "other": False}, True),
    ("flag != other", {"flag": False, "other": False}, False),
    ("cohort_open and flag", {"cohort_open": True, "flag": True}, True),
    # enumerations
    ("kind == AML", {"kind": "AML"}, True),
    ("AML == kind", {"kind": "MDS"}, False),
    ("kind != AML", {"kind": "MDS"}, True),
    ("kind in {AML, MDS}", {"kind": "MDS"}, True),
    ("kind not in {AML, MDS}", {"kind": "MDS"}, False),
    ("not kind in {AML}", {"kind": "MDS"}, True),
    # numbers
    ("grade <= 2", {"grade": 2}, True),
    ("2 < grade", {"grade": 2}, False),
    ("1 <= grade < 3", {"grade": 3}, False),
    ("1 < grade <= 3 and score != 0", {"grade": 3, "score": 1}, True),
    ("0 <= grade <= score <= 4", {"grade": 3, "score": 2}, False),
    ("grade + 2 * score == 7", {"grade": 1, "score": 3}, True),
    ("(grade + 2) * score == 9", {"grade": 1, "score": 3}, True),
    ("grade - score - 1 == 0", {"grade": 4, "score": 3}, True),
    ("grade - (score - 1) == 0", {"grade": 4, "score": 5}, True),
    ("-grade + score > 0", {"grade": 4, "score": 5}, True),
    ("2 * grade ^ 2 == 18", {"grade": 3}, True),
    ("count(flag, other, grade > 1) >= 2", {"flag": True, "other": False, "grade": 2}, True),
    ("count(flag, other, grade > 1) >= 2", {"flag": True, "other": False, "grade": 1}, False),
    ("(if flag then 1 else 3) <= grade", {"flag": False, "grade": 2}, False),
    ("index >= 1.5", {"index": "1.5"}, True),
    # units
    ("weight >= 10 kg", {"weight": 10}, True),
    ("weight >= 10000 g", {"weight": "9.999"}, False),
    ("weight < 22.1 lb", {"weight": 10}, True),
    ("10 kg <= weight <= 20 kg", {"weight": 20}, True),
    ("qt <= 0.47 s", {"qt": 470}, True),
    ("qt <= 0.47 s", {"qt": "470.001"}, False),
    ("creatinine <= 88.4 umol/L", {"creatinine": 1}, True),
    ("creatinine < 88.4 umol/L", {"creatinine": 1}, False),
    ("creatinine >= 10 mg/L", {"creatinine": 1}, True),
    ("share > 5 %", {"share": 5}, False),
    ("share + 1 % > 5 %", {"share": "4.5"}, True),
    ("count_abs <= 20 10*9/L", {"count_abs": 20000}, True),
    ("count_abs <= 20000 /mm3", {"count_abs": 20001}, False),
    ("dose * 2 d > 20 mg", {"dose": 11}, True),
    ("weight > (if flag then 10 kg else 5000 g)", {"weight": 6, "flag": False}, True),
    ("magnitude(weight, g) * 2 == 3000", {"weight": "1.5"}, True),
    ("qt ^ 2 < 1 s * 1 s", {"qt": 999}, True),
    # dates
    ("birth < seen", {"birth": "2000-01-31", "seen": "2000-02-01"}, True),
    ("birth + 1 d == seen", {"birth": "2000-02-28", "seen": "2000-02-29"}, True),
    ("birth + 1 mo == seen", {"birth": "2001-01-31", "seen": "2001-02-28"}, True),
    ("birth + 1 mo == seen", {"birth": "2000-01-31", "seen": "2000-02-29"}, True),
    ("birth - 1 mo == seen", {"birth": "2000-03-31", "seen": "2000-02-29"}, True),
    ("birth + 1 a == seen", {"birth": "2000-02-29", "seen": "2001-02-28"}, True),
    ("birth + 2 wk == seen", {"birth": "2000-02-20", "seen": "2000-03-05"}, True),
    ("days_between(birth, seen) == 366", {"birth": "2000-01-01", "seen": "2001-01-01"}, True),
    ("days_between(birth, seen) >= 4 wk", {"birth": "2000-01-01", "seen": "2000-01-28"}, False),
    ("days_between(seen, birth) < 0", {"birth": "2000-01-01", "seen": "2000-01-28"}, True),
    ("seen <= 2000-01-28", {"seen": "2000-01-28"}, True),
    ("seen < as_of", {"seen": "2026-11-20"}, False),
    ("completed_years(birth, as_of) >= 18", {"birth": "2008-11-20"}, True),
    ("completed_years(birth, as_of) >= 18", {"birth": "2008-11-21"}, False),
    ("completed_years(birth, as_of) == 2", {"birth": "2024-02-29", "as_of": "2026-03-01"}, True),
    ("completed_years(birth, as_of) == 2", {"birth": "2024-02-29", "as_of": "2026-02-28"}, False),
    # definitions
    ("age >= 18 and fit", {"birth": "1990-01-01", "flag": True, "grade": 2}, True),
    ("later == as_of", {"seen": "2020-01-01"}, True),
    ("days_between(as_of, later) == 2", {"seen": "2026-11-22"}, True),
    # lists
    ("drugs contains opioids", {"drugs": Recorded(2, frozenset({"opioids"}))}, True),
    ("size(drugs) > 1 and not drugs contains opioids", {"drugs": Recorded(2, frozenset())}, True),
    # layout
    ("flag\n  and\tother", {"flag": True, "other": True}, True),
    ("weight>=10kg", {"weight": 10}, True),
]


@pytest.mark.parametrize(("text", "values", "expected"), MEANINGS)
def test_what_a_text_means(text: str, values: dict[str, Any], expected: bool) -> None:
    """A text of the language is true or false at a point as a reader would say."""
    assert holds(text, **values) is expected


FAULTS = [
    ("wieght >= 5 kg", 1, 1, "unknown name 'wieght'; did you mean 'weight'?"),
    ("AML", 1, 1, "unknown name 'AML'"),
    ("flag and\n  wieght > 5 kg", 2, 3, "did you mean 'weight'?"),
    ("flag\nand other or\n  (kind == ALM)", 3, 12, "'ALM' is not a value of 'kind'"),
    ("kind in {AML, MSD}", 1, 15, "'MSD' is not a value of 'kind'"),
    ("kind < AML", 1, 1, "'kind' has no order"),
    ("kind == 5", 1, 9, "expected a value of 'kind', found a whole number"),
    ("kind == other", 1, 9, "expected a value of 'kind', found a condition"),
    ("flag in {AML}", 1, 1, "'in' needs a variable with named values"),
    # units
    ("dose >= 5 ms", 1, 9, "cannot compare or add 'mg/d' (mass time^-1) and 'ms' (time)"),
    ("weight >= 5 mg + 3 ms", 1, 18, "cannot compare or add"),
    ("weight >= 5", 1, 11, "a number here needs a unit, such as kg"),
    ("5 kg < weight < 6", 1, 17, "a number here needs a unit, such as kg"),
    ("weight > (if flag then 5 kg else 6)", 1, 34, "write both in units of one kind"),
    ("dose >= 1 mg/kg/d", 1, 9, "'mg/kg/d' is per body weight, and 'mg/d' is not"),
    ("dose >= 1 mg/m2/d", 1, 9, "'mg/m2/d' is per m2 of body surface, and 'mg/d' is not"),
    ("share > 5", 1, 9, "a number here needs a unit, such as %"),
    ("weight >= 10 kgg", 1, 11, "'kgg' is not a known unit"),
    ("creatinine < 5 umol", 1, 14, "(mass volume^-1) and 'umol' (amount)"),
    ("grade >= 2 kg", 1, 10, "a whole number has no unit, found 'kg'"),
    ("index > 5 kg", 1, 9, "(a bare number) and 'kg' (mass)"),
    ("qt * qt > 5 ms", 1, 11, "cannot compare or add time^2 and 'ms' (time)"),
    ("days_between(birth, seen) >= 1 mo", 1, 30, "'mo' (calendar months)"),
    ("magnitude(weight, mg/d) > 1", 1, 19, "'mg/d' measures mass time^-1, but this is mass"),
    ("magnitude(weight, foo) > 1", 1, 19, "'foo' is not a known unit"),
    # arithmetic
    ("weight / 2 kg > 1", 1, 1, "the language has no division"),
    ("weight ^ 2.5 > 1 kg", 1, 10, "an exponent is a whole number from 1 to 9, found 2.5"),
    ("weight ^ 0 > 1", 1, 10, "an exponent is a whole number from 1 to 9, found 0"),
    ("flag + 1 > 2", 1, 1, "expected a number, found a condition"),
    ("-flag", 1, 2, "expected a number, found a condition"),
    ("flag > other", 1, 8, "cannot compare a condition with a condition"),
    # dates
    ("grade + 3 mo > 2", 1, 9, "a whole number has no unit, found 'mo'"),
    ("weight + 3 mo > 2 kg", 1, 10, "'kg' (mass) and 'mo' (calendar months)"),
    ("birth > 5", 1, 9, "cannot compare a whole number with a date"),
    ("birth + 5 > seen", 1, 9, "a date can be shifted by days, weeks, months or years only"),
    ("birth + 1.5 d > seen", 1, 9, "by whole days or months, up to a century, only"),
    ("birth - 1300 mo > seen", 1, 9, "by whole days or months, up to a century, only"),
    ("birth - seen > 5", 1, 9, "write days_between(earlier, later)"),
    ("2026-02-30 < birth", 1, 1, "'2026-02-30' is not a day of the calendar"),
    ("completed_years(birth, seen) > 5", 1, 24, "completed years are counted to 'as_of' only"),
    # calls
    ("days_between(birth) > 5", 1, 1, "'days_between' takes 2 arguments, found 1"),
    ("dayz_between(birth, seen) > 5", 1, 1, "unknown function 'dayz_between'; did you mean 'days_between'?"),
    ("count(flag, 5) > 1", 1, 13, "expected a condition, found a whole number"),
    ("size(flag) > 1", 1, 6, "'size' needs a list, found a condition"),
    # what may stand where
    ("cohort_open and flag", 1, 1, "'cohort_open' may stand only in a clause marked 'routing: true'"),
    ("drugs contains opioids", 1, 1, "the list 'drugs' may be asked about only in the theory"),
    ("size(drugs) > 1", 1, 6, "the list 'drugs' may be asked about only in the theory"),
    ("flag contains opioids", 1, 1, "'contains' needs a list, found a condition"),
    ("weight", 1, 1, "expected a condition, found a number (mass)"),
    ("not 5", 1, 5, "expected a condition, found a whole number"),
    ("if flag then 5 kg else true", 1, 24, "'then' is a number (mass) but 'else' is a condition"),
    # grammar
    ("", 1, 1, "expected an expression, found nothing"),
    ("  \n ", 1, 1, "expected an expression, found nothing"),
    ("weight = 5 kg", 1, 8, "write == to compare"),
    ("(flag and other", 1, 16, "found the end, expected ')'"),
    ("flag and other)", 1, 15, "found ')', expected the end"),
    ("flag and", 1, 9, "found the end, expected"),
    ("flag\n  and ", 2, 6, "found the end, expected"),
    ("and flag", 1, 1, "expected"),
    ("flag other", 1, 6, "found 'other'"),
    ("flag & other", 1, 6, "found '&"),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), FAULTS)
def test_what_is_said_of_a_wrong_text(text: str, line: int, column: int, message: str) -> None:
    """A wrong text is refused at its exact place, in one line that says what was found and what to do."""
    with pytest.raises(CriterionError) as caught:
        compile_condition(text, scope())
    assert (caught.value.line, caught.value.column) == (line, column)
    assert message in caught.value.message
    assert "\n" not in caught.value.message


def test_an_unknown_class_of_a_list_is_refused() -> None:
    """Where lists may be asked about, a class must be one of that list's."""
    with pytest.raises(CriterionError, match="unknown class 'opoids' of 'drugs'; did you mean 'opioids'"):
        compile_condition("drugs contains opoids", scope(lists=True))


def test_a_ratio_is_multiplied_out() -> None:
    """A ratio compares as numerator with denominator times the limit, in the unit of the limit, from either side."""
    from solver.language.arithmetic import Number
    from solver.language.values import Ratio

    own = scope()
    above, below = (compile_value(text, own) for text in ("magnitude(weight, kg)", "magnitude(qt, ms)"))
    assert isinstance(above, Number)
    assert isinstance(below, Number)
    unit = parse_unit("mL/min")
    own.definitions["rate"] = Ratio(above, below, Number(Constant(Fraction(1)), unit.dimension, unit.factor))
    for text in ("rate >= 50 mL/min", "50 mL/min <= rate", "rate >= 0.05 L/min"):
        condition = compile_condition(text, own)
        for weight, expected in ((100, True), (99, False)):
            known = {"weight": domain("weight", weight), "qt": domain("qt", 2)}
            assert evaluate(condition, known) is expected
    with pytest.raises(CriterionError, match="a number here needs a unit"):
        compile_condition("rate >= 50", own)
    for indexed in ("mL/min/1.73m2", "mL/min/1.73 m2", "mL/min/1.73 m^2", "mL/min/{1.73_m2}"):
        with pytest.raises(CriterionError, match=r"per 1.73 m2 of body surface, and .* is not"):
            compile_condition(f"rate >= 60 {indexed}", own)
    with pytest.raises(CriterionError, match="cannot be compared with 'kg'"):
        compile_condition("rate >= 60 kg", own)


def test_quantities_are_exact() -> None:
    """No rounding enters: a third of a third is compared as such, and decimals are those that are written."""
    assert holds("weight == 0.1 kg + 0.2 kg", weight="0.3") is True
    assert holds("weight * 3 == 1 kg", weight=Fraction(1, 3)) is True
    assert holds("weight <= 0.1 kg", weight=Fraction("0.1") + Fraction(1, 10**30)) is False


@drawn(50)
@given(conditions())
def test_trees_survive_pickling(condition: Condition) -> None:
    """A tree read back from the compile cache is the same tree."""
    assert pickle.loads(pickle.dumps(condition)) == condition


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (Fraction(884, 10), "umol/L", Fraction(1)),
        (Fraction(1, 10), "mmol/L", Fraction(1000, 884)),
        (Fraction(10), "mg/L", Fraction(1)),
        (Fraction(1), "mg", None),
        (Fraction(1), "mol/s", None),
    ],
)
def test_a_quantity_converts_by_its_equivalents(
    value: Fraction, unit: str, expected: Fraction | None
) -> None:
    """A laboratory's other unit converts by the exact ratio of the quantity; one that measures something else does not."""
    kind = VOCABULARY["creatinine"]
    assert isinstance(kind, QuantityType)
    found: Unit = parse_unit(unit)
    assert kind.convert(value, found) == expected
