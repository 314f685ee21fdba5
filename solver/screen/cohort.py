"""The patients of a cohort, one after another: rows of a table, lines of NDJSON, files of a folder, persons of a database.

Each becomes a `CohortPatient`, which another process can take over: a native record not yet read, or the statements of an export.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solver.dataclass import dataclass
from solver.errors import InputError
from solver.library.models import Library
from solver.patient.readers.formats import (
    PatientChoice,
    PatientEntry,
    bulk_entries,
    is_database,
    line_entries,
    patient_entries,
)
from solver.patient.readers.native.json_text import display_name, file_stem
from solver.patient.readers.native.several import LINE_ENDINGS
from solver.patterns import pattern
from solver.reading import open_file
from solver.screen.parquet_footers import MARK
from solver.screen.table_columns import TableColumns, table_columns
from solver.screen.tables import (
    Row,
    csv_columns,
    csv_rows,
    parquet_columns,
    parquet_height,
    parquet_rows,
)

if TYPE_CHECKING:  # what reads exports takes time to import
    from solver.patient.account import Account
    from solver.patient.readers.foreign.statements import Export

_TABLE = (".csv", ".parquet")
_PLACED = pattern(r"(.*?)((?::\d+|\[\d+\])?)", re.DOTALL)
_OF_A_FOLDER = (".json", ".json.gz")


@dataclass(frozen=True, slots=True)
class CohortPatient:
    """One patient: a native record as parsed, statements of an export, or what is wrong. `row` counts from 1 over all cohorts.

    `name` is what messages call it, `otherwise` the id where it says none.
    """

    row: int
    name: str
    otherwise: str
    value: Any = None
    export: tuple[Export, Account] | None = None
    error: str | None = None
    day: int | None = None
    """That of the export, where each patient has one."""


@dataclass(frozen=True, slots=True)
class CohortReading:
    """How cohorts are read: the day of exports, which words are empty cells, and whether columns that say nothing are left out.

    Of a database only these `persons` are read, and with `cohort_id` those of this cohort of it, each on the day of entry.
    """

    as_of: int | None = None
    null: str | None = None
    ignore_columns: bool = False
    persons: tuple[str, ...] | None = None
    cohort_id: int | None = None

    @property
    def of_a_database(self) -> bool:
        """Whether it says what only a database has."""
        return self.persons is not None or self.cohort_id is not None


def cohort_patients(paths: list[str], library: Library, reading: CohortReading) -> Iterator[CohortPatient]:
    """The patients of all cohorts in their order.

    Raises `InputError` with one line a fault where a cohort cannot be read, or a column says nothing, before anybody is read.
    """
    found = opened_cohorts(paths, library, reading)
    return RowNumbers().of(chain.from_iterable(each.patients for each in found))


@dataclass(frozen=True, slots=True)
class OpenedCohort:
    """A cohort of which is checked that it is there, and what its columns say; `columns` are those of a table, of CSV if `csv` says so."""

    path: str
    patients: Iterator[CohortPatient]
    columns: TableColumns | None = None
    csv: bool = False


def opened_cohorts(paths: list[str], library: Library, reading: CohortReading) -> list[OpenedCohort]:
    """The cohorts in their order; raises `InputError` as `cohort_patients` does."""
    return [_opened(path, library, reading) for path in paths]


@dataclass
class RowNumbers:
    """Counts rows over all cohorts."""

    count: int = 0

    def of(self, patients: Iterable[CohortPatient]) -> Iterator[CohortPatient]:
        """The patients with the numbers of their rows."""
        for patient in patients:
            self.count += 1
            yield replace(patient, row=self.count)


def ignored_columns(paths: list[str], library: Library, reading: CohortReading) -> list[str]:
    """The columns that say nothing of a patient, of all tables."""
    found: list[str] = []
    for path in paths:
        if _is_table(path):
            found += _columns(path, library, reading)[1].ignored
    return list(dict.fromkeys(found))


def cohort_size(paths: list[str]) -> int | None:
    """About how many patients the cohorts hold, for whoever waits; None where that is not seen without reading them."""
    found = 0
    for path in paths:
        if path == "-" or "://" in path or os.path.isdir(path):
            return None
        if _is_table(path) and not path.lower().endswith(".csv"):
            found += parquet_height(Path(path), display_name(path))
        elif path.lower().endswith((".csv", *LINE_ENDINGS)):
            with open_file(path, display_name(path), streams=True) as file:
                found += sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
        else:
            return None
    return found


def _is_table(path: str) -> bool:
    if path == "-" or "://" in path or os.path.isdir(path):
        return False
    try:
        with open(path, "rb") as file:
            mark = file.read(len(MARK))
    except OSError:
        return path.lower().endswith(_TABLE)
    return mark == MARK or path.lower().endswith(_TABLE)


def _columns(path: str, library: Library, reading: CohortReading) -> tuple[Iterator[Row], TableColumns]:
    name, file = display_name(path), Path(path)
    if path.lower().endswith(".csv"):
        columns, rows = csv_columns(file, name), csv_rows(file, name)
    else:
        columns, rows = parquet_columns(file, name), parquet_rows(file, name)
    return rows, table_columns(columns, library, name, ignore=reading.ignore_columns)


def _opened(path: str, library: Library, reading: CohortReading) -> OpenedCohort:
    name = display_name(path)
    if reading.of_a_database and (path == "-" or not is_database(path)):
        raise InputError(f"{name}: is no OMOP database: --persons and --as-of cohort are for one")
    if _is_table(path):
        rows, columns = _columns(path, library, reading)
        patients = table_patients(rows, columns, path, reading)
        return OpenedCohort(path, patients, columns, path.lower().endswith(".csv"))
    if path != "-" and "://" not in path and not os.path.isdir(path):
        open_file(path, name, streams=True).close()
    return OpenedCohort(path, _entries(path, library, reading))


def table_patients(
    rows: Iterable[Row], columns: TableColumns, path: str, reading: CohortReading, first: int = 1
) -> Iterator[CohortPatient]:
    """The patients of rows of a table, of which the first has this number."""
    name, stem = display_name(path), Path(path).stem
    for number, row in enumerate(rows, first):
        called, otherwise = f"{name}:{number}", f"{stem}:{number}"
        if isinstance(row, str):
            yield CohortPatient(0, called, otherwise, error=f"{called}: {row}")
        else:
            yield CohortPatient(0, called, otherwise, columns.document(row, otherwise, reading.null))


def _entries(path: str, library: Library, reading: CohortReading) -> Iterator[CohortPatient]:
    """The patients of NDJSON, of a folder with a file for each, of a bulk export, or of a database."""
    if path == "-" or "://" in path or not os.path.isdir(path):
        bulk = [path] if path.lower().endswith((*LINE_ENDINGS, ".gz")) and _is_bulk(path) else []
        yield from _read_all(_bulk(bulk, path) if bulk else _entries_of(path, reading), library, reading)
        return
    from solver.patient.readers.fhir.bulk_export import BULK_ENDINGS, is_bulk_export

    inside = sorted(each.path for each in os.scandir(path) if each.is_file())
    if is_database(path):
        yield from _read_all(_entries_of(path, reading), library, reading)
        return
    lines = [each for each in inside if each.lower().endswith(BULK_ENDINGS)]
    files = [each for each in inside if each.lower().endswith((*_OF_A_FOLDER, *BULK_ENDINGS))]
    if not files:
        raise InputError(
            f"{display_name(path)}: holds no *.json and no *.ndjson: give a file for each patient"
        )
    if lines and is_bulk_export(list(map(Path, lines))):
        yield from _read_all(_bulk(lines, path), library, reading)
        return
    for each in files:
        try:
            yield from _read_all(_entries_of(each, reading), library, reading)
        except InputError as error:
            yield CohortPatient(0, display_name(each), file_stem(each), error="\n".join(error.problems))


def _is_bulk(path: str) -> bool:
    from solver.patient.readers.fhir.bulk_export import BULK_ENDINGS, is_bulk_export

    return path.lower().endswith(BULK_ENDINGS) and is_bulk_export([Path(path)])


def _entries_of(path: str, reading: CohortReading) -> Iterator[PatientEntry]:
    if path == "-" or path.lower().removesuffix(".gz").endswith(LINE_ENDINGS):
        return line_entries(path)
    persons = reading.persons or ()
    return patient_entries(path, PatientChoice(persons, not persons, cohort=reading.cohort_id))


def _bulk(files: list[str], path: str) -> Iterator[PatientEntry]:
    return bulk_entries(list(map(Path, files)), display_name(path))


def _read_all(
    entries: Iterable[PatientEntry], library: Library, reading: CohortReading
) -> Iterator[CohortPatient]:
    return (_patient(entry, library, reading) for entry in entries)


def _called_as(name: str) -> str:
    """What a patient without an id is called: the file without its ending, with the line or the place in it, as `match` does."""
    file, place = _PLACED.fullmatch(name).groups()  # type: ignore[union-attr]
    return file_stem(file) + place


def _patient(entry: PatientEntry, library: Library, reading: CohortReading) -> CohortPatient:
    otherwise = entry.export.stem if entry.export else _called_as(entry.name)
    if entry.error is not None:
        return CohortPatient(0, entry.name, otherwise, error="\n".join(entry.error.problems))
    if entry.export is None:
        return CohortPatient(0, entry.name, otherwise, entry.value)
    day = reading.as_of if entry.export.as_of is None else entry.export.as_of
    if day is None:
        told = f"{entry.name}: an export has no day of evaluation: give --as-of YYYY-MM-DD"
        return CohortPatient(0, entry.name, otherwise, error=told)
    try:
        export = entry.export.read(library, day)
    except InputError as error:
        return CohortPatient(0, entry.name, otherwise, error="\n".join(error.problems))
    return CohortPatient(0, entry.name, otherwise, export=export, day=entry.export.as_of)
