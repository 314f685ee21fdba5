"""The options of the verbs about cohorts, and how their patients are judged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from solver.report.command_line.options import full_date, option, options

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from solver.engine.case import Engine
    from solver.library.models import Library
    from solver.screen.cohort import CohortReading
    from solver.screen.output_rows import OutputRow, ScreenQuestion

COHORT = click.argument("cohort", nargs=-1, required=True, metavar="COHORT...")
BY_COHORT = "cohort"


def _day_or_cohort(context: click.Context, option: click.Parameter, written: str | None) -> str | None:
    return written if written == BY_COHORT else full_date(context, option, written)


_READING = (
    option(
        "--as-of",
        metavar="YYYY-MM-DD",
        callback=_day_or_cohort,
        help="The day of evaluation, in place of the record's own; cohort: of a database, each person's entry into --cohort-id.",
    ),
    option("--batch", type=click.IntRange(1), default=1_000, metavar="N", help="Patients at a time."),
    option("--null", metavar="TEXT", help="The word that stands for an empty cell."),
    option("--ignore-columns", is_flag=True, help="Leave out columns that are no variable, and say which."),
    option("--persons", metavar="FILE", help="Of a database, the persons with these ids, one a line."),
    option("--cohort-id", type=int, metavar="N", help="Of a database, the cohort of --as-of cohort."),
    option(
        "--workers", type=click.IntRange(1), metavar="N", help="Processes; by default one for each processor."
    ),
)


def READING(command: Any) -> Any:  # noqa: N802 - options, though they are several
    """How a cohort is read, for `cohort_options`."""
    return options(*_READING)(command)


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


def cohort_options(verb: str, cohort: tuple[str, ...], given: dict[str, Any]) -> CohortOptions:
    """The cohorts as the options of `READING` say, which are taken out of `given`; its `as_of` is a day from there on.

    Raises `InputError` where the extra is not installed that reads them, and for options that do not go together.
    """
    from importlib.util import find_spec

    from solver.errors import InputError
    from solver.patient.readers.native.dates import parse_date
    from solver.screen.cohort import CohortReading

    batch, null, ignore, persons, cohort_id, workers = (
        given.pop(name) for name in ("batch", "null", "ignore_columns", "persons", "cohort_id", "workers")
    )
    # said at once, and not behind a long wait; it takes long to import, and is not needed for every cohort
    if find_spec("polars") is None:
        raise InputError(f"match {verb} needs the extra screen: pip install 'trialproof[screen]'")
    if (given["as_of"] == BY_COHORT) != (cohort_id is not None):
        raise InputError("--as-of cohort and --cohort-id N go together: give both, or a day")
    if given["as_of"] == BY_COHORT:
        given["as_of"] = None
    day = None if given["as_of"] is None else int(parse_date(given["as_of"], partial=False).low)
    chosen = None if persons is None else _persons_in(persons)
    return CohortOptions(cohort, batch, workers, CohortReading(day, null, ignore, chosen, cohort_id))


def _persons_in(path: str) -> tuple[str, ...]:
    """The ids that a file holds, one a line; the first may be the name of a column."""
    from solver.errors import InputError
    from solver.patient.readers.native.read import read_bytes

    lines = read_bytes(path).decode("utf-8-sig", "replace").splitlines()
    ids = {n: line.strip().strip('"') for n, line in enumerate(lines, 1) if line.strip()}
    number = re.compile(r"[+-]?\d{1,18}", re.ASCII)
    wrong = [n for n, text in ids.items() if not number.fullmatch(text) and n != 1]
    if wrong:
        raise InputError(f"--persons: {path}: line {wrong[0]} is no id of a person: give an id on each line")
    found = tuple(dict.fromkeys(text for text in ids.values() if number.fullmatch(text)))
    if not found:
        raise InputError(f"--persons: {path} names nobody: give an id on each line")
    return found


def size_of(cohort: tuple[str, ...]) -> int | None:
    """About how many patients, where somebody waits for them."""
    import sys

    from solver.screen.cohort import cohort_size

    return cohort_size(list(cohort)) if sys.stderr.isatty() else None


def same_file(out: str | Path, path: str | None) -> bool:
    """Whether two paths are one file."""
    from os.path import exists, samefile

    return path is not None and exists(out) and exists(path) and samefile(out, path)
