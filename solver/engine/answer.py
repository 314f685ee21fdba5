"""The answers: frozen, typed, picklable. The words are those of the JSON contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from solver.language.domain import Domain, Interval
from solver.library.beside import CohortRecruitment

Verdict = Literal["eligible", "ineligible", "undetermined", "unresolved", "withheld"]
Status = Literal["met", "not_met", "open"]
Subsets = tuple[tuple[str, ...], ...]

PRIVATE: Mapping[str, bool] = {"private": True}
"""Metadata of a field that users of Python have, and that is no part of the JSON."""


def written_as(key: str) -> Mapping[str, str]:
    """Metadata of a field that stands under another key in the JSON: a word of Python, or a name with a meaning of its own there."""
    return {"key": key}


@dataclass(frozen=True, slots=True)
class ClauseAnswer:
    """How a clause stands: `met` or `not_met` if every completion agrees, else `open`.

    `cohort` is given where the clause reads differently by cohort. `facts` are recorded facts, and `assumptions` ids of what is not
    recorded, that force the status; none of them can be left out. An `opaque` clause is kept as text: it is open whatever is recorded.
    """

    id: str
    cohort: str | None
    status: Status
    label: str
    source: str
    facts: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    opaque: bool = False


@dataclass(frozen=True, slots=True)
class CohortAnswer:
    """The verdict on one cohort, every minimal conflict within it, and the assumptions of policies that an eligible one needs.

    `recruitment` is what is known besides the trial's own status, of this patient, with a note and its source; no part of the verdict.
    A `capped` one is bound by an objective clause that is kept as text, or nothing is asked for it: it is never eligible.
    """

    cohort: str
    label: str
    open: bool
    verdict: Verdict
    conflicts: Subsets = ()
    assuming: tuple[str, ...] = ()
    recruitment: CohortRecruitment | None = None
    recruitment_note: str = ""
    recruitment_source: str = ""
    capped: bool = False


@dataclass(frozen=True, slots=True)
class JointConflict:
    """A conflict of several clauses of one cohort, none of which fails alone, with what forces it.

    `facts` are recorded facts and `assumptions` ids of what is not recorded; none of them can be left out.
    """

    cohort: str
    clauses: tuple[str, ...]
    facts: tuple[str, ...]
    assumptions: tuple[str, ...] = ()


Values = frozenset[bool] | frozenset[str] | tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Requirement:
    """What is required of one variable that is missing: `text` says it, None where the variable alone requires nothing.

    `possible` is what the record leaves of it, and `allowed` the part with which the trial can still be satisfied. `with_others` names
    open variables with which a criterion compares it, so that more is required of them together. `allowed` is None where the variable
    tells only through others, or where the solver gave up.
    """

    variable: str
    possible: Domain
    allowed: Values | None
    with_others: tuple[str, ...] = ()
    text: str | None = None


@dataclass(frozen=True, slots=True)
class ReadingAnswer:
    """The answer under the other reading of an ambiguity."""

    id: str
    verdict: Verdict
    conflicts: Subsets = ()


@dataclass(frozen=True, slots=True)
class DatesAnswer:
    """The days from the record's own to `horizon` on which the patient is eligible if nothing but time passes, as ISO dates.

    `eligible` are spans, from first to last, of days on which every completion satisfies the trial, `possible` of those on which some
    does. `opened_by` are the clauses that are not known to be met on the day before the first of them, `closed_by` on the day after the
    last; both are empty where there is no such day, or it lies outside the horizon.
    """

    horizon: str
    eligible: tuple[tuple[str, str], ...] = ()
    possible: tuple[tuple[str, str], ...] = ()
    opened_by: tuple[str, ...] = ()
    closed_by: tuple[str, ...] = ()

    @property
    def eligible_from(self) -> str | None:
        """The first day of `eligible`."""
        return self.eligible[0][0] if self.eligible else None

    @property
    def eligible_until(self) -> str | None:
        """The last day of `eligible`; None where there is none, or where it is the horizon itself, so that no end is in sight."""
        return self.eligible[-1][1] if self.eligible and self.eligible[-1][1] < self.horizon else None


@dataclass(frozen=True, slots=True)
class Otherwise:
    """Another value of a changed fact that does it as well if these facts, which contradict it, change with it."""

    value: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One member of a repair: a fact that would have to be otherwise, `kind` as the vocabulary says how it changes.

    `requirement` says which values it could take; None where it depends on the others. `worse` says that each of them means that the
    patient gets worse. `stopped_on` is the ISO date that was taken for the last dose of what is to be stopped, the record's own day,
    where a clause of the trial speaks of that date. `otherwise` are values that do it as well, with more changes.
    """

    variable: str
    kind: str
    requirement: Requirement | None
    worse: bool = False
    stopped_on: str | None = None
    otherwise: tuple[Otherwise, ...] = ()


@dataclass(frozen=True, slots=True)
class Jointly:
    """A clause that the values of several variables decide together."""

    clause: str
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Repair:
    """A minimal set of changes; `wait_until` is the first day on which they could be enough, where the day has to move.

    `kind` is that of its hardest member; `wait_kind` is `age` where an age is waited for, else `time`. `action` says whether it can be
    advice: nothing in it never changes, is never advised, means that the patient gets worse, or is an age from which a clause asks for
    something else. Where every changed fact is as it is required, and the clauses of `such_that` and `still_open` are met, the patient is
    eligible on that day: `such_that` turn on what is changed and on other open variables together, `still_open` only on what is not
    recorded.
    """

    kind: str
    changes: tuple[Change, ...]
    wait_until: str | None = None
    action: bool = True
    wait_kind: str = "time"
    such_that: tuple[Jointly, ...] = ()
    still_open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Repairs:
    """All repairs, those that can be advice first, then the easiest kind; `complete` unless the list was cut.

    If there is none, no other facts could help: only another birth date, or another state of the trial.
    """

    repairs: tuple[Repair, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Encoded:
    """How much of a trial has logic: so many of its objective clauses in force, `of` so many in all."""

    clauses: int
    of: int

    def __str__(self) -> str:
        """`12 of 40 objective criteria are encoded`."""
        noun, verb = ("criterion", "is") if self.of == 1 else ("criteria", "are")
        return f"{self.clauses} of {self.of} objective {noun} {verb} encoded"


NOTHING = Encoded(0, 0)


@dataclass(frozen=True, slots=True)
class TrialAnswer:
    """The answer for one trial.

    `conflicts` are all minimal unsatisfiable sets of clauses with the choice of cohort free, given for an ineligible patient;
    `deciding_sets` all minimal sets of variables that settle an undetermined verdict, `missing` what is required of each; `cut` names
    the lists that are not complete. `never_asked` are, where there is no deciding set, all minimal sets that settle it with what is never
    asked for, such as the exact day of what is planned.
    `joint_conflicts` says what forces the conflicts of several clauses within one cohort; those of one clause stand with the clause.
    `readings` holds the ambiguities whose other reading changes the verdict. `notices` are sentences of the trial that apply, by id, and
    `safety` the ids of those that are about the patient's safety. `dates` is
    None where the verdict is withheld, or where the solver gave up on the days.
    `assuming` is a minimal set of assumptions of the policies in force that the verdict eligible needs: without any one of them it is
    not eligible. `repairs` is given, where it was asked for, for an ineligible patient. `encoded` says how much of the trial has logic, and
    `not_judged` are the opaque clauses in force that are not objective, sorted. `wants_logic` says that the verdict is undetermined
    whatever is found out, because objective criteria are kept as text.
    """

    trial: str
    code: str
    title: str
    recruitment: str
    verdict: Verdict
    published_only: bool = False
    unpublished: tuple[str, ...] = ()
    cohorts: tuple[CohortAnswer, ...] = ()
    conflicts: Subsets = ()
    deciding_sets: Subsets = ()
    never_asked: Subsets = ()
    missing: tuple[Requirement, ...] = ()
    joint_conflicts: tuple[JointConflict, ...] = ()
    cut: tuple[str, ...] = ()
    readings: tuple[ReadingAnswer, ...] = ()
    clauses: tuple[ClauseAnswer, ...] = ()
    notices: tuple[tuple[str, str], ...] = ()
    dates: DatesAnswer | None = None
    assuming: tuple[str, ...] = ()
    repairs: Repairs | None = None
    safety: tuple[str, ...] = ()
    encoded: Encoded = NOTHING
    not_judged: tuple[str, ...] = ()
    wants_logic: bool = False

    def __str__(self) -> str:
        """The code, the verdict and its reason, on one line."""
        if self.published_only:
            reason = " (on the published criteria only)"
        elif self.conflicts:
            reason = f", conflicts: {_alternatives(self.conflicts)}"
        elif self.deciding_sets:
            reason = f", find out: {_alternatives(self.deciding_sets)}"
        elif self.wants_logic:
            reason = f", {self.encoded}"
        else:
            reason = ""
        if self.assuming:
            reason += f", assuming: {'; '.join(self.assuming)}"
        return f"{self.code} {self.verdict}{reason}"


@dataclass(frozen=True, slots=True)
class AnswerWarning:
    """Something a reader of the answer should know; `variable` where it is about one, and `clauses` where it is about some."""

    code: str
    text: str
    variable: str | None = None
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CorrectedTrial:
    """The verdict on one trial once a record is corrected; `conflicts` as in a `TrialAnswer`."""

    code: str
    verdict: Verdict
    published_only: bool
    conflicts: Subsets = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """Facts, by variable, without which a record does not contradict itself, and none of which can be kept; with the verdicts then.

    `trials` is empty where the solver gave up.
    """

    facts: tuple[str, ...]
    trials: tuple[CorrectedTrial, ...] = ()


@dataclass(frozen=True, slots=True)
class MatchAnswer:
    """One patient against the trials.

    `consistent` says whether the record has a completion, None if the solver gave up on it. `contradictions` are all minimal sets of
    recorded facts that cannot hold together under the theory; if there is one, every verdict is `withheld`. `assumptions` are (id,
    sentence) pairs of what was taken for granted and mattered. `policies` are the assumption policies in force, and `assumed` the
    variables that they took as absent. `corrections` are given, where they were asked for, for a record that contradicts itself. `digest`
    is one of what the record says.
    """

    patient: str
    as_of: str
    encodings: str
    consistent: bool | None
    contradictions: Subsets = ()
    contradictions_complete: bool = True
    assumptions: tuple[tuple[str, str], ...] = ()
    warnings: tuple[AnswerWarning, ...] = ()
    trials: tuple[TrialAnswer, ...] = ()
    policies: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] | None = None
    digest: str = ""

    def __str__(self) -> str:
        """The patient, what contradicts, and a line for each trial."""
        lines = [f"{self.patient}, as of {self.as_of}", *map(str, self.trials)]
        if self.contradictions:
            lines.insert(1, f"contradictory facts: {_alternatives(self.contradictions)}")
        return "\n".join(lines)


def _alternatives(subsets: Subsets) -> str:
    return "; ".join(" + ".join(subset) for subset in subsets)
