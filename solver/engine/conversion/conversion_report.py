"""What was made of an export: the facts that follow from its record, each with where it came from, and the account of its resources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from math import inf

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
from solver.engine.problem import widest
from solver.language.calendar import format_day
from solver.language.domain import Domain, Interval
from solver.library.models import Library, Variable
from solver.patient.account import AccountRow, ConflictRow
from solver.patient.readers.foreign.gathered import FactSource
from solver.patient.readers.native.json_text import plain_json
from solver.patient.record import Fact, Record
from solver.patient.write import fact_document

_NATIVE = "native"
_CONDITIONS = "conditions"
_ORIGIN = ("date", "source")


def convert_report(library: Library, converted: ConvertedRecord) -> ConvertReport:
    """The report of an export that was read."""
    record, foreign = converted.record, converted.foreign
    account = foreign.account
    rows = list(account.rows.values())
    facts = _Facts(library, record, converted.sources, converted.drug_places).all(
        converted.document, account.conflicts
    )
    for fact in facts:
        for origin in fact.origins:
            if account.rows[origin.at].outcome == "used":
                account.rows[origin.at].variables |= {fact.variable}
    report = ConvertReport(
        patient=record.id,
        as_of=format_day(record.as_of),
        input=ConvertedInput(account.format, len(rows), account.patients),
        counts=dict(sorted(Counter(str(row.outcome) for row in rows).items())),
        complete=tuple(account.complete),
        facts=facts,
        stale=tuple(account.stale),
        conflicts=tuple(account.conflicts),
        unconfirmed=tuple(account.unconfirmed),
        unknown_codes=tuple(
            UnknownCode(system, code, count) for (system, code), count in account.unknown_codes.most_common()
        ),
        windows=dict(sorted(library.codes.tables.site_windows.items())),
        resources=tuple(map(_resource, rows)),
    )
    return _without_ids(report) if converted.no_ids else report


def _without_ids(report: ConvertReport) -> ConvertReport:
    """The report that names resources by their place alone."""
    facts = (
        replace(fact, origins=tuple(replace(origin, id=None) for origin in fact.origins))
        for fact in report.facts
    )
    resources = tuple(replace(each, id=None) for each in report.resources)
    return replace(report, facts=tuple(facts), resources=resources)


def native_report(library: Library, record: Record, document: Mapping[str, object]) -> ConvertReport:
    """The report of a native record, which has no resources to account for."""
    return ConvertReport(
        patient=record.id,
        as_of=format_day(record.as_of),
        input=ConvertedInput(_NATIVE, 0, 1),
        counts={},
        complete=(),
        facts=_Facts(library, record, lambda _: ()).all(document),
        stale=(),
        conflicts=(),
        unconfirmed=(),
        unknown_codes=(),
        windows={},
        resources=(),
    )


def _resource(row: AccountRow) -> ConvertedResource:
    assert row.outcome is not None
    # what forbids it to count may be noted again as what leaves something in doubt
    reasons = dict.fromkeys(reason for each in row.reasons.values() for reason in each)
    return ConvertedResource(
        row.place.at,
        row.place.type,
        row.place.id,
        row.outcome,
        tuple(sorted(row.variables)),
        "; ".join(reasons) or None,
    )


class _Facts:
    """Every variable that follows, by name: what a record states, and what its events come to."""

    def __init__(
        self,
        library: Library,
        record: Record,
        sources: Callable[[str], Sequence[FactSource]],
        drug_places: frozenset[str] = frozenset(),
    ) -> None:
        self.library, self.record, self.drug_places = library, record, drug_places
        self._sources = sources
        self._events = {each.name: each for each in record.events}

    def all(
        self, document: Mapping[str, object], conflicts: Iterable[ConflictRow] = ()
    ) -> tuple[ConvertedFact, ...]:
        """The facts of a document and what follows from its events; what conflicts leave open is told as well."""
        stated = document["facts"]
        assert isinstance(stated, dict)
        found = {
            name: self._stated(name, fact) for name, fact in stated.items() if name in self.library.variables
        }
        for name, domain in following_facts(self.library, self.record).items():
            told = list(told_by(self.library, self.record, name))
            if told:  # else another variable tells, whose row says it
                found[name] = self._following(name, domain, told)
        tests = {each.name for each in self.record.findings}
        for name in {each.variable for each in conflicts} & self.library.variables.keys() - found.keys():
            told = [each for each in told_by(self.library, self.record, name) if each in tests]
            if told:
                every = widest(self.library.variables[name], self.record.as_of)
                found[name] = self._following(name, every, told)
        for name, variable in self.library.variables.items():
            drugs = self._drugs(variable)
            if drugs and name not in found:
                names = sorted(dict.fromkeys(self._events[each].written for each in drugs))
                found[name] = self._fact(name, {"value": names}, drugs)
        return tuple(found[name] for name in sorted(found))

    def _stated(self, name: str, fact: object) -> ConvertedFact:
        if not isinstance(fact, dict):
            return ConvertedFact(name, {"value": fact}, None, ())
        written = {key: plain_json(value) for key, value in fact.items() if key not in _ORIGIN}
        return ConvertedFact(name, written, fact.get("date"), _origins(self._sources(name)))

    def _following(self, name: str, domain: Domain, told: Sequence[str]) -> ConvertedFact:
        variable = self.library.variables[name]
        every = widest(variable, self.record.as_of)
        if isinstance(domain, Interval) and isinstance(every, Interval) and domain.high == every.high:
            domain = domain._replace(high=inf)
        written = fact_document(Fact(name, domain, ""), variable)
        fact = dict(written) if isinstance(written, dict) else {"value": written}
        found = self._fact(name, fact, told)
        # that no condition goes on is said by the list that is complete; those that are over only do not contradict it
        events = [self._events[each] for each in told if each in self._events]
        by_list = domain == variable.absence and all(each.list == _CONDITIONS for each in events)
        return replace(found, date=None) if by_list else found

    def _drugs(self, variable: Variable) -> list[str]:
        """The events of drugs that a list of names stands for."""
        means = variable.means
        if means is None or not means.list:
            return []
        places = ((each, {source.place.at for source in self._sources(each)}) for each in self._events)
        return [
            name
            for name, at in places
            if self._events[name].list == means.list and not at.isdisjoint(self.drug_places)
        ]

    def _fact(self, name: str, fact: dict[str, object], told: Iterable[str]) -> ConvertedFact:
        origins = [origin for each in told for origin in self._origins_of(each)]
        latest = max((each.date for each in origins if each.date), default=None)
        return ConvertedFact(name, fact, latest, tuple(dict.fromkeys(origins)))

    def _origins_of(self, name: str) -> tuple[FactOrigin, ...]:
        """The origins of an entry, of the day on which it ended where that is known."""
        end = self._events[name].document.get("end") if name in self._events else None
        origins = _origins(self._sources(name))
        return tuple(replace(each, date=str(end)) for each in origins) if end is not None else origins


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
