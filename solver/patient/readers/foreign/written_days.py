"""Dates as exports write them: the calendar day as it stands there, in its own offset.

2024-03-05T23:30:00-08:00    2024-03-05
2024-03                      the days of March
2024-13                      no date
"""

from __future__ import annotations

import re
from functools import lru_cache

from solver.patient.readers.foreign.statements import Faulty, PossibleDays
from solver.patient.readers.native.dates import NotADateError, parse_date
from solver.patterns import pattern
from solver.text import quote

_TIME = pattern(r"(\d{4}-\d\d-\d\d)[T ]\d\d?:\d\d.*", re.ASCII | re.DOTALL)


def written_days(value: object) -> PossibleDays | Faulty | None:
    """The days that a date may mean, whether it has a time of day or is partial; None where nothing is written."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        return Faulty("is no date: it is not text")
    return _days(value.strip())


@lru_cache(maxsize=20_000)
def _days(text: str) -> PossibleDays | Faulty:
    timed = _TIME.fullmatch(text)
    day = timed[1] if timed else text
    try:
        meant = parse_date(day)
    except NotADateError:
        return Faulty(f"{quote(text)} is no date of the years 1850 to 2199")
    return PossibleDays(int(meant.low), int(meant.high), day)
