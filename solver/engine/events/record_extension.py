"""What the events, findings and limits of one record mean, and what every question about them is answered from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from solver.engine.events.closing import Closures
from solver.engine.events.extension import Extension, number
from solver.engine.events.given_limits import add_limits
from solver.engine.events.happenings import HappeningsOfList
from solver.engine.events.limits import speaks_of_limits
from solver.engine.events.meanings import say_kind, say_meaning
from solver.engine.events.results import ResultsOfFindings
from solver.language import tree as t
from solver.language.calendar import FIRST_DAY, LAST_DAY
from solver.language.concepts import ConceptTree
from solver.language.domain import BOTH, EVERYTHING, Domain, Interval, Recorded, point
from solver.language.types import BooleanType, DateType, EnumerationType
from solver.language.values import ConceptTerm
from solver.library.concepts.meaning import Meaning
from solver.library.models import Library
from solver.patient.happened import Closure, Event, FindingResult
from solver.patient.record import Record

_EVENT_LISTS = ("therapies", "conditions")
"""The lists whose entries are events."""


def extension_of(library: Library, record: Record) -> Extension:
    """What events and findings of a record mean."""
    extension = Extension()
    terms = [variable.term for variable in library.terms.values() if variable.term is not None]
    tree = library.concepts
    said = {each.name: _stated(extension, each, tree) for each in record.closures}
    closures = [*record.closures, *_closed_by_names(library, record)]
    said |= {each.name: t.Complete(each.said_by) for each in closures if each.said_by is not None}
    for name in _EVENT_LISTS:
        closing = Closures(closures, name, library.concepts, said)
        about = _about(terms, library, name)
        happenings = HappeningsOfList(extension, library.concepts, library.parts[name], closing)
        _add_events(extension, happenings, library, record, about)
    closing = Closures(closures, "findings", library.concepts, said)
    _add_findings(extension, library, record, closing, _about(terms, library, "findings"))
    for variable in library.variables.values():
        say_meaning(extension, variable, record.as_of)
        if variable.name in library.kinds:
            parts, fact = library.kinds[variable.name], record.facts.get(variable.name)
            say_kind(extension, variable, terms, library.concepts, parts, fact)
    if speaks_of_limits(library, record):
        known = _everything(library) | {name: fact.domain for name, fact in record.facts.items()}
        known[t.AS_OF] = point(record.as_of, whole=True)
        add_limits(extension, library, record, known)
    return extension


def _closed_by_names(library: Library, record: Record) -> Iterator[Closure]:
    """What a list of names closes where it is complete, and every name is known."""
    for name, fact in record.facts.items():
        means = _meaning(library, name)
        if means is not None and fact.complete and isinstance(fact.domain, Recorded) and fact.domain.complete:
            for concept in means.closes:
                yield Closure("complete", name, means.list, concept, said_by=name)


def _meaning(library: Library, name: str) -> Meaning | None:
    variable = library.variables.get(name)
    return None if variable is None else variable.means


def _named_events(
    extension: Extension, library: Library, record: Record, name: str
) -> Iterator[tuple[Event, t.Condition]]:
    """The names that are events of a list, at any time, as far as no entry of it is one already."""
    mine = {event.concept for event in record.events if event.list == name}
    for variable, fact in record.facts.items():
        means = _meaning(library, variable)
        if means is None or means.list != name or not fact.entries:
            continue
        said = extension.hidden_flag(f"{variable} as recorded")
        extension.say(
            f"{variable} as recorded", t.implication(t.Compare("<=", number(1), t.ListSize(variable)), said)
        )
        for position, written in enumerate(fact.entries):
            concept = library.concepts.in_list(name, written)
            if concept is None and library.classes_of(variable, written) is not None:
                continue
            if concept is not None and not mine.isdisjoint(library.concepts.narrower(concept)):
                continue
            yield Event(f"{variable} {name}", position, written, concept), said


def _everything(library: Library) -> dict[str, Domain]:
    """What a row of limits can ask about, of a patient of whom nothing is known."""
    found: dict[str, Domain] = {}
    for name, variable in library.variables.items():
        match variable.type:
            case BooleanType():
                found[name] = BOTH
            case EnumerationType(values):
                found[name] = frozenset(values)
            case DateType():
                found[name] = Interval(FIRST_DAY, LAST_DAY, whole=True)
            case _:
                found[name] = EVERYTHING
    return found


def _stated(extension: Extension, each: Closure | Event | FindingResult, tree: ConceptTree) -> t.Condition:
    label = each.word if isinstance(each, Closure) else each.name
    return extension.stated(each.name, each.text, each.source, label, _changes_of(each, tree))


def _changes_of(each: Closure | Event | FindingResult, tree: ConceptTree) -> str:
    """How what a record says can become otherwise: what goes on can end, a finding can be looked for again, what happened stays."""
    if isinstance(each, Closure):
        return "never"
    concept = None if each.concept is None else tree[each.concept]
    if isinstance(each, FindingResult):
        return (concept and concept.changes) or "test"
    if not each.goes_on or (concept is not None and concept.lasts != "span"):
        return "never"
    return (concept and concept.changes) or ("stop" if each.list == "therapies" else "treat")


def _about(terms: Iterable[ConceptTerm], library: Library, name: str) -> list[ConceptTerm]:
    """The terms that ask about the entries of a list."""
    return [
        term
        for term in terms
        if term.of is not None and term.question != "is" and library.concepts[term.of.concept].list == name
    ]


def _add_events(
    extension: Extension,
    happenings: HappeningsOfList,
    library: Library,
    record: Record,
    terms: Sequence[ConceptTerm],
) -> None:
    name = happenings.closures.name
    for event in record.events:
        if event.list == name:
            happenings.add_entry(event, _stated(extension, event, library.concepts))
    for event, said in _named_events(extension, library, record, name):
        happenings.add_entry(event, said)
    happenings.add_rest()
    for term in terms:
        happenings.define(term)


def _add_findings(
    extension: Extension,
    library: Library,
    record: Record,
    closures: Closures,
    terms: Sequence[ConceptTerm],
) -> None:
    results = ResultsOfFindings(extension, library.concepts, library.parts["findings"], closures)
    for result in record.findings:
        results.add_result(result, _stated(extension, result, library.concepts))
    results.add_parts()
    for term in terms:
        results.define(term)
