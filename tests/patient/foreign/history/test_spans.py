"""When something began, ended, or goes on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.patient.readers.foreign.history.spans import EventSpan, date_text, entry_of, settled
from solver.patient.readers.foreign.statements import PossibleDays
from solver.patient.readers.native.dates import parse_date
from tests.support.formats.exports import AS_OF, day_number, days

DAY = day_number(AS_OF)


@pytest.mark.parametrize(
    ("start", "end", "ongoing", "entry"),
    [
        ("2026-01-02", None, True, {"start": "2026-01-02", "ongoing": True}),
        ("2026-01", "2026-11-20", None, {"start": "2026-01", "end": "2026-11-20"}),
        ("2026-01", "2026-11-20", True, {"start": "2026-01", "ongoing": True}),
        ("2026-01", "2026-11-21", None, {"start": "2026-01", "ongoing": True}),
        ("2026", "2026-12", True, {"start": "2026", "ongoing": True}),
        ("2026", "2026-11", False, {"start": "2026", "end": "2026-11"}),
        ("2026", "2026-11", True, {"start": "2026"}),
        ("2026", None, False, {"start": "2026", "ongoing": False}),
        (None, None, None, {}),
        ("1850-01-01", None, True, {"ongoing": True}),
        ("1899-12-31", "1900-02-28", None, {"ongoing": False}),
        ("1900", "1900-03-01", None, {"start": "1900", "end": "1900-03-01"}),
    ],
)
def test_what_a_span_says(
    start: str | None, end: str | None, ongoing: bool | None, entry: dict[str, object]
) -> None:
    """An end after the day is none, one that may lie on either side leaves it open, and a day before anyone's life is not known."""
    span = settled(EventSpan(days(start), days(end), ongoing), DAY)
    assert span is not None
    assert entry_of("x", span, DAY) == {"is": "x", **entry}


def test_an_end_that_nobody_wrote_down_is_none() -> None:
    """What is over by now ended on an unknown day."""
    start = days("2026-01-05")
    assert start is not None
    span = settled(EventSpan(start, PossibleDays(start.first, DAY), False), DAY)
    assert span == EventSpan(start, None, False)


def test_an_end_before_the_start_is_no_span() -> None:
    """Days that may be in order are."""
    assert settled(EventSpan(days("2026-05"), days("2026-01"), False), DAY) is None
    assert settled(EventSpan(days("2026-05"), days("2026-05-02"), False), DAY) is not None


@given(st.integers(day_number("1850-01-01"), day_number("2199-12-31")), st.integers(0, 800))
def test_a_date_holds_all_its_days(first: int, length: int) -> None:
    """It is widened to a month or a year, or left out."""
    last = min(first + length, day_number("2199-12-31"))
    text = date_text(PossibleDays(first, last))
    if text is not None:
        meant = parse_date(text)
        assert meant.low <= first
        assert meant.high >= last


@pytest.mark.parametrize(
    "found", [None, PossibleDays(None, DAY), PossibleDays(1, 2), PossibleDays(DAY, None)]
)
def test_days_without_bounds_have_no_date(found: PossibleDays | None) -> None:
    """Nor have those outside the years that a record holds."""
    assert date_text(found) is None
