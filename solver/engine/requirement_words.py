"""A requirement in words: a threshold or a set of values, never a sample."""

from __future__ import annotations

import math
from fractions import Fraction

from solver.engine.answer import Requirement, Values
from solver.language.calendar import format_day
from solver.language.domain import Domain, Interval, Number
from solver.language.types import BooleanType, DateType, EnumerationType, QuantityType
from solver.library.models import Variable

_DECIMALS = 4
_MOST_DECIMALS = 12


def requirement_text(
    possible: Domain, allowed: Values, variable: Variable, unit: str | None = None
) -> str | None:
    """What a missing value must be, as a threshold or a set of values; None where the variable alone requires nothing.

    A threshold that has no short decimal form is rounded towards the values that are allowed, and given exactly in parentheses. `unit` is
    that of the numbers given, if it is not the variable's own.
    """
    if isinstance(allowed, tuple):
        assert isinstance(possible, Interval)
        if allowed == (possible,):
            return None
        return ", or ".join(_range_text(each, possible, variable, unit) for each in allowed) or "no value"
    assert isinstance(possible, frozenset)
    if allowed == possible:
        return None
    if isinstance(variable.type, BooleanType):
        return "true" if True in allowed else "false"
    order = variable.type.values if isinstance(variable.type, EnumerationType) else ()
    kept = [value for value in order if value in allowed]
    left = [value for value in order if value in possible and value not in allowed]
    return "not " + " or ".join(left) if len(left) < len(kept) else " or ".join(kept)


def requirement_on(variable: Variable, possible: Domain, allowed: Values) -> Requirement:
    """The requirement that a variable, of which these values are possible, has one that is allowed."""
    text = requirement_text(possible, allowed, variable)
    return Requirement(variable=variable.name, possible=possible, allowed=allowed, require=text)


def _range_text(allowed: Interval, possible: Interval, variable: Variable, unit: str | None) -> str:
    if allowed.exact:
        return f"exactly {_bound_text(allowed.low, variable, unit, up=False)}"
    date = isinstance(variable.type, DateType)
    parts = []
    if (allowed.low, allowed.low_open) != (possible.low, possible.low_open):
        words = ("after", "on or after") if date else ("more than", "at least")
        parts.append(f"{words[not allowed.low_open]} {_bound_text(allowed.low, variable, unit, up=True)}")
    if (allowed.high, allowed.high_open) != (possible.high, possible.high_open):
        words = ("before", "on or before") if date else ("less than", "at most")
        parts.append(f"{words[not allowed.high_open]} {_bound_text(allowed.high, variable, unit, up=False)}")
    return " and ".join(parts)


def _bound_text(value: Number, variable: Variable, unit: str | None, *, up: bool) -> str:
    if isinstance(variable.type, DateType):
        return format_day(int(value))
    exact = Fraction(value)
    decimals = _DECIMALS
    while exact and exact * 10**decimals < 1000 and decimals < _MOST_DECIMALS:
        decimals += 1
    scaled = exact * 10**decimals
    rounded = Fraction(math.ceil(scaled) if up else math.floor(scaled), 10**decimals)
    whole, rest = divmod(int(rounded * 10**decimals), 10**decimals)
    text = f"{whole}.{rest:0{decimals}d}".rstrip("0").rstrip(".")
    if isinstance(variable.type, QuantityType) and (unit or variable.type.unit.text) != "1":
        text += f" {unit or variable.type.unit.text}"
    return text if rounded == exact else f"{text} (exactly {exact})"
