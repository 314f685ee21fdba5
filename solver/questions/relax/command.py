"""The verb `match relax`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from solver.report.command_line.cohort_options import COHORT, READING, cohort_options
from solver.report.command_line.failure import ANSWERED, WRONG_INPUT
from solver.report.command_line.options import ASSUME, CODES, CONTEXT, ENCODINGS, FORM, option, question, verb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver.engine.case import Engine
    from solver.library.models import Trial
    from solver.report.command_line.output import Form
    from solver.screen.cohort import CohortReading
    from solver.screen.output_rows import OutputRow

_TRIAL = click.argument("trial", metavar="TRIAL")
_OPTIONS = (
    option(
        "--without", multiple=True, metavar="ID[,ID...]", help="Also leave out all of these clauses at once."
    ),
    option(
        "--move",
        metavar="CLAUSE[=LIMIT,...]",
        help="Move a limit of this clause; CLAUSE:2 moves the second that it compares with.",
    ),
    option("--plot", metavar="FILE.svg", help="Draw what each clause costs, or the curve of --move."),
)


@verb("relax", _TRIAL, COHORT, FORM, *_OPTIONS, READING, CONTEXT, ASSUME, CODES, ENCODINGS)
def relax(
    trial: str,
    cohort: tuple[str, ...],
    form: Form,
    without: tuple[str, ...],
    move: str | None,
    plot: str | None,
    **given: Any,
) -> int:
    """What each clause of a trial costs a cohort: whom leaving it out would gain, alone, with others, and what its share is.

    COHORT is as for screen, or an output of screen --reasons full: then nobody is judged once more.

    \b
      match relax CODE patients.parquet --without CODE.I3,CODE.E2
      match relax CODE patients.csv --as-of 2026-11-20 --move CODE.I4 --plot curve.svg

    Exit codes: 0 every patient was judged, 2 something is wrong with the input: the others were judged.
    """  # noqa: D301
    from dataclasses import replace

    from solver.errors import InputError
    from solver.library.choice import choose_clauses
    from solver.questions.relax.ask import moved_limit, relaxed
    from solver.questions.relax.moving import RelaxQuestion
    from solver.questions.relax.page import relax_page
    from solver.questions.relax.plot import relax_drawing
    from solver.report.command_line.output import print_json_or_page
    from solver.report.json import json_text
    from solver.report.writing import write_file
    from solver.screen.parts import is_output

    options = cohort_options("relax", cohort, given)
    asked = question(trials=[trial], also=(), prescreen=False, **given)
    engine = asked.engine
    chosen = engine.chosen(asked.trials)
    if len(chosen) != 1:
        raise InputError(f"'{trial}' names {len(chosen)} trials: give one")
    code = chosen[0].code
    left_out = choose_clauses(asked.library, without, "--without") if without else []
    own = {clause.id for clause in chosen[0].clauses}
    if other := [name for name in left_out if name not in own]:
        raise InputError([f"--without: {name} is no clause of {code}" for name in other])
    judged = [path for path in cohort if is_output(path)]
    if judged:
        _check_judged(judged, move, given, options.reading)
    moved, limits = (
        moved_limit(asked.library, chosen[0], asked.context, move) if move is not None else (None, None)
    )
    questions = RelaxQuestion((code,), asked.as_of, asked.context, "conflicts", moved=moved, limits=limits)
    unjudged = replace(options, cohort=tuple(path for path in cohort if path not in judged))
    answer = relaxed(
        engine,
        chosen[0],
        asked.context,
        _rows(judged, unjudged.rows(engine, questions) if unjudged.cohort else iter(()), chosen[0]),
        without=left_out,
        moved=moved,
        limits=limits,
        ignored=unjudged.ignored(asked.library),
    )
    answer = replace(answer, other_encodings=any(_judged_otherwise(path, engine) for path in judged))
    if plot is not None:
        write_file(plot, relax_drawing(answer))
    print_json_or_page(form, lambda: json_text(answer), lambda width: relax_page(answer, width))
    return WRONG_INPUT if answer.errors else ANSWERED


def _check_judged(judged: list[str], move: str | None, given: dict[str, Any], reading: CohortReading) -> None:
    """Raises `InputError` for options that an output of `screen` leaves no room for."""
    from solver.errors import InputError

    if move is not None:
        raise InputError(f"--move needs the records: {judged[0]} is an output of screen")
    if reading.of_a_database:
        raise InputError(f"{judged[0]}: is no OMOP database: --persons and --as-of cohort are for one")
    for name, written in (("as_of", "--as-of"), ("site", "--context"), ("assume", "--assume")):
        if given.get(name):
            raise InputError(
                f"{written}: {judged[0]} is an output of screen, and judged already: leave it out"
            )


def _rows(judged: list[str], others: Iterator[OutputRow], trial: Trial) -> Iterator[OutputRow]:
    """The rows of outputs of `screen`, as far as they are about the trial, and then those that are judged here."""
    from pathlib import Path

    from solver.errors import InputError
    from solver.screen.parts import previous_rows

    for path in judged:
        codes = set[str]()
        for row in previous_rows(Path(path)):
            mine = row["code"] == trial.code
            codes.update([row["code"]] if row["code"] is not None else [])
            if mine and (row["conflicts"] is None or "eligible_without" not in row):
                raise InputError(f"{path}: has no conflicts: judge the cohort with screen --reasons full")
            if mine or row["error"] is not None:
                yield row
        if codes and trial.code not in codes:
            raise InputError(f"{path}: nobody in it was judged for {trial.code}")
    yield from others


def _judged_otherwise(path: str, engine: Engine) -> bool:
    from pathlib import Path

    from solver.screen.parts import previous_metadata

    made_by = previous_metadata(Path(path))
    return made_by is not None and made_by != (engine.version.version, engine.version.encodings)
