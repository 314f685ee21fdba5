"""A list of a record holds only so many entries: of what happened more often, those in the middle are told as one.

3,000 infusions of one drug      the first, the last, and one entry from the second to the last but one
"""

from __future__ import annotations

from collections.abc import Sequence

from solver.dataclass import dataclass
from solver.patient.readers.foreign.gathered import FactSource
from solver.patient.readers.foreign.history.spans import EventSpan
from solver.text import grouped

MOST_ENTRIES = 600
"""Entries of one kind in a list; it has several kinds, and a record holds 1,000."""

MOST_SOURCES = 20
"""Resources that are named behind an entry which stands for many."""


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """An event of a concept, and the resources that tell it."""

    concept: str
    span: EventSpan
    sources: tuple[FactSource, ...]


def within_limit(events: Sequence[ToldEvent], most: int = MOST_ENTRIES) -> list[ToldEvent]:
    """The events; where they are too many, of each concept the first, the last, and one for those between."""
    if len(events) <= most:
        return list(events)
    found: list[ToldEvent] = []
    for alike in grouped((each.concept, each) for each in events).values():
        if len(alike) <= 3:
            found += alike
            continue
        by_start = sorted(alike, key=lambda each: (_first_day(each), _last_day(each)))
        latest = max(range(1, len(by_start)), key=lambda place: _last_day(by_start[place]))
        last = by_start.pop(latest)
        found += [by_start[0], last, _as_one(by_start[1:])]
    return found


def _as_one(events: Sequence[ToldEvent]) -> ToldEvent:
    """One event from the first beginning to the last end."""
    spans = [each.span for each in events]
    ends = [span.end for span in spans if span.end is not None]
    goes_on = [span.ongoing for span in spans]
    if True in goes_on:
        end, ongoing = None, True
    elif None in goes_on:
        end, ongoing = None, None
    else:
        end = max(ends, key=lambda days: days.last or 0) if len(ends) == len(spans) else None
        ongoing = False
    sources = [source for each in events for source in each.sources]
    return ToldEvent(
        events[0].concept, EventSpan(spans[0].start, end, ongoing), tuple(sources[:MOST_SOURCES])
    )


def _first_day(event: ToldEvent) -> int:
    start = event.span.start
    return start.first if start is not None and start.first is not None else 0


def _last_day(event: ToldEvent) -> float:
    """The last day of an end; one that may go on ends after all others."""
    if event.span.ongoing is not False:
        return float("inf")
    end = event.span.end
    return end.last if end is not None and end.last is not None else _first_day(event)
