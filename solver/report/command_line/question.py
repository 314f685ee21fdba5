"""What the verbs about patients are asked with, and the reading of their records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from solver.dataclass import dataclass
from solver.engine.case import Engine
from solver.errors import InputError
from solver.library.models import Library
from solver.patient.readers.formats import PatientChoice, PatientEntry, patient_entries
from solver.patient.readers.native.read import record_from
from solver.patient.record import Context, Record

if TYPE_CHECKING:
    from solver.engine.conversion.read_export import ConvertedRecord
    from solver.patient.readers.foreign.interpret import ReadingSettings
    from solver.report.command_line.export_report import ReportFile


Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Question:
    """What a verb about patients is asked with: of which trials (None means all), and how a record is read.

    `given_context` is the part of `context` that no site's file says. `choice` and `settings` are for exports of hospitals; what became
    of each goes to `reports`.
    """

    library: Library
    engine: Engine
    trials: Sequence[str] | None = None
    as_of: str | None = None
    context: Context | None = None
    given_context: Context | None = None
    lenient: bool = False
    first_dose: str | None = None
    choice: PatientChoice | None = None
    settings: ReadingSettings | None = None
    reports: ReportFile | None = None

    def entries(self, patient: str) -> Iterator[PatientEntry]:
        """The patients of a file, a folder, a database or standard input."""
        return patient_entries(patient, self.choice)

    def read(self, entry: PatientEntry) -> Record:
        """The record that stands in a file, or that an export comes to, as it is read here."""
        if entry.export is not None:
            converted = self.converted(entry)
            if self.reports is not None:
                self.reports.add(self.library, converted)
            record = converted.record
        else:
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
        from solver.patient.changes import with_first_dose

        return with_first_dose(record, self.library, self.first_dose, name=entry.name)

    def converted(self, entry: PatientEntry) -> ConvertedRecord:
        """What an export comes to."""
        from solver.engine.conversion.read_export import read_export  # much to import, and few need it

        return read_export(
            entry,
            self.library,
            as_of=self.as_of,
            settings=self.settings,
            context=self.context,
            lenient=self.lenient,
        )

    def read_one(self, patient: str) -> Record:
        """The only record of a file; raises `InputError` if it holds more."""
        return self.of_only(patient, self.read)

    def of_only(self, patient: str, read: Callable[[PatientEntry], Found]) -> Found:
        """What is read of the only patient of a file; raises `InputError` if it holds more, or one that cannot be read."""
        found = self.entries(patient)
        entry = next(found)
        if entry.error is not None:
            raise entry.error
        made = read(entry)  # before the next one is looked for: a file is closed behind its last patient
        if next(found, None) is not None:
            raise InputError(f"{entry.name}: is not the only record of its file: give a file with one record")
        return made
