"""The days of evaluation that an answer about a trial alone, of no patient, is given for."""

from __future__ import annotations

from solver.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class EvaluationDays:
    """Days of evaluation, all of which were looked at together; from then on the calendar repeats."""

    first: str
    """`YYYY-MM-DD`."""
    last: str

    def __str__(self) -> str:
        """`on any day (2026-01-01 to 2029-12-31, then the calendar repeats)`."""
        return f"on any day ({self.first} to {self.last}, then the calendar repeats)"
