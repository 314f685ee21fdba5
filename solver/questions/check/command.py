"""The verb `match check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from solver.report.arguments import Verb
from solver.report.options import ENCODINGS, HELP, load, options

if TYPE_CHECKING:
    from solver.questions.check.findings import Severity
    from solver.questions.check.page import CheckForm


@click.command("check", cls=Verb, context_settings=HELP)
@click.argument("files", nargs=-1, metavar="[TRIAL|FILE...]")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "sarif"]),
    default="table",
    help="A table (default), JSON on one line, or SARIF 2.1.0.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note"]),
    default="error",
    help="The least severe finding that gives the exit code 1 (error).",
)
@options(ENCODINGS)
def check(files: tuple[str, ...], form: CheckForm, fail_on: Severity, encodings: str | None) -> int:
    """Check trial files for what contradicts itself, says nothing, or cannot be meant.

    Clauses that nobody can meet, or everybody, that others imply, exceptions that do nothing, gaps between bands, slips of units, and
    more, each with its place, what it rests on, and a patient who shows it. Without TRIAL or FILE all encodings are checked. A finding
    that is right is acknowledged in the file, with the reason.

    \b
      match check
      match check my-trial.yaml --fail-on warning
      match check --format sarif

    Exit codes: 0 nothing as severe as --fail-on, 1 something is, 2 the input is wrong.
    """  # noqa: D301
    from solver.questions.check.page import check as ask

    return ask(load(encodings), encodings, files, form, fail_on)
