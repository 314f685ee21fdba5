"""A FHIR bulk export is a cohort: each patient is read as from an export of that patient alone."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from solver.errors import InputError
from solver.patient.readers.fhir.bulk_export import is_bulk_export, patients_of_bulk
from tests.support.pages.command_line import run_command

Resource = dict[str, Any]


def of(patient: str, kind: str, identity: str, **more: Any) -> Resource:
    """A resource of a patient."""
    return {"resourceType": kind, "id": identity, "subject": {"reference": f"Patient/{patient}"}, **more}


def person(identity: str, **more: Any) -> Resource:
    """A Patient."""
    return {"resourceType": "Patient", "id": identity, "gender": "female", **more}


def export(folder: Path, **files: list[Resource]) -> list[Path]:
    """The files of an export, by resource type."""
    for name, resources in files.items():
        (folder / f"{name}.ndjson").write_text("".join(f"{json.dumps(each)}\n" for each in resources))
    return sorted(folder.glob("*.ndjson"))


def grouped(files: list[Path]) -> dict[str, list[str]]:
    """The ids of the resources of each patient, in order."""
    return {
        patient: [json.loads(line)["id"] for line in lines.splitlines()]
        for patient, lines in patients_of_bulk(files, "export")
        if isinstance(lines, bytes)
    }


def test_resources_are_grouped_in_the_order_of_the_patients(tmp_path: Path) -> None:
    """Wherever their lines stand; what is of somebody without a Patient is of nobody in the cohort."""
    files = export(
        tmp_path,
        Condition=[of("a", "Condition", "c1"), of("b", "Condition", "c2"), of("z", "Condition", "c3")],
        Observation=[of("b", "Observation", "o1"), of("a", "Observation", "o2")],
        Patient=[person("b"), person("a")],
    )
    assert is_bulk_export(files)
    assert grouped(files) == {"b": ["c2", "o1", "b"], "a": ["c1", "o2", "a"]}
    assert list(grouped(files)) == ["b", "a"]


def test_without_a_patient_resource_those_who_are_referred_to_are_the_patients(tmp_path: Path) -> None:
    """In the order in which they are named."""
    files = export(tmp_path, Condition=[of("b", "Condition", "c1"), of("a", "Condition", "c2")])
    assert grouped(files) == {"b": ["c1"], "a": ["c2"]}


def test_what_is_of_no_patient_goes_to_whoever_refers_to_it(tmp_path: Path) -> None:
    """Also through another resource; a patient who is alone gets all of it."""
    drug = {
        "resourceType": "Medication",
        "id": "m",
        "ingredient": [{"itemReference": {"reference": "Substance/s"}}],
    }
    others = {
        "Medication": [drug, {"resourceType": "Medication", "id": "unused"}],
        "Substance": [{"resourceType": "Substance", "id": "s"}],
        "MedicationRequest": [
            of("a", "MedicationRequest", "r", medicationReference={"reference": "Medication/m"})
        ],
    }
    files = export(tmp_path, Patient=[person("a"), person("b")], **others)
    assert grouped(files) == {"a": ["r", "a", "m", "s"], "b": ["b"]}
    files = export(tmp_path, Patient=[person("a")])
    assert set(grouped(files)["a"]) == {"a", "m", "s", "r", "unused"}


def test_patients_who_are_the_same_person_are_one(tmp_path: Path) -> None:
    """A Patient that another one replaces, also in turn, is that one."""

    def replaced(by: str) -> list[Any]:
        return [{"type": "replaced-by", "other": {"reference": f"Patient/{by}"}}]

    files = export(
        tmp_path,
        Patient=[
            person("old", link=replaced("mid")),
            person("x"),
            person("mid", link=replaced("new")),
            person("new"),
        ],
        Condition=[of("old", "Condition", "c1"), of("new", "Condition", "c2"), of("x", "Condition", "c3")],
    )
    found = grouped(files)
    assert list(found) == ["new", "x"]
    assert set(found["new"]) == {"old", "mid", "new", "c1", "c2"}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "is not JSON: a bulk export has a resource on each line"),
        ("[]", "is no FHIR resource: a bulk export has a resource on each line"),
        ('{"resourceType": "Patient"}', "the Patient has no id: nothing can refer to it"),
        ('{"resourceType": "Bundle"}', "is a 'Bundle': give Bundles and single resources apart"),
    ],
)
def test_a_line_of_nobody_knows_whom_is_told_behind_the_patients(
    tmp_path: Path, line: str, told: str
) -> None:
    """By its file and number; the patients are those of the other lines."""
    files = export(tmp_path, Patient=[person("a")])
    files[0].write_text(f"{line}\n{files[0].read_text()}")
    (patient, lines), (where, fault) = patients_of_bulk(files, "export")
    assert (patient, where) == ("a", f"{files[0]}:1")
    assert isinstance(lines, bytes)
    assert isinstance(fault, InputError)
    assert fault.problems == (f"{files[0]}:1: {told}; whoever it is of is judged without it",)


def test_a_broken_line_of_an_export_is_one_bad_row_of_a_screen(tmp_path: Path) -> None:
    """The others are judged; its row is called as a line of a file is."""
    folder = tmp_path / "export"
    folder.mkdir()
    files = export(folder, Observation=[of("a", "Observation", "o1")], Patient=[person("a"), person("b")])
    out = tmp_path / "out.ndjson"
    for broken, expected in (
        (files[:1], ["a", "b", "Observation:2"]),
        (files, ["a", "b", "Observation:2", "Patient:3"]),
    ):
        for file in broken:
            file.write_text(file.read_text().removesuffix("{\n") + "{\n")
        words = ("screen", str(folder), "--as-of", "2025-06-01", "--reasons", "none", "--out", str(out))
        assert run_command(*words, "--workers", "1").code == 2
        rows = [json.loads(line) for line in out.read_text().splitlines()]
        assert list(dict.fromkeys(row["patient"] for row in rows)) == expected
        assert all(row["verdict"] is not None for row in rows if row["error"] is None)


def test_files_may_be_compressed(tmp_path: Path) -> None:
    """One that is damaged is one line."""
    path = tmp_path / "Patient.ndjson.gz"
    path.write_bytes(gzip.compress(json.dumps(person("a")).encode()))
    assert grouped([path]) == {"a": ["a"]}
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(InputError, match="is damaged: it cannot be unpacked"):
        grouped([path])


def test_each_answer_is_that_of_match_for_the_patient(tmp_path: Path) -> None:
    """`match` itself refuses an export of several patients in one line, unless one is chosen."""
    folder = Path("examples/fhir/ward-export")
    for file in folder.glob("*.ndjson"):
        lines = file.read_text()
        other = re.sub(r'("id": "|"reference": "\w+/)', r"\1other-", lines)
        other = other.replace('"female"', '"male"')
        (tmp_path / file.name).write_text(lines + other)
    day = ("--as-of", "2026-11-20", "--format", "json", "--trials", "K017,K001")
    refused = run_command(str(tmp_path), *day)
    assert (refused.code, len(refused.error.splitlines())) == (2, 1)
    out = tmp_path / "out.ndjson"
    pytest.importorskip("polars")
    run_command("screen", str(tmp_path), *day, "--reasons", "full", "--out", str(out))
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    out.unlink()
    for patient in ("p3", "other-p3"):
        answer = json.loads(run_command(str(tmp_path), "--patient", patient, *day).output)
        found = [each for each in rows if each["patient"] == patient]
        assert [
            (each["code"], each["verdict"], each["conflicts"], each["deciding_sets"]) for each in found
        ] == [
            (each["code"], each["verdict"], each["conflicts"], each["deciding_sets"])
            for each in answer["trials"]
        ]
