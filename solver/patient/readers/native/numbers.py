"""Numbers of a record: whole numbers and quantities, with their units, doses, ranges and replicates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from solver.dataclass import dataclass
from solver.evaluation.evaluate import evaluate
from solver.language.domain import Interval, Number, point, whole_interval
from solver.language.spelling import fold_name
from solver.language.types import QuantityType
from solver.language.units import DIMENSIONLESS, Unit, UnknownUnit, indexed, parse_unit
from solver.library.models import Variable
from solver.patient.readers.native.json_text import NumberText, shown
from solver.patient.readers.native.statement import Bound, Meaning, Statement, join_words, read_bounds
from solver.patient.record import Written
from solver.patterns import pattern
from solver.text import LONGEST, clean, quote

_ANNOTATION = pattern(r"\{(?!1\.73)[^{}]*\}")


@dataclass(frozen=True, slots=True)
class _Scale:
    """How a number as written becomes one of the variable's own unit, and how it is said."""

    factor: Fraction = Fraction(1)
    unit: str = ""
    drug: str = ""

    def say(self, number: str) -> str:
        return " ".join(filter(None, (number, self.unit, self.drug)))


def read_integer(statement: Statement) -> Meaning | None:
    """The meaning of a fact about a score, a grade or a count; None, with a fault noted, if it has none."""
    if not statement.allow("value", "range", "one_of"):
        return None
    unit = statement.entries.get("unit")
    if unit is not None:
        found = _unit_given(statement, unit)
        if found is None:
            return None
        if found.dimension != DIMENSIONLESS or found.factor != 1:
            statement.fault(
                f"{shown(unit)} does not fit {statement.variable.name}, a bare number: leave the unit out",
                "unit",
            )
            return None
    return _numeric_meaning(statement, _Scale(), whole=True)


def read_quantity(statement: Statement, kind: QuantityType) -> Meaning | None:
    """The meaning of a fact about a quantity, in the variable's own unit; None, with a fault noted, if it has none."""
    unit = _unit_conversion(statement, kind)
    dose = _dose_given(statement)
    if unit is None or dose is None:
        _numbers_given(statement, whole=False)
        return None
    factor, text = unit
    return _numeric_meaning(statement, _Scale(factor * dose[0], text, dose[1]), whole=False)


def as_written(statement: Statement, kind: QuantityType) -> Written | None:
    """The numbers of a quantity, which was read without a fault, as they stand in the record; None for a range."""
    if statement.form == "range":
        return None
    found, unit, dose = (
        _numbers_given(statement, whole=False),
        _unit_conversion(statement, kind),
        _dose_given(statement),
    )
    assert found is not None
    assert unit is not None
    assert dose is not None
    scale = _Scale(unit[0] * dose[0], unit[1], dose[1])
    return Written(statement.form, tuple(number for number, _ in found), scale.factor, scale.say("").strip())


def unit_factor(statement: Statement, kind: QuantityType) -> Fraction:
    """What one of the written unit is in the variable's own, of a quantity that was read without a fault."""
    unit = _unit_conversion(statement, kind)
    assert unit is not None
    return unit[0]


def _numeric_meaning(statement: Statement, scale: _Scale, *, whole: bool) -> Meaning | None:
    if statement.form == "range":
        return _number_range(statement, scale, whole=whole)
    found = _numbers_given(statement, whole=whole)
    if found is None:
        return None
    values = [value * scale.factor for value, _ in found]
    texts = [text for _, text in found]
    if statement.form == "replicates":
        return point(sum(values, Fraction(0)) / len(values)), scale.say("mean of " + ", ".join(texts)), None
    several = sorted(set(values))
    text = scale.say(join_words(list(dict.fromkeys(texts))))
    low, high = _exact_number(several[0], whole=whole), _exact_number(several[-1], whole=whole)
    return Interval(low, high, whole=whole), text, tuple(several) if len(several) > 1 else None


def _numbers_given(statement: Statement, *, whole: bool) -> list[tuple[Fraction, str]] | None:
    """The numbers that a value, one_of or replicates gives, with their texts; those of a range are only checked."""
    key = statement.form
    if key == "range":
        bounds = read_bounds(statement)
        for bound in filter(None, bounds or ()):
            _number_given(statement, bound.key, bound.value, whole=whole)
        return None
    entries = [statement.entries["value"]] if key == "value" else statement.several(key)
    if entries is None:
        return None
    found = [_number_given(statement, key, entry, whole=whole) for entry in entries]
    fitting = [number for number in found if number is not None]
    return fitting if len(fitting) == len(found) else None


def _number_given(
    statement: Statement, key: str, value: object, *, whole: bool
) -> tuple[Fraction, str] | None:
    """One number, never negative; None, with a fault noted, if it is none."""
    if not isinstance(value, NumberText):
        statement.fault(_not_a_number(value, key, statement, whole=whole), key)
        return None
    number = value.value
    if number is None:  # its own fault is noted already
        return None
    if number < 0:
        statement.fault(f"{value.text} is negative: {statement.variable.name} is at least 0", key)
        return None
    if whole and number.denominator != 1:
        statement.fault(f"{value.text} is not a whole number: write a whole number", key)
        return None
    reason = _refusal_words(statement.variable, key, number)
    if reason is not None:
        statement.fault(reason, key)
        return None
    return number, str(number.numerator) if whole else value.text


def _refusal_words(variable: Variable, key: str, number: Fraction) -> str | None:
    """Why a variable cannot have this number as a value, or as an upper bound; a lower bound of 0 only says nothing."""
    if variable.positive and number == 0 and not key.startswith("min"):
        return f"a measurement of 0 is a placeholder: leave {variable.name} out if it is not known"
    single = key in ("value", "one_of", "replicates")
    return variable.refused.get(int(number)) if single and number.denominator == 1 else None


def _not_a_number(value: object, key: str, statement: Statement, *, whole: bool) -> str:
    wanted = "whole number" if whole else "number"
    if isinstance(value, str):
        from solver.patient.readers.native.printed_numbers import told

        problem = told(value, key, statement.variable, statement.entries)
        return f"{quote(value)} {problem or f'is not a number: write a {wanted} without quotes'}"
    if isinstance(value, list) and key == "value":
        return f'a list is not a number: write {{"one_of": [...]}} or one {wanted}'
    return f"{shown(value)} is not a number: write a {wanted}"


def _number_range(statement: Statement, scale: _Scale, *, whole: bool) -> Meaning | None:
    ends = read_bounds(statement)
    if ends is None:
        return None
    numbers = [_number_given(statement, end.key, end.value, whole=whole) if end else None for end in ends]
    if any(end and number is None for end, number in zip(ends, numbers, strict=True)):
        return None
    low, high = numbers
    found = Interval(
        _exact_number(low[0] * scale.factor, whole=whole) if low else 0,
        _exact_number(high[0] * scale.factor, whole=whole) if high else math.inf,
        bool(ends[0] and ends[0].open) or (statement.variable.positive and not (low and low[0])),
        ends[1].open if ends[1] else True,
    )
    if found.low > found.high:
        where = "the lower bound is above the upper one" if low else "nothing lies below the upper bound"
        statement.fault(f"{where}: check min and max")
        return None
    if found.low == found.high and (found.low_open or found.high_open):
        statement.fault("no number lies between the bounds: check which of them are excluded")
        return None
    if whole:
        found = whole_interval(found)
        if found.low > found.high:
            statement.fault("no whole number lies between the bounds: check min and max")
            return None
    reason = _refused_range(statement.variable, found)
    if reason is not None:
        statement.fault(reason)
        return None
    return found, _range_text(ends, [number[1] if number else "" for number in numbers], scale), None


def _refused_range(variable: Variable, found: Interval) -> str | None:
    """Why a variable cannot lie in a range: it holds a refused value and no plausible one."""
    reason = next((text for value, text in variable.refused.items() if value in found), None)
    if reason is None or found.exact:
        return reason
    hardly = variable.plausible is not None and evaluate(variable.plausible, {variable.name: found}) is False
    return reason if hardly else None


def _range_text(ends: tuple[Bound | None, Bound | None], texts: Sequence[str], scale: _Scale) -> str:
    low, high = ends
    if low and high and not (low.open or high.open):
        return scale.say(texts[0] if texts[0] == texts[1] else f"{texts[0]} to {texts[1]}")
    least = f"{'above' if low.open else 'at least'} {texts[0]}" if low else ""
    most = f"{'below' if high.open else 'at most'} {texts[1]}" if high else ""
    return scale.say(" and ".join(filter(None, (least, most))))


def _exact_number(value: Fraction, *, whole: bool) -> Number:
    return int(value) if whole else value


def _unit_conversion(statement: Statement, kind: QuantityType) -> tuple[Fraction, str] | None:
    """What one of the written unit is in the variable's own, and the unit as written."""
    name, written = statement.variable.name, statement.entries.get("unit")
    if written is None:
        if statement.variable.bare:
            return Fraction(1), ""
        value = statement.entries.get("value")
        if statement.form == "value" and isinstance(value, NumberText) and not value.fault:
            statement.fault(
                f"has no unit: write the one it was measured in, as in {_example_with(statement, shown(value))}"
            )
            return None
        if statement.bare:  # no number either, which is the fault to note
            return None
        statement.fault(f'has no unit: write the one it was measured in, as in "unit": "{kind.unit.text}"')
        return None
    # mostly it is as the vocabulary writes it, and need not be read again
    usual = next((each for each in kind.units if each.text == written), None)
    unit = _unit_given(statement, written) if usual is None else usual
    if unit is None:
        return None
    factor = kind.convert(Fraction(1), unit)
    if factor is None or (statement.variable.bare and unit.factor != 1):
        measured = (
            "is a bare number: leave the unit out"
            if statement.variable.bare
            else "is measured in "
            + join_words([kind.unit.text, *(other.text for other, _ in kind.equivalents)])
        )
        per_what = indexed(unit.dimension, kind.unit.dimension)
        apart = f"is {per_what}, and {name} is not: it" if per_what else f"does not fit: {name}"
        statement.fault(f"{shown(written)} {apart} {measured}", "unit")
        return None
    text = clean(str(written).strip())
    return factor, "" if unit.dimension == DIMENSIONLESS and text in ("1", "ratio", "score") else text


def _unit_given(statement: Statement, written: object) -> Unit | None:
    if not isinstance(written, str):
        statement.fault(f"{shown(written)} is not a unit: write it in quotes", "unit")
        return None
    if not written.strip():
        statement.fault("is empty: write the unit", "unit")
        return None
    try:
        return unit_named(written)
    except UnknownUnit as error:
        statement.fault(str(error), "unit")
        return None


def unit_named(written: str) -> Unit:
    """The unit that a text names, its annotations aside; raises `UnknownUnit`."""
    plain = _ANNOTATION.sub("", written).strip() or "1"
    if len(plain) > LONGEST or not plain.isprintable():
        raise UnknownUnit(f"{quote(written)} is not a known unit: write a UCUM unit")
    try:
        return parse_unit(plain)
    except UnknownUnit as error:
        raise UnknownUnit(str(error).replace(f"'{plain}'", quote(written), 1)) from None


def _dose_given(statement: Statement) -> tuple[Fraction, str] | None:
    """What one unit of the named drug is worth in the reference drug, and the drug's name."""
    variable, written = statement.variable, statement.entries.get("drug")
    if not variable.drugs:
        return Fraction(1), ""
    known = ", ".join(variable.drugs)
    if written is None:
        if _all_zero(statement):
            return Fraction(1), ""
        statement.fault(f'has no drug: add "drug", one of {known}')
        return None
    if not isinstance(written, str):
        statement.fault(f"{shown(written)} is not a drug: write one of {known}", "drug")
        return None
    for name, factor in variable.drugs.items():
        if fold_name(name) == fold_name(written):
            return factor, name
    hint = statement.findings.hint(written, variable.drugs)
    statement.fault(f"{quote(written)} is not one of {known}{hint}", "drug")
    return None


def _all_zero(statement: Statement) -> bool:
    """Whether every number of the fact is zero, so that the drug does not matter; what is no number is not counted."""
    numbers: list[object] = []
    for key, value in statement.entries.items():
        if key not in ("unit", "date", "source", "drug"):
            numbers.extend(value if isinstance(value, list) else [value])
    return all(number.value in (0, None) for number in numbers if isinstance(number, NumberText))


def _example_with(statement: Statement, number: str) -> str:
    kind = statement.variable.type
    if not isinstance(kind, QuantityType) or statement.variable.bare:
        return number
    return f'{{"value": {number}, "unit": "{kind.unit.text}"}}'
