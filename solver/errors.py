"""Errors that a user sees: one line, lower case, the place, what was found, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from solver.text import message


class InputError(Exception):
    """Something the user gave is wrong.

    `problems` holds one line a fault, each naming the file, the place, what was found and the remedy, fit to be shown on a terminal
    whatever was found.
    """

    def __init__(self, problems: str | Sequence[str]) -> None:
        lines = (problems,) if isinstance(problems, str) else problems
        self.problems: tuple[str, ...] = tuple(map(message, lines))
        super().__init__("\n".join(self.problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[str, ...]]]:
        """Sent to another process, the problems stay apart."""
        return type(self), (self.problems,)


class EngineError(Exception):
    """The engine contradicted itself: an answer failed its own re-check, so no answer is given."""


def nearest(name: str, known: Iterable[str], *, limit: int = 1, cutoff: float = 0.6) -> list[str]:
    """The known names closest to `name`, best first, at most `limit`; empty if nothing is as close as `cutoff` (0 to 1)."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    found = difflib.get_close_matches(name.casefold(), by_folded, n=limit, cutoff=cutoff)
    return [by_folded[key] for key in found]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the nearest known name, or nothing."""
    found = nearest(name, known)
    return f"; did you mean '{found[0]}'?" if found else ""
