"""What was measured or answered: Observation, DiagnosticReport and QuestionnaireResponse become statements of results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from solver.dataclass import dataclass
from solver.patient.account import ResourcePlace
from solver.patient.readers.fhir.elements import (
    NOTHING,
    codes,
    coding,
    concept,
    given,
    idea,
    integer,
    mapping,
    mappings,
    modified,
    number,
    quantity,
    quantity_range,
    quantity_ratio,
    text,
    word,
)
from solver.patient.readers.fhir.fhir_days import Days, day, last_day, until
from solver.patient.readers.foreign.statements import (
    Amount,
    AmountRange,
    CodedText,
    Coding,
    Faulty,
    PossibleDays,
    ResultStatement,
    ResultValue,
)

VARIABLE_SYSTEM = "urn:trialproof:variable"
"""The system in which a form names a variable of the matcher itself."""

MODIFIED = "a modifier extension that is not known"

_DRUG = "drug"
_LINK = VARIABLE_SYSTEM + ":"
_NO_VALUE = Faulty("no value")
_TWO_VALUES = Faulty("two values")


@dataclass(frozen=True, slots=True)
class SpecimenFacts:
    """What a Specimen says of the results that rest on it."""

    kind: CodedText
    body_site: CodedText
    days: Days


def specimen_facts(specimen: dict[str, object]) -> SpecimenFacts:
    """What a Specimen says."""
    collection = mapping(specimen.get("collection"))
    days = day(collection.get("collectedDateTime"))
    if days is None:
        days = last_day(collection.get("collectedPeriod"))
    return SpecimenFacts(concept(specimen.get("type")), concept(collection.get("bodySite")), days)


def result(
    observation: dict[str, object], place: ResourcePlace, unconfirmed: str | None, as_of: int
) -> ResultStatement:
    """The statement of an Observation, before its Specimen and the panels that it is in are known."""
    days, instant = _effective_days(observation)
    days = until(days, as_of)
    if modified(observation):
        unconfirmed = unconfirmed or MODIFIED
    listed = observation.get("component")
    components = (
        tuple(_component_result(each, place, days, unconfirmed) for each in mappings(listed))
        if listed
        else ()
    )
    value = _element_value(observation)
    if value is None and not components:
        value = _NO_VALUE
    body_site = observation.get("bodySite")
    method = observation.get("method")
    return ResultStatement(
        place,
        concept(observation.get("code")),
        value,
        days,
        unconfirmed,
        components,
        _normal_range(observation),
        instant,
        method=concept(method) if method else NOTHING,
        body_site=concept(body_site) if body_site else NOTHING,
    )


def with_specimen(
    statement: ResultStatement, specimen: SpecimenFacts | None, issued: object, as_of: int
) -> ResultStatement:
    """A result with what its Specimen says of it, and the day on which it was issued where nothing else dates it."""
    days: Days = statement.days
    taken = specimen.days if specimen else None
    if days is None:
        days = taken if taken is not None else day(issued)
        days = until(days, as_of)
    if specimen is None and days is statement.days:
        return statement
    changed = tuple(replace(each, days=days) for each in statement.components)
    if specimen is None:
        return replace(statement, days=days, components=changed)
    return replace(
        statement,
        days=days,
        components=changed,
        specimen=specimen.kind,
        body_site=statement.body_site or specimen.body_site,
        specimen_days=taken if isinstance(taken, PossibleDays) else None,
    )


def _effective_days(observation: dict[str, object]) -> tuple[Days, str | None]:
    for name in ("effectiveDateTime", "effectiveInstant"):
        value = observation.get(name)
        if value is not None:
            days = day(value)
            has_time = isinstance(value, str) and len(value) > 10 and isinstance(days, PossibleDays)
            return days, str(value) if has_time else None
    return last_day(observation.get("effectivePeriod")), None


def _component_result(
    component: dict[str, object], place: ResourcePlace, days: Days, unconfirmed: str | None
) -> ResultStatement:
    value = _element_value(component)
    return ResultStatement(
        place,
        concept(component.get("code")),
        _NO_VALUE if value is None else value,
        days,
        unconfirmed or (MODIFIED if modified(component) else None),
        normal=_normal_range(component),
    )


def _element_value(holder: dict[str, object]) -> ResultValue | Faulty | None:
    """What stands under value[x] of an Observation, a component or an answer."""
    absent = holder.get("dataAbsentReason")
    if given(absent):
        reason = min(codes(absent), default="")
        return Faulty(f"data absent: {word(reason) or 'no reason is given'}")
    names = [name for name in _VALUES if name in holder and given(holder[name])]
    if not names:
        return None
    if len(names) > 1:
        return _TWO_VALUES
    return _VALUES[names[0]](holder[names[0]])


def _concept_value(value: object) -> CodedText | Faulty:
    return concept(value) or Faulty("a coded value without a code or a text")


def _coding_value(value: object) -> CodedText | Faulty:
    return idea((coding(value),)) if isinstance(value, dict) else Faulty("a coding is not an object")


def _text_value(value: object) -> str | Faulty:
    return text(value) or Faulty("a text value that is no text")


def _boolean_value(value: object) -> bool | Faulty:
    return value if isinstance(value, bool) else Faulty("a yes or no that is neither")


def _integer_value(value: object) -> Amount | Faulty:
    found = number(value)
    if isinstance(found, Faulty):
        return found
    return Faulty("a whole number that is none") if integer(value) is None else Amount(str(found), whole=True)


def _decimal_value(value: object) -> Amount | Faulty:
    found = number(value)
    return Amount(found) if isinstance(found, str) else found or Faulty("a number that is none")


def _date_value(value: object) -> PossibleDays | Faulty:
    return day(value) or _NO_VALUE


def _unread_value(_value: object) -> Faulty:
    return Faulty("a value of a kind that is not read")


_VALUES: Mapping[str, Callable[[object], ResultValue | Faulty]] = {
    "valueQuantity": quantity,
    "valueCodeableConcept": _concept_value,
    "valueCoding": _coding_value,
    "valueString": _text_value,
    "valueBoolean": _boolean_value,
    "valueInteger": _integer_value,
    "valueDecimal": _decimal_value,
    "valueRange": quantity_range,
    "valueRatio": quantity_ratio,
    "valueDateTime": _date_value,
    "valueDate": _date_value,
    "valueTime": _unread_value,
    "valuePeriod": _unread_value,
    "valueSampledData": _unread_value,
    "valueAttachment": _unread_value,
    "valueReference": _unread_value,
    "valueUri": _unread_value,
}


def _normal_range(holder: dict[str, object]) -> AmountRange | None:
    """The range of normal, where there is one row and it is of normal."""
    rows = holder.get("referenceRange")
    if not isinstance(rows, list) or len(rows) != 1 or not isinstance(rows[0], dict) or modified(rows[0]):
        return None
    if given(rows[0].get("type")) and codes(rows[0]["type"]) != {"normal"}:
        return None
    found = quantity_range(rows[0])
    return found if isinstance(found, AmountRange) else None


def answers(
    form: dict[str, object], place: ResourcePlace, unconfirmed: str | None, as_of: int
) -> Iterator[ResultStatement]:
    """What the items of a QuestionnaireResponse say of variables: a statement an answer."""
    days = until(day(form.get("authored")), as_of)
    if modified(form):
        unconfirmed = unconfirmed or MODIFIED
    yield from _item_answers(form, place, days, unconfirmed)


def _item_answers(
    holder: dict[str, object], place: ResourcePlace, days: Days, unconfirmed: str | None
) -> Iterator[ResultStatement]:
    for item in mappings(holder.get("item")):
        doubt = unconfirmed or (MODIFIED if modified(item) else None)
        name = _linked_variable(item)
        given_answers = list(mappings(item.get("answer")))
        if name is not None:
            drug = tuple(_drug_of_dose(item, place, days, doubt))
            for answer in given_answers or ({},):
                value = _element_value(answer)
                yield ResultStatement(place, name, _NO_VALUE if value is None else value, days, doubt, drug)
        for inner in (item, *given_answers):
            yield from (
                each
                for each in _item_answers(inner, place, days, doubt)
                if name is None or each.code != _DRUG_CODE
            )


def _drug_of_dose(
    item: dict[str, object], place: ResourcePlace, days: Days, unconfirmed: str | None
) -> Iterator[ResultStatement]:
    """The drug of a dose, which is an item within the item of the dose."""
    for inner in (item, *mappings(item.get("answer"))):
        for each in mappings(inner.get("item")):
            if _linked_variable(each) == _DRUG_CODE:
                for answer in mappings(each.get("answer")):
                    yield ResultStatement(place, _DRUG_CODE, _element_value(answer), days, unconfirmed)


def _linked_variable(item: dict[str, object]) -> CodedText | None:
    link = item.get("linkId")
    if type(link) is not str or not link.startswith(_LINK) or len(link) == len(_LINK):
        return None
    return idea((Coding(VARIABLE_SYSTEM, link[len(_LINK) :]),))


_DRUG_CODE = idea((Coding(VARIABLE_SYSTEM, _DRUG),))
