"""From what an export says to a native record and the account of it: the topics gather, the series settle, the document is written.

statements -> candidates, events, mentions -> the latest of each variable -> what complete lists deny -> the document
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from solver.library.models import Library
from solver.patient.account import Account, UnconfirmedRow
from solver.patient.readers.foreign.document import SettledFact, SourceWords, write_document
from solver.patient.readers.foreign.gathered import FactSource, Gathered
from solver.patient.readers.foreign.results import gather_results
from solver.patient.readers.foreign.series import settle_series
from solver.patient.readers.foreign.statements import Export, ListName, ReportStatement

ReadingWarning = tuple[str, str | None, str]
"""A code, the variable that is meant, and a sentence."""


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """How an export is to be read.

    `record_id` is the record's id, which is no name of a person. `complete` are the lists that the caller says are complete. `facts` is a
    native record whose facts are added, and win. With `no_ids` sources name positions and no resource.
    """

    record_id: str = "record"
    complete: tuple[ListName, ...] = ()
    facts: Mapping[str, object] | None = None
    no_ids: bool = False


@dataclass(frozen=True, slots=True)
class ForeignRecord:
    """The native record that an export comes to, as a document, with the account of its resources and what is to be told.

    `facts` are those that the document has as facts, by variable; `sources` the resources behind the words of its sources.
    """

    document: dict[str, object]
    account: Account
    warnings: tuple[ReadingWarning, ...]
    facts: Mapping[str, SettledFact] = field(default_factory=dict)
    sources: Mapping[str, FactSource] = field(default_factory=dict)


def interpret(
    export: Export, account: Account, library: Library, *, as_of: int, settings: ReadingSettings
) -> ForeignRecord:
    """The record of one patient on a day; every row of the account has an outcome then."""
    gathered = Gathered(account, as_of)
    gather_results(export.statements, gathered, library)
    settled = settle_series(gathered, library)
    words = SourceWords(library, settings.no_ids)
    document = write_document(settings.record_id, as_of, settled.values(), gathered.events, (), words)
    _note_unconfirmed(gathered)
    _close_account(export, account)
    sources = [source for each in settled.values() for source in each.sources]
    sources += [source for event in gathered.events for source in event.sources]
    return ForeignRecord(
        document,
        account,
        tuple(_warnings(export, gathered)),
        settled,
        {words.of(source): source for source in sources},
    )


def _note_unconfirmed(gathered: Gathered) -> None:
    """Tell what was said without being confirmed, for each variable that it bears on."""
    for each in gathered.mentions:
        if each.unconfirmed:
            rows = [UnconfirmedRow(name, each.place.at, each.text) for name in sorted(each.variables)]
            gathered.account.unconfirmed += rows


def _close_account(export: Export, account: Account) -> None:
    """Give an outcome to each resource that no topic spoke of."""
    rows = account.rows
    resting = dict(export.supports)
    for each in export.statements:
        if isinstance(each, ReportStatement):
            resting.setdefault(each.place.at, list(each.results))
    used = {at for at, row in rows.items() if row.outcome == "used"}
    for at, row in rows.items():
        if row.outcome is not None:
            continue
        on_it = next((other for other in resting.get(at, ()) if other in used), None)
        if on_it is not None:
            account.note(row.place, "supporting", f"stands behind {on_it}")
        else:
            account.note(row.place, "not-read", "says nothing that counts")


def _warnings(export: Export, gathered: Gathered) -> list[ReadingWarning]:
    """What is to be told, that the patient has died first of all; nothing twice."""
    told: list[ReadingWarning] = [(code, None, text) for code, text in export.warnings]
    every = dict.fromkeys([*told, *gathered.warnings])
    return sorted(every, key=lambda each: each[0] != "deceased")
