"""`match tests`: the page and the JSON of what to order."""

from __future__ import annotations

import json
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import cli
from solver.language.types import BooleanType
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.questions.schema.ask import schema
from solver.questions.workup.answer import TrialTests
from solver.questions.workup.ask import plan_tests
from solver.questions.workup.page import work_up_page
from solver.report.json import document as document_of
from tests.support.records import worked
from tests.support.records.examples import EXAMPLES, answer_of, example
from tests.support.records.matchers import verdicts_of

GOLDEN = Path(__file__).parent / "golden"
SHOWN = {"undetermined": True, "short-chart": False, "several-trials": False}
"""The examples whose pages were reviewed, and whether with pairs."""


@pytest.mark.parametrize("name", EXAMPLES)
def test_any_page_fits_and_any_document_is_valid(library: Library, name: str) -> None:
    """Eighty columns are enough, and the JSON is what its schema says, with and without pairs."""
    answer = answer_of(plan_tests, name, pairs=True)
    page = work_up_page(answer, example(name), library, 80).plain()
    assert max(map(len, page.splitlines())) <= 80
    jsonschema.validate(json.loads(json.dumps(document_of(answer))), schema("tests", library))


@pytest.mark.parametrize("name", SHOWN)
def test_the_page_is_as_reviewed(library: Library, name: str) -> None:
    """At 80 columns it is the reviewed one. UPDATE_GOLDEN=1 writes it again."""
    answer = answer_of(plan_tests, name, pairs=SHOWN[name])
    text = work_up_page(answer, example(name), library, 80).plain()
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
    path = Path(__file__).parents[3] / "examples" / "undetermined.json"
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
    example = str(Path(__file__).parents[3] / "examples" / "undetermined.json")
    monkeypatch.setattr("sys.argv", ["match", "tests", example, "SAR", "--show-pair"])
    assert cli.main() == 0
    out = capfd.readouterr().out
    assert "order first: question to the investigator" in out
    assert "Two patients who both fit the record" in out
    monkeypatch.setattr("sys.argv", ["match", "tests", example, "--trial", "SAR", "--format", "json"])
    assert cli.main() == 0
    told = json.loads(capfd.readouterr().out)
    assert [trial["code"] for trial in told["trials"]] == ["SAR"]
    assert told["trials"][0]["plan"]["tests"] == [
        {"test": "investigator-question", "variables": ["cns_leukemia_active"]}
    ]
    monkeypatch.setattr("sys.argv", ["match", "tests", example, "SRA"])
    assert cli.main() == 2
    assert "did you mean 'SAR'?" in capfd.readouterr().err


POLICIES = ("history-absent", "judgement-met", "consent-given", "not-known")


@pytest.fixture(scope="module")
def chart() -> dict[str, Any]:
    """A short chart, on which every policy has something to assume."""
    found: dict[str, Any] = json.loads(EXAMPLES["short-chart"].read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("policies", [POLICIES, POLICIES[:1], POLICIES[2:]], ids=" ".join)
def test_an_assumed_verdict_says_so(
    library: Library, chart: dict[str, Any], policies: tuple[str, ...]
) -> None:
    """Under policies each eligible trial names what `match` names, the page says it of each verdict, and each has its sentence."""
    matcher, record = Matcher(library, assume=policies), read_record(chart, library)
    answer, matched = plan_tests(matcher, record), matcher.match(record)
    assert [each.assuming for each in answer.trials] == [each.assuming for each in matched.trials]
    assert [each.verdict for each in answer.trials] == [each.verdict for each in matched.trials]
    assert (answer.policies, answer.assumed) == (matched.policies, matched.assumed)
    sentences = dict(answer.assumptions)
    assert {name for each in answer.trials for name in each.assuming} <= sentences.keys()
    page = work_up_page(answer, record, library, 80).plain()
    for trial in answer.trials:
        assert f"{trial.code}  {trial.trial}  {trial.verdict}, assuming" in page
    assert all(f"Policy {name} is in force" in page for name in policies)


@pytest.mark.parametrize("policies", [POLICIES, POLICIES[1:], POLICIES[2:3]], ids=" ".join)
def test_what_a_policy_counts_as_met_matters(
    library: Library, chart: dict[str, Any], policies: tuple[str, ...]
) -> None:
    """Under policies, too, no value of a variable that is said not to matter changes the verdict."""
    matcher = Matcher(library, assume=policies)
    seen = 0
    for trial in plan_tests(matcher, read_record(chart, library)).trials:
        for idle in trial.idle:
            if not isinstance(library.variables[idle.variable].type, BooleanType):
                continue
            for value in (False, True):
                record = read_record({**chart, "facts": {**chart["facts"], idle.variable: value}}, library)
                told = verdicts_of(matcher, record, [trial.code])[trial.code]
                if told != "withheld":
                    seen += 1
                    assert told == trial.verdict, (trial.code, idle.variable, value)
    assert seen


def test_what_is_assumed_until_it_is_recorded_says_nothing_of_its_values(library: Library) -> None:
    """The weight of an adult is assumed only while it is not recorded: a weight ends the trial exactly where it does once recorded."""
    raw = worked.patient("relapsed-man")
    facts = {name: fact for name, fact in raw["facts"].items() if name not in ("birth_date", "weight")}
    matcher = Matcher(library)

    def told(**more: Any) -> TrialTests:
        record = worked.read({**raw, "facts": {**facts, **more}}, library)
        return plan_tests(matcher, record, ["RO"]).trials[0]

    (decisive,) = (each for each in told().decisive if each.variable == "weight")
    assert isinstance(decisive.ends, tuple)
    limit = decisive.ends[-1].high
    assert isinstance(limit, Fraction)
    assert limit < 30
    near = Fraction(1, 1000)
    for weight, verdict in ((limit - near, "ineligible"), (limit + near, "undetermined")):
        assert told(weight={"value": round(float(weight), 4), "unit": "kg"}).verdict == verdict


def test_a_trial_does_not_depend_on_the_others_asked_for(library: Library) -> None:
    """What to order for one trial is the same whether others are asked for as well, before it or not."""
    whole = {each.code: each for each in answer_of(plan_tests, "empty").trials}
    for code in ("RO", "UC"):
        assert plan_tests(Matcher(library), example("empty"), [code]).trials == (whole[code],)
    assert all(each.route is not None for each in whole.values())
