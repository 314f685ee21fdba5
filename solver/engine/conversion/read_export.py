"""A patient's export becomes a record: read, interpreted, read again as a native record, and without what newer facts contradict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from solver.dataclass import dataclass
from solver.engine.conversion.older_facts import OlderFact, set_aside
from solver.errors import InputError
from solver.language.calendar import EARLIEST_AS_OF, format_day
from solver.library.models import Library
from solver.patient.account import Account, ConflictRow
from solver.patient.readers.foreign.gathered import FactSource
from solver.patient.readers.foreign.interpret import ForeignRecord, ReadingSettings, interpret
from solver.patient.readers.foreign.statements import DrugStatement, Export
from solver.patient.readers.formats import Format, PatientEntry
from solver.patient.readers.native.dates import NotADateError, parse_date
from solver.patient.readers.native.read import record_from
from solver.patient.record import Context, Record

_ARTICLES: Mapping[Format, str] = {
    "FHIR bundle": "a FHIR bundle",
    "Phenopacket": "a Phenopacket",
    "OMOP database": "an OMOP database",
}


@dataclass(frozen=True, slots=True)
class ConvertedRecord:
    """What an export comes to: the record, the native document of it, and how it was read.

    `drug_places` are the places of the resources that tell of drugs. With `no_ids` they are named by their places alone.
    """

    record: Record
    document: dict[str, object]
    foreign: ForeignRecord
    drug_places: frozenset[str]
    no_ids: bool = False

    def sources(self, name: str) -> tuple[FactSource, ...]:
        """Where a fact, or an entry such as `therapies[0]`, comes from."""
        return tuple(self.foreign.origins.get(name, ()))


def read_export(
    entry: PatientEntry,
    library: Library,
    *,
    as_of: str | date | None,
    settings: ReadingSettings | None = None,
    context: Context | None = None,
    lenient: bool = False,
) -> ConvertedRecord:
    """The record of one patient's export on a day.

    What is older and contradicts what is newer is left out, and told. Raises `InputError` with one line if no day is given, or the source
    holds no patient.
    """
    export = entry.export
    assert export is not None
    day = _evaluation_day(entry, as_of)
    settings = settings or ReadingSettings()
    settings = settings if settings.record_id else replace(settings, record_id=export.stem)
    if settings.facts:  # what is wrong with these is told with their own name
        added = {**settings.facts, "as_of": format_day(day)}
        record_from(added, library, name=settings.facts_name or entry.name, lenient=lenient)
    statements, account = export.read(library, day)
    return converted_record(
        statements, account, library, day, entry.name, settings=settings, context=context, lenient=lenient
    )


def converted_record(
    statements: Export,
    account: Account,
    library: Library,
    day: int,
    name: str,
    *,
    settings: ReadingSettings,
    context: Context | None = None,
    lenient: bool = False,
) -> ConvertedRecord:
    """What the statements of one patient's export come to on a day; `name` is what messages call it."""
    foreign = interpret(statements, account, library, as_of=day, settings=settings)
    record = record_from(foreign.document, library, name=name, context=context, lenient=lenient)
    record, older = set_aside(library, record, foreign.days)
    for each in older:
        _tell_older(each, foreign)
    warnings = [*foreign.warnings, *map(_older_warning, older)]
    record = replace(record, warnings=(*warnings, *record.warnings))
    left_out = {each.variable for each in older}
    facts = foreign.document["facts"]
    assert isinstance(facts, dict)
    kept = {name: fact for name, fact in facts.items() if name not in left_out}
    drugs = frozenset(each.place.at for each in statements.statements if isinstance(each, DrugStatement))
    return ConvertedRecord(record, {**foreign.document, "facts": kept}, foreign, drugs, settings.no_ids)


def _evaluation_day(entry: PatientEntry, as_of: str | date | None) -> int:
    assert entry.export is not None
    if as_of is None:
        kind = _ARTICLES[entry.export.format]
        raise InputError(f"{entry.name}: {kind} has no day of evaluation: give --as-of YYYY-MM-DD")
    try:
        text = as_of.isoformat() if isinstance(as_of, date) else as_of
        day = int(parse_date(text, partial=False).low)
    except NotADateError as error:
        raise InputError(f"{entry.name}: --as-of: {error}") from None
    if day < EARLIEST_AS_OF:
        raise InputError(
            f"{entry.name}: --as-of: {format_day(day)} is too early: the day of evaluation is {format_day(EARLIEST_AS_OF)} or later"
        )
    return day


def _older_words(older: OlderFact) -> str:
    newer = " and ".join(older.newer)
    return f"{older.variable} of {format_day(older.day)} contradicts {newer}, the latest of {format_day(older.newest_day)}"


def _older_warning(older: OlderFact) -> tuple[str, str | None, str]:
    return "other-day", older.variable, f"{_older_words(older)}: the older result is left out"


def _tell_older(older: OlderFact, foreign: ForeignRecord) -> None:
    """Note in the account what gave way, at each resource that it came from."""
    account, text = foreign.account, _older_words(older)
    rows = [account.rows[source.place.at] for source in foreign.origins.get(older.variable, ())]
    beside = [source.place.at for name in older.newer for source in foreign.origins.get(name, ())]
    for row in rows:
        row.variables -= {older.variable}
        if not row.variables:
            row.outcome = None
        account.note(row.place, "conflict", text)
    at = tuple(dict.fromkeys([*(row.place.at for row in rows), *beside]))
    account.conflicts.append(ConflictRow(older.variable, "other-day", at, text))
