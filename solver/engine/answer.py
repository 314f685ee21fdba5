"""What answers share: verdicts and their parts, frozen, typed, picklable. The words are those of the JSON contract.

A class here is also what stands in the JSON: its fields are the keys, in their order, but for those that are `PRIVATE`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Literal, NamedTuple, Protocol

from solver.dataclass import dataclass
from solver.engine.answer_fields import PRIVATE as PRIVATE
from solver.engine.answer_fields import SPARSE as SPARSE
from solver.engine.answer_fields import only_keys as only_keys
from solver.engine.answer_fields import written_as as written_as
from solver.engine.enrolment_effects import EnrolmentEffects as EnrolmentEffects
from solver.engine.provisos import AS_ENCODED as AS_ENCODED
from solver.engine.provisos import Provisos as Provisos
from solver.language.domain import Domain, Interval
from solver.library.beside import AtSite as AtSite
from solver.library.beside import CohortRecruitment as CohortRecruitment
from solver.library.beside import SiteName as SiteName

Verdict = Literal["eligible", "ineligible", "undetermined", "unresolved", "withheld"]
Status = Literal["met", "not_met", "open"]
Subsets = tuple[tuple[str, ...], ...]
Values = frozenset[bool] | frozenset[str] | tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class EngineVersion:
    """What gave the answer."""

    version: str
    """The version of Trialproof."""
    solver: str
    """The name and version of the SMT solver."""
    encodings: str
    """A digest of the files of `encodings/`: `sha256:...`."""


@dataclass(frozen=True, slots=True)
class CorrectedTrial:
    """The verdict on one trial without the facts of a correction."""

    code: str
    """The short code."""
    verdict: Verdict
    published_only: bool
    """As for a trial."""
    conflicts: Subsets = ()
    """As for a trial."""
    provisos: Provisos = field(default=AS_ENCODED, metadata=PRIVATE)


@dataclass(frozen=True, slots=True)
class Correction:
    """A minimal set of facts without which the record does not contradict itself, with the verdicts then.

    `trials` is empty where the solver gave up.
    """

    facts: tuple[str, ...]
    """The facts without which the record does not contradict itself; none of them can be kept."""
    trials: tuple[CorrectedTrial, ...] = ()
    """The verdicts then; empty where the solver gave up."""


@dataclass(frozen=True, slots=True)
class RecordState:
    """Whether the record agrees with itself and with the theory."""

    status: Literal["consistent", "contradictory", "undecided"]
    """`contradictory`: no patient fits it, and every verdict is `withheld`; `undecided`: the solver gave up, and each is `unresolved`."""
    contradictions: Subsets = ()
    """Every minimal set of facts, by variable, that cannot hold together; sorted by size, then by name; empty if consistent."""
    contradictions_complete: bool = True
    """Whether `contradictions` holds them all; false if the search was cut."""
    corrections: tuple[Correction, ...] | None = None
    """Every minimal set of facts that could be wrong, with what would then hold; null unless it was asked for, as `explain` does."""
    digest: str = ""
    """A digest of what it says, `sha256:...`: day, facts and context; not their form and order, nor the name of the patient."""

    @property
    def consistent(self) -> bool | None:
        """Whether the record has a completion; None if the solver gave up on it."""
        return {"consistent": True, "contradictory": False, "undecided": None}[self.status]


class Assumption(NamedTuple):
    """Something that is not recorded, was taken for granted, and mattered."""

    id: str
    """Such as `plausible:` with a variable, or the name of a policy with what it covers; clauses point to it."""
    text: str
    """The assumption in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerWarning:
    """Something a reader of the answer should know."""

    code: str
    """The kind of warning."""
    variable: str | None = None
    """The variable that it is about, if it is about one."""
    text: str
    """The warning in words."""
    clauses: tuple[str, ...] = ()
    """Ids of the clauses that it is about, if any."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence of the trial that applies to this patient."""

    id: str
    """The id in the trial's file."""
    text: str
    """The sentence."""
    safety: bool
    """Whether it is about the patient's safety, and stands in the head of a page."""

    def __getitem__(self, place: int) -> str:
        """The id or the text, as of a pair."""
        return (self.id, self.text)[place]


@dataclass(frozen=True, slots=True)
class ClauseAnswer:
    """How one clause stands; a clause that reads differently by cohort appears once a cohort."""

    id: str
    """With the code of the trial."""
    cohort: str | None
    """The cohort, where the clause reads differently by cohort; else null."""
    status: Status
    """`met` or `not_met` if every completion of the record agrees, else `open`."""
    label: str
    """The clause in words: what must hold."""
    source: str
    """A pointer to the item of the source."""
    facts: tuple[str, ...] = ()
    """A minimal set of recorded facts, by variable, that forces the status."""
    assumptions: tuple[str, ...] = ()
    """Ids of the assumptions that force the status together with `facts`."""
    opaque: bool = field(default=False, metadata=PRIVATE)
    """Whether it is kept as text: it is open then whatever is recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortAnswer:
    """The answer for one cohort."""

    cohort: str
    """Its id."""
    open: bool
    """Whether the context leaves it open."""
    verdict: Verdict
    """The verdict on this cohort."""
    conflicts: Subsets = ()
    """Every minimal conflict of the clauses that bind it; empty unless it is `ineligible`."""
    label: str
    """Its name in words."""
    assuming: tuple[str, ...] = ()
    """As for the trial, of the cohort's own verdict."""
    recruitment: CohortRecruitment | None = None
    """Whether the cohort takes this patient: `closed`, or `ask`; null where only the trial's own status speaks. Never part of a verdict."""
    recruitment_note: str | None = None
    """What is known of it."""
    recruitment_source: str | None = None
    """From where."""
    at_site: AtSite | None = field(default=None, metadata=SPARSE)
    """What a site's file says of the cohort; left out where it says nothing."""
    capped: bool = field(default=False, metadata=PRIVATE)
    """Whether an objective clause that is kept as text binds it, or nothing is asked for it: it is never eligible then."""


@dataclass(frozen=True, slots=True)
class JointConflict:
    """What forces a conflict of several clauses of one cohort, none of which fails alone; no fact or assumption can be left out."""

    cohort: str
    """The cohort."""
    clauses: tuple[str, ...]
    """The clauses of the conflict, none of which fails alone."""
    facts: tuple[str, ...]
    """Recorded facts, by variable, that force it together with `assumptions`."""
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredValues:
    """The values that are required, exactly, in the form in which a record says a fact: what says nothing is left out.

    Numbers are in `unit`, and dates are `YYYY-MM-DD`. A value must keep to all that is said. What the record leaves of the variable bounds
    it besides.
    """

    min: int | float | str | None = field(default=None, metadata=SPARSE)
    """The least value."""
    max: int | float | str | None = field(default=None, metadata=SPARSE)
    """The greatest value."""
    min_exclusive: int | float | str | None = field(default=None, metadata=SPARSE)
    """What the value must be above, or after."""
    max_exclusive: int | float | str | None = field(default=None, metadata=SPARSE)
    """What the value must be below, or before."""
    unit: str | None = field(default=None, metadata=SPARSE)
    """The unit of the numbers."""
    one_of: tuple[bool | int | float | str, ...] | None = field(default=None, metadata=SPARSE)
    """The only values that will do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A variable of some deciding set.

    `possible` is what the record leaves of it, and `allowed` the part with which the trial can still be satisfied: None where the variable
    tells only through others, or where the solver gave up.
    """

    variable: str
    """The variable."""
    require: str | None = None
    """The requirement on its value, in words; null where the variable alone requires nothing, or the solver gave up."""
    requirement: RequiredValues | None = None
    """What `require` says, for programs; null where that is, and where no such form says it, as of values with a gap between."""
    with_others: tuple[str, ...] = ()
    """Open variables with which a criterion compares it, so that more is required of them together."""
    possible: Domain = field(metadata=PRIVATE)
    """What the record leaves of it."""
    allowed: Values | None = field(metadata=PRIVATE)
    """The part with which the trial can still be satisfied; None where it tells only through others, or the solver gave up."""

    @property
    def text(self) -> str | None:
        """What is required, as `require` says it."""
        return self.require


@dataclass(frozen=True, slots=True)
class DatesAnswer:
    """The days on which the verdict is eligible if only time passes, as spans from first to last day, `YYYY-MM-DD`.

    `eligible` are the days on which every completion satisfies the trial, `possible` those on which some does.
    """

    horizon: str
    """The last day that was looked at; the first is `as_of`."""
    eligible: tuple[tuple[str, str], ...] = ()
    """Spans, each a first and a last day, of days on which every completion satisfies the trial: certainly eligible ones."""
    possible: tuple[tuple[str, str], ...] = ()
    """Spans of the days on which the patient could be eligible, as far as is known."""
    opened_by: tuple[str, ...] = ()
    """Ids of the clauses that are not known to be met on the day before the first day of `eligible`."""
    closed_by: tuple[str, ...] = ()
    """Ids of those that are not known to be met on the day after the last."""

    @property
    def eligible_from(self) -> str | None:
        """The first day of `eligible`."""
        return self.eligible[0][0] if self.eligible else None

    @property
    def eligible_until(self) -> str | None:
        """The last day of `eligible`; None where there is none, or where it is the horizon itself, so that no end is in sight."""
        return self.eligible[-1][1] if self.eligible and self.eligible[-1][1] < self.horizon else None


@dataclass(frozen=True, slots=True)
class Window:
    """Consecutive days, `YYYY-MM-DD`, with what is in the way beside them."""

    first: str
    last: str
    opened_by: tuple[str, ...] = ()
    """Ids of the clauses that are in the way on the day before; empty where that is not looked at, or contradicts the record."""
    closed_by: tuple[str, ...] = ()
    """Ids of those that are in the way on the day after."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """How much of a trial has logic, of its objective clauses in force."""

    clauses: int
    """Those that have."""
    of: int
    """All of them."""

    def __str__(self) -> str:
        """`12 of 40 objective criteria are encoded`."""
        noun, verb = ("criterion", "is") if self.of == 1 else ("criteria", "are")
        return f"{self.clauses} of {self.of} objective {noun} {verb} encoded"


NOTHING = Encoded(0, 0)


class TrialHead(Protocol):
    """What the head of a page says of one trial, whatever was asked of it."""

    @property
    def code(self) -> str: ...
    @property
    def recruitment(self) -> str: ...
    @property
    def verdict(self) -> Verdict: ...
    @property
    def published_only(self) -> bool: ...
    @property
    def assuming(self) -> tuple[str, ...]: ...
    @property
    def cohorts(self) -> tuple[CohortAnswer, ...]: ...
    @property
    def notices(self) -> tuple[Notice, ...]: ...
    @property
    def provisos(self) -> Provisos: ...
    @property
    def at_site(self) -> AtSite | None: ...


class EncodedTrialHead(TrialHead, Protocol):
    """What tells why a trial is at best undetermined."""

    @property
    def clauses(self) -> tuple[ClauseAnswer, ...]: ...
    @property
    def encoded(self) -> Encoded: ...


class OfRecord:
    """What holds the state of a record has it under the names of earlier versions as well."""

    __slots__ = ()
    record: RecordState

    @property
    def consistent(self) -> bool | None:
        """Whether the record has a completion; None if the solver gave up on it."""
        return self.record.consistent

    @property
    def contradictions(self) -> Subsets:
        """All minimal sets of recorded facts that cannot hold together."""
        return self.record.contradictions

    @property
    def contradictions_complete(self) -> bool:
        """Whether `contradictions` holds them all."""
        return self.record.contradictions_complete

    @property
    def digest(self) -> str:
        """A digest of what the record says."""
        return self.record.digest


class RecordAnswer(OfRecord):
    """What every answer on one patient has, and the page on it begins and ends with."""

    __slots__ = ()
    engine: EngineVersion
    patient: str
    as_of: str
    assumptions: tuple[Assumption, ...]
    warnings: tuple[AnswerWarning, ...]
    policies: tuple[str, ...]

    @property
    def encodings(self) -> str:
        """A digest of the encodings."""
        return self.engine.encodings

    @property
    def without(self) -> tuple[str, ...]:
        """Ids, sorted, of the clauses that were left out."""
        return ()

    @property
    def site(self) -> SiteName | None:
        """The site under whose file it was given."""
        return None


class TrialsAnswer(RecordAnswer):
    """One that has a verdict on each trial in its head."""

    __slots__ = ()
    trials: Sequence[TrialHead]


def alternatives(subsets: Subsets) -> str:
    """Sets of names on one line."""
    return "; ".join(" + ".join(subset) for subset in subsets)
