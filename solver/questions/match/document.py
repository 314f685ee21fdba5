"""The JSON of `match`, schema `trialproof/match/1`: a promise, to which keys may be added and of which none is changed.

The shapes are typed dictionaries, so that writing an answer needs no model library; `schema` turns them into the JSON Schema.
"""

from __future__ import annotations

import json
from typing import Literal

from typing_extensions import TypedDict

from solver.engine.answer import (
    ClauseAnswer,
    CohortAnswer,
    Correction,
    DatesAnswer,
    MatchAnswer,
    ReadingAnswer,
    Status,
    Subsets,
    TrialAnswer,
    Verdict,
)
from solver.library.beside import CohortRecruitment
from solver.questions.explain.repairs_document import RepairsShape, repairs_document
from solver.smt import SOLVER
from solver.version import __version__

SCHEMA: Literal["trialproof/match/1"] = "trialproof/match/1"


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


class MatchShape(TypedDict):
    """One patient against the trials."""

    schema: Literal["trialproof/match/1"]
    engine: EngineShape
    patient: str
    as_of: str
    """The day of evaluation, `YYYY-MM-DD`."""
    record: RecordShape
    assumptions: list[AssumptionShape]
    warnings: list[WarningShape]
    trials: list[TrialShape]
    policies: list[str]
    """Ids of the assumption policies in force."""


_STATUS: dict[bool | None, Literal["consistent", "contradictory", "undecided"]] = {
    True: "consistent",
    False: "contradictory",
    None: "undecided",
}


def answer_document(answer: MatchAnswer) -> MatchShape:
    """The answer as JSON values, keys in the order of the contract."""
    return {
        "schema": SCHEMA,
        "engine": {"version": __version__, "solver": SOLVER, "encodings": answer.encodings},
        "patient": answer.patient,
        "as_of": answer.as_of,
        "record": {
            "status": _STATUS[answer.consistent],
            "contradictions": _lists(answer.contradictions),
            "contradictions_complete": answer.contradictions_complete,
            "corrections": None
            if answer.corrections is None
            else [_correction(each) for each in answer.corrections],
            "digest": answer.digest,
        },
        "assumptions": [{"id": name, "text": text} for name, text in answer.assumptions],
        "warnings": [
            {
                "code": warning.code,
                "variable": warning.variable,
                "text": warning.text,
                "clauses": list(warning.clauses),
            }
            for warning in answer.warnings
        ],
        "trials": [_trial(trial) for trial in answer.trials],
        "policies": list(answer.policies),
    }


def answer_json(answer: MatchAnswer) -> str:
    """The answer as one line of JSON, without the line's end; the same answer gives the same text."""
    return json.dumps(answer_document(answer), ensure_ascii=False, separators=(",", ":"))


def _trial(trial: TrialAnswer) -> TrialShape:
    return {
        "trial": trial.trial,
        "code": trial.code,
        "recruitment": trial.recruitment,
        "verdict": trial.verdict,
        "published_only": trial.published_only,
        "unpublished": list(trial.unpublished),
        "cohorts": [_cohort(cohort) for cohort in trial.cohorts],
        "conflicts": _lists(trial.conflicts),
        "deciding_sets": _lists(trial.deciding_sets),
        "missing": [
            {"variable": item.variable, "require": item.text, "with_others": list(item.with_others)}
            for item in trial.missing
        ],
        "complete": {
            "conflicts": "conflicts" not in trial.cut,
            "deciding_sets": "deciding_sets" not in trial.cut,
        },
        "readings": [_reading(reading) for reading in trial.readings],
        "eligible_from": trial.dates.eligible_from if trial.dates else None,
        "eligible_until": trial.dates.eligible_until if trial.dates else None,
        "tests": None,
        "clauses": [_clause(clause) for clause in trial.clauses],
        "title": trial.title,
        "joint_conflicts": [
            {
                "cohort": conflict.cohort,
                "clauses": list(conflict.clauses),
                "facts": list(conflict.facts),
                "assumptions": list(conflict.assumptions),
            }
            for conflict in trial.joint_conflicts
        ],
        "notices": [
            {"id": name, "text": text, "safety": name in trial.safety} for name, text in trial.notices
        ],
        "dates": dates_document(trial.dates) if trial.dates else None,
        "assuming": list(trial.assuming),
        "repairs": repairs_document(trial.repairs) if trial.repairs else None,
        "encoded": {"clauses": trial.encoded.clauses, "of": trial.encoded.of},
        "not_judged": list(trial.not_judged),
    }


def dates_document(dates: DatesAnswer) -> DatesShape:
    """The days of one trial as JSON values."""
    return {
        "horizon": dates.horizon,
        "eligible": _lists(dates.eligible),
        "possible": _lists(dates.possible),
        "opened_by": list(dates.opened_by),
        "closed_by": list(dates.closed_by),
    }


def _correction(correction: Correction) -> CorrectionShape:
    return {
        "facts": list(correction.facts),
        "trials": [
            {
                "code": trial.code,
                "verdict": trial.verdict,
                "published_only": trial.published_only,
                "conflicts": _lists(trial.conflicts),
            }
            for trial in correction.trials
        ],
    }


def _cohort(cohort: CohortAnswer) -> CohortShape:
    return {
        "cohort": cohort.cohort,
        "open": cohort.open,
        "verdict": cohort.verdict,
        "conflicts": _lists(cohort.conflicts),
        "label": cohort.label,
        "assuming": list(cohort.assuming),
        "recruitment": cohort.recruitment,
        "recruitment_note": cohort.recruitment_note or None,
        "recruitment_source": cohort.recruitment_source or None,
    }


def _reading(reading: ReadingAnswer) -> ReadingShape:
    return {"id": reading.id, "verdict": reading.verdict, "conflicts": _lists(reading.conflicts)}


def _clause(clause: ClauseAnswer) -> ClauseShape:
    return {
        "id": clause.id,
        "cohort": clause.cohort,
        "status": clause.status,
        "label": clause.label,
        "source": clause.source,
        "facts": list(clause.facts),
        "assumptions": list(clause.assumptions),
    }


def _lists(subsets: Subsets) -> list[list[str]]:
    return [list(subset) for subset in subsets]
