"""Phenopackets: what each element says, which versions are refused, and that every element is accounted for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.errors import InputError
from solver.library.models import Library
from solver.patient.readers.foreign.interpret import ForeignRecord, ReadingSettings, interpret
from solver.patient.readers.foreign.statements import (
    ConditionStatement,
    DrugStatement,
    ListName,
    SourceStatement,
    VariantStatement,
)
from solver.patient.readers.native.json_text import NumberText, parse_json
from solver.patient.readers.phenopacket.read import is_phenopacket, patients_of, read_phenopacket
from tests.support.formats.exports import AS_OF, day_number

PUBLIC = Path(__file__).parent / "public"
META = {"created": "2026-11-19T00:00:00Z", "createdBy": "somebody", "phenopacketSchemaVersion": "2.0"}
AML = {"id": "MONDO:0018874", "label": "acute myeloid leukemia"}


def packet(**parts: Any) -> dict[str, Any]:
    """A Phenopacket of a woman, with these parts."""
    return {"id": "packet", "subject": {"id": "one", "sex": "FEMALE"}, "metaData": META, **parts}


def at(day: str) -> dict[str, str]:
    """A time."""
    return {"timestamp": f"{day}T10:00:00Z"}


def read(
    value: object, library: Library, patient: str | None = None, complete: tuple[ListName, ...] = ()
) -> ForeignRecord:
    """The record that a value comes to."""
    text = json.dumps(value).encode()
    found = read_phenopacket(
        parse_json(text, "p"), library, name="p.json", as_of=day_number(AS_OF), patient=patient
    )
    return interpret(
        found.export, found.account, library, as_of=day_number(AS_OF), settings=ReadingSettings("p", complete)
    )


def statements(value: object, library: Library) -> list[SourceStatement]:
    """The statements that a value holds."""
    parsed = parse_json(json.dumps(value).encode(), "p")
    return read_phenopacket(parsed, library, name="p.json", as_of=day_number(AS_OF)).export.statements


def facts(found: ForeignRecord) -> dict[str, Any]:
    """The facts of the record without their sources, numbers as text."""
    plain = _plain(found.document["facts"])
    assert isinstance(plain, dict)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if key != "source"}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.text if isinstance(value, NumberText) else value


def outcomes(found: ForeignRecord) -> dict[str, str | None]:
    """What became of each element."""
    return {at: row.outcome for at, row in found.account.rows.items()}


def fault(value: object, library: Library, patient: str | None = None) -> str:
    """The one line that a value is refused with."""
    with pytest.raises(InputError) as raised:
        read(value, library, patient)
    (line,) = raised.value.problems
    return line


@pytest.mark.parametrize("path", sorted(PUBLIC.glob("*.json")), ids=lambda path: path.stem)
def test_every_element_of_a_public_file_is_accounted_for(path: Path, library: Library) -> None:
    """Each element of the lists has one row with an outcome, in the order of the file; none of these patients has a disease to treat."""
    value = json.loads(path.read_text())
    found = read(value, library)
    lists = (
        "phenotypicFeatures",
        "measurements",
        "biosamples",
        "interpretations",
        "diseases",
        "medicalActions",
    )
    expected = [
        place
        for key, each in value.items()
        for place in (
            ["subject"]
            if key == "subject"
            else [f"{key}[{i}]" for i in range(len(each))]
            if key in lists
            else []
        )
    ]
    assert list(outcomes(found)) == expected
    assert None not in outcomes(found).values()
    assert "diagnosis" not in facts(found)


@pytest.mark.parametrize(
    ("subject", "birth", "sex"),
    [
        ({"dateOfBirth": "1970-03-05T00:00:00Z", "sex": "MALE"}, {"value": "1970-03-05"}, "M"),
        ({"dateOfBirth": "1970-03"}, {"value": "1970-03"}, None),
        ({"date_of_birth": "1970-03-05T00:00:00Z", "sex": "FEMALE"}, {"value": "1970-03-05"}, "F"),
        ({"timeAtLastEncounter": {"age": {"iso8601duration": "P50Y2M"}}, "sex": "OTHER_SEX"}, None, None),
        (
            {
                "timeAtLastEncounter": {"age": {"iso8601duration": "P50Y2M"}, **at("2026-06-01")},
                "sex": "UNKNOWN_SEX",
            },
            {"min": "1975-06-02", "max": "1976-06-01"},
            None,
        ),
        ({"dateOfBirth": "someday", "sex": 2}, None, None),
    ],
)
def test_the_subject(library: Library, subject: Any, birth: Any, sex: str | None) -> None:
    """An age is a date of birth only beside the day on which it was reached, and then of a year."""
    found = facts(read(packet(subject={"id": "one", **subject}), library))
    assert (found.get("birth_date"), found.get("sex", {}).get("value")) == (birth, sex)


@pytest.mark.parametrize(
    "status", [{"status": "DECEASED"}, {"status": "DECEASED", "timeOfDeath": at("2026-11-01")}]
)
def test_death_is_told_first(library: Library, status: Any) -> None:
    """A patient who has died is told, whether or not there is a day."""
    found = read(packet(subject={"id": "one", "vitalStatus": status}), library)
    assert found.warnings[0][0] == "deceased"


def test_a_disease_and_a_denied_one(library: Library) -> None:
    """A disease is the diagnosis; an excluded one is denied, which says nothing of the diagnosis."""
    found = read(
        packet(
            diseases=[
                {"term": AML, "onset": at("2026-05-02")},
                {"term": {"id": "MONDO:0008608", "label": "Down syndrome"}, "excluded": True},
                {"term": {"id": "NCIT:C3247"}, "excluded": True},
            ]
        ),
        library,
    )
    assert facts(found)["diagnosis"] == {"value": "AML", "date": "2026-05-02"}
    assert facts(found)["down_syndrome"]["value"] is False
    assert outcomes(found)["diseases[2]"] == "not-a-state"


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("NCIT:C3171", "AML"),
        ("OMIM:601626", "AML"),
        ("ORPHA:519", "AML"),
        ("MONDO:0004963", "T_ALL"),
        ("ICD10CM:C92.01", "AML"),
    ],
)
def test_terms_of_several_vocabularies(library: Library, term: str, value: str) -> None:
    """Terms by MONDO, NCIT, OMIM and ORDO, and codes of classifications, name a disease."""
    assert facts(read(packet(diseases=[{"term": {"id": term}}]), library))["diagnosis"]["value"] == value


def test_a_feature_is_no_diagnosis(library: Library) -> None:
    """A leukaemia among the features was there at some time: it is no diagnosis, and leaves open what a complete list would deny.

    An excluded one denies nothing else.
    """
    feature = {"type": {"id": "HP:0004812", "label": "B Acute Lymphoblastic Leukemia"}}
    seen = read(packet(phenotypicFeatures=[feature]), library, complete=("conditions",))
    assert "diagnosis" not in facts(seen)
    assert "'of': 'malignancy'" not in str(seen.document["complete"])
    assert outcomes(seen)["phenotypicFeatures[0]"] == "unconfirmed"
    excluded = read(
        packet(phenotypicFeatures=[{**feature, "excluded": True}]), library, complete=("conditions",)
    )
    assert "'of': 'malignancy'" in str(excluded.document["complete"])
    assert outcomes(excluded)["phenotypicFeatures[0]"] == "not-a-state"


def test_an_age_at_onset_is_an_interval(library: Library) -> None:
    """With a date of birth an age is the time until the next one: of a year, a month or a day, as it is written."""
    subject = {"id": "one", "dateOfBirth": "1970-03-05T00:00:00Z"}
    for age, first, last in (
        ("P50Y", "2020-03-05", "2021-03-04"),
        ("P50Y6M", "2020-09-05", "2020-10-04"),
        ("P50Y6M3D", "2020-09-08", "2020-09-08"),
    ):
        disease = {"term": AML, "onset": {"age": {"iso8601duration": age}}}
        (found,) = (
            each
            for each in statements(packet(subject=subject, diseases=[disease]), library)
            if isinstance(each, ConditionStatement)
        )
        assert not isinstance(found.onset, type(None))
        assert (found.onset.first, found.onset.last) == (day_number(first), day_number(last))  # type: ignore[union-attr]


CREATININE = {
    "assay": {"id": "LOINC:2160-0", "label": "Creatinine"},
    "value": {
        "quantity": {"unit": {"id": "UCUM:mg/dL"}, "value": 1.10, "referenceRange": {"low": 0.5, "high": 1.2}}
    },
    "timeObserved": at("2026-11-18"),
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, {"value": "1.1", "unit": "mg/dL", "uln": "1.2", "date": "2026-11-18"}),
        ({"timeObserved": {"interval": {"start": "2026-11-01", "end": "2026-11-17"}}}, "2026-11-17"),
        ({"timeObserved": None, "procedure": {"performed": at("2026-11-16")}}, "2026-11-16"),
        ({"value": {"quantity": {"unit": {"id": "NCIT:C1", "label": "mg/dL"}, "value": 1.1}}}, "2026-11-18"),
        ({"value": {"quantity": {"unit": {"id": "NCIT:C1", "label": "many"}, "value": 1.1}}}, "unit"),
        ({"value": {"quantity": {"unit": {"id": "UCUM:mg/dL"}}}}, "value"),
        ({"value": {"quantity": {"unit": {"id": "UCUM:mg/dL"}, "value": "1.1"}}}, "value"),
        ({"value": None}, "value"),
        ({"timeObserved": at("2026-13-18")}, "date"),
        ({"timeObserved": at("2026-11-21")}, "after-as-of"),
        ({"timeObserved": None}, "undated"),
        ({"assay": {"id": "LOINC:1668-3"}}, "unknown-code"),
    ],
)
def test_a_measurement(library: Library, change: Any, expected: Any) -> None:
    """A measurement is a result, with its unit by UCUM or by its label, its day or the last of an interval, and its range of normal."""
    measured = {key: value for key, value in {**CREATININE, **change}.items() if value is not None}
    found = read(packet(measurements=[measured]), library)
    fact = facts(found).get("serum_creatinine")
    outcome = outcomes(found)["measurements[0]"]
    told = fact if isinstance(expected, dict) else fact["date"] if fact else outcome
    assert told == expected


def test_treatments_are_drugs(library: Library) -> None:
    """An agent is a drug by its name, from the first interval to the last; a prescription is an order."""
    treatment = {
        "agent": {"id": "DrugCentral:9999", "label": "rituximab"},
        "doseIntervals": [
            {"interval": {"start": "2026-06-01T00:00:00Z", "end": "2026-06-30T00:00:00Z"}},
            {"interval": {"start": "2026-05-02T00:00:00Z", "end": "2026-05-03T00:00:00Z"}},
        ],
        "drugType": "PRESCRIPTION",
    }
    found = read(packet(medicalActions=[{"treatment": treatment}]), library)
    assert facts(found)["therapies"] == [{"is": "rituximab", "start": "2026-05-02", "end": "2026-06-30"}]
    assert "(order)" in str(found.document)


def test_a_dose_has_its_frequency(library: Library) -> None:
    """The amount, how often it is given, and the interval in which that holds are those of the dose."""
    dose = {
        "quantity": {"unit": {"id": "NCIT:C28253", "label": "mg"}, "value": 20},
        "scheduleFrequency": {"id": "NCIT:C64496", "label": "Twice Daily"},
        "interval": {"start": "2026-11-01T00:00:00Z"},
    }
    treatment = {"agent": {"id": "CHEBI:8382", "label": "prednisone"}, "doseIntervals": [dose]}
    (found,) = (
        each
        for each in statements(packet(medicalActions=[{"treatment": treatment}]), library)
        if isinstance(each, DrugStatement)
    )
    (dosage,) = found.dosages
    assert (dosage.amount, dosage.times) != (None, None)
    assert (found.end, dosage.times, dosage.period and dosage.period.code) == (None, "2", "d")


def test_other_actions(library: Library) -> None:
    """A procedure is one; an action of a kind that says no fact is not read."""
    graft = {"procedure": {"code": {"id": "SNOMEDCT:58390007"}, "performed": at("2025-01-01")}}
    found = read(
        packet(medicalActions=[graft, {"radiationTherapy": {"modality": {"id": "NCIT:C28039"}}}, 5]), library
    )
    assert facts(found)["therapies"] == [{"is": "allo_hsct", "start": "2025-01-01"}]
    assert outcomes(found) == {
        "subject": "used",
        "medicalActions[0]": "used",
        "medicalActions[1]": "not-read",
        "medicalActions[2]": "error",
    }


def interpretation(progress: str = "SOLVED", status: str = "CAUSATIVE", **parts: Any) -> dict[str, Any]:
    """An interpretation with a duplication in NPM1, found in a sample."""
    variant = {
        "geneContext": {"valueId": "HGNC:7910", "symbol": "NPM1"},
        "expressions": [{"syntax": "hgvs.c", "value": "NM_002520.6:c.860_863dup"}],
        **parts.get("variant", {}),
    }
    call = {
        "subjectOrBiosampleId": parts.get("of", "sample"),
        "interpretationStatus": status,
        "variantInterpretation": {"variationDescriptor": variant, **parts.get("call", {})},
    }
    return {
        "id": "i",
        "progressStatus": progress,
        "diagnosis": {"disease": AML, "genomicInterpretations": [call]},
    }


SAMPLE = {
    "id": "sample",
    "individualId": "one",
    "histologicalDiagnosis": {"id": "NCIT:C3171"},
    "timeOfCollection": at("2026-11-01"),
}


def variants(
    library: Library, given: Mapping[str, Any], sample: Mapping[str, Any] = SAMPLE
) -> list[VariantStatement]:
    """The variants that an interpretation says."""
    value = packet(interpretations=[given], biosamples=[sample])
    return [each for each in statements(value, library) if isinstance(each, VariantStatement)]


@pytest.mark.parametrize(
    ("given", "found", "unconfirmed"),
    [
        (interpretation(), 1, False),
        (interpretation("COMPLETED", "CONTRIBUTORY"), 1, False),
        (interpretation("SOLVED", "CANDIDATE"), 1, False),
        (interpretation("SOLVED", "UNKNOWN_STATUS"), 1, True),
        (interpretation("SOLVED", ""), 1, True),
        (interpretation("IN_PROGRESS"), 1, True),
        (interpretation("UNSOLVED"), 0, False),
        (interpretation("SOLVED", "REJECTED"), 0, False),
    ],
)
def test_what_an_interpretation_counts(library: Library, given: Any, found: int, unconfirmed: bool) -> None:
    """Only a settled interpretation states a variant; a rejected one says that it explains nothing, not that it is absent."""
    read_variants = variants(library, given)
    assert len(read_variants) == found
    assert all(
        (each.unconfirmed is not None) == unconfirmed and each.presence == "present" for each in read_variants
    )


@pytest.mark.parametrize(
    ("given", "sample", "somatic"),
    [
        (interpretation(), SAMPLE, True),
        (interpretation(), {"id": "sample", "materialSample": {"id": "EFO:0009656"}}, True),
        (interpretation(), {"id": "sample", "tumorProgression": {"id": "NCIT:C4813"}}, True),
        (interpretation(), {"id": "sample"}, False),
        (interpretation(), {**SAMPLE, "materialSample": {"id": "EFO:0009654"}}, False),
        (interpretation(), {**SAMPLE, "histologicalDiagnosis": {"id": "NCIT:C38757"}}, False),
        (interpretation(), {**SAMPLE, "individualId": "another"}, False),
        (interpretation(of="one"), SAMPLE, False),
        (interpretation(of="one", variant={"allelicState": {"id": "GENO:0000882"}}), SAMPLE, True),
        (
            interpretation(of="one", variant={"extensions": [{"name": "origin", "value": "somatic"}]}),
            SAMPLE,
            True,
        ),
        (interpretation(of="one", variant={"allelicState": {"id": "GENO:0000888"}}), SAMPLE, False),
    ],
)
def test_what_is_somatic(library: Library, given: Any, sample: Any, somatic: bool) -> None:
    """A variant is one of the disease only in tumour material, or where its origin is said to be somatic."""
    (found,) = variants(library, given, sample)
    assert found.somatic is somatic


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        (interpretation(), "used"),
        (interpretation(of="one"), "not-a-state"),
        (interpretation("SOLVED", "REJECTED"), "not-a-state"),
        (interpretation("UNSOLVED"), "status"),
        (interpretation(call={"acmgPathogenicityClassification": "LIKELY_BENIGN"}), "not-a-state"),
        (interpretation(call={"acmgPathogenicityClassification": "UNCERTAIN_SIGNIFICANCE"}), "unconfirmed"),
        (interpretation("SOLVED", "UNKNOWN_STATUS"), "unconfirmed"),
    ],
)
def test_what_a_variant_comes_to(library: Library, given: Any, outcome: str) -> None:
    """A variant of the tumour is a finding of the day of the sample; a germline, harmless or uncertain one is none."""
    found = read(packet(interpretations=[given], biosamples=[SAMPLE]), library)
    assert outcomes(found)["interpretations[0]"] == outcome
    expected = [{"is": "npm1", "present": True, "date": "2026-11-01"}] if outcome == "used" else None
    assert facts(found).get("findings") == expected


def test_a_sample_says_its_diagnosis_and_what_was_measured_in_it(library: Library) -> None:
    """A histological diagnosis is a disease, a recurrent one has relapsed, and a measurement has the day of the sample."""
    blasts = {
        "assay": {"id": "LOINC:11150-0"},
        "value": {"quantity": {"unit": {"id": "UCUM:%"}, "value": 40}},
    }
    sample = {**SAMPLE, "tumorProgression": {"id": "NCIT:C4813"}, "measurements": [blasts, None]}
    found = read(packet(biosamples=[sample, {**SAMPLE, "individualId": "another"}]), library)
    assert facts(found)["diagnosis"]["value"] == "AML"
    assert facts(found)["disease_status"]["value"] == "relapsed"
    assert facts(found)["bm_blasts_pct"] == {"value": "40", "unit": "%", "date": "2026-11-01"}
    assert outcomes(found) == {
        "subject": "used",
        "biosamples[0]": "used",
        "biosamples[0].measurements[0]": "used",
        "biosamples[0].measurements[1]": "error",
        "biosamples[1]": "other-patient",
    }


def test_a_family_is_its_proband(library: Library) -> None:
    """The proband is read, and no relative."""
    other = packet(id="two", diseases=[{"term": AML}])
    family = {
        "id": "family",
        "proband": packet(diseases=[{"term": {"id": "NCIT:C3247"}}]),
        "relatives": [other],
        "metaData": META,
    }
    found = read(family, library)
    assert facts(found)["diagnosis"]["value"] == "MDS"
    assert outcomes(found) == {
        "proband.subject": "used",
        "proband.diseases[0]": "used",
        "relatives[0]": "other-patient",
    }


def test_a_cohort_needs_a_choice(library: Library) -> None:
    """One of several members is chosen by the id of its subject or of its Phenopacket; no message names an id."""
    members = [packet(id="a", subject={"id": "one"}), packet(id="b", subject={"id": "two", "sex": "MALE"})]
    cohort = {"id": "cohort", "members": members, "metaData": META}
    assert fault(cohort, library) == "p.json: holds 2 patients: choose one with --patient"
    assert fault(cohort, library, "three").startswith("p.json: no member of the Cohort fit")
    for chosen in ("two", "b"):
        assert outcomes(read(cohort, library, chosen)) == {"members[1].subject": "used"}
    assert patients_of(cohort) == ["one", "two"]
    assert outcomes(read({**cohort, "members": members[:1]}, library)) == {"members[0].subject": "not-read"}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (
            packet(metaData={**META, "phenopacketSchemaVersion": "1.0.0"}),
            "is a Phenopacket of schema version '1.0.0'",
        ),
        (
            packet(metaData={**META, "phenopacketSchemaVersion": "3.0"}),
            "is a Phenopacket of schema version '3.0'",
        ),
        (
            packet(genes=[{"id": "HGNC:7910"}]),
            "is a Phenopacket of schema version 1: 'genes' stands at its top",
        ),
        ({"members": [], "metaData": META}, "holds no patient"),
        ({"proband": [], "metaData": META}, "the proband of the Family is no object"),
        ({"members": [4], "metaData": META}, "the member of the Cohort is no object"),
        ([], "is no Phenopacket"),
    ],
)
def test_what_is_refused(library: Library, value: Any, told: str) -> None:
    """Another version of the schema, and a file without a patient, are refused with the reason."""
    assert told in fault(value, library)


def test_what_is_a_phenopacket() -> None:
    """One is known by its version, or by a subject beside what is said of the file; not by other JSON."""
    assert is_phenopacket(packet())
    assert is_phenopacket({"proband": {}, "metaData": META})
    assert is_phenopacket({"subject": {}, "metaData": {}})
    assert not is_phenopacket({"subject": {}})
    assert not is_phenopacket({"facts": {}, "metaData": META})
    assert not is_phenopacket({"resourceType": "Bundle", "metaData": META})
    assert not is_phenopacket({"name": "THP-1", "characteristics": {}})


@pytest.mark.parametrize("path", sorted(PUBLIC.glob("*.json")), ids=lambda path: path.stem)
@pytest.mark.parametrize("spelled_as_in_the_schema", [False, True])
def test_what_the_library_of_phenopackets_writes_is_the_same(
    path: Path, spelled_as_in_the_schema: bool, library: Library
) -> None:
    """A file that the package `phenopackets` has read and written again, in either spelling of the keys, says the same."""
    pytest.importorskip("phenopackets", reason="needs the package phenopackets")
    from google.protobuf.json_format import MessageToDict, Parse
    from phenopackets import Phenopacket

    value = json.loads(path.read_text())
    message = Parse(json.dumps(value), Phenopacket())
    written = MessageToDict(message, preserving_proto_field_name=spelled_as_in_the_schema)
    assert sorted(map(str, statements(written, library))) == sorted(map(str, statements(value, library)))


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 10**30)
    | st.sampled_from(["", "P50Y", "2026-11-18", "NCIT:C3171", "x"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["id", "value", "age", "timestamp"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def _damaged(value: Any, draw: Any) -> Any:
    """The value with something else in a place or two."""
    if draw(st.integers(0, 11)) == 0:
        return draw(ANYTHING)
    if isinstance(value, dict):
        return {key: _damaged(each, draw) for key, each in value.items()}
    return [_damaged(each, draw) for each in value] if isinstance(value, list) else value


@settings(max_examples=12)
@given(st.data())
def test_whatever_stands_in_an_element_it_is_accounted_for(library: Library, data: st.DataObject) -> None:
    """Anything in any place gives rows with an outcome; never an exception."""
    whole = packet(
        subject={
            "id": "one",
            "dateOfBirth": "1970",
            "timeAtLastEncounter": {"age": {"iso8601duration": "P5Y"}},
        },
        diseases=[
            {"term": AML, "onset": {"age": {"iso8601duration": "P50Y"}}, "resolution": at("2026-01-01")}
        ],
        phenotypicFeatures=[
            {"type": {"id": "HP:0004812"}, "onset": {"interval": {"start": "2026", "end": "2025"}}}
        ],
        measurements=[{**CREATININE, "complexValue": {"typedQuantities": [{"type": AML, "quantity": {}}]}}],
        biosamples=[{**SAMPLE, "measurements": [CREATININE]}],
        interpretations=[interpretation(variant={"extensions": [{"name": "origin", "value": "somatic"}]})],
        medicalActions=[{"treatment": {"agent": AML, "doseIntervals": [{"interval": {"start": "2026"}}]}}],
    )
    damaged = {
        **whole,
        **{key: _damaged(value, data.draw) for key, value in whole.items() if key != "metaData"},
    }
    found = read(damaged, library)
    assert None not in outcomes(found).values()
