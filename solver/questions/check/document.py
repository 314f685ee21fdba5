"""The JSON of `match check`, schema `trialproof/check/1`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Literal

from typing_extensions import TypedDict

from solver.engine.witness import REFERENCE_DAY
from solver.language.calendar import format_day
from solver.library.acknowledged import FindingKind
from solver.library.models import Library
from solver.patient.write import record_document
from solver.questions.check.findings import SEVERITIES, Basis, Finding, Severity
from solver.questions.match.document import EngineShape
from solver.report.any_day import DaysShape, days_shape
from solver.smt import SOLVER
from solver.version import __version__

SCHEMA: Literal["trialproof/check/1"] = "trialproof/check/1"


class PlaceShape(TypedDict):
    """A place in a file; lines and columns count from 1, and the end is just behind it."""

    clause: str | None
    """The clause that stands there; null where it is none."""
    file: str
    line: int
    column: int
    end_line: int
    end_column: int


class FindingShape(TypedDict):
    """Something that was found."""

    kind: FindingKind
    severity: Severity
    trial: str | None
    """The code of the trial; null for what is not about one."""
    clauses: list[str]
    core: list[str]
    """A minimal set of other clauses that it rests on."""
    cohorts: list[str]
    """The cohorts it is about; empty for all."""
    part: str | None
    """The part of the clause that it is about, as it is written."""
    text: str
    basis: Basis | None
    """What the proof rests on: the theory alone, or plausible ranges as well; null where nothing is proved."""
    places: list[PlaceShape]
    witness: dict[str, Any] | None
    """The record of a patient who shows it."""
    acknowledged: str | None
    """The reason that the file gives for it to stay; it is not counted then."""
    fingerprint: str
    """The same on every run, whatever line it stands on."""


class CountsShape(TypedDict):
    """How many findings there are of each severity that are not acknowledged, and how many are."""

    error: int
    warning: int
    note: int
    acknowledged: int


class CheckShape(TypedDict):
    """What a consistency check found."""

    schema: Literal["trialproof/check/1"]
    engine: EngineShape
    as_of: str
    """The day of evaluation that is looked at first, `YYYY-MM-DD`: of gaps, and of what is a sign and no proof."""
    days: DaysShape
    """The days of evaluation that stand for all: what is proved holds on each of them."""
    trials: list[str]
    """The codes of the trials that were checked."""
    counts: CountsShape
    findings: list[FindingShape]


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """The codes of the trials that were checked, and what was found."""

    trials: tuple[str, ...]
    findings: tuple[Finding, ...]

    def counted(self) -> Counter[Severity]:
        """How many findings there are of each severity that are not acknowledged."""
        return Counter(finding.severity for finding in self.findings if finding.acknowledged is None)

    def worst(self, severity: Severity) -> bool:
        """Whether a finding that is not acknowledged is of this severity, or of one above it."""
        counts = self.counted()
        return any(counts[each] for each in SEVERITIES[: SEVERITIES.index(severity) + 1])


def check_document(answer: CheckAnswer, library: Library) -> CheckShape:
    """The answer as JSON values."""
    counts = answer.counted()
    return {
        "schema": SCHEMA,
        "engine": {"version": __version__, "solver": SOLVER, "encodings": library.digest},
        "as_of": format_day(REFERENCE_DAY.toordinal()),
        "days": days_shape(),
        "trials": list(answer.trials),
        "counts": {
            "error": counts["error"],
            "warning": counts["warning"],
            "note": counts["note"],
            "acknowledged": len(answer.findings) - sum(counts.values()),
        },
        "findings": [_finding(finding, library) for finding in answer.findings],
    }


def check_json(answer: CheckAnswer, library: Library) -> str:
    """The answer as one line of JSON, without the line's end."""
    return json.dumps(check_document(answer, library), ensure_ascii=False, separators=(",", ":"))


def _finding(finding: Finding, library: Library) -> FindingShape:
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "trial": finding.trial,
        "clauses": list(finding.clauses),
        "core": list(finding.core),
        "cohorts": list(finding.cohorts),
        "part": finding.part,
        "text": finding.text,
        "basis": finding.basis,
        "places": places(finding),
        "witness": None if finding.witness is None else record_document(finding.witness, library),
        "acknowledged": finding.acknowledged,
        "fingerprint": finding.fingerprint,
    }


def places(finding: Finding) -> list[PlaceShape]:
    """The places of a finding, each with the clause that stands there."""
    found: Sequence[PlaceShape] = [
        {
            "clause": clause,
            "file": location.file,
            "line": location.place.line,
            "column": location.place.column,
            "end_line": location.place.end_line,
            "end_column": location.place.end_column,
        }
        for clause, location in zip_longest(finding.mentioned, finding.locations)
    ]
    return list(found)
