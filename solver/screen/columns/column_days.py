"""Columns of days, each as a number: moved by months, and as years."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from solver.language.calendar import FIRST_DAY, LAST_DAY, completed_years

EPOCH = 719_163
"""The day number of 1 January 1970, from which days in a column are counted."""

_MANY = 10_000
"""So many days are quicker looked up than moved each."""


def moved_days(days: Any, months: int) -> Any:
    """The days so many calendar months later."""
    low, high = days.min(), days.max()
    if len(days) < _MANY or low is None or low < FIRST_DAY or high > LAST_DAY:
        return _counted_months(days, months)
    return _every_day_moved(months).gather(days - FIRST_DAY)


@lru_cache(16)
def _every_day_moved(months: int) -> Any:
    """Every day that a record can speak of, moved."""
    import polars as pl

    return _counted_months(pl.int_range(FIRST_DAY, LAST_DAY + 1, eager=True), months)


def _counted_months(days: Any, months: int) -> Any:
    import polars as pl

    moved = (days - EPOCH).cast(pl.Int32).cast(pl.Date).dt.offset_by(f"{months}mo")
    return moved.cast(pl.Int32).cast(pl.Int64) + EPOCH


def years_between(start: Any, end: Any) -> Any:
    """The completed years between days, each a column or one number; None where either is."""
    import polars as pl

    if start is None or end is None:
        return None
    if isinstance(start, int) and isinstance(end, int):
        return completed_years(start, end)
    (first, of_first), (last, of_last) = _year_and_rest(start), _year_and_rest(end)
    return last - first - (of_last < of_first).cast(pl.Int64)


def _year_and_rest(days: Any) -> tuple[Any, Any]:
    """The year of days, and month and day as one number."""
    import polars as pl

    if isinstance(days, int):
        from datetime import date

        day = date.fromordinal(days)
        return day.year, 100 * day.month + day.day
    dates = (days - EPOCH).cast(pl.Int32).cast(pl.Date)
    month, day_of = dates.dt.month().cast(pl.Int64), dates.dt.day().cast(pl.Int64)
    return dates.dt.year().cast(pl.Int64), month * 100 + day_of
