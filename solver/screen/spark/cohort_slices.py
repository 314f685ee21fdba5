"""A cohort cut into slices that any process of a cluster can judge by itself, each with the row that it begins at.

    cohort.parquet, 45,000 rows    ->  rows 1 to 20,000, 20,001 to 40,000 and 40,001 to 45,000 of the file itself
    visits.ndjson, 1,500 patients  ->  a file of 1,000 patients, rows 45,001 to 46,000, and one of 500

Only rows of Parquet are found without reading what stands before them; other cohorts are read here, and their patients handed over in
files.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from pathlib import Path

from solver.dataclass import dataclass
from solver.errors import InputError
from solver.library.models import Library
from solver.patient.readers.native.json_text import display_name
from solver.reading import unreadable
from solver.screen.cohort import CohortPatient, CohortReading, OpenedCohort, RowNumbers, opened_cohorts
from solver.screen.tables import parquet_height
from solver.screen.workers import batches

TABLE_ROWS = 20_000
"""Rows of a slice of a Parquet table."""


@dataclass(frozen=True, slots=True)
class TableSlice:
    """So many rows of a Parquet table from `start` on, counted from 0; `row` is the number of the first over all cohorts.

    `path` is what messages call the table, and `file` where every process finds it.
    """

    path: str
    file: str
    start: int
    height: int
    row: int


@dataclass(frozen=True, slots=True)
class PatientsSlice:
    """Patients that were read already, in a file of their own."""

    file: str

    def patients(self) -> list[CohortPatient]:
        """Its patients."""
        with open(self.file, "rb") as file:
            found: list[CohortPatient] = pickle.load(file)
        return found


CohortSlice = TableSlice | PatientsSlice


def cohort_slices(
    paths: list[str], library: Library, reading: CohortReading, folder: Path, batch: int
) -> list[CohortSlice]:
    """The slices of cohorts in the order of their rows; what is read here goes into files in `folder`, `batch` patients each.

    Raises `InputError` with one line a fault where a cohort cannot be read, or the folder not be written.
    """
    numbers, found = RowNumbers(), list[CohortSlice]()
    for cohort in opened_cohorts(paths, library, reading):
        if cohort.columns is not None and not cohort.csv:
            found += _table_slices(cohort, numbers)
        else:
            for patients in batches(numbers.of(cohort.patients), batch):
                found.append(_handed_over(patients, folder / f"{len(found):06d}.patients"))
    return found


def _table_slices(cohort: OpenedCohort, numbers: RowNumbers) -> Iterator[TableSlice]:
    before, height = numbers.count, parquet_height(Path(cohort.path), display_name(cohort.path))
    numbers.count += height
    for start in range(0, height, TABLE_ROWS):
        rows = min(TABLE_ROWS, height - start)
        yield TableSlice(cohort.path, os.path.abspath(cohort.path), start, rows, before + start + 1)


def _handed_over(patients: list[CohortPatient], file: Path) -> PatientsSlice:
    try:
        file.write_bytes(pickle.dumps(patients))
    except OSError as error:
        raise unreadable(str(file), error) from None
    except RecursionError:
        raise InputError(
            f"{patients[0].name}: is nested too deeply to be handed over: screen it without Spark"
        ) from None
    return PatientsSlice(str(file.absolute()))
