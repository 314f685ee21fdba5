"""The verb `match check`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

import click

from solver.report.arguments import Verb
from solver.report.options import ENCODINGS, HELP, load, options

if TYPE_CHECKING:
    from pathlib import Path

    from solver.library.models import Library
    from solver.questions.check.answer import Severity
    from solver.questions.check.trial_view import Source

CheckForm = Literal["table", "json", "sarif"]
FINE, FOUND = 0, 1


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
    from pathlib import Path
    from shutil import get_terminal_size

    from solver.library.files.yaml_places import read_document
    from solver.library.load import default_encodings
    from solver.questions.check.ask import check as find
    from solver.questions.check.page import check_page, sarif_json
    from solver.report.json import json_text
    from solver.report.output import print_text, show
    from solver.report.progress import Progress

    library, folder = load(encodings), default_encodings() if encodings is None else Path(encodings)
    sources = [_named_source(library, folder, name) for name in files or library.trials]
    paths = [] if files else sorted(folder.rglob("*.yaml"))
    documents = {_file_name(path): read_document(path, _file_name(path)) for path in paths}
    with Progress(1):
        answer = find(library, sources, None if files else documents)
    if form == "table":
        show(check_page(answer, library, get_terminal_size().columns))
    else:
        print_text(json_text(answer) if form == "json" else sarif_json(answer))
    return FOUND if answer.has_any(fail_on) else FINE


def _named_source(library: Library, folder: Path, name: str) -> Source:
    """The trial of a name or a file with its document; raises `InputError` for a name that is neither, and with every fault of a file."""
    from pathlib import Path

    from solver.library.compile import compile_trial
    from solver.library.files.yaml_places import read_document
    from solver.patient.readers.native.json_text import display_name
    from solver.questions.check.trial_view import Source
    from solver.report.options import named_trial

    trial = library.trial(name)
    if trial is not None:
        path = folder / "trials" / trial.file
        return Source(trial, read_document(path, _file_name(path)), _file_name(path))
    named_trial(library, name)
    document = read_document(Path(name), display_name(name))
    return Source(compile_trial(document, library), document, display_name(name))


def _file_name(path: Path) -> str:
    """How findings call a file: from the working directory where it lies within it."""
    within = os.path.relpath(path)
    return str(path) if within.startswith(os.pardir) else within
