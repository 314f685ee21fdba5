"""The exports among the examples: each has its native twin, and both give the same answer.

`UPDATE_GOLDEN=1 python -m pytest tests/questions/convert/test_examples.py` (or `make golden`) writes the twins again; review the
difference.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.support.pages.command_line import run_command

ROOT = Path(__file__).parents[3]
EXPORTS = {
    "relapse": ["examples/fhir/relapse.json"],
    "first-diagnosis": ["examples/fhir/first-diagnosis.ndjson"],
    "ward-export": ["examples/fhir/ward-export"],
    "npm1-mutated": ["examples/phenopackets/npm1-mutated.json"],
    "omop-101": ["examples/omop", "--person", "101"],
    "omop-102": ["examples/omop", "--person", "102"],
}
DAY = ["--as-of", "2026-11-20"]
OF_READING = {"deceased", "same-day", "other-day", "stale", "unconfirmed", "not-used"}


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_converted_to_its_twin(name: str) -> None:
    """The record made of an example is the one that was reviewed."""
    twin = ROOT / "examples/native" / f"{name}.json"
    found = json.loads(run_command("convert", *EXPORTS[name], *DAY, "--id", name).output)
    if os.environ.get("UPDATE_GOLDEN"):
        twin.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    assert found == json.loads(twin.read_text())


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_and_its_twin_have_the_same_answer(name: str) -> None:
    """Matching an export is matching the record that is made of it, but for the warnings that come from reading."""
    export, twin = (
        json.loads(run_command(*words, "--trials", "RO", "--format", "json").output)
        for words in ([*EXPORTS[name], *DAY, "--id", name], [f"examples/native/{name}.json"])
    )
    export["warnings"] = [each for each in export["warnings"] if each["code"] not in OF_READING]
    assert export == twin
