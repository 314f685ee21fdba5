"""What the patient has and what was done: Condition and Procedure become statements."""

from __future__ import annotations

from typing import cast

from solver.patient.account import ResourcePlace
from solver.patient.readers.fhir.elements import concept, extensions, given, modified
from solver.patient.readers.fhir.fhir_days import (
    Days,
    at_age,
    at_ages,
    day,
    ends,
    throughout,
    until,
)
from solver.patient.readers.fhir.measured import MODIFIED
from solver.patient.readers.fhir.statuses import clinical_status, is_confirmed
from solver.patient.readers.foreign.statements import (
    ClinicalStatus,
    ConditionStatement,
    Faulty,
    PossibleDays,
    ProcedureStatement,
)

_HISTOLOGY = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-histology-morphology-behavior"


def condition(
    resource: dict[str, object], place: ResourcePlace, unconfirmed: str | None, as_of: int, birth: Days
) -> ConditionStatement:
    """The statement of a Condition; what is dated by age is dated from the day of birth."""
    onset = until(_element_days(resource, "onset", birth), as_of)
    abatement = until(_element_days(resource, "abatement", birth), as_of)
    recorded = until(day(resource.get("recordedDate")), as_of)
    if onset is None and isinstance(recorded, Faulty):
        onset = recorded
    histology = tuple(
        filter(None, (concept(each.get("valueCodeableConcept")) for each in extensions(resource, _HISTOLOGY)))
    )
    return ConditionStatement(
        place,
        concept(resource.get("code")),
        cast("ClinicalStatus | None", clinical_status(resource)),
        onset,
        abatement,
        _has_ended(resource, abatement, as_of),
        recorded if isinstance(recorded, PossibleDays) else None,
        is_confirmed(resource),
        unconfirmed or (MODIFIED if modified(resource) else None),
        histology=histology,
    )


def procedure(
    resource: dict[str, object], place: ResourcePlace, unconfirmed: str | None, as_of: int, birth: Days
) -> ProcedureStatement:
    """The statement of a Procedure: its end is when it was done."""
    days = _element_days(resource, "performed", birth)
    period = resource.get("performedPeriod")
    if period is not None and resource.get("performedDateTime") is None:
        start, end = ends(period)
        days = throughout(period) if end is None or isinstance(start, Faulty) else end
        if isinstance(days, PossibleDays) and days.last is None:
            days = PossibleDays(days.first, max(as_of, days.first or as_of), days.written)
    return ProcedureStatement(
        place,
        concept(resource.get("code")),
        until(days, as_of),
        unconfirmed or (MODIFIED if modified(resource) else None),
    )


def dated_by_age(resource: dict[str, object]) -> bool:
    """Whether the day of birth is needed to date it."""
    return any(
        f"{what}{kind}" in resource
        for what in ("onset", "abatement", "performed")
        for kind in ("Age", "Range")
    )


def _element_days(resource: dict[str, object], what: str, birth: Days) -> Days:
    """The days of an element that is a dateTime, a Period, an age or a range of ages; a text dates nothing."""
    found = day(resource.get(f"{what}DateTime"))
    if found is None:
        found = throughout(resource.get(f"{what}Period"))
    if found is None:
        found = at_age(resource.get(f"{what}Age"), birth)
    return at_ages(resource.get(f"{what}Range"), birth) if found is None else found


def _has_ended(resource: dict[str, object], abatement: Days, as_of: int) -> bool:
    """Whether it has ended by as_of; one that is dated in no way that is read has ended, unless it says that it has not."""
    if isinstance(abatement, PossibleDays):
        return abatement.first is None or abatement.first <= as_of
    if isinstance(abatement, Faulty):
        return False
    return any(
        given(resource.get(f"abatement{kind}")) and resource[f"abatement{kind}"] is not False
        for kind in ("Age", "Range", "String", "Boolean")
    )
