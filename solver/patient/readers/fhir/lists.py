"""Which lists an export says to be complete: a List that is empty because nothing is known, or a tag of a Bundle or a List.

{"resourceType": "List", "status": "current", "code": <conditions>, "emptyReason": nilknown}   conditions are complete, and empty
{"meta": {"tag": [{"system": "urn:trialproof:complete", "code": "conditions"}]}}               conditions are complete

Any other reason for being empty says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast, get_args

from solver.dataclass import dataclass
from solver.patient.account import ResourcePlace
from solver.patient.readers.fhir.elements import concept, mapping, mappings, modified, text
from solver.patient.readers.fhir.fhir_days import Days, day
from solver.patient.readers.foreign.statements import (
    Coding,
    CompleteList,
    Faulty,
    ListName,
    PossibleDays,
)

COMPLETE_SYSTEM = "urn:trialproof:complete"
"""The system of the tag that says that a list is complete."""

EMPTY_REASONS = "http://terminology.hl7.org/CodeSystem/list-empty-reason"

ListOfCoding = Callable[[Coding], str | None]
"""Which list a code of a List means, as the mapping files say."""

BUNDLE_TAG = "Bundle.meta.tag"


@dataclass(frozen=True, slots=True)
class ListFacts:
    """What a List says: whether it is complete and of what; `dated` is None where the day of its Bundle counts.

    `reason` is why it makes nothing complete; `contradicts` that it says so of itself and cannot be so.
    """

    list: ListName | None = None
    empty: bool = False
    dated: Days = None
    reason: str = "it does not say that it is complete"
    contradicts: bool = False


def list_facts(resource: dict[str, object], list_named: ListOfCoding) -> ListFacts:
    """What a List says of its being complete."""
    names = set(map(list_named, concept(resource.get("code")).codings)) & set(get_args(ListName))
    if resource.get("status") != "current":
        return ListFacts(reason="it is not current")
    if modified(resource):
        return ListFacts(reason="a modifier extension that is not known")
    if len(names) != 1:
        return ListFacts(reason="its code names no list that is read")
    name = cast(ListName, names.pop())
    tagged = complete_tags(_tags(resource))
    nothing = any(
        each.code == "nilknown" and each.system in (EMPTY_REASONS, None)
        for each in concept(resource.get("emptyReason")).codings
    )
    dated = day(resource.get("date"))
    if isinstance(dated, Faulty):
        return ListFacts(reason="its date is no date", dated=dated)
    if nothing and next(mappings(resource.get("entry")), None) is not None:
        return ListFacts(reason="it says that nothing is known, and has entries", contradicts=True)
    if not nothing and name not in tagged:
        return ListFacts()
    return ListFacts(name, nothing, dated)


def complete_tags(tags: Iterable[tuple[str, str]]) -> tuple[ListName, ...]:
    """The lists that tags say to be complete."""
    names = get_args(ListName)
    found = dict.fromkeys(code for system, code in tags if system == COMPLETE_SYSTEM and code in names)
    return cast("tuple[ListName, ...]", tuple(found))


def complete_by_list(facts: ListFacts, place: ResourcePlace, bundle_day: Days) -> CompleteList | None:
    """The list that a List makes complete, dated by it or by its Bundle; None where it makes none complete."""
    days = facts.dated if facts.dated is not None else bundle_day
    if facts.list is None or isinstance(days, Faulty):
        return None
    by = f"List/{place.id}" if place.id else place.at
    return CompleteList(facts.list, by, days if isinstance(days, PossibleDays) else None, facts.empty, place)


def _tags(resource: dict[str, object]) -> list[tuple[str, str]]:
    pairs = (
        (text(tag.get("system")), text(tag.get("code")))
        for tag in mappings(mapping(resource.get("meta")).get("tag"))
    )
    return [(system, code) for system, code in pairs if system and code]
