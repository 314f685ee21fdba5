"""The calendar: months that are added, years that are completed, and how a day is written."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.language import calendar
from tests.support.drawing.drawn import drawn
from tests.support.twins.naive import months_later, years_completed

DAYS = st.integers(date(1901, 1, 1).toordinal(), date(2098, 12, 31).toordinal())
MONTHS = st.integers(-60, 60)


def added(day: int, months: int) -> int:
    """Months added one by one, in the tests' own way."""
    return months_later(date.fromordinal(day), months).toordinal()


def test_months_are_as_long_as_the_standard_library_says() -> None:
    """Leap years of each kind included."""
    for year in (*range(1, 9999, 7), 1900, 2000, 2024, 2100):
        for month in range(1, 13):
            assert calendar.days_in_month(year, month) == monthrange(year, month)[1]


@drawn(200)
@given(DAYS, MONTHS)
def test_adding_months(day: int, months: int) -> None:
    """Months are counted one after another, and the day is lowered to the last of the month."""
    assert calendar.add_months(day, months) == added(day, months)


def test_what_would_leave_the_calendar_stops_at_its_end() -> None:
    """Two months after its last day, and two before its first."""
    last = calendar.LAST_OF_CALENDAR
    assert calendar.add_months(last, 2) == last == calendar.last_day_reaching(last, 2)
    assert calendar.add_months(1, -2) == 1


@drawn(150)
@given(DAYS, MONTHS)
def test_the_last_day_reaching_a_limit(limit: int, months: int) -> None:
    """The last day from which the months stay within the limit: from the next day on, no day does."""
    last = calendar.last_day_reaching(limit, months)
    assert added(last, months) <= limit
    assert all(added(last + n, months) > limit for n in range(1, 40))


@drawn(150)
@given(DAYS, st.integers(0, 120 * 365))
def test_completed_years(start: int, span: int) -> None:
    """Anniversaries that have come are counted; that of a leap day comes on 1 March in common years."""
    end = start + span
    expected = years_completed(date.fromordinal(start), date.fromordinal(end))
    assert calendar.completed_years(start, end) == expected


@drawn(150)
@given(DAYS, st.integers(0, 100))
def test_the_last_day_completing_years(end: int, years: int) -> None:
    """From that day on `years` whole years have passed at the end, and from the next day on they have not."""
    last = calendar.last_day_completing(years, end)
    assert calendar.completed_years(last, end) >= years
    assert calendar.completed_years(last + 1, end) < years


@pytest.mark.parametrize("end", ["2024-02-28", "2024-02-29", "2024-03-01", "2025-02-28", "2025-03-01"])
@pytest.mark.parametrize("years", [0, 1, 2, 3, 4, 18, 100, 124])
def test_the_last_day_completing_years_about_leap_days(end: str, years: int) -> None:
    """The same on the days around 29 February, where years are easily miscounted."""
    day = calendar.parse_day(end)
    last = calendar.last_day_completing(years, day)
    assert calendar.completed_years(last, day) >= years
    assert calendar.completed_years(last + 1, day) < years


@drawn(30)
@given(DAYS, st.integers(0, 900), MONTHS)
def test_the_steps_of_a_shift(first: int, span: int, months: int) -> None:
    """Added up to any day between, the steps give what the shift adds on that day."""
    steps = calendar.month_steps(first, first + span, months)
    assert steps[0][0] == first
    assert all(one[0] < other[0] <= first + span for one, other in pairwise(steps))
    shifts = dict(steps)
    total = 0
    for day in range(first, first + span + 1):
        total += shifts.get(day, 0)
        assert day + total == added(day, months)


@drawn(30)
@given(DAYS, st.integers(0, 4000), st.integers(0, 120))
def test_the_steps_of_years(first: int, span: int, years: int) -> None:
    """Added up to any day between, they give the days to the anniversary that completes the years."""
    steps = dict(calendar.year_steps(first, first + span, years))
    total = 0
    for day in range(first, first + span + 1):
        total += steps.get(day, 0)
        assert day + total == calendar.anniversary(day, years)


@pytest.mark.parametrize(
    "text", ["2026-1-1", "20260101", "2026-13-01", "2026-02-29", "2026-W01-1", " 2026-01-01"]
)
def test_a_day_has_one_spelling(text: str) -> None:
    """Only YYYY-MM-DD, of a day that exists, is a date."""
    with pytest.raises(ValueError):
        calendar.parse_day(text)


def test_days_are_written_as_they_are_read() -> None:
    """A day is written in the form in which it is read."""
    assert calendar.format_day(calendar.parse_day("2024-02-29")) == "2024-02-29"
