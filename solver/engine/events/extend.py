"""The library and the record of one patient, with what events and findings mean for both; see `extension`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from solver.engine.events.limits import speaks_of_limits
from solver.language.domain import Domain, point
from solver.language.types import BooleanType, ConceptType, IntegerType
from solver.language.values import EVENT_DAYS
from solver.library.models import Library, Variable
from solver.patient.readers.native.dates import parse_date
from solver.patient.record import Fact, Record

if TYPE_CHECKING:
    from solver.engine.events.extension import Extension

_WITHOUT_EVENTS: dict[tuple[int, int], tuple[Library, Library]] = {}
_MOST_KEPT = 16


def extended(library: Library, record: Record) -> tuple[Library, Record]:
    """The library and the record as a problem is posed with them; the same ones where neither speaks of concepts.

    What is extended already stays as it is.
    """
    says = bool(record.events or record.findings or record.closures) or speaks_of_limits(library, record)
    says = says or any(_says_more(library, fact) for fact in record.facts.values())
    asks = library.asks_of_concepts or not library.terms.keys().isdisjoint(record.facts)
    if library.extended or not (says or asks):
        # what variables that mean terms have to do with one another the axioms say
        return library, record
    from solver.engine.events.record_extension import extension_of

    if says or any(fact.entries or fact.complete for fact in record.facts.values()):
        extension = extension_of(library, record)
        facts = {**record.facts, **extension.facts}
        for name, condition in extension.conditions.items():
            facts[name] = replace(facts[name], says=condition)
        with_facts = replace(record, facts=facts)
        return _with(library, extension), _with_days(library, with_facts)
    key = id(library), record.as_of
    found = _WITHOUT_EVENTS.get(key)
    if found is None or found[0] is not library:
        if len(_WITHOUT_EVENTS) >= _MOST_KEPT:
            _WITHOUT_EVENTS.clear()
        found = _WITHOUT_EVENTS[key] = (library, _with(library, extension_of(library, record)))
    return found[1], _with_days(library, record)


def _says_more(library: Library, fact: Fact) -> bool:
    """Whether a fact names a concept that the values of its variable, or the classes of its list, do not tell."""
    variable = library.variables.get(fact.variable)
    if variable is None:
        return False
    kind, tree = variable.type, library.concepts
    if fact.concepts is not None and isinstance(kind, ConceptType):
        named = frozenset[str]().union(*map(tree.narrower, fact.concepts))
        return kind.values_within(named) is None
    if variable.means is None or not variable.means.list:
        return False
    names = [name for name in fact.entries if tree.in_list(variable.means.list, name) is not None]
    return any(not library.classes_of(variable.name, name) for name in names)


def _with(library: Library, extension: Extension) -> Library:
    return replace(
        library,
        variables={**library.variables, **_covered_terms(library), **extension.variables},
        axioms=(*library.axioms, *extension.axioms),
        tests=library.tests_of_terms,
        in_theory=frozenset[str]().union(*library.mentions.values()),
        extended_from=library,
    )


def _covered_terms(library: Library) -> dict[str, Variable]:
    """The variables of terms, each with the policy that covers it: that of its concept, else of its whole kind.

    A flag or a count that is another name for a term says by itself which policy covers it, if any, with events and without.
    """
    by_kind = {kind: policy.id for policy in library.policies.values() for kind in policy.kinds}
    declared = {
        each.means.term.name: each
        for each in library.variables.values()
        if each.means is not None
        and each.means.term is not None
        and isinstance(each.type, BooleanType | IntegerType)
    }
    found = dict(library.terms)
    for name, variable in library.terms.items():
        term = variable.term
        if term is not None and term.of is not None and term.question in _OF_EVENTS:
            concept = library.concepts[term.of.concept]
            policy = (
                declared[name].policy if name in declared else concept.policy or by_kind.get(concept.kind)
            )
            found[name] = replace(variable, policy=policy)
    return found


_OF_EVENTS = frozenset({"ever", "current", "times", "lines", *EVENT_DAYS})


def _with_days(library: Library, record: Record) -> Record:
    """The record with the days of those results that a term asks for."""
    found: dict[str, Fact] = {}
    for name, variable in library.terms.items():
        term = variable.term
        if term is None or term.question != "measured" or name in record.facts:
            continue
        fact = record.facts.get(term.variable)
        if fact is not None and fact.date is not None:
            days = parse_date(fact.date)
            domain: Domain = days if days.high <= record.as_of else days._replace(high=record.as_of)
            if days.low > record.as_of:
                domain = point(record.as_of, whole=True)
            found[name] = Fact(name, domain, fact.date, source=fact.source)
    return replace(record, facts={**record.facts, **found}) if found else record
