"""Results that an entry reads in one form, and what keeps one from being used whatever it says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from solver.language.calendar import format_day
from solver.library.codes.models import CodeEntry
from solver.library.models import Library
from solver.patient.account import Outcome
from solver.patient.readers.foreign.statements import (
    CodedText,
    Coding,
    Faulty,
    PossibleDays,
    ResultStatement,
    SourceStatement,
)

OBSERVATION = "Observation"


@dataclass(frozen=True, slots=True)
class EntryResult:
    """A result with the entry that reads it, and the coding that told; `whole` is the result of which it is a component."""

    statement: ResultStatement
    entry: CodeEntry
    coding: Coding | None
    whole: ResultStatement | None = None


def results_read_as(
    form: str, statements: Iterable[SourceStatement], library: Library
) -> Iterator[EntryResult]:
    """The results, and components of results, that an entry reads in this form."""
    for statement in statements:
        if not isinstance(statement, ResultStatement):
            continue
        yield from _read(form, statement, library)
        for component in statement.components:
            part = replace(
                component,
                place=statement.place,
                days=statement.days if component.days is None else component.days,
                unconfirmed=component.unconfirmed or statement.unconfirmed,
                specimen=component.specimen or statement.specimen,
                specimen_days=component.specimen_days or statement.specimen_days,
                body_site=component.body_site or statement.body_site,
            )
            for found in _read(form, part, library):
                yield replace(found, whole=statement)


def _read(form: str, statement: ResultStatement, library: Library) -> Iterator[EntryResult]:
    codes = library.codes
    for coding in sorted(statement.code.codings, key=lambda each: (each.system or "", each.code or "")):
        for entry in codes.find(OBSERVATION, coding):
            if entry.read == form:
                yield EntryResult(statement, entry, coding)
                return
    if not statement.code.codings and statement.code.text:
        for entry in codes.by_text(OBSERVATION, statement.code.text):
            if entry.read == form:
                yield EntryResult(statement, entry, None)
                return


def unusable_day(days: PossibleDays | Faulty | None, as_of: int) -> tuple[Outcome, str] | None:
    """Why the days of a result keep it from being used, if they do."""
    if isinstance(days, Faulty):
        return "date", days.reason
    if days is not None and days.first is not None and days.first > as_of:
        return "after-as-of", f"is of {format_day(days.first)}"
    return None


def texts_of(value: object) -> tuple[str, ...]:
    """The texts that a value may be: of its codings the codes, then the displays, then its text."""
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, CodedText):
        return ()
    codes = [each.code for each in value.codings]
    displays = [each.display for each in value.codings]
    return tuple(dict.fromkeys(text for text in (*codes, *displays, value.text) if text))
