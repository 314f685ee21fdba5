"""The form of one fact: a bare value, or an object that gives a value, a range, several values or replicates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from solver.dataclass import dataclass
from solver.language.domain import Domain
from solver.library.models import Variable
from solver.patient.readers.native.json_text import shown
from solver.patient.readers.native.record_faults import Findings, step
from solver.text import quote

Meaning = tuple[Domain, str, tuple[Fraction, ...] | None]
"""What a fact says: its domain, its text and, for one of several numbers, all of them."""

MOST_ENTRIES = 1_000
"""Entries that one list of a record may have."""

RANGE_KEYS = ("min", "max", "min_exclusive", "max_exclusive")
LIMIT_KEYS = ("uln", "lln")
FACT_KEYS = ("value", *RANGE_KEYS, "one_of", "replicates", "unit", "date", "source", "drug")
_ALL_KEYS = (*FACT_KEYS, *LIMIT_KEYS)

_FORMS = {"value": "value", "one_of": "one_of", "replicates": "replicates"} | dict.fromkeys(
    RANGE_KEYS, "range"
)
_FORM_WORDS = {"value": "value", "one_of": "one_of", "replicates": "replicates", "range": "min and max"}


@dataclass(frozen=True, slots=True)
class Statement:
    """A fact taken apart: the keys it gives, and which of the four forms it has.

    `bare` says that the value stands by itself, without an object around it.
    """

    variable: Variable
    where: str
    entries: Mapping[str, object]
    form: str
    bare: bool
    findings: Findings

    def place(self, key: str) -> str:
        """Where the entry `key` stands."""
        return self.where if self.bare else step(self.where, key)

    def fault(self, problem: str, key: str | None = None) -> None:
        """Note a fault of the fact, or of its entry `key`."""
        self.findings.add(self.place(key) if key else self.where, problem)

    def allow(self, *forms: str) -> bool:
        """Whether the form is one of these; notes a fault if not."""
        if self.form in forms:
            return True
        found = next(key for key in self.entries if _FORMS.get(key) == self.form)
        words = " or ".join(_FORM_WORDS[form] for form in forms)
        self.fault(f"'{found}' does not fit {self.variable.name}: give {words}")
        return False

    def several(self, key: str) -> Sequence[object] | None:
        """The entries of the list at `key`: some, and not absurdly many."""
        found = self.entries[key]
        if not isinstance(found, list):
            self.fault(f"{shown(found)} is not a list: write [...]", key)
            return None
        if not found:
            self.fault(f"the list is empty: give at least one entry{self._or_leave_out}", key)
            return None
        if len(found) > MOST_ENTRIES:
            self.fault(f"the list has {len(found)} entries: give at most {MOST_ENTRIES}", key)
            return None
        return found

    @property
    def _or_leave_out(self) -> str:
        return f", or leave {self.variable.name} out"


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a range: the key that gives it, what it says, and whether it is excluded."""

    key: str
    value: object
    open: bool


def _unknown_key(
    variable: Variable, value: Mapping[str, object], key: str, known_keys: Sequence[str], findings: Findings
) -> str:
    from solver.patient.readers.native.printed_numbers import SIGN_KEYS, bound_in_place

    bound = bound_in_place(value[key], variable, value) if key.casefold() in SIGN_KEYS else None
    hint = f": write {bound}" if bound else findings.hint(key, known_keys, words=True)
    known = hint or ": the keys are " + ", ".join(known_keys)
    return f"unknown key {quote(key)}{known}"


def read_statement(variable: Variable, value: object, where: str, findings: Findings) -> Statement | None:
    """A fact taken apart; None if it is unknown, or malformed, which is noted."""
    if value is None:
        return None
    if not isinstance(value, dict):
        return Statement(variable, where, {"value": value}, "value", True, findings)
    known_keys = _ALL_KEYS if variable.reference else FACT_KEYS
    unknown = [key for key in value if key not in known_keys]
    for key in unknown:
        findings.add(where, _unknown_key(variable, value, key, known_keys, findings))
    forms = list(dict.fromkeys(_FORMS[key] for key in value if key in _FORMS))
    if len(forms) > 1:
        words = " and ".join(f"'{key}'" for key in value if key in _FORMS)
        findings.add(where, f"{words} exclude each other: keep one form")
        return None
    if not forms:
        if not unknown:
            findings.add(where, "says no value: give value, min or max, one_of, or replicates")
        return None
    return Statement(variable, where, value, forms[0], False, findings)


def read_bounds(statement: Statement) -> tuple[Bound | None, Bound | None] | None:
    """The two ends of a range, None where one is not given; None, with a fault noted, if they are malformed."""
    low, low_fits = _bound_of(statement, "min")
    high, high_fits = _bound_of(statement, "max")
    if not (low_fits and high_fits):
        return None
    if low is None and high is None:
        statement.fault("has no bound: give min or max")
        return None
    return low, high


def _bound_of(statement: Statement, side: str) -> tuple[Bound | None, bool]:
    entries, flag_key = statement.entries, f"{side}_exclusive"
    flag = entries.get(flag_key, False)
    if isinstance(flag, bool):
        if side in entries:
            return Bound(side, entries[side], flag), True
        if flag:
            statement.fault(f"there is no '{side}' to exclude: give '{side}'", flag_key)
        return None, not flag
    if side in entries:
        statement.fault(f"'{side}' and '{flag_key}' both give a bound: keep one")
        return None, False
    return Bound(flag_key, flag, True), True


def join_words(words: Sequence[str]) -> str:
    """The words as alternatives: `a`, `a or b`, `a, b or c`."""
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
