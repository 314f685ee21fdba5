"""What a consistency check finds: a kind, a severity, the clauses with their places, a sentence, and what shows it."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from solver.library.acknowledged import FindingKind, Place
from solver.patient.record import Record

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")

Basis = Literal["theory", "ranges"]
"""What a proof rests on: the theory alone, or the plausible ranges of the variables as well."""

SEVERITY: dict[FindingKind, Severity] = {
    "unsatisfiable": "error",
    "unreachable-cohort": "error",
    "contradictory": "error",
    "excluded-and-required": "error",
    "impossible-window": "error",
    "vacuous": "warning",
    "redundant": "warning",
    "dead-exception": "warning",
    "gap": "warning",
    "implausible-threshold": "warning",
    "polarity": "warning",
    "mixed-anchors": "warning",
    "stale-acknowledgement": "warning",
    "undecided": "warning",
    "shared-only": "warning",
    "overlap": "note",
    "routing": "note",
    "never-decisive": "note",
    "same-readings": "note",
    "unused": "note",
    "not-encoded": "note",
}

MEANING: dict[FindingKind, str] = {
    "unsatisfiable": "no patient can enter the trial",
    "unreachable-cohort": "no patient can enter a cohort",
    "contradictory": "no patient can meet a clause",
    "excluded-and-required": "one clause requires what another excludes",
    "impossible-window": "no dates can meet a comparison of dates",
    "vacuous": "every patient meets a clause",
    "redundant": "other clauses imply a clause",
    "dead-exception": "a part of a clause can be left out, and nothing changes",
    "gap": "values between two that are covered are not covered",
    "implausible-threshold": "a threshold lies where no value is expected, which may be a slip of units",
    "polarity": "an exclusion is met by being worse",
    "mixed-anchors": "a clause counts days to the day of evaluation and to the first dose",
    "stale-acknowledgement": "an acknowledgement is about nothing that was found",
    "undecided": "the solver gave up",
    "shared-only": "only clauses of all cohorts bind a cohort, where others have their own",
    "overlap": "a patient can enter several cohorts",
    "routing": "only the state of the trial can falsify a clause",
    "never-decisive": "a clause is never the only reason why a patient cannot enter",
    "same-readings": "two readings of a trial take the same patients",
    "unused": "nothing uses a definition, a variable or a test",
    "not-encoded": "objective criteria are kept as text",
}


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file; the file as it was named by the user, or within the folder of encodings."""

    file: str
    place: Place


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a consistency check found.

    `clauses` are those it is about and `core` a minimal set of others that it rests on; `locations` has the place of each, in this
    order, or that of what else it is about. `part` is the part of the clause that it is about, as written, or the name of what is
    unused. `basis` says what the proof rests on; None where nothing is proved. `witness` is a patient who shows it. `acknowledged` is
    the reason that the file gives for it to stay.
    """

    kind: FindingKind
    severity: Severity
    trial: str | None
    clauses: tuple[str, ...]
    text: str
    core: tuple[str, ...] = ()
    cohorts: tuple[str, ...] = ()
    part: str | None = None
    basis: Basis | None = None
    witness: Record | None = None
    locations: tuple[Location, ...] = ()
    acknowledged: str | None = None

    @property
    def mentioned(self) -> tuple[str, ...]:
        """Every clause that it names, each once."""
        return tuple(dict.fromkeys((*self.clauses, *self.core)))

    @property
    def fingerprint(self) -> str:
        """A digest of what the finding is, whatever line it stands on."""
        said = (self.kind, self.trial or "", *self.mentioned, *self.cohorts, self.part or "")
        return sha256("\0".join(said).encode()).hexdigest()[:32]
