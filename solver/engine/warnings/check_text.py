"""Numbers and dates of a record within the sentence of a check."""

from __future__ import annotations

from fractions import Fraction

from solver.language.calendar import format_day
from solver.language.domain import Interval, Number
from solver.patient.record import Written
from solver.patient.write import exact_decimal

_DECIMALS = 2


def number_text(known: Interval) -> str:
    """A number as far as it is known: `59`, `59 or 60`, `59 to 61`, `at least 59`."""
    if known.exact:
        return _number_text(known.low)
    if isinstance(known.high, float):
        return "some number" if isinstance(known.low, float) else f"at least {_number_text(known.low)}"
    if isinstance(known.low, float):
        return f"at most {_number_text(known.high)}"
    joint = "or" if known.whole and known.high == known.low + 1 else "to"
    return f"{_number_text(known.low)} {joint} {_number_text(known.high)}"


def days_text(known: Interval) -> str:
    """A date as far as it is known."""
    if known.exact:
        return format_day(int(known.low))
    return f"some day from {format_day(int(known.low))} to {format_day(int(known.high))}"


def replicates_text(written: Written) -> str:
    """The least and the greatest of the replicates, in the unit as it is written: `0.8 to 2.4 mg/dL`."""
    ends = f"{_number_text(min(written.numbers))} to {_number_text(max(written.numbers))}"
    return f"{ends} {written.unit}".strip()


def _number_text(value: Number) -> str:
    """A number as a decimal, rounded where it has no short one."""
    try:
        return f"{exact_decimal(value)}"
    except ValueError:
        return f"{float(round(Fraction(value), _DECIMALS)):g}"
