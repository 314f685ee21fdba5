"""A run of the screen on an Apache Spark cluster: slices go out, rows come back as a folder of Parquet parts.

The driver cuts the cohort into slices and numbers their rows; one task judges one slice (`mapInArrow`), and Spark writes a part for each
task, in the order of the rows. Nothing is scheduled here. The cohort, the output and this package must be where every process of the
cluster finds them.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from solver.dataclass import dataclass
from solver.errors import InputError, ProcessError
from solver.reading import unreadable
from solver.screen.output_rows import OutputRow
from solver.screen.parts import METADATA_OF_PARTS, column_types, is_output_folder, with_day
from solver.screen.row_frames import RowFrame
from solver.screen.run import ScreenRun
from solver.screen.spark.cohort_slices import CohortSlice, cohort_slices
from solver.screen.spark.judged_slices import SliceJudge, arrow_rows, failure_in, judge_sent
from solver.text import clean
from solver.version import __version__

_NOT_INSTALLED = "No module named 'solver'"


@dataclass
class SparkRun:
    """A run whose patients a cluster judges: the one of the session that is there, or that Spark's own settings name."""

    run: ScreenRun
    out: Path

    def blocks(self) -> Iterator[OutputRow | RowFrame]:
        """What is found of every patient, in the order of the cohort; the folder `out` appears after the last one.

        Raises `InputError` with one line a fault where the cohort cannot be read, the output not be written, or there is no Spark,
        `ProcessError` where a task failed, and `EngineError` as `judge` does.
        """
        _check_extra()
        out = self.out
        if not out.name:
            raise InputError(f"{out}: is a directory: give the name of a folder in it")
        if out.exists() and not out.is_dir():
            raise InputError(f"{out}: is a file, and Spark writes a folder: give another name")
        if out.is_dir() and any(out.iterdir()) and not is_output_folder(out):
            raise InputError(f"{out}: holds something else than an output of screen: give another name")
        folder = out.with_name(f"{out.name}.partial")
        rows = folder / "rows"
        try:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=False)
        except OSError as error:
            raise unreadable(str(folder), error) from None
        try:
            run = replace(self.run, workers=1)  # Spark has a process for each processor already
            slices = cohort_slices(run.cohort, run.engine.library, run.reading, folder, run.batch)
            with _session() as session:
                _write_rows(session, run, slices, rows)
            yield from self._written(rows)
            self._put_in_place(rows)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _written(self, rows: Path) -> Iterator[OutputRow | RowFrame]:
        """What the parts hold."""
        import polars as pl

        for part in sorted(rows.glob("*.parquet")):
            frame = pl.read_parquet(part, glob=False, hive_partitioning=False).select(*column_types())
            if (failure := failure_in(frame)) is not None:
                raise failure
            if self.run.asked.level == "none" and self.run.earlier is None:
                errors = int(frame["error"].is_not_null().sum())
                self.run.errors += errors
                yield RowFrame(frame, frame["row"].n_unique(), errors)
                continue
            for row in map(with_day, frame.iter_rows(named=True)):
                yield self.run.counted(self.run.compared(row))

    def _put_in_place(self, rows: Path) -> None:
        import json

        before = self.out.with_name(f"{self.out.name}.partial") / "before"
        try:
            (rows / METADATA_OF_PARTS).write_text(
                json.dumps(self.run.metadata(), indent=1) + "\n", encoding="utf-8"
            )
            if self.out.exists():
                os.replace(self.out, before)
            os.replace(rows, self.out)
        except OSError as error:
            raise unreadable(str(self.out), error) from None


def _check_extra() -> None:
    """Raise `InputError` where Spark is not installed, or one of the two that it asks for late."""
    missing = [name for name in ("pyspark", "pandas", "pyarrow") if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError("--engine spark needs the extra spark: pip install 'trialproof[spark]'")


@contextmanager
def _session() -> Iterator[Any]:
    """The session that is there, or a new one that ends in the end; raises `InputError` where Spark does not start."""
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    # the processes run this Python, and not the first on the path, unless the cluster has one of its own
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    there = SparkSession.getActiveSession()
    try:
        session = there or _new_session(SparkSession.builder)
    except (PySparkException, RuntimeError, OSError) as error:
        raise InputError(
            f"--engine spark: Spark does not start: {_first_line(error)}: it needs Java 17 or newer"
        ) from None
    try:
        yield session
    finally:
        if there is None:
            session.stop()


def _new_session(builder: Any) -> Any:
    quiet = {"spark.log.level": "ERROR", "spark.ui.showConsoleProgress": str(sys.stderr.isatty()).lower()}
    for name, value in quiet.items():
        builder = builder.config(name, value)
    return builder.appName("trialproof screen").getOrCreate()


def _write_rows(session: Any, run: ScreenRun, slices: list[CohortSlice], rows: Path) -> None:
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException

    sent = SliceJudge(run, slices).sent()

    def judged(numbers: Iterator[Any]) -> Iterator[Any]:
        for frame in judge_sent(__version__, sent, numbers):
            yield from arrow_rows(frame)

    tasks = session.range(0, len(slices), 1, max(1, len(slices)))
    # all rows of a task are in one part, so that a part holds whole patients
    writer = tasks.mapInArrow(judged, _spark_schema()).write.option("maxRecordsPerFile", 0)
    try:
        writer.parquet(f"file://{rows.absolute()}")  # Hadoop takes a path as it is, and no escapes in it
    except (PySparkException, Py4JJavaError) as error:
        raise _in_our_words(str(error)) from None


def _in_our_words(failure: str) -> ProcessError:
    """That a task failed, without what it says: that may be a patient's."""
    if _NOT_INSTALLED in failure:
        return ProcessError(
            "a process of the cluster has no trialproof: install it there, and name its Python in PYSPARK_PYTHON"
        )
    return ProcessError(
        "a task of Spark failed: the log of the cluster says why; without --engine spark the cohort is judged here"
    )


def _spark_schema() -> str:
    """The columns of the output, in the words of Spark."""
    return ", ".join(f"`{name}` {_spark_type(kind)}" for name, kind in column_types().items())


def _spark_type(kind: Any) -> str:
    import polars as pl

    if isinstance(kind, pl.List):
        return f"array<{_spark_type(kind.inner)}>"
    return {pl.Int64: "bigint", pl.String: "string", pl.Date: "date", pl.Boolean: "boolean"}[kind]


def _first_line(error: BaseException) -> str:
    found = clean((str(error).splitlines() or [type(error).__name__])[0])[:200]
    return found.rstrip(".")
