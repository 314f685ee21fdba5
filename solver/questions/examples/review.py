"""A review sheet of a trial, printed or saved, and a saved one checked against the present encodings."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from shutil import get_terminal_size
from typing import Literal

from solver.engine.case import Engine
from solver.errors import InputError
from solver.library.models import Library, Trial
from solver.patient.readers.native.json_text import read_bytes
from solver.questions.examples.ask import examples as ask
from solver.questions.examples.document import SavedSheet, examples_json, verify_json
from solver.questions.examples.page import examples_markdown, examples_page, verify_page
from solver.questions.examples.saved_sheet import recheck
from solver.report.named_trial import named_trial
from solver.report.output import print_text, show
from solver.report.page import Page
from solver.report.progress import Progress
from solver.report.writing import write_file
from solver.text import clean

SheetForm = Literal["table", "json", "markdown"]

HOLD, DIFFER = 0, 1
_FILE_WIDTH = 80


def examples(library: Library, name: str, form: SheetForm, output: str | None) -> None:
    """Print the examples of a trial of the library, or of a file, or write them to the file `output`.

    Raises `InputError` for a name that is neither, with every fault of a file, and where `output` cannot be written.
    """
    trial, whole = _trial(library, name)
    with Progress(1):
        sheet = ask(whole, trial)
    _print(
        form,
        output,
        lambda: examples_json(sheet, whole),
        lambda: examples_markdown(sheet, whole),
        lambda width: examples_page(sheet, whole, width),
    )


def verify(library: Library, name: str | None, file: str, form: SheetForm, output: str | None) -> int:
    """Print which patients of a saved sheet stand otherwise now, and return 1 if some do, else 0.

    They are judged by the trial of this name, by default the library's one with the code of the sheet. Raises `InputError` for a name
    that is neither a trial nor a file, and for a file that is no sheet or speaks of what the library does not know.
    """
    if form == "markdown":
        raise InputError("--verify: has no Markdown: leave --format out, or give json")
    saved = SavedSheet(file)
    trial, whole = _trial(library, name or saved.code)
    if trial.code != saved.code:
        raise InputError(f"{saved.name}: is a sheet of {clean(saved.code)}, not of {trial.code}")
    patients = saved.patients(whole)
    with Progress(1):
        found = recheck(Engine(whole), trial.code, patients)
    _print(
        form,
        output,
        lambda: verify_json(saved, found, whole.digest),
        lambda: "",
        lambda width: verify_page(saved, found, whole, width),
    )
    return HOLD if all(each.holds for each in found) else DIFFER


def _trial(library: Library, name: str) -> tuple[Trial, Library]:
    """The trial of a name or a file, and the library with it; a file is part of what the digest tells."""
    trial, file = named_trial(library, name)
    if file is None:
        return trial, library
    whole = hashlib.sha256(f"{library.digest}\0".encode() + read_bytes(name))
    return trial, replace(library.with_trial(trial), digest=f"sha256:{whole.hexdigest()}")


def _print(
    form: SheetForm,
    output: str | None,
    as_json: Callable[[], str],
    as_markdown: Callable[[], str],
    page: Callable[[int], Page],
) -> None:
    if form == "table" and output is None:
        show(page(get_terminal_size().columns))
        return
    if form == "table":
        text = page(_FILE_WIDTH).plain().removesuffix("\n")
    else:
        text = as_json() if form == "json" else as_markdown()
    if output is None:
        print_text(text)
        return
    write_file(output, f"{text}\n")
