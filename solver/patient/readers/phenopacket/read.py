"""Reading a Phenopacket: the statements of one patient, and an account of each element of its lists.

{"subject": ..., "diseases": [...], "metaData": ...}      a Phenopacket: diseases[0], diseases[1]
{"proband": {...}, "relatives": [...], "metaData": ...}   a Family: proband.diseases[0]; a relative is somebody else
{"members": [{...}, {...}], "metaData": ...}              a Cohort: members[1].diseases[0]
"""

from __future__ import annotations

from solver.dataclass import dataclass
from solver.errors import InputError
from solver.library.models import Library
from solver.patient.account import Account, ResourcePlace
from solver.patient.readers.foreign.statements import Export, Faulty, PersonStatement, PossibleDays
from solver.patient.readers.foreign.written_days import written_days
from solver.patient.readers.phenopacket.json_elements import (
    Element,
    ElementReader,
    birth_from_age,
    element_of,
    elements_of,
    part,
    text_of,
)
from solver.patient.readers.phenopacket.packet_statements import PacketReader
from solver.text import quote

FORMAT = "phenopacket-v2"
"""The name of the format in the report."""

LISTS = ("phenotypicFeatures", "measurements", "biosamples", "interpretations", "diseases", "medicalActions")
"""The lists of which each element is accounted for."""

_FIRST_SCHEMA = ("genes", "variants", "hts_files", "htsFiles")
"""Lists that only the first version of the schema has."""

_SEXES = {"MALE": "male", "FEMALE": "female"}


@dataclass(frozen=True, slots=True)
class PhenopacketPatient:
    """The patient of a file: the statements, and the account of its elements."""

    export: Export
    account: Account


def is_phenopacket(value: object) -> bool:
    """Whether a parsed JSON value is a Phenopacket, a Family or a Cohort, of whatever version."""
    if not isinstance(value, dict) or "facts" in value or "resourceType" in value:
        return False
    meta = part(value, "metaData")
    if (
        part(value, "phenopacketSchemaVersion") is not None
        or part(meta, "phenopacketSchemaVersion") is not None
    ):
        return True
    holds = any(isinstance(part(value, key), (dict, list)) for key in ("subject", "proband", "members"))
    return holds and isinstance(meta, dict)


def read_phenopacket(
    value: object, library: Library, *, name: str, as_of: int, patient: str | None = None
) -> PhenopacketPatient:
    """The patient of a Phenopacket or a Family, or the one of a Cohort that `patient` names, by the id of subject or Phenopacket.

    Raises `InputError` with one line for another version of the schema, or where a Cohort leaves open which patient is meant.
    """
    _refuse_versions(value, name)
    packet, prefix, patients = _chosen_packet(value, name, patient)
    if prefix:
        _refuse_versions(packet, name)
    account, export = Account(FORMAT, patients=patients), Export()
    codes = library.codes
    subject = element_of(packet, "subject")
    plain = ElementReader(codes.phenopackets, codes.address)
    birth = _birth_days(subject, plain)
    read = ElementReader(
        codes.phenopackets, codes.address, birth if isinstance(birth, PossibleDays) else None
    )
    reader = PacketReader(read, account, text_of(subject, "id"))
    reader.learn_samples(elements_of(packet, "biosamples"))
    for key, found in packet.items():
        title = _json_name(key)
        if title == "subject":
            place = ResourcePlace(f"{prefix}subject", "subject")
            account.row(place)
            if isinstance(found, dict):
                export.statements.append(_person_statement(subject, birth, read, place))
            else:
                account.note(place, "error", "is no object")
        elif title in LISTS:
            _read_list(title, found, prefix, reader, export)
    for i, _ in enumerate(elements_of(value, "relatives")):
        account.note(
            ResourcePlace(f"relatives[{i}]", "relatives"), "other-patient", "is a relative of the patient"
        )
    return PhenopacketPatient(export, account)


def patients_of(value: object) -> list[str]:
    """The ids of the patients to choose from."""
    members = elements_of(value, "members") if isinstance(value, dict) else []
    found = members or [part(value, "proband") or value]
    return [identity for each in found if (identity := _identity(each)) is not None]


def _read_list(title: str, found: object, prefix: str, reader: PacketReader, export: Export) -> None:
    if found is None:
        return
    if not isinstance(found, list):
        reader.account.note(ResourcePlace(f"{prefix}{title}", title), "error", "is no list")
        return
    for i, element in enumerate(found):
        place = ResourcePlace(f"{prefix}{title}[{i}]", title)
        reader.account.row(place)
        if isinstance(element, dict):
            export.statements += reader.read(title, element, place)
        else:
            reader.account.note(place, "error", "is no object")


def _person_statement(
    subject: Element, birth: PossibleDays | Faulty | None, read: ElementReader, place: ResourcePlace
) -> PersonStatement:
    status = element_of(subject, "vitalStatus")
    died: PossibleDays | bool | None = None
    if text_of(status, "status") == "DECEASED":
        day = read.days(part(status, "timeOfDeath"))
        died = day if isinstance(day, PossibleDays) else True
    sex = text_of(subject, "sex")
    return PersonStatement(place, birth, _SEXES.get(sex) if sex else None, died=died)


def _birth_days(subject: Element, read: ElementReader) -> PossibleDays | Faulty | None:
    """The date of birth, or what an age says of it; an age says something only beside the day on which it was reached."""
    stated = written_days(part(subject, "dateOfBirth"))
    if stated is not None:
        return stated
    seen = element_of(subject, "timeAtLastEncounter")
    return birth_from_age(
        part(element_of(seen, "age"), "iso8601duration"), written_days(part(seen, "timestamp"))
    )


def _chosen_packet(value: object, name: str, patient: str | None) -> tuple[Element, str, int]:
    """The Phenopacket that is read, the path to it, and how many there are."""
    if not isinstance(value, dict):
        raise InputError(f"{name}: is no Phenopacket: it holds no object")
    proband, members = part(value, "proband"), part(value, "members")
    if proband is not None:
        if not isinstance(proband, dict):
            raise InputError(
                f"{name}: the proband of the Family is no object: give a Phenopacket of version 2"
            )
        return _the_one(proband, name, patient), "proband.", 1
    if members is None:
        return _the_one(value, name, patient), "", 1
    if not isinstance(members, list) or not members:
        raise InputError(f"{name}: holds no patient: the Cohort has no members")
    fitting = [i for i, each in enumerate(members) if patient is None or patient in _identities(each)]
    if patient is None and len(members) > 1:
        raise InputError(f"{name}: holds {len(members)} patients: choose one with --patient")
    if len(fitting) != 1:
        many = "several members" if fitting else "no member"
        raise InputError(
            f"{name}: {many} of the Cohort fit --patient {quote(patient or '')}: match convert --list-patients prints the ids"
        )
    chosen = members[fitting[0]]
    if not isinstance(chosen, dict):
        raise InputError(f"{name}: the member of the Cohort is no object: give a Phenopacket of version 2")
    return chosen, f"members[{fitting[0]}].", len(members)


def _the_one(packet: Element, name: str, patient: str | None) -> Element:
    if patient is not None and patient not in _identities(packet):
        raise InputError(
            f"{name}: has no patient {quote(patient)}: match convert --list-patients prints the ids"
        )
    return packet


def _identities(packet: object) -> list[str]:
    found = (text_of(part(packet, "subject"), "id"), text_of(packet, "id"))
    return [each for each in found if each is not None]


def _identity(packet: object) -> str | None:
    return next(iter(_identities(packet)), None)


def _refuse_versions(value: object, name: str) -> None:
    version = part(part(value, "metaData"), "phenopacketSchemaVersion") or part(
        value, "phenopacketSchemaVersion"
    )
    first = [key for key in _FIRST_SCHEMA if part(value, key) is not None]
    if isinstance(version, str) and not version.strip().lstrip("v").startswith("2"):
        raise InputError(
            f"{name}: is a Phenopacket of schema version {quote(version)}: give one of version 2"
        )
    if first:
        raise InputError(
            f"{name}: is a Phenopacket of schema version 1: '{first[0]}' stands at its top: give one of version 2"
        )


def _json_name(key: str) -> str:
    """A key as it is spelled in JSON."""
    head, *rest = key.split("_")
    return head + "".join(each[:1].upper() + each[1:] for each in rest)
