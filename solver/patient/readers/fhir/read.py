"""Reading FHIR: the resources of an export become the statements of one patient, and the account of what became of each of them.

First every resource is kept as a small draft; then versions are told apart, the patient is chosen, and what refers to other resources is
completed. A resource that says something has no outcome yet: that is for those who know its codes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator

from solver.errors import InputError
from solver.language.calendar import EARLIEST_AS_OF
from solver.library.models import Library
from solver.patient.account import Account
from solver.patient.readers.fhir.completed import Completion
from solver.patient.readers.fhir.drafts import READ, Draft, PersonFacts, draft_of
from solver.patient.readers.fhir.fhir_days import day
from solver.patient.readers.fhir.lists import BUNDLE_TAG, ListOfCoding, complete_tags
from solver.patient.readers.fhir.medicines import MedicineFacts
from solver.patient.readers.fhir.nodes import BundleHead, Node
from solver.patient.readers.fhir.paths import PathValues, path_values
from solver.patient.readers.fhir.patients import (
    Whose,
    choose,
    names_of,
    referred_patients,
    whole_patients,
)
from solver.patient.readers.fhir.references import AddressBook, Reference
from solver.patient.readers.fhir.sources import FhirSource, NodeSource, fhir_nodes
from solver.patient.readers.fhir.versions import set_versions_apart
from solver.patient.readers.foreign.statements import CompleteList, Export, Faulty

MORE_PAGES = "page 1 of more: absence cannot be concluded"

_OF_A_PATIENT = READ | {
    "Account", "AdverseEvent", "Basic", "BodyStructure", "CarePlan", "CareTeam", "ChargeItem", "Claim", "ClaimResponse",
    "ClinicalImpression", "Communication", "CommunicationRequest", "Composition", "Consent", "Coverage",
    "CoverageEligibilityRequest", "CoverageEligibilityResponse", "DetectedIssue", "Device", "DeviceRequest",
    "DeviceUseStatement", "DocumentManifest", "DocumentReference", "Encounter", "EpisodeOfCare", "ExplanationOfBenefit",
    "FamilyMemberHistory", "Flag", "Goal", "GuidanceResponse", "ImagingStudy", "ImmunizationEvaluation",
    "ImmunizationRecommendation", "Invoice", "List", "MeasureReport", "Media", "MolecularSequence", "NutritionOrder",
    "Patient", "RelatedPerson", "RequestGroup", "ResearchSubject", "RiskAssessment", "ServiceRequest", "Specimen",
    "SupplyDelivery", "SupplyRequest", "VisionPrescription",
}  # fmt: skip


def read_fhir(
    nodes: NodeSource,
    account: Account,
    library: Library,
    *,
    as_of: int,
    patient: str | None = None,
    name: str = "export",
) -> Export:
    """What an export says of one patient; `account` gets a row for each resource, with the outcomes that no code is needed for.

    `patient` chooses one of several, by id, `Patient/ID` or fullUrl. Raises `InputError` with one line if there is no patient data, more
    than one patient, or nothing but FHIR R5.
    """
    drafts, heads = _drafts(nodes, as_of, library.codes.list_of, path_values(library.codes))
    for draft in drafts:
        account.row(draft.place)
    _refuse_empty(drafts, name)
    duplicates, different = set_versions_apart(drafts)
    counting, book = _addressed_drafts(drafts, duplicates)
    patients = whole_patients(counting, book)
    without = not patients
    patients = patients or referred_patients(counting, book)
    meant = choose(patients, patient, name)
    account.patients = max(1, len(patients))
    export = Export()
    if without:
        export.warnings.append(("unconfirmed", "holds no Patient: all of it is taken to be of one"))
    whose = Whose(drafts, book, meant, several=len(patients) > 1)
    Completion(account, export, whose, as_of, duplicates, different, heads).complete(drafts)
    _add_tagged_lists(export, heads)
    return export


def patient_ids(source: FhirSource, name: str) -> list[str]:
    """By what each patient of an export can be chosen, in its order; raises `InputError` with one line where a file is no FHIR."""
    drafts, _ = _drafts(fhir_nodes(source, name), EARLIEST_AS_OF, lambda _: None)
    duplicates, _ = set_versions_apart(drafts)
    counting, book = _addressed_drafts(drafts, duplicates)
    found = whole_patients(counting, book) or referred_patients(counting, book)
    return [names[0] for names in map(names_of, found) if names]


def _addressed_drafts(
    drafts: Iterable[Draft], duplicates: Container[str]
) -> tuple[list[Draft], AddressBook[Draft]]:
    """The drafts that are no older versions, and the addresses of those that others refer to."""
    book: AddressBook[Draft] = AddressBook(_references_followed(drafts))
    counting = []
    for draft in drafts:
        if draft.place.at not in duplicates and draft.aside.outcome != "error":
            counting.append(draft)
            if draft.container is None:
                book.add(draft)
    return counting, book


def _references_followed(drafts: Iterable[Draft]) -> Iterator[Reference]:
    """All references that are followed; the subject of many once."""
    seen: set[int] = set()
    for draft in drafts:
        for group in (draft.subjects, draft.aside.focus, draft.aside.bound):
            if group and id(group) not in seen:
                seen.add(id(group))
                yield from group
        if draft.aside.behind is not None:
            yield draft.aside.behind
        facts = draft.aside.facts
        if isinstance(facts, MedicineFacts):
            yield from facts.ingredients
        elif isinstance(facts, PersonFacts):
            yield from (link for _, link in facts.links)


def _drafts(
    nodes: NodeSource, as_of: int, list_named: ListOfCoding, paths: PathValues | None = None
) -> tuple[list[Draft], list[BundleHead]]:
    drafts: list[Draft] = []
    heads: list[BundleHead] = []
    containers: dict[str, Draft] = {}

    def take(node: Node | BundleHead) -> None:
        if isinstance(node, BundleHead):
            heads.append(node)
            return
        if node.container is None:
            containers.clear()
        draft = draft_of(node, containers.get(node.container or ""), as_of, list_named, paths)
        containers[node.at] = draft
        drafts.append(draft)

    nodes(take)
    return drafts, heads


def _refuse_empty(drafts: list[Draft], name: str) -> None:
    if not drafts:
        raise InputError(f"{name}: is an empty Bundle: no entry has a resource")
    if not any(draft.type in _OF_A_PATIENT for draft in drafts):
        if all(draft.type == "unknown" for draft in drafts):
            raise InputError(
                f"{name}: holds no FHIR resource: give records of another form as files, one by one"
            )
        kinds = Counter(draft.type for draft in drafts).most_common(5)
        shown = ", ".join(f"{kind} ({count})" for kind, count in kinds)
        raise InputError(f"{name}: holds no patient: its resources are {shown}")
    stated = [draft for draft in drafts if draft.type in READ and draft.aside.outcome != "error"]
    if stated and all(draft.aside.of_r5 for draft in stated):
        raise InputError(f"{name}: is FHIR R5: {stated[0].aside.foreign}; export it as R4")


def _add_tagged_lists(export: Export, heads: Iterable[BundleHead]) -> None:
    """Complete what the tags of Bundles say to be complete, but nothing where pages are missing."""
    for head in heads:
        if head.more:
            export.warnings.append(("unconfirmed", MORE_PAGES))
            export.more = True
            return
    for head in heads:
        days = day(head.timestamp)
        for name in complete_tags(head.tags):
            if not isinstance(days, Faulty):
                export.complete.append(CompleteList(name, BUNDLE_TAG, days))
