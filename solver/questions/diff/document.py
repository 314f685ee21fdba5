"""The JSON of `match diff`, schema `trialproof/diff/1`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from typing_extensions import TypedDict

from solver.engine.answer import Subsets, Verdict
from solver.language.calendar import format_day
from solver.library.models import Library, Trial
from solver.patient.write import record_document
from solver.questions.diff.admission import Direction, Shown
from solver.questions.diff.ask import Change, Changed, CohortPairing, Comparison, Relation
from solver.questions.match.answer import TrialAnswer
from solver.questions.match.document import EngineShape
from solver.report.any_day import DaysShape, days_shape
from solver.smt import SOLVER
from solver.version import __version__

SCHEMA: Literal["trialproof/diff/1"] = "trialproof/diff/1"

Version = Literal["both", "first", "second"]
VERSIONS: tuple[Version, ...] = ("both", "first", "second")


class SideShape(TypedDict):
    """One of the two trials."""

    trial: str
    code: str
    title: str
    file: str | None
    """The file it was read from; null for a trial of the encodings."""


class WitnessShape(TypedDict):
    """A patient whom one trial admits and the other does not."""

    record: dict[str, Any]
    """A record that match reads; none of its facts can be left out."""
    cohort: str
    """A cohort that admits the patient."""
    failed: dict[str, list[str]]
    """The clauses of the other trial that are not met, by cohort."""


class DirectionShape(TypedDict):
    """Whom one trial admits and the other does not."""

    exists: bool | None
    """Whether there is anyone; null if the solver gave up."""
    ranges: list[str]
    """Where there is none: the assumptions of plausible values that the proof needs, as few as the solver can show."""
    responsible: list[list[str]]
    """All minimal sets of clauses of the other trial without which it would admit everyone whom the one admits."""
    responsible_complete: bool
    witness: WitnessShape | None
    """Null where there is nobody, or where no patient was found that can be written exactly."""


class CohortShape(TypedDict):
    """A cohort, matched by its id."""

    cohort: str
    version: Version
    """Which trial has it."""
    relation: Relation | None
    lost: DirectionShape | None
    gained: DirectionShape | None


class ClauseShape(TypedDict):
    """A clause, matched by its id within the trial, over the cohorts that both versions have."""

    clause: str
    change: Change
    """Reworded means other words, or another logic, that say the same of every patient."""
    relation: Relation


class ReadingShape(TypedDict):
    """A second reading under which the trials relate otherwise."""

    id: str
    relation: Relation


class EditShape(TypedDict):
    """Something that changes no verdict and reads otherwise; null where one version does not have it."""

    where: str
    before: str | None
    after: str | None


class StandingShape(TypedDict):
    """How a patient stands."""

    verdict: Verdict
    published_only: bool
    conflicts: list[list[str]]
    deciding_sets: list[list[str]]


class PatientShape(TypedDict):
    """A patient of the given cohort, on the first trial and on the second."""

    patient: str
    changed: bool
    before: StandingShape
    after: StandingShape


class CountShape(TypedDict):
    """How many patients go from one verdict to another."""

    before: Verdict
    after: Verdict
    count: int


class DiffShape(TypedDict):
    """How a second trial relates to a first: two versions of one, or two trials."""

    schema: Literal["trialproof/diff/1"]
    engine: EngineShape
    as_of: str
    """The day of evaluation, `YYYY-MM-DD`; with `days`, the one that was looked at first."""
    days: DaysShape | None
    """The days of evaluation that stand for all; null where a day was given, and what is said is of that day alone."""
    other_days: list[str]
    """Other days on which somebody was found whom one trial admits and the other does not."""
    first: SideShape
    second: SideShape
    relation: Relation
    """Of the second to the first: stricter means that it admits fewer."""
    lost: DirectionShape
    """Whom only the first admits."""
    gained: DirectionShape
    """Whom only the second admits."""
    cohorts: list[CohortShape]
    clauses: list[ClauseShape]
    """Empty unless both are versions of one trial."""
    readings: list[ReadingShape]
    edits: list[EditShape]
    """Empty unless both are versions of one trial."""
    patients: list[PatientShape] | None
    """Null without --cohort."""
    counts: list[CountShape] | None
    wrong_lines: int
    """How many lines of the cohort could not be read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A comparison, from which files the two were read, and the patients asked about, if any were."""

    comparison: Comparison
    files: tuple[str | None, str | None]
    patients: Sequence[Changed] | None = None
    wrong: int = 0


def diff_document(answer: Answer, library: Library) -> DiffShape:
    """The answer as JSON values."""
    found, patients = answer.comparison, answer.patients
    return {
        "schema": SCHEMA,
        "engine": {"version": __version__, "solver": SOLVER, "encodings": library.digest},
        "as_of": format_day(found.as_of),
        "days": days_shape() if found.every_day else None,
        "other_days": [format_day(day) for day in found.also],
        "first": _side(found.first, answer.files[0]),
        "second": _side(found.second, answer.files[1]),
        "relation": found.pairing.relation,
        "lost": _direction(found.pairing.lost, library),
        "gained": _direction(found.pairing.gained, library),
        "cohorts": [_cohort(each, library) for each in found.cohorts],
        "clauses": [
            {"clause": each.clause, "change": each.change, "relation": each.relation}
            for each in found.clauses
        ],
        "readings": [{"id": name, "relation": relation} for name, relation in found.readings],
        "edits": [{"where": e.where, "before": e.before, "after": e.after} for e in found.edits],
        "patients": None if patients is None else [_patient(each) for each in patients],
        "counts": None if patients is None else counts(patients),
        "wrong_lines": answer.wrong,
    }


def diff_json(answer: Answer, library: Library) -> str:
    """The answer as one line of JSON, without the line's end."""
    return json.dumps(diff_document(answer, library), ensure_ascii=False, separators=(",", ":"))


def counts(patients: Sequence[Changed]) -> list[CountShape]:
    """How many patients go from which verdict to which, the most frequent first."""
    found = Counter((p.difference.before.verdict, p.difference.after.verdict) for p in patients)
    order = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [{"before": before, "after": after, "count": count} for (before, after), count in order]


def _side(trial: Trial, file: str | None) -> SideShape:
    return {"trial": trial.nct, "code": trial.code, "title": trial.title, "file": file}


def _direction(found: Direction, library: Library) -> DirectionShape:
    return {
        "exists": found.exists,
        "ranges": list(found.ranges),
        "responsible": _lists(found.responsible.subsets),
        "responsible_complete": found.responsible.complete,
        "witness": _witness(found.witness, library) if found.witness else None,
    }


def _witness(shown: Shown, library: Library) -> WitnessShape:
    return {
        "record": record_document(shown.record, library),
        "cohort": shown.cohort,
        "failed": {cohort: list(clauses) for cohort, clauses in shown.failed.items()},
    }


def _cohort(each: CohortPairing, library: Library) -> CohortShape:
    pairing = each.pairing
    return {
        "cohort": each.cohort,
        "version": VERSIONS[each.version],
        "relation": pairing.relation if pairing else None,
        "lost": _direction(pairing.lost, library) if pairing else None,
        "gained": _direction(pairing.gained, library) if pairing else None,
    }


def _patient(each: Changed) -> PatientShape:
    difference = each.difference
    return {
        "patient": each.patient,
        "changed": difference.verdict_changed,
        "before": _standing(difference.before),
        "after": _standing(difference.after),
    }


def _standing(answer: TrialAnswer) -> StandingShape:
    return {
        "verdict": answer.verdict,
        "published_only": answer.published_only,
        "conflicts": _lists(answer.conflicts),
        "deciding_sets": _lists(answer.deciding_sets),
    }


def _lists(subsets: Subsets) -> list[list[str]]:
    return [list(subset) for subset in subsets]
