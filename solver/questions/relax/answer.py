"""What `match relax` answers, schema `trialproof/relax/1`: what each clause of a trial costs a cohort, and what moving a limit gains."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from solver.engine.answer import SPARSE, EngineVersion, SiteName


@dataclass(frozen=True, slots=True)
class RelaxedClause:
    """What one clause costs."""

    clause: str
    label: str
    fails: int
    """Patients whom it excludes by itself."""
    open: int
    """Patients of whom it is open, and the trial undetermined."""
    gain: int
    """Patients whom the trial excludes, and would not without it."""
    gain_eligible: int | None
    """How many more would certainly fit without it; null where it alone binds a cohort under some reading."""
    shapley: float
    """Its share of what leaving out all clauses but those of routing would gain."""
    shapley_exact: str
    """The same as a fraction."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Leaving out a set of clauses at once."""

    clauses: tuple[str, ...]
    gain: int
    gain_eligible: int | None


@dataclass(frozen=True, slots=True)
class LimitPoint:
    """The cohort at one limit."""

    limit: int | float
    not_excluded: int
    eligible: int


@dataclass(frozen=True, slots=True)
class MovedLimit:
    """A limit of a clause, moved."""

    clause: str
    comparison: str
    """As the clause has it today."""
    unit: str | None
    """The unit of the limits, as it is written in the clause; null for a number without one."""
    points: tuple[LimitPoint, ...]


@dataclass(frozen=True, slots=True)
class RelaxAnswer:
    """What each clause of a trial costs a cohort."""

    schema: Literal["trialproof/relax/1"] = field(default="trialproof/relax/1", init=False)
    engine: EngineVersion
    trial: str
    code: str
    patients: int
    errors: int
    """Patients who could not be read."""
    judged: int
    """Patients whose record could be read and agrees with itself."""
    incomplete: int
    """Of these, patients whose conflicts are too many to be listed: no gain and no share counts them."""
    not_excluded: int
    """Eligible, undetermined or unresolved."""
    eligible: int
    clauses: tuple[RelaxedClause, ...]
    """Those in force, but for routing, in the order of the protocol."""
    without: LeftOut | None = field(default=None, metadata=SPARSE)
    move: MovedLimit | None = field(default=None, metadata=SPARSE)
    ignored_columns: tuple[str, ...] = ()
    """Columns of the cohort that say nothing of a patient."""
    other_encodings: bool = False
    """Whether an output of `screen` was made with other encodings, or another version."""
    site: SiteName | None = field(default=None, metadata=SPARSE)
    """The site under whose file it was given; left out without one."""
