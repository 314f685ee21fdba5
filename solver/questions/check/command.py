"""The verb `match check`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

import click

from solver.report.command_line.arguments import Verb
from solver.report.command_line.options import ENCODINGS, HELP, added_paths, load, option, options

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from solver.library.files.yaml_places import Document
    from solver.library.models import Library
    from solver.questions.check.answer import Severity
    from solver.questions.check.trial_view import Source

CheckForm = Literal["table", "json", "sarif"]
FINE, FOUND = 0, 1


@click.command("check", cls=Verb, context_settings=HELP)
@click.argument("files", nargs=-1, metavar="[TRIAL|FILE...]")
@option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "sarif"]),
    default="table",
    help="A table (default), JSON on one line, or SARIF 2.1.0.",
)
@option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note"]),
    default="error",
    help="The least severe finding that gives the exit code 1 (error).",
)
@option("--notes", is_flag=True, help="Tell each note in full; the JSON always has them.")
@options(ENCODINGS)
def check(
    files: tuple[str, ...], form: CheckForm, fail_on: Severity, notes: bool, encodings: str | None
) -> int:
    """Check trial files for what contradicts itself, says nothing, or cannot be meant.

    Clauses that nobody can meet, or everybody, that others imply, exceptions that do nothing, gaps between bands, slips of units, and
    more, each with its place, what it rests on, and a patient who shows it. Without TRIAL or FILE all encodings are checked. A file may
    be taken out of a revision of git, as REV:FILE. A finding that is right is acknowledged in the file, with the reason. Notes are told
    in a line, unless --notes is given.

    \b
      match check
      match check my-trial.yaml --fail-on warning --notes
      match check HEAD~1:my-trial.yaml
      match check --format sarif

    Exit codes: 0 nothing as severe as --fail-on, 1 something is, 2 the input is wrong.
    """  # noqa: D301
    from pathlib import Path

    from solver.library.files.added_files import added_files
    from solver.library.files.yaml_places import read_document
    from solver.library.load import default_encodings, load_library
    from solver.questions.check.ask import check as find
    from solver.questions.check.page import check_page, sarif_json
    from solver.report.command_line.output import print_text, show, terminal_width
    from solver.report.command_line.progress import Progress
    from solver.report.json import json_text

    folder = default_encodings() if encodings is None else Path(encodings)
    library = load(encodings)
    own = [name for name in files if library.trial(name) is None and Path(name).exists()]
    words = [each.name for each in added_files(own) if each.words]
    if words:
        library = load_library(encodings, add_trials=(*added_paths(), *words))
    paths = [] if files else sorted(folder.rglob("*.yaml"))
    documents = {_file_name(path): read_document(path, _file_name(path)) for path in paths}
    names = files or tuple(library.trials)
    sources = [each for name in names for each in _named_sources(library, folder, name, documents)]
    with Progress(1):
        answer = find(library, sources, None if files else documents, notes=notes or form == "json")
    if form == "table":
        show(check_page(answer, library, terminal_width(), notes=notes))
    else:
        print_text(json_text(answer) if form == "json" else sarif_json(answer))
    return FOUND if answer.has_any(fail_on) else FINE


def _named_sources(
    library: Library, folder: Path, name: str, documents: Mapping[str, Document]
) -> Iterator[Source]:
    """The trial of a name, or those of a file or a folder, with their documents, of which some have been read.

    Raises `InputError` for a name that is neither, and with every fault of a file.
    """
    from pathlib import Path

    from solver.library.files.yaml_places import read_document
    from solver.questions.check.trial_view import Source

    trial = library.trial(name)
    if trial is None:
        yield from _sources_in_files(library, name)
        return
    added = library.added.get(trial.code)
    path = folder / "trials" / trial.file if added is None else Path(added)
    file = _file_name(path)
    yield Source(trial, documents.get(file) or read_document(path, file), file)


def _sources_in_files(library: Library, name: str) -> Iterator[Source]:
    # a trial of the library is compiled already, and needs none of this
    from pathlib import Path

    from solver.library.files.added_files import added_files
    from solver.library.files.revisions import file_of_revision, names_a_revision
    from solver.library.files.yaml_places import document_of
    from solver.library.trial_files import compile_trial
    from solver.patient.readers.native.json_text import display_name
    from solver.questions.check.trial_view import Source
    from solver.report.command_line.options import named_trial

    if names_a_revision(name):
        document = document_of(file_of_revision(name), display_name(name))
        yield Source(compile_trial(document, library), document, display_name(name))
        return
    if not Path(name).exists():
        named_trial(library, name)
    for each in added_files([name]):
        own = not Path(name).is_dir() and each.name == name
        if own and not each.words:
            named_trial(library, name)
        if each.trial:
            document = document_of(each.content, display_name(each.name))
            yield Source(compile_trial(document, library), document, display_name(each.name))


def _file_name(path: Path) -> str:
    """How findings call a file: from the working directory where it lies within it."""
    within = os.path.relpath(path)
    return str(path) if within.startswith(os.pardir) else within
