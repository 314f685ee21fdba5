"""The verb `match plan`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from solver.report.command_line.cohort_options import COHORT, READING, cohort_options
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
    from solver.report.command_line.output import Form

_BURDEN = option(
    "--burden",
    type=click.IntRange(0, 1_000_000),
    metavar="N",
    help="Also the best tests that together weigh no more, for each patient.",
)


@verb("plan", COHORT, FORM, TRIALS, _BURDEN, READING, CONTEXT, ASSUME, CODES, ENCODINGS)
def plan(
    cohort: tuple[str, ...],
    form: Form,
    burden: int | None,
    **given: Any,
) -> int:
    """Which test settles most of a cohort, which can end or open a trial for whom, and which to do within a burden.

    COHORT is as for screen; an output of it does not do, for the records are needed.

    \b
      match plan patients.parquet --trials CODE
      match plan patients.csv --as-of 2026-11-20 --burden 5

    Exit codes: 0 every patient was judged, 2 something is wrong with the input: the others were judged.
    """  # noqa: D301
    from solver.errors import InputError
    from solver.questions.plan.ask import planned
    from solver.questions.plan.page import plan_page
    from solver.questions.plan.pairs import PlanQuestion
    from solver.report.command_line.output import print_json_or_page
    from solver.report.json import json_text
    from solver.screen.parts import is_output

    options = cohort_options("plan", cohort, given)
    if judged := [path for path in cohort if is_output(path)]:
        raise InputError([f"{path}: is an output of screen: give the records" for path in judged])
    asked = question(prescreen=False, **given)
    trials = asked.engine.chosen(asked.trials)
    codes = tuple(trial.code for trial in trials)
    rows = options.rows(asked.engine, PlanQuestion(codes, asked.as_of, asked.context, "none"))
    answer = planned(asked.engine, trials, rows, burden=burden, ignored=options.ignored(asked.library))
    print_json_or_page(form, lambda: json_text(answer), lambda width: plan_page(answer, width))
    return WRONG_INPUT if answer.errors else ANSWERED
