"""The verb `match tests`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from solver.report.command_line.arguments import check_patient
from solver.report.command_line.options import (
    ALSO_TRIALS,
    FORM,
    FULL,
    OF_A_RECORD,
    PATIENT,
    TRIAL_NAMES,
    WITHOUT,
    option,
    question,
    verb,
)
from solver.report.command_line.output import Form

if TYPE_CHECKING:
    from solver.library.models import Library
    from solver.patient.record import Record
    from solver.questions.workup.answer import TestsAnswer
    from solver.report.page import Page

_PAIRS = option(
    "--show-pair", "pairs", is_flag=True, help="Show two patients of opposite verdicts who fit the record."
)


_IDLE = option("--show-idle", "idle", is_flag=True, help="Show which missing data do not matter, and why.")
_ALL = option("--all", "every", is_flag=True, help="Closed trials as well, where none is named.")


@verb("tests", PATIENT, TRIAL_NAMES, _PAIRS, _IDLE, _ALL, FULL, FORM, ALSO_TRIALS, WITHOUT, *OF_A_RECORD)
def tests(patient: str, pairs: bool, idle: bool, every: bool, full: bool, form: Form, **given: Any) -> int:
    """Show what to order: first, what settles each trial, and what ends it.

    The page says what it folds; --full shows all of it, the shortest way in and what does not matter as well. Closed trials are asked about
    where they are named, with --all and with --full.

    \b
      match tests patient.json
      match tests patient.json TRIAL --show-pair
      match tests patient.json TRIAL --full
    """  # noqa: D301
    from functools import partial

    from solver.engine.banner import SHUT, openness
    from solver.questions.workup.ask import plan_tests
    from solver.questions.workup.brief_page import brief_tests_page, idle_page
    from solver.questions.workup.page import work_up_page
    from solver.report.command_line.every_record import answer_each_record

    check_patient("tests", patient, given["trials"], "TRIAL")
    if full and idle:
        raise click.UsageError("--full shows what does not matter as well: leave out --show-idle")
    asked, left_out = question(**given), None
    if asked.trials is None and form == "table" and not (full or every):
        shut = [code for code, trial in asked.library.trials.items() if openness(trial) == SHUT]
        if len(shut) < len(asked.library.trials):
            left_out = shut
            asked = replace(asked, trials=[code for code in asked.library.trials if code not in shut])
    page: Callable[[TestsAnswer, Record, Library, int], Page]
    if full:
        page = work_up_page
    else:
        page = idle_page if idle else partial(brief_tests_page, left_out=left_out)
    return answer_each_record(asked, [patient], form, partial(plan_tests, pairs=pairs), page, brief=not full)
