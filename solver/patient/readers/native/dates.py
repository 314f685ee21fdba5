"""Dates of a record: full or partial, and ranges of them."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from functools import lru_cache

from solver.language.calendar import FIRST_DAY, LAST_DAY, days_in_month
from solver.language.domain import Interval, point, whole_interval
from solver.patient.readers.native.json_text import NumberText, shown
from solver.patient.readers.native.statement import Bound, Meaning, Statement, join_words, read_bounds
from solver.patterns import pattern
from solver.text import quote

_DATE = pattern(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_TIMESTAMP = pattern(r"(\d{4}-\d\d-\d\d)[T ].*", re.ASCII | re.DOTALL)


class NotADateError(ValueError):
    """The value is no date; the text says why, and what to write."""


def parse_date(value: object, *, partial: bool = True) -> Interval:
    """The days that a date may mean: one, or with `partial` those of a month or a year.

    Raises `NotADateError`.
    """
    if isinstance(value, NumberText):
        raise NotADateError(f'{shown(value)} is a number: write a date in quotes, "YYYY-MM-DD"')
    if not isinstance(value, str):
        raise NotADateError(f'{shown(value)} is not a date: write "YYYY-MM-DD"')
    return _days_written(value, partial=partial)


@lru_cache(maxsize=8192)
def _days_written(value: str, *, partial: bool) -> Interval:
    """As `parse_date`; what is no date is not kept."""
    form = _DATE.fullmatch(value)
    if not form:
        timestamp = _TIMESTAMP.fullmatch(value)
        if timestamp:
            parse_date(timestamp[1])
            raise NotADateError(f'{quote(value)} has a time of day: write the day alone, "{timestamp[1]}"')
        raise NotADateError(f'{quote(value)} is not a date: write "YYYY-MM-DD"')
    year, month, day = (int(part) if part else None for part in form.groups())
    assert year is not None
    if year and 0 in (month, day) and (month or 0) <= 12:
        raise NotADateError(_zero_words(value, partial=partial))
    if day is None and not partial:
        raise NotADateError(f'{quote(value)} is not a full date: write "YYYY-MM-DD"')
    try:
        first_month, last_month = (1, 12) if month is None else (month, month)
        first = date(year, first_month, 1 if day is None else day)
        last = date(year, last_month, days_in_month(year, last_month) if day is None else day)
    except ValueError:
        problem = "is not a day of the calendar: check the day and the month"
        if not year:
            problem = "is outside the years 1850 to 2199: check the year"
        raise NotADateError(f"{quote(value)} {problem}") from None
    if first.toordinal() < FIRST_DAY or last.toordinal() > LAST_DAY:
        raise NotADateError(f"{quote(value)} is outside the years 1850 to 2199: check the year")
    return Interval(first.toordinal(), last.toordinal(), whole=True)


def _zero_words(value: str, *, partial: bool) -> str:
    """What to say of a date with a zero for its month or day, which is how some forms write what nobody knows."""
    year, month, *_ = value.split("-")
    which, known = ("month", year) if month == "00" else ("day", f"{year}-{month}")
    remedy = f'write "{known}" if the {which} is unknown' if partial else 'write the full date, "YYYY-MM-DD"'
    return f"{quote(value)} has no {which}: {remedy}"


def read_date(statement: Statement) -> Meaning | None:
    """The meaning of a fact about a date; None, with a fault noted, if it has none."""
    if not statement.allow("value", "range", "one_of"):
        return None
    if statement.form == "one_of":
        return _one_of(statement)
    if statement.form == "range":
        return _date_range(statement)
    found = _days_meant(statement, "value", statement.entries["value"])
    return found and (found, str(statement.entries["value"]), None)


def _one_of(statement: Statement) -> Meaning | None:
    entries = statement.several("one_of")
    if entries is None:
        return None
    found = [_days_meant(statement, "one_of", entry, partial=False) for entry in entries]
    days = sorted({Fraction(interval.low) for interval in found if interval})
    if None in found or not days:
        return None
    if len(days) == 1:
        return point(int(days[0]), whole=True), str(entries[0]), None
    hull = Interval(int(days[0]), int(days[-1]), whole=True)
    return hull, join_words(list(dict.fromkeys(map(str, entries)))), tuple(days)


def _date_range(statement: Statement) -> Meaning | None:
    ends = read_bounds(statement)
    if ends is None:
        return None
    low, high = (_days_of_end(statement, end) for end in ends)
    if (ends[0] and low is None) or (ends[1] and high is None):
        return None
    first, last = low.low if low else FIRST_DAY, high.high if high else LAST_DAY
    found = whole_interval(Interval(first, last, *(bool(end and end.open) for end in ends)))
    if found.low > found.high or found.low > LAST_DAY or found.high < FIRST_DAY:
        statement.fault("no day lies between the bounds: check min and max")
        return None
    return found, _range_text(*ends), None


def _days_of_end(statement: Statement, end: Bound | None) -> Interval | None:
    """The days of one end; an excluded end must be a full date, because a partial one could be read in two ways."""
    return _days_meant(statement, end.key, end.value, partial=not end.open) if end else None


def _days_meant(statement: Statement, key: str, value: object, *, partial: bool = True) -> Interval | None:
    try:
        return parse_date(value, partial=partial)
    except NotADateError as error:
        statement.fault(str(error), key)
        return None


def _range_text(low: Bound | None, high: Bound | None) -> str:
    if low and high and not (low.open or high.open):
        return str(low.value) if low.value == high.value else f"{low.value} to {high.value}"
    begin = f"{'after' if low.open else 'from'} {low.value}" if low else ""
    end = f"{'before' if high.open else 'until'} {high.value}" if high else ""
    return " and ".join(filter(None, (begin, end)))
