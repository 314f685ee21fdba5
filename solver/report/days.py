"""Sentences on the days on which a trial takes the patient if only time passes."""

from __future__ import annotations

from collections.abc import Sequence

from solver.engine.answer import DatesAnswer, Window
from solver.report.words import listed


def days_line(dates: DatesAnswer | None, as_of: str) -> str | None:
    """From when, or until when, the patient is eligible: one short line, where waiting changes anything."""
    if dates is None or not dates.eligible:
        return None
    (begin, end), *more = dates.eligible
    last, opened = dates.eligible_until, _by(dates.opened_by)
    until = f"until {last}{_by(dates.closed_by)}" if last else ""
    if more:
        start = "" if begin == as_of else f"from {begin}{opened} "
        stop = f" {until}" if until else ""
        return f"Eligible {start}until {end} and again from {more[0][0]}{stop} if only time passes."
    if begin == as_of:
        return f"Eligible {until} if only time passes." if until else None
    if until:
        return f"Eligible from {begin}{opened} {until} if only time passes."
    return f"Eligible from {begin} if only time passes{opened}."


def windows_words(word: str, windows: Sequence[Window], as_of: str, horizon: str) -> str:
    """From when until when the patient is what `word` says, and again."""
    parts: list[str] = []
    for window in windows:
        now, lasts = window.first == as_of, window.last == horizon
        start = "now" if now else f"from {window.first}{_by(window.opened_by)}"
        end = (
            f"with no end before {horizon}"
            if lasts
            else f"until {window.last}{_by(window.closed_by, 'then ')}"
        )
        comma = "," if now or lasts else ""
        parts.append(f"{'again' if parts else word} {start}{comma} {end}")
    return "; ".join(parts)


def _by(clauses: Sequence[str], lead: str = "") -> str:
    return f" ({lead}{listed(clauses)})" if clauses else ""
