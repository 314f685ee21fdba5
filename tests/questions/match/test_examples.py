"""Every example, as a person and as a program sees it, against what was reviewed.

`UPDATE_GOLDEN=1 python -m pytest tests/questions/match/test_examples.py` (or `make golden`) writes the expected output again;
review the difference.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest

from solver.library.models import Library
from solver.patient.readers.native.read import read_record
from solver.patient.record import Record
from solver.questions.match.answer import MatchAnswer
from solver.questions.match.ask import match
from solver.questions.match.page import report
from solver.report.json import answer_document
from solver.report.schema import PATH
from tests.support.records.examples import EXAMPLES, answer_of, example

ROOT = Path(__file__).parents[3]
GOLDEN = Path(__file__).parent / "golden"
QUESTIONS = sorted((ROOT / "examples" / "questions").glob("*.json"))
SCHEMA = json.loads(PATH.read_text(encoding="utf-8"))

Answered = tuple[Record, MatchAnswer]


@pytest.fixture(scope="module", params=EXAMPLES)
def answered(request: pytest.FixtureRequest) -> Answered:
    """A record of the examples with its answer."""
    return example(request.param), answer_of(match, request.param)


def settle(path: Path, found: str) -> None:
    """Compare with the golden file, or write it if that is asked for."""
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")


def test_the_table_is_as_reviewed(answered: Answered, library: Library) -> None:
    """The report at 80 columns is the reviewed one, and no line is wider."""
    record, answer = answered
    text = report(answer, record, library, 80).plain()
    assert max(map(len, text.splitlines())) <= 80
    settle(GOLDEN / f"{record.id}.txt", text)


def test_the_json_is_as_reviewed_and_fits_the_schema(answered: Answered) -> None:
    """The JSON document is the reviewed one, but for versions and digests, and it is valid."""
    record, answer = answered
    document = answer_document(answer)
    jsonschema.validate(document, SCHEMA)
    found = {key: value for key, value in document.items() if key != "engine"}
    settle(GOLDEN / f"{record.id}.json", json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def test_every_golden_file_belongs_to_an_example() -> None:
    """No expected output is left over from an example that is gone."""
    assert {path.stem for path in GOLDEN.iterdir() if path.is_file()} == EXAMPLES.keys()


def test_the_readme_lists_every_example() -> None:
    """examples/README.md says what each file shows."""
    text = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    assert [name for name in (*EXAMPLES, "site") if f"`{name}.json`" not in text] == []


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_a_record_of_the_questions_is_used_and_answered(path: Path, library: Library) -> None:
    """It has its file's name as id, nothing in it is rejected or doubtful, and docs/questions.md asks about it."""
    record = read_record(path.read_bytes(), library, name=path.name)
    assert record.id == path.stem
    answer = answer_of(match, record.id)
    assert [warning.code for warning in answer.warnings if warning.code != "near-limit"] == []
    assert "unresolved" not in {trial.verdict for trial in answer.trials}
    assert f"examples/questions/{path.name}" in (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")


def test_the_examples_show_what_they_promise() -> None:
    """One patient is eligible for three trials, one blocked by clocks alone, one contradictory, one undecided everywhere."""

    def verdicts(name: str) -> list[str]:
        return [trial.verdict for trial in answer_of(match, name).trials]

    assert verdicts("several-trials").count("eligible") >= 3
    assert set(verdicts("contradictory")) == {"withheld"}
    assert "undetermined" in verdicts("undetermined")
    answer = answer_of(match, "two-clocks", ["RO"])
    assert answer.trials[0].conflicts == (("RO.I2a",), ("RO.I2d",))
