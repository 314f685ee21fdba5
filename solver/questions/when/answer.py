"""The answer of `match when`, whose JSON is `trialproof/when/1`."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from solver.dataclass import dataclass
from solver.engine import answer as a


@dataclass(frozen=True, slots=True)
class Clock:
    """A clause whose standing changes with the day."""

    clause: str
    cohorts: tuple[str, ...]
    """The cohorts that it binds in this form."""
    label: str
    met: tuple[tuple[str, str], ...]
    """Spans of days, from first to last, on which it is met."""
    possible: tuple[tuple[str, str], ...]
    """Those on which it may be met, as far as is known."""


@dataclass(frozen=True, slots=True)
class Standstill:
    """A minimal set of clauses that cannot hold together on any day."""

    clauses: tuple[str, ...]
    facts: tuple[str, ...]
    """Recorded facts, by variable, that force it together with `assumptions`; none can be left out."""
    assumptions: tuple[str, ...] = ()
    later: bool = False
    """Whether the clauses might hold together on a day after the horizon."""


@dataclass(frozen=True, slots=True)
class TrialDates:
    """When one trial takes the patient, if only time passes."""

    trial: str
    code: str
    title: str
    recruitment: str
    """The recruitment status; never part of the verdict."""
    verdict: a.Verdict
    """The verdict on `as_of`."""
    published_only: bool = False
    """As in the JSON of `match`."""
    assuming: tuple[str, ...] = ()
    """As in the JSON of `match`."""
    eligible_from: str | None = None
    """The first day on which the verdict is eligible; null if there is none within the horizon."""
    eligible_until: str | None = None
    """The last such day; null if there is none, or if it is the horizon itself."""
    dates: a.DatesAnswer | None = None
    """As in the JSON of `match`; null where the verdict is withheld, or where the solver gave up."""
    eligible: tuple[a.Window, ...] = ()
    """The days on which the verdict is eligible regardless of missing data: every date is judged once more on its own day."""
    possible: tuple[a.Window, ...] = ()
    """The days on which it could be eligible, as far as is known."""
    clocks: tuple[Clock, ...] = ()
    """Those of cohorts that are possible on some day; where none is, of the clauses that `never` names together."""
    never: tuple[Standstill, ...] = ()
    """Where no day is possible, every minimal set of clauses that stands in the way."""
    never_complete: bool = True
    """Whether `never` holds them all."""
    open_clauses: tuple[str, ...] = ()
    """Ids of the clauses that are not known to be met on the first possible day, where that is not certain."""
    provisos: a.Provisos = field(default=a.AS_ENCODED, metadata=a.PRIVATE)
    """The policies and the clauses left out with which the verdict was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhenAnswer(a.RecordAnswer):
    """One patient over the days from `as_of` to `horizon`, if only time passes."""

    schema: Literal["trialproof/when/1"] = "trialproof/when/1"
    engine: a.EngineVersion
    patient: str
    as_of: str
    """The day of evaluation, `YYYY-MM-DD`."""
    horizon: str
    """The last day that was looked at."""
    record: a.RecordState
    assumptions: tuple[a.Assumption, ...] = ()
    """What is assumed where `assuming` and `never` name it."""
    warnings: tuple[a.AnswerWarning, ...] = ()
    trials: tuple[TrialDates, ...] = ()
    policies: tuple[str, ...] = ()
    """Ids of the assumption policies in force."""
    without: tuple[str, ...] = ()
    """Ids, sorted, of the clauses that were left out."""
    site: a.SiteName | None = field(default=None, metadata=a.SPARSE)
    """The site under whose file it was given; left out without one."""
    assumed: tuple[str, ...] = field(default=(), metadata=a.PRIVATE)
    """The variables that the policies took as absent."""
