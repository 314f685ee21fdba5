"""What a trial says besides its criteria: readings, notices, which cohorts recruit, what entering it changes, what its author stands by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from solver.dataclass import dataclass
from solver.language.domain import Domain
from solver.language.tree import TRUE, Condition


@dataclass(frozen=True, slots=True)
class TrialNotice:
    """A sentence shown beside a trial's answer where `when` certainly holds; one about `safety` also in the head of a page."""

    id: str
    text: str
    when: Condition
    safety: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """An ambiguity of a trial; one with a `switch` has a second reading as logic.

    Of those that have the same `choose_one`, which says what there is to choose, only one can hold.
    """

    id: str
    text: str
    switch: bool
    choose_one: str | None = None


CLOSED = frozenset({"completed", "terminated", "withdrawn", "discontinued", "suspended", "not_recruiting"})
"""The recruitment statuses with which a trial takes nobody."""

UNKNOWN = "unknown"
"""The recruitment status of a trial of which it is not known whether it takes anybody."""

CohortRecruitment = Literal["closed", "ask"]
"""Whether a cohort takes patients: it does not, or that is to be asked."""


@dataclass(frozen=True, slots=True)
class AtSite:
    """What a site says of a trial, or of a cohort, in place of the registry; null where it says nothing of it."""

    open: bool | None = None
    """Whether it takes patients at the site; null leaves the word to the registry."""
    slots: int | None = None
    """How many patients it can still take."""
    note: str | None = None
    """What the site notes of it."""
    rank: int | None = None
    """Where the site lists it among trials of the same verdict: the lowest first."""
    contact: str | None = None
    """Whom to ask."""


@dataclass(frozen=True, slots=True)
class SiteName:
    """The site whose file an answer was given under."""

    name: str
    """As its file says, else the name of the file."""
    digest: str
    """A digest of the file: `sha256:...`."""


@dataclass(frozen=True, slots=True)
class CohortState:
    """What is known of a cohort's recruitment, for the patients of whom `when` certainly holds; `logic` is its text, empty for all."""

    state: CohortRecruitment
    note: str
    source: str
    when: Condition = TRUE
    logic: str = ""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What entering a trial does to what is known of a patient.

    `during` gives what holds while on the trial and `after` what holds from then on, each in place of what was recorded unless that
    agrees. What was recorded of `outdates` is out of date afterwards, and of `forgets` nothing is known.
    """

    during: Mapping[str, Domain] = field(default_factory=dict)
    after: Mapping[str, Domain] = field(default_factory=dict)
    outdates: tuple[str, ...] = ()
    forgets: tuple[str, ...] = ()


FindingKind = Literal[
    "unsatisfiable",
    "unreachable-cohort",
    "contradictory",
    "excluded-and-required",
    "impossible-window",
    "vacuous",
    "redundant",
    "dead-exception",
    "gap",
    "implausible-threshold",
    "polarity",
    "mixed-anchors",
    "stale-acknowledgement",
    "undecided",
    "overlap",
    "routing",
    "never-decisive",
    "same-readings",
    "unused",
    "shared-only",
    "not-encoded",
    "label",
]
"""What a consistency check can find."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in its file: from a line and column to just before another, all counted from 1."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A finding of the consistency check that the author of a trial file knows of and stands by, and why.

    It is about findings of this kind on exactly these clauses; with a `part`, only on this part of a clause, as it is written.
    """

    finding: FindingKind
    clauses: tuple[str, ...]
    reason: str
    part: str | None
    place: Place
