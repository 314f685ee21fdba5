"""Reading a patient's record: a JSON file becomes a `Record`, or one `InputError` with every fault of the file."""

from __future__ import annotations

from datetime import date

from solver.errors import InputError
from solver.language.calendar import EARLIEST_AS_OF, format_day
from solver.language.concepts import LISTS
from solver.library.fact_forms import name_hint
from solver.library.models import Library
from solver.patient.happened import Event, FindingResult
from solver.patient.readers.native.context import context_from, read_context
from solver.patient.readers.native.dates import NotADateError, parse_date
from solver.patient.readers.native.entry_lists import COMPLETE, complete_lists
from solver.patient.readers.native.events import NEVER, read_closures, read_happened
from solver.patient.readers.native.facts import read_fact
from solver.patient.readers.native.json_text import (
    JsonObject,
    Source,
    display_name,
    file_stem,
    parsed,
    read_bytes,
    settle,
    shown,
    source_name,
)
from solver.patient.readers.native.plain_facts import full_day, plain_facts
from solver.patient.readers.native.record_faults import FACTS, Findings, LenientFindings, step
from solver.patient.readers.native.repeated import are_results, read_results
from solver.patient.record import Context, Fact, Record
from solver.text import quote

__all__ = ["read_bytes", "read_context", "read_record", "record_from"]

RECORD_KEYS = ("id", "as_of", FACTS, NEVER, COMPLETE, "context")
OTHER_FORMATS = "FHIR has 'resourceType', and a Phenopacket 'subject' and 'metaData'"
"""How other formats than this one are told."""


def read_record(
    source: Source,
    library: Library,
    *,
    name: str | None = None,
    as_of: str | date | None = None,
    context: Context | None = None,
    lenient: bool = False,
) -> Record:
    """The record that a source holds: JSON as bytes or text, the same as a mapping of Python values, or a file as a `Path`.

    `name` is what messages call it, `-` standard input; by default the path, else `record`. `as_of`, a date or the text of a full
    ISO one, replaces the record's own. `context` is the site's, over which the record's own wins key by key, and trial by trial for
    open cohorts. With `lenient`, a faulty fact is left out, as if it were not recorded, and its faults are among the record's warnings.

    Raises `InputError` with one line for every fault of the source.
    """
    called = source_name(source, name, "record")
    return record_from(
        parsed(source, called), library, name=called, as_of=as_of, context=context, lenient=lenient
    )


def record_from(
    value: object,
    library: Library,
    *,
    name: str = "record",
    as_of: str | date | None = None,
    context: Context | None = None,
    lenient: bool = False,
) -> Record:
    """The record that a parsed JSON value holds; see `read_record`."""
    findings = (LenientFindings if lenient else Findings)(display_name(name))
    plain = _plain_facts(value, library, as_of)
    entries = settle(value, findings, facts=plain)
    if not isinstance(entries, dict):
        findings.add("", f'holds {shown(entries)}, not a record: write {{"as_of": ..., "facts": {{...}}}}')
        raise InputError(findings.problems)
    if "resourceType" in entries:
        findings.add("", "is FHIR where a record is expected: give a Bundle, or NDJSON, as a file of its own")
        raise InputError(findings.problems)
    if entries and entries.keys().isdisjoint(RECORD_KEYS):
        keys = ", ".join(quote(key) for key in list(entries)[:3]) + (", ..." if len(entries) > 3 else "")
        findings.add("", f"has no key of a record ({', '.join(RECORD_KEYS)}) but {keys}; {OTHER_FORMATS}")
        raise InputError(findings.problems)
    for key in entries:
        if key not in RECORD_KEYS:
            hint = findings.hint(key, RECORD_KEYS, words=True) or ": the keys are " + ", ".join(RECORD_KEYS)
            findings.add("", f"unknown key {quote(key)}{hint}")
    identity = _record_id(entries, findings)
    day = _evaluation_day(entries, as_of, findings)
    closures, others = read_closures(entries, library, findings)
    facts = _read_facts(entries, plain, others, library, day, findings)
    events, results = _read_events(entries, library, day, findings)
    given = context_from(entries["context"], library, "context", findings) if "context" in entries else None
    findings.stop_if_wrong()
    assert day is not None
    if closures and as_of is not None:
        _warn_of_later_day(entries, day, findings)
    whole = context or Context()
    if given is not None:
        whole = given.over(whole)
    return Record(identity, day, facts, whole, tuple(findings.warnings), events, results, closures)


def _plain_facts(value: object, library: Library, as_of: str | date | None) -> dict[str, Fact]:
    """The facts that are written plainly; what is said of a fault comes from reading the rest."""
    recorded = value.get(FACTS) if isinstance(value, dict) else None
    if not isinstance(recorded, dict) or not (
        isinstance(recorded, JsonObject) or set(map(type, recorded)) <= {str}
    ):
        return {}
    assert isinstance(value, dict)
    day = full_day(value.get("as_of") if as_of is None else as_of)
    return plain_facts(library).among(recorded, day, lists=COMPLETE not in value)


def _record_id(entries: dict[str, object], findings: Findings) -> str:
    if "id" not in entries:
        return file_stem(findings.name)
    found = entries["id"]
    if not isinstance(found, str):
        findings.add("id", f"{shown(found)} is not text: write it in quotes")
        return ""
    if not found.strip():
        findings.add("id", "is empty: write a name, or leave it out")
    return found


def _evaluation_day(entries: dict[str, object], as_of: str | date | None, findings: Findings) -> int | None:
    """The day of evaluation: the one given in its place, else the record's own, and never today."""
    recorded = entries.get("as_of")
    if recorded is None and as_of is None:
        findings.add("as_of", 'is missing: write "as_of": "YYYY-MM-DD", the day of consent, or give --as-of')
        return None
    day: int | None = None
    for where, written in (("as_of", recorded), ("--as-of", as_of)):
        if written is None:
            continue
        try:
            text = written.isoformat() if isinstance(written, date) else written
            day = int(parse_date(text, partial=False).low)
        except NotADateError as error:
            findings.add(where, str(error))
            day = None
        else:
            if day < EARLIEST_AS_OF:
                early = f"{format_day(day)} is too early: the day of evaluation is {format_day(EARLIEST_AS_OF)} or later"
                findings.add(where, early)
                day = None
    return day


def _warn_of_later_day(entries: dict[str, object], day: int, findings: Findings) -> None:
    """Warn where what never happened, and what is complete, is believed up to a later day than the record's own."""
    try:
        own = int(parse_date(entries.get("as_of"), partial=False).low)
    except NotADateError:
        return
    if own < day:
        text = f"the record is of {format_day(own)}; what it says never happened, or is complete, is believed up to {format_day(day)}"
        findings.warn("closed-later", None, text)


def unknown_variable(name: str, library: Library, findings: Findings, *others: str) -> str:
    """What to say of a name that is no variable, and not one of the `others` that may stand in its place either."""
    hint = name_hint(name, library) or findings.hint(name, (*library.variables, *others))
    nothing = (
        ", so that no answer considers it: match schema record --format table lists what can be recorded"
    )
    return f"is not a known variable{hint or nothing}"


def _read_events(
    entries: dict[str, object], library: Library, day: int | None, findings: Findings
) -> tuple[tuple[Event, ...], tuple[FindingResult, ...]]:
    recorded = entries.get(FACTS)
    if not isinstance(recorded, dict) or not len(library.concepts):
        return (), ()
    return read_happened(recorded, library, day, findings)


def _read_facts(
    entries: dict[str, object],
    plain: dict[str, Fact],
    complete: object,
    library: Library,
    day: int | None,
    findings: Findings,
) -> dict[str, Fact]:
    recorded = entries.get(FACTS, {})
    if not isinstance(recorded, dict):
        findings.add(FACTS, f"{shown(recorded)} is not an object: write {{...}} with one entry a variable")
        return {}
    facts: dict[str, Fact] = {}
    if plain and len(plain) == len(recorded):
        facts, recorded = plain, {}
    closed = complete_lists(complete, library, findings)
    for name, value in recorded.items():
        if isinstance(value, Fact):
            facts[name] = value
            continue
        if name in LISTS and len(library.concepts):
            continue
        where, own = step(FACTS, name), findings.of(FACTS, name)
        variable, fact, faults = library.variables.get(name), None, len(own.problems)
        if variable is None:
            own.add(where, unknown_variable(name, library, findings))
        else:
            whole = name in closed
            if are_results(variable, value):
                fact = read_results(variable, value, library, where, own, day)
            else:
                fact = read_fact(variable, value, library, where, own, as_of=day, complete=whole)
            if whole and (fact is not None or len(own.problems) > faults):
                closed -= {name}
        if own.accepted(name if variable else None) and fact is not None:
            facts[name] = fact
    for name in sorted(closed):
        findings.add(
            COMPLETE, f"{quote(name)} is not recorded: record the list that is complete, [] if it is empty"
        )
    return facts
