"""Choosing among the trials and the assumption policies of a library."""

from __future__ import annotations

from collections.abc import Iterable

from solver.errors import InputError, did_you_mean
from solver.library.models import Library


def choose_trials(library: Library, given: Iterable[str], where: str = "") -> list[str]:
    """The codes of the trials that are named, by code or NCT number and separated by commas, in the order given.

    `where` is the option that names them, as messages call it. Raises `InputError` with one line for each unknown name.
    """
    names = [name.strip() for entry in given for name in entry.split(",") if name.strip()]
    remedy = f": the trials are {', '.join(library.trials)}"
    lead = f"{where}: " if where else ""
    if not names:
        raise InputError(f"{lead}names no trial{remedy}")
    known = [name for trial in library.trials.values() for name in (trial.code, trial.nct)]
    found = {name: library.trial(name) for name in names}
    problems = [
        f"{lead}'{name}' is not a known trial{did_you_mean(name, known, words=True) or remedy}"
        for name, trial in found.items()
        if trial is None
    ]
    if problems:
        raise InputError(problems)
    return list(dict.fromkeys(trial.code for trial in found.values() if trial is not None))


def choose_policies(library: Library, given: Iterable[str], where: str = "") -> tuple[str, ...]:
    """The assumption policies that are named, separated by commas, in the order of the library; none is none.

    `where` is as for trials. Raises `InputError` with one line for each unknown name.
    """
    entries = [given] if isinstance(given, str) else list(given)
    names = [name.strip() for entry in entries for name in entry.split(",") if name.strip()]
    lead = f"{where}: " if where else ""
    known = ", ".join(library.policies)
    remedy = f": the policies are {known}" if known else ": these encodings have no policy"
    if entries and not names:
        raise InputError(f"{lead}names no policy{remedy}")
    problems = [
        f"{lead}'{name}' is not a known policy{did_you_mean(name, library.policies, words=True) or remedy}"
        for name in dict.fromkeys(names)
        if name not in library.policies
    ]
    if problems:
        raise InputError(problems)
    return tuple(name for name in library.policies if name in names)
