"""Public files: every resource of every file is accounted for once, and nothing that is no resource."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from solver.errors import InputError
from solver.patient.readers.foreign.interpret import ReadingSettings, interpret
from tests.support.formats.fhir_bundles import AS_OF, LIBRARY, read

FOLDER = Path(__file__).parent / "public"
REFUSED = {"cibmtr-examples.ndjson": "holds 6 patients", "ctms-research-studies.json": "holds no patient"}
FILES = sorted(path for path in FOLDER.iterdir() if path.suffix != ".md")


def places(text: str) -> list[str]:
    """Where the resources of a file stand, found without the reader."""
    try:
        whole = json.loads(text)
    except json.JSONDecodeError:
        held: list[tuple[str, Any]] = [
            (f"line[{index}]", json.loads(line)) for index, line in enumerate(filter(None, text.splitlines()))
        ]
    else:
        entries = whole.get("entry") if whole["resourceType"] == "Bundle" else None
        held = [("resource", whole)] if entries is None else []
        held += [
            (f"entry[{i}]", each["resource"]) for i, each in enumerate(entries or ()) if "resource" in each
        ]
    return [
        at
        for place, each in held
        for at in (place, *(f"{place}.contained[{i}]" for i in range(len(each.get("contained", [])))))
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_resource_of_a_public_file_is_accounted_for_once(path: Path) -> None:
    """Each has one row with one outcome, in the order of the file; a file of several patients needs a choice."""
    patient = "PatientExample1" if path.name.startswith("cibmtr") else None
    if path.name in REFUSED:
        with pytest.raises(InputError, match=REFUSED[path.name]):
            read(path)
    if path.name == "ctms-research-studies.json":
        return
    export, account = read(path, patient=patient)
    assert list(account.rows) == places(path.read_text())
    interpret(export, account, LIBRARY, as_of=AS_OF, settings=ReadingSettings())
    assert None not in {row.outcome for row in account.rows.values()}


@pytest.mark.parametrize(
    ("name", "outcome", "count"),
    [
        ("ctms-impossible-scores.json", "other-patient", 2),
        ("ctms-two-values.json", "other-patient", 4),
        ("ctms-two-values.json", "duplicate", 4),
        ("ctms-two-values.json", "conflict", 2),
        ("mef-placeholders.json", "status", 1),
        ("mef-condition-icd10.json", "not-r4", 1),
        ("mef-operation-outcome.json", "not-read", 1),
    ],
)
def test_what_is_awkward_in_public_files_is_said(name: str, outcome: str, count: int) -> None:
    """The scores of somebody else, duplicates, placeholders, a status as a code, and what a search tells of itself."""
    _, account = read(FOLDER / name)
    assert sum(row.outcome == outcome for row in account.rows.values()) == count
