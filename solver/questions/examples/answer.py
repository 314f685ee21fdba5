"""The answers of `match examples`, schema `trialproof/examples/1`, and of its `--verify`, schema `trialproof/examples-verify/1`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from solver.dataclass import dataclass
from solver.engine.answer import PRIVATE, EngineVersion, Subsets, Verdict, written_as
from solver.language.calendar import parse_day
from solver.library.models import Trial
from solver.patient.record import Record

Reason = Literal["vacuous", "implied", "undecided"]


@dataclass(frozen=True, slots=True)
class PatientVerdict:
    """How a patient stands for the trial and for one of its cohorts."""

    verdict: Verdict
    """The verdict on the trial."""
    conflicts: Subsets
    cohort_verdict: Verdict | None
    """The verdict on the cohort of the example; null if the trial has no such cohort."""
    cohort_conflicts: Subsets


@dataclass(frozen=True, slots=True)
class JudgedPatient:
    """A patient of a sheet."""

    document: dict[str, Any] = field(metadata=written_as("record"))
    """A record, as `match` reads it from a file."""
    verdict: Verdict
    """The verdict on the trial."""
    conflicts: Subsets
    cohort_verdict: Verdict | None
    """The verdict on the cohort of the example."""
    cohort_conflicts: Subsets
    record: Record = field(metadata=PRIVATE)

    @property
    def standing(self) -> PatientVerdict:
        """How the patient stands."""
        return PatientVerdict(self.verdict, self.conflicts, self.cohort_verdict, self.cohort_conflicts)


@dataclass(frozen=True, slots=True)
class StartingPatient:
    """The starting patient of a cohort, like whom every other patient is but for a few facts."""

    cohort: str
    label: str
    patient: JudgedPatient | None
    """Null if nobody can enter the cohort, or the solver gave up."""
    undecided: bool
    """Whether the solver gave up."""


@dataclass(frozen=True, slots=True)
class Example:
    """Patients who differ in `changes` alone: those who are ineligible for the cohort are so by this clause and by no other.

    They are in the order of the values of what changes.
    """

    clause: str
    label: str
    source: str
    logic: str
    """The clause as the trial's file has it."""
    cohort: str
    changes: tuple[str, ...]
    """The variables in which the patients differ: one, unless one is not enough."""
    setup: tuple[str, ...]
    """The other variables of which they say something else than the starting patient of the cohort."""
    patients: tuple[JudgedPatient, ...]
    everywhere: bool = field(metadata=PRIVATE)
    """Whether the clause reads the same in every cohort of the trial."""


@dataclass(frozen=True, slots=True)
class Unshown:
    """A clause that is never the only reason why a patient is ineligible."""

    clause: str
    cohort: str
    why: Reason
    """Nobody fails it; whoever fails it also fails one of `others`, a minimal set; or the solver gave up, or found no patient."""
    others: tuple[str, ...]
    label: str = field(metadata=PRIVATE)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The examples of one trial."""

    schema: Literal["trialproof/examples/1"] = field(default="trialproof/examples/1", kw_only=True)
    engine: EngineVersion
    nct: str = field(metadata=written_as("trial"))
    code: str
    title: str
    day: str = field(metadata=written_as("as_of"))
    """The day of evaluation of every patient, `YYYY-MM-DD`."""
    starting: tuple[StartingPatient, ...] = field(metadata=written_as("starts"))
    examples: tuple[Example, ...]
    unshown: tuple[Unshown, ...]
    trial: Trial = field(metadata=PRIVATE)

    @property
    def as_of(self) -> int:
        """The day of evaluation as a day number."""
        return parse_day(self.day)

    @property
    def encodings(self) -> str:
        """The digest of the encodings."""
        return self.engine.encodings

    @property
    def starts(self) -> Mapping[str, JudgedPatient | None]:
        """The starting patients by cohort."""
        return {each.cohort: each.patient for each in self.starting}

    @property
    def undecided(self) -> tuple[str, ...]:
        """The cohorts of which the solver gave up on who can enter them."""
        return tuple(each.cohort for each in self.starting if each.undecided)


@dataclass(frozen=True, slots=True)
class Recheck:
    """A patient of a sheet: what the sheet says, and how the same patient stands now."""

    patient: str
    clause: str | None
    """The clause of the example; null for a starting patient."""
    cohort: str
    saved: PatientVerdict
    now: PatientVerdict

    @property
    def holds(self) -> bool:
        """Whether verdicts and conflicts are the same."""
        return self.saved == self.now


@dataclass(frozen=True, slots=True)
class SheetRecheck:
    """A saved sheet against the present encodings."""

    schema: Literal["trialproof/examples-verify/1"] = field(
        default="trialproof/examples-verify/1", kw_only=True
    )
    engine: EngineVersion
    code: str
    saved_encodings: str
    """The digest of the encodings that the sheet was written from."""
    patients: int
    hold: int
    differ: tuple[Recheck, ...]
    """The patients who stand otherwise than the sheet says."""
    file: str = field(metadata=PRIVATE)
    """What the file of the sheet is called."""
