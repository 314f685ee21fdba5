"""A first dose that is planned for a day."""

from __future__ import annotations

from dataclasses import replace

from solver.errors import InputError
from solver.language.calendar import format_day
from solver.library.models import Library
from solver.patient.readers.native.dates import NotADateError, parse_date
from solver.patient.readers.native.json_text import display_name
from solver.patient.record import Fact, Record


def with_first_dose(record: Record, library: Library, day: str, *, name: str | None = None) -> Record:
    """The record with the first dose planned for a day, `YYYY-MM-DD`, whatever it says itself.

    Raises `InputError`, in which `name` stands for the record, if that is no day, or lies before the record's own.
    """
    where = f"{display_name(name) if name else record.id}: first dose"
    try:
        domain = parse_date(day, partial=False)
    except NotADateError as error:
        raise InputError(f"{where}: {error}") from None
    if domain.low < record.as_of:
        on = format_day(record.as_of)
        raise InputError(
            f"{where}: {day} is before the day of evaluation, {on}: give that day or a later one"
        )
    planned = [each.name for each in library.variables.values() if each.absent_as_of]
    if not planned:
        raise InputError(f"{where}: the encodings have no variable for the day of the first dose")
    return replace(record, facts={**record.facts, **{each: Fact(each, domain, day) for each in planned}})
