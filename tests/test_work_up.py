"""`match tests`: the page and the JSON of what to order."""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest

import cli
from solver.library.models import Library
from solver.patient.read import read_record
from solver.questions.matcher import Matcher
from solver.questions.tests import plan_tests
from solver.report.schemas import schema
from solver.report.work_up import work_up_page
from solver.report.work_up_document import tests_document as document_of

GOLDEN = Path(__file__).parent / "golden" / "tests"
EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.json"))
RECORDS = [path for path in EXAMPLES if path.stem != "site"]
SHOWN = {"undetermined": True, "short-chart": False, "several-trials": False}
"""The examples whose pages were reviewed, and whether with pairs."""


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_any_page_fits_and_any_document_is_valid(library: Library, path: Path) -> None:
    """Eighty columns are enough, and the JSON is what its schema says, with and without pairs."""
    record = read_record(path.read_bytes(), library, name=path.name)
    answer = plan_tests(Matcher(library), record, pairs=True)
    page = work_up_page(answer, record, library, 80).plain()
    assert max(map(len, page.splitlines())) <= 80
    jsonschema.validate(json.loads(json.dumps(document_of(answer))), schema("tests", library))


@pytest.mark.parametrize("name", SHOWN)
def test_the_page_is_as_reviewed(library: Library, name: str) -> None:
    """At 80 columns it is the reviewed one. UPDATE_GOLDEN=1 writes it again."""
    (path,) = (path for path in RECORDS if path.stem == name)
    record = read_record(path.read_bytes(), library, name=path.name)
    text = work_up_page(plan_tests(Matcher(library), record, pairs=SHOWN[name]), record, library, 80).plain()
    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_no_page_is_left_over() -> None:
    """Every expected page belongs to an example that is shown."""
    assert {path.stem for path in GOLDEN.iterdir()} == SHOWN.keys()


def test_the_tests_of_a_plan_settle_the_trial(library: Library) -> None:
    """Whatever is written for the variables of the plan, within its requirement or not, the trial is decided."""
    path = Path(__file__).parents[1] / "examples" / "undetermined.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    matcher = Matcher(library)
    answer = plan_tests(matcher, read_record(raw, library))
    (trial,) = (each for each in answer.trials if each.code == "RO")
    assert trial.plan is not None
    names = [name for test in trial.plan.tests for name in test.variables]
    values = {
        "cns_leukemia_active": [False, True],
        "hepatitis_clearance_serology": [False, True],
        "salvage_attempts": [0, 1, 2, 9],
    }
    assert set(names) == set(values)
    for cns in values["cns_leukemia_active"]:
        for cleared in values["hepatitis_clearance_serology"]:
            for attempts in values["salvage_attempts"]:
                facts = {
                    **raw["facts"],
                    "cns_leukemia_active": cns,
                    "hepatitis_clearance_serology": cleared,
                    "salvage_attempts": attempts,
                }
                (found,) = matcher.match(read_record({**raw, "facts": facts}, library), ["RO"]).trials
                good = not cns and cleared and attempts >= 2
                assert found.verdict == ("eligible" if good else "ineligible")


def test_the_command_answers(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The verb prints the page, or one line of JSON, for the trials that are asked for."""
    example = str(Path(__file__).parents[1] / "examples" / "undetermined.json")
    monkeypatch.setattr("sys.argv", ["match", "tests", example, "SAR", "--show-pair"])
    assert cli.main() == 0
    out = capfd.readouterr().out
    assert "order first: lumbar puncture" in out
    assert "Two patients who both fit the record" in out
    monkeypatch.setattr("sys.argv", ["match", "tests", example, "--trial", "SAR", "--format", "json"])
    assert cli.main() == 0
    told = json.loads(capfd.readouterr().out)
    assert [trial["code"] for trial in told["trials"]] == ["SAR"]
    assert told["trials"][0]["plan"]["tests"] == [
        {"test": "lumbar-puncture", "variables": ["cns_leukemia_active"]}
    ]
    monkeypatch.setattr("sys.argv", ["match", "tests", example, "SRA"])
    assert cli.main() == 2
    assert "did you mean 'SAR'?" in capfd.readouterr().err
