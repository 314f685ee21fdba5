"""Who the patient is, from a Patient resource; nothing of it names anybody."""

from __future__ import annotations

from solver.patient.account import ResourcePlace
from solver.patient.readers.fhir.elements import extensions, given, mappings, text
from solver.patient.readers.fhir.fhir_days import day
from solver.patient.readers.fhir.references import Reference, reference
from solver.patient.readers.foreign.statements import PersonStatement, PossibleDays

_BIRTH_SEX = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
_SEXES = {"male": "male", "female": "female", "M": "male", "F": "female"}


def person(resource: dict[str, object], place: ResourcePlace) -> PersonStatement:
    """The statement of a Patient."""
    sex = _sex(resource.get("gender"))
    born = {_sex(each.get("valueCode")) for each in extensions(resource, _BIRTH_SEX)} - {None}
    at_birth = born.pop() if len(born) == 1 else None
    return PersonStatement(
        place,
        day(resource.get("birthDate")),
        sex,
        at_birth if at_birth != sex else None,
        _death_days(resource),
    )


def links(resource: dict[str, object]) -> tuple[tuple[str, Reference], ...]:
    """The other Patients that are the same person, each with `replaces` or `replaced-by`."""
    found = []
    for link in mappings(resource.get("link")):
        kind, other = text(link.get("type")), reference(link.get("other"))
        if kind in ("replaces", "replaced-by") and other is not None:
            found.append((kind, other))
    return tuple(found)


def _sex(value: object) -> str | None:
    return _SEXES.get(value) if type(value) is str else None


def _death_days(resource: dict[str, object]) -> PossibleDays | bool | None:
    """When the patient died; true where no day can be read, and None where nothing is said."""
    if given(resource.get("deceasedDateTime")):
        days = day(resource["deceasedDateTime"])
        return days if isinstance(days, PossibleDays) else True
    said = resource.get("deceasedBoolean")
    return said if isinstance(said, bool) else None
