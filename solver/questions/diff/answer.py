"""The answer of `match diff`: how a second trial relates to a first. Its JSON has the schema `trialproof/diff/1`."""

from __future__ import annotations

from dataclasses import field
from typing import Any, Literal, NamedTuple

from solver.dataclass import dataclass
from solver.engine.answer import PRIVATE, EngineVersion, Subsets, Verdict, written_as
from solver.engine.days.evaluation_days import EvaluationDays
from solver.language.calendar import parse_day
from solver.library.models import Trial
from solver.patient.record import Record

Relation = Literal["equivalent", "stricter", "looser", "incomparable", "unresolved"]
Change = Literal["unchanged", "reworded", "changed", "added", "removed"]
Version = Literal["both", "first", "second"]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two trials."""

    nct: str = field(metadata=written_as("trial"))
    code: str
    title: str
    file: str | None
    """The file it was read from; null for a trial of the encodings."""
    trial: Trial = field(metadata=PRIVATE)
    capped: frozenset[str] = field(metadata=PRIVATE)
    """The cohorts that what is kept as text, or that nothing, binds: whoever meets the rest is not therefore eligible."""
    texts: int = field(metadata=PRIVATE)
    """How many objective criteria are kept as text, where they bind a cohort."""
    open_ended: bool = field(metadata=PRIVATE)
    """Whether there are criteria, not kept as objective text, that are not encoded."""


@dataclass(frozen=True, slots=True)
class AdmittedPatient:
    """A patient whom one trial admits and the other does not."""

    document: dict[str, Any] = field(metadata=written_as("record"))
    """A record that match reads; none of its facts can be left out."""
    cohort: str
    """A cohort that admits the patient."""
    failed: dict[str, tuple[str, ...]]
    """The clauses of the other trial that are not met, by cohort."""
    record: Record = field(metadata=PRIVATE)


@dataclass(frozen=True, slots=True)
class OneWay:
    """Whom one trial admits and the other does not."""

    exists: bool | None
    """Whether there is anyone; null if the solver gave up."""
    ranges: tuple[str, ...] = ()
    """Where there is none: the assumptions of plausible values that the proof needs, as few as the solver can show."""
    responsible: Subsets = ()
    """All smallest sets of clauses of the other trial without which it would admit everyone whom the one admits.

    Of two versions, those whose clauses have all changed stand first.
    """
    responsible_complete: bool = True
    """Whether these are all."""
    witness: AdmittedPatient | None = None
    """Null where there is nobody, or where no patient was found that can be written exactly."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """How the second relates to the first: `lost` are those whom only the first admits, `gained` those whom only the second does."""

    lost: OneWay
    gained: OneWay

    @property
    def relation(self) -> Relation:
        """The relation, `unresolved` where the solver gave up on what it depends on."""
        if self.lost.exists is None or self.gained.exists is None:
            return "unresolved"
        if self.lost.exists:
            return "incomparable" if self.gained.exists else "stricter"
        return "looser" if self.gained.exists else "equivalent"


@dataclass(frozen=True, slots=True)
class CohortPairing:
    """A cohort, matched by its id."""

    cohort: str
    version: Version
    """Which trial has it."""
    relation: Relation | None = None
    lost: OneWay | None = None
    gained: OneWay | None = None

    @property
    def pairing(self) -> Pairing | None:
        """How the cohorts of both trials relate; None where only one has it."""
        return Pairing(self.lost, self.gained) if self.lost and self.gained else None


@dataclass(frozen=True, slots=True)
class ClausePairing:
    """A clause, matched by its id within the trial, over the cohorts that both versions have."""

    clause: str
    change: Change
    """Reworded means other words, or another logic, that say the same of every patient; added or removed is as beside asking nothing."""
    relation: Relation


class ReadingPairing(NamedTuple):
    """A second reading under which the trials relate otherwise."""

    id: str
    relation: Relation


@dataclass(frozen=True, slots=True)
class Edit:
    """Something that changes no verdict and reads otherwise; null where one version does not have it."""

    where: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class PatientStanding:
    """How a patient stands."""

    verdict: Verdict
    published_only: bool
    conflicts: Subsets
    deciding_sets: Subsets


@dataclass(frozen=True, slots=True)
class ComparedPatient:
    """A patient of the given cohort, on the first trial and on the second."""

    patient: str
    changed: bool
    before: PatientStanding
    after: PatientStanding


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """How many patients go from one verdict to another."""

    before: Verdict
    after: Verdict
    count: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a second trial relates to a first: two versions of one, or two trials; under first readings."""

    schema: Literal["trialproof/diff/1"] = field(default="trialproof/diff/1", kw_only=True)
    engine: EngineVersion
    day: str = field(metadata=written_as("as_of"))
    """The day of evaluation, `YYYY-MM-DD`; with `days`, the one that was looked at first."""
    days: EvaluationDays | None
    """The days of evaluation that stand for all; null with `--as-of`: what is said is then of that day alone."""
    other_days: tuple[str, ...]
    """Other days on which somebody was found whom one trial admits and the other does not."""
    first_side: Side = field(metadata=written_as("first"))
    """The trial A."""
    second_side: Side = field(metadata=written_as("second"))
    """The trial B."""
    relation: Relation
    """Of B to A: stricter means that it admits fewer; `unresolved` where it was not decided."""
    lost: OneWay
    """Whom only A admits."""
    gained: OneWay
    """Whom only B admits."""
    cohorts: tuple[CohortPairing, ...]
    """Of each cohort its relation, `lost` and `gained`, or which of the two has it."""
    clauses: tuple[ClausePairing, ...]
    """What became of each clause, and its own relation; empty unless both are versions of one trial."""
    readings: tuple[ReadingPairing, ...]
    """The second readings under which the two relate otherwise, and how."""
    edits: tuple[Edit, ...]
    """What else reads otherwise, before and after; empty unless both are versions of one trial."""
    patients: tuple[ComparedPatient, ...] | None = None
    """Each patient before and after; null without `--cohort`."""
    counts: tuple[VerdictCount, ...] | None = None
    """How many patients go from which verdict to which; null without `--cohort`."""
    wrong_lines: int = 0
    """How many lines of the cohort could not be read."""

    @property
    def first(self) -> Trial:
        """The first trial."""
        return self.first_side.trial

    @property
    def second(self) -> Trial:
        """The second trial."""
        return self.second_side.trial

    @property
    def as_of(self) -> int:
        """The day of evaluation as a day number."""
        return parse_day(self.day)

    @property
    def every_day(self) -> bool:
        """Whether it is so of patients evaluated on any day, and not only of those of the day `as_of`."""
        return self.days is not None

    @property
    def also(self) -> tuple[int, ...]:
        """The `other_days` as day numbers."""
        return tuple(map(parse_day, self.other_days))

    @property
    def pairing(self) -> Pairing:
        """How the trials as a whole relate."""
        return Pairing(self.lost, self.gained)

    @property
    def differs(self) -> bool:
        """Whether the trials differ in anything but words, as far as is known: as a whole, in a cohort or under a reading."""
        parts = [each.relation for each in self.cohorts] + [each.relation for each in self.readings]
        return {self.relation, *parts} != {"equivalent"}


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """A revision in which the file of a trial changed."""

    revision: str
    """Its name in git, in full."""
    day: str
    """The day of the change, `YYYY-MM-DD`."""
    subject: str
    """The first line of its message."""
    fault: str | None
    """Why it is not compared, where the file cannot be read in the words of today's encodings, or is taken away."""
    change: Comparison | None
    """How it relates to the version before; null for the first, and where there is a fault."""


@dataclass(frozen=True, slots=True)
class History:
    """How a trial became what it is: whom each change of its file admitted or shut out."""

    schema: Literal["trialproof/diff-log/1"] = field(default="trialproof/diff-log/1", kw_only=True)
    engine: EngineVersion
    file: str
    steps: tuple[HistoryStep, ...]
    """The oldest first."""

    @property
    def differs(self) -> bool:
        """Whether some change admitted other patients, as far as is known."""
        return any(step.change is not None and step.change.differs for step in self.steps)
