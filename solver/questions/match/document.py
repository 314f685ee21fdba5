"""Shapes of parts of documents, for the questions whose answers are not yet their documents."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from solver.engine.answer import DatesAnswer, Status, Subsets, Verdict
from solver.library.beside import CohortRecruitment


class OtherwiseChangeShape(TypedDict):
    """A recorded fact that would have to change with another one."""

    variable: str
    require: str | None
    """The condition that its value would have to meet; null where that depends on the others."""


class OtherwiseShape(TypedDict):
    """Another value of a changed fact that does it as well, with more changes."""

    value: str
    changes: list[OtherwiseChangeShape]
    """The facts that contradict the value, and that change with it."""


class JointlyShape(TypedDict):
    """A clause that the values of several variables decide together."""

    clause: str
    variables: list[str]
    """The variables that it speaks of and that are open."""


class ChangeShape(TypedDict):
    """A recorded fact that would have to be otherwise."""

    variable: str
    kind: str
    """How the variable changes: `time`, `age`, `stop`, `treat`, `consent`, `test` or `never`."""
    require: str | None
    """The condition that its value would have to meet; null where that depends on the others."""
    worse: bool
    """Whether each such value means that the patient is worse than recorded."""
    stopped_on: str | None
    """The day, `YYYY-MM-DD`, taken for the last dose of what is to be stopped; null where no clause speaks of it."""
    otherwise: list[OtherwiseShape]
    """Values that do it as well, with more changes."""


class RepairShape(TypedDict):
    """A minimal set of changes with which the patient could be eligible."""

    kind: str
    """The kind of its hardest change, from `time` to `never`."""
    action: bool
    """Whether it can be advice: all of it can be changed, is ever advised, and makes the patient no worse; not an age with other rules."""
    wait_until: str | None
    """The first day on which the changes could be enough, `YYYY-MM-DD`; null where the day need not move."""
    changes: list[ChangeShape]
    such_that: list[JointlyShape]
    """The clauses that must be met besides, which turn on what is changed and on more; with them and `still_open` met it is enough."""
    still_open: list[str]
    """The ids of the clauses that are open then only for what is not recorded."""


class RepairsShape(TypedDict):
    """What would have to change: those that can be advice first, then by kind."""

    repairs: list[RepairShape]
    complete: bool
    """Whether `repairs` holds them all."""


class EngineShape(TypedDict):
    """What gave the answer."""

    version: str
    """The version of Trialproof."""
    solver: str
    """The name and version of the SMT solver."""
    encodings: str
    """A digest of the encodings."""


class CorrectedTrialShape(TypedDict):
    """The verdict on one trial without the facts of a correction."""

    code: str
    verdict: Verdict
    published_only: bool
    conflicts: list[list[str]]


class CorrectionShape(TypedDict):
    """A minimal set of facts without which the record does not contradict itself."""

    facts: list[str]
    trials: list[CorrectedTrialShape]


class RecordShape(TypedDict):
    """Whether the record agrees with itself and with the theory."""

    status: Literal["consistent", "contradictory", "undecided"]
    """`contradictory`: no patient fits the record, and every verdict is withheld; `undecided`: the solver gave up on it."""
    contradictions: list[list[str]]
    """Every minimal set of recorded facts, by variable, that cannot hold together; sorted by size, then by name."""
    contradictions_complete: bool
    """Whether `contradictions` holds them all."""
    corrections: list[CorrectionShape] | None
    """Every minimal set of facts that could be wrong, with what would then hold; null unless it was asked for."""
    digest: str
    """A digest of what the record says: day, facts and context, whatever their order and form."""


class AssumptionShape(TypedDict):
    """Something that is not recorded, was taken for granted, and mattered."""

    id: str
    text: str


class WarningShape(TypedDict):
    """Something a reader of the answer should know."""

    code: str
    variable: str | None
    """The variable that it is about, if it is about one."""
    text: str
    clauses: list[str]
    """Ids of the clauses that it is about."""


class CohortShape(TypedDict):
    """The answer for one cohort."""

    cohort: str
    open: bool
    verdict: Verdict
    conflicts: list[list[str]]
    """Every minimal conflict of the cohort's own clauses, given where the cohort is ineligible."""
    label: str
    assuming: list[str]
    """As for the trial, of the cohort's own verdict."""
    recruitment: CohortRecruitment | None
    """Whether the cohort takes this patient: `closed`, or `ask`; null where only the trial's own status speaks. Never part of a verdict."""
    recruitment_note: str | None
    """What is known of it."""
    recruitment_source: str | None
    """From where."""


class MissingShape(TypedDict):
    """A variable of some deciding set."""

    variable: str
    require: str | None
    """The condition that its value must meet; null where the variable alone requires nothing."""
    with_others: list[str]
    """Open variables with which a criterion compares it, so that more is required of them together."""


class CompleteShape(TypedDict):
    """Whether lists hold all there is, or were cut."""

    conflicts: bool
    deciding_sets: bool


class JointConflictShape(TypedDict):
    """What forces a conflict of several clauses of one cohort, none of which fails alone."""

    cohort: str
    clauses: list[str]
    facts: list[str]
    assumptions: list[str]


class ReadingShape(TypedDict):
    """The answer under the other reading of an ambiguity."""

    id: str
    verdict: Verdict
    conflicts: list[list[str]]


class ClauseShape(TypedDict):
    """How one clause stands; a clause that reads differently by cohort appears once a cohort."""

    id: str
    cohort: str | None
    status: Status
    """`met` or `not_met` if every completion of the record agrees, else `open`."""
    label: str
    source: str
    facts: list[str]
    """A minimal set of recorded facts, by variable, that forces the status."""
    assumptions: list[str]
    """Ids of the assumptions that force the status together with `facts`."""


class NoticeShape(TypedDict):
    """A sentence of the trial that applies to this patient."""

    id: str
    text: str
    safety: bool
    """Whether it is about the patient's safety, and stands in the head of a page."""


class DatesShape(TypedDict):
    """The days on which the verdict is eligible if only time passes, as spans from first to last day, `YYYY-MM-DD`."""

    horizon: str
    """The last day that was looked at; the first is `as_of`."""
    eligible: list[list[str]]
    possible: list[list[str]]
    """The days on which the patient could be eligible, as far as is known."""
    opened_by: list[str]
    """Ids of the clauses that are not known to be met on the day before the first day of `eligible`."""
    closed_by: list[str]
    """Ids of those that are not known to be met on the day after the last."""


class EncodedShape(TypedDict):
    """How much of a trial has logic, of its objective clauses in force."""

    clauses: int
    """Those that have."""
    of: int
    """All of them."""


class TrialShape(TypedDict):
    """The answer for one trial."""

    trial: str
    """The NCT number."""
    code: str
    recruitment: str
    """The recruitment status; never part of the verdict."""
    verdict: Verdict
    published_only: bool
    """Eligible on the published criteria, where others exist; true only with `eligible`."""
    unpublished: list[str]
    """Ids of criteria that exist and are not published."""
    cohorts: list[CohortShape]
    conflicts: list[list[str]]
    """Every minimal conflict with the choice of cohort free; each sorted, the list sorted by size, then by name."""
    deciding_sets: list[list[str]]
    """Every minimal deciding set of variables, sorted likewise; empty once the verdict is settled."""
    missing: list[MissingShape]
    complete: CompleteShape
    readings: list[ReadingShape]
    """The ambiguities whose other reading changes the verdict."""
    eligible_from: str | None
    """The first day on which the verdict is eligible if only time passes; null if there is none within the horizon."""
    eligible_until: str | None
    """The last such day; null if there is none, or if it is the horizon itself."""
    tests: object
    """The tests that settle the verdict; null where they were not determined."""
    clauses: list[ClauseShape]
    title: str
    joint_conflicts: list[JointConflictShape]
    """What forces each conflict of several clauses within one cohort."""
    notices: list[NoticeShape]
    dates: DatesShape | None
    """The days on which the verdict is eligible; null where it is withheld, or where the solver gave up on them."""
    assuming: list[str]
    """Ids of a minimal set of assumptions of policies that the verdict eligible needs; empty without policies."""
    repairs: RepairsShape | None
    """Every repair of an ineligible patient; null unless it was asked for."""
    encoded: EncodedShape
    """How much of it has logic: nobody can be shown to fit a cohort that an objective clause without logic binds."""
    not_judged: list[str]
    """Ids, sorted, of the clauses in force that have no logic and are of another class than objective."""


def dates_document(dates: DatesAnswer) -> DatesShape:
    """The days of one trial as JSON values."""
    return {
        "horizon": dates.horizon,
        "eligible": _lists(dates.eligible),
        "possible": _lists(dates.possible),
        "opened_by": list(dates.opened_by),
        "closed_by": list(dates.closed_by),
    }


def _lists(subsets: Subsets) -> list[list[str]]:
    return [list(subset) for subset in subsets]
