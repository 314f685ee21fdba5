"""What `match plan` answers, schema `trialproof/plan/1`: which test settles most of a cohort."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from solver.engine.answer import SPARSE, EngineVersion, SiteName


@dataclass(frozen=True, slots=True)
class CohortTest:
    """What one test can do for a cohort; a pair is a patient and a trial that is undetermined."""

    test: str
    label: str
    burden: int
    """The weight of its burden."""
    patients: int
    """Those of whom it bears on some open pair: it tells something of a deciding set, or can end or open it."""
    settles: int
    """Open pairs that its result settles, whatever it is."""
    can_end: int
    """Open pairs that some result makes ineligible."""
    can_open: int
    """Open pairs that some result makes eligible."""


@dataclass(frozen=True, slots=True)
class BestTests:
    """The tests, done for each patient, that settle the most pairs within a burden; of several such the lightest."""

    tests: tuple[str, ...]
    burden: int
    """The sum of their burdens."""
    settles: int
    proved: bool
    """Whether it is proved that no others within the burden settle more."""


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """Which test settles most of a cohort."""

    schema: Literal["trialproof/plan/1"] = field(default="trialproof/plan/1", init=False)
    engine: EngineVersion
    trials: tuple[str, ...]
    """The codes of the trials."""
    patients: int
    errors: int
    """Patients who could not be read."""
    judged: int
    """Patients whose record could be read and agrees with itself."""
    pairs: int
    """Open pairs: a patient and a trial that is undetermined."""
    incomplete: int
    """Of these, pairs of which not all was found out: what is counted of them is right, and may be too little."""
    tests: tuple[CohortTest, ...]
    """Those that bear on an open pair: the one that settles most first, then the one that can end or open most, then the lighter."""
    best: BestTests | None = field(default=None, metadata=SPARSE)
    ignored_columns: tuple[str, ...] = ()
    """Columns of the cohort that say nothing of a patient."""
    site: SiteName | None = field(default=None, metadata=SPARSE)
    """The site under whose file it was given; left out without one."""
