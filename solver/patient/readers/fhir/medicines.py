"""Drugs that were given, taken, dispensed or ordered: when the intake began and ended, and each dosage."""

from __future__ import annotations

from collections.abc import Iterator

from solver.dataclass import dataclass
from solver.patient.account import ResourcePlace
from solver.patient.readers.fhir.elements import (
    NOTHING,
    concept,
    given,
    integer,
    mapping,
    mappings,
    modified,
    number,
    quantity,
    quantity_range,
    text,
)
from solver.patient.readers.fhir.fhir_days import Days, day, ends, throughout, until
from solver.patient.readers.fhir.measured import MODIFIED
from solver.patient.readers.fhir.references import Reference, reference
from solver.patient.readers.fhir.statuses import ORDERS
from solver.patient.readers.foreign.statements import (
    Amount,
    AmountRange,
    CodedText,
    Dosage,
    DrugStatement,
    Faulty,
    PossibleDays,
)


@dataclass(frozen=True, slots=True)
class MedicineFacts:
    """What a Medication or a Substance says of what rests on it; `ingredients` leads to more of them."""

    codes: tuple[CodedText, ...]
    form: CodedText
    ingredients: tuple[Reference, ...]
    unconfirmed: str | None


def medicine_facts(resource: dict[str, object]) -> MedicineFacts:
    """What a Medication or a Substance says."""
    codes, led = [concept(resource.get("code"))], []
    unconfirmed = MODIFIED if modified(resource) else None
    for each in mappings(resource.get("ingredient")):
        if each.get("isActive") is False:
            continue
        if modified(each):
            unconfirmed = MODIFIED
        codes.append(concept(each.get("itemCodeableConcept")))
        inside = reference(each.get("itemReference"))
        if inside is not None:
            led.append(inside)
    if resource.get("status") == "entered-in-error":
        unconfirmed = "its Medication is entered in error"
    return MedicineFacts(tuple(filter(None, codes)), concept(resource.get("form")), tuple(led), unconfirmed)


def medicine_reference(resource: dict[str, object]) -> Reference | None:
    """What names the drug elsewhere, in the form of R4 or of R5."""
    found = reference(resource.get("medicationReference"))
    return found or reference(mapping(resource.get("medication")).get("reference"))


def drug(
    resource: dict[str, object], kind: str, place: ResourcePlace, unconfirmed: str | None, as_of: int
) -> DrugStatement:
    """The statement of a Medication[...] resource, before what names the drug elsewhere is known."""
    named = (
        concept(resource.get("medicationCodeableConcept")),
        concept(mapping(resource.get("medication")).get("concept")),
    )
    dosages, doubtful = _dosages(resource)
    start, end, ongoing = _intake_days(resource, kind, dosages, as_of)
    if modified(resource) or doubtful:
        unconfirmed = unconfirmed or MODIFIED
    return DrugStatement(
        place,
        tuple(filter(None, named)),
        start,
        end,
        ongoing,
        kind in ORDERS,
        NOTHING,
        dosages,
        unconfirmed,
    )


def _intake_days(
    resource: dict[str, object], kind: str, dosages: tuple[Dosage, ...], as_of: int
) -> tuple[Days, Days, bool | None]:
    """When an intake began and when it ended, and whether it goes on."""
    said_on: Days = None
    if kind == "MedicationRequest":
        start, end = _dosage_bounds(dosages)
        start = day(resource.get("authoredOn")) if start is None else start
    elif kind == "MedicationDispense":
        start, end = day(resource.get("whenHandedOver")), None
        start = day(resource.get("whenPrepared")) if start is None else start
    else:
        start, end = ends(resource.get("effectivePeriod"))
        once = day(resource.get("effectiveDateTime"))
        if once is not None:
            start, end = once, once if kind == "MedicationAdministration" else None
        if kind != "MedicationAdministration":
            said_on = until(day(resource.get("dateAsserted")), as_of)
            if start is None and isinstance(said_on, PossibleDays):
                start = PossibleDays(None, said_on.last, said_on.written)
            elif start is None:
                start = said_on
    start = until(start, as_of)
    status = resource.get("status")
    if isinstance(end, Faulty):
        return start if isinstance(start, Faulty) else end, None, None
    if isinstance(end, PossibleDays):
        return start, *_intake_end(start, end, status, as_of)
    if status == "active" or (status == "in-progress" and kind == "MedicationAdministration"):
        return start, None, True
    if status in ("completed", "stopped"):
        last = said_on.last if isinstance(said_on, PossibleDays) else as_of
        return start, _days_from(start, last), False
    return start, None, None


def _intake_end(start: Days, end: PossibleDays, status: object, as_of: int) -> tuple[Days, bool | None]:
    """When an intake with an end ended, and whether it goes on: what is over has no end after as_of."""
    if end.first is not None and end.first > as_of:
        if status in ("completed", "stopped"):
            return _days_from(start, as_of), False
        return end, None if status == "on-hold" else True
    over = end.last is not None and (end.last < as_of or status in ("completed", "stopped"))
    if over:
        return until(end, as_of), False
    return end, None if status == "on-hold" or end.first != end.last else True


def _days_from(start: Days, last: int | None) -> PossibleDays:
    first = start.first if isinstance(start, PossibleDays) else None
    return PossibleDays(first, last if first is None or last is None else max(first, last))


def _dosage_bounds(dosages: tuple[Dosage, ...]) -> tuple[Days, Days]:
    """From the first day of a dosage's bounds to the last one; no end where a dosage has none."""
    bounds = [each.bounds for each in dosages]
    firsts = [each.first for each in bounds if each is not None and each.first is not None]
    lasts = [None if each is None else each.last for each in bounds]
    start = PossibleDays(min(firsts), min(firsts)) if firsts else None
    known = [each for each in lasts if each is not None]
    return start, PossibleDays(max(known), max(known)) if known and len(known) == len(lasts) else None


def _dosages(resource: dict[str, object]) -> tuple[tuple[Dosage, ...], bool]:
    """Each dosage, and whether one of them may mean something else than it seems to."""
    found, doubtful = [], False
    for name in ("dosageInstruction", "dosage"):
        listed = resource.get(name)
        for each in (listed,) if isinstance(listed, dict) else mappings(listed):
            found.append(_dosage(each))
            doubtful = doubtful or modified(each) or modified(mapping(each.get("timing")))
    return tuple(found), doubtful


def _dosage(entry: dict[str, object]) -> Dosage:
    timing = mapping(entry.get("timing"))
    repeat = mapping(timing.get("repeat"))
    times, period = _intake_frequency(repeat)
    coded = concept(timing.get("code"))
    bounds = throughout(repeat.get("boundsPeriod"))
    return Dosage(
        _amount_per_intake(entry),
        times,
        period,
        next((each.code for each in coded.codings if each.code), coded.text),
        entry.get("asNeededBoolean") is True or given(entry.get("asNeededCodeableConcept")),
        concept(entry.get("route")),
        integer(entry.get("sequence")),
        bounds if isinstance(bounds, PossibleDays) else None,
    )


def _amount_per_intake(entry: dict[str, object]) -> Amount | AmountRange | None:
    """The amount of one intake; None if there is none, or several that differ."""
    found: set[Amount | AmountRange] = set()
    for each in _doses_given(entry):
        amount = (
            quantity(each["doseQuantity"]) if "doseQuantity" in each else quantity_range(each["doseRange"])
        )
        if isinstance(amount, Faulty):
            return None
        found.add(amount)
    return found.pop() if len(found) == 1 else None


def _doses_given(entry: dict[str, object]) -> Iterator[dict[str, object]]:
    for each in mappings(entry.get("doseAndRate")):
        if given(each.get("doseQuantity")) or given(each.get("doseRange")):
            yield {name: value for name, value in each.items() if given(value)}
    if given(entry.get("dose")):
        yield {"doseQuantity": entry["dose"]}


def _intake_frequency(repeat: dict[str, object]) -> tuple[str | None, Amount | None]:
    """How often in which period; None where that varies, or depends on the day of the week."""
    unit = text(repeat.get("periodUnit"))
    length, times = number(repeat.get("period")), number(repeat.get("frequency"))
    if any(given(repeat.get(name)) for name in ("frequencyMax", "periodMax", "dayOfWeek")):
        return None, None
    if not isinstance(length, str) or unit is None or not isinstance(times, str):
        return None, None
    return times, Amount(length, code=unit)
