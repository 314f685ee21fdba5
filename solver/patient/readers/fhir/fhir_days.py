"""Days of FHIR: a partial date is the interval of its days, a moment the calendar day that is written, in its own offset.

day("2024-03-02T23:30:00-05:00")   2024-03-02 alone
day("2024-03")                     2024-03-01 to 2024-03-31
day("YYYY-MM-DD")                  Faulty

Nothing is moved to another time zone.
"""

from __future__ import annotations

import re

from solver.language.calendar import add_months, in_calendar
from solver.patient.readers.fhir.elements import given, mapping, number
from solver.patient.readers.foreign.statements import Faulty, PossibleDays
from solver.patient.readers.native.dates import NotADateError, parse_date
from solver.patterns import pattern

Days = PossibleDays | Faulty | None
"""The days that an element gives; None where it gives none."""

_MOMENT = pattern(
    r"(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-4]):[0-5]\d(?::[0-6]\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII
)
_NO_DATE = Faulty("a date is no date")
_MOST_CACHED = 50_000
_UNITS = {"a": ("months", 12), "mo": ("months", 1), "wk": ("days", 7), "d": ("days", 1)}
_LONGEST_LIFE = {"months": 150 * 12, "days": 150 * 366}
_UNIT_WORDS = {"years": "a", "year": "a", "yr": "a", "months": "mo", "weeks": "wk", "days": "d"}

_days: dict[str, PossibleDays | Faulty] = {}


def day(value: object) -> Days:
    """The days that a date, a dateTime or an instant may mean."""
    if value is None:
        return None
    if type(value) is not str:
        return _NO_DATE
    written = value
    if len(value) > 10:
        moment = _MOMENT.fullmatch(value)
        if not moment:
            return _NO_DATE
        written = moment[1]
    found = _days.get(written)
    if found is None:
        if len(_days) > _MOST_CACHED:
            _days.clear()
        found = _days[written] = _days_written(written)
    return found


def _days_written(written: str) -> PossibleDays | Faulty:
    try:
        days = parse_date(written)
    except NotADateError:
        return _NO_DATE
    return PossibleDays(int(days.low), int(days.high), written)


def until(days: Days, as_of: int) -> Days:
    """The days up to as_of, of a date that may be before it or after: what is written down has been."""
    if not isinstance(days, PossibleDays) or days.last is None or days.last <= as_of:
        return days
    if days.first is None or days.first <= as_of:
        return PossibleDays(days.first, as_of, days.written)
    return days


def ends(period: object) -> tuple[Days, Days]:
    """The two ends of a Period."""
    if not isinstance(period, dict):
        return (None, None) if period is None else (_NO_DATE, _NO_DATE)
    return day(period.get("start")), day(period.get("end"))


def last_day(period: object) -> Days:
    """The end of a Period, or its start if it has no end."""
    start, end = ends(period)
    return start if end is None else end


def throughout(period: object) -> Days:
    """The days between the ends of a Period; an end that is not given bounds nothing."""
    start, end = ends(period)
    for each in (start, end):
        if isinstance(each, Faulty):
            return each
    if not isinstance(start, PossibleDays):
        return PossibleDays(None, end.last, end.written) if isinstance(end, PossibleDays) else None
    if not isinstance(end, PossibleDays):
        return PossibleDays(start.first, None, start.written)
    if end.last is not None and start.first is not None and end.last < start.first:
        return Faulty("a period ends before it starts")
    return PossibleDays(start.first, end.last, start.written)


def at_age(age: object, birth: Days) -> Days:
    """The days of an Age, which is an interval: a year long where it is in years."""
    found = _months_and_days(age)
    if found is None or not isinstance(birth, PossibleDays) or birth.first is None or birth.last is None:
        return found and None
    (months, days), (longest_months, longest_days) = found
    first = add_months(birth.first, months) + days
    last = add_months(birth.last, months + longest_months) + days + longest_days - 1
    return PossibleDays(first, last) if in_calendar(first) and in_calendar(last) else _NO_DATE


def at_ages(ages: object, birth: Days) -> Days:
    """The days of a Range of ages."""
    low, high = (mapping(ages).get(end) for end in ("low", "high"))
    first, last = (at_age(age, birth) if given(age) else None for age in (low, high))
    for each in (first, last):
        if isinstance(each, Faulty):
            return each
    begin = first.first if isinstance(first, PossibleDays) else None
    end = last.last if isinstance(last, PossibleDays) else None
    return PossibleDays(begin, end) if begin is not None or end is not None else None


def _months_and_days(age: object) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """An age in months and days, and how much older one may be while still of that age."""
    entries = mapping(age)
    value, comparator = number(entries.get("value")), entries.get("comparator")
    unit = entries.get("code") or entries.get("unit")
    if not isinstance(value, str) or comparator is not None or type(unit) is not str:
        return None
    unit = _UNIT_WORDS.get(unit, unit)
    if unit not in _UNITS or not value.isdigit() or len(value) > 5:
        return None
    kind, size = _UNITS[unit]
    count = int(value) * size
    if count > _LONGEST_LIFE[kind]:
        return None
    return ((count, 0), (size, 0)) if kind == "months" else ((0, count), (0, size))
