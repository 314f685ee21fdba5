"""Screening a cohort: each patient against each trial, the rows that are written, and what they come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from solver.dataclass import dataclass
from solver.engine.case import Engine
from solver.errors import InputError
from solver.questions.screen.answer import (
    AttritionRow,
    Count,
    MovedPatients,
    ScreenAnswer,
    ScreenedTrial,
)
from solver.screen.attrition import ClauseAttrition, CohortTally, TrialTally
from solver.screen.output_rows import OutputRow, ScreenQuestion
from solver.screen.row_frames import RowFrame
from solver.text import quote


@dataclass
class EarlierOutput:
    """An earlier output: of each patient and trial, the verdict and the clauses that excluded; and whether the encodings are the same."""

    same_encodings: bool
    rows: dict[tuple[str, str], OutputRow] = field(default_factory=dict)
    seen: set[tuple[str, str]] = field(default_factory=set)
    _places: dict[str, int] = field(default_factory=dict)
    """The row of each patient, also of one who could not be read; then those of now."""
    _places_now: dict[str, int] = field(default_factory=dict)

    def take(self, row: OutputRow, where: str) -> None:
        """Take a row; raises `InputError` for a patient who is there twice."""
        key = row["patient"], row["code"]
        if self._places.setdefault(row["patient"], row["row"]) != row["row"] or key in self.rows:
            raise InputError(
                f"{where}: the patient {quote(row['patient'])} is there twice: ids must tell patients apart"
            )
        if row["code"] is not None:
            self.rows[key] = {"verdict": row["verdict"], "blocking": row["blocking"]}

    def compared(self, row: OutputRow) -> OutputRow:
        """A row of now, with what the earlier output says of the same patient and trial; raises `InputError` for one met twice."""
        if self._places_now.setdefault(row["patient"], row["row"]) != row["row"]:
            raise InputError(
                f"the patient {quote(row['patient'])} is in the cohort twice: ids must tell patients apart"
            )
        if row["code"] is None:
            return row
        key = row["patient"], row["code"]
        self.seen.add(key)
        before = self.rows.get(key)
        return (
            row if before is None else {**row, "was": before["verdict"], "was_blocking": before["blocking"]}
        )


class Moves:
    """Who moved from which verdict to which, by trial."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[tuple[str | None, str | None]]] = {}
        self._clauses: dict[tuple[str, str | None, str | None], Counter[str]] = {}

    def add(self, row: OutputRow, *, known: bool) -> None:
        """Count a patient of now; `known` says whether the earlier output has the patient."""
        if row["code"] is not None and (not known or row["was"] != row["verdict"]):
            self._count(row["code"], row["was"] if known else None, row["verdict"], row)

    def add_gone(self, code: str, was: str) -> None:
        """Count a patient of whom only the earlier output says something."""
        self._count(code, was, None, {"blocking": None, "was_blocking": None})

    def _count(self, code: str, was: str | None, now: str | None, row: OutputRow) -> None:
        self._counts.setdefault(code, Counter())[was, now] += 1
        changed = set(row["blocking"] or ()) ^ set(row["was_blocking"] or ()) if was and now else set()
        self._clauses.setdefault((code, was, now), Counter()).update(changed)

    def of(self, code: str, least: int) -> tuple[MovedPatients, ...]:
        """The moves of one trial, the most frequent first."""
        counts = sorted(self._counts.get(code, Counter()).items(), key=lambda each: (-each[1], str(each[0])))
        return tuple(
            MovedPatients(
                was,
                now,
                told(number, least),
                {name: told(n, least) for name, n in self._clauses[code, was, now].most_common()},
            )
            for (was, now), number in counts
        )


def told(number: int, least: int) -> Count:
    """A number of patients, or that they are fewer than are told."""
    return f"<{least}" if 0 < number < least else number


def screened(
    engine: Engine,
    asked: ScreenQuestion,
    rows: Iterable[OutputRow | RowFrame],
    *,
    least: int = 1,
    earlier: EarlierOutput | None = None,
    ignored: Sequence[str] = (),
) -> ScreenAnswer:
    """What rows of output come to; counts of fewer than `least` patients are not told."""
    chosen = engine.chosen(asked.trials)
    tally = CohortTally({trial.code: TrialTally(trial, asked.level) for trial in chosen})
    moves = Moves()
    for row in rows:
        tally.add(row)
        if earlier is not None and not isinstance(row, RowFrame):
            moves.add(row, known=(row["patient"], row["code"]) in earlier.rows)
    for code, was in _gone(earlier, tally.trials):
        moves.add_gone(code, was)
    return ScreenAnswer(
        engine.version,
        told(tally.patients, least),
        told(tally.errors, least),
        tuple(
            ScreenedTrial(
                each.trial.nct,
                each.trial.code,
                {name: told(count, least) for name, count in sorted(each.verdicts.items())},
                told(each.judged, least),
                told(each.jointly, least),
                tuple(_attrition(each.attrition(), each.judged, least)),
                None if earlier is None else moves.of(each.trial.code, least),
            )
            for each in tally.trials.values()
        ),
        tuple(ignored),
        earlier is not None and not earlier.same_encodings,
        engine.library.site,
    )


def _gone(earlier: EarlierOutput | None, trials: Mapping[str, TrialTally]) -> Iterator[tuple[str, str]]:
    if earlier is not None:
        for key, row in earlier.rows.items():
            if key not in earlier.seen and key[1] in trials:
                yield key[1], row["verdict"]


def _attrition(found: Sequence[ClauseAttrition], judged: int, least: int) -> Iterator[AttritionRow]:
    """The rows as they are told: from a number that is hidden on, what remains is no more than the numbers told before leave.

    With how many remain, a reader could work out the number that is hidden.
    """
    if least == 1:  # nothing is hidden
        for each in found:
            yield AttritionRow(
                each.clause, each.label, each.fails, each.gain, each.first, each.remaining, each.open
            )
        return
    left, hidden = judged, False
    for each in found:
        small = 0 < each.first < least
        hidden = hidden or small
        left -= 0 if small else each.first
        remaining: Count = f"<{max(least, left + 1)}" if hidden else told(each.remaining, least)
        gain = None if each.gain is None else told(each.gain, least)
        yield AttritionRow(
            each.clause,
            each.label,
            told(each.fails, least),
            gain,
            told(each.first, least),
            remaining,
            told(each.open, least),
        )
