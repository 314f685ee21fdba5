"""What goes on at the record's day and can be stopped: a therapy, or a condition that is treated.

    therapies[0]: azacitidine, ongoing                       a trial asks last_end(hma) + 14 d <= first_dose

    while therapies[0] is kept                               it goes on, and no day is late enough
    without it                                               it ended on the record's day, and 14 days later is

What happened is never undone: to give up such an entry is to stop what it is about.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import replace

from solver.engine.consistency import OpenedRecord
from solver.engine.decision import Decision
from solver.engine.problem import Problem, pose
from solver.language.tree import variables
from solver.library.models import Library
from solver.patient.happened import Event
from solver.patient.record import Record


def stopped_events(record: Record, library: Library, names: Container[str]) -> dict[str, Event]:
    """The entries of these names that go on and can be stopped or treated, by name."""
    known = library.variables
    return {
        event.name: event
        for event in record.events
        if event.goes_on
        and event.name in names
        and event.name in known
        and known[event.name].changes != "never"
    }


def with_stops(opened: OpenedRecord) -> OpenedRecord:
    """The same record, in which each entry that goes on and can be stopped says no more than that it goes on: it happened in any case."""
    problem = opened.problem
    library, record = problem.library.extended_from, problem.record
    stoppable = stopped_events(record, problem.library, record.facts)
    if library is None or not stoppable:
        return opened
    events = tuple(
        replace(each, stops_on=record.as_of) if each.name in stoppable else each for each in record.events
    )
    found = pose(
        library,
        replace(record, events=events),
        problem.budget,
        search=problem.search,
        ranges=opened.ranges,
        implausible=problem.implausible,
        assumed=problem.assumed,
    )
    return replace(opened, problem=found)


def whose_end_counts(problem: Problem, after: Decision, events: Iterable[Event]) -> list[str]:
    """Those of the events of whose last day a clause speaks, of a cohort that is possible."""
    library = problem.library
    spoken = {
        name
        for cohort, verdict in after.cohorts.items()
        if verdict != "ineligible"
        for _, condition, _ in after.clauses(cohort)
        for name in variables(condition)
    }
    tree, ended = library.concepts, set[str]()
    for name in spoken:
        term = library.variables[name].term if name in library.variables else None
        if term is not None and term.question == "last_end" and term.of is not None:
            ended |= tree.members(term.of)
    return [
        event.name
        for event in events
        if event.concept is None or not ended.isdisjoint(tree.narrower(event.concept))
    ]
