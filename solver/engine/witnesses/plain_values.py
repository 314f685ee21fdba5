"""Values that are easy to read: what a witness is made of where several values would do."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction

from solver.engine.requirement_words import is_event_day
from solver.language.calendar import AFTER_EVERY_DAY, BEFORE_EVERY_DAY, FIRST_DAY, LAST_DAY, add_months
from solver.language.domain import Domain, Interval, point
from solver.language.types import BooleanType, DateType, EnumerationType, IntegerType
from solver.library.models import Variable

_COUNTS = (0, 1, 2, 3, 4, 5, 10, 20, 50, 100)
_LEVELS = (100, 90, 80, 70, 60, 50, 20, 10, *range(5, -1, -1))
_DIGITS = 12
_MANY = 24


def round_values(variable: Variable, possible: Domain, found: Domain, as_of: int) -> Iterator[Domain]:
    """Exact values to try, the easiest to read first: some of those that are `possible`, and then some of those `found`.

    `found` is a part of `possible` that certainly has what is looked for. Absence, none and the better of two come first; numbers have few
    digits and dates are whole years, whole months or else days before `as_of`.
    """
    seen: set[Domain] = set()
    for value in _values_in_order(variable, possible, found, as_of):
        if value not in seen:
            seen.add(value)
            yield value


def _values_in_order(variable: Variable, possible: Domain, found: Domain, as_of: int) -> Iterator[Domain]:
    match variable.type:
        case BooleanType():
            assert isinstance(possible, frozenset)
            order = (True, False) if variable.worse == "false" else (False, True)
            yield from (frozenset({value}) for value in order if value in possible)
        case EnumerationType(values):
            assert isinstance(possible, frozenset)
            assert isinstance(found, frozenset)
            first = [value for value in values if value in possible]
            # a long list of names ends with what stands for all others
            first = first[-1:] if len(values) > _MANY else first[:3]
            yield from (frozenset({v}) for v in [*first, *(v for v in values if v in found)])
        case DateType():
            assert isinstance(found, Interval)
            assert isinstance(possible, Interval)
            near = variable.plausible is None
            if is_event_day(variable):
                # what never happened is the plainest
                if BEFORE_EVERY_DAY in possible:
                    yield point(BEFORE_EVERY_DAY, whole=True)
                if AFTER_EVERY_DAY in possible and AFTER_EVERY_DAY in found:
                    yield point(AFTER_EVERY_DAY, whole=True)
            steps = (12,) if near else (120, 12)
            days = [*_whole_steps(possible, as_of, steps, near=near), *_plain_days(found, as_of, near=near)]
            yield from (point(day, whole=True) for day in days)
        case IntegerType():
            assert isinstance(possible, Interval)
            assert isinstance(found, Interval)
            order_ = _LEVELS if variable.worse == "lower" else _COUNTS
            yield from (point(value, whole=True) for value in order_ if value in possible)
            yield from (point(int(value), whole=True) for value in _plain_numbers(found, possible))
        case _:
            assert isinstance(possible, Interval)
            assert isinstance(found, Interval)
            yield from (point(v) for v in [*_usual_numbers(possible), *_plain_numbers(found, possible)])


def _usual_numbers(domain: Interval) -> Iterator[Fraction]:
    """The order of magnitude in the middle of the interval, where it begins above none."""
    if domain.low > 0 and not isinstance(domain.high, float):
        yield from (
            v for v in _rounded_values(Fraction(math.sqrt(domain.low * domain.high)), 1)[:1] if v in domain
        )


def _plain_numbers(found: Interval, possible: Interval) -> Iterator[Fraction]:
    """Numbers with few digits near the middle of what was found, and then its ends; around a single number, what is possible."""
    middle = _middle_number(found)
    within = possible if found.exact else found
    for digits in range(1, _DIGITS + 1):
        yield from (value for value in _rounded_values(middle, digits) if value in within)
    for end in (found.low, found.high):
        if not isinstance(end, float) and end in found:
            yield Fraction(end)


def _middle_number(domain: Interval) -> Fraction:
    if isinstance(domain.high, float):
        return Fraction(0) if isinstance(domain.low, float) else Fraction(domain.low) * 2 + 1
    low = domain.low if not isinstance(domain.low, float) else min(Fraction(0), Fraction(domain.high))
    return Fraction(low + domain.high, 2)


def _rounded_values(value: Fraction, digits: int) -> tuple[Fraction, ...]:
    """The numbers around it with this many significant digits, the nearer one first."""
    if value == 0:
        return (value,)
    unit = Fraction(10) ** (math.floor(math.log10(value)) + 1 - digits)
    below = math.floor(value / unit) * unit
    near = (below, below + unit) if value - below < unit / 2 else (below + unit, below)
    return (value,) if below == value else near


def _plain_days(domain: Interval, as_of: int, *, near: bool) -> Iterator[int]:
    """Days of the interval: whole years from `as_of`, decades if they need not be near, whole months, and then its middle and its ends."""
    yield from _whole_steps(domain, as_of, (12, 1) if near else (120, 12, 1), near=near)
    low, high = _within_calendar(domain)
    yield from (_telling_day(low, high, as_of, near=near), high, low)


def _whole_steps(domain: Interval, as_of: int, steps: tuple[int, ...], *, near: bool) -> Iterator[int]:
    """The days nearest to the telling one of the interval that lie whole steps of so many months from `as_of`."""
    low, high = _within_calendar(domain)
    telling = _telling_day(low, high, as_of, near=near)
    for step in steps:
        count = round((telling - as_of) * 12 / 365.2425 / step)
        for other in (count, count - 1, count + 1):
            with suppress(ValueError):
                day = add_months(as_of, other * step)
                if low <= day <= high:
                    yield day


def _telling_day(low: int, high: int, as_of: int, *, near: bool) -> int:
    """The day of the interval that is `near` to `as_of`, or else its middle."""
    return min(high, max(as_of, low)) if near else (low + high) // 2


def _within_calendar(domain: Interval) -> tuple[int, int]:
    low, high = (min(max(end, FIRST_DAY), LAST_DAY) for end in (domain.low, domain.high))
    return int(low), int(high)
