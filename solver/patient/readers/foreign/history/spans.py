"""When something began, ended, or goes on, as an entry of a record writes it.

    from 2026-10-01 to 2026-12 on 2026-11-20     {"start": "2026-10-01", "ongoing": true}
    until some day, the first unknown            {"ongoing": false}

A date is only ever widened to its month or year, and left out where no date holds it.
"""

from __future__ import annotations

from collections.abc import Sequence

from solver.dataclass import dataclass
from solver.language.calendar import FIRST_DAY, LAST_DAY, first_day_lived, format_day
from solver.language.concepts import Lasts
from solver.patient.readers.foreign.statements import Faulty, PossibleDays


@dataclass(frozen=True, slots=True)
class EventSpan:
    """The days on which something may have begun and ended, None where nothing is known; `ongoing` None: it goes on or not."""

    start: PossibleDays | None = None
    end: PossibleDays | None = None
    ongoing: bool | None = None


def readable(days: PossibleDays | Faulty | None) -> PossibleDays | None:
    """The days, if they are any."""
    return None if isinstance(days, Faulty) else days


def begins_after(days: PossibleDays | None, as_of: int) -> bool:
    """Whether it begins after a day, whichever of its days it is."""
    return days is not None and days.first is not None and days.first > as_of


def wholly_after(days: PossibleDays, other: PossibleDays) -> bool:
    """Whether each of the days lies after each of the others."""
    return days.first is not None and other.last is not None and days.first > other.last


def not_before_others(days: Sequence[PossibleDays]) -> list[bool]:
    """For each of several, whether none of the others lies wholly after it."""
    latest = max((each.first for each in days if each.first is not None), default=None)
    return [latest is None or each.last is None or each.last >= latest for each in days]


def cut(days: PossibleDays | None, as_of: int) -> PossibleDays:
    """The days up to a day; none known: any up to it."""
    if days is None:
        return PossibleDays(None, as_of)
    last = as_of if days.last is None else min(days.last, as_of)
    return PossibleDays(days.first, last, days.written)


def settled(span: EventSpan, as_of: int) -> EventSpan | None:
    """What the span says on a day: an end that lies after it is none, nor is one on it of what is said to go on.

    None where it ends before it begins.
    """
    start, end = span.start, span.end
    if start is not None and end is not None and wholly_after(start, end):
        return None
    if end is None or (end.first is None and end.last is None):
        return EventSpan(start, None, span.ongoing)
    if begins_after(end, as_of) or (span.ongoing is True and end.full and end.first == as_of):
        return EventSpan(start, None, True)
    if span.ongoing is False and end.written is None and not end.full and (end.last or as_of) >= as_of:
        # over by now, on a day that nobody wrote down
        return EventSpan(start, None, False)
    if end.last is None or end.last > as_of:
        # the end may lie on either side; what is said to be over ended before
        return EventSpan(start, cut(end, as_of), False) if span.ongoing is False else EventSpan(start)
    return EventSpan(start, end, False)


def date_text(days: PossibleDays | None) -> str | None:
    """The narrowest date that holds the days: a day, a month or a year; None where there is none."""
    if days is None or days.first is None or days.last is None:
        return None
    if days.first < FIRST_DAY or days.last > LAST_DAY:
        return None
    first, last = format_day(days.first), format_day(days.last)
    for length in (10, 7, 4):
        if first[:length] == last[:length]:
            return first[:length]
    return None


def entry_of(name: str, span: EventSpan, as_of: int, lasts: Lasts = "span") -> dict[str, object]:
    """The entry of a record, without its source; `span` is settled. What lasts for a day or for life has no end.

    A day on which nobody lived who lives on the day `as_of` stands for one that is not known, and is left out.
    """
    entry: dict[str, object] = {"is": name}
    if (start := date_text(_days_lived(span.start, as_of))) is not None:
        entry["start"] = start
    if lasts != "span":
        return entry
    if (end := date_text(_days_lived(span.end, as_of))) is not None:
        entry["end"] = end
    elif span.ongoing is not None:
        entry["ongoing"] = span.ongoing
    return entry


def _days_lived(days: PossibleDays | None, as_of: int) -> PossibleDays | None:
    """The days, if one of them is of a life that lasts until a day."""
    before = days is not None and days.last is not None and days.last < first_day_lived(as_of)
    return None if before else days
