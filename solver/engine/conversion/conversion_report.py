"""What was made of an export: the facts that follow from its record, each with where it came from, and the account of its resources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from solver.engine.conversion.following_facts import following_facts, told_by
from solver.engine.conversion.read_export import ConvertedRecord
from solver.engine.conversion.report_answer import (
    ConvertedFact,
    ConvertedInput,
    ConvertedResource,
    ConvertReport,
    FactOrigin,
    UnknownCode,
)
from solver.language.calendar import format_day
from solver.language.types import ListType
from solver.library.models import Library
from solver.patient.account import AccountRow
from solver.patient.readers.foreign.gathered import FactSource
from solver.patient.record import Fact, Record
from solver.patient.write import fact_document

_NATIVE = "native"


def convert_report(library: Library, converted: ConvertedRecord) -> ConvertReport:
    """The report of an export that was read."""
    record, foreign = converted.record, converted.foreign
    account = foreign.account
    rows = list(account.rows.values())
    return ConvertReport(
        patient=record.id,
        as_of=format_day(record.as_of),
        input=ConvertedInput(account.format, len(rows), account.patients),
        counts=dict(sorted(Counter(str(row.outcome) for row in rows).items())),
        complete=tuple(account.complete),
        facts=tuple(_facts(library, record, converted.document, converted.sources)),
        stale=tuple(account.stale),
        conflicts=tuple(account.conflicts),
        unconfirmed=tuple(account.unconfirmed),
        unknown_codes=tuple(
            UnknownCode(system, code, count) for (system, code), count in account.unknown_codes.most_common()
        ),
        windows={},
        resources=tuple(map(_resource, rows)),
    )


def native_report(library: Library, record: Record, document: Mapping[str, object]) -> ConvertReport:
    """The report of a native record, which has no resources to account for."""
    return ConvertReport(
        patient=record.id,
        as_of=format_day(record.as_of),
        input=ConvertedInput(_NATIVE, 0, 1),
        counts={},
        complete=(),
        facts=tuple(_facts(library, record, document, lambda _: ())),
        stale=(),
        conflicts=(),
        unconfirmed=(),
        unknown_codes=(),
        windows={},
        resources=(),
    )


def _resource(row: AccountRow) -> ConvertedResource:
    assert row.outcome is not None
    reasons = [reason for each in row.reasons.values() for reason in each]
    return ConvertedResource(
        row.place.at,
        row.place.type,
        row.place.id,
        row.outcome,
        tuple(sorted(row.variables)),
        "; ".join(reasons) or None,
    )


def _facts(
    library: Library,
    record: Record,
    document: Mapping[str, object],
    sources: Callable[[str], Sequence[FactSource]],
) -> list[ConvertedFact]:
    """Every variable that follows, by name: what the record states, and what its events come to."""
    stated = document["facts"]
    assert isinstance(stated, dict)
    found: dict[str, ConvertedFact] = {}
    for name, fact in stated.items():
        if name in library.variables:
            plain = _without_origin(fact)
            found[name] = ConvertedFact(name, plain, _latest(fact), _origins(sources(name)))
    for name, domain in following_facts(library, record).items():
        said = [source for each in told_by(library, record, name) for source in sources(each)]
        written = fact_document(Fact(name, domain, ""), library.variables[name])
        origins = _origins(said)
        found[name] = ConvertedFact(name, _without_origin(written), _latest_of(origins), origins)
    for name, variable in library.variables.items():
        if variable.means is not None and variable.means.list and isinstance(variable.type, ListType):
            listed = [each for each in record.events if each.list == variable.means.list]
            if name not in found and listed:
                said = [source for each in listed for source in sources(each.name)]
                origins = _origins(said)
                names = sorted(dict.fromkeys(each.written for each in listed))
                found[name] = ConvertedFact(name, {"value": names}, _latest_of(origins), origins)
    return [found[name] for name in sorted(found)]


def _without_origin(fact: object) -> dict[str, object]:
    if not isinstance(fact, dict):
        return {"value": fact}
    return {key: value for key, value in fact.items() if key not in ("date", "source")}


def _latest(fact: object) -> str | None:
    return fact.get("date") if isinstance(fact, dict) else None


def _latest_of(origins: Sequence[FactOrigin]) -> str | None:
    return max((each.date for each in origins if each.date), default=None)


def _origins(sources: Sequence[FactSource]) -> tuple[FactOrigin, ...]:
    found = []
    for each in sources:
        coding, days = each.coding, each.days
        date = None if days is None else days.written or (format_day(days.last) if days.last else None)
        found.append(
            FactOrigin(
                each.place.at,
                each.place.type,
                each.place.id,
                coding.system if coding else None,
                coding.code if coding else None,
                date,
            )
        )
    return tuple(dict.fromkeys(found))
