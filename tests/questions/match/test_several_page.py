"""The page on several patients: its budget, its table, and the next step of each."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from solver.library.files.yaml_places import read_document
from solver.library.models import Library
from solver.library.trial_files import compile_trial
from solver.matcher import Matcher
from solver.patient.readers.native.read import record_from
from solver.questions.match.several_page import SeveralPatients
from tests.questions.match.test_brief_page import CASES, EXAMPLES, GOLDEN, run
from tests.support.records.worked import case_record

EXAMPLE_TRIALS = Path(__file__).parents[3] / "examples" / "trials"

Json = dict[str, Any]


def asked(tmp_path: Path, records: list[Json], *more: str) -> tuple[str, str, int]:
    """What is printed of records that stand in one file."""
    path = tmp_path / "list.ndjson"
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")
    return run(str(path), *more)


def person(name: str, **facts: Any) -> Json:
    """A record with these facts."""
    return {"id": name, "as_of": "2026-11-20", "facts": facts}


def test_the_examples_stand_in_one_table() -> None:
    """Every example by every trial, and a line for each, as reviewed; at most 45 lines of 80 columns."""
    out, _, code = run(*(f"examples/{name}.json" for name in EXAMPLES))
    assert code == 0
    path = GOLDEN / "brief" / "several.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(out, encoding="utf-8")
    assert out == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("start", range(0, 96, 12))
def test_twelve_patients_fit_a_page(tmp_path: Path, start: int) -> None:
    """Twelve worked cases take at most 45 lines of 80 columns; each has a row, and a line with the next step."""
    names = sorted(CASES)[start : start + 12]
    out, _, _ = asked(tmp_path, [case_record(CASES[name]) for name in names])
    lines = out.splitlines()
    assert len(lines) <= 45
    assert max(map(len, lines)) <= 80
    for name in names:
        assert any(line.startswith(f"{name} ") for line in lines)
        assert any(line.startswith(f"{name}: ") for line in lines)


def test_twelve_patients_who_are_all_at_risk_fit_as_well(tmp_path: Path) -> None:
    """A line about safety for each leaves room for the table and the next steps."""
    facts = {"birth_date": "1990-01-01", "sex": "F", "pregnant": True, "active_hbv": True}
    out, _, _ = asked(tmp_path, [person(f"patient-number-{i}", **facts) for i in range(12)])
    lines = out.splitlines()
    assert len(lines) <= 45
    assert sum(line.startswith("Safety: ") for line in lines) == 12
    assert lines.index(next(line for line in lines if "K001" in line)) > 12


def test_a_bad_record_and_a_contradictory_one_are_told(tmp_path: Path) -> None:
    """Both stand in the table without a verdict, and their lines say why; the others are answered, and the exit code is 2."""
    records = [person("good", sex="F"), person("bad", sex="X"), person("odd", sex="M", pregnant=True)]
    out, err, code = asked(tmp_path, records)
    assert code == 2
    assert "list.ndjson:2" in err
    lines = out.splitlines()
    assert any(line.startswith("odd: contradicts itself: pregnant: yes and sex M") for line in lines)
    assert any("list.ndjson:2: no answer, what is wrong is told above" in line for line in lines)
    assert sum("list.ndjson:2 " in line for line in lines) == 1
    (row,) = [line for line in lines if line.startswith("odd ")]
    assert set(row.split()[1:]) == {"-"}


def test_patients_of_different_days_say_their_day(tmp_path: Path) -> None:
    """The day stands in the head where it is one, else at each patient."""
    one, other = person("a"), {**person("b"), "as_of": "2026-11-21"}
    assert asked(tmp_path, [one, {**one, "id": "c"}])[0].startswith("2 patients, as of 2026-11-20\n")
    out = asked(tmp_path, [one, other])[0]
    assert "\na 2026-11-20 " in out
    assert "\nb 2026-11-21 " in out


def test_one_record_of_a_list_has_the_page_of_one(tmp_path: Path) -> None:
    """A file that holds one record is one patient."""
    assert asked(tmp_path, [person("alone")])[0].startswith("Patient alone, as of 2026-11-20\n")


def test_no_answer_is_no_page(tmp_path: Path) -> None:
    """Where every record is wrong nothing is printed but what is wrong."""
    out, err, code = asked(tmp_path, [person("a", sex="X"), person("b", sex="Y")])
    assert (out, code) == ("", 2)
    assert err


def test_many_trials_are_set_below_each_other(library: Library, tmp_path: Path) -> None:
    """Long names leave room for the columns, which go on below; no line is wider than the page."""
    out, _, _ = asked(tmp_path, [person("x" * 70), person("y" * 70)])
    assert max(map(len, out.splitlines())) <= 80
    assert all(code in out for code in library.trials)


def test_policies_and_contexts_are_told(tmp_path: Path) -> None:
    """What all are judged by stands in the head; a context that only some have is counted."""
    second = {**person("b"), "context": {"readings": ["AMB-SAR-3"]}}
    out, _, _ = asked(tmp_path, [person("a"), second], "--assume", "history-absent")
    assert "Policies in force: history-absent. Own context: 1 patient (--full)." in out


def test_rejected_facts_are_told_of_each_patient(tmp_path: Path) -> None:
    """What `--lenient` left out is no warning to be folded: the head counts it, with the patient."""
    records = [person("good", sex="F"), person("bad", sex="X", ecog="low"), person("worse", sex="Y")]
    out, _, code = asked(tmp_path, records, "--lenient")
    assert code == 0
    assert "REJECTED (--full), and not used: 2 facts of bad, 1 fact of worse\n" in out.partition("K001")[0]


def test_long_names_at_risk_under_every_policy_fit_as_well(tmp_path: Path) -> None:
    """With days of their own and much to say in the head: the table keeps its columns, and nobody at risk is left out."""
    records = [
        person(f"a patient of ward 7, number {i}", sex="F", pregnant=True, ecog="low") for i in range(12)
    ]
    records[0]["as_of"] = "2026-11-21"
    more = ("--lenient", "--prescreen", "--without", "RO.I4,UC.E4", "--first-dose", "2026-12-10")
    lines = asked(tmp_path, records, *more)[0].splitlines()
    assert len(lines) <= 45
    assert max(map(len, lines)) <= 80
    head = " ".join(" ".join(lines).partition("K001")[0].split())
    assert "Policies in force: history-absent" in head
    assert all(f"number {i}" in head for i in range(12))


def test_the_next_step_may_be_about_a_concept(library: Library) -> None:
    """What is to be found out about events is told by its words."""
    document = read_document(EXAMPLE_TRIALS / "NCT02474290.yaml", "NCT02474290")
    more = library.with_trial(compile_trial(document, library))
    facts = {"birth_date": "1958-03-02", "diagnosis": "AML", "disease_status": "remission"}
    record = record_from(person("one", **facts, therapies=[{"is": "midostaurin"}]), more)
    page = SeveralPatients(more)
    page.add(Matcher(more).match(record, ["SORALLO"]), record)
    found = page.page(80)
    assert found is not None
    assert "heart failure at present: yes ends it" in "".join(
        span.text for line in found.lines for span in line
    )
