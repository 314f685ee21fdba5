"""The trial that a word of the command line names: one of the library, or that of a file."""

from __future__ import annotations

import os
from pathlib import Path

from solver.errors import InputError
from solver.library.choice import choose_trials
from solver.library.load import load_trial
from solver.library.models import Library, Trial
from solver.patient.readers.native.json_text import display_name


def named_trial(library: Library, name: str) -> tuple[Trial, str | None]:
    """The trial of a name, and its file if it is one."""
    known = library.trial(name)
    if known is not None:
        return known, None
    if name.endswith((".yaml", ".yml")) or os.sep in name or Path(name).exists():
        return load_trial(name, library), display_name(name)
    try:
        choose_trials(library, [name])
    except InputError as error:
        raise InputError([f"{problem}, or give a .yaml file" for problem in error.problems]) from None
    raise InputError(f"'{name}' names several trials: give one")
