"""The days of evaluation that stand for all, in words and in JSON."""

from __future__ import annotations

from typing_extensions import TypedDict

from solver.engine.days.any_day import DAYS
from solver.language.calendar import format_day


class DaysShape(TypedDict):
    """Days of evaluation, all of which were looked at together; from then on the calendar repeats."""

    first: str
    """`YYYY-MM-DD`."""
    last: str


def days_shape() -> DaysShape:
    """The days as JSON values."""
    first, last = map(format_day, DAYS)
    return {"first": first, "last": last}


def days_words() -> str:
    """The days in words."""
    first, last = map(format_day, DAYS)
    return f"on any day ({first} to {last}, then the calendar repeats)"
