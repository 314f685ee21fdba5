"""A resource as it is kept until the whole export is known: small, and with its references still open.

What depends on other resources (whose it is, which version counts, the Medication behind an order) is settled afterwards; no JSON is kept.
A large export has many plain results and little else: what only some resources have stands aside.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from solver.dataclass import dataclass
from solver.patient.account import Outcome, ResourcePlace
from solver.patient.readers.fhir.diagnoses import condition, dated_by_age, procedure
from solver.patient.readers.fhir.elements import NOTHING, concept, mapping, modified, text
from solver.patient.readers.fhir.lists import ListFacts, ListOfCoding, list_facts
from solver.patient.readers.fhir.measured import (
    MODIFIED,
    SpecimenFacts,
    answers,
    result,
    specimen_facts,
)
from solver.patient.readers.fhir.medicines import (
    MedicineFacts,
    drug,
    medicine_facts,
    medicine_reference,
)
from solver.patient.readers.fhir.nodes import Node
from solver.patient.readers.fhir.paths import PathValues
from solver.patient.readers.fhir.persons import links, person
from solver.patient.readers.fhir.references import Reference, identifiers, reference, references
from solver.patient.readers.fhir.statuses import MEDICATIONS, foreign_form, worth
from solver.patient.readers.foreign.statements import (
    CodedText,
    ReportStatement,
    ResultStatement,
    SourceStatement,
)
from solver.patterns import pattern

READ = frozenset(
    {
        "Observation",
        "DiagnosticReport",
        "QuestionnaireResponse",
        "Condition",
        "Procedure",
        "AllergyIntolerance",
        "Immunization",
        *MEDICATIONS,
    }
)
"""The types of which statements are made, or would be if a mapping had their codes."""

BEHIND = frozenset({"Medication", "Specimen", "Substance"})
"""The types of what statements rest on."""

_KNOWN = READ | BEHIND | {"Patient", "List"}
_TYPE = pattern(r"[A-Z][A-Za-z]{1,40}", re.ASCII)
_ID = pattern(r"[!-:<-~]{1,64}", re.ASCII)

UUID = "urn:uuid:"
"""What begins a fullUrl that is nothing but an id."""


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What else a Patient says: whether the record is in use, and which others are the same person."""

    inactive: bool
    links: tuple[tuple[str, Reference], ...] = ()


Facts = SpecimenFacts | MedicineFacts | ListFacts | PersonFacts


@dataclass(frozen=True, slots=True)
class Aside:
    """What only some resources have.

    `outcome` is what keeps a resource from being used, with its `reason`; `foreign` says what is not of R4, `of_r5` whether that is of R5.
    `behind` leads to the Medication or the Specimen, `bound` to results, members and orders. `later` is a resource that is read again
    when the day of birth is known. `uncoded` is a code that no mapping could have.
    """

    outcome: Outcome | None = None
    reason: str = ""
    in_error: bool = False
    foreign: str | None = None
    of_r5: bool = False
    facts: Facts | None = None
    focus: tuple[Reference, ...] = ()
    behind: Reference | None = None
    bound: tuple[Reference, ...] = ()
    issued: str | None = None
    later: dict[str, object] | None = None
    uncoded: CodedText = NOTHING


@dataclass(frozen=True, slots=True)
class Versioned:
    """What tells versions of a resource apart, and by what else it is known."""

    version: int | None = None
    updated: str | None = None
    identifiers: tuple[tuple[str | None, str], ...] = ()


_PLAIN = Aside()
_UNVERSIONED = Versioned()


@dataclass(slots=True, eq=False)
class Draft:
    """One resource; `id` is as written, also where it is not fit to be shown, and `url` its fullUrl where the id does not tell it."""

    place: ResourcePlace
    id: str | None = None
    url: str | None = None
    by_uuid: bool = False
    container: Draft | None = None
    subjects: tuple[Reference, ...] = ()
    statements: tuple[SourceStatement, ...] = ()
    aside: Aside = _PLAIN
    versioned: Versioned = _UNVERSIONED

    @property
    def type(self) -> str:
        """The type of the resource."""
        return self.place.type

    @property
    def key(self) -> str | None:
        """`Type/id`, or `#id` of what is contained."""
        if self.id is None:
            return None
        return f"{self.place.type}/{self.id}" if self.container is None else f"#{self.id}"

    @property
    def full_url(self) -> str | None:
        """Its fullUrl, unless that ends with `Type/id` and so says nothing else."""
        return f"{UUID}{self.id}" if self.by_uuid else self.url

    @property
    def identifiers(self) -> tuple[tuple[str | None, str], ...]:
        """Its identifiers, by system and value."""
        return self.versioned.identifiers


def draft_of(
    node: Node,
    container: Draft | None,
    as_of: int,
    list_named: ListOfCoding,
    paths: PathValues | None = None,
) -> Draft:
    """The draft of a node; its container's is given where it is contained. `paths` reads values that a mapping file has a path for."""
    resource = node.resource
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    if (
        not isinstance(resource, dict)
        or type(kind) is not str
        or not (kind in _KNOWN or _TYPE.fullmatch(kind))
    ):
        place = ResourcePlace(node.at, "unknown")
        return Draft(place, aside=Aside("error", node.fault or "it is no FHIR resource"))
    named = text(resource.get("id"))
    place = ResourcePlace(node.at, kind, named if named and _ID.fullmatch(named) else None)
    draft = Draft(place, named, container=container)
    if node.full_url:
        _set_url(draft, node.full_url)
    if node.fault:
        draft.aside = Aside("error", node.fault)
        return draft
    draft.subjects = subjects_of(resource)
    if node.unread or kind not in _KNOWN:
        draft.aside = _not_read(node.unread or f"no fact is read from {kind}")
        return draft
    if "meta" in resource or "identifier" in resource:
        draft.versioned = _resource_version(resource)
    draft.statements, draft.aside = _READERS.get(kind, _read_stated)(resource, place, as_of, list_named)
    if paths is not None and kind == "Observation":
        read = (paths.read(each, resource) for each in draft.statements if isinstance(each, ResultStatement))
        draft.statements = tuple(read)
    return draft


def _set_url(draft: Draft, url: str) -> None:
    if draft.id and url.startswith(UUID) and url[len(UUID) :] == draft.id:
        draft.by_uuid = True
    elif draft.type == "Patient" or not draft.id or not url.endswith(f"/{draft.key}"):
        draft.url = url


@cache
def _not_read(reason: str) -> Aside:
    return Aside("not-read", reason)


def subjects_of(resource: dict[str, object]) -> tuple[Reference, ...]:
    """Whose it is: its `subject`, else its `patient`."""
    found = resource.get("subject")
    return references(resource.get("patient") if found is None else found)


def _resource_version(resource: dict[str, object]) -> Versioned:
    meta = mapping(resource.get("meta"))
    version, updated = meta.get("versionId"), meta.get("lastUpdated")
    updated = text(updated) if updated is not None else None
    known = type(version) is str and version.isdecimal() and version.isascii() and len(version) < 20
    named = identifiers(resource["identifier"]) if "identifier" in resource else ()
    if not known and updated is None and not named:
        return _UNVERSIONED
    return Versioned(int(str(version)) if known else None, updated, named)


Read = tuple[tuple[SourceStatement, ...], Aside]


def _read_stated(resource: dict[str, object], place: ResourcePlace, as_of: int, _lists: ListOfCoding) -> Read:
    kind = place.type
    foreign, of_r5 = foreign_form(resource, kind) or (None, False)
    status, in_error = worth(resource, kind), resource.get("status") == "entered-in-error"
    if foreign is None and status.standing == "never":
        return (), Aside("status", status.reason or "its status", in_error)
    doubt = foreign or status.reason
    statements: tuple[SourceStatement, ...] = ()
    behind: Reference | None = None
    bound: tuple[Reference, ...] = ()
    outcome: Outcome | None = None
    reason, uncoded = "", NOTHING
    if in_error:
        pass
    elif kind in MEDICATIONS:
        behind, bound = medicine_reference(resource), _orders_behind(resource)
        statements = (drug(resource, kind, place, doubt, as_of),)
    elif kind == "Condition":
        statements = (condition(resource, place, doubt, as_of, None),)
    elif kind == "Procedure":
        statements = (procedure(resource, place, doubt, as_of, None),)
    elif kind == "QuestionnaireResponse":
        statements = tuple(answers(resource, place, doubt, as_of))
        if not statements:
            outcome, reason = "not-read", "no item of it names a variable"
    elif kind == "DiagnosticReport":
        bound = references(resource.get("result"))
        reason = doubt or (MODIFIED if modified(resource) else "")
        statements = (ReportStatement(place, concept(resource.get("code")), (), not reason),)
    elif foreign is None:
        outcome = "unknown-code"
        uncoded = concept(resource.get("vaccineCode" if kind == "Immunization" else "code"))
    later = resource if dated_by_age(resource) else None
    return statements, Aside(
        outcome, reason, in_error, foreign, of_r5, None, (), behind, bound, None, later, uncoded
    )


def _orders_behind(resource: dict[str, object]) -> tuple[Reference, ...]:
    """What an intake rests on: an order, another statement."""
    names = ("basedOn", "derivedFrom", "request", "authorizingPrescription")
    return tuple(each for name in names for each in references(resource.get(name)))


def _read_observation(
    resource: dict[str, object], place: ResourcePlace, as_of: int, _lists: ListOfCoding
) -> Read:
    status = worth(resource, "Observation")
    if status.standing == "never":
        return (), Aside(
            "status", status.reason or "its status", resource.get("status") == "entered-in-error"
        )
    statement = result(resource, place, status.reason, as_of)
    if statement.days is None or "focus" in resource or "specimen" in resource or "hasMember" in resource:
        return (statement,), Aside(
            focus=references(resource.get("focus")),
            behind=reference(resource.get("specimen")),
            bound=references(resource.get("hasMember")),
            issued=text(resource.get("issued")) if statement.days is None else None,
        )
    return (statement,), _PLAIN


def _read_patient(
    resource: dict[str, object], place: ResourcePlace, _as_of: int, _lists: ListOfCoding
) -> Read:
    facts = PersonFacts(resource.get("active") is False, links(resource))
    reason = MODIFIED if modified(resource) else ""
    return (person(resource, place),), Aside(reason=reason, facts=facts)


def _read_list(
    resource: dict[str, object], _place: ResourcePlace, _as_of: int, list_named: ListOfCoding
) -> Read:
    return (), Aside(facts=list_facts(resource, list_named))


def _read_medicine(
    resource: dict[str, object], _place: ResourcePlace, _as_of: int, _lists: ListOfCoding
) -> Read:
    return (), Aside(facts=medicine_facts(resource))


def _read_specimen(
    resource: dict[str, object], _place: ResourcePlace, _as_of: int, _lists: ListOfCoding
) -> Read:
    if modified(resource) or resource.get("status") == "entered-in-error":
        return (), _PLAIN
    return (), Aside(facts=specimen_facts(resource))


_READERS: dict[str, Callable[[dict[str, object], ResourcePlace, int, ListOfCoding], Read]] = {
    "Observation": _read_observation,
    "Patient": _read_patient,
    "List": _read_list,
    "Medication": _read_medicine,
    "Substance": _read_medicine,
    "Specimen": _read_specimen,
}
