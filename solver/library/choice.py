"""Choosing among the trials, the clauses and the assumption policies of a library."""

from __future__ import annotations

from collections.abc import Iterable

from solver.errors import InputError, did_you_mean
from solver.library.models import Library
from solver.text import LONGEST, quote


def choose_trials(library: Library, given: Iterable[str], where: str = "") -> list[str]:
    """The codes of the trials that are named, by code or NCT number and separated by commas, in the order given.

    `where` is the option that names them, as messages call it. Raises `InputError` with one line for each unknown name.
    """
    found = {name: library.trial(name) for name in _names_in(given)}
    known = [name for trial in library.trials.values() for name in (trial.code, trial.nct)]
    remedy = f": the trials are {', '.join(library.trials)}"
    wrong = [name for name, trial in found.items() if trial is None]
    _stop_if_unknown("trial", wrong, known, remedy, where, none=not found)
    return list(dict.fromkeys(trial.code for trial in found.values() if trial is not None))


def choose_policies(library: Library, given: Iterable[str], where: str = "") -> tuple[str, ...]:
    """The assumption policies that are named, separated by commas, in the order of the library; none is none.

    `where` is as for trials. Raises `InputError` with one line for each unknown name.
    """
    given = [given] if isinstance(given, str) else list(given)
    names = _names_in(given)
    known = ", ".join(library.policies)
    remedy = f": the policies are {known}" if known else ": these encodings have no policy"
    wrong = [name for name in dict.fromkeys(names) if name not in library.policies]
    _stop_if_unknown("policy", wrong, library.policies, remedy, where, none=bool(given) and not names)
    return tuple(name for name in library.policies if name in names)


def choose_clauses(library: Library, given: Iterable[str], where: str = "") -> list[str]:
    """The ids of the clauses that are named, separated by commas and in any case, in the order given.

    `where` is as for trials. Raises `InputError` with one line for each unknown id, which names the nearest.
    """
    names = _names_in([given] if isinstance(given, str) else given)
    known = {clause.id.casefold(): clause.id for trial in library.trials.values() for clause in trial.clauses}
    lead, remedy = f"{where}: " if where else "", "match trials TRIAL lists them"
    if not names:
        raise InputError(f"{lead}names no clause: {remedy}")
    wrong = []
    for name in dict.fromkeys(names):
        if name.casefold() not in known:
            from difflib import get_close_matches  # slow to import, and needed only here

            close = get_close_matches(name[:LONGEST].casefold(), known, n=1)
            hint = f"; did you mean '{known[close[0]]}'?" if close else f": {remedy}"
            wrong.append(f"{lead}{quote(name)} is not a known clause{hint}")
    if wrong:
        raise InputError(wrong)
    return list(dict.fromkeys(known[name.casefold()] for name in names))


def _names_in(given: Iterable[str]) -> list[str]:
    return [name.strip() for entry in given for name in entry.split(",") if name.strip()]


def _stop_if_unknown(
    noun: str, wrong: list[str], known: Iterable[str], remedy: str, where: str, *, none: bool
) -> None:
    lead = f"{where}: " if where else ""
    if none:
        raise InputError(f"{lead}names no {noun}{remedy}")
    hints = {name: did_you_mean(name, known, words=True) or remedy for name in wrong}
    if hints:
        raise InputError([f"{lead}'{name}' is not a known {noun}{hint}" for name, hint in hints.items()])
