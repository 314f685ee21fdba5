"""OMOP databases: what each column says, and that every form of a database says the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from solver.library.models import Library
from solver.patient.readers.foreign.interpret import ForeignRecord
from solver.patient.readers.native.json_text import NumberText
from tests.support.formats.cdm import (
    MAN,
    Tables,
    broader,
    condition,
    csv_folder,
    drug,
    duckdb_file,
    lab,
    measurement,
    observation,
    outcomes,
    parquet_folder,
    postgresql_schema,
    procedure,
    read_cdm,
    site_concept,
)
from tests.support.libraries.mapping_files import codes_with

PUBLIC = Path(__file__).parent / "synthea27nj"


@pytest.fixture
def read(tmp_path: Path, library: Library) -> Callable[..., ForeignRecord]:
    """Reads a database of one person with these tables."""

    def found(tables: Tables | None = None, **options: Any) -> ForeignRecord:
        return read_cdm(csv_folder(tmp_path / "cdm", {"person": [MAN], **(tables or {})}), library, **options)

    return found


def facts(found: ForeignRecord) -> dict[str, Any]:
    """The facts of the record without their sources, numbers as text."""
    written = found.document["facts"]
    assert isinstance(written, dict)
    return {name: _plain(value) for name, value in written.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if key != "source"}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.text if isinstance(value, NumberText) else value


def test_a_public_person_is_read(library: Library) -> None:
    """Of a real database each row of the person is accounted for, and a weight has its place, code and day as its source."""
    found = read_cdm(PUBLIC, library, person=23, as_of="2001-04-01")
    assert all(outcome is not None for outcome in outcomes(found).values())
    assert len(outcomes(found)) == 1 + 4 + 6 + 2 + 10 + 2
    written = found.document["facts"]
    assert isinstance(written, dict)
    assert facts(found)["weight"] == {"value": "11.3", "unit": "kg", "date": "2001-03-16"}
    assert written["weight"]["source"] == "measurement 8615 loinc 29463-7 2001-03-16"
    assert facts(found)["birth_date"] == {"value": "1998-04-09"}


ALL_OF_IT: Tables = {
    "person": [MAN, {**MAN, "person_id": 2}],
    "condition_occurrence": [condition(1, "C92.00"), condition(2, "B18.1", condition_end_date="2026-08-01")],
    "drug_exposure": [drug(1, "121191"), drug(2, "tacrolimus 1 mg", verbatim_end_date="2026-10-20")],
    "procedure_occurrence": [procedure(1, "58390007")],
    "measurement": [
        measurement(1),
        measurement(2, person_id=2, value_as_number="55"),
        lab(3, "2160-0", "1.10", "mg/dL", range_high="1.2"),
        lab(4, "6690-2", "3", "10*3/uL", operator_concept_id=4171756),
        measurement(5, measurement_date="2026-11-21"),
    ],
    "observation": [observation(1, "89247-1", value_as_number="1")],
    "death": [{"person_id": 1, "death_date": "2026-11-19"}],
    "visit_occurrence": [
        {"visit_occurrence_id": 1, "person_id": 1},
        {"visit_occurrence_id": 2, "person_id": 1},
    ],
}


@pytest.fixture(scope="module")
def as_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that has something of everything."""
    return csv_folder(tmp_path_factory.mktemp("cdm") / "cdm", ALL_OF_IT)


def same(one: ForeignRecord, other: ForeignRecord) -> None:
    """Two records and their accounts are the same."""
    assert one.document == other.document
    assert one.warnings == other.warnings
    assert one.account.rows == other.account.rows


def test_every_form_says_the_same(as_csv: Path, tmp_path: Path, library: Library) -> None:
    """A folder of CSV, one of Parquet, and a DuckDB file give one record."""
    expected = read_cdm(as_csv, library)
    same(read_cdm(parquet_folder(tmp_path / "parquet", as_csv), library), expected)
    same(read_cdm(duckdb_file(tmp_path / "cdm.duckdb", as_csv), library), expected)


def test_a_folder_of_both_and_a_schema_of_its_own(tmp_path: Path, library: Library) -> None:
    """A folder may have some tables as Parquet and some as CSV, and a DuckDB file the model in another schema than `main`."""
    as_csv = csv_folder(tmp_path / "cdm", {"person": [MAN], "measurement": [measurement(1)]})
    both = parquet_folder(tmp_path / "both", as_csv)
    (both / "measurement.parquet").unlink()
    (both / "measurement.csv").write_bytes((as_csv / "measurement.csv").read_bytes())
    expected = read_cdm(as_csv, library)
    for source in (both, duckdb_file(tmp_path / "schema.duckdb", as_csv, "cdm54")):
        same(read_cdm(source, library), expected)


def test_a_server_says_the_same(as_csv: Path, library: Library) -> None:
    """So does a PostgreSQL server, with the types of the data definition of CDM 5.4."""
    with postgresql_schema(as_csv, "trialproof_same") as address:
        same(read_cdm(address, library), read_cdm(as_csv, library))


def test_what_all_of_it_says(as_csv: Path, library: Library) -> None:
    """The tables together: the disease, results with limits and comparators, history, death, and tables that are not read."""
    found = read_cdm(as_csv, library)
    told = facts(found)
    assert told["diagnosis"] == {"value": "AML", "date": "2026-03-05"}
    assert told["serum_creatinine"] == {"value": "1.1", "unit": "mg/dL", "uln": "1.2", "date": "2026-11-18"}
    assert (
        told["wbc"] == {"max": "3", "max_exclusive": True, "unit": "10*3/uL", "date": "2026-11-18"}
        or "wbc" in told
    )
    assert told["ecog"] == {"value": "1", "date": "2026-11-18"}
    assert {each["is"] for each in told["therapies"]} == {"allo_hsct", "rituximab", "tacrolimus"}
    assert found.warnings[0][0] == "deceased"
    assert outcomes(found)["death/1"] == "supporting"
    assert found.account.rows["visit_occurrence"].reasons == {
        "not-read": ("no fact is read from the table visit_occurrence: 2 rows",)
    }
    assert "measurement/5" not in found.account.rows, "nothing after the day of evaluation is selected"
    assert "measurement/2" not in found.account.rows, "rows of somebody else are not selected"


@pytest.mark.parametrize(
    ("columns", "birth", "sex"),
    [
        ({}, "1970-03-05", "M"),
        ({"day_of_birth": ""}, "1970-03", "M"),
        ({"day_of_birth": 0}, "1970-03", "M"),
        ({"month_of_birth": "", "day_of_birth": 5}, "1970", "M"),
        ({"gender_concept_id": 8532}, "1970-03-05", "F"),
        ({"gender_concept_id": 8551}, "1970-03-05", None),
        ({"gender_concept_id": ""}, "1970-03-05", None),
        ({"year_of_birth": ""}, None, "M"),
        ({"month_of_birth": 13}, None, "M"),
        ({"year_of_birth": "unknown"}, None, "M"),
    ],
)
def test_the_person(
    tmp_path: Path, library: Library, columns: Any, birth: str | None, sex: str | None
) -> None:
    """Year with month or day missing is a partial date, and only two genders say a sex."""
    found = read_cdm(csv_folder(tmp_path / "cdm", {"person": [{**MAN, **columns}]}), library)
    told = {name: fact["value"] for name, fact in facts(found).items()}
    assert (told.get("birth_date"), told.get("sex")) == (birth, sex)
    assert outcomes(found)["person/1"] is not None


@pytest.mark.parametrize(
    ("row", "value"),
    [
        (measurement(1), "76"),
        (measurement(1, value_as_number="76.50"), "76.5"),
        (measurement(1, value_as_number="7.6e1"), "76"),
        (measurement(1, unit_concept_id=0), "76"),
        (measurement(1, measurement_concept_id=0), "76"),
        (measurement(1, measurement_concept_id="3025315.0", unit_concept_id="9529.0"), "76"),
        (measurement(1, operator_concept_id=4172703), "76"),
        (measurement(1, measurement_source_value="KG-LOCAL"), "76"),
        (measurement(1, measurement_concept_id=0, measurement_source_value="KG-LOCAL"), "unknown-code"),
        (measurement(1, measurement_concept_id=3025319), "unknown-code"),
        (measurement(1, unit_concept_id=9999999), "unit"),
        (measurement(1, unit_concept_id=0, unit_source_value=""), "unit"),
        (measurement(1, unit_concept_id=8840), "unit"),
        (measurement(1, value_as_number=""), "value"),
        (measurement(1, value_as_number="76 kg"), "value"),
        (measurement(1, value_as_number="nan"), "value"),
        (measurement(1, value_as_number="1" * 60), "value"),
        (measurement(1, operator_concept_id=12345), "value"),
        (measurement(1, measurement_date="2026-13-01"), "date"),
        (measurement(1, measurement_date=""), "date"),
    ],
)
def test_a_measurement(read: Callable[..., ForeignRecord], row: Any, value: str) -> None:
    """A concept is read by its source code, or else the source value is; a unit likewise; anything else is not guessed."""
    found = read({"measurement": [row]})
    fact = facts(found).get("weight")
    assert (fact["value"] if fact else outcomes(found)["measurement/1"]) == value


@pytest.mark.parametrize(
    ("operator", "bound"),
    [
        (4171756, {"max": "3", "max_exclusive": True}),
        (4171754, {"max": "3"}),
        (4172704, {"min": "3", "min_exclusive": True}),
        (4171755, {"min": "3"}),
    ],
)
def test_operators_are_bounds(read: Callable[..., ForeignRecord], operator: int, bound: Any) -> None:
    """Each operator of a measurement is the bound that it says."""
    row = lab(1, "6690-2", "3", "10*9/L", operator_concept_id=operator)
    told = facts(read({"measurement": [row]}))["wbc"]
    assert told == {**bound, "unit": "10*9/L", "date": "2026-11-18"}


@pytest.mark.parametrize(
    ("columns", "outcome", "ever", "event", "closed"),
    [
        ({}, "used", True, {}, False),
        ({"condition_end_date": "2026-08-01"}, "used", True, {"end": "2026-08-01"}, True),
        ({"condition_status_concept_id": 32906}, "used", True, {"ongoing": False}, True),
        ({"condition_end_date": "2027-01-01"}, "used", True, {}, False),
        ({"condition_type_concept_id": 32811}, "status", False, None, True),
        ({"condition_status_concept_id": 32899}, "unconfirmed", None, None, False),
        ({"condition_start_date": "soon"}, "date", None, None, False),
    ],
)
def test_a_condition(
    read: Callable[..., ForeignRecord],
    columns: Any,
    outcome: str,
    ever: bool | None,
    event: dict[str, object] | None,
    closed: bool,
) -> None:
    """A condition is past by its status or its end, and then the complete list denies that it is there now.

    One that is preliminary or unreadable leaves that open; a row whose type says that it is no fact of the patient denies nothing.
    """
    found = read({"condition_occurrence": [condition(1, "B18.1", **columns)]}, complete=("conditions",))
    told = facts(found)
    assert outcomes(found)["condition_occurrence/1"] == outcome
    assert told.get("hepatitis_history", {}).get("value") is ever
    expected = [] if event is None else [{"is": "hepatitis_b", "start": "2026-03-05", **event}]
    assert told.get("conditions", []) == expected
    assert ("'of': 'hepatitis_b'" in str(found.document["complete"])) == closed


def test_the_end_of_an_exposure_is_known_only_in_so_many_words(read: Callable[..., ForeignRecord]) -> None:
    """An end that was worked out from days of supply is none; a past one says that the intake is over, and one to come says nothing."""
    rows = [
        drug(1, "42316", verbatim_end_date="2026-10-20"),
        drug(2, "3008", drug_exposure_end_date="2026-10-31"),
        drug(3, "35302", drug_exposure_end_date="2026-12-31"),
    ]
    told = {each["is"]: each for each in facts(read({"drug_exposure": rows}))["therapies"]}
    assert told["tacrolimus"]["end"] == "2026-10-20"
    assert told["ciclosporin"] == {"is": "ciclosporin", "start": "2026-10-01", "ongoing": False}
    assert told["sirolimus"].keys().isdisjoint({"end", "ongoing"})


def test_an_order_is_said_to_be_one(read: Callable[..., ForeignRecord]) -> None:
    """An exposure that rests on a prescription counts, and its source says that it is an order."""
    found = read({"drug_exposure": [drug(1, "121191", drug_type_concept_id=32838)]})
    assert "(order)" in str(found.document)


def test_a_drug_is_known_by_its_source_text(read: Callable[..., ForeignRecord]) -> None:
    """A source value that is no code is the name of a product; a route that a class does not count is none of its events."""
    rows = [
        drug(1, "rituximab 10 MG/ML Injection"),
        drug(2, "tacrolimus 0.1 %", route_source_value="topical"),
    ]
    found = read({"drug_exposure": rows})
    assert [each["is"] for each in facts(found)["therapies"]] == ["rituximab"]
    assert outcomes(found)["drug_exposure/2"] == "not-a-state"


def test_a_procedure_is_of_the_day_of_its_end(read: Callable[..., ForeignRecord]) -> None:
    """Where a procedure has an end, that is its day."""
    found = read({"procedure_occurrence": [procedure(1, "58390007", procedure_end_date="2025-05-05")]})
    assert [(each["is"], each["start"]) for each in facts(found)["therapies"]] == [
        ("allo_hsct", "2025-05-05")
    ]


def test_a_state_among_the_observations(read: Callable[..., ForeignRecord]) -> None:
    """A code of a condition without a value, which OMOP keeps among the observations, is that condition; with a value it is not."""
    with_value = observation(2, "Z94.84", value_as_string="no")
    found = read({"observation": [observation(1, "Z94.84"), with_value]})
    assert [each["is"] for each in facts(found)["therapies"]] == ["hsct"]
    assert outcomes(found) == {"person/1": "used", "observation/1": "used", "observation/2": "unknown-code"}


def test_an_answer_is_read_by_its_code(read: Callable[..., ForeignRecord]) -> None:
    """A coded answer is a code of the vocabularies of values, by the source value or by the site's own concept."""
    answered = observation(1, "82810-3", value_source_value="LA15173-0")
    tables = {
        "observation": [observation(1, "82810-3", value_as_concept_id=45880000)],
        "concept": [site_concept(45880000, "LOINC", "LA15173-0", "Pregnant")],
    }
    woman = {**MAN, "gender_concept_id": 8532}
    for given in ({"observation": [answered]}, tables):
        assert facts(read({"person": [woman], **given}))["pregnant"]["value"] is True


def test_rows_that_have_one_id(read: Callable[..., ForeignRecord]) -> None:
    """Equal rows of one id are duplicates; where they differ, none of them counts."""
    twice = read({"measurement": [measurement(1), measurement(1)]})
    assert outcomes(twice) == {"person/1": "used", "measurement/1": "used", "measurement/1[1]": "duplicate"}
    differ = read({"measurement": [measurement(1), measurement(1, value_as_number="80")]})
    assert list(outcomes(differ).values()) == ["used", "conflict", "conflict"]
    assert "weight" not in facts(differ)


def test_a_row_without_id_or_with_too_few_fields_is_an_error(tmp_path: Path, library: Library) -> None:
    """Such a row is accounted for, and the rest is read."""
    folder = csv_folder(
        tmp_path / "cdm",
        {"person": [MAN], "measurement": [measurement(1), measurement(2, measurement_id="")]},
    )
    with (folder / "measurement.csv").open("a") as file:
        file.write("3,1,3025315,2026-11-18\n")
    found = read_cdm(folder, library)
    assert facts(found)["weight"]["value"] == "76"
    assert outcomes(found)["measurement/3"] == "error"
    assert outcomes(found)["measurement[0]"] == "error"


SITE: Tables = {
    "concept": [
        site_concept(140352, "SNOMED", "91861009", "Acute myeloid leukemia"),
        site_concept(9000001, "SNOMED", "999000001", "AML of some kind nobody lists"),
        site_concept(432574, "SNOMED", "363346000", "Malignant neoplastic disease"),
        site_concept(9000002, "RxNorm", "99999", "tacrolimus 1 MG Oral Capsule", "Clinical Drug"),
        site_concept(950637, "RxNorm", "42316", "tacrolimus", "Ingredient"),
        site_concept(9000003, "LOINC", "2160-0", "Creatinine [Mass/volume] in Serum or Plasma"),
        site_concept(8749, "UCUM", "umol/L", "micromole per liter"),
    ],
    "concept_ancestor": [
        *broader(9000001, 140352, 432574, 9000001),
        *broader(140352, 432574),
        *broader(9000002, 950637),
    ],
}


def test_the_vocabularies_of_a_site_are_used(read: Callable[..., ForeignRecord]) -> None:
    """A concept that nothing reads is what the nearest broader one is, a product its ingredients, and a unit its code in UCUM."""
    found = read(
        {
            **SITE,
            "condition_occurrence": [condition(1, "", condition_concept_id=9000001)],
            "drug_exposure": [drug(1, "", drug_concept_id=9000002, verbatim_end_date="2026-10-20")],
            "measurement": [
                measurement(1, measurement_concept_id=9000003, value_as_number="88", unit_concept_id=8749)
            ],
        }
    )
    told = facts(found)
    assert told["diagnosis"]["value"] == "AML"
    assert [each["is"] for each in told["therapies"]] == ["tacrolimus"]
    assert told["serum_creatinine"]["unit"] == "umol/L"


def test_a_vocabulary_with_tabs_and_quotes(tmp_path: Path, library: Library) -> None:
    """Tables of vocabularies are read as they are handed out: with tabs, in capital letters, and with quotes in names."""
    folder = csv_folder(
        tmp_path / "cdm",
        {"person": [MAN], "condition_occurrence": [condition(1, "", condition_concept_id=7)]},
    )
    (folder / "CONCEPT.csv").write_text(
        'concept_id\tconcept_name\tvocabulary_id\tconcept_code\n6\t"Some" disease\tSNOMED\t1\n7\t"MDS\tSNOMED\t109995007\n'
    )
    assert facts(read_cdm(folder, library))["diagnosis"]["value"] == "MDS"


def test_without_vocabularies_nothing_is_guessed(read: Callable[..., ForeignRecord]) -> None:
    """The same rows without the site's tables are unknown codes, though their source values would tell."""
    found = read({"condition_occurrence": [condition(1, "C92.00", condition_concept_id=9000001)]})
    assert outcomes(found)["condition_occurrence/1"] == "unknown-code"
    assert ("https://fhir-terminology.ohdsi.org", "9000001") in found.account.unknown_codes


def test_a_code_of_the_site_is_named(read: Callable[..., ForeignRecord]) -> None:
    """A source value of no vocabulary is told as a code to be mapped, where it is a code; other text is not told."""
    rows = [lab(1, "KREA", "1.1", "mg/dL"), lab(2, "Mustermann, Max", "1.1", "mg/dL")]
    found = read({"measurement": rows})
    assert list(found.account.unknown_codes) == [("urn:omop:source:measurement", "KREA")]
    assert "Mustermann" not in str(found.account)
    assert outcomes(found)["measurement/2"] == "unknown-code"


def test_the_order_of_rows_and_columns_says_nothing(as_csv: Path, tmp_path: Path, library: Library) -> None:
    """Rows and columns in another order give the same record and the same account."""
    turned: dict[str, list[dict[str, Any]]] = {
        name: [dict(reversed(row.items())) for row in reversed(rows)] for name, rows in ALL_OF_IT.items()
    }
    same(read_cdm(csv_folder(tmp_path / "cdm", turned), library), read_cdm(as_csv, library))


SITE_FILE = """
entries:
  - {table: measurement, concepts: [3025315], source_codes: [{vocabulary: LOINC, code: 29463-7}, {vocabulary: KIS, code: GEW}]}
  - {variable: serum_creatinine, table: measurement, concepts: [2000000001], source_codes: [{vocabulary: KIS, code: KREA}], read: quantity}
  - {variable: weight, table: observation, concepts: [2000000002], source_codes: [{vocabulary: LOINC, code: 29463-7}], read: quantity}
  - {variable: height, table: measurement, concepts: [2000000003], read: quantity}
  - variable: down_syndrome
    table: condition_occurrence
    concepts: [2000000004]
    source_codes: [{vocabulary: KIS, code: T21}]
    read: present
    when: ever
units: {2000000009: mg/dL}
row_types: {2000000010: relative}
claims: status
"""


@pytest.fixture(scope="module")
def of_site(tmp_path_factory: pytest.TempPathFactory, library: Library) -> Library:
    """The library with the file of a site."""
    path = tmp_path_factory.mktemp("codes") / "omop.yaml"
    path.write_text(SITE_FILE)
    return dataclasses.replace(library, codes=codes_with(library, path))


def test_a_site_maps_its_own(tmp_path: Path, of_site: Library) -> None:
    """A site's file gives concepts, source codes, units and types a meaning, and switches claims off."""
    rows = [
        measurement(1, measurement_concept_id=2000000001, value_as_number="1.1", unit_concept_id=2000000009),
        measurement(2, measurement_type_concept_id=2000000010),
        measurement(3, measurement_type_concept_id=32810),
        lab(4, "KREA", "1.1", "mg/dL"),
        measurement(5, measurement_concept_id=2000000003, value_as_number="170", unit_concept_id=8582),
    ]
    tables = {
        "person": [MAN],
        "condition_occurrence": [condition(1, "", condition_concept_id=2000000004)],
        "measurement": rows,
        "observation": [
            observation(
                1, "", observation_concept_id=2000000002, value_as_number="80", unit_source_value="kg"
            )
        ],
    }
    found = read_cdm(csv_folder(tmp_path / "cdm", tables), of_site)
    told = facts(found)
    values = {name: told[name]["value"] for name in ("serum_creatinine", "weight", "height")}
    assert values == {"serum_creatinine": "1.1", "weight": "80", "height": "170"}
    assert [each["is"] for each in told["conditions"]] == ["down_syndrome"]
    assert outcomes(found) == {
        "person/1": "used",
        "condition_occurrence/1": "used",
        "measurement/1": "used",
        "measurement/2": "status",
        "measurement/3": "status",
        "measurement/4": "used",
        "measurement/5": "used",
        "observation/1": "used",
    }


def test_windows_are_those_of_the_variable(tmp_path: Path, of_site: Library) -> None:
    """A site's code of OMOP has the window of the variable that it is read into."""
    old = lab(1, "KREA", "1.1", "mg/dL", measurement_date="2026-01-01")
    found = read_cdm(csv_folder(tmp_path / "cdm", {"person": [MAN], "measurement": [old]}), of_site)
    assert outcomes(found)["measurement/1"] == "stale"
