"""The verb `match examples`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from solver.report.arguments import Verb
from solver.report.failure import ANSWERED
from solver.report.options import ENCODINGS, HELP, load, options

if TYPE_CHECKING:
    from solver.questions.examples.review import SheetForm


@click.command("examples", cls=Verb, context_settings=HELP)
@click.argument("trial", required=False, metavar="TRIAL")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "markdown"]),
    default="table",
    help="A table (default), JSON with the patients' records, or Markdown to sign.",
)
@click.option("--verify", "sheet", metavar="FILE", help="Judge the patients of a sheet in JSON once more.")
@click.option("-o", "--output", metavar="FILE", help="Write to this file.")
@options(ENCODINGS)
def examples(
    trial: str | None, form: SheetForm, sheet: str | None, output: str | None, encodings: str | None
) -> int:
    """Show patients just inside and just outside each clause of a trial, for review by a clinician.

    TRIAL is a code, an NCT number or a file of one trial. The patients of an example differ in one fact, and meet every other clause. The
    sheet in JSON is a regression test: with --verify the patients are judged by the present encodings.

    \b
      match examples CODE --format markdown -o review.md
      match examples CODE --format json -o sheet.json
      match examples --verify sheet.json

    Exit codes: 0 answered, 1 a patient of the sheet stands otherwise, 2 the input is wrong.
    """  # noqa: D301
    from solver.questions.examples import review

    if sheet is not None:
        return review.verify(load(encodings), trial, sheet, form, output)
    if trial is None:
        raise click.UsageError("Missing argument 'TRIAL', or --verify FILE.")
    review.examples(load(encodings), trial, form, output)
    return ANSWERED
