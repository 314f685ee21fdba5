"""Whom the clauses of a trial exclude, in the order of the protocol.

judged 100    A excludes 30: 30 for the first time, 70 remain    B excludes 40, 15 of them for the first time: 55 remain
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from solver.dataclass import dataclass
from solver.library.models import Trial
from solver.screen.judge import Level
from solver.screen.output_rows import OutputRow
from solver.screen.row_frames import RowFrame


@dataclass(frozen=True, slots=True)
class ClauseAttrition:
    """Whom one clause excludes.

    `fails`: it excludes them by itself. `gain`: without it they would not be excluded, since every conflict has it; None where conflicts
    were not worked out, and nobody counts of whom not all are listed. `first`: no clause before it excludes them. `remaining`: those whom
    no clause so far excludes. `open`: of an undetermined trial, it is open.
    """

    clause: str
    label: str
    fails: int
    gain: int | None
    first: int
    remaining: int
    open: int


@dataclass
class TrialTally:
    """Counts of one trial, row by row."""

    trial: Trial
    level: Level
    verdicts: dict[str, int] = field(default_factory=dict)
    judged: int = 0
    jointly: int = 0
    _fails: dict[str, int] = field(default_factory=dict)
    _gains: dict[str, int] = field(default_factory=dict)
    _first: dict[str, int] = field(default_factory=dict)
    _open: dict[str, int] = field(default_factory=dict)
    _places: dict[str, int] = field(default_factory=dict)

    def add(self, row: OutputRow, count: int = 1) -> None:
        """Count one patient, or so many who stand alike."""
        verdict = row["verdict"]
        _count(self.verdicts, verdict, count)
        if verdict == "withheld":
            return
        self.judged += count
        blocking = row["blocking"] or ()
        for name in blocking:
            _count(self._fails, name, count)
        for name in row["open"] or ():
            _count(self._open, name, count)
        if blocking:
            first = min(blocking, key=self._place) if len(blocking) > 1 else blocking[0]
            _count(self._first, first, count)
        elif verdict == "ineligible" and self.level != "none":
            self.jointly += count
        if row["conflicts"] and row["conflicts_complete"]:
            for name in set.intersection(*map(set, row["conflicts"])):
                _count(self._gains, name, count)

    def attrition(self) -> tuple[ClauseAttrition, ...]:
        """The clauses that exclude anybody, or are open for anybody, in the order of the protocol."""
        found, remaining, labels = [], self.judged, self.trial.labels
        told = labels.keys() & {*self._fails, *self._open, *self._gains}
        for name in sorted(told, key=self._place) if len(told) > 1 else told:
            fails, first = self._fails.get(name, 0), self._first.get(name, 0)
            remaining -= first
            gain = self._gains.get(name, 0) if self.level == "full" else None
            found.append(
                ClauseAttrition(name, labels[name], fails, gain, first, remaining, self._open.get(name, 0))
            )
        return tuple(found)

    def _place(self, name: str) -> int:
        if not self._places:
            self._places.update({each: place for place, each in enumerate(self.trial.labels)})
        return self._places[name]


def _count(counts: dict[str, int], name: str, count: int) -> None:
    counts[name] = counts.get(name, 0) + count


@dataclass
class CohortTally:
    """Counts of a cohort: patients, those who could not be read, and each trial."""

    trials: Mapping[str, TrialTally]
    patients: int = 0
    errors: int = 0
    _last: int = 0

    def add(self, row: OutputRow | RowFrame) -> None:
        """Count an output row, or many at once; rows of one patient follow one another."""
        if isinstance(row, RowFrame):
            self._add_frame(row)
            return
        if row["row"] != self._last:
            self._last = row["row"]
            self.patients += 1
        if row["error"] is not None:
            self.errors += 1
        else:
            self.trials[row["code"]].add(row)

    def _add_frame(self, rows: RowFrame) -> None:
        self.patients += rows.patients
        self.errors += rows.errors
        for row, count in rows.alike():
            self.trials[row["code"]].add(row, count)
