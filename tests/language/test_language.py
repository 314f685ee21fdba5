"""The criterion language: what texts mean, what is said of wrong ones, and that every way of evaluating is sound."""

from __future__ import annotations

import pickle
import re
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.evaluation.evaluate import bounds, evaluate
from solver.evaluation.narrow import assume
from solver.evaluation.propagate import Conditions, complete, pin
from solver.evaluation.simplify import simplify
from solver.language import calendar
from solver.language.arithmetic import CriterionError
from solver.language.domain import Domain, Inconsistent, Interval, Recorded, is_exact, point
from solver.language.elaborate import compile_condition, compile_value
from solver.language.tree import (
    Condition,
    Constant,
    Not,
    Term,
    variables,
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
from solver.language.units import Unit, UnknownUnit, parse_unit
from solver.language.values import Scope
from tests.support.conditions import (
    KINDS,
    Point,
    boxes,
    conditions,
    dates,
    exactly,
    inside,
    is_true,
    numbers,
    value_of,
)
from tests.support.drawn import drawn
from tests.support.naive import months_later, years_completed


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


@drawn(200)
@given(conditions(), boxes())
def test_evaluation_at_a_point_is_exact(condition: Condition, box: tuple[dict[str, Domain], Point]) -> None:
    """On exact values a condition is true or false, never unknown, and it is what its parts say."""
    assert evaluate(condition, exactly(box[1])) is is_true(condition, box[1])


@drawn(250)
@given(conditions(), boxes())
def test_evaluation_on_a_box_is_sound(condition: Condition, box: tuple[dict[str, Domain], Point]) -> None:
    """What is said to be true, or false, on a box is so at each of its points."""
    known, at = box
    assert evaluate(condition, known) in (None, is_true(condition, at))


@drawn(200)
@given(st.one_of(numbers(), dates(2)), boxes())
def test_bounds_hold_every_value(term: Term, box: tuple[dict[str, Domain], Point]) -> None:
    """The bounds of a term on a box hold its value at each point, and at a point they are that value."""
    known, at = box
    assert value_of(term, at) in bounds(term, known)
    assert bounds(term, exactly(at))[:2] == (value_of(term, at), value_of(term, at))


@drawn(300)
@given(conditions(), boxes())
def test_narrowing_keeps_every_satisfying_point(
    condition: Condition, box: tuple[dict[str, Domain], Point]
) -> None:
    """Assuming a condition never loses a point at which it has that truth value, and names what it narrowed."""
    known, at = box
    narrowed, changed = dict(known), set()
    assume(condition, is_true(condition, at), narrowed, changed)
    assert inside(at, narrowed)
    assert {name for name in known if narrowed[name] != known[name]} <= changed <= variables(condition)


@drawn(150)
@given(conditions(), boxes())
def test_narrowing_fails_only_where_nothing_is_left(
    condition: Condition, box: tuple[dict[str, Domain], Point]
) -> None:
    """Where assuming a condition finds nothing left, no point of the box has that truth value."""
    known, at = box
    for truth in (True, False):
        try:
            assume(condition, truth, dict(known), set())
        except Inconsistent:
            assert is_true(condition, at) is not truth


@drawn(250)
@given(conditions(), boxes())
def test_simplifying_preserves_the_value(condition: Condition, box: tuple[dict[str, Domain], Point]) -> None:
    """A simplified condition has the same value at each point of the box, and speaks of no more."""
    known, at = box
    simple = simplify(condition, known)
    assert is_true(simple, at) is is_true(condition, at)
    assert variables(simple) <= variables(condition)


@drawn(150)
@given(st.lists(conditions(1), min_size=1, max_size=4), boxes())
def test_closing_loses_no_completion(parts: list[Condition], box: tuple[dict[str, Domain], Point]) -> None:
    """The closure under conditions keeps each point that satisfies all of them, however it is begun."""
    known, at = box
    stated = Conditions([part if is_true(part, at) else Not(part) for part in parts])
    closed = dict(known)
    stated.close(closed)
    assert inside(at, closed)
    stated.close(closed, stated.index)
    assert inside(at, closed)


@drawn(150)
@given(st.lists(conditions(1), min_size=1, max_size=4), boxes())
def test_a_completion_is_a_proof(parts: list[Condition], box: tuple[dict[str, Domain], Point]) -> None:
    """A completion lies within what is known and makes every condition certainly true; where none can be, none is built."""
    known, at = box
    try:
        found = complete(Conditions(parts), known)
    except Inconsistent:
        assert not all(is_true(part, at) for part in parts)
        return
    if found is None:
        return
    assert all(evaluate(part, found) is True for part in parts)
    for name, values in found.items():
        ours = known[name]
        if isinstance(ours, Interval) and isinstance(values, Interval):
            assert ours.low <= values.low <= values.high <= ours.high
            assert not (ours.low_open and values.low == ours.low and not values.low_open)
            assert not (ours.high_open and values.high == ours.high and not values.high_open)
        else:
            assert isinstance(values, frozenset)
            assert values
            assert values <= ours  # type: ignore[operator]


@drawn(75)
@given(st.lists(conditions(1), min_size=1, max_size=3), boxes(), st.booleans())
def test_pinning_gives_one_value_each(
    parts: list[Condition], box: tuple[dict[str, Domain], Point], highest: bool
) -> None:
    """A pinned box has one value for each of the named variables, and lies within what is known."""
    known, at = box
    stated = Conditions([part if is_true(part, at) else Not(part) for part in parts])
    closed = dict(known)
    stated.close(closed)
    pinned = pin(stated, closed, sorted(KINDS), highest=highest)
    if pinned is None:
        return
    assert all(is_exact(pinned[name]) for name in KINDS)
    values = {
        name: next(iter(values)) if isinstance(values, frozenset) else Fraction(values.low)  # type: ignore[union-attr]
        for name, values in pinned.items()
    }
    assert inside(values, known)


@drawn(50)
@given(conditions())
def test_trees_survive_pickling(condition: Condition) -> None:
    """A tree read back from the compile cache is the same tree."""
    assert pickle.loads(pickle.dumps(condition)) == condition


# --- the calendar

DAYS = st.integers(date(1901, 1, 1).toordinal(), date(2098, 12, 31).toordinal())
MONTHS = st.integers(-60, 60)


def added(day: int, months: int) -> int:
    """Months added one by one, in the tests' own way."""
    return months_later(date.fromordinal(day), months).toordinal()


@drawn(200)
@given(DAYS, MONTHS)
def test_adding_months(day: int, months: int) -> None:
    """Months are counted one after another, and the day is lowered to the last of the month."""
    assert calendar.add_months(day, months) == added(day, months)


@drawn(150)
@given(DAYS, MONTHS)
def test_the_last_day_reaching_a_limit(limit: int, months: int) -> None:
    """The last day from which the months stay within the limit: from the next day on, no day does."""
    last = calendar.last_day_reaching(limit, months)
    assert added(last, months) <= limit
    assert all(added(last + n, months) > limit for n in range(1, 40))


@drawn(150)
@given(DAYS, st.integers(0, 120 * 365))
def test_completed_years(start: int, span: int) -> None:
    """Anniversaries that have come are counted; that of a leap day comes on 1 March in common years."""
    end = start + span
    expected = years_completed(date.fromordinal(start), date.fromordinal(end))
    assert calendar.completed_years(start, end) == expected


@drawn(150)
@given(DAYS, st.integers(0, 100))
def test_the_last_day_completing_years(end: int, years: int) -> None:
    """From that day on `years` whole years have passed at the end, and from the next day on they have not."""
    last = calendar.last_day_completing(years, end)
    assert calendar.completed_years(last, end) >= years
    assert calendar.completed_years(last + 1, end) < years


@pytest.mark.parametrize("end", ["2024-02-28", "2024-02-29", "2024-03-01", "2025-02-28", "2025-03-01"])
@pytest.mark.parametrize("years", [0, 1, 2, 3, 4, 18, 100, 124])
def test_the_last_day_completing_years_about_leap_days(end: str, years: int) -> None:
    """The same on the days around 29 February, where years are easily miscounted."""
    day = calendar.parse_day(end)
    last = calendar.last_day_completing(years, day)
    assert calendar.completed_years(last, day) >= years
    assert calendar.completed_years(last + 1, day) < years


@drawn(30)
@given(DAYS, st.integers(0, 900), MONTHS)
def test_the_steps_of_a_shift(first: int, span: int, months: int) -> None:
    """Added up to any day between, the steps give what the shift adds on that day."""
    steps = calendar.month_steps(first, first + span, months)
    assert steps[0][0] == first
    assert all(one[0] < other[0] <= first + span for one, other in pairwise(steps))
    shifts = dict(steps)
    total = 0
    for day in range(first, first + span + 1):
        total += shifts.get(day, 0)
        assert day + total == added(day, months)


@drawn(30)
@given(DAYS, st.integers(0, 4000), st.integers(0, 120))
def test_the_steps_of_years(first: int, span: int, years: int) -> None:
    """Added up to any day between, they give the days to the anniversary that completes the years."""
    steps = dict(calendar.year_steps(first, first + span, years))
    total = 0
    for day in range(first, first + span + 1):
        total += steps.get(day, 0)
        assert day + total == calendar.anniversary(day, years)


@pytest.mark.parametrize(
    "text", ["2026-1-1", "20260101", "2026-13-01", "2026-02-29", "2026-W01-1", " 2026-01-01"]
)
def test_a_day_has_one_spelling(text: str) -> None:
    """Only YYYY-MM-DD, of a day that exists, is a date."""
    with pytest.raises(ValueError):
        calendar.parse_day(text)


def test_days_are_written_as_they_are_read() -> None:
    """A day is written in the form in which it is read."""
    assert calendar.format_day(calendar.parse_day("2024-02-29")) == "2024-02-29"


# --- units

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
