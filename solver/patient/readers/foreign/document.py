"""The native record that an export comes to: sorted facts with their days and sources, what happened, and what is complete.

    "serum_level": {"value": 71, "unit": "umol/L", "date": "2026-11-12", "source": "Observation/o7 loinc 14682-9 2026-11-12"}

Every fact is tried on the native reader before it is written, so that the reader never refuses the document.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping

from solver.dataclass import dataclass
from solver.language.calendar import format_day
from solver.library.models import Library
from solver.patient.readers.foreign.door import VARIABLE, day_text
from solver.patient.readers.foreign.gathered import FactSource, GatheredEvent
from solver.patient.readers.foreign.units import Unusable
from solver.patient.readers.native.entry_lists import COMPLETE
from solver.patient.readers.native.events import NEVER
from solver.patient.readers.native.facts import read_fact
from solver.patient.readers.native.json_text import NumberText, settle
from solver.patient.readers.native.record_faults import FACTS, Findings
from solver.patient.readers.native.repeated import are_results, read_results
from solver.patient.record import Fact, FactDays
from solver.text import clean, shorten


def accepted(variable: str, fact: Mapping[str, object], library: Library) -> Fact:
    """What the native reader makes of a fact without date and source; raises `Unusable` where it refuses it."""
    findings = Findings("")
    found = read_fact(library.variables[variable], dict(fact), library, "", findings)
    if found is None or findings.problems:
        tells = not any(isinstance(value, str | list) for key, value in fact.items() if key != "unit")
        problem = findings.problems[0] if findings.problems and tells else f"is no value of {variable}"
        key, separator, rest = problem.partition(": ")
        raise Unusable("value", rest if separator and " " not in key else problem)
    return found


def value_as_written(value: object) -> object:
    """A value of a mapping file as a record writes it."""
    return NumberText(str(value)) if isinstance(value, int) and not isinstance(value, bool) else value


def stated_facts(given: Mapping[str, object], library: Library) -> dict[str, Fact]:
    """The facts of variables that a record gives which stands beside an export, as far as the native reader takes them."""
    found, findings = dict[str, Fact](), Findings("")
    settled = settle(given.get(FACTS), findings)
    for name, value in _mapping_or_empty(settled).items():
        variable = library.variables.get(name)
        if variable is None:
            continue
        read = read_results if are_results(variable, value) else read_fact
        fact = read(variable, value, library, "", findings, as_of=None)
        if fact is not None:
            found[name] = fact
    return found


@dataclass(frozen=True, slots=True)
class SettledFact:
    """What counts of one variable, without its date and source; `date` is the day of the latest of its sources.

    `rule` is the word that begins the source of what is derived. `said` is the source of what no resource says: that a list is complete.
    `days` are those on which it may have held, and `stated` says that a form, or who reads the export, says it of the variable itself.
    """

    variable: str
    fact: Mapping[str, object]
    date: str | None
    sources: tuple[FactSource, ...]
    rule: str | None = None
    said: tuple[str, ...] = ()
    days: FactDays | None = None
    stated: bool = False


@dataclass(frozen=True, slots=True)
class SourceWords:
    """How sources are named: systems by their names, and with `no_ids` resources by their positions alone."""

    library: Library
    no_ids: bool = False

    def of(self, source: FactSource) -> str:
        """One source: `Observation/o7 loinc 14682-9 2026-11-12`."""
        place, parts = source.place, list[str]()
        if self.no_ids or not place.id:
            parts.append(place.at)
        elif place.at == f"{place.type}/{place.id}":
            parts.append(f"{place.type} {shorten(place.id)}")
        else:
            parts.append(f"{place.type}/{shorten(place.id)}")
        if source.said is not None:
            parts.append(source.said)
        elif source.coding is not None:
            parts += self._coding_words(source)
        if source.days is not None and (day := _source_date(source)):
            parts.append(day)
        return clean(" ".join(parts)) + (" (order)" if source.order else "")

    def _coding_words(self, source: FactSource) -> list[str]:
        coding = source.coding
        assert coding is not None
        if coding.system == VARIABLE:
            return ["variable"]
        system = self.library.codes.system(coding.system)
        return [name for name in (system.name if system else coding.system, coding.code) if name]

    def joined(self, sources: Iterable[FactSource], rule: str | None = None, said: Iterable[str] = ()) -> str:
        """Several sources, after the rule by which something is derived from them."""
        texts = "; ".join(dict.fromkeys([*map(self.of, sources), *said]))
        return f"{rule}: {texts}" if rule else texts


def _source_date(source: FactSource) -> str | None:
    days = source.days
    assert days is not None
    return day_text(days) or (format_day(days.last) if days.last is not None else None)


def write_document(
    record_id: str,
    as_of: int,
    facts: Iterable[SettledFact],
    events: Iterable[GatheredEvent],
    complete: Iterable[tuple[str, str]],
    words: SourceWords,
    given: Mapping[str, object],
) -> dict[str, object]:
    """The document; `complete` are names with the sources that say so, and `given` is a record whose facts stand beside, or win."""
    found: dict[str, object] = {}
    for each in facts:
        told = {"date": each.date} if each.date else {}
        source = words.joined(each.sources, each.rule, each.said)
        found[each.variable] = {**each.fact, **told, **({"source": source} if source else {})}
    listed: dict[str, list[dict[str, object]]] = {}
    for event in events:
        source = words.joined(event.sources, event.rule)
        listed.setdefault(event.list, []).append({**event.document, **({"source": source} if source else {})})
    found |= listed
    for name, value in _mapping_or_empty(given.get(FACTS)).items():
        before = found.get(name)
        found[name] = [*before, *value] if isinstance(before, list) and isinstance(value, list) else value
    document: dict[str, object] = {
        "id": record_id,
        "as_of": format_day(as_of),
        "facts": {name: found[name] for name in sorted(found)},
    }
    said: dict[str, list[object]] = {
        NEVER: [],
        COMPLETE: [{"of": of, "source": source} for of, source in complete],
    }
    for word, entries_said in said.items():
        more = given.get(word)
        entries_said += more if isinstance(more, list) else []
    return {**document, **{word: entries_said for word, entries_said in said.items() if entries_said}}


def _mapping_or_empty(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def in_order(events: Iterable[GatheredEvent], words: SourceWords) -> list[GatheredEvent]:
    """Events in the order of the document: by their day, and else by what they say."""
    return sorted(events, key=lambda each: _event_order(each, words))


def _event_order(event: GatheredEvent, words: SourceWords) -> tuple[str, str, str]:
    first = next((str(event.document[key]) for key in ("start", "date", "end") if key in event.document), "")
    return first, document_text(event.document), words.joined(event.sources, event.rule)


def document_text(document: object) -> str:
    """The document as one line of JSON, its numbers digit for digit."""
    return "".join(_pieces(document))


_ATOM: Callable[[object], str] = json.JSONEncoder().encode


def _pieces(value: object) -> Iterable[str]:
    if isinstance(value, NumberText):
        yield value.text
    elif isinstance(value, Mapping):
        yield "{"
        for index, (key, item) in enumerate(value.items()):
            yield f"{', ' if index else ''}{_ATOM(str(key))}: "
            yield from _pieces(item)
        yield "}"
    elif isinstance(value, list | tuple):
        yield "["
        for index, item in enumerate(value):
            yield ", " if index else ""
            yield from _pieces(item)
        yield "]"
    else:
        yield _ATOM(value)
