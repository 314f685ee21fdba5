"""What the server answers with: the library, an engine for each set of policies, and the reading of records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from threading import Lock
from typing import Any

from solver.dataclass import dataclass
from solver.engine.case import Engine
from solver.engine.conversion.read_export import read_export
from solver.errors import InputError
from solver.library.choice import choose_policies, choose_trials
from solver.library.models import Library, Variable
from solver.patient.changes import changed_from, with_first_dose
from solver.patient.readers.formats import PatientEntry, entries_of_content
from solver.patient.readers.native.json_text import written_json
from solver.patient.readers.native.read import read_context, record_from
from solver.patient.record import Context, Record
from solver.work import DEFAULT_BUDGET, Budget

CHANGE = Budget(steps=1_000_000, seconds=2.0, work=400_000)
"""The work that a change may take: about 300 ms."""

OPENED = Budget(steps=5_000_000, seconds=10.0, work=1_500_000)
"""The work that each question may take on the page of a trial."""

RECORD, ANSWER = "record", "answer"
"""What messages call the record of a visit, and what is told of it."""

_MOST_ENGINES = 16
"""How many sets of policies an engine is kept for."""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question about one record."""

    engine: Engine
    record: Record
    trials: list[str] | None


@dataclass(frozen=True, slots=True)
class ReadPatient:
    """A record as it was read, with the native document that says the same."""

    record: Record
    document: dict[str, Any]


@dataclass(slots=True)
class Desk:
    """What does not depend on the patient: the library, the policies and the context of the site."""

    library: Library
    policies: tuple[str, ...] = ()
    context: Context | None = None
    _engines: dict[tuple[tuple[str, ...], Budget], Engine] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @property
    def site(self) -> str | None:
        """What the site is called, where there is one."""
        return self.library.site.name if self.library.site is not None else None

    @property
    def quick(self) -> Engine:
        """What answers a change: it shows the verdicts it has, where it takes longer than somebody who types will wait."""
        return self.engine_under(self.policies, CHANGE)

    @property
    def patient(self) -> Engine:
        """What answers for a page that somebody opens, and waits for."""
        return self.engine_under(self.policies, OPENED)

    def engine_under(self, policies: tuple[str, ...], budget: Budget = DEFAULT_BUDGET) -> Engine:
        """An engine with these policies; the same each time, so that it remembers what it found."""
        key = policies, budget
        with self._lock:
            if key not in self._engines:
                if len(self._engines) >= _MOST_ENGINES:
                    self._engines.pop(next(iter(self._engines)))
                self._engines[key] = Engine(self.library, budget=budget, assume=policies)
            return self._engines[key]

    def asked(
        self,
        value: object,
        *,
        trials: Iterable[str] | None = None,
        assume: Iterable[str] | None = None,
        context: Mapping[str, object] | None = None,
        as_of: str | None = None,
        first_dose: str | None = None,
    ) -> AskedQuestion:
        """The question about a record that a program sends; raises `InputError`."""
        chosen = None if trials is None else choose_trials(self.library, trials, "trials")
        policies = self.policies if assume is None else choose_policies(self.library, list(assume), "assume")
        given = self.context if context is None else self._context_over(context)
        entry = PatientEntry("record", value)
        if _may_be_export(value):
            found = list(entries_of_content(written_json(value).encode("utf-8", "surrogatepass"), "record"))
            entry = found[0] if found and found[0].export is not None else entry
        record = self.read(entry, as_of=as_of, context=given).record
        if first_dose is not None:
            record = with_first_dose(record, self.library, first_dose, name="record")
        return AskedQuestion(self.engine_under(policies), record, chosen)

    def _context_over(self, given: object) -> Context:
        return read_context(given, self.library, name="context", over=self.context)  # type: ignore[arg-type]

    def read_file(self, content: bytes, name: str, as_of: str | None = None) -> ReadPatient:
        """The only patient of a file; raises `InputError` if it holds more, or none that can be read."""
        entries = entries_of_content(content, name)
        entry = next(entries, None)
        if entry is None or next(entries, None) is not None:
            raise InputError(f"{name}: is not the only record of its file: give a file with one record")
        if entry.error is not None:
            raise entry.error
        own = isinstance(entry.value, dict) and entry.value.get("as_of") is not None
        return self.read(entry, as_of=None if own else as_of)

    def read(
        self, entry: PatientEntry, *, as_of: str | None = None, context: Context | None = None
    ) -> ReadPatient:
        """The record of an entry; raises `InputError`."""
        context = context or self.context
        if entry.export is not None:
            converted = read_export(entry, self.library, as_of=as_of, context=context)
            return ReadPatient(converted.record, converted.document)
        record = record_from(entry.value, self.library, name=entry.name, as_of=as_of, context=context)
        assert isinstance(entry.value, dict)
        document = {**entry.value, "id": record.id}
        return ReadPatient(record, document if as_of is None else {**document, "as_of": as_of})

    def reread(self, document: Mapping[str, Any], terms: Mapping[str, str] | None = None) -> Record:
        """The record that a document of a visit says now, with what was answered of terms, by name; raises `InputError`."""
        if not terms:
            return record_from(dict(document), self.library, name=RECORD, context=self.context)
        told = [f"{name}={text}" for name, text in terms.items()]
        return changed_from(
            dict(document), self.library, told, name=RECORD, context=self.context, where=ANSWER
        ).after

    def asks(self, name: str) -> Variable | None:
        """What a question is about: a variable, or what trials ask of concepts."""
        return self.library.variables.get(name) or self.library.terms.get(name)


def _may_be_export(value: object) -> bool:
    return (
        isinstance(value, dict) and "facts" not in value and ("resourceType" in value or "metaData" in value)
    )
