"""What is found while a file is read: every fault and every warning, as lines a person can act on."""

from __future__ import annotations

from collections.abc import Iterable

from solver.errors import InputError, did_you_mean, nearest
from solver.patterns import pattern
from solver.text import LONGEST, clean, quote

FACTS = "facts"
"""Where the facts of a record stand."""

REJECTED = "rejected-fact"
"""The code of the warning about a fact that was rejected."""

_LOOKUPS = 2_000
_PLAIN = pattern(r"[A-Za-z0-9_-]{1,60}")


def step(where: str, key: str | int) -> str:
    """The place `key` within the place `where`, as a dotted path."""
    if isinstance(key, int):
        return f"{where}[{key}]"
    plain = _PLAIN.fullmatch(key) and (where or key[0].islower())
    shown = key if plain else quote(key)
    return f"{where}.{shown}" if where else shown


class Findings:
    """The faults of one file, one line each, and the warnings about variables.

    The nearest known names are looked up for the first two thousand names only, so that a file of nonsense costs little.
    """

    def __init__(self, name: str) -> None:
        self.name = clean(name)
        self.problems: list[str] = []
        self.warnings: list[tuple[str, str | None, str]] = []
        self._lookups = 0

    def add(self, where: str, problem: str) -> None:
        """Note a fault at a place."""
        self.problems.append(": ".join(part for part in (self.name, where, problem) if part))

    def add_key(self, where: str, key: str, problem: str) -> None:
        """Note that a key of a place is not right."""
        self.add(where, problem)

    def add_malformed(self, where: str, problem: str) -> None:
        """Note a fault that leaves open what the file says at all."""
        self.add(where, problem)

    def of(self, where: str, key: str) -> Findings:
        """Where to note what is found in what stands at `key` of the place `where`."""
        return self

    def accepted(self, variable: str | None) -> bool:
        """Whether what was looked at may be used, once it is looked at; a fault of the file stops all use of it later."""
        return True

    def warn(self, code: str, variable: str | None, sentence: str) -> None:
        """Note a warning, about a variable where it is about one, once."""
        if (code, variable, sentence) not in self.warnings:
            self.warnings.append((code, variable, sentence))

    def hint(self, name: str, known: Iterable[str], *, words: bool = False) -> str:
        """`; did you mean 'x'?` for the nearest known name, or nothing; see `errors.nearest` for `words`."""
        return did_you_mean(name, known, words=words) if self._may_look_up(name) else ""

    def near(self, name: str, known: Iterable[str]) -> str | None:
        """The nearest known name, if one is close."""
        return nearest(name, known) if self._may_look_up(name) else None

    def stop_if_wrong(self) -> None:
        """Raise `InputError` with all the faults, if there are any."""
        if self.problems:
            raise InputError(self.problems)

    def _may_look_up(self, name: str) -> bool:
        self._lookups += 1
        return self._lookups <= _LOOKUPS and len(name) <= LONGEST


class LenientFindings(Findings):
    """Findings in which a faulty fact is rejected, with a warning, and the rest of the file still counts."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._facts: dict[str, _FactFindings] = {}

    def of(self, where: str, key: str) -> Findings:
        """Those of a fact apart from the others'."""
        return self._facts.setdefault(key, _FactFindings(self)) if where == FACTS else self


class _FactFindings(Findings):
    """What is found in one fact. What leaves open what the file says at all stays a fault of the file."""

    def __init__(self, whole: Findings) -> None:
        super().__init__("")
        self._whole = whole

    def add_malformed(self, where: str, problem: str) -> None:
        self._whole.add_malformed(where, problem)

    def accepted(self, variable: str | None) -> bool:
        for problem in self.problems:
            self._whole.warn(REJECTED, variable, problem)
        for warning in () if self.problems else self.warnings:
            self._whole.warn(*warning)
        return not self.problems

    def _may_look_up(self, name: str) -> bool:
        return self._whole._may_look_up(name)
