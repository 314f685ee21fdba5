"""What `match screen` answers, schema `trialproof/screen/1`: how a cohort stands to each trial, and whom each clause excludes."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from solver.dataclass import dataclass
from solver.engine.answer import SPARSE, EngineVersion, SiteName

Count = int | str
"""A number of patients; `<N` as text where it is fewer than are told."""


@dataclass(frozen=True, slots=True)
class AttritionRow:
    """Whom one clause excludes."""

    clause: str
    label: str
    fails: Count
    """It excludes them by itself."""
    gain: Count | None
    """They would not be excluded without it; null unless all conflicts were worked out."""
    first: Count
    """It is the first in the order of the protocol that excludes them."""
    remaining: Count
    """Those whom no clause so far excludes."""
    open: Count
    """It is open, and the trial undetermined."""


@dataclass(frozen=True, slots=True)
class MovedPatients:
    """How many patients went from one verdict to another since an earlier output, and which clauses did it."""

    was: str | None
    """Null for those of whom the earlier output says nothing."""
    now: str | None
    """Null for those of whom only the earlier output says something."""
    patients: Count
    clauses: dict[str, Count]
    """The clauses that exclude now and did not, or did and do not, with the number of patients."""


@dataclass(frozen=True, slots=True)
class ScreenedTrial:
    """How a cohort stands to one trial."""

    trial: str
    code: str
    verdicts: dict[str, Count]
    judged: Count
    """Patients whose record could be read and agrees with itself."""
    jointly: Count
    """Ineligible, and no clause excludes them by itself."""
    attrition: tuple[AttritionRow, ...]
    """The clauses that exclude anybody or are open for anybody, in the order of the protocol."""
    moved: tuple[MovedPatients, ...] | None = field(default=None, metadata=SPARSE)
    """Since an earlier output."""


@dataclass(frozen=True, slots=True)
class ScreenAnswer:
    """How a cohort stands to each trial."""

    schema: Literal["trialproof/screen/1"] = field(default="trialproof/screen/1", init=False)
    engine: EngineVersion
    patients: Count
    errors: Count
    """Patients who could not be read."""
    trials: tuple[ScreenedTrial, ...]
    ignored_columns: tuple[str, ...] = ()
    """Columns of the cohort that say nothing of a patient."""
    other_encodings: bool = False
    """Whether the earlier output was made with other encodings, or another version: then a change may be ours."""
    site: SiteName | None = field(default=None, metadata=SPARSE)
    """The site under whose file it was given; left out without one."""
