"""Small FHIR exports: resources with what a test says of them, and bundles of patients with leukaemia for random tests."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from solver.patient.account import Account
from solver.patient.readers.fhir.read import read_fhir
from solver.patient.readers.fhir.sources import fhir_nodes
from solver.patient.readers.foreign.statements import Export
from tests.support.libraries.shipped import LIBRARY

Resource = dict[str, Any]

AS_OF = date(2026, 11, 20).toordinal()
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
PATIENT: Resource = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1970-05-04"}
SUBJECT = {"reference": "Patient/p1"}


def coded(code: str, system: str = LOINC, **more: object) -> Resource:
    """A CodeableConcept."""
    return {"coding": [{"system": system, "code": code, **more}]}


def resource(kind: str, identity: str | None = None, **more: object) -> Resource:
    """A resource of the patient; what is given as None is left out."""
    whole = {"resourceType": kind, "id": identity, "subject": SUBJECT, **more}
    return {name: value for name, value in whole.items() if value is not None}


def observation(identity: str = "o1", code: str = "6690-2", **more: object) -> Resource:
    """A final result of one day, unless said otherwise."""
    given: Resource = {"status": "final", "code": coded(code), "effectiveDateTime": "2026-11-18"}
    if not any(name.startswith("value") for name in more):
        given["valueQuantity"] = {"value": 4.2, "unit": "10*9/L", "system": UCUM, "code": "10*9/L"}
    return resource("Observation", identity, **{**given, **more})


def bundle(*resources: object, urls: dict[int, str] | None = None, **head: object) -> Resource:
    """A Bundle of resources, the first of which is the patient where none is given."""
    held = list(resources)
    if not any(isinstance(each, dict) and each.get("resourceType") == "Patient" for each in held):
        held.insert(0, PATIENT)
    entries = [{"resource": each} for each in held]
    for index, url in (urls or {}).items():
        entries[index]["fullUrl"] = url
    return {"resourceType": "Bundle", "type": "collection", **head, "entry": entries}


def read(
    content: object, *, patient: str | None = None, stream_from: int | None = None
) -> tuple[Export, Account]:
    """What is read of an export: JSON values, the bytes of a file, or its path."""
    source = content if isinstance(content, bytes | Path) else json.dumps(content).encode()
    nodes = (
        fhir_nodes(source, "b.json")
        if stream_from is None
        else fhir_nodes(source, "b.json", stream_from=stream_from)
    )
    account = Account("fhir-r4")
    return read_fhir(nodes, account, LIBRARY, as_of=AS_OF, patient=patient, name="b.json"), account


def outcomes(account: Account) -> dict[str, str | None]:
    """The outcome of each row by its place."""
    return {at: row.outcome for at, row in account.rows.items()}


_days = st.sampled_from(["2026-11-18", "2026-10", "2025", "2026-11-19T08:00:00+01:00", "2026-12-01", "soon"])


def _quantity(unit: str) -> st.SearchStrategy[Resource]:
    number = st.integers(0, 400).map(lambda tenths: tenths / 10)
    return st.fixed_dictionaries(
        {"value": number, "unit": st.just(unit), "system": st.just(UCUM), "code": st.just(unit)},
        optional={"comparator": st.sampled_from(["<", ">", ">=", "ad"])},
    )


def _drawn(kind: str, **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Resource]:
    always = {"resourceType": st.just(kind), "subject": st.just(SUBJECT)}
    return st.fixed_dictionaries(
        {**always, **parts}, optional={"id": st.sampled_from(["a", "b", "c", "d", "e"])}
    )


def _one(*codes: tuple[str, str]) -> st.SearchStrategy[Resource]:
    return st.sampled_from([coded(code, system) for system, code in codes])


_resources = st.one_of(
    _drawn(
        "Observation",
        status=st.sampled_from(["final", "amended", "preliminary", "entered-in-error"]),
        code=_one((LOINC, "6690-2"), (LOINC, "30376-8"), (LOINC, "2160-0"), (LOINC, "9999-0")),
        effectiveDateTime=_days,
        valueQuantity=_quantity("10*9/L") | _quantity("mg/dL"),
    ),
    _drawn(
        "Observation",
        status=st.just("final"),
        code=_one((LOINC, "89247-1")),
        effectiveDateTime=_days,
        valueInteger=st.integers(-1, 6),
    ),
    _drawn(
        "Condition",
        code=_one((SNOMED, "91861009"), ("http://hl7.org/fhir/sid/icd-10-cm", "B18.1")),
        clinicalStatus=_one(("x", "active"), ("x", "remission"), ("x", "resolved")),
        verificationStatus=_one(("x", "confirmed"), ("x", "provisional"), ("x", "refuted")),
        onsetDateTime=_days,
    ),
    _drawn(
        "Procedure",
        status=st.sampled_from(["completed", "in-progress", "not-done"]),
        code=_one((SNOMED, "58390007"), (SNOMED, "1")),
        performedDateTime=_days,
    ),
    _drawn(
        "MedicationRequest",
        status=st.sampled_from(["active", "stopped", "draft"]),
        intent=st.sampled_from(["order", "plan"]),
        medicationCodeableConcept=st.sampled_from([{"text": "rituximab"}, {"text": "prednisone 5 mg"}]),
        authoredOn=_days,
    ),
    _drawn("Encounter", status=st.just("finished")),
)


def leukaemia_bundles() -> st.SearchStrategy[Resource]:
    """Bundles of one patient with results, conditions, procedures and drugs, some of them awkward."""
    return st.lists(_resources, max_size=6).map(lambda drawn: bundle(*drawn))
