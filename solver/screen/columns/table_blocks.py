"""A table judged many rows at a time: in columns where they show the verdicts, else row by row as any other cohort."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from solver.engine.case import Engine
from solver.library.models import Trial
from solver.patient.readers.native.json_text import display_name
from solver.patient.record import Context
from solver.screen.cohort import CohortReading, OpenedCohort, RowNumbers, table_patients
from solver.screen.columns.column_days import EPOCH
from solver.screen.columns.column_verdicts import ColumnJudge, TrialColumns
from solver.screen.columns.recorded_columns import RecordedColumns, recorded_columns
from solver.screen.columns.shown_trials import ELIGIBLE
from solver.screen.output_rows import ScreenQuestion
from solver.screen.parts import column_types, rows_frame
from solver.screen.row_frames import RowFrame
from solver.screen.tables import csv_frames, parquet_frames
from solver.screen.workers import Workers, batches

_ROWS_AT_ONCE, _ROWS_WITH_GAPS = 100_000, 50_000
"""So many rows are judged at once; completions of empty cells take memory as well."""

_TEXT_ROWS_AT_ONCE = 16_384
"""Texts take more memory."""

_NO_FAULTS: Mapping[int, str] = {}

_SHARE = 500
"""So many rows that are judged by themselves go to a process at a time."""

_PLACE = "_place"


class TableBlocks:
    """Judges tables for one question."""

    def __init__(
        self, engine: Engine, asked: ScreenQuestion, reading: CohortReading, workers: int | None
    ) -> None:
        self._engine, self._asked, self._reading = engine, asked, reading
        self._workers = Workers(engine, asked, reading.as_of, workers)
        self._trials = engine.chosen(asked.trials)
        self._context = asked.context or Context()
        self._judge = ColumnJudge(engine, self._trials, self._context, clauses=asked.level == "clauses")

    def close(self) -> None:
        """End the processes that judge rows by themselves."""
        self._workers.close()

    def blocks(self, cohort: OpenedCohort, numbers: RowNumbers, last: int) -> Iterator[RowFrame]:
        """What is found of the rows of a table that stand behind the row `last`."""
        before = numbers.count
        for frame, faults in _frames(cohort):
            first = numbers.count + 1
            numbers.count += frame.height
            at_once = _ROWS_WITH_GAPS if any(frame.null_count().row(0)) else _ROWS_AT_ONCE
            for place in range(max(0, last - first + 1), frame.height, at_once):
                part = slice(place, place + at_once)
                wrong = {each - place: faults[each] for each in faults if part.start <= each < part.stop}
                yield self.block(frame[part], cohort, first + place, first + place - before, wrong)
            del frame  # else it is held while the next is read

    def block(
        self, frame: Any, cohort: OpenedCohort, row: int, number: int, faults: Mapping[int, str] = _NO_FAULTS
    ) -> RowFrame:
        """The rows of a frame; `row` is that of the first over all cohorts, and `number` within the table.

        `faults` says by place what is wrong with rows that hold nothing.
        """
        import polars as pl

        shown = self._shown(frame, cohort, faults)
        if shown is None:
            alone = pl.int_range(frame.height, eager=True)
            found: list[Any] = []
        else:
            recorded, verdicts = shown
            open_rows = verdicts[0].verdict.is_null()
            for each in verdicts[1:]:
                open_rows = open_rows | each.verdict.is_null()
            alone = open_rows.arg_true()
            found = [self._framed(recorded, verdicts, ~open_rows, frame, cohort, row, number)]
        if len(alone):
            found += self._judged_alone(frame, alone, cohort, row, number, faults)
        whole = pl.concat(found)
        if len(alone) or len(self._trials) > 1:
            whole = whole.sort("row", _PLACE, maintain_order=True)
        return RowFrame(whole.drop(_PLACE), frame.height, whole["error"].count())

    def _shown(
        self, frame: Any, cohort: OpenedCohort, faults: Mapping[int, str]
    ) -> tuple[RecordedColumns, list[TrialColumns]] | None:
        """What the columns record, and the verdicts that they show, if any."""
        assert cohort.columns is not None
        program = self._judge.program
        recorded = (
            None
            if program is None
            else recorded_columns(frame, cohort.columns, program, self._reading.as_of, self._reading.null)
        )
        if recorded is not None and faults:
            recorded = replace(recorded, clean=recorded.clean.clone().scatter(list(faults), False))
        return None if recorded is None else (recorded, self._judge.verdicts(recorded))

    def _framed(
        self,
        recorded: RecordedColumns,
        verdicts: list[TrialColumns],
        rows: Any,
        frame: Any,
        cohort: OpenedCohort,
        row: int,
        number: int,
    ) -> Any:
        """The rows of output that columns show."""
        import polars as pl

        stem, height = Path(cohort.path).stem, frame.height
        numbers = pl.int_range(row, row + height, eager=True)
        names = recorded.ids
        if names.null_count():
            otherwise = pl.select(
                pl.format("{}:{}", pl.lit(stem), pl.int_range(number, number + height))
            ).to_series()
            names = pl.select(pl.when(names.is_null()).then(otherwise).otherwise(names)).to_series()
        days = recorded.day
        if isinstance(days, int):
            days = pl.repeat(days, height, dtype=pl.Int64, eager=True)
        same = pl.DataFrame(
            {"row": numbers, "patient": names, "as_of": (days - EPOCH).cast(pl.Int32).cast(pl.Date)}
        ).with_columns(pl.Series("_shown", rows))
        parts = []
        for place, (trial, column) in enumerate(zip(self._trials, verdicts, strict=True)):
            told = {name: each for name, each in column._asdict().items() if each is not None}
            part = same.with_columns(pl.Series(name, each) for name, each in told.items()).filter(
                pl.col("_shown")
            )
            parts.append(part.select(self._columns(trial, place)))
        return pl.concat(parts)

    def _columns(self, trial: Trial, place: int) -> list[Any]:
        import polars as pl

        extent = self._engine.cache.extent(trial, self._context)
        encoded, of = extent.in_part or (None, None)
        given: dict[str, Any] = {name: pl.col(name) for name in ("row", "patient", "as_of", "verdict")}
        if self._asked.level == "clauses":
            given |= {"blocking": pl.col("blocking"), "open": pl.col("open"), "contradictions": pl.lit([])}
        given |= {"trial": pl.lit(trial.nct), "code": pl.lit(trial.code)}
        given["published_only"] = (pl.col("verdict") == ELIGIBLE) & pl.lit(trial.open_ended)
        given |= {"encoded_clauses": pl.lit(encoded), "encoded_of": pl.lit(of)}
        columns = [
            given.get(name, pl.lit(None)).cast(kind).alias(name) for name, kind in column_types().items()
        ]
        return [*columns, pl.lit(place, dtype=pl.UInt32).alias(_PLACE)]

    def _judged_alone(
        self,
        frame: Any,
        places: Any,
        cohort: OpenedCohort,
        row: int,
        number: int,
        faults: Mapping[int, str],
    ) -> list[Any]:
        """The rows of output of those that columns do not show, as frames."""
        assert cohort.columns is not None
        columns, reading = cohort.columns, self._reading
        rows = zip(frame[places].iter_rows(named=True), places.to_list(), strict=True)
        patients = (
            replace(patient, row=row + place)
            for cells, place in rows
            for patient in table_patients(
                [faults.get(place, cells)], columns, cohort.path, reading, number + place
            )
        )
        given = batches(patients, _SHARE)
        return [_with_places(rows_frame(batch)) for batch in self._workers.judged(given)]


def _frames(cohort: OpenedCohort) -> Iterator[tuple[Any, Mapping[int, str]]]:
    """The rows of a table, many at a time, and what is wrong with some of them."""
    path, name = Path(cohort.path), display_name(cohort.path)
    if cohort.csv:
        return csv_frames(path, name, _TEXT_ROWS_AT_ONCE)
    return map(
        _without_faults, parquet_frames(path, name)
    )  # a generator would hold each while the next is read


def _without_faults(frame: Any) -> tuple[Any, Mapping[int, str]]:
    return frame, _NO_FAULTS


def _with_places(frame: Any) -> Any:
    """Rows with their places among those of the same patient."""
    import polars as pl

    return frame.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).over("row").alias(_PLACE))
