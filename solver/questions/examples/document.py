"""The JSON of `match examples`, schema `trialproof/examples/1`, and of `--verify`; the first is read back as well."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from typing_extensions import TypedDict

from solver.engine.answer import Subsets, Verdict
from solver.errors import InputError
from solver.language.calendar import format_day
from solver.library.models import Library
from solver.patient.readers.native.json_text import display_name, parsed, read_bytes
from solver.patient.readers.native.read import record_from
from solver.patient.write import record_document
from solver.questions.examples.ask import Example, Judged, Reason, Sheet, Unshown
from solver.questions.examples.saved_sheet import Rechecked, Saved, Standing
from solver.questions.match.document import EngineShape
from solver.smt import SOLVER
from solver.version import __version__

SCHEMA: Literal["trialproof/examples/1"] = "trialproof/examples/1"
VERIFY_SCHEMA: Literal["trialproof/examples-verify/1"] = "trialproof/examples-verify/1"


class StandingShape(TypedDict):
    """How a patient stands for the trial and for one of its cohorts."""

    verdict: Verdict
    """The verdict on the trial."""
    conflicts: list[list[str]]
    cohort_verdict: Verdict | None
    """The verdict on the cohort of the example; null if the trial has no such cohort."""
    cohort_conflicts: list[list[str]]


class PatientShape(StandingShape):
    """A patient of a sheet."""

    record: dict[str, Any]
    """A record, as `match` reads it from a file."""


class StartShape(TypedDict):
    """The starting patient of a cohort, like whom every other patient is but for a few facts."""

    cohort: str
    label: str
    patient: PatientShape | None
    """Null if nobody can enter the cohort, or the solver gave up."""
    undecided: bool
    """Whether the solver gave up."""


class ExampleShape(TypedDict):
    """Patients who differ in `changes` alone: those who are ineligible for the cohort are so by this clause and by no other."""

    clause: str
    label: str
    source: str
    logic: str
    """The clause as the trial's file has it."""
    cohort: str
    changes: list[str]
    """The variables in which the patients differ: one, unless one is not enough."""
    setup: list[str]
    """The other variables of which they say something else than the starting patient of the cohort."""
    patients: list[PatientShape]


class UnshownShape(TypedDict):
    """A clause that is never the only reason why a patient is ineligible."""

    clause: str
    cohort: str
    why: Reason
    """Nobody fails it; whoever fails it also fails one of `others`; or the solver gave up."""
    others: list[str]


class ExamplesShape(TypedDict):
    """The examples of one trial."""

    schema: Literal["trialproof/examples/1"]
    engine: EngineShape
    trial: str
    code: str
    title: str
    as_of: str
    """The day of evaluation of every patient, `YYYY-MM-DD`."""
    starts: list[StartShape]
    examples: list[ExampleShape]
    unshown: list[UnshownShape]


class RecheckedShape(TypedDict):
    """A patient who stands otherwise than the sheet says."""

    patient: str
    clause: str | None
    """The clause of the example; null for a starting patient."""
    cohort: str
    saved: StandingShape
    now: StandingShape


class VerifyExamplesShape(TypedDict):
    """A saved sheet against the present encodings."""

    schema: Literal["trialproof/examples-verify/1"]
    engine: EngineShape
    code: str
    saved_encodings: str
    """The digest of the encodings that the sheet was written from."""
    patients: int
    hold: int
    differ: list[RecheckedShape]


def examples_document(sheet: Sheet, library: Library) -> ExamplesShape:
    """The sheet as JSON values."""
    trial = sheet.trial
    return {
        "schema": SCHEMA,
        "engine": _engine(sheet.encodings),
        "trial": trial.nct,
        "code": trial.code,
        "title": trial.title,
        "as_of": format_day(sheet.as_of),
        "starts": [
            {
                "cohort": cohort,
                "label": trial.cohorts[cohort],
                "patient": _patient(start, library) if start else None,
                "undecided": cohort in sheet.undecided,
            }
            for cohort, start in sheet.starts.items()
        ],
        "examples": [_example(example, sheet, library) for example in sheet.examples],
        "unshown": [_unshown(each) for each in sheet.unshown],
    }


def examples_json(sheet: Sheet, library: Library) -> str:
    """The sheet as JSON, a line for each patient."""
    document = examples_document(sheet, library)
    lines = []
    for key, value in document.items():
        if key in ("starts", "examples", "unshown") and isinstance(value, list):
            parts = ",\n".join(f"  {_written(part)}" for part in value)
            lines.append(f"{_written(key)}: [\n{parts}\n ]" if parts else f"{_written(key)}: []")
        else:
            lines.append(f"{_written(key)}: {_written(value)}")
    return "{" + ",\n ".join(lines) + "}"


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def verify_json(sheet: SavedSheet, found: Sequence[Rechecked], encodings: str) -> str:
    """What came of a saved sheet, as one line of JSON."""
    document: VerifyExamplesShape = {
        "schema": VERIFY_SCHEMA,
        "engine": _engine(encodings),
        "code": sheet.code,
        "saved_encodings": sheet.encodings,
        "patients": len(found),
        "hold": sum(each.holds for each in found),
        "differ": [
            {
                "patient": each.saved.record.id,
                "clause": each.saved.clause,
                "cohort": each.saved.cohort,
                "saved": _standing(each.saved.standing),
                "now": _standing(each.now),
            }
            for each in found
            if not each.holds
        ],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _engine(encodings: str) -> EngineShape:
    return {"version": __version__, "solver": SOLVER, "encodings": encodings}


def clause_logic(sheet: Sheet, clause: str, cohort: str) -> str:
    """The text of a clause as the trial's file has it for a cohort."""
    found = next(each for each in sheet.trial.clauses if each.id == clause)
    return found.logic.get(cohort) or found.logic.get("", "")


def _example(example: Example, sheet: Sheet, library: Library) -> ExampleShape:
    clause = next(each for each in sheet.trial.clauses if each.id == example.clause)
    return {
        "clause": clause.id,
        "label": clause.label,
        "source": clause.source,
        "logic": clause_logic(sheet, clause.id, example.cohort),
        "cohort": example.cohort,
        "changes": list(example.changes),
        "setup": list(example.setup),
        "patients": [_patient(each, library) for each in example.patients],
    }


def _unshown(unshown: Unshown) -> UnshownShape:
    return {
        "clause": unshown.clause,
        "cohort": unshown.cohort,
        "why": unshown.why,
        "others": list(unshown.others),
    }


def _patient(patient: Judged, library: Library) -> PatientShape:
    return {"record": record_document(patient.record, library), **_standing(patient.standing)}


def _standing(standing: Standing) -> StandingShape:
    return {
        "verdict": standing.verdict,
        "conflicts": _lists(standing.conflicts),
        "cohort_verdict": standing.cohort_verdict,
        "cohort_conflicts": _lists(standing.cohort_conflicts),
    }


def _lists(subsets: Subsets) -> list[list[str]]:
    return [list(subset) for subset in subsets]


class SavedSheet:
    """A sheet read from its file: of which trial, from which encodings, and its patients."""

    def __init__(self, path: str) -> None:
        self.name = display_name(path)
        content = parsed(read_bytes(path), self.name)
        self._content: Mapping[str, Any] = content if isinstance(content, dict) else {}
        if self._content.get("schema") != SCHEMA:
            raise self._wrong("schema", f"is no '{SCHEMA}'")
        self.code = self._text(self._content, "code", "")
        self.encodings = self._text(self._entry(self._content, "engine", dict, ""), "encodings", "engine")

    def patients(self, library: Library) -> list[Saved]:
        """The patients, read in the words of a library. Raises `InputError`."""
        found = []
        for where, part in self._parts("starts"):
            if part.get("patient") is not None:
                patient = self._entry(part, "patient", dict, where)
                found.append(self._saved(patient, None, part, f"{where}.patient", library))
        for where, part in self._parts("examples"):
            clause = self._text(part, "clause", where)
            for i, patient in enumerate(self._entry(part, "patients", list, where)):
                found.append(self._saved(patient, clause, part, f"{where}.patients[{i}]", library))
        return found

    def _parts(self, key: str) -> list[tuple[str, Mapping[str, Any]]]:
        parts = self._entry(self._content, key, list, "")
        for i, part in enumerate(parts):
            if not isinstance(part, dict):
                raise self._wrong(f"{key}[{i}]", "is no object")
        return [(f"{key}[{i}]", part) for i, part in enumerate(parts)]

    def _saved(
        self, patient: Any, clause: str | None, part: Mapping[str, Any], where: str, library: Library
    ) -> Saved:
        if not isinstance(patient, dict):
            raise self._wrong(where, "is no object")
        record = record_from(
            self._entry(patient, "record", dict, where), library, name=f"{self.name}: {where}.record"
        )
        standing = Standing(
            self._text(patient, "verdict", where),  # type: ignore[arg-type]
            self._subsets(patient, "conflicts", where),
            self._text(patient, "cohort_verdict", where),  # type: ignore[arg-type]
            self._subsets(patient, "cohort_conflicts", where),
        )
        return Saved(record, clause, self._text(part, "cohort", where), standing)

    def _subsets(self, entries: Mapping[str, Any], key: str, where: str) -> Subsets:
        found = self._entry(entries, key, list, where)
        if not all(isinstance(each, list) and all(isinstance(name, str) for name in each) for each in found):
            raise self._wrong(f"{where}.{key}", "is no list of lists of clauses")
        return tuple(tuple(each) for each in found)

    def _text(self, entries: Mapping[str, Any], key: str, where: str) -> str:
        found: str = self._entry(entries, key, str, where)
        return found

    def _entry(self, entries: Mapping[str, Any], key: str, kind: type, where: str) -> Any:
        found = entries.get(key)
        if not isinstance(found, kind):
            wanted = {"dict": "an object", "list": "a list", "str": "a text"}[kind.__name__]
            raise self._wrong(f"{where}.{key}".lstrip("."), f"is missing, or not {wanted}")
        return found

    def _wrong(self, where: str, what: str) -> InputError:
        remedy = "write the sheet with match examples TRIAL --format json -o FILE"
        return InputError(f"{self.name}: {where} {what}: {remedy}")
