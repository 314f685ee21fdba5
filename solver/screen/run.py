"""A run of the screen over a cohort: judged in batches, written in parts, and taken up again behind the last finished one."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from solver.dataclass import dataclass
from solver.engine.case import Engine
from solver.patient.write import context_document
from solver.screen.cohort import CohortReading, OpenedCohort, RowNumbers, opened_cohorts
from solver.screen.output_rows import OutputRow, ScreenQuestion
from solver.screen.row_frames import RowFrame
from solver.screen.workers import batches, judged_batches

if TYPE_CHECKING:
    from solver.screen.columns.table_blocks import TableBlocks
    from solver.screen.parts import OutputParts

SCHEMA = "trialproof/screen/1"


class ComparedRows(Protocol):
    """Says of each row what an earlier output has of the same patient and trial."""

    def compared(self, row: OutputRow) -> OutputRow:
        """The row with it."""


@dataclass
class ScreenRun:
    """A cohort and what is asked of it; `errors` counts the patients who could not be read."""

    engine: Engine
    asked: ScreenQuestion
    cohort: list[str]
    reading: CohortReading
    batch: int
    workers: int | None = None
    earlier: ComparedRows | None = None
    since: Path | None = None
    errors: int = 0

    def rows(self, out: Path | None, *, resume: bool = False) -> Iterator[OutputRow]:
        """Every row, in the order of the cohort; with `out` they are written there as well, which is finished after the last one.

        With `resume`, patients of finished parts are not judged again. Raises `InputError` with one line a fault where the cohort cannot be
        read or the output not be written.
        """
        for found in self.blocks(out, resume=resume):
            yield from found.rows() if isinstance(found, RowFrame) else [found]

    def blocks(self, out: Path | None, *, resume: bool = False) -> Iterator[OutputRow | RowFrame]:
        """As `rows`, but many rows at once where they are judged in columns."""
        cohorts = opened_cohorts(self.cohort, self.engine.library, self.reading)
        parts = None if out is None else self._parts(out, resume=resume)
        last = 0
        for row in () if parts is None or not resume else parts.finished():
            last = row["row"]
            yield self.counted(self.compared(row))
        for found in self._judged(cohorts, last):
            if isinstance(found, RowFrame):
                self.errors += found.errors
                if parts is not None:
                    parts.add_frame(found.frame)
                yield found
                continue
            rows = [self.compared(row) for row in found]
            if parts is not None:
                parts.add(rows)
            yield from map(self.counted, rows)
        if parts is not None:
            parts.finish()

    def _parts(self, out: Path, *, resume: bool) -> OutputParts:
        from solver.screen.parts import OutputParts  # many only read what the clauses come to

        return OutputParts(out, self._question(), self.metadata(), resume=resume)

    def _judged(self, cohorts: list[OpenedCohort], last: int) -> Iterator[list[OutputRow] | RowFrame]:
        """What is found of the patients behind the last row of finished parts."""
        numbers = RowNumbers()
        tables = self.tables() if any(each.columns is not None for each in cohorts) else None
        try:
            for columnar, group in groupby(
                cohorts, lambda each: tables is not None and each.columns is not None
            ):
                if columnar and tables is not None:
                    for cohort in group:
                        yield from tables.blocks(cohort, numbers, last)
                    continue
                patients = numbers.of(chain.from_iterable(each.patients for each in group))
                given = batches((patient for patient in patients if patient.row > last), self.batch)
                yield from judged_batches(self.engine, self.asked, self.reading.as_of, given, self.workers)
        finally:
            if tables is not None:
                tables.close()

    def tables(self) -> TableBlocks | None:
        """What judges tables in columns; None where each patient is judged alone."""
        asked, reading = self.asked, self.reading
        # a question of its own asks more of each patient
        if type(asked) is not ScreenQuestion or asked.level not in ("none", "clauses") or asked.prove:
            return None
        if self.earlier is not None:
            return None
        if self.engine.budget is not None or not self.engine.search:
            return None
        from solver.screen.columns.table_blocks import TableBlocks

        return TableBlocks(self.engine, asked, reading, self.workers)

    def compared(self, row: OutputRow) -> OutputRow:
        """The row with what the earlier output says, if there is one."""
        return row if self.earlier is None else self.earlier.compared(row)

    def counted(self, row: OutputRow) -> OutputRow:
        """The row, counted where it is an error."""
        self.errors += row["error"] is not None
        return row

    def _options(self) -> dict[str, object]:
        context = None if self.asked.context is None else context_document(self.asked.context)
        return {
            "trials": self.asked.trials,
            "as_of": self.asked.as_of,
            "context": context,
            "reasons": self.asked.level,
            "policies": list(self.engine.policies),
            "null": self.reading.null,
            "ignore_columns": self.reading.ignore_columns,
            "cohort_id": self.reading.cohort_id,
            "since": self.earlier is not None,
        }

    def _question(self) -> dict[str, object]:
        """What makes two runs the same."""
        version = self.engine.version
        return {
            "schema": SCHEMA,
            "version": version.version,
            "encodings": version.encodings,
            "options": self._options(),
            "cohort": [_content_digest(path) for path in self.cohort],
            "persons": self.reading.persons,
            "since": None if self.since is None else _content_digest(str(self.since)),
        }

    def metadata(self) -> dict[str, str]:
        """What the output says of what made it."""
        import json

        version = self.engine.version
        return {
            "trialproof.schema": SCHEMA,
            "trialproof.version": version.version,
            "trialproof.encodings": version.encodings,
            "trialproof.options": json.dumps(self._options(), sort_keys=True),
        }


def _content_digest(path: str) -> str:
    """A digest of a file's content, or of the names, sizes and times of what a folder holds; a database is known by its address alone."""
    whole = hashlib.sha256()
    if path == "-" or "://" in path:
        whole.update(path.encode())
    elif os.path.isdir(path):
        for each in sorted(os.scandir(path), key=lambda each: each.name):
            found = each.stat()
            whole.update(f"{each.name} {found.st_size} {found.st_mtime_ns}\n".encode())
    elif os.path.isfile(path):
        with open(path, "rb") as file:
            while chunk := file.read(1 << 20):
                whole.update(chunk)
    return whole.hexdigest()
