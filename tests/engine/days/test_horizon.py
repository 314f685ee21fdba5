"""How far ahead is looked, to the day: what is the last day, and what is too far."""

from __future__ import annotations

from datetime import date

import pytest

from solver.engine.days.horizon import horizon_day
from solver.errors import InputError

START = date(2024, 2, 29)


@pytest.mark.parametrize(
    ("horizon", "last"),
    [
        ("1y", date(2025, 2, 28)),
        ("50y", date(2074, 2, 28)),
        ("18m", date(2025, 8, 29)),
        ("600m", date(2074, 2, 28)),
        ("1d", date(2024, 3, 1)),
        ("18300d", date.fromordinal(START.toordinal() + 18300)),
    ],
)
def test_the_last_day_counts(horizon: str, last: date) -> None:
    """Years and months are those of the calendar; fifty years, or at most as many days, are not too far."""
    assert horizon_day(START.toordinal(), horizon) == last.toordinal()


@pytest.mark.parametrize("horizon", ["51y", "601m", "18301d", "999999d"])
def test_more_than_fifty_years_are_too_far(horizon: str) -> None:
    """In whatever unit they are written."""
    with pytest.raises(InputError, match="too far ahead: at most 50y"):
        horizon_day(START.toordinal(), horizon)


@pytest.mark.parametrize(
    "horizon", ["", "7", "0y", "-1y", "07y", "1.5y", "7 y", "7y ", "7Y", "1000000d", "٧y"]
)
def test_what_is_no_number_of_years_months_or_days_is_no_horizon(horizon: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(InputError, match="is no horizon: write 7y, 18m or 90d"):
        horizon_day(START.toordinal(), horizon)


def test_a_horizon_ends_within_the_days_that_records_speak_of() -> None:
    """On the last of them at the latest."""
    start = date(2199, 11, 30).toordinal()
    assert horizon_day(start, "31d") == date(2199, 12, 31).toordinal()
    for horizon in ("32d", "2m", "1y"):
        with pytest.raises(InputError, match="ends after 2199-12-31"):
            horizon_day(start, horizon)
