"""Exports of invented patients, written as the readers of formats write them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any, overload

from solver.library.models import Library
from solver.patient.account import Account, ResourcePlace
from solver.patient.readers.foreign.document import document_text
from solver.patient.readers.foreign.door import VARIABLE
from solver.patient.readers.foreign.interpret import ForeignRecord, ReadingSettings, interpret
from solver.patient.readers.foreign.statements import (
    Amount,
    ClinicalStatus,
    CodedText,
    Coding,
    CompleteList,
    ConditionStatement,
    Export,
    PossibleDays,
    ResultStatement,
    ResultValue,
    SourceStatement,
)
from solver.patient.readers.native.dates import parse_date
from solver.patient.readers.native.read import record_from
from solver.patient.record import Record

AS_OF = "2026-11-20"
LOINC = "http://loinc.org"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
NumberInUnit = tuple[str, str]


def day_number(day: str) -> int:
    """The day number of an ISO date."""
    return date.fromisoformat(day).toordinal()


@overload
def days(written: str) -> PossibleDays: ...
@overload
def days(written: None) -> None: ...
@overload
def days(written: str | None) -> PossibleDays | None: ...
def days(written: str | None) -> PossibleDays | None:
    """The days that a full or partial date means; None for none."""
    if written is None:
        return None
    meant = parse_date(written)
    return PossibleDays(int(meant.low), int(meant.high), written)


def result(
    code: str,
    value: ResultValue | NumberInUnit | None,
    day: str | None = "2026-11-18",
    *,
    at: int = 1,
    system: str = LOINC,
    unconfirmed: str | None = None,
    components: Sequence[ResultStatement] = (),
    instant: str | None = None,
) -> ResultStatement:
    """A result; a number with its unit in UCUM may stand as two texts."""
    place = ResourcePlace(f"entry[{at}]", "Observation", f"o{at}")
    if isinstance(value, tuple):
        value = Amount(value[0], unit=value[1], code=value[1])
    return ResultStatement(
        place,
        CodedText((Coding(system, code),)),
        value,
        None if day is None else days(day),
        unconfirmed,
        tuple(components),
        instant=instant,
    )


def stated(
    name: str, value: ResultValue | NumberInUnit, day: str | None = "2026-11-18", *, at: int = 1
) -> ResultStatement:
    """What a form says of a variable."""
    return result(name, value, day, at=at, system=VARIABLE)


def condition(
    code: str,
    status: ClinicalStatus | None = "active",
    *,
    system: str = ICD10CM,
    onset: str | None = None,
    unconfirmed: str | None = None,
    at: int = 1,
) -> ConditionStatement:
    """A condition that is confirmed, unless it says why not."""
    return ConditionStatement(
        ResourcePlace(f"entry[{at}]", "Condition", f"c{at}"),
        CodedText((Coding(system, code),)),
        status,
        None if onset is None else days(onset),
        confirmed=unconfirmed is None,
        unconfirmed=unconfirmed,
    )


def read_export(
    library: Library,
    *statements: SourceStatement,
    complete: Sequence[CompleteList] = (),
    settings: ReadingSettings | None = None,
) -> ForeignRecord:
    """What an export of these statements comes to, on 2026-11-20."""
    return interpreted(library, Export(list(statements), list(complete)), settings)


def interpreted(library: Library, export: Export, settings: ReadingSettings | None = None) -> ForeignRecord:
    """What an export comes to, on 2026-11-20."""
    account = Account("fhir-r4")
    for each in export.statements:
        account.row(each.place)
    for closed in export.complete:
        if closed.place is not None:
            account.row(closed.place)
    settings = settings or ReadingSettings("record")
    return interpret(export, account, library, as_of=day_number(AS_OF), settings=settings)


def record_of(found: ForeignRecord, library: Library) -> Record:
    """The record that the native reader makes of the document."""
    return record_from(found.document, library)


def outcomes(found: ForeignRecord) -> dict[str, str | None]:
    """What became of each resource, by its place."""
    return {at: row.outcome for at, row in found.account.rows.items()}


def facts_of(found: ForeignRecord) -> dict[str, dict[str, Any]]:
    """The facts of the document with plain numbers, all that happened included."""
    facts = json.loads(document_text(found.document))["facts"]
    assert isinstance(facts, dict)
    return facts
