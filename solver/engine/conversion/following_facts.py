"""What follows from a record for the variables of the vocabulary, by what they mean and by the tree of concepts, and by nothing else.

    therapies: [{"is": "rituximab", "start": "2026-05-02"}]     ever treated with something against CD20: yes, whatever its name there

The axioms of the theory play no part, nor do plausible ranges: what only they add was not said by anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from solver.engine.problem import pose, widest
from solver.language.domain import Domain
from solver.language.values import ConceptTerm
from solver.library.models import Library
from solver.patient.happened import Closure, Event, FindingResult
from solver.patient.record import Record


def following_facts(library: Library, record: Record) -> Mapping[str, Domain]:
    """What is left of each variable that is no fact of the record and of which what happened leaves less than everything."""
    told = replace(library.asking(""), axioms=())
    problem = pose(told, record, ranges=False)
    found = {}
    for name, variable in library.variables.items():
        if name not in record.facts and variable.means is not None and not problem.inconsistent:
            left = problem.known[name]
            if left != widest(variable, record.as_of):
                found[name] = left
    return found


def told_by(library: Library, record: Record, variable: str) -> Iterator[str]:
    """The names of the entries, and of what is said never to have happened or to be complete, that bear on what a variable means."""
    means = library.variables[variable].means
    term = None if means is None else means.term
    if term is None or term.of is None or term.question == "is":  # of the disease another variable tells
        return
    list_name = library.concepts[term.of.concept].list
    said: tuple[Event | FindingResult | Closure, ...] = (*record.events, *record.findings, *record.closures)
    for each in said:
        if each.list == list_name and _bears_on(library, each, term):
            yield each.name


def _bears_on(library: Library, said: Event | FindingResult | Closure, term: ConceptTerm) -> bool:
    assert term.of is not None
    if said.concept is None:
        return isinstance(said, Closure)
    tree, asked = library.concepts, term.of.concept
    if isinstance(said, Closure):
        return asked in tree.narrower(said.concept) or said.concept in tree.narrower(asked)
    return said.concept in tree.members(term.of)
