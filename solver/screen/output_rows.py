"""The rows that `screen` writes: one for each patient and trial, every column at every level."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solver.dataclass import dataclass
from solver.engine.case import Engine
from solver.errors import InputError
from solver.language.calendar import format_day
from solver.library.models import Library
from solver.patient.readers.native.read import record_from
from solver.patient.record import Context, Record
from solver.screen.cohort import CohortPatient
from solver.screen.judge import Level, TrialVerdict, judge

OutputRow = dict[str, Any]

COLUMNS = (
    "row",
    "patient",
    "as_of",
    "trial",
    "code",
    "verdict",
    "published_only",
    "blocking",
    "open",
    "contradictions",
    "conflicts",
    "deciding_sets",
    "missing",
    "encoded_clauses",
    "encoded_of",
    "was",
    "was_blocking",
    "error",
    "conflicts_complete",
    "eligible_without",
)
"""The columns in their order."""


@dataclass(frozen=True, slots=True)
class ScreenQuestion:
    """What is asked about each patient: which trials (None: all), for which day, in which context, with how many reasons.

    With `prove` what evaluation shows is decided by the engine as well.
    """

    trials: tuple[str, ...] | None
    as_of: str | None
    context: Context | None
    level: Level
    prove: bool = False

    def rows(self, engine: Engine, patient: CohortPatient, day: int | None) -> Iterator[OutputRow]:
        """The rows of one patient; `day` is that of exports."""
        return output_rows(engine, patient, self, day)


def output_rows(
    engine: Engine, patient: CohortPatient, asked: ScreenQuestion, day: int | None
) -> Iterator[OutputRow]:
    """The rows of one patient; of one who cannot be read a single row with the error."""
    try:
        record = patient_record(engine.library, patient, asked, day)
        yield from record_rows(engine, record, asked, patient.row)
    except InputError as error:
        yield _row(patient.row, _own_id(patient), None, error="\n".join(error.problems))


def record_rows(engine: Engine, record: Record, asked: ScreenQuestion, row: int) -> Iterator[OutputRow]:
    """The rows of one record."""
    verdicts = judge(engine, record, asked.trials, asked.level, prove=asked.prove)
    contradictions = None if asked.level == "none" else verdicts.contradictions
    empty = _row(row, record.id, record.as_of, contradictions=_lists(contradictions))
    for each in verdicts.trials:
        yield empty | _told(each)


def _own_id(patient: CohortPatient) -> str:
    """The id that a record gives itself, as far as it can be read."""
    found = patient.value.get("id") if isinstance(patient.value, dict) else None
    return found if isinstance(found, str) and found.strip() else patient.otherwise


def patient_record(
    library: Library, patient: CohortPatient, asked: ScreenQuestion, day: int | None
) -> Record:
    """The record of a patient; raises `InputError` with a line a fault where there is none."""
    if patient.error is not None:
        raise InputError(patient.error)
    if patient.export is None:
        return record_from(
            patient.value, library, name=patient.name, as_of=asked.as_of, context=asked.context
        )
    # only exports need the codes of other systems, and what reads them takes time to import
    from solver.engine.conversion.read_export import converted_record
    from solver.patient.readers.foreign.interpret import ReadingSettings

    day = day if patient.day is None else patient.day
    assert day is not None
    statements, account = patient.export
    settings = ReadingSettings(patient.otherwise)
    return converted_record(
        statements, account, library, day, patient.name, settings=settings, context=asked.context
    ).record


def _row(
    number: int,
    name: str,
    as_of: int | None,
    *,
    contradictions: list[list[str]] | None = None,
    error: str | None = None,
) -> OutputRow:
    """The row of a patient without a trial."""
    row: OutputRow = dict.fromkeys(COLUMNS)
    # JSON can write half of a letter, and no table can
    name = name.encode("utf-8", "backslashreplace").decode("utf-8")
    row |= {"row": number, "patient": name, "contradictions": contradictions, "error": error}
    row["as_of"] = None if as_of is None else format_day(as_of)
    return row


def _told(verdict: TrialVerdict) -> OutputRow:
    """What a row says of a trial."""
    encoded, of = verdict.encoded or (None, None)
    return {
        "trial": verdict.trial,
        "code": verdict.code,
        "verdict": verdict.verdict,
        "published_only": verdict.published_only,
        "blocking": None if verdict.blocking is None else list(verdict.blocking),
        "open": None if verdict.open is None else list(verdict.open),
        "conflicts": _lists(verdict.conflicts),
        "deciding_sets": _lists(verdict.deciding_sets),
        "missing": None if verdict.missing is None else list(verdict.missing),
        "encoded_clauses": encoded,
        "encoded_of": of,
        "conflicts_complete": verdict.conflicts_complete,
        "eligible_without": _lists(verdict.eligible_without),
    }


def _lists(sets: tuple[tuple[str, ...], ...] | None) -> list[list[str]] | None:
    return None if sets is None else [list(each) for each in sets]
