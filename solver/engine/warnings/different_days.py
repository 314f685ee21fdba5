"""The hint that facts which contradict each other are results of different days, so that the older may have changed since."""

from __future__ import annotations

from collections.abc import Sequence

from solver.engine.answer import AnswerWarning
from solver.language.calendar import format_day
from solver.patient.readers.native.dates import NotADateError, parse_date
from solver.patient.record import Record


def different_days(record: Record, contradiction: Sequence[str]) -> AnswerWarning | None:
    """That the facts of a contradiction are of different days, and which is the older; None where they are not, or nobody knows."""
    dated: dict[str, tuple[int, int]] = {}
    for name in contradiction:
        written = record.facts[name].date if name in record.facts else None
        if written is None:
            continue
        try:
            found = parse_date(written)
        except NotADateError:
            continue
        dated[name] = int(found.low), int(found.high)
    if len(dated) < 2:
        return None
    older = min(dated, key=lambda name: (dated[name][1], name))
    newer = max(dated, key=lambda name: (dated[name][0], name))
    if dated[older][1] >= dated[newer][0]:
        return None
    first, last = (format_day(day) for day in (dated[older][1], dated[newer][0]))
    text = f"what contradicts itself is of different days: {older} of {first} is older than {newer} of {last}"
    return AnswerWarning(code="different-days", text=text, variable=older)
