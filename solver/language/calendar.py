"""Calendar arithmetic on day numbers (`datetime.date.toordinal`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import MAXYEAR, MINYEAR, date
from functools import lru_cache

from solver.patterns import pattern

FIRST_DAY = date(1850, 1, 1).toordinal()
LAST_DAY = date(2199, 12, 31).toordinal()
"""The days a record can speak of."""

EARLIEST_AS_OF = date(1961, 1, 1).toordinal()
"""The first day of evaluation: the days before it leave room for the life of every living patient."""

CYCLE_START = date(1900, 3, 1).toordinal()
CYCLE_END = date(2100, 2, 28).toordinal()
CYCLE = 1461
"""From 1 March 1900 to 28 February 2100 the calendar repeats every four years."""

BEFORE_EVERY_DAY, AFTER_EVERY_DAY = -(10**9), 10**9
"""Two days outside the calendar: of what never happened, and of what is not over. Adding days or months leaves them alone."""

_FEBRUARY = 2
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

LAST_OF_CALENDAR = date.max.toordinal()

A_LIFE = 41000
"""More days than anyone has lived."""

CYCLE_SAMPLE = date(2000, 3, 1).toordinal()
"""The first day of one of these cycles, far from both ends, so that shifting its days by up to a century stays among them."""


def first_day_lived(as_of: int) -> int:
    """The first day on which something can have happened to a patient who lives on the day `as_of`."""
    return CYCLE_START if as_of - A_LIFE >= CYCLE_START else FIRST_DAY


def in_calendar(day: int) -> bool:
    """Whether it is a day of the calendar, and none of the two outside."""
    return 1 <= day <= LAST_OF_CALENDAR


def days_in_month(year: int, month: int) -> int:
    """How many days a month of a year has."""
    leap = month == _FEBRUARY and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _LENGTHS[month - 1] + leap


def add_months(day: int, months: int) -> int:
    """The day `months` calendar months after `day`, clamped to the end of the month (31 January + 1 month = 28 or 29 February).

    What is no day of the calendar stays as it is, and what would leave it stops at its end: no record speaks of such days, but an interval
    that reaches to one of the two outside may be cut to end there.
    """
    if not 1 <= day <= LAST_OF_CALENDAR:
        return day
    start = date.fromordinal(day)
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    if not MINYEAR <= year <= MAXYEAR:
        return 1 if months < 0 else LAST_OF_CALENDAR
    return date(year, month + 1, min(start.day, days_in_month(year, month + 1))).toordinal()


def anniversary(day: int, years: int) -> int:
    """The first day on which `years` whole years have passed since `day`; 29 February completes on 1 March in common years."""
    start = date.fromordinal(day)
    if (start.month, start.day) == (2, 29) and days_in_month(start.year + years, 2) == 28:
        return date(start.year + years, 3, 1).toordinal()
    return date(start.year + years, start.month, start.day).toordinal()


def last_day_reaching(limit: int, months: int) -> int:
    """The last day from which adding `months` calendar months stays at or before `limit`, which may lie outside the calendar."""
    if not 1 <= limit <= LAST_OF_CALENDAR:
        return limit
    day = add_months(limit, -months)
    while add_months(day + 1, months) <= limit:
        day += 1
    while add_months(day, months) > limit:
        day -= 1
    return day


def month_steps(first: int, last: int, months: int) -> tuple[tuple[int, int], ...]:
    """Where the days that `months` calendar months are worth change, from the day `first` to the day `last`.

    The first pair is `first` with what the shift adds there; each other pair is a day and by how much the addition changes on it.
    """
    return _shift_steps(first, last, add_months, months, _ends_of_months)


def year_steps(first: int, last: int, years: int) -> tuple[tuple[int, int], ...]:
    """As `month_steps`, for the days to the anniversary that completes `years`."""
    return _shift_steps(first, last, anniversary, years, _ends_of_february)


@lru_cache(maxsize=512)
def _shift_steps(
    first: int,
    last: int,
    shifted: Callable[[int, int], int],
    by: int,
    turning: Callable[[int, int], Iterable[int]],
) -> tuple[tuple[int, int], ...]:
    worth = shifted(first, by) - first
    steps = [(first, worth)]
    for day in turning(first, last):
        if first < day <= last:
            now = shifted(day, by) - day
            if now != worth:
                steps.append((day, now - worth))
                worth = now
    return tuple(steps)


def _ends_of_months(first: int, last: int) -> Iterable[int]:
    """The first day of each month, and the days of it that are clamped in others: only there a shift by months can change."""
    start, end = date.fromordinal(first), date.fromordinal(last)
    for index in range(start.year * 12 + start.month - 1, end.year * 12 + end.month):
        year, month = index // 12, index % 12 + 1
        begin = date(year, month, 1).toordinal()
        yield begin
        yield from range(begin + 28, begin + days_in_month(year, month))


def _ends_of_february(first: int, last: int) -> Iterable[int]:
    """29 February, where there is one, and 1 March of each year: only there a shift by years can change."""
    for year in range(date.fromordinal(first).year, date.fromordinal(last).year + 1):
        march = date(year, 3, 1).toordinal()
        if days_in_month(year, 2) == 29:
            yield march - 1
        yield march


def completed_years(start: int, end: int) -> int:
    """Whole years from `start` to `end`: a birthday counts, 29 February completes on 1 March in common years."""
    (first_year, first), (last_year, last) = _year_and_place(start), _year_and_place(end)
    return last_year - first_year - (last < first)


@lru_cache(maxsize=1 << 16)
def _year_and_place(day: int) -> tuple[int, int]:
    """The year of a day, and its place among the days of any year."""
    found = date.fromordinal(day)
    return found.year, 100 * found.month + found.day


def last_day_completing(years: int, end: int) -> int:
    """The last start day from which at least `years` whole years have passed on `end`."""
    last = date.fromordinal(end)
    year = last.year - years
    if year < 1:
        return 0
    if (last.month, last.day) == (2, 29) and days_in_month(year, 2) == 28:
        return date(year, 2, 28).toordinal()
    return date(year, last.month, last.day).toordinal()


_ISO_DAY = pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_day(text: str) -> int:
    """The day number of an ISO date `YYYY-MM-DD`; raises ValueError."""
    if not _ISO_DAY.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text).toordinal()


def format_day(day: int) -> str:
    """The ISO date of a day number."""
    return date.fromordinal(day).isoformat()
