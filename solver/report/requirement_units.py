"""What is required of a number, in the unit that it was recorded in."""

from __future__ import annotations

from fractions import Fraction

from solver.engine.answer import Requirement
from solver.engine.requirement_words import requirement_text
from solver.language.domain import Interval
from solver.language.types import QuantityType
from solver.language.units import Unit, UnknownUnit, parse_unit
from solver.library.models import Variable
from solver.patterns import pattern

_EXACT = pattern(r" \(exactly [^)]*\)")
"""What a threshold says of itself where it has no short decimal form: it is rounded towards what is allowed."""


def in_recorded_unit(found: Requirement, variable: Variable, recorded: str) -> str | None:
    """What is required, in the unit that the fact was recorded in; thresholds without a short form are rounded towards what is allowed."""
    if found.text is None:
        return None
    text = _EXACT.sub("", found.text)
    unit = _recorded_unit(recorded)
    if not isinstance(variable.type, QuantityType) or unit is None or variable.drugs:
        return text
    factor = variable.type.convert(Fraction(1), unit)
    if factor is None or factor == 1:
        return text
    assert isinstance(found.possible, Interval)
    assert isinstance(found.allowed, tuple)
    allowed = tuple(_scaled_interval(part, factor) for part in found.allowed)
    shown = requirement_text(_scaled_interval(found.possible, factor), allowed, variable, unit.text) or ""
    return f"{_EXACT.sub('', shown)} ({text.removeprefix('at most ').removeprefix('at least ')})"


def short(text: str) -> str:
    """A requirement without what it says of thresholds that are rounded."""
    return _EXACT.sub("", text)


def _scaled_interval(interval: Interval, factor: Fraction) -> Interval:
    low, high = (
        end if isinstance(end, float) else Fraction(end) / factor for end in (interval.low, interval.high)
    )
    return Interval(low, high, interval.low_open, interval.high_open)


def _recorded_unit(text: str) -> Unit | None:
    """The unit that a fact was recorded in, from its words."""
    last = text.rsplit(" ", 1)[-1]
    try:
        return parse_unit(last)
    except UnknownUnit:
        return None
