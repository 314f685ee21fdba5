"""Intakes as events: what several resources say of one and the same counts once; and what is over, of classes that ask for it."""

from __future__ import annotations

from solver.library.codes.history_models import ConceptClass
from solver.patient.readers.foreign.gathered import Candidate, FactSource
from solver.patient.readers.foreign.history.gatherer import HistoryGatherer, Intake, in_order
from solver.patient.readers.foreign.history.many_entries import MOST_SOURCES, ToldEvent, within_limit
from solver.patient.readers.foreign.history.spans import date_text, entry_of
from solver.patient.readers.foreign.statements import PossibleDays

_RULE = "intake"


def gather_intakes(gatherer: HistoryGatherer) -> None:
    """Write all intakes as events, identical ones once, and the facts of classes of which all is over."""
    alike: dict[tuple[str, str], list[Intake]] = {}
    for intake in gatherer.intakes:
        entry = entry_of(intake.concept, intake.span, gatherer.as_of)
        alike.setdefault((intake.concept, repr(sorted(entry.items()))), []).append(intake)
    told = [
        ToldEvent(concept, intakes[0].span, tuple(in_order(each.source for each in intakes)[:MOST_SOURCES]))
        for (concept, _), intakes in alike.items()
    ]
    for event in within_limit(told):
        gatherer.event(event.concept, event.span, event.sources)
    for each in gatherer.codes.classes:
        _gather_stopped(each, gatherer)


def _gather_stopped(of: ConceptClass, gatherer: HistoryGatherer) -> None:
    """That nothing of a class goes on, and the day of the latest end, where each of its intakes is known to be over."""
    intakes = [each for each in gatherer.intakes if gatherer.recognition.belongs(each.concept, of.concept)]
    if not intakes or of.current is None or any(each.span.ongoing is not False for each in intakes):
        return
    sources = in_order(_end_source(each) for each in intakes)
    first, others = sources[-1], tuple(sources[:-1])
    said = PossibleDays(None, gatherer.as_of)
    gatherer.gathered.candidates.append(
        Candidate(
            of.current,
            {"value": False},
            first,
            said,
            lasting=True,
            rule=_RULE,
            also=others,
            needs_all_of=of.concept,
        )
    )
    last = max(intakes, key=lambda each: each.span.end.last if each.span.end and each.span.end.last else 0)
    day = date_text(last.span.end)
    if of.stopped is None or day is None or not all(_ended_by(each, last) for each in intakes):
        return
    gatherer.gathered.candidates.append(
        Candidate(
            of.stopped,
            {"value": day},
            _end_source(last),
            last.span.end,
            lasting=True,
            rule=_RULE,
            needs_all_of=of.concept,
        )
    )


def _ended_by(one: Intake, last: Intake) -> bool:
    """Whether an intake surely ended no later than the last one, or on the same possible days."""
    end, latest = one.span.end, last.span.end
    if end is None or latest is None or end.last is None or latest.first is None:
        return False
    return end.last <= latest.first or (end.first, end.last) == (latest.first, latest.last)


def _end_source(intake: Intake) -> FactSource:
    """The source of an intake with the days of its end."""
    source = intake.source
    days = intake.span.end or source.days
    return FactSource(source.place, source.coding, days, source.said, source.order)
