"""Tests of genes of invented patients, as readers of formats write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from solver.library.models import Library
from solver.patient.account import Account, ResourcePlace
from solver.patient.readers.foreign.gathered import Gathered, GatheredEvent
from solver.patient.readers.foreign.genetics.gather import gather_genetics
from solver.patient.readers.foreign.statements import (
    CodedText,
    Coding,
    ReportStatement,
    ResultStatement,
    ResultValue,
    SourceStatement,
)
from tests.support.formats.exports import AS_OF, LOINC, day_number, result

GENES = "http://www.genenames.org"
ANSWERS = {"present": "LA9633-4", "absent": "LA9634-2", "no call": "LA18198-4"}


def component(code: str, value: ResultValue) -> ResultStatement:
    """A component with a code of LOINC."""
    return replace(result(code, None, None), value=value)


def gene(name: str, *, system: str = GENES) -> ResultStatement:
    """The component that names a gene, by its id or as text."""
    value = CodedText((Coding(system, name),)) if name.startswith("HGNC:") else CodedText(text=name)
    return component("48018-6", value)


def coded(code: str) -> CodedText:
    """A code of LOINC."""
    return CodedText((Coding(LOINC, code),))


def protein(change: str) -> ResultStatement:
    """The component of a change of a protein."""
    return component("48005-3", change)


def dna(change: str) -> ResultStatement:
    """The component of a change of DNA."""
    return component("48004-6", change)


def change_type(text: str) -> ResultStatement:
    """The component of the type of a change."""
    return component("48019-4", CodedText((Coding("http://www.sequenceontology.org", "SO:1000044", text),)))


def variant(
    presence: str | None,
    *components: ResultStatement,
    day: str | None = "2026-10-06",
    at: int = 1,
    text: str | None = None,
    unconfirmed: str | None = None,
) -> ResultStatement:
    """An assessment of a variant; `text` is the name of the test."""
    value = coded(ANSWERS[presence]) if presence else None
    whole = result("69548-6", value, day, at=at, components=components, unconfirmed=unconfirmed)
    return replace(whole, code=CodedText(whole.code.codings, text))


def panel(*genes: str, day: str | None = "2026-10-06", at: int = 3) -> ResultStatement:
    """The genes that a report studied."""
    return result("53041-0", None, day, at=at, components=[gene(each) for each in genes])


def report(*places: str, final: bool = True, at: int = 9) -> ReportStatement:
    """A report that binds results."""
    place = ResourcePlace(f"entry[{at}]", "DiagnosticReport", f"r{at}")
    return ReportStatement(place, CodedText(), places, final)


def gathered_from(
    library: Library, *statements: SourceStatement, events: Sequence[GatheredEvent] = ()
) -> Gathered:
    """What tests of genes come to on 2026-11-20, after some events."""
    account = Account("fhir-r4")
    for each in statements:
        account.row(each.place)
    found = Gathered(account, day_number(AS_OF), events=list(events))
    gather_genetics(statements, found, library)
    return found


def findings(found: Gathered) -> list[Mapping[str, object]]:
    """The findings as a record has them, without sources."""
    return [event.document for event in found.events if event.list == "findings"]


def facts(found: Gathered) -> dict[str, Mapping[str, object]]:
    """The facts by variable."""
    return {each.variable: each.fact for each in found.candidates}


def outcome(found: Gathered, at: int = 1) -> str | None:
    """What became of one resource."""
    return found.account.rows[f"entry[{at}]"].outcome
