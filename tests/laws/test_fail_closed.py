"""P12, fail closed: what cannot be read is refused with its place, or visibly rejected; it never makes anyone eligible."""

from __future__ import annotations

import json
import math
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

import cli
from solver.errors import InputError
from solver.library.load import default_encodings, load_library
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record, record_from
from solver.questions.match.answer import MatchAnswer
from tests.support.records import worked
from tests.support.records.worked import Json

PATIENTS = {"RO": "relapsed-man", "SAR": "relapsed-man", "UC": "relapsed-man", "ZPED": "kmt2a-child"}
"""A patient who is eligible for each trial."""

WRONG: dict[str, tuple[str, str, Any]] = {
    "an unknown name": ("RO", "hla_a02", {"rename": "hla_a_02"}),
    "another case": ("UC", "cd123_flow_positive", {"rename": "CD123_flow_positive"}),
    "an unknown unit": ("RO", "serum_creatinine", {"value": 0.9, "unit": "stone"}),
    "a unit of something else": ("SAR", "qtcf", {"value": 430, "unit": "mg"}),
    "no unit": ("RO", "serum_creatinine", {"value": 0.9}),
    "an unknown value": ("ZPED", "diagnosis", "leukaemia"),
    "a value in another case": ("SAR", "disease_status", "Relapsed"),
    "a word for yes": ("UC", "cd123_flow_positive", "yes"),
    "a number for no": ("RO", "hepatitis_history", 0),
    "no such day": ("ZPED", "birth_date", "2014-02-30"),
    "no date": ("RO", "birth_date", "in his fifties"),
    "not a number": ("RO", "pb_blasts_abs", {"value": math.nan, "unit": "/uL"}),
    "without end": ("RO", "pb_blasts_abs", {"value": math.inf, "unit": "/uL"}),
    "half a point": ("SAR", "ecog", 0.5),
}
"""What is wrong with a fact; the trial, the variable, and the fact, or the name under which it is given."""


def spoilt(trial: str, name: str, fact: Any) -> tuple[Json, Json, str]:
    """An eligible patient's record with the fact made wrong, the same without it, and the name that the wrong fact has."""
    record = worked.patient(PATIENTS[trial])
    without = worked.changed(record, {"unset": [name]})
    if isinstance(fact, dict) and "rename" in fact:
        return (
            worked.changed(without, {"set": {fact["rename"]: record["facts"][name]}}),
            without,
            fact["rename"],
        )
    return worked.changed(record, {"set": {name: fact}}), without, name


def match(record: Any, library: Library, trial: str) -> MatchAnswer:
    """The answer for one trial."""
    return Matcher(library).match(record, [trial])


@pytest.mark.parametrize("kind", WRONG)
def test_P12_a_fact_that_cannot_be_read_is_refused_with_its_place(kind: str, library: Library) -> None:
    """Without the fault the patient is eligible; with it there is no answer at all, but an error that names the fact."""
    trial, name, fact = WRONG[kind]
    record, _, given = spoilt(trial, name, fact)
    assert (
        match(record_from(worked.patient(PATIENTS[trial]), library), library, trial).trials[0].verdict
        == "eligible"
    )
    with pytest.raises(InputError) as caught:
        record_from(record, library)
    (problem,) = caught.value.problems
    assert re.search(rf"\bfacts\.'?{given}\b", problem)


@pytest.mark.parametrize("kind", WRONG)
def test_P12_a_rejected_fact_is_visible_and_counts_for_nothing(kind: str, library: Library) -> None:
    """Leniently the fact is rejected with a warning, and the answer is that for the record without it, which is not eligible."""
    trial, name, fact = WRONG[kind]
    record, without, given = spoilt(trial, name, fact)
    read = record_from(record, library, lenient=True)
    assert [code for code, _, text in read.warnings if given in text] == ["rejected-fact"]
    found = match(read, library, trial).trials[0]
    assert found == match(record_from(without, library), library, trial).trials[0]
    assert found.verdict == "undetermined"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize("lenient", [False, True])
def test_P12_what_is_no_number_in_a_file_is_never_used(number: str, lenient: bool, library: Library) -> None:
    """A file with such a number is refused with its place, also leniently unless the number is a fact's and is rejected."""
    text = f'{{"as_of": "2025-06-01", "facts": {{"weight": {{"value": {number}, "unit": "kg"}}}}}}'
    try:
        record = read_record(text.encode(), library, name="p.json", lenient=lenient)
    except InputError as error:
        (problem,) = error.problems
        assert re.match(r"p\.json: (line 1, column \d+|facts\.weight)", problem)
    else:
        assert lenient
        assert "weight" not in record.facts
        assert [code for code, name, _ in record.warnings if name == "weight"] == ["rejected-fact"]


def broken(text: str) -> tuple[str, list[int]]:
    """A trial file in which no condition can be read any more, and the lines on which one begins."""
    lines = text.splitlines()
    spoilt_lines = []
    for i, line in enumerate(lines):
        if re.match(r" +(- )?require: ", line):
            at = i + 1 if line.rstrip().endswith(">-") else i
            lines[at] = f"{lines[at]} )" if at == i else re.sub(r"^( +)", r"\1) ", lines[at])
            spoilt_lines.append(i + 1)
    return "\n".join(lines) + "\n", spoilt_lines


@pytest.mark.parametrize(
    "path", sorted((default_encodings() / "trials").glob("*.yaml")), ids=lambda path: path.stem
)
def test_P12_a_clause_that_cannot_be_read_makes_the_library_refuse_to_load(
    path: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every such clause is named with file and line, no trial of the library can be used, and the command answers nothing."""
    folder = tmp_path / "encodings"
    shutil.copytree(default_encodings(), folder)
    text, lines = broken(path.read_text(encoding="utf-8"))
    (folder / "trials" / path.name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_library(folder, cached=False)
    assert len(lines) >= 2
    told = {tuple(problem.split(":")[:2]) for problem in caught.value.problems}
    assert {file.rpartition("/")[2] for file, _ in told} == {path.name}
    near = {int(line) + shift for _, line in told for shift in (0, -1)}
    assert set(lines) <= near
    patient = tmp_path / "patient.json"
    patient.write_text(json.dumps(worked.patient("relapsed-man")))
    monkeypatch.setattr("sys.argv", ["match", str(patient), "--encodings", str(folder)])
    assert cli.main() == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert path.name in err


def test_P12_one_clause_that_cannot_be_read_is_enough(tmp_path: Path) -> None:
    """A gate that cannot be read is not dropped: the error names its line and column."""
    folder = tmp_path / "encodings"
    shutil.copytree(default_encodings(), folder)
    path = folder / "trials" / "ro.yaml"
    before = path.read_text(encoding="utf-8")
    after = before.replace("require: hla_a02\n", "require: hla_a02 is positive\n", 1)
    assert after != before
    path.write_text(after, encoding="utf-8")
    line = 1 + after[: after.index("hla_a02 is positive")].count("\n")
    with pytest.raises(InputError) as caught:
        load_library(folder, cached=False)
    (problem,) = caught.value.problems
    assert re.search(rf"ro\.yaml:{line}:\d+: ", problem)
