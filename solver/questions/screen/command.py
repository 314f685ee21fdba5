"""The verb `match screen`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from solver.report.command_line.cohort_options import COHORT, READING, cohort_options, same_file, size_of
from solver.report.command_line.failure import ANSWERED, WRONG_INPUT
from solver.report.command_line.options import (
    ASSUME,
    CODES,
    CONTEXT,
    ENCODINGS,
    FORM,
    TRIALS,
    option,
    question,
    verb,
)

if TYPE_CHECKING:
    from pathlib import Path

    from solver.questions.screen.ask import EarlierOutput
    from solver.report.command_line.output import Form

_OPTIONS = (
    option("--out", metavar="FILE", help="Write a row a patient and trial: .parquet, .ndjson or .csv."),
    option(
        "--reasons",
        type=click.Choice(["none", "clauses", "full"]),
        default="clauses",
        help="The verdicts alone, the clauses that exclude or are open (default), or all conflicts and deciding sets.",
    ),
    option("--since", metavar="FILE", help="An earlier output: who moved, and which clauses did it."),
    option("--resume", is_flag=True, help="Go on where a run for the same question was stopped."),
    option(
        "--min-count",
        type=click.IntRange(1),
        default=1,
        metavar="N",
        help="Write counts of fewer than N as <N.",
    ),
    option(
        "--engine",
        type=click.Choice(["polars", "spark"]),
        default="polars",
        help="Judge here, with all processors (default), or on an Apache Spark cluster.",
    ),
    option("--plot", metavar="FILE.svg", help="Draw whom the clauses exclude."),
    option(
        "--prove",
        is_flag=True,
        help="Have the solver's way confirm each verdict that evaluation alone shows.",
    ),
)


@verb("screen", COHORT, FORM, TRIALS, *_OPTIONS, READING, CONTEXT, ASSUME, CODES, ENCODINGS)
def screen(
    cohort: tuple[str, ...],
    form: Form,
    out: str | None,
    reasons: str,
    since: str | None,
    resume: bool,
    min_count: int,
    plot: str | None,
    prove: bool,
    engine: str,
    **given: Any,
) -> int:
    """Screen a cohort: how each patient stands to each trial, and whom each clause excludes.

    COHORT is a table, Parquet or CSV with a row a patient; NDJSON with a patient on each line; a folder with a file for each patient; or an
    OMOP database. Each answer is that of match for the same record.

    \b
      match screen patients.parquet --out verdicts.parquet
      match screen patients.csv --as-of 2026-11-20 --reasons full --plot attrition.svg

    Exit codes: 0 every patient was judged, 2 something is wrong with the input: the others were judged.
    """  # noqa: D301
    import os
    import sys
    from pathlib import Path

    if "polars" not in sys.modules:
        # the memory that Polars gives back for one part of a table serves the next, whichever of its threads reads it
        said = os.environ.get("_RJEM_MALLOC_CONF")
        os.environ["_RJEM_MALLOC_CONF"] = f"narenas:1,{said}" if said else "narenas:1"

    from solver.errors import InputError
    from solver.questions.screen.ask import screened
    from solver.questions.screen.page import screen_page
    from solver.report.command_line.output import print_json_or_page
    from solver.report.command_line.waiting import watched
    from solver.report.json import json_text
    from solver.report.writing import write_file
    from solver.screen.output_rows import ScreenQuestion
    from solver.screen.run import ScreenRun

    options = cohort_options("screen", cohort, given)
    if resume and out is None:
        raise InputError("--resume: there is nothing to go on with: give --out")
    if resume and "-" in cohort:
        raise InputError("--resume: standard input cannot be read once more: give a file")
    if engine == "spark" and (out is None or resume):
        told = "there is no --resume: begin anew" if resume else "give --out: the folder of its parts"
        raise InputError(f"--engine spark: {told}")
    if out is not None and any(same_file(out, path) for path in (*cohort, since)):
        raise InputError(f"--out: {out} is read as well: give another file")
    asked = question(prescreen=False, **given)
    trials = None if asked.trials is None else tuple(asked.trials)
    questions = ScreenQuestion(trials, asked.as_of, asked.context, reasons, prove)  # type: ignore[arg-type]
    earlier = None if since is None else _earlier(Path(since), asked.engine.version.encodings)
    run = ScreenRun(
        asked.engine,
        questions,
        list(cohort),
        options.reading,
        options.batch,
        options.workers,
        earlier,
        None if since is None else Path(since),
    )
    if engine == "spark":
        from solver.screen.spark.spark_run import SparkRun

        assert out is not None
        rows = SparkRun(run, Path(out)).blocks()
    else:
        rows = watched(run.blocks(None if out is None else Path(out), resume=resume), size_of(cohort))
    ignored = options.ignored(asked.library)
    answer = screened(asked.engine, questions, rows, least=min_count, earlier=earlier, ignored=ignored)
    if plot is not None:
        from solver.questions.screen.plot import attrition_drawing

        write_file(plot, attrition_drawing(answer))
    print_json_or_page(form, lambda: json_text(answer), lambda width: screen_page(answer, width))
    return WRONG_INPUT if run.errors else ANSWERED


def _earlier(path: Path, encodings: str) -> EarlierOutput:
    from solver.questions.screen.ask import EarlierOutput
    from solver.screen.parts import previous_metadata, previous_rows
    from solver.version import __version__

    made_by = previous_metadata(path)
    same = made_by is None or made_by == (__version__, encodings)
    found = EarlierOutput(same)
    for row in previous_rows(path):
        found.take(row, str(path))
    return found
