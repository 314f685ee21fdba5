"""The verb `match examples`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from solver.report.command_line.arguments import Verb
from solver.report.command_line.failure import ANSWERED
from solver.report.command_line.options import ENCODINGS, HELP, load, option, options

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.library.models import Library, Trial
    from solver.report.page import Page

SheetForm = Literal["table", "json", "markdown"]

HOLD, DIFFER = 0, 1
_FILE_WIDTH = 80


@click.command("examples", cls=Verb, context_settings=HELP)
@click.argument("trial", required=False, metavar="TRIAL")
@option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "markdown"]),
    default="table",
    help="A table (default), JSON with the patients' records, or Markdown to sign.",
)
@option("--verify", "sheet", metavar="FILE", help="Judge the patients of a sheet in JSON once more.")
@option("-o", "--output", metavar="FILE", help="Write to this file.")
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
    if sheet is not None:
        return _verify_sheet(load(encodings), trial, sheet, form, output)
    if trial is None:
        raise click.UsageError("Missing argument 'TRIAL', or --verify FILE.")
    from solver.questions.examples.ask import examples as find_examples
    from solver.questions.examples.page import examples_markdown, examples_page, examples_text
    from solver.report.command_line.progress import Progress

    chosen, library = _trial_and_library(load(encodings), trial)
    with Progress(1):
        found = find_examples(library, chosen)
    library = library.with_terms(chosen)
    text = examples_markdown(found, library) if form == "markdown" else examples_text(found)
    _print_or_write(form, output, text, lambda width: examples_page(found, library, width))
    return ANSWERED


def _verify_sheet(library: Library, name: str | None, file: str, form: SheetForm, output: str | None) -> int:
    """Print which patients of a saved sheet stand otherwise now, and return 1 if some do, else 0.

    They are judged by the trial of this name, by default the library's one with the code of the sheet. Raises `InputError` for a name
    that is neither a trial nor a file, and for a file that is no sheet or speaks of what the library does not know.
    """
    from solver.engine.case import Engine
    from solver.errors import InputError
    from solver.patient.readers.native.json_text import display_name, read_bytes
    from solver.questions.examples.page import verify_page
    from solver.questions.examples.saved_sheet import SavedSheet
    from solver.report.command_line.progress import Progress
    from solver.report.json import json_text
    from solver.text import clean

    if form == "markdown":
        raise InputError("--verify: has no Markdown: leave --format out, or give json")
    saved = SavedSheet(display_name(file), read_bytes(file))
    trial, whole = _trial_and_library(library, name or saved.code)
    if trial.code != saved.code:
        raise InputError(f"{saved.name}: is a sheet of {clean(saved.code)}, not of {trial.code}")
    with Progress(1):
        found = saved.recheck(Engine(whole), trial.code)
    _print_or_write(form, output, json_text(found), lambda width: verify_page(found, width))
    return DIFFER if found.differ else HOLD


def _trial_and_library(library: Library, name: str) -> tuple[Trial, Library]:
    """The trial of a name or a file, and the library with it; a file is part of what the digest tells."""
    import hashlib
    from dataclasses import replace

    from solver.patient.readers.native.json_text import read_bytes
    from solver.report.command_line.options import named_trial

    trial, file = named_trial(library, name)
    if file is None:
        return trial, library
    whole = hashlib.sha256(f"{library.digest}\0".encode() + read_bytes(name))
    return trial, replace(library.with_trial(trial), digest=f"sha256:{whole.hexdigest()}")


def _print_or_write(form: SheetForm, output: str | None, text: str, page: Callable[[int], Page]) -> None:
    """The page of a table, else the text: on standard output, or whole into a file."""
    from solver.report.command_line.output import print_text, show, terminal_width
    from solver.report.writing import write_file

    if output is not None:
        write_file(output, page(_FILE_WIDTH).plain() if form == "table" else f"{text}\n")
    elif form == "table":
        show(page(terminal_width()))
    else:
        print_text(text)
