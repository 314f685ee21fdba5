"""What a status of FHIR is worth: the table of what counts, is unconfirmed, or says nothing."""

from __future__ import annotations

import pytest

from tests.support.formats.fhir_bundles import bundle, coded, observation, outcomes, read, resource

DRUG = {"medicationCodeableConcept": {"text": "rituximab"}}


@pytest.mark.parametrize(
    ("kind", "more", "worth"),
    [
        ("Observation", {"status": "final"}, "counts"),
        ("Observation", {"status": "corrected"}, "counts"),
        ("Observation", {"status": "preliminary"}, "unconfirmed"),
        ("Observation", {"status": None}, "unconfirmed"),
        ("Observation", {"status": "registered"}, "never"),
        ("Observation", {"status": "unknown"}, "never"),
        ("Observation", {"status": "Final"}, "never"),
        ("Observation", {"status": ["final"]}, "never"),
        ("Procedure", {"status": "completed"}, "counts"),
        ("Procedure", {"status": "unknown"}, "unconfirmed"),
        ("Procedure", {"status": "on-hold"}, "never"),
        ("MedicationAdministration", {"status": "stopped", **DRUG}, "counts"),
        ("MedicationAdministration", {"status": "on-hold", **DRUG}, "unconfirmed"),
        ("MedicationAdministration", {"status": "unknown", **DRUG}, "never"),
        ("MedicationStatement", {"status": "on-hold", **DRUG}, "counts"),
        ("MedicationStatement", {"status": "unknown", **DRUG}, "unconfirmed"),
        ("MedicationStatement", {"status": "not-taken", **DRUG}, "never"),
        ("MedicationRequest", {"status": "active", "intent": "filler-order", **DRUG}, "counts"),
        ("MedicationRequest", {"status": "active", **DRUG}, "unconfirmed"),
        ("MedicationRequest", {"status": "unknown", "intent": "order", **DRUG}, "unconfirmed"),
        ("MedicationRequest", {"status": "unknown", "intent": "plan", **DRUG}, "never"),
        ("MedicationRequest", {"status": "active", "intent": "order", "doNotPerform": True, **DRUG}, "never"),
        (
            "MedicationRequest",
            {"status": "active", "intent": "order", "doNotPerform": False, **DRUG},
            "counts",
        ),
        ("MedicationDispense", {"status": "in-progress", **DRUG}, "counts"),
        ("MedicationDispense", {"status": "stopped", **DRUG}, "unconfirmed"),
        ("MedicationDispense", {"status": "declined", **DRUG}, "never"),
        ("Condition", {}, "counts"),
        ("Condition", {"verificationStatus": coded("confirmed", "x")}, "counts"),
        ("Condition", {"verificationStatus": coded("provisional", "x")}, "unconfirmed"),
        ("Condition", {"verificationStatus": coded("refuted", "x")}, "never"),
        ("Condition", {"verificationStatus": coded("sure", "x")}, "never"),
    ],
)
def test_each_status_is_worth_what_the_table_says(kind: str, more: dict[str, object], worth: str) -> None:
    """What never counts makes no statement; what is unconfirmed makes one that says so."""
    export, account = read(bundle(resource(kind, "x", code=coded("6690-2"), **more)))
    found = [each for each in export.statements if each.place.type == kind]
    if worth == "never":
        assert not found
        assert outcomes(account)["entry[1]"] == "status"
    else:
        assert [getattr(each, "unconfirmed") is not None for each in found] == [worth == "unconfirmed"]  # noqa: B009
        assert outcomes(account)["entry[1]"] is None


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (
            "MedicationRequest",
            {"status": "active", "intent": "order", "medication": {"concept": {"text": "x"}}},
        ),
        ("MedicationUsage", {"status": "recorded"}),
        ("MedicationAdministration", {"status": "completed", "occurenceDateTime": "2026-01-01"}),
        ("Procedure", {"status": "completed", "occurrencePeriod": {"start": "2026-01-01"}}),
        ("MedicationRequest", {"intent": "order", "context": {"reference": "Encounter/1"}, **DRUG}),
        ("Condition", {"clinicalStatus": "active"}),
        ("Condition", {"verificationStatus": "confirmed"}),
        ("Procedure", {"status": "completed", "notDone": False}),
        ("MedicationStatement", {"status": "completed", "taken": "n", **DRUG}),
        ("MedicationAdministration", {"status": "completed", "notGiven": True, **DRUG}),
    ],
)
def test_other_versions_of_fhir_are_a_mention_and_never_a_fact(kind: str, more: dict[str, object]) -> None:
    """A form of R5 or STU3 is `not-r4`, and what it says is unconfirmed, so that nothing concludes its absence."""
    export, account = read(bundle(resource(kind, "x", **more), observation()))
    assert outcomes(account)["entry[1]"] == "not-r4"
    assert all(
        getattr(each, "unconfirmed", None) for each in export.statements if each.place.at == "entry[1]"
    )


def test_a_modifier_extension_makes_a_resource_or_a_component_unconfirmed() -> None:
    """An extension that may turn the meaning is not ignored."""
    unknown = [{"url": "urn:x", "valueBoolean": True}]
    part = {"code": coded("48018-6"), "valueString": "x", "modifierExtension": unknown}
    export, _ = read(bundle(observation("a", modifierExtension=unknown), observation("b", component=[part])))
    first, second = (each for each in export.statements if each.place.type == "Observation")
    assert first.unconfirmed
    assert not second.unconfirmed
    assert second.components[0].unconfirmed
