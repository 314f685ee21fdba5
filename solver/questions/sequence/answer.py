"""The answer of `match sequence`, whose JSON is `trialproof/sequence/1`."""

from __future__ import annotations

from dataclasses import field
from typing import Literal, NamedTuple

from solver.dataclass import dataclass
from solver.engine import answer as a
from solver.patient.record import Record


@dataclass(frozen=True, slots=True)
class Door:
    """The answer for one trial in some circumstances."""

    trial: str
    code: str
    recruitment: str
    """The recruitment status; never part of the verdict."""
    verdict: a.Verdict
    published_only: bool
    conflicts: a.Subsets
    """Every minimal conflict, where the verdict is ineligible."""
    conflicts_complete: bool
    changed: bool
    """Whether the verdict is not that of today."""
    assuming: tuple[str, ...]
    """As in the JSON of `match`, in these circumstances."""
    provisional: bool
    """Whether an eligible or ineligible verdict needs the course to be as recorded when what is out of date is measured anew."""

    @property
    def complete(self) -> bool:
        """Whether `conflicts` holds them all: `conflicts_complete`."""
        return self.conflicts_complete


@dataclass(frozen=True, slots=True)
class Circumstances(a.OfRecord):
    """A patient today, while on a trial or after it: the record, and how every other trial stands."""

    record: a.RecordState
    trials: tuple[Door, ...]
    patient: Record = field(repr=False, metadata=a.PRIVATE)
    """What is known of the patient."""

    @property
    def doors(self) -> tuple[Door, ...]:
        """How every other trial stands: `trials`."""
        return self.trials


@dataclass(frozen=True, slots=True)
class Entry:
    """What entering one trial does."""

    trial: str
    code: str
    enrolment: a.EnrolmentEffects
    """What the trial's file says that entering it changes."""
    during: Circumstances
    after: Circumstances


@dataclass(frozen=True, slots=True)
class OrderGroup:
    """The longest orders of the same trials."""

    trials: tuple[str, ...]
    count: int
    """How many orders of them there are."""
    always: tuple[tuple[str, str], ...]
    """Pairs of which the first comes before the second in each; pairs that follow from others are left out."""
    free: bool
    """Whether every order that keeps to the pairs is among them."""
    listed: tuple[tuple[str, ...], ...]
    """The first of them, by the order of the trials; `count` says how many there are."""


@dataclass(frozen=True, slots=True)
class Orders:
    """The longest orders in which each next trial can, or might, be entered after those before it. They are tied."""

    length: int
    count: int
    groups: tuple[OrderGroup, ...]


@dataclass(frozen=True, slots=True)
class LastChance:
    """A trial that must come before another, which closes it wherever both could be entered: for good, unless `provisional`."""

    code: str
    before: str
    conflicts: a.Subsets
    """What closes it."""
    provisional: bool = False
    """As of a door."""


class Opened(NamedTuple):
    """A trial that cannot be entered today, and the shortest way there."""

    code: str
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceAnswer(a.RecordAnswer):
    """What each trial that a patient can enter does to the others."""

    schema: Literal["trialproof/sequence/1"] = "trialproof/sequence/1"
    engine: a.EngineVersion
    patient: str
    as_of: str
    """The day of evaluation, `YYYY-MM-DD`."""
    today: Circumstances
    entries: tuple[Entry, ...]
    """One for each trial that can, or might, be entered today."""
    orders: Orders | None
    """Null if there are too many to look through."""
    last_chances: tuple[LastChance, ...]
    opened: tuple[Opened, ...]
    warnings: tuple[a.AnswerWarning, ...]
    policies: tuple[str, ...] = ()
    """Ids of the assumption policies in force."""
    assumptions: tuple[a.Assumption, ...] = ()
    """What is assumed where `assuming` names it."""
    site: a.SiteName | None = field(default=None, metadata=a.SPARSE)
    """The site under whose file it was given; left out without one."""
    record: a.RecordState = field(metadata=a.PRIVATE)
    """Whether the record agrees with itself today."""
