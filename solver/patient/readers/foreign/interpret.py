"""From what an export says to a native record and the account of it: the topics gather, the series settle, the document is written.

statements -> candidates, events, mentions -> the latest of each variable -> what complete lists deny -> the document
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import get_args

from solver.dataclass import dataclass
from solver.library.models import Library
from solver.patient.account import Account, UnconfirmedRow
from solver.patient.readers.foreign.completeness import Completeness, closed_lists, without_harmless
from solver.patient.readers.foreign.document import (
    SettledFact,
    SourceWords,
    accepted,
    in_order,
    stated_facts,
    write_document,
)
from solver.patient.readers.foreign.gathered import FactSource, Gathered, GatheredEvent
from solver.patient.readers.foreign.genetics.gather import gather_genetics
from solver.patient.readers.foreign.history.gather import gather_history
from solver.patient.readers.foreign.overruled import overrule
from solver.patient.readers.foreign.results import gather_results, note_unknown
from solver.patient.readers.foreign.series import settle_series
from solver.patient.readers.foreign.statements import CompleteList, Export, ListName, ReportStatement
from solver.patient.record import Fact, FactDays

ReadingWarning = tuple[str, str | None, str]
"""A code, the variable that is meant, and a sentence."""


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """How an export is to be read.

    `record_id` is the id of the record, which names no person; where it is empty, the caller has a name for it. `complete` are the lists
    that the caller says are complete. `facts` is a native record whose facts are added, and win. With `no_ids` sources name positions and
    no resource.
    """

    record_id: str = ""
    complete: tuple[ListName, ...] = ()
    facts: Mapping[str, object] | None = None
    no_ids: bool = False
    facts_name: str = ""
    """What the record of the added facts is called where one of them is wrong."""


@dataclass(frozen=True, slots=True)
class ForeignRecord:
    """The native record that an export comes to, as a document, with the account of its resources and what is to be told.

    `facts` are those that the document has as facts, by variable, and `sources` the resources by the words of its sources. `origins` are
    the resources behind its facts and entries, and `days` when each held, by the names that contradictions give them: a variable, or
    `therapies[0]`.
    """

    document: dict[str, object]
    account: Account
    warnings: tuple[ReadingWarning, ...]
    facts: Mapping[str, SettledFact] = field(default_factory=dict)
    sources: Mapping[str, FactSource] = field(default_factory=dict)
    origins: Mapping[str, Sequence[FactSource]] = field(default_factory=dict)
    days: Mapping[str, FactDays] = field(default_factory=dict)


def interpret(
    export: Export, account: Account, library: Library, *, as_of: int, settings: ReadingSettings
) -> ForeignRecord:
    """The record of one patient on a day; every row of the account has an outcome then."""
    gathered = Gathered(account, as_of)
    gather_results(export.statements, gathered, library)
    gather_history(export.statements, gathered, library)
    gather_genetics(export.statements, gathered, library)
    given = settings.facts or {}
    given_facts = stated_facts(given, library)
    lists = closed_lists(export, gathered, _said_complete(settings, library), no_ids=settings.no_ids)
    completeness = Completeness(lists, gathered, library)
    closing = _take_out_overruled(gathered, given_facts, completeness)
    settled = settle_series(gathered, library)
    for name in closing.keys() & settled.keys():
        if not settled[name].stated:
            settled[name] = replace(settled[name], said=(closing[name],))
    stated = {name: accepted(name, each.fact, library) for name, each in settled.items() if each.stated}
    overrule(gathered, {**stated, **given_facts}, library)
    closures = completeness.closures({**stated, **given_facts})
    settled |= {each.variable: each for each in completeness.denied({*settled, *given_facts})}
    account.complete = completeness.rows()
    words = SourceWords(library, settings.no_ids)
    events = in_order(without_harmless(gathered.events, closures, library), words)
    document = write_document(settings.record_id, as_of, settled.values(), events, closures, words, given)
    _note_unconfirmed(gathered)
    _close_account(export, gathered, library)
    named = _named_events(events)
    origins = {name: each.sources for name, each in settled.items()}
    origins |= {name: each.sources for name, each in named.items()}
    days = {name: each.days for name, each in settled.items() if each.days}
    return ForeignRecord(
        document,
        account,
        tuple(_reading_warnings(export, gathered)),
        settled,
        {words.of(source): source for sources in origins.values() for source in sources},
        origins,
        days | {name: _days_of(each) for name, each in named.items()},
    )


def _named_events(events: Sequence[GatheredEvent]) -> dict[str, GatheredEvent]:
    """Events by the names that the document gives them."""
    positions = Counter[str]()
    found = {}
    for each in events:
        found[f"{each.list}[{positions[each.list]}]"] = each
        positions[each.list] += 1
    return found


def _days_of(event: GatheredEvent) -> FactDays:
    """The days on which an event may have begun; that it happened holds for good."""
    days = [each.days for each in event.sources if each.days is not None]
    firsts = [each.first for each in days if each.first is not None]
    lasts = [each.last for each in days if each.last is not None]
    return FactDays(min(firsts, default=None), max(lasts, default=None), lasting=True)


def _said_complete(settings: ReadingSettings, library: Library) -> list[CompleteList]:
    """The lists that the caller and the site's mapping files say are complete."""
    sites = [name for name in get_args(ListName) if name in library.codes.tables.complete]
    return [CompleteList(name, "--complete") for name in settings.complete] + [
        CompleteList(name, "--codes") for name in sites
    ]


def _take_out_overruled(
    gathered: Gathered, given: Mapping[str, Fact], completeness: Completeness
) -> dict[str, str]:
    """Take out the candidates that facts given beside the export overrule, and those that need a list which is not complete.

    Returns who says so, for the variables of which a list that is complete is needed.
    """
    left, closing = [], dict[str, str]()
    for each in gathered.candidates:
        if each.variable in given:
            for source in (each.source, *each.also):
                reason = f"{each.variable} is given beside the export"
                gathered.account.note(source.place, "superseded", reason)
            continue
        said = None if each.needs_all_of is None else completeness.closing(each.needs_all_of)
        if said is not None:
            closing[each.variable] = said
        if each.needs_all_of is None or said is not None:
            left.append(each)
    gathered.candidates[:] = left
    return closing


def _note_unconfirmed(gathered: Gathered) -> None:
    """Tell what was said without being confirmed, for each variable that it bears on."""
    rows = (
        UnconfirmedRow(name, each.place.at, each.text)
        for each in gathered.mentions
        if each.unconfirmed
        for name in sorted(each.variables)
    )
    gathered.account.unconfirmed += dict.fromkeys(rows)


def _close_account(export: Export, gathered: Gathered, library: Library) -> None:
    """Give an outcome to each resource that no topic spoke of."""
    account = gathered.account
    reports = {each.place.at: each for each in export.statements if isinstance(each, ReportStatement)}
    used = {at for at, row in account.rows.items() if row.outcome == "used"}
    for at, row in account.rows.items():
        if row.outcome is not None:
            continue
        report = reports.get(at)
        resting = [*export.supports.get(at, ()), *(report.results if report else ())]
        on_it = next((other for other in resting if other in used), None)
        if on_it is not None:
            account.note(row.place, "supporting", f"stands behind {on_it}")
        elif report is not None and not report.final:
            account.note(row.place, "unconfirmed", "is not final")
        elif report is not None:
            note_unknown(row.place, report.code, gathered, library)
        else:
            account.note(row.place, "not-read", "says nothing that counts")


def _reading_warnings(export: Export, gathered: Gathered) -> list[ReadingWarning]:
    """What is to be told, that the patient has died first of all; nothing twice."""
    told: list[ReadingWarning] = [(code, None, text) for code, text in export.warnings]
    told += gathered.warnings
    told += [
        ("unconfirmed", each.variable, f"{each.variable}: {each.text}")
        for each in gathered.account.unconfirmed
    ]
    every = dict.fromkeys(told)
    return sorted(every, key=lambda each: each[0] != "deceased") + _not_used(gathered.account)


def _not_used(account: Account) -> list[ReadingWarning]:
    """One line on all that was not used, and on what leaves a complete list open."""
    counts = Counter(
        row.outcome for row in account.rows.values() if row.outcome not in ("used", "supporting")
    )
    parts = [f"{outcome} {count}" for outcome, count in sorted(counts.items(), key=str)]
    said = (
        [f"{sum(counts.values())} of {len(account.rows)} resources were not used: {', '.join(parts)}"]
        if parts
        else []
    )
    said += [
        f"of the complete list {each.list} {each.unread} cannot be read, and may be what it would deny"
        for each in account.complete
        if each.unread
    ]
    return [("not-used", None, "; ".join(said))] if said else []
