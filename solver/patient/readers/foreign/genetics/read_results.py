"""Results that an entry reads in one form, and what keeps one from being used whatever it says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from solver.dataclass import dataclass
from solver.language.calendar import format_day
from solver.library.codes.models import CodeEntry, ReadForm
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
    statements: Iterable[SourceStatement], library: Library, *forms: ReadForm
) -> dict[ReadForm, list[EntryResult]]:
    """The results, and components of results, that an entry reads in each of some forms."""
    found: dict[ReadForm, list[EntryResult]] = {form: [] for form in forms}
    # a large export has few codes and many results of each, and most of them are of no gene
    known: dict[int, list[tuple[CodeEntry, Coding | None]]] = {}
    for statement in statements:
        if not isinstance(statement, ResultStatement):
            continue
        for part in (statement, *statement.components):
            key = id(part.code)
            if key not in known:
                known[key] = _readings(part.code, library, forms)
            for entry, coding in known[key]:
                if part is statement:
                    found[entry.read].append(EntryResult(statement, entry, coding))
                else:
                    whole_part = _with_its_whole(part, statement)
                    found[entry.read].append(EntryResult(whole_part, entry, coding, statement))
    return found


def _with_its_whole(component: ResultStatement, whole: ResultStatement) -> ResultStatement:
    """A component with what its result says of it."""
    return replace(
        component,
        place=whole.place,
        days=whole.days if component.days is None else component.days,
        unconfirmed=component.unconfirmed or whole.unconfirmed,
        specimen=component.specimen or whole.specimen,
        specimen_days=component.specimen_days or whole.specimen_days,
        body_site=component.body_site or whole.body_site,
    )


def _readings(
    code: CodedText, library: Library, forms: Sequence[ReadForm]
) -> list[tuple[CodeEntry, Coding | None]]:
    """The first entry that reads a code in each form, with the coding that told, whatever the order of the codings."""
    ordered = sorted(code.codings, key=lambda each: (each.system or "", each.code or ""))
    given: list[tuple[CodeEntry, Coding | None]] = [
        (entry, coding) for coding in ordered for entry in library.codes.find(OBSERVATION, coding)
    ]
    if not code.codings and code.text:
        given = [(entry, None) for entry in library.codes.by_text(OBSERVATION, code.text)]
    of_form = {entry.read: (entry, coding) for entry, coding in reversed(given) if entry.read in forms}
    return list(of_form.values())


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
