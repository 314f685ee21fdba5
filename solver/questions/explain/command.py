"""The verb `match explain`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from solver.report.command_line.arguments import check_input, check_patient, records_first
from solver.report.command_line.options import (
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
    from solver.questions.match.answer import MatchAnswer
    from solver.report.page import Page

_PARTS = ("why", "change", "open", "all")


def _parts(_: click.Context, option: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """The parts that are named, separated by commas."""
    names = [name.strip() for each in given for name in each.split(",")]
    for name in names:
        if name not in _PARTS:
            raise click.UsageError(f"{option.opts[0]}: {name!r} is none of {', '.join(_PARTS)}")
    return tuple(dict.fromkeys(names))


_SHOW = option(
    "--show",
    multiple=True,
    callback=_parts,
    metavar="why|change|open|all",
    help="Only this part: why it is not, what would change it, what is open; all is --full. Commas join parts.",
)
_CLAUSE = option(
    "--clause",
    "clauses",
    multiple=True,
    metavar="ID[,ID...]",
    help="Only these clauses, whole, such as CODE.I1.",
)


@verb("explain", PATIENT, TRIAL_NAMES, _SHOW, _CLAUSE, FULL, FORM, WITHOUT, *OF_A_RECORD)
def explain(
    patient: str, show: tuple[str, ...], clauses: tuple[str, ...], full: bool, form: Form, **given: Any
) -> int:
    """Explain a patient's answer, clause by clause.

    TRIAL is a code or an NCT number; without one, all trials are explained. More records may follow the first. What is not met comes
    first, with the recorded facts that it rests on, then what would have to change, what is open and what is required of the missing
    data, then what is met, a line each. The page says what it folds; --full shows every clause with all that is said of it.

    \b
      match explain patient.json TRIAL
      match explain patient.json TRIAL --show why
      match explain patient.json --clause CODE.I1
      match explain patient.json TRIAL --full
    """  # noqa: D301
    from functools import partial

    from solver.questions.explain.ask import explain as ask
    from solver.questions.explain.brief_page import brief_explanation
    from solver.questions.explain.clause_page import clause_page, whole_clause_page
    from solver.questions.explain.page import explanation
    from solver.report.command_line.every_record import answer_each_record

    patients, given["trials"] = records_first(patient, given["trials"])
    check_patient("explain", patient, given["trials"], "TRIAL")
    check_input(patients)
    if show and (clauses or full):
        raise click.UsageError(f"--show chooses parts, and {'--clause' if clauses else '--full'} does so too")
    asked = question(also=(), **given)
    whole = full or "all" in show
    page: Callable[[MatchAnswer, Record, Library, int], Page]
    if clauses:
        ids, codes = _chosen_clauses(asked.library, clauses, asked.trials, asked.engine.without)
        asked = replace(asked, trials=codes)
        page = partial(whole_clause_page if whole else clause_page, clauses=ids)
    elif whole:
        page = explanation
    else:
        page = partial(brief_explanation, show=show, named=asked.trials is not None)
    return answer_each_record(asked, patients, form, ask, page, brief=not whole)


def _chosen_clauses(
    library: Library, given: Sequence[str], trials: Sequence[str] | None, left_out: Sequence[str]
) -> tuple[list[str], list[str]]:
    """The ids of the clauses that are named, and the codes of their trials, which are among those that are named."""
    from solver.errors import InputError
    from solver.library.choice import choose_clauses

    ids = choose_clauses(library, given, "--clause")
    gone = [name for name in ids if name in left_out]
    if gone:
        raise InputError(
            [f"--clause: {name} is left out by --without: name it in one of them" for name in gone]
        )
    homes = {clause.id: trial.code for trial in library.trials.values() for clause in trial.clauses}
    codes = list(dict.fromkeys(homes[name] for name in ids))
    strange = [name for name in ids if trials is not None and homes[name] not in trials]
    if strange:
        raise InputError(
            [f"--clause: {name} is a clause of {homes[name]}: name that trial" for name in strange]
        )
    return ids, codes
