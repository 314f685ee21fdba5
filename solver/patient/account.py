"""The account of what became of everything in an export: one row for each resource, and what was not used in so many words.

    entry[12]   Observation   o7   used         serum level
    entry[13]   Encounter     e1   not-read     no fact is read from Encounter

A row has one outcome; what a used resource could not be used for stands in its reasons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import field
from functools import lru_cache
from typing import Literal, get_args

from solver.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class ResourcePlace:
    """Where something stands in the source: the row of the account, its type there (`Observation`, `measurement`), and its id."""

    at: str
    type: str
    id: str | None = None


Outcome = Literal[
    "used",
    "supporting",
    "error",
    "other-patient",
    "not-read",
    "not-r4",
    "duplicate",
    "reference",
    "status",
    "unknown-code",
    "unconfirmed",
    "not-a-state",
    "value",
    "unit",
    "date",
    "after-as-of",
    "donor",
    "undated",
    "superseded",
    "stale",
    "conflict",
]
"""What became of a resource; but for the first two, the earliest in this order counts."""

_RANK = {outcome: rank for rank, outcome in enumerate(get_args(Outcome))}


@dataclass(slots=True)
class AccountRow:
    """One resource: what became of it, the variables that it bears on, and why it was not used.

    `settled` says that its outcome stands, whatever else is noted of it. A large export has many rows of which nothing is to be told, so
    that an empty row holds nothing of its own.
    """

    place: ResourcePlace
    outcome: Outcome | None = None
    settled: bool = False
    variables: frozenset[str] = frozenset()
    reasons: Mapping[Outcome, tuple[str, ...]] = field(default_factory=lambda: _NO_REASONS)

    def say(self, outcome: Outcome, reason: str) -> None:
        """Add a reason, if it is new."""
        said = self.reasons.get(outcome, ())
        if reason not in said:
            only = _one_reason(outcome, reason)
            self.reasons = {**self.reasons, outcome: (*said, reason)} if self.reasons else only


_NO_REASONS: Mapping[Outcome, tuple[str, ...]] = {}


@lru_cache(maxsize=4096)
def _one_reason(outcome: Outcome, reason: str) -> Mapping[Outcome, tuple[str, ...]]:
    """A reason alone; many rows have the same, and share it."""
    return {outcome: (reason,)}


@dataclass(frozen=True, slots=True)
class StaleRow:
    """A result that is too old to count."""

    variable: str
    date: str
    age_days: int
    window_days: int
    at: str


@dataclass(frozen=True, slots=True)
class CompletedList:
    """A list that is complete: who says so (a resource, a tag or an option), and of which day."""

    list: str
    by: str
    date: str
    unread: int | None = field(default=None, metadata={"sparse": True})
    """How many entries of its kind could not be read, so that they may be what the list would deny."""


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """What cannot hold together, of one day, of several, or within one resource; `kind` is `same-day`, `other-day` or another word."""

    variable: str
    kind: str
    at: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class UnconfirmedRow:
    """What was said without being confirmed, so that it is no fact and yet no absence."""

    variable: str
    at: str
    text: str


@dataclass(slots=True)
class Account:
    """Rows by place, in the order of the source, and what else there is to be told.

    `unknown_codes` counts codes that nothing reads, by the address of their system and code.
    """

    format: str
    rows: dict[str, AccountRow] = field(default_factory=dict)
    complete: list[CompletedList] = field(default_factory=list)
    stale: list[StaleRow] = field(default_factory=list)
    conflicts: list[ConflictRow] = field(default_factory=list)
    unconfirmed: list[UnconfirmedRow] = field(default_factory=list)
    unknown_codes: Counter[tuple[str, str]] = field(default_factory=Counter)
    patients: int = 1

    def row(self, place: ResourcePlace) -> AccountRow:
        """The row of a place, which is made if it is new."""
        found = self.rows.get(place.at)
        if found is None:
            found = self.rows[place.at] = AccountRow(place)
        return found

    def used(self, place: ResourcePlace, *variables: str) -> None:
        """Note that a resource was used for these variables; nothing else that is noted of it changes that."""
        row = self.row(place)
        row.outcome = "used"
        row.variables |= set(variables)

    def settle(self, place: ResourcePlace, outcome: Outcome, reason: str) -> None:
        """Note what became of a resource, whatever else may be noted of it afterwards."""
        self.note(place, outcome, reason)
        self.row(place).settled = True

    def remark(self, place: ResourcePlace, outcome: Outcome, reason: str) -> None:
        """Note what a part of a resource could not be used for, which keeps the rest from nothing."""
        self.row(place).say(outcome, reason)

    def note(self, place: ResourcePlace, outcome: Outcome, reason: str, *variables: str) -> None:
        """Note what kept a resource, or a part of it, from being used. A used one stays used, with the reason besides."""
        row = self.row(place)
        row.say(outcome, reason)
        if row.outcome is None or (not row.settled and _RANK[outcome] < _RANK[row.outcome]):
            row.outcome = outcome
        if outcome == "unconfirmed":
            row.variables |= set(variables)
