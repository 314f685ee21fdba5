"""A requirement in words, and in the form of a fact: a threshold or a set of values, never a sample.

Of a level that may be 0 to 9 and must be above 4: `more than 4 mg/dL`, and `{"min_exclusive": 4, "unit": "mg/dL"}`. Where there is little
room `at least 57.7746 kg (exactly 3690000/63869)` is rounded to the safe side: `at least 57.775 kg`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import Any

from solver.engine.answer import RequiredValues, Requirement, Values
from solver.language.calendar import AFTER_EVERY_DAY, BEFORE_EVERY_DAY, format_day, in_calendar
from solver.language.domain import Domain, Interval, Number, intersect
from solver.language.types import BooleanType, DateType, EnumerationType, QuantityType
from solver.language.values import EVENT_DAYS
from solver.library.models import Variable
from solver.patient.write import exact_decimal, in_unit
from solver.patterns import pattern

_DECIMALS = 4
_ROUNDED = 3
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
        if is_event_day(variable):
            return _event_day_text(allowed, possible, variable)
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
    return Requirement(
        variable=variable.name,
        possible=possible,
        allowed=allowed,
        require=requirement_text(possible, allowed, variable),
        requirement=required_values(possible, allowed, variable),
    )


Written = int | float | str


def required_values(possible: Domain, allowed: Values, variable: Variable) -> RequiredValues | None:
    """What `requirement_text` says, exactly, in the form of a fact; None where nothing is required, or where no such form says it.

    Numbers are in the unit of the variable, or else in one of its equivalents in which they have a short decimal form.
    """
    if not allowed or allowed in (possible, (possible,)):
        return None
    if is_event_day(variable) and not _calendar_days(allowed):
        return None
    if isinstance(allowed, frozenset):
        order = variable.type.values if isinstance(variable.type, EnumerationType) else (False, True)
        return RequiredValues(one_of=tuple(value for value in order if value in allowed))
    assert isinstance(possible, Interval)
    for unit, write in _ways_to_write(variable):
        try:
            found = _in_form(allowed, possible, write)
        except ValueError:
            continue
        return RequiredValues(**found, unit=unit) if found else None
    return None


def _ways_to_write(variable: Variable) -> Iterator[tuple[str | None, Callable[[Number], Written]]]:
    """Units, and how a number or a day is written in each; `ValueError` for one that has no short decimal form there."""
    kind = variable.type
    if isinstance(kind, DateType):
        yield None, lambda day: format_day(int(day))
    elif not isinstance(kind, QuantityType):
        yield None, exact_decimal
    else:
        for unit, ratio in ((kind.unit, Fraction(1)), *kind.equivalents):
            yield None if variable.bare else unit.text, partial(in_unit, ratio)


def _in_form(
    allowed: tuple[Interval, ...], possible: Interval, write: Callable[[Number], Written]
) -> dict[str, Any] | None:
    if len(allowed) > 1:
        values = tuple(write(each.low) for each in allowed)
        return {"one_of": values} if all(each.exact for each in allowed) else None
    (only,) = allowed
    found: dict[str, Any] = {}
    if (only.low, only.low_open) != (possible.low, possible.low_open):
        found["min_exclusive" if only.low_open else "min"] = write(only.low)
    if (only.high, only.high_open) != (possible.high, possible.high_open):
        found["max_exclusive" if only.high_open else "max"] = write(only.high)
    return found


def is_event_day(variable: Variable) -> bool:
    """Whether its value may be one of the two days outside the calendar: of what never happened, or goes on."""
    return variable.term is not None and variable.term.question in EVENT_DAYS


def _calendar_days(allowed: Values) -> bool:
    """Whether the ends of what is allowed are days of the calendar."""
    ends = [end for each in allowed if isinstance(each, Interval) for end in (each.low, each.high)]
    return all(not isinstance(end, float) and in_calendar(int(end)) for end in ends)


def _event_day_text(allowed: tuple[Interval, ...], possible: Interval, variable: Variable) -> str:
    """Which days of an event are allowed: `never, or ended on or before 2026-08-20`."""
    assert variable.term is not None
    question = variable.term.question
    first, last = "never", "ongoing"
    if question != "last_end":
        first, last = ("", "never") if question == "first_start" else ("never", "")
    verb = "ended" if question == "last_end" else "began"
    days = Interval(BEFORE_EVERY_DAY + 1, AFTER_EVERY_DAY - 1, whole=True)
    inner = intersect(possible, days) if possible.high > days.low and possible.low < days.high else days
    words = [first] if any(BEFORE_EVERY_DAY in each for each in allowed) and first else []
    for each in allowed:
        if each.high <= BEFORE_EVERY_DAY or each.low >= AFTER_EVERY_DAY:
            continue
        text = _range_text(intersect(each, days), inner, variable, None)
        words.append(f"{verb} {text}".strip())
    words += [last] if any(AFTER_EVERY_DAY in each for each in allowed) and last else []
    return ", or ".join(words) or "no value"


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
    rounded = _rounded(exact, decimals, up=up)
    text = _decimal_text(rounded, decimals)
    if isinstance(variable.type, QuantityType) and (unit or variable.type.unit.text) != "1":
        text += f" {unit or variable.type.unit.text}"
    return text if rounded == exact else f"{text} (exactly {exact})"


_LIMIT = pattern(
    r"\b(?P<word>more than|at least|less than|at most) (?P<number>\d+(?:\.\d+)?)(?P<unit> [^\s(,;]+)?"
    r"(?: \(exactly (?P<exact>\d+(?:/\d+)?)\)| \((?P<other>\d+(?:\.\d+)?)(?P<rest> [^\s()]+)\))?"
)
"""A limit, perhaps with what it is exactly, or in another unit."""


def rounded_text(text: str, values: Values | None = None) -> str:
    """A requirement in words with at most three decimals that implies the exact one: a minimum is rounded up, a maximum down.

    `values` are those that the words stand for. A range in which nothing would be left is said exactly. Words without limits stay as they
    are, days among them.
    """
    ranges = text.split(", or ")
    known = values if isinstance(values, tuple) and len(values) == len(ranges) else [None] * len(ranges)
    return ", or ".join(map(_rounded_range, ranges, known))


def _rounded_range(text: str, values: Interval | None) -> str:
    low, high, low_open, high_open = values[:4] if values else (0, math.inf, False, True)
    parts = []
    for found in _LIMIT.finditer(text):
        word, unit = found["word"], found["unit"] or ""
        least = word in ("more than", "at least")
        rounded = _rounded(Fraction(found["exact"] or found["number"]), _ROUNDED, up=least)
        if least:
            low, low_open = rounded, word == "more than"
        else:
            high, high_open = rounded, word == "less than"
        told = f"{word} {_decimal_text(rounded, _ROUNDED)}{unit}"
        if found["other"]:
            other = _rounded(Fraction(found["other"]), _ROUNDED, up=least)
            told += f" ({_decimal_text(other, _ROUNDED)}{found['rest']})"
        parts.append((found.span(), told))
    if low > high or (low == high and (low_open or high_open)):
        return text
    for (start, end), part in reversed(parts):
        text = text[:start] + part + text[end:]
    return text


def _rounded(number: Fraction, decimals: int, *, up: bool) -> Fraction:
    scaled = number * 10**decimals
    return Fraction(math.ceil(scaled) if up else math.floor(scaled), 10**decimals)


def _decimal_text(number: Fraction, decimals: int) -> str:
    whole, rest = divmod(int(number * 10**decimals), 10**decimals)
    return f"{whole}.{rest:0{decimals}d}".rstrip("0").rstrip(".")
