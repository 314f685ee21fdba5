"""What the verbs about patients are asked with, and the reading of their records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from solver.engine.case import Engine
from solver.errors import InputError
from solver.library.models import Library
from solver.patient.changes import with_first_dose
from solver.patient.readers.native.read import record_from
from solver.patient.readers.native.several import RecordEntry, entries
from solver.patient.record import Context, Record


@dataclass(frozen=True, slots=True)
class Question:
    """What a verb about patients is asked with: of which trials (None means all), and how a record is read."""

    library: Library
    engine: Engine
    trials: Sequence[str] | None = None
    as_of: str | None = None
    context: Context | None = None
    lenient: bool = False
    first_dose: str | None = None

    def read(self, entry: RecordEntry) -> Record:
        """The record that stands in a file, as it is read here."""
        record = record_from(
            entry.value,
            self.library,
            name=entry.name,
            as_of=self.as_of,
            context=self.context,
            lenient=self.lenient,
        )
        if self.first_dose is None:
            return record
        return with_first_dose(record, self.library, self.first_dose, name=entry.name)

    def read_one(self, patient: str) -> Record:
        """The only record of a file; raises `InputError` if it holds more."""
        found = entries(patient)
        entry = next(found)
        if next(found, None) is not None:
            raise InputError(f"{entry.name}: is not the only record of its file: give a file with one record")
        if entry.error is not None:
            raise entry.error
        return self.read(entry)
