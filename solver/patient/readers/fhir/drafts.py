"""A resource as it is kept until the whole export is known: small, and with its references still open.

What depends on other resources (whose it is, which version counts, the Medication behind an order) is settled afterwards; no JSON is kept.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import blake2b

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

_TYPE = re.compile(r"[A-Z][A-Za-z]{1,40}", re.ASCII)
_ID = re.compile(r"[!-:<-~]{1,64}", re.ASCII)
_NO_REFERENCES: tuple[Reference, ...] = ()


@dataclass(slots=True, eq=False)
class Draft:
    """One resource. `outcome` and its reason are set as soon as something keeps it from being used."""

    place: ResourcePlace
    key: str | None = None
    full_url: str | None = None
    container: Draft | None = None
    outcome: Outcome | None = None
    reason: str = ""
    version: int | None = None
    updated: str | None = None
    digest: bytes = b""
    subjects: tuple[Reference, ...] = _NO_REFERENCES
    focus: tuple[Reference, ...] = _NO_REFERENCES
    identifiers: tuple[tuple[str | None, str], ...] = ()
    facts: SpecimenFacts | MedicineFacts | ListFacts | PersonFacts | None = None
    statements: tuple[SourceStatement, ...] = ()
    behind: Reference | None = None
    bound: tuple[Reference, ...] = _NO_REFERENCES
    issued: str | None = None
    later: dict[str, object] | None = None
    foreign: str | None = None
    of_r5: bool = False
    in_error: bool = False
    uncoded: CodedText = NOTHING

    @property
    def type(self) -> str:
        """The type of the resource."""
        return self.place.type


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What else a Patient says: whether the record is in use, and which others are the same person."""

    inactive: bool
    links: tuple[tuple[str, Reference], ...] = ()


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
    if not isinstance(resource, dict) or type(kind) is not str or not _TYPE.fullmatch(kind):
        return Draft(
            ResourcePlace(node.at, "unknown"), outcome="error", reason=node.fault or "it is no FHIR resource"
        )
    named = text(resource.get("id"))
    place = ResourcePlace(node.at, kind, named if named and _ID.fullmatch(named) else None)
    draft = Draft(place, container=container, full_url=node.full_url)
    if named:
        draft.key = f"#{named}" if container else f"{kind}/{named}"
    if draft.full_url and named and kind != "Patient" and draft.full_url.endswith(f"/{draft.key}"):
        draft.full_url = None  # it is found by type and id as well
    if node.fault:
        draft.outcome, draft.reason = "error", node.fault
        return draft
    draft.subjects = _subjects(resource)
    if node.unread:
        draft.outcome, draft.reason = "not-read", node.unread
        return draft
    if kind not in READ and kind not in BEHIND and kind not in ("Patient", "List"):
        draft.outcome, draft.reason = "not-read", f"no fact is read from {kind}"
        return draft
    _identify(draft, resource)
    _READERS.get(kind, _read_stated)(draft, resource, as_of, list_named)
    if paths is not None and kind == "Observation":
        read = (paths.read(each, resource) for each in draft.statements if isinstance(each, ResultStatement))
        draft.statements = tuple(read)
    return draft


def _subjects(resource: dict[str, object]) -> tuple[Reference, ...]:
    """Whose it is: its `subject`, else its `patient`."""
    found = resource.get("subject")
    return references(resource.get("patient") if found is None else found)


def _identify(draft: Draft, resource: dict[str, object]) -> None:
    """What versions of one resource are told apart by, and what an equal one is known by."""
    meta = mapping(resource.get("meta"))
    version = meta.get("versionId")
    if type(version) is str and version.isdigit() and len(version) < 20:
        draft.version = int(version)
    draft.updated = text(meta.get("lastUpdated"))
    if "identifier" in resource:
        draft.identifiers = identifiers(resource["identifier"])
    told = {name: value for name, value in resource.items() if name not in _NOT_TOLD}
    written = json.dumps(told, sort_keys=True, separators=(",", ":"))
    draft.digest = blake2b(written.encode(), digest_size=12).digest()


def _read_stated(draft: Draft, resource: dict[str, object], as_of: int, _lists: ListOfCoding) -> None:
    kind, place = draft.type, draft.place
    foreign = foreign_form(resource, kind)
    status = worth(resource, kind)
    if foreign is not None:
        draft.foreign, draft.of_r5 = foreign
    elif status.standing == "never":
        draft.outcome, draft.reason = "status", status.reason or "its status"
        draft.in_error = resource.get("status") == "entered-in-error"
        return
    doubt = draft.foreign or status.reason
    if kind in MEDICATIONS:
        draft.behind = medicine_reference(resource)
        draft.bound = references(resource.get("basedOn")) + references(resource.get("derivedFrom"))
        if kind == "MedicationAdministration":
            draft.bound += references(resource.get("request"))
        elif kind == "MedicationDispense":
            draft.bound += references(resource.get("authorizingPrescription"))
        draft.statements = (drug(resource, kind, place, doubt, as_of),)
    elif kind == "Condition":
        if dated_by_age(resource):
            draft.later = resource
        draft.statements = (condition(resource, place, doubt, as_of, None),)
    elif kind == "Procedure":
        if dated_by_age(resource):
            draft.later = resource
        draft.statements = (procedure(resource, place, doubt, as_of, None),)
    elif kind == "QuestionnaireResponse":
        draft.statements = tuple(answers(resource, place, doubt, as_of))
        if not draft.statements:
            draft.outcome, draft.reason = "not-read", "no item of it names a variable"
    elif kind == "DiagnosticReport":
        draft.bound = references(resource.get("result"))
        final = doubt is None and not modified(resource)
        draft.statements = (ReportStatement(place, concept(resource.get("code")), (), final),)
        draft.reason = doubt or (MODIFIED if not final else "")
    else:
        _read_uncoded(draft, resource, kind)


def _read_uncoded(draft: Draft, resource: dict[str, object], kind: str) -> None:
    """An AllergyIntolerance or an Immunization, the codes of which no mapping has."""
    if draft.foreign is None:
        coded = concept(resource.get("vaccineCode" if kind == "Immunization" else "code"))
        draft.outcome, draft.uncoded = "unknown-code", coded


def _read_observation(draft: Draft, resource: dict[str, object], as_of: int, _lists: ListOfCoding) -> None:
    status = worth(resource, "Observation")
    if status.standing == "never":
        draft.outcome, draft.reason = "status", status.reason or "its status"
        draft.in_error = resource.get("status") == "entered-in-error"
        return
    statement = result(resource, draft.place, status.reason, as_of)
    draft.statements = (statement,)
    if "focus" in resource:
        draft.focus = references(resource["focus"])
    if "specimen" in resource:
        draft.behind = reference(resource["specimen"])
    if "hasMember" in resource:
        draft.bound = references(resource["hasMember"])
    if statement.days is None:
        draft.issued = text(resource.get("issued"))


def _read_patient(draft: Draft, resource: dict[str, object], _as_of: int, _lists: ListOfCoding) -> None:
    draft.facts = PersonFacts(resource.get("active") is False, links(resource))
    draft.reason = MODIFIED if modified(resource) else ""
    draft.statements = (person(resource, draft.place),)


def _read_list(draft: Draft, resource: dict[str, object], _as_of: int, list_named: ListOfCoding) -> None:
    draft.facts = list_facts(resource, list_named)


def _read_medicine(draft: Draft, resource: dict[str, object], _as_of: int, _lists: ListOfCoding) -> None:
    draft.facts = medicine_facts(resource)


def _read_specimen(draft: Draft, resource: dict[str, object], _as_of: int, _lists: ListOfCoding) -> None:
    if modified(resource) or resource.get("status") == "entered-in-error":
        return
    draft.facts = specimen_facts(resource)


_NOT_TOLD = frozenset({"id", "meta", "text"})
_READERS = {
    "Observation": _read_observation,
    "Patient": _read_patient,
    "List": _read_list,
    "Medication": _read_medicine,
    "Substance": _read_medicine,
    "Specimen": _read_specimen,
}
