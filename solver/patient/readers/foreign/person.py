"""Who the patient is: the day of birth, the sex, and whether the patient has died."""

from __future__ import annotations

from solver.library.models import Library
from solver.patient.readers.foreign.document import accepted, value_as_written
from solver.patient.readers.foreign.door import day_fact
from solver.patient.readers.foreign.gathered import Candidate, FactSource, Gathered
from solver.patient.readers.foreign.statements import Coding, Faulty, PersonStatement, PossibleDays
from solver.patient.readers.foreign.units import Unusable

PATIENT = "Patient"
"""The resource under which entries of what is known of the person stand."""

ELEMENT = "urn:trialproof:element"
"""The system whose codes are the elements of a person, and their values: `birthDate`, `gender`, `male`."""


def gather_person(person: PersonStatement, gathered: Gathered, library: Library) -> None:
    """Gather the day of birth and the sex of a person, and a warning of one who has died."""
    sex = person.birth_sex or person.sex
    if person.birth_sex and person.sex and person.birth_sex != person.sex:
        text = f"the sex at birth is given as {person.birth_sex}, the gender as {person.sex}; the sex at birth is used"
        gathered.warnings.append(("unconfirmed", None, text))
    values = (("birthDate", person.birth), ("birthsex" if person.birth_sex else "gender", sex))
    for element, value in values:
        if isinstance(value, Faulty):
            gathered.account.note(person.place, "date", f"{element}: {value.reason}")
        elif value is not None:
            _gather_element(person, element, value, gathered, library)
    died = person.died
    if died is True or (
        isinstance(died, PossibleDays) and (died.first is None or died.first <= gathered.as_of)
    ):
        gathered.warnings.append(("deceased", None, "the patient has died"))


def _gather_element(
    person: PersonStatement, element: str, value: PossibleDays | str, gathered: Gathered, library: Library
) -> None:
    for entry in library.codes.find(PATIENT, Coding(ELEMENT, element)):
        if entry.variable is None:
            continue
        try:
            if isinstance(value, PossibleDays):
                fact = day_fact(value)
            else:
                answer = library.codes.answer(entry, Coding(ELEMENT, value))
                if answer is None:
                    continue
                fact = {"value": value_as_written(answer)}
            accepted(entry.variable, fact, library)
        except Unusable as problem:
            gathered.account.note(person.place, problem.outcome, problem.reason)
            continue
        source = FactSource(person.place, said=element)
        gathered.candidates.append(Candidate(entry.variable, fact, source, None, entry.id, lasting=True))
