"""Whose export it is: the one Patient, with all that is said to be the same person, and which resources are of somebody else.

Patient/p1, Patient/old replaced-by Patient/p1     one patient, p1; what has the subject Patient/old is the patient's too

What has no subject is the one patient's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field

from solver.dataclass import dataclass
from solver.errors import InputError
from solver.patient.readers.fhir.drafts import READ, Draft, PersonFacts
from solver.patient.readers.fhir.references import AddressBook, Reference, tail

_PATIENT = "Patient"
_PERSONS = frozenset({"Patient", "RelatedPerson", "Group", "Practitioner", "PractitionerRole", "Person"})


@dataclass(slots=True)
class WholePatient:
    """One patient: the resources that are the same person, those of them that another one replaces, and how else they are referred to."""

    resources: list[Draft] = field(default_factory=list)
    replaced: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)

    def current(self) -> list[Draft]:
        """The resources that no other one replaces; all, if they replace each other."""
        return [draft for draft in self.resources if draft.place.at not in self.replaced] or self.resources


def whole_patients(drafts: Iterable[Draft], book: AddressBook[Draft]) -> list[WholePatient]:
    """The patients of an export by their resources, in its order; one that is only contained counts where there is no other."""
    found = [draft for draft in drafts if isinstance(draft.aside.facts, PersonFacts)]
    outer = [draft for draft in found if draft.container is None] or found
    whole = {id(draft): WholePatient([draft]) for draft in outer}
    by_address: dict[str, Draft] = {}
    for draft in outer:
        for address in filter(None, (draft.key, draft.full_url)):
            _join_patients(whole, by_address.setdefault(address, draft), draft)
    for draft in outer:
        facts = draft.aside.facts
        assert isinstance(facts, PersonFacts)
        for kind, link in facts.links:
            own, other = whole[id(draft)], book.find(link)
            if kind == "replaced-by":
                own.replaced.add(draft.place.at)
            if other is None or id(other) not in whole:
                own.addresses.update(addresses_of(link))
                continue
            if kind == "replaces":
                own.replaced.add(other.place.at)
            _join_patients(whole, draft, other)
    return list({id(patient): patient for patient in whole.values()}.values())


def _join_patients(whole: dict[int, WholePatient], one: Draft, other: Draft) -> None:
    own, joined = whole[id(one)], whole[id(other)]
    if joined is not own:
        own.resources += joined.resources
        own.replaced |= joined.replaced
        own.addresses |= joined.addresses
        whole.update({id(each): own for each in joined.resources})


def referred_patients(drafts: Iterable[Draft], book: AddressBook[Draft]) -> list[WholePatient]:
    """The patients of an export without a Patient: those that its subjects name, each as one way of naming."""
    found: dict[str, WholePatient] = {}
    for draft in drafts:
        for subject in draft.subjects:
            if may_be_patient(subject) and book.find(subject) is None:
                addresses = addresses_of(subject)
                if addresses:
                    found.setdefault(addresses[-1], WholePatient()).addresses.update(addresses)
    return list(found.values())


def may_be_patient(subject: Reference) -> bool:
    """Whether a reference may mean a patient, as far as it says."""
    return subject.said_type in (_PATIENT, None)


def is_person(subject: Reference) -> bool:
    """Whether a reference says that it means a person, or several."""
    return subject.said_type in _PERSONS


def choose(patients: Sequence[WholePatient], wanted: str | None, name: str) -> WholePatient | None:
    """The patient that is meant; None if there is none at all.

    Raises `InputError` with one line if there are several and none of them is wanted, or the one that is wanted is not there.
    """
    if wanted is not None:
        named = [patient for patient in patients if wanted in names_of(patient)]
        if len(named) == 1:
            return named[0]
        raise InputError(
            f"{name}: holds no patient of the id that --patient gives: list them with --list-patients"
        )
    if len(patients) > 1:
        raise InputError(f"{name}: holds {len(patients)} patients: choose one with --patient")
    return patients[0] if patients else None


def names_of(patient: WholePatient) -> list[str]:
    """By what a patient can be chosen: the id, `Patient/ID`, the fullUrl."""
    names: dict[str, None] = {}
    for draft in patient.resources:
        if draft.key:
            names.update(dict.fromkeys((draft.key.removeprefix("Patient/").removeprefix("#"), draft.key)))
        if draft.full_url:
            names[draft.full_url] = None
    for address in sorted(patient.addresses):
        names.update(dict.fromkeys((address.removeprefix("Patient/"), address)))
    return list(names)


def _resource_names(draft: Draft) -> set[str]:
    return {name for name in (draft.key, draft.full_url) if name}


def addresses_of(meant: Reference) -> tuple[str, ...]:
    """The addresses by which something is referred to that is not here; the last one is the shortest."""
    if meant.identifier is not None:
        return (f"{meant.identifier[0] or ''}|{meant.identifier[1]}",)
    if meant.address is None:
        return ()
    key = None if meant.address.startswith("urn:") else tail(meant.address)
    return (meant.address, key) if key and key != meant.address else (meant.address,)


class Whose:
    """Whose a resource is, and what its references lead to."""

    def __init__(
        self, drafts: Iterable[Draft], book: AddressBook[Draft], meant: WholePatient | None, *, several: bool
    ) -> None:
        self._book, self._several = book, several
        self.patient = meant or WholePatient()
        self._persons = {id(draft) for draft in self.patient.resources}
        # an older version is the same patient
        self._own_names = {name for draft in self.patient.resources for name in _resource_names(draft)}
        self._inside = {
            (id(draft.container), draft.key): draft for draft in drafts if draft.container and draft.key
        }

    def find(self, meant: Reference, draft: Draft) -> Draft | None:
        """What a reference in a resource leads to."""
        if meant.address is not None and meant.address.startswith("#"):
            container = draft.container or draft
            return container if meant.address == "#" else self._inside.get((id(container), meant.address))
        return self._book.find(meant)

    def fault(self, draft: Draft) -> str | None:
        """Why a resource is not of the patient; None if it is."""
        if isinstance(draft.aside.facts, PersonFacts):
            same = id(draft) in self._persons or not self._own_names.isdisjoint(_resource_names(draft))
            return None if same else "it is another patient"
        leading = [subject for subject in draft.subjects if subject.leads]
        if not leading:
            if draft.container is not None:
                return self.fault(draft.container)
            if self._several and draft.type in READ:
                return "it says not whose it is, and there are several patients"
            return None
        if any(self._means_patient(subject, draft) for subject in leading):
            return None
        return "the subject is another patient, or none of this export"

    def _means_patient(self, subject: Reference, draft: Draft) -> bool:
        target = self.find(subject, draft)
        if target is not None:
            return id(target) in self._persons
        return may_be_patient(subject) and not self.patient.addresses.isdisjoint(addresses_of(subject))

    def about_another(self, draft: Draft) -> bool | None:
        """Whether an Observation is about somebody else by its focus; None where that cannot be told."""
        found: bool | None = False
        for focus in draft.aside.focus:
            target = self.find(focus, draft)
            if target is not None:
                if (target.type in _PERSONS and id(target) not in self._persons) or self.fault(target):
                    return True
            elif self._means_patient(focus, draft):
                continue
            elif is_person(focus):
                return True
            elif focus.said_type is None:
                found = None
        return found
