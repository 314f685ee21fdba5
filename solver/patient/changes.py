"""Changes to a record, as they are written on a command line: `name=value`, in the words of a record, and a planned first dose."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from solver.dataclass import dataclass
from solver.errors import InputError
from solver.language.calendar import AFTER_EVERY_DAY, BEFORE_EVERY_DAY, format_day
from solver.language.concepts import LISTS
from solver.language.domain import point
from solver.language.tree import AS_OF
from solver.language.types import BooleanType, IntegerType, ListType, QuantityType
from solver.library.models import Library, Variable
from solver.patient.readers.native import json_text
from solver.patient.readers.native.dates import NotADateError, parse_date
from solver.patient.readers.native.entry_lists import COMPLETE
from solver.patient.readers.native.events import read_happened
from solver.patient.readers.native.facts import read_fact
from solver.patient.readers.native.printed_numbers import read_printed, told
from solver.patient.readers.native.read import record_from, unknown_variable
from solver.patient.readers.native.record_faults import FACTS, Findings, step
from solver.patient.record import Context, Fact, Record
from solver.patterns import pattern
from solver.text import listed, quote

UNKNOWN = "unknown"
"""The value that forgets a fact."""

_TRUTH = {"true": True, "yes": True, "false": False, "no": False}
_NUMBER = pattern(r"(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+(?![\d.]))?)\s*(.*)", re.ASCII | re.DOTALL)
_JSON = pattern(r'[{\["]')


@dataclass(frozen=True, slots=True)
class FactChange:
    """One change: the texts of a fact, or of the day of evaluation, before and after; None is unknown."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Changed:
    """A record before and after changes, which are in the order given."""

    before: Record
    after: Record
    changes: tuple[FactChange, ...]


def read_changed(
    source: json_text.Source,
    library: Library,
    changes: Iterable[str],
    *,
    name: str | None = None,
    as_of: str | None = None,
    context: Context | None = None,
    lenient: bool = False,
    where: str = "changes",
) -> Changed:
    """The record that a source holds, and the same with changes; see `read_record` for the rest.

    A change is `name=value`, with the name of a variable or `as_of`. `where` is what messages call the changes; a wrong one is an error
    even where wrong facts of the source are not. Raises `InputError` with one line for every fault of the source, or else of the
    changes.
    """
    called = json_text.source_name(source, name, "record")
    return changed_from(
        json_text.parsed(source, called),
        library,
        changes,
        name=called,
        as_of=as_of,
        context=context,
        lenient=lenient,
        where=where,
    )


def changed_from(
    content: Any,
    library: Library,
    changes: Iterable[str],
    *,
    name: str = "record",
    as_of: str | None = None,
    context: Context | None = None,
    lenient: bool = False,
    where: str = "changes",
) -> Changed:
    """The record that a parsed JSON value holds, and the same with changes; see `read_changed`."""
    before = record_from(content, library, name=name, as_of=as_of, context=context, lenient=lenient)
    said = {each.name for each in before.events} | {each.name for each in before.findings}
    said |= {each.name for each in before.closures}
    values = read_changes(changes, library, where, day=before.as_of, said=said)
    other = {AS_OF, *library.terms, *said}
    facts = {key: value for key, value in values.items() if key not in other}
    recorded = content.get(FACTS, {})
    # entries are added to those that are there
    facts |= {key: [*recorded.get(key, ()), *facts[key]] for key in LISTS if key in facts}
    edited = {**content, FACTS: {**recorded, **facts}}
    if COMPLETE in content:
        # a list that is changed stays complete, one that is forgotten says nothing
        edited[COMPLETE] = [
            each
            for each in content[COMPLETE]
            if not isinstance(each, str) or facts.get(each, each) is not None
        ]
    after = record_from(
        edited, library, name=name, as_of=values.get(AS_OF, as_of), context=context, lenient=lenient
    )
    asked = {key: value for key, value in values.items() if key in library.terms}
    after = after.without([each for each in values if each in said])
    after = replace(after, facts={**after.facts, **_asked_facts(asked, library, after.as_of)})
    told = [
        each for name in values for each in (_entries_added(name, before, after) if name in LISTS else [name])
    ]
    return Changed(before, after, tuple(_fact_change(each, before, after) for each in told))


def read_changes(
    changes: Iterable[str], library: Library, where: str, *, day: int, said: Collection[str] = ()
) -> dict[str, Any]:
    """The changes as entries of a record, by name, once each is known to be right on the day of evaluation.

    What is `said` of events, such as `therapies[0]` or `never:hiv`, can be forgotten.

    Raises `InputError` with one line for every fault.
    """
    findings = Findings(where)
    found: dict[str, Any] = {}
    for change in changes:
        name, equals, text = (part.strip() for part in change.partition("="))
        name = term_named(name, library) or name
        if not equals or not name:
            findings.add("", f"{quote(change)} is no change: write variable=value")
        elif name in found:
            findings.add(name, "is given twice: keep one")
        elif name == AS_OF:
            found[name] = text
            _check_day(text, library, where, findings)
        elif name in said:
            found[name] = None
            if text.casefold() != UNKNOWN:
                findings.add(name, f"can only be forgotten: write {name}={UNKNOWN}")
        elif name in library.terms:
            found[name] = _answer_written(library.terms[name], text, library, findings, day)
        elif name in LISTS and len(library.concepts):
            found[name] = _entries_written(name, text, library, findings, day)
        elif name not in library.variables:
            unasked = _unasked_term(name, text, library)
            findings.add(step("", name), unasked or unknown_variable(name, library, findings, AS_OF))
        else:
            variable = library.variables[name]
            found[name] = _value_written(variable, text, findings)
            settled = json_text.settle(found[name], findings, name)
            read_fact(variable, settled, library, name, findings, as_of=day)
    findings.stop_if_wrong()
    return found


def _entries_written(name: str, text: str, library: Library, findings: Findings, day: int) -> list[object]:
    """The entries that a change adds to a list of events or findings, given as JSON: one, or a list of them."""
    own = Findings(findings.name)
    try:
        given = json_text.parse_json(text.encode("utf-8", "surrogatepass"), name)
    except InputError:
        own.add(
            name, f'{quote(text)} is no entry: write {name}=\'[{{"is": "NAME"}}]\', or {name}[0]={UNKNOWN}'
        )
        given = []
    entries = given if isinstance(given, list) else [given]
    if not own.problems:
        read_happened({name: entries}, library, day, own)
    findings.problems += own.problems
    return entries


def _entries_added(name: str, before: Record, after: Record) -> list[str]:
    """The names of the entries of a list that a change added."""
    had = {each.name for each in before.events} | {each.name for each in before.findings}
    of_list = [each.name for each in after.events if each.list == name]
    of_list += [each.name for each in after.findings if each.list == name]
    return [each for each in of_list if each not in had]


_TERM = pattern(r"(\w+)\((\w+)[^()]*\)", re.ASCII)


def _unasked_term(name: str, text: str, library: Library) -> str | None:
    """What to write in place of the value of a term that no clause asks for; None for what is no term of a concept."""
    form = _TERM.fullmatch(name)
    if form is None or form[2] not in library.concepts:
        return None
    concept = library.concepts[form[2]]
    entry: dict[str, object] = {"is": concept.id}
    if concept.list == "findings":
        entry["present"] = True
    elif text.casefold() == "ongoing":
        entry["ongoing"] = True
    written = f"{concept.list}='[{json.dumps(entry)}]'"
    asked = [
        term
        for term, variable in library.terms.items()
        if variable.term is not None
        and variable.term.of is not None
        and variable.term.of.concept == concept.id
    ]
    said = f"; of {concept.id} they ask {listed(asked, 'and')}" if asked else ""
    return f"is asked by no clause{said}: write what happened as an entry, {written}"


_BLANKS = pattern(r"\s+")
_EXCEPT = pattern(r"(.*) except \{(.*)\}\)", re.DOTALL)


def term_named(text: str, library: Library) -> str | None:
    """The term that a text means, as criteria write it: with single blanks, and its exceptions in the order of the alphabet."""
    name = _BLANKS.sub(" ", text.strip()).replace("( ", "(").replace(" )", ")").replace(" (", "(")
    form = _EXCEPT.fullmatch(name)
    if form is not None:
        excepted = sorted(each.strip() for each in form[2].split(","))
        name = f"{form[1]} except {{{', '.join(excepted)}}})"
    return name if name in library.terms else None


def _answer_written(variable: Variable, text: str, library: Library, findings: Findings, day: int) -> object:
    """What the text of a change says of a term; None, perhaps with a fault noted, if that is nothing."""
    if _outside_calendar(variable, text) is not None:
        return text.casefold()
    found = _value_written(variable, text, findings)
    settled = json_text.settle(found, findings, variable.name)
    read_fact(variable, settled, library, variable.name, findings, as_of=day)
    return settled


def _outside_calendar(variable: Variable, text: object) -> int | None:
    """The day of what never happened, or goes on; None for any other text, or where a term has no such day."""
    question = None if variable.term is None else variable.term.question
    days = {
        "last_end": {"never": BEFORE_EVERY_DAY, "ongoing": AFTER_EVERY_DAY},
        "last_start": {"never": BEFORE_EVERY_DAY},
        "first_start": {"never": AFTER_EVERY_DAY},
    }
    return days.get(question or "", {}).get(text.casefold()) if isinstance(text, str) else None


def _asked_facts(values: Mapping[str, object], library: Library, as_of: int) -> dict[str, Fact]:
    """What changes say of terms, as facts."""
    found: dict[str, Fact] = {}
    for name, value in values.items():
        variable = library.terms[name]
        outside = _outside_calendar(variable, value)
        if outside is not None:
            found[name] = Fact(name, point(outside, whole=True), str(value))
            continue
        fact = read_fact(variable, value, library, name, Findings(""), as_of=as_of)
        if fact is not None:
            found[name] = fact
    return found


def with_first_dose(record: Record, library: Library, day: str, *, name: str | None = None) -> Record:
    """The record with the first dose planned for a day, `YYYY-MM-DD`, whatever it says itself.

    Raises `InputError`, in which `name` stands for the record, if that is no day, or lies before the record's own.
    """
    where = f"{json_text.display_name(name) if name else record.id}: first dose"
    try:
        domain = parse_date(day, partial=False)
    except NotADateError as error:
        raise InputError(f"{where}: {error}") from None
    if domain.low < record.as_of:
        on = format_day(record.as_of)
        raise InputError(
            f"{where}: {day} is before the day of evaluation, {on}: give that day or a later one"
        )
    planned = [each.name for each in library.variables.values() if each.absent_as_of]
    if not planned:
        raise InputError(f"{where}: the encodings have no variable for the day of the first dose")
    return replace(record, facts={**record.facts, **{each: Fact(each, domain, day) for each in planned}})


def _check_day(text: str, library: Library, where: str, findings: Findings) -> None:
    try:
        record_from({AS_OF: text}, library, name=where)
    except InputError as error:
        findings.problems.extend(error.problems)


def _fact_change(name: str, before: Record, after: Record) -> FactChange:
    if name == AS_OF:
        return FactChange(name, format_day(before.as_of), format_day(after.as_of))
    return FactChange(name, _text_of(name, before), _text_of(name, after))


def _text_of(name: str, record: Record) -> str | None:
    """What a record says under a name, of a variable, an entry or a whole kind."""
    if name in record.facts:
        return record.facts[name].text
    said = {each.name: each.text for each in record.events}
    said |= {each.name: each.text for each in record.findings}
    return (said | {each.name: each.text for each in record.closures}).get(name)


def _value_written(variable: Variable, text: str, findings: Findings) -> Any:
    """The entry of a record that the text of a change stands for; None, perhaps with a fault noted, if it is none."""
    if text.casefold() in (UNKNOWN, "null"):
        return None
    if not text:
        findings.add(
            variable.name, f"has no value: write {variable.name}=value, or {variable.name}={UNKNOWN}"
        )
        return None
    if _JSON.match(text):
        return _from_json(variable, text, findings)
    match variable.type:
        case BooleanType():
            return _truth_value(variable, text, findings)
        case IntegerType() | QuantityType():
            return _number_entry(variable, text, findings)
        case ListType():
            return [entry.strip() for entry in text.split(",")]
        case _:
            return text


def _from_json(variable: Variable, text: str, findings: Findings) -> Any:
    try:
        return json_text.parse_json(text.encode("utf-8", "surrogatepass"), variable.name)
    except InputError as error:
        findings.problems.extend(f"{findings.name}: {problem}" for problem in error.problems)
        return None


def _truth_value(variable: Variable, text: str, findings: Findings) -> bool | None:
    found = _TRUTH.get(text.casefold())
    if found is None:
        findings.add(
            variable.name, f"{quote(text)} is neither true nor false: write true, false or {UNKNOWN}"
        )
    return found


def _number_entry(
    variable: Variable, text: str, findings: Findings
) -> json_text.NumberText | Mapping[str, object] | None:
    """A number with what follows it: a unit and, for the dose of a drug, the drug."""
    form = _NUMBER.fullmatch(text)
    needs_unit = isinstance(variable.type, QuantityType) and not variable.bare
    printed = read_printed(text)
    # what stands before the unit is a number as JSON has it, or the whole is told as a printed text is
    plain = form is not None and (
        form[1][0] == "-" or (printed and form[1] in (printed.text, *(printed.either or ())))
    )
    if form is None or not plain or (printed and printed.top):
        problem = told(text, "value", variable, {}) or f"is not a number: write {_example_of(variable, None)}"
        findings.add(variable.name, f"{quote(text)} {problem}")
        return None
    if needs_unit and not form[2]:
        findings.add(
            variable.name,
            f"{quote(text)} has no unit: write the one it was measured in, as in {_example_of(variable, form[1])}",
        )
        return None
    number, rest = json_text.NumberText(form[1]), form[2]
    if not rest:
        return number
    unit, _, drug = rest.rpartition(" ") if variable.drugs and " " in rest else (rest, "", "")
    entry: dict[str, object] = {"value": number, "unit": unit.strip()}
    return {**entry, "drug": drug} if drug else entry


def _example_of(variable: Variable, number: str | None) -> str:
    """How to write a number of the variable: the one that was found, or where one belongs."""
    shown = number or "NUMBER"
    if not isinstance(variable.type, QuantityType) or variable.bare:
        return f"{variable.name}={shown}, or {variable.name}={UNKNOWN}"
    drug = f" {next(iter(variable.drugs))}" if variable.drugs else ""
    return f'{variable.name}="{shown} {variable.type.unit.text}{drug}"'
