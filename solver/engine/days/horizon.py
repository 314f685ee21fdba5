"""How far ahead is looked for the days on which a trial takes a patient."""

from __future__ import annotations

import re

from solver.errors import InputError
from solver.language.calendar import LAST_DAY, add_months, format_day
from solver.patterns import pattern
from solver.text import quote

HORIZON_MONTHS = 84
HORIZON = f"{HORIZON_MONTHS // 12}y"
"""How far ahead is looked, if nothing else is said: seven years."""

_FARTHEST = 50
_SPAN = pattern(r"([1-9][0-9]{0,5})([ymd])", re.ASCII)


def horizon_day(start: int, horizon: str) -> int:
    """The last day of a horizon given as `7y`, `18m` or `90d` from a day; raises `InputError`."""
    form = _SPAN.fullmatch(horizon)
    if form is None:
        raise InputError(f"{quote(horizon)} is no horizon: write 7y, 18m or 90d, for years, months or days")
    count, unit = int(form[1]), form[2]
    years = {"y": count, "m": count / 12, "d": count / 366}[unit]
    if years > _FARTHEST:
        raise InputError(f"{quote(horizon)} is too far ahead: at most {_FARTHEST}y")
    last = start + count if unit == "d" else add_months(start, count * (12 if unit == "y" else 1))
    if last > LAST_DAY:
        raise InputError(f"{quote(horizon)} ends after {format_day(LAST_DAY)}: write a shorter one")
    return last
