"""What a process of a cluster does: it takes the numbers of slices and gives the rows of output of their patients."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from solver.dataclass import dataclass
from solver.errors import EngineError, InputError, ProcessError
from solver.patient.readers.native.json_text import display_name
from solver.screen.cohort import CohortPatient, OpenedCohort, table_patients
from solver.screen.output_rows import COLUMNS, OutputRow
from solver.screen.parts import rows_frame
from solver.screen.run import ScreenRun
from solver.screen.spark.cohort_slices import CohortSlice, TableSlice
from solver.screen.table_columns import table_columns
from solver.screen.tables import parquet_slice
from solver.version import __version__

if TYPE_CHECKING:
    from solver.screen.columns.table_blocks import TableBlocks

_AT_ONCE = 10_000
"""Rows of a batch that goes back."""

_FAILED = 0
"""The row of an error that is none of a patient."""

_TOLD = {each.__name__: each for each in (EngineError, InputError, ProcessError)}

_last: tuple[bytes, SliceJudge] | None = None
"""What this process judged with before: the same run sends it once more for each slice."""


@dataclass
class SliceJudge:
    """A run and its slices, sent to the processes as bytes."""

    run: ScreenRun
    slices: list[CohortSlice]

    def sent(self) -> bytes:
        """What `judge_sent` takes."""
        return pickle.dumps(self)

    @cached_property
    def _tables(self) -> TableBlocks | None:
        return self.run.tables()

    def frame(self, number: int) -> Any:
        """The rows of output of one slice."""
        found = self.slices[number]
        if isinstance(found, TableSlice):
            return self._of_table(found)
        return self._of_patients(found.patients())

    def _of_table(self, found: TableSlice) -> Any:
        run, name = self.run, display_name(found.path)
        cells = parquet_slice(Path(found.file), name, found.start, found.height)
        columns = table_columns(cells.columns, run.engine.library, name, ignore=run.reading.ignore_columns)
        if self._tables is not None:
            cohort = OpenedCohort(found.path, iter(()), columns)
            return self._tables.block(cells, cohort, found.row, found.start + 1).frame
        rows = cells.iter_rows(named=True)
        patients = table_patients(rows, columns, found.path, run.reading, found.start + 1)
        return self._of_patients(replace(each, row=row) for row, each in enumerate(patients, found.row))

    def _of_patients(self, patients: Iterable[CohortPatient]) -> Any:
        run = self.run
        judged = (row for each in patients for row in run.asked.rows(run.engine, each, run.reading.as_of))
        return rows_frame([run.compared(row) for row in judged])


def judge_sent(version: str, sent: bytes, numbers: Iterable[Any]) -> Iterator[Any]:
    """The rows of the slices whose numbers the given Arrow batches hold, as frames; `version` is that of the sender.

    An error of ours is a row too, since Spark would tell it with a stack trace, and try again: `failure_in` finds it.
    """
    global _last
    try:
        if version != __version__:
            told = f"a process of the cluster runs trialproof {__version__}, and this is {version}: install the same"
            raise ProcessError(told)
        digest = hashlib.sha256(sent).digest()
        if _last is None or _last[0] != digest:
            _last = digest, pickle.loads(sent)
        for batch in numbers:
            for number in batch.column(0).to_pylist():
                yield _last[1].frame(number)
    except tuple(_TOLD.values()) as error:
        row: OutputRow = dict.fromkeys(COLUMNS)
        yield rows_frame([row | {"row": _FAILED, "verdict": type(error).__name__, "error": str(error)}])


def failure_in(rows: Any) -> Exception | None:
    """The error of ours that a frame of rows tells, if it is one."""
    for row in rows.filter(rows["row"] == _FAILED).iter_rows(named=True):
        told: str = row["error"]
        kind = _TOLD[row["verdict"]]
        return InputError(told.splitlines()) if kind is InputError else kind(told)
    return None


def arrow_rows(frame: Any) -> Iterator[Any]:
    """A frame of rows as Arrow batches with the types that Spark reads."""
    import pyarrow

    table = frame.to_arrow()
    return iter(table.cast(arrow_schema(pyarrow)).to_batches(max_chunksize=_AT_ONCE))


def arrow_schema(pyarrow: Any) -> Any:
    """The columns of the output, as Arrow has them."""
    from solver.screen.parts import column_types

    return pyarrow.schema([(name, _arrow_type(kind, pyarrow)) for name, kind in column_types().items()])


def _arrow_type(kind: Any, pyarrow: Any) -> Any:
    import polars as pl

    if isinstance(kind, pl.List):
        return pyarrow.list_(_arrow_type(kind.inner, pyarrow))
    plain = {
        pl.Int64: pyarrow.int64(),
        pl.String: pyarrow.string(),
        pl.Date: pyarrow.date32(),
        pl.Boolean: pyarrow.bool_(),
    }
    return plain[kind]
