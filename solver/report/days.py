"""Sentences on the days on which a trial takes the patient if only time passes."""

from __future__ import annotations

from collections.abc import Sequence

from solver.questions.answers import DatesAnswer
from solver.questions.dates import Window
from solver.report.wording import listed


def days_line(dates: DatesAnswer | None, as_of: str) -> str | None:
    """From when, or until when, the patient is eligible: one short line, where waiting changes anything."""
    if dates is None or not dates.eligible:
        return None
    spans = dates.eligible
    begin, end = spans[0]
    last = dates.eligible_until
    closes = f"until {last}{_by(dates.closed_by)}" if last else ""
    if begin != as_of:
        found = f"Eligible from {begin} if only time passes{_by(dates.opened_by)}"
        gap = f", not on every day after {end}" if len(spans) > 1 else ""
        return f"{found}{gap}{f', {closes}' if closes else ''}."
    if len(spans) > 1:
        found = f"Eligible until {end} if only time passes, and again from {spans[1][0]}"
        return f"{found}{f', {closes}' if closes else ''}."
    return f"Eligible {closes} if only time passes." if closes else None


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
