"""Whose an export is, which resources are of somebody else, and which versions count."""

from __future__ import annotations

import pytest

from solver.errors import InputError
from tests.support.formats.fhir_bundles import PATIENT, bundle, coded, observation, outcomes, read, resource


def test_a_subject_that_is_another_one_or_leads_nowhere_is_another_patients() -> None:
    """Only what refers to the Patient, in any form, or to nobody is the patient's."""
    forms = ["Patient/p1", "Patient/p1/_history/3", "https://x.example/fhir/Patient/p1", "urn:uuid:77"]
    own = [observation(f"o{i}", subject={"reference": form}) for i, form in enumerate(forms)]
    own.append(observation("none", subject=None))
    others = [
        {"reference": "Patient/p2"},
        {"reference": "Group/g"},
        "Patient/p1",
        {"reference": "urn:uuid:1"},
    ]
    _, account = read(
        bundle(
            PATIENT,
            *own,
            *(observation(f"x{i}", subject=each) for i, each in enumerate(others)),
            urls={0: "urn:uuid:77"},
        )
    )
    found = list(outcomes(account).values())
    assert found[1 : 1 + len(own)] == [None] * len(own)
    assert found[1 + len(own) :] == ["other-patient"] * len(others)


def test_an_identifier_finds_the_patient() -> None:
    """A logical reference and a search both lead to the one Patient with the identifier."""
    person = {**PATIENT, "identifier": [{"system": "urn:mrn", "value": "7"}]}
    subjects = [
        {"identifier": {"system": "urn:mrn", "value": "7"}},
        {"reference": "Patient?identifier=urn:mrn|7"},
        {"reference": "Patient?identifier=urn:mrn|8"},
    ]
    _, account = read(
        bundle(person, *(observation(f"o{i}", subject=each) for i, each in enumerate(subjects)))
    )
    assert list(outcomes(account).values())[1:] == [None, None, "other-patient"]


def test_several_patients_need_a_choice_that_names_nobody() -> None:
    """Without a choice the file is refused, without an id in the message; with one the others' are theirs."""
    other = {**PATIENT, "id": "p2"}
    whole = bundle(PATIENT, other, observation("a"), observation("b", subject={"reference": "Patient/p2"}))
    with pytest.raises(InputError, match=r"^b\.json: holds 2 patients: choose one with --patient$"):
        read(whole)
    for name in ("p2", "Patient/p2"):
        _, account = read(whole, patient=name)
        assert list(outcomes(account).values()) == ["other-patient", None, "other-patient", None]
        assert account.patients == 2
    with pytest.raises(InputError, match="--patient"):
        read(whole, patient="p3")


def test_linked_patients_are_one() -> None:
    """What was said of a Patient that is replaced is said of the one that replaces it."""
    old = {**PATIENT, "id": "old", "birthDate": "1901", "active": False}
    new = {**PATIENT, "link": [{"other": {"reference": "Patient/old"}, "type": "replaces"}]}
    export, account = read(bundle(old, new, observation(subject={"reference": "Patient/old"})))
    assert list(outcomes(account).values()) == ["duplicate", None, None]
    assert [each.place.at for each in export.statements] == ["entry[1]", "entry[2]"]


def test_what_is_about_a_donor_is_not_the_patients() -> None:
    """A person as focus makes it another's, a Condition of the patient does not."""
    focuses = ["RelatedPerson/d", "Group/g", "Patient/p2", "Condition/c", "Patient/p1"]
    _, account = read(
        bundle(
            resource("Condition", "c", code=coded("1")),
            *(observation(f"o{i}", focus=[{"reference": each}]) for i, each in enumerate(focuses)),
        )
    )
    assert list(outcomes(account).values())[2:] == ["other-patient"] * 3 + [None] * 2


def test_the_newest_version_counts_even_if_it_is_in_error() -> None:
    """By version number, else by the last change; equal ones are duplicates, unequal ones contradict each other."""
    kept = observation("a", meta={"versionId": "10"}, status="entered-in-error")
    _, account = read(
        bundle(
            observation("a", meta={"versionId": "9"}),
            kept,
            observation("b", meta={"lastUpdated": "2026-11-01T10:00:00Z"}),
            observation("b", meta={"lastUpdated": "2026-11-01T09:30:00-05:00"}),
            observation("c"),
            observation("c"),
            observation("d", valueInteger=1),
            observation("d", valueInteger=2),
        )
    )
    assert list(outcomes(account).values())[1:] == [
        *("duplicate", "status"),
        *("duplicate", None),
        *(None, "duplicate"),
        *("conflict", "conflict"),
    ]


def test_an_older_version_of_the_patient_is_a_duplicate() -> None:
    """It is the same person, and no other one; versions of somebody else are not."""
    older = {**PATIENT, "meta": {"versionId": "1"}, "gender": "unknown"}
    other = {**PATIENT, "id": "p2"}
    content = bundle(older, {**PATIENT, "meta": {"versionId": "2"}}, other, other, observation())
    _, account = read(content, patient="p1")
    assert list(outcomes(account).values()) == ["duplicate", None, "other-patient", "other-patient", None]


def test_what_contradicting_versions_say_is_unconfirmed() -> None:
    """Neither counts, and neither is proof of absence."""
    export, _ = read(bundle(observation("d", valueInteger=1), observation("d", valueInteger=2)))
    assert all(each.unconfirmed for each in export.statements[1:])
    assert len(export.statements) == 3


def test_one_identifier_and_the_same_words_are_one_result() -> None:
    """A result that came by two ways is counted once; another value under the identifier is another result."""
    named = {"identifier": [{"system": "urn:lab", "value": "1"}]}
    _, account = read(
        bundle(
            observation("a", **named), observation("b", **named), observation("c", valueInteger=3, **named)
        )
    )
    assert list(outcomes(account).values())[1:] == [None, "duplicate", None]


def test_a_file_without_a_patient_is_read_if_all_subjects_are_one() -> None:
    """A warning says so; two subjects are two patients."""
    lone = {
        "resourceType": "Bundle",
        "entry": [{"resource": observation("a")}, {"resource": observation("b")}],
    }
    export, account = read(lone)
    assert set(outcomes(account).values()) == {None}
    assert any("no Patient" in sentence for _, sentence in export.warnings)
    lone["entry"].append({"resource": observation("c", subject={"reference": "Patient/p2"})})
    with pytest.raises(InputError, match="holds 2 patients"):
        read(lone)


def test_a_drug_is_found_behind_a_reference_with_its_ingredients() -> None:
    """A contained Medication, its ingredients, and one that is not there."""
    medicine = {
        "resourceType": "Medication",
        "id": "m",
        "code": {"text": "a product"},
        "form": {"text": "ointment"},
        "ingredient": [{"itemCodeableConcept": {"text": "rituximab"}}],
    }
    order = {"status": "active", "intent": "order"}
    export, account = read(
        bundle(
            resource(
                "MedicationRequest",
                "a",
                contained=[medicine],
                medicationReference={"reference": "#m"},
                **order,
            ),
            resource("MedicationRequest", "b", medicationReference={"reference": "Medication/none"}, **order),
        )
    )
    first, second = export.statements[1:]
    assert [each.text for each in first.codes] == ["a product", "rituximab"]
    assert first.form.text == "ointment"
    assert export.supports["entry[1].contained[0]"] == ["entry[1]"]
    assert outcomes(account)["entry[2]"] == "reference"
    assert second.unconfirmed
