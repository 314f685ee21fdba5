"""The options of the verbs about cohorts, and how their patients are judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from solver.engine.case import Engine
    from solver.library.models import Library
    from solver.screen.cohort import CohortReading
    from solver.screen.output_rows import OutputRow, ScreenQuestion

COHORT = click.argument("cohort", nargs=-1, required=True, metavar="COHORT...")
BATCH = click.option(
    "--batch", type=click.IntRange(1), default=1_000, metavar="N", help="Patients at a time."
)
NULL = click.option("--null", metavar="TEXT", help="The word that stands for an empty cell.")
IGNORE_COLUMNS = click.option(
    "--ignore-columns", is_flag=True, help="Leave out columns that are no variable, and say which."
)
WORKERS = click.option(
    "--workers", type=click.IntRange(1), metavar="N", help="Processes; by default one for each processor."
)


@dataclass(frozen=True, slots=True)
class CohortOptions:
    """Which cohorts are read, and how."""

    cohort: tuple[str, ...]
    batch: int
    workers: int | None
    reading: CohortReading

    def rows(self, engine: Engine, asked: ScreenQuestion) -> Iterator[OutputRow]:
        """The rows of every patient, with a bar for whoever waits; raises `InputError` where the cohort cannot be read."""
        from solver.report.command_line.waiting import watched
        from solver.screen.run import ScreenRun

        run = ScreenRun(engine, asked, list(self.cohort), self.reading, self.batch, self.workers)
        return watched(run.rows(None), size_of(self.cohort))

    def ignored(self, library: Library) -> list[str]:
        """The columns that are left out."""
        from solver.screen.cohort import ignored_columns

        wanted = self.reading.ignore_columns
        return ignored_columns(list(self.cohort), library, self.reading) if wanted else []


def cohort_options(
    verb: str,
    cohort: tuple[str, ...],
    as_of: str | None,
    *,
    batch: int,
    workers: int | None,
    null: str | None,
    ignore_columns: bool,
) -> CohortOptions:
    """The cohorts as the options say; raises `InputError` where the extra is not installed that reads them."""
    from solver.errors import InputError
    from solver.patient.readers.native.dates import parse_date
    from solver.screen.cohort import CohortReading

    try:
        import polars  # noqa: F401 - said at once, and not behind a long wait
    except ImportError:
        raise InputError(f"match {verb} needs the extra screen: pip install 'trialproof[screen]'") from None
    day = None if as_of is None else int(parse_date(as_of, partial=False).low)
    return CohortOptions(cohort, batch, workers, CohortReading(day, null, ignore_columns))


def size_of(cohort: tuple[str, ...]) -> int | None:
    """About how many patients, where somebody waits for them."""
    import sys

    from solver.screen.cohort import cohort_size

    return cohort_size(list(cohort)) if sys.stderr.isatty() else None


def same_file(out: str | Path, path: str | None) -> bool:
    """Whether two paths are one file."""
    from os.path import exists, samefile

    return path is not None and exists(out) and exists(path) and samefile(out, path)
