"""The days on which the persons of a cohort entered it, by the table `cohort` of a database."""

from __future__ import annotations

from datetime import date

from solver.errors import InputError
from solver.patient.readers.omop.cdm_tables import CdmSource, whole_number

_COLUMNS = ("cohort_definition_id", "subject_id", "cohort_start_date")


def cohort_days(source: CdmSource, cohort: int) -> dict[int, tuple[int, ...]]:
    """For each person of a cohort the days of entry, in rising order.

    Raises `InputError` with one line if there is no such table or cohort, or if a row has no day.
    """
    present = source.columns("cohort")
    if present is None:
        raise InputError(f"{source.name}: has no table cohort, which --as-of cohort asks: give a day")
    missing = [column for column in _COLUMNS if column not in present]
    if missing:
        raise InputError(
            f"{source.name}: the table cohort has no column {missing[0]}: give a CDM of version 5.4"
        )
    found: dict[int, set[int]] = {}
    for row in source.rows("cohort", _COLUMNS, _COLUMNS[0], [cohort], None):
        person = whole_number(row["subject_id"])
        if person is None:
            raise InputError(
                f"{source.name}: a subject_id of cohort {cohort} is no whole number: check the table"
            )
        found.setdefault(person, set()).add(_day_of(row["cohort_start_date"], source.name, person))
    if not found:
        raise InputError(f"{source.name}: the table cohort has nobody of cohort_definition_id {cohort}")
    return {person: tuple(sorted(found[person])) for person in sorted(found)}


def _day_of(text: str | None, name: str, person: int) -> int:
    try:
        return date.fromisoformat((text or "")[:10]).toordinal()
    except ValueError:
        raise InputError(
            f"{name}: the cohort_start_date of person {person} is no date: check the table"
        ) from None
