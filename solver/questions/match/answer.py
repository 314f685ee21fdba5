"""What `match` and `explain` answer: every trial's verdict with its reasons, and what would have to change."""

from __future__ import annotations

from dataclasses import field, replace
from typing import Literal

from solver.dataclass import dataclass
from solver.engine import answer as a
from solver.engine.finding_out.ranked_sets import RankedSet
from solver.engine.finding_out.step import NextStep, TestGroup


@dataclass(frozen=True, slots=True)
class ReadingAnswer:
    """The answer under the other reading of an ambiguity."""

    id: str
    """The ambiguity."""
    verdict: a.Verdict
    """The verdict under its other reading."""
    conflicts: a.Subsets = ()
    """The conflicts under its other reading."""


@dataclass(frozen=True, slots=True)
class OtherwiseChange:
    """A recorded fact that would have to change with another one."""

    variable: str
    require: str | None
    """The condition that its value would have to meet; null where that depends on the others."""
    required: a.RequiredValues | None = field(default=None, metadata=a.written_as("requirement"))
    """The same for programs, as in `missing`."""
    kind: str = field(default="", metadata=a.PRIVATE)
    requirement: a.Requirement | None = field(default=None, metadata=a.PRIVATE)


@dataclass(frozen=True, slots=True)
class Otherwise:
    """Another value of a changed fact that does it as well, with more changes."""

    value: str
    """The value."""
    changes: tuple[OtherwiseChange, ...]
    """The facts that contradict the value, and that change with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A recorded fact that would have to be otherwise."""

    variable: str
    """The variable of the recorded fact, or the entry of an event or a finding, such as `therapies[0]`."""
    kind: str
    """How the variable changes, as the vocabulary says: `time`, `age`, `stop`, `treat`, `consent`, `test` or `never`."""
    require: str | None = None
    """The condition that its value would have to meet, as in `missing`; `stopped` of an event; null where it depends on the others."""
    required: a.RequiredValues | None = field(default=None, metadata=a.written_as("requirement"))
    """The same for programs, as in `missing`."""
    worse: bool = False
    """Whether each such value means that the patient is worse than recorded."""
    stopped_on: str | None = None
    """The day taken for the last dose, or the end, of what is to be stopped, which is `as_of`; null where no clause speaks of it."""
    otherwise: tuple[Otherwise, ...] = ()
    """Other values that do it as well, if facts that contradict them change too."""
    requirement: a.Requirement | None = field(default=None, metadata=a.PRIVATE)


@dataclass(frozen=True, slots=True)
class Jointly:
    """A clause that the values of several variables decide together."""

    clause: str
    """Its id."""
    variables: tuple[str, ...]
    """The variables that it speaks of and that are open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A minimal set of changes with which the patient could be eligible.

    Where every changed fact is as it is required, and the clauses of `such_that` and `still_open` are met, the patient is eligible on
    `wait_until`. `wait_kind` is `age` where an age is waited for, else `time`.
    """

    kind: str
    """The kind of its hardest change, from the easiest: `time`, `age`, `stop`, `treat`, `consent`, `test` or `never`."""
    action: bool = True
    """Whether it can be advice: all of it can be changed, is ever advised, and makes the patient no worse; not an age with other rules."""
    wait_until: str | None = None
    """The first day on which the changes could be enough, `YYYY-MM-DD`; null where the day need not move."""
    changes: tuple[Change, ...]
    """The facts that would have to be otherwise; empty where waiting is all."""
    such_that: tuple[Jointly, ...] = ()
    """The clauses that must be met besides: they turn on a changed fact and on other open variables together."""
    still_open: tuple[str, ...] = ()
    """Ids of the clauses that are open then only for what is not recorded; with them and `such_that` met, the patient is eligible."""
    wait_kind: str = field(default="time", metadata=a.PRIVATE)
    """`age` where an age is waited for, else `time`."""


@dataclass(frozen=True, slots=True)
class Repairs:
    """What would have to change: those that can be advice first, then by kind.

    If there is none, no other facts could help: only another birth date, or another state of the trial.
    """

    repairs: tuple[Repair, ...]
    """Those that can be advice first, then by `kind`, then by size; empty if nothing would be enough."""
    complete: bool
    """Whether these are all."""


@dataclass(frozen=True, slots=True)
class CompleteLists:
    """Whether lists hold all there is, or were cut."""

    conflicts: bool = True
    """False if the list was cut."""
    deciding_sets: bool = True
    """False if the list was cut."""


@dataclass(frozen=True, slots=True)
class ClauseDetail:
    """What `explain` says besides of a clause's answer, which stands at the same place in `clauses`."""

    bound: tuple[str, ...]
    """The cohorts in which the clause binds."""
    waits_for: tuple[str, ...] = ()
    """The variables on which it still depends, in the order of the vocabulary, as those of `instead`."""
    instead: tuple[str, ...] = ()
    """Variables of deciding sets that no open clause mentions, and that tell something of these through the theory."""
    does_not_apply: bool = False
    """Whether it is met since it is not about this patient."""
    comes_to: tuple[str, ...] = ()
    """In words, the value of each quotient that it names."""
    would_be_met_by: str = ""
    """What each recorded number alone would have to be for it to be met, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialAnswer:
    """The answer for one trial."""

    trial: str
    """The NCT number."""
    code: str
    """The short code."""
    recruitment: str
    """The recruitment status; never part of the verdict."""
    verdict: a.Verdict
    published_only: bool = False
    """Eligible on the published criteria, where others exist; true only with `eligible`."""
    unpublished: tuple[str, ...] = ()
    """Ids of criteria that exist and are not published."""
    cohorts: tuple[a.CohortAnswer, ...] = ()
    """One entry a cohort."""
    conflicts: a.Subsets = ()
    """Every minimal conflict with the choice of cohort free; each sorted, the list by size, then by name; empty unless `ineligible`."""
    deciding_sets: a.Subsets = ()
    """Every minimal deciding set of variables, sorted likewise; empty unless `undetermined`."""
    deciding: tuple[RankedSet, ...] = ()
    """The same sets with what finds each out, the least burden first."""
    missing: tuple[a.Requirement, ...] = ()
    """One entry for each variable of some deciding set."""
    complete: CompleteLists = CompleteLists()
    """Whether the two lists hold all there is."""
    readings: tuple[ReadingAnswer, ...] = ()
    """The ambiguities whose other reading changes the verdict."""
    eligible_from: str | None = None
    """The first day on which the verdict is eligible if only time passes; null if there is none within the horizon."""
    eligible_until: str | None = None
    """The last such day; null if there is none, or if it is the horizon itself."""
    tests: object = None
    """Always null: `match tests` tells them."""
    clauses: tuple[a.ClauseAnswer, ...] = ()
    """How every clause in force stands; one that reads differently by cohort appears once a cohort."""
    title: str
    """The title of the trial."""
    joint_conflicts: tuple[a.JointConflict, ...] = ()
    """What forces each conflict of several clauses within one cohort."""
    notices: tuple[a.Notice, ...] = ()
    """The sentences of the trial that apply to this patient."""
    dates: a.DatesAnswer | None = None
    """The days on which the verdict is eligible if only time passes; null where it is withheld, or where the solver gave up on them."""
    assuming: tuple[str, ...] = ()
    """Ids of a minimal set of assumptions of policies that the verdict eligible needs; empty without policies."""
    repairs: Repairs | None = None
    """What would have to change for an ineligible patient; null unless it was asked for, as `explain` does."""
    encoded: a.Encoded = a.NOTHING
    """How much of it has logic: a cohort that an objective clause without logic binds is at best undetermined."""
    not_judged: tuple[str, ...] = ()
    """Ids, sorted, of the clauses in force that have no logic and are of another class than objective."""
    first: NextStep | None = None
    """The test to begin with; null unless `undetermined`, and where the trial or every cohort that may fit is closed."""
    then: tuple[TestGroup, ...] = ()
    """What the others come to of the cheapest tests that settle it, whatever their results; empty where `first` is null."""
    at_site: a.AtSite | None = field(default=None, metadata=a.SPARSE)
    """What a site's file says of the trial, in place of the registry for what is open; left out where it says nothing."""
    never_asked: a.Subsets = field(default=(), metadata=a.PRIVATE)
    """Where there is no deciding set, all minimal sets that settle the verdict with what is never asked for, such as a planned day."""
    wants_logic: bool = field(default=False, metadata=a.PRIVATE)
    """Whether the verdict is undetermined whatever is found out, because objective criteria are kept as text."""
    provisos: a.Provisos = field(default=a.AS_ENCODED, metadata=a.PRIVATE)
    """The policies and the clauses left out with which the verdict was given."""

    details: tuple[ClauseDetail, ...] = field(default=(), metadata=a.PRIVATE, compare=False, repr=False)
    """What `explain` says besides of each of `clauses`."""
    sentences: tuple[a.Assumption, ...] = field(default=(), metadata=a.PRIVATE, compare=False, repr=False)
    """What `explain` says of each assumption that something of the trial rests on."""

    @property
    def cut(self) -> tuple[str, ...]:
        """The names of the lists that are not complete."""
        lists = {"conflicts": self.complete.conflicts, "deciding_sets": self.complete.deciding_sets}
        return tuple(name for name, complete in lists.items() if not complete)

    @property
    def safety(self) -> tuple[str, ...]:
        """The ids of the notices that are about the patient's safety."""
        return tuple(notice.id for notice in self.notices if notice.safety)

    def __str__(self) -> str:
        """The code, the verdict and its reason, on one line."""
        if self.published_only:
            reason = " (on the published criteria only)"
        elif self.conflicts:
            reason = f", conflicts: {a.alternatives(self.conflicts)}"
        elif self.deciding_sets:
            reason = f", find out: {a.alternatives(self.deciding_sets)}"
        elif self.wants_logic:
            reason = f", {self.encoded}"
        else:
            reason = ""
        if self.assuming:
            reason += f", assuming: {'; '.join(self.assuming)}"
        provisos = replace(self.provisos, policies=()) if self.assuming else self.provisos
        return f"{self.code} {provisos.added_to(self.verdict)}{reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchAnswer(a.TrialsAnswer):
    """One patient against the trials."""

    schema: Literal["trialproof/match/1"] = "trialproof/match/1"
    engine: a.EngineVersion
    patient: str
    """The `id` of the record, or the name of its file."""
    as_of: str
    """The day of evaluation, `YYYY-MM-DD`."""
    record: a.RecordState
    """Whether the record agrees with itself."""
    assumptions: tuple[a.Assumption, ...] = ()
    """What is not recorded, was taken for granted, and mattered."""
    warnings: tuple[a.AnswerWarning, ...] = ()
    """What a reader should know besides."""
    trials: tuple[TrialAnswer, ...] = ()
    """One entry a trial: those that were asked for, in the order given, else all."""
    policies: tuple[str, ...] = ()
    """Ids of the assumption policies in force."""
    headline: tuple[str, ...] = ()
    """Who the patient is, in parts, from what is recorded and nothing else."""
    safety: tuple[str, ...] = ()
    """The variables about the patient's safety that are recorded as true."""
    without: tuple[str, ...] = ()
    """Ids, sorted, of the clauses that were left out."""
    site: a.SiteName | None = field(default=None, metadata=a.SPARSE)
    """The site under whose file it was given; left out without one."""
    assumed: tuple[str, ...] = field(default=(), metadata=a.PRIVATE)
    """The variables that the policies took as absent."""

    @property
    def corrections(self) -> tuple[a.Correction, ...] | None:
        """What could be wrong in a record that contradicts itself, where it was asked for."""
        return self.record.corrections

    def __str__(self) -> str:
        """The patient, what contradicts, and a line for each trial."""
        lines = [f"{self.patient}, as of {self.as_of}", *map(str, self.trials)]
        if self.contradictions:
            lines.insert(1, f"contradictory facts: {a.alternatives(self.contradictions)}")
        return "\n".join(lines)
