"""A sheet of examples read back from its JSON, and whether its patients are still judged as it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from solver.dataclass import dataclass
from solver.engine.answer import EngineVersion, Subsets, Verdict
from solver.engine.case import Engine
from solver.engine.conflicts import cohort_conflicts
from solver.errors import InputError
from solver.library.models import Library
from solver.patient.readers.native.json_text import parsed
from solver.patient.readers.native.read import record_from
from solver.patient.record import Record
from solver.questions.examples.answer import PatientVerdict, Recheck, SheetRecheck
from solver.smt import SOLVER
from solver.version import __version__

SCHEMA = "trialproof/examples/1"
_KINDS: dict[type, str] = {dict: "an object", list: "a list", str: "a text"}

Object = Mapping[str, Any]


def patient_verdict(engine: Engine, code: str, record: Record, cohort: str) -> PatientVerdict:
    """How a patient stands for a trial and one of its cohorts: the verdicts and conflicts that `match` gives, and nothing else of it."""
    opened = engine.open(record)
    if opened.consistent is not True:
        verdict: Verdict = "unresolved" if opened.consistent is None else "withheld"
        return PatientVerdict(verdict, (), verdict, ())
    trial = engine.library.trials[code]
    case = engine.case(opened, []).of(trial)
    decision = case.decision(trial)
    conflicts = case.conflicts(decision).subsets
    if cohort not in decision.cohorts:
        return PatientVerdict(decision.verdict, conflicts, None, ())
    own: Subsets = ()
    if decision.cohorts[cohort] == "ineligible":
        own = cohort_conflicts(case.problem, decision, cohort).subsets
    return PatientVerdict(decision.verdict, conflicts, decision.cohorts[cohort], own)


@dataclass(frozen=True, slots=True)
class SavedPatient:
    """A patient of a sheet: the clause that the patient is an example of, None for a starting patient, and how the patient stood."""

    record: Record
    clause: str | None
    cohort: str
    standing: PatientVerdict


class SavedSheet:
    """The sheet that the content of a file holds: of which trial, from which encodings, and its patients. Raises `InputError`."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name, found = name, parsed(content, name)
        self._content: Object = found if isinstance(found, dict) else {}
        if self._content.get("schema") != SCHEMA:
            raise self._wrong_at("schema", f"is no '{SCHEMA}'")
        self.code: str = self._entry_at(self._content, "code", str, "")
        engine = self._entry_at(self._content, "engine", dict, "")
        self.encodings: str = self._entry_at(engine, "encodings", str, "engine")

    def patients(self, library: Library) -> list[SavedPatient]:
        """The patients, read in the words of a library. Raises `InputError`."""
        found = []
        for where, part in self._parts_of("starts"):
            if part.get("patient") is not None:
                patient = self._entry_at(part, "patient", dict, where)
                found.append(self._saved_patient(patient, None, part, f"{where}.patient", library))
        for where, part in self._parts_of("examples"):
            clause = self._entry_at(part, "clause", str, where)
            for i, patient in enumerate(self._entry_at(part, "patients", list, where)):
                found.append(self._saved_patient(patient, clause, part, f"{where}.patients[{i}]", library))
        return found

    def recheck(self, engine: Engine, code: str) -> SheetRecheck:
        """How each patient stands now for the trial with a code. Raises `InputError`, and `EngineError` if an answer fails its re-check."""
        patients = self.patients(engine.library)
        now = [patient_verdict(engine, code, each.record, each.cohort) for each in patients]
        pairs = zip(patients, now, strict=True)
        found = [Recheck(p.record.id, p.clause, p.cohort, p.standing, verdict) for p, verdict in pairs]
        differ = tuple(each for each in found if not each.holds)
        version = EngineVersion(__version__, SOLVER, engine.library.digest)
        hold = len(found) - len(differ)
        return SheetRecheck(version, self.code, self.encodings, len(found), hold, differ, self.name)

    def _parts_of(self, key: str) -> Iterator[tuple[str, Object]]:
        parts = [(f"{key}[{i}]", part) for i, part in enumerate(self._entry_at(self._content, key, list, ""))]
        for where, part in parts:
            if not isinstance(part, dict):
                raise self._wrong_at(where, "is no object")
        yield from parts

    def _saved_patient(
        self, patient: Any, clause: str | None, part: Object, where: str, library: Library
    ) -> SavedPatient:
        if not isinstance(patient, dict):
            raise self._wrong_at(where, "is no object")
        record = self._entry_at(patient, "record", dict, where)
        read = record_from(record, library, name=f"{self.name}: {where}.record")
        standing = PatientVerdict(
            self._entry_at(patient, "verdict", str, where),
            self._subsets_at(patient, "conflicts", where),
            self._entry_at(patient, "cohort_verdict", str, where),
            self._subsets_at(patient, "cohort_conflicts", where),
        )
        return SavedPatient(read, clause, self._entry_at(part, "cohort", str, where), standing)

    def _subsets_at(self, entries: Object, key: str, where: str) -> Subsets:
        found = self._entry_at(entries, key, list, where)
        if not all(isinstance(each, list) and all(isinstance(name, str) for name in each) for each in found):
            raise self._wrong_at(f"{where}.{key}", "is no list of lists of clauses")
        return tuple(tuple(each) for each in found)

    def _entry_at(self, entries: Object, key: str, kind: type, where: str) -> Any:
        found = entries.get(key)
        if not isinstance(found, kind):
            raise self._wrong_at(f"{where}.{key}".lstrip("."), f"is missing, or not {_KINDS[kind]}")
        return found

    def _wrong_at(self, where: str, what: str) -> InputError:
        remedy = "write the sheet with match examples TRIAL --format json -o FILE"
        return InputError(f"{self.name}: {where} {what}: {remedy}")
