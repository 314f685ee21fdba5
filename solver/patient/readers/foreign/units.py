"""Numbers and units of an export as a record writes them: exact, in the unit in which they were measured, or refused with the reason.

    Amount("71", code="umol/L")                  {"value": 71, "unit": "umol/L"}
    Amount("1", comparator="<", unit="K/uL")     {"max": 1, "max_exclusive": true, "unit": "K/uL"}
    Amount("400", unit="mcg", code="mg")         refused: both are units, and they differ

A number stays the text that it was. A unit is never guessed: where there is none, only a bare number can do without.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache

from solver.dataclass import dataclass
from solver.language.printed_units import COUNTS
from solver.language.types import IntegerType, QuantityType, VariableType
from solver.language.units import DIMENSIONLESS, Unit, UnknownUnit, is_unit_code
from solver.library.codes.models import CodeEntry
from solver.library.models import Variable
from solver.patient.account import Outcome
from solver.patient.readers.foreign.statements import Amount, AmountRange, AmountRatio
from solver.patient.readers.native.json_text import NumberText
from solver.patient.readers.native.numbers import unit_named
from solver.patterns import pattern
from solver.text import quote

_PLAIN = pattern(r"(?:0|[1-9]\d{0,11})(?:\.\d{1,20})?", re.ASCII)
_NUMBER = pattern(r"([+-]?)0*(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?|([+-]?)\.(\d+)", re.ASCII)
_COMPARATORS = {"<": ("max", True), "<=": ("max", False), ">": ("min", True), ">=": ("min", False)}
_DIGIT = pattern(r"[1-9]")
_LETTERS = pattern(r"\{[^{}]*\}|[A-Za-z]+")
_BILLION = pattern(r"(?i)billions?\s*(?:per\s|/)\s*(?:l|lit(?:er|re))")
"""Counts as laboratories report them in English, where nothing else is meant; a record, which anybody may write, has no such word."""
_DECIMALS = 15
"""Digits of an end of a range that has no exact decimal form; it is rounded outwards."""


class Unusable(Exception):
    """What stands there is no value of the variable; `outcome` is what becomes of its resource, and the text says why."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome: Outcome = outcome
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ReadNumber:
    """A number, or a range, as a record writes it; `remark` is what is to be told of it all the same.

    `sure` says that the native reader takes it, so that it need not be tried.
    """

    fact: dict[str, object]
    remark: str | None = None
    sure: bool = False


def number_text(written: str) -> NumberText:
    """A number as JSON writes it, digit for digit; raises `Unusable` if it is none, or has more digits than a record takes."""
    if _PLAIN.fullmatch(written):
        return NumberText(written)
    form = _NUMBER.fullmatch(written.strip()) if len(written) <= 100 else None
    if form is None:
        raise Unusable("value", "is not a number")
    if form[6] is not None:
        sign, whole, decimals, exponent = form[5], "0", form[6], None
    else:
        sign, whole, decimals, exponent = form[1], form[2], form[3], form[4]
    text = ("-" if sign == "-" else "") + whole + (f".{decimals}" if decimals else "")
    number = NumberText(f"{text}e{exponent}" if exponent is not None else text)
    if number.fault:
        raise Unusable("value", number.fault)
    return number


def read_number(
    variable: Variable, value: Amount | AmountRange | AmountRatio, unit_of_none: str | None = None
) -> ReadNumber:
    """The number that a value gives of a variable, whose type is a quantity or a whole number.

    `unit_of_none` is the unit of a result that has none. Raises `Unusable`.
    """
    if isinstance(value, AmountRatio):
        return _read_ratio(variable, value)
    ends = [value] if isinstance(value, Amount) else [each for each in (value.low, value.high) if each]
    if not ends:
        raise Unusable("value", "a range without ends")
    numbers = [_measured_number(variable, each) for each in ends]
    if isinstance(value, Amount):
        found = _with_comparator(numbers[0], value.comparator)
    elif any(each.comparator for each in ends):
        raise Unusable("value", "a comparator at an end of a range")
    else:
        keys = [key for key, end in (("min", value.low), ("max", value.high)) if end]
        found = dict(zip(keys, numbers, strict=True))
    units = [_unit_text(variable, each, unit_of_none) for each in ends]
    text, remark = units[0]
    if len(units) == 2 and units[0][0] != units[1][0]:
        low, high = (factor_in(variable, each) for each, _ in units)
        if low != high:
            raise Unusable(
                "unit", f"its ends are in {_unit_words(units[0][0])} and in {_unit_words(units[1][0])}"
            )
    sure = isinstance(variable.type, QuantityType) and "value" in found and not variable.drugs
    return ReadNumber(found if text is None else {**found, "unit": text}, remark, sure)


def _measured_number(variable: Variable, amount: Amount) -> NumberText:
    """The number of an amount, as far as a variable can have it in any unit."""
    number = number_text(amount.number)
    zero = number.text[0] in "-0" and not _DIGIT.search(number.text.partition("e")[0])
    if number.text[0] == "-" and not zero:
        raise Unusable("value", f"{number.text} is negative")
    if zero and variable.positive and not amount.comparator:
        raise Unusable("value", "a measurement of 0 is a placeholder")
    return number


def _with_comparator(number: NumberText, comparator: str | None) -> dict[str, object]:
    if comparator is None:
        return {"value": number}
    if comparator not in _COMPARATORS:
        raise Unusable("value", f"comparator {quote(comparator)}")
    key, exclusive = _COMPARATORS[comparator]
    return {key: number, f"{key}_exclusive": True} if exclusive else {key: number}


def _read_ratio(variable: Variable, ratio: AmountRatio) -> ReadNumber:
    """One number over another, of what is a ratio by its unit."""
    kind = variable.type
    if not isinstance(kind, QuantityType) or kind.unit.text != "1" or variable.bare:
        raise Unusable("value", "a ratio, of what is none")
    above, below = ratio.numerator, ratio.denominator
    if above.comparator or below.comparator:
        raise Unusable("value", "a ratio with a comparator")
    if (above.code or above.unit) != (below.code or below.unit):
        raise Unusable("unit", "a ratio of two units")
    top, bottom = number_text(above.number).value, number_text(below.number).value
    if not bottom or top is None:
        raise Unusable("value", "a ratio over 0")
    exact = Fraction(top) / Fraction(bottom)
    low, high = decimal_text(exact, up=False), decimal_text(exact, up=True)
    if low.text == high.text:
        return ReadNumber({"value": low, "unit": "1"})
    return ReadNumber({"min": low, "max": high, "unit": "1"})


def _unit_text(variable: Variable, amount: Amount, unit_of_none: str | None) -> tuple[str | None, str | None]:
    """The unit of an amount as a record writes it, None for a bare number, and what is to be told of it."""
    bare = variable.bare or isinstance(variable.type, IntegerType)
    try:
        return _unit_of(variable.type, bare, amount.code, amount.unit, unit_of_none)
    except UnknownUnit as problem:
        raise Unusable("unit", f"{problem} of {variable.name}") from None


@lru_cache(maxsize=4096)
def _unit_of(
    kind: VariableType, bare: bool, code: str | None, printed: str | None, unit_of_none: str | None
) -> tuple[str | None, str | None]:
    """See `_unit_text`; raises `UnknownUnit`."""
    code, printed = _given(code), _given(printed)
    written = code or printed or unit_of_none
    if bare:
        if written is not None and not _is_one(written):
            raise UnknownUnit(f"{quote(written)} is no unit")
        return None, None
    assert isinstance(kind, QuantityType)
    if written is None:
        raise UnknownUnit("no unit")
    if _factor_in(kind, written) is None:
        raise UnknownUnit(f"{quote(written)} is no unit")
    if code and printed and code != printed and not _same_meaning(kind, code, printed):
        raise UnknownUnit(f"code {quote(code)} stands beside unit {quote(printed)}")
    remark = (
        f"the unit {quote(written)} is not written in the case of UCUM" if _is_miscased(written) else None
    )
    return written, remark


def _given(unit: str | None) -> str | None:
    """A unit as a record writes it; None where there is none."""
    written = unit.strip() if unit else ""
    return "10*9/L" if _BILLION.fullmatch(written) else written or None


def _is_one(unit: str) -> bool:
    """Whether a unit says no more than that a number is bare."""
    found = _known_unit(unit)
    return found is not None and found.dimension == DIMENSIONLESS and found.factor == 1


def _known_unit(unit: str) -> Unit | None:
    try:
        return unit_named(unit)
    except UnknownUnit:
        return None


def factor_in(variable: Variable, unit: str | None) -> Fraction | None:
    """What one of this unit is in the variable's own; None where it is no unit of it, or unknown. No unit is that of a bare number."""
    kind = variable.type
    return Fraction(1) if unit is None or not isinstance(kind, QuantityType) else _factor_in(kind, unit)


def _factor_in(kind: QuantityType, unit: str) -> Fraction | None:
    found = _known_unit(unit)
    return None if found is None else kind.convert(Fraction(1), found)


def _same_meaning(kind: QuantityType, code: str, printed: str) -> bool:
    """Whether two units mean the same, or the printed one is no known unit and so says nothing against the code."""
    one, other = _known_unit(code), _known_unit(printed)
    if one is None or other is None:
        return True
    if one.dimension == other.dimension:
        return one.factor == other.factor
    return _factor_in(kind, code) == _factor_in(kind, printed)


def _is_miscased(unit: str) -> bool:
    """Whether a term of a unit is one of UCUM but for its case, and no letter that stands for a multiple in a count."""
    if unit in COUNTS:
        return False
    words = [word for word in _LETTERS.findall(unit) if not word.startswith("{")]
    return any(
        not is_unit_code(word)
        and (is_unit_code(word.casefold()) or is_unit_code(word.casefold()[:-1] + word[-1].upper()))
        for word in words
    )


def decimal_text(number: Fraction, *, up: bool) -> NumberText:
    """A number of at least 0 in decimals, exact where it has few; else rounded up, or down."""
    scale = 10**_DECIMALS
    scaled = number * scale
    whole = -(-scaled.numerator // scaled.denominator) if up else scaled.numerator // scaled.denominator
    digits, decimals = divmod(whole, scale)
    tail = f"{decimals:0{_DECIMALS}d}".rstrip("0")
    return NumberText(f"{digits}.{tail}" if tail else str(digits))


def limits_of(variable: Variable, normal: AmountRange | None, unit: object) -> dict[str, object]:
    """The limits of normal that stand beside a result in this unit, in that unit; empty where they do not fit it."""
    if normal is None or not variable.reference or not isinstance(unit, str | None):
        return {}
    found: dict[str, object] = {}
    for key, end in (("lln", normal.low), ("uln", normal.high)):
        if end is None or key not in variable.reference or end.comparator:
            continue
        beside = _given(end.code) or _given(end.unit)
        if not _is_the_same(variable, beside, unit):
            return {}
        try:
            number = number_text(end.number)
        except Unusable:
            return {}
        if not number.value or number.value <= 0:
            return {}
        found[key] = number
    low, high = (
        (each.value for each in (found.get("lln"), found.get("uln")) if isinstance(each, NumberText))
        if len(found) == 2
        else (None, None)
    )
    return {} if low is not None and high is not None and low > high else found


def _is_the_same(variable: Variable, beside: str | None, unit: str | None) -> bool:
    """Whether the unit of a limit is that of the result."""
    if unit is None:
        return beside is None or _is_one(beside)
    return beside is not None and (
        beside == unit or factor_in(variable, beside) == factor_in(variable, unit) is not None
    )


def _unit_words(unit: str | None) -> str:
    return "no unit" if unit is None else quote(unit)


def check_steps(fact: Mapping[str, object], entry: CodeEntry, variable: Variable) -> None:
    """Raise `Unusable` for a number of a score that it does not have: below, above, or between its steps."""
    least, most, step = entry.least, entry.most, entry.step
    if least is None and most is None and not isinstance(variable.type, IntegerType):
        return
    for key in ("value", "min", "max"):
        number = fact.get(key)
        value = number.value if isinstance(number, NumberText) else None
        if value is None:
            continue
        between = isinstance(variable.type, IntegerType) and (value - (least or 0)) % step
        if (least is not None and value < least) or (most is not None and value > most) or between:
            steps = f" in steps of {step}" if step > 1 else ""
            ends = f"{least or 0} to {most}" if most is not None else f"{least or 0} or more"
            raise Unusable(
                "value", f"{quote(number_words(value))} is no value of {variable.name}: {ends}{steps}"
            )


def number_words(value: Fraction) -> str:
    """A number as messages show it."""
    return str(value.numerator) if value.denominator == 1 else str(float(value))


def distinct(texts: Iterable[str]) -> str:
    """Each text once, joined by `and`."""
    return " and ".join(dict.fromkeys(texts))
