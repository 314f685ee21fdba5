"""Treatments of a Phenopacket: an agent, and the intervals in which doses of it were given."""

from __future__ import annotations

from solver.patient.account import ResourcePlace
from solver.patient.readers.foreign.statements import Amount, Dosage, DrugStatement, Faulty, PossibleDays
from solver.patient.readers.foreign.written_days import written_days
from solver.patient.readers.phenopacket.json_elements import (
    Element,
    ElementReader,
    elements_of,
    part,
    text_of,
)

_ORDER = "PRESCRIPTION"


def read_treatment(treatment: Element, place: ResourcePlace, read: ElementReader) -> DrugStatement:
    """An intake from the start of the first interval to the end of the last; one without an end leaves the end open."""
    intervals = [each for each in elements_of(treatment, "doseIntervals") if isinstance(each, dict)]
    ends = [_interval_ends(each) for each in intervals]
    start, end = _earliest_start([each[0] for each in ends]), _latest_end([each[1] for each in ends])
    return DrugStatement(
        place,
        (read.term(part(treatment, "agent")),),
        start=start,
        end=end,
        order=text_of(treatment, "drugType") == _ORDER,
        dosages=tuple(_dosage(each, treatment, read) for each in intervals),
    )


def _interval_ends(element: Element) -> tuple[PossibleDays | Faulty | None, PossibleDays | Faulty | None]:
    interval = part(element, "interval")
    return written_days(part(interval, "start")), written_days(part(interval, "end"))


def _earliest_start(starts: list[PossibleDays | Faulty | None]) -> PossibleDays | Faulty | None:
    """The first of several starts; unknown if one of them is."""
    found = [each for each in starts if isinstance(each, PossibleDays)]
    faults = [each for each in starts if isinstance(each, Faulty)]
    if faults or len(found) < len(starts):
        return faults[0] if faults else None
    return min(found, key=lambda each: (each.first or 0, each.last or 0), default=None)


def _latest_end(ends: list[PossibleDays | Faulty | None]) -> PossibleDays | Faulty | None:
    """The last of several ends; unknown if one of them is."""
    found = [each for each in ends if isinstance(each, PossibleDays)]
    faults = [each for each in ends if isinstance(each, Faulty)]
    if faults or len(found) < len(ends):
        return faults[0] if faults else None
    return max(found, key=lambda each: (each.last or 0, each.first or 0), default=None)


def _dosage(element: Element, treatment: Element, read: ElementReader) -> Dosage:
    amount = read.amount(part(element, "quantity"))
    frequency = read.map.frequencies.get(text_of(part(element, "scheduleFrequency"), "id") or "")
    bounds = read.interval(part(element, "interval"))
    return Dosage(
        amount=amount if isinstance(amount, Amount) else None,
        times=frequency.times if frequency else None,
        period=Amount(frequency.period, code=frequency.unit) if frequency else None,
        route=read.term(part(treatment, "routeOfAdministration")),
        bounds=bounds if isinstance(bounds, PossibleDays) else None,
    )
