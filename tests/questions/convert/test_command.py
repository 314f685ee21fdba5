"""The verb `match convert`, and how every verb reads exports."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from solver.questions.convert.answer import ConvertReport
from solver.report.schema import answer_schema
from tests.support.pages.command_line import run_command

ROOT = Path(__file__).parents[3]
BUNDLE = str(ROOT / "examples/fhir/relapse.json")
LINES = str(ROOT / "examples/fhir/first-diagnosis.ndjson")
DAY = ["--as-of", "2026-11-20"]


def failed(*words: str, stdin: bytes = b"") -> str:
    """What a command that fails with exit code 2 prints on standard error."""
    result = run_command(*words, stdin=stdin)
    assert result.code == 2, result.output
    return result.error


def report(*words: str) -> dict[str, Any]:
    """The report on an export."""
    found: dict[str, Any] = json.loads(run_command("convert", *words, *DAY, "--report", "-").output)
    return found


def test_an_export_needs_a_day() -> None:
    """Without a day of evaluation there is one line that says which option gives it."""
    told = failed("convert", BUNDLE)
    assert told.endswith("relapse.json: a FHIR bundle has no day of evaluation: give --as-of YYYY-MM-DD\n")


def test_the_report_accounts_for_every_resource() -> None:
    """Each resource has one row, in the order of the source, and the counts add up."""
    found = report(BUNDLE)
    rows = found["resources"]
    assert len({row["at"] for row in rows}) == len(rows) == found["input"]["resources"]
    assert sum(found["counts"].values()) == len(rows)
    assert found["input"]["format"] == "fhir-r4"


def test_the_report_has_what_follows_from_events() -> None:
    """The facts of the report name every variable that follows, with the resource behind it."""
    facts = {each["variable"]: each for each in report(BUNDLE)["facts"]}
    assert facts["prior_hsct_count"]["fact"] == {"value": 1}
    assert facts["last_hsct_date"]["fact"] == {"value": "2024-09-11"}
    assert facts["prior_drugs"]["fact"] == {"value": ["prednisone", "tacrolimus"]}
    assert [each["at"] for each in facts["last_hsct_date"]["from"]] == ["entry[3]"]
    assert facts["anti_cd20_ever"] == {
        "variable": "anti_cd20_ever",
        "fact": {"value": False},
        "date": None,
        "from": [],
    }


def test_the_report_keeps_to_its_schema() -> None:
    """A report validates against the JSON Schema that `match schema convert` prints."""
    import jsonschema

    for each in (BUNDLE, LINES):
        jsonschema.validate(report(each), answer_schema(ConvertReport))


def test_without_ids_everything_is_named_by_its_position() -> None:
    """With `--no-ids` neither the record nor the report has the id of a resource, of a row, or of a person of a database."""
    ids = re.compile(r'"id":"[^"]|(?:measurement|person)/\d|omop:10[12]|Observation/')
    for words in ([BUNDLE], [str(ROOT / "examples/omop"), "--all"]):
        named, unnamed = (
            run_command("convert", *words, *DAY, *more).output
            + run_command("convert", *words, *DAY, *more, "--report", "-").output
            for more in ([], ["--no-ids"])
        )
        assert ids.search(named)
        assert not ids.search(unnamed)
        assert re.search(r"(entry|measurement)\[\d+\]", unnamed)


def test_a_reason_is_told_once(tmp_path: Path) -> None:
    """What keeps a resource from being used in two ways for one reason says it once."""
    versions = [
        {
            "resourceType": "Observation",
            "id": "o1",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "2160-0"}]},
            "valueQuantity": {"value": value, "unit": "mg/dL"},
            "effectiveDateTime": "2026-11-10",
        }
        for value in (1.1, 1.3)
    ]
    path = tmp_path / "versions.ndjson"
    path.write_text("\n".join(map(json.dumps, versions)))
    for row in report(str(path))["resources"]:
        assert row["outcome"] == "conflict"
        assert row["reason"].count("another version") == 1


def test_a_report_goes_to_a_file_beside_the_record(tmp_path: Path) -> None:
    """With a file for the report the record is printed; both verbs write the same report."""
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    record = run_command("convert", BUNDLE, *DAY, "--report", str(one))
    assert json.loads(record.output)["id"] == "relapse"
    run_command(BUNDLE, *DAY, "--trials", "RO", "--report", str(other))
    assert one.read_text() == other.read_text()
    assert json.loads(one.read_text())["patient"] == "relapse"


def test_an_older_result_gives_way_and_is_told() -> None:
    """Blasts of the 17th contradict a white count of the 18th: they are out of the record, and in the report."""
    found = report(LINES)
    assert "pb_blasts_abs" not in {each["variable"] for each in found["facts"]}
    told = [each for each in found["conflicts"] if each["kind"] == "other-day"]
    assert [each["variable"] for each in told] == ["pb_blasts_abs"]
    outcomes = {row["id"]: row["outcome"] for row in found["resources"]}
    assert outcomes["bl1"] == outcomes["bl2"] == "conflict"
    answer = json.loads(run_command(LINES, *DAY, "--trials", "RO", "--format", "json").output)
    assert "other-day" in {each["code"] for each in answer["warnings"]}


def test_a_record_converts_to_its_normal_form() -> None:
    """A native record is printed in its normal form, which converts to itself."""
    once = run_command("convert", str(ROOT / "examples/several-trials.json")).output
    assert run_command("convert", "-", stdin=once.encode()).output == once


def test_standard_input_is_read_as_a_file_is() -> None:
    """`-` reads an export as well."""
    from_file = run_command("convert", BUNDLE, *DAY, "--id", "x").output
    assert run_command("convert", "-", *DAY, "--id", "x", stdin=Path(BUNDLE).read_bytes()).output == from_file


def test_facts_beside_an_export_win(tmp_path: Path) -> None:
    """A record without a day adds facts, and wins over what was read."""
    facts = tmp_path / "facts.json"
    facts.write_text('{"facts": {"ecog": 0, "country": "NL"}}')
    found = json.loads(run_command("convert", BUNDLE, *DAY, "--facts", str(facts)).output)["facts"]
    assert (found["ecog"], found["country"]) == (0, "NL")
    facts.write_text('{"facts": {"ecgo": 0}}')
    told = failed("convert", BUNDLE, *DAY, "--facts", str(facts))
    assert told.endswith("facts.json: facts.ecgo: is not a known variable; did you mean 'ecog'?\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--complete", "procedure"], "--complete: 'procedure' is no list; did you mean 'procedures'?"),
        (
            ["--facts", str(ROOT / "examples/several-trials.json")],
            "has a day of evaluation, which --as-of gives",
        ),
        (["--as-of", "2026-02-30"], "is not a day of the calendar"),
    ],
)
def test_wrong_options_are_told_in_a_line(words: list[str], told: str) -> None:
    """Each error is one line that says what to do."""
    assert told in failed("convert", BUNDLE, *DAY, *words)


@pytest.mark.parametrize("verb", ["explain", "when", "tests", "what-if", "sequence"])
def test_every_verb_about_a_patient_reads_an_export(verb: str) -> None:
    """What a verb says of an export is what it says of the record that is made of it."""
    more = {
        "explain": ["K001"],
        "when": ["K001"],
        "tests": ["K001"],
        "what-if": ["ecog=2", "--trials", "K001"],
        "sequence": ["--trials", "K001"],
    }
    day = [*DAY, "--id", "relapse"]
    found, twin = (
        json.loads(run_command(verb, *words, "--format", "json").output)
        for words in (
            [BUNDLE, *more[verb], *day],
            [str(ROOT / "examples/native/relapse.json"), *more[verb]],
        )
    )
    for answer in (found, twin):
        answer.pop("warnings", None)
    assert found == twin


def test_patients_can_be_listed_and_chosen() -> None:
    """Of an export with several patients one is chosen by an id that the list prints."""
    folder = str(ROOT / "examples/omop")
    ids = run_command("convert", folder, "--list-patients").output.split()
    assert ids == ["101", "102"]
    assert "holds 2 patients" in failed("convert", folder, *DAY)
    one = json.loads(run_command("convert", folder, *DAY, "--person", ids[1]).output)
    every = [json.loads(line) for line in run_command("convert", folder, *DAY, "--all").output.splitlines()]
    assert len(every) == 2
    assert every[1]["facts"] == one["facts"]
    both = failed("convert", folder, *DAY, "--all", "--person", ids[1])
    assert both == "error: --all means every person, and --person one of them: give one of the two\n"
