"""What entering a trial changes: how a trial's file says it, what is refused, and how it is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from solver.errors import InputError
from solver.language.domain import point
from solver.library.beside import Enrolment
from solver.library.load import load_library
from solver.library.models import Library
from solver.questions.catalogue.ask import encoded_trials
from solver.questions.catalogue.page import catalogue_page
from solver.questions.schema.ask import schema
from solver.report.json import document
from tests.support.libraries import small_library


def shown_clauses(library: Library, codes: list[str]) -> str:
    """What is shown of trials and their clauses."""
    return catalogue_page(encoded_trials(library, codes), library, 80, clauses=True).plain()


ENROLMENT = """\
enrolment:
  during: {smoker: false}
  after:
    kind: {one_of: [MDS, AML]}
    grade: 2
  outdates: [weight, drugs, kind]
  forgets: [smoker]
"""


def loaded(tmp_path: Path, enrolment: str) -> Library:
    """The small library of the loader's tests, with this text in its trial; it begins at line 19."""
    text = small_library.TRIAL.replace("clauses:\n", f"{enrolment}clauses:\n", 1)
    return load_library(small_library.folder(tmp_path, {"trials/one.yaml": text}), cached=False)


def test_the_effects_are_domains(tmp_path: Path) -> None:
    """A boolean, one or several values of an enumeration and a whole number are what the criterion language has for them."""
    found = loaded(tmp_path, ENROLMENT).trials["ONE"].enrolment
    assert found.during == {"smoker": frozenset({False})}
    assert found.after == {"kind": frozenset({"AML", "MDS"}), "grade": point(2, whole=True)}
    assert found.outdates == ("weight", "drugs", "kind")
    assert found.forgets == ("smoker",)


def test_a_trial_that_says_nothing_changes_nothing(tmp_path: Path) -> None:
    """The key may be left out."""
    assert loaded(tmp_path, "").trials["ONE"].enrolment == Enrolment()


FAULTS = [
    ("  after: {smokr: true}\n", "20:18: unknown variable 'smokr'; did you mean 'smoker'?"),
    ("  during: {smoker: yes}\n", "20:20: 'smoker' must be true or false, found 'yes'"),
    ("  during: {smoker: [true]}\n", "20:20: 'smoker' must be true or false, found none"),
    ("  after: {grade: 1.5}\n", "20:18: 'grade' must be a whole number, found '1.5'"),
    ("  after: {kind: ALM}\n", "20:17: 'ALM' is not a value of 'kind'"),
    ("  after: {kind: {one_of: [AML, MSD]}}\n", "20:32: 'MSD' is not a value of 'kind'"),
    ("  after: {kind: {one_of: []}}\n", "20:26: 'kind' must be a value, or {one_of: [...]} with some values"),
    ("  after: {kind: [AML]}\n", "20:17: 'kind' must be a value, or {one_of: [...]} with some values"),
    ("  after: {kind: {value: AML}}\n", "20:17: 'kind' must be a value, or {one_of: [...]} with some values"),
    ("  after: {weight: 60 kg}\n",
     "20:19: 'weight' is a quantity in kg, and no value of it can be given here: put it under 'outdates'"),
    ("  during: {drugs: [x]}\n", "20:19: 'drugs' is a list, and no value of it can be given here"),
    ("  outdates: [wieght]\n", "20:14: unknown variable 'wieght'; did you mean 'weight'?"),
    ("  outdates: [weight, weight]\n", "20:22: 'weight' is given twice: keep one"),
    ("  after: {grade: 1}\n  outdates: [grade]\n", "21:14: 'grade' is under 'after' as well: keep one"),
    ("  after: {grade: 1}\n  forgets: [grade]\n", "21:13: 'grade' is under 'after' as well: keep one"),
    ("  outdates: [grade]\n  forgets: [grade]\n", "21:13: 'grade' is given twice: keep one"),
    ("  forgets: [wieght]\n", "20:13: unknown variable 'wieght'; did you mean 'weight'?"),
    ("  afer: {grade: 1}\n", "20:9: unknown key 'afer'; did you mean 'after'?"),
    ("  after: {grade: 1, grade: 2}\n", "20:21: duplicate key 'grade'"),
    ("  after: [grade]\n", "20:10: expected a mapping of keys to values"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FAULTS)
def test_what_is_said_of_a_wrong_enrolment(tmp_path: Path, text: str, expected: str) -> None:
    """A fault is one line with file, line, column, what was found and the nearest name."""
    with pytest.raises(InputError) as caught:
        loaded(tmp_path, f"enrolment:\n{text}")
    (line,) = caught.value.problems
    assert line.endswith(f"one.yaml:{expected}")


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        (True, True),
        ("AML", True),
        (2, True),
        ({"one_of": ["AML"]}, True),
        ({"one_of": []}, False),
        ({"value": 1}, False),
        (["AML"], False),
        (1.5, False),
    ],
)
def test_the_schema_knows_what_a_value_can_be(library: Library, value: Any, fits: bool) -> None:
    """An editor is told of a value of a wrong form."""
    found = schema("trial", library)
    enrolment = {"$ref": "#/$defs/EnrolmentShape", "$defs": found["$defs"]}
    check = jsonschema.Draft202012Validator(enrolment)
    assert check.is_valid({"during": {"x": value}, "after": {"x": value}}) is fits
    assert not check.is_valid({"before": {}})


def test_the_trials_say_what_the_issue_asks(library: Library) -> None:
    """While on any trial another investigational drug is taken; afterwards the patient was treated, and the course is out of date."""
    yes = frozenset({True})
    after = {code: trial.enrolment.after for code, trial in library.trials.items()}
    assert all(
        trial.enrolment.during == {"concurrent_investigational_drug": yes}
        for trial in library.trials.values()
    )
    status = {"disease_status": frozenset({"relapsed", "refractory", "remission"})}
    assert after["RO"] == status
    assert after["SAR"] == {"prior_anti_cd123": yes, **status}
    car = ("prior_car_t", "prior_cd123_car", "prior_anti_cd123", "prior_cellular_therapy")
    assert after["UC"] == {
        **dict.fromkeys((*car, "prior_investigational_gene_or_cell_therapy"), yes),
        **status,
    }
    assert after["K017"] == {"received_soc": yes, **status}
    (course,) = {
        trial.enrolment.outdates
        for code, trial in library.trials.items()
        if code in ("RO", "SAR", "K001", "ZPED")
    }
    assert set(course) < set(library.trials["UC"].enrolment.outdates)
    assert set(course) < set(library.trials["K017"].enrolment.forgets)
    assert [code for code, trial in library.trials.items() if trial.enrolment.forgets] == ["K017"]


def test_the_effects_stand_in_the_list_of_trials(library: Library) -> None:
    """In words for people, by name for programs, values of an enumeration in its order."""
    text = " ".join(shown_clauses(library, ["K017"]).split())
    assert "while on it: other investigational drug at the same time: yes" in text
    assert "afterwards: disease status: relapsed, refractory or remission" in text
    assert "no longer known afterwards: remission state" in text
    text = " ".join(shown_clauses(library, ["RO"]).split())
    assert "out of date afterwards, to be known anew: disease status, remission state" in text
    (shape,) = document(encoded_trials(library, ["K017"]))["trials"]
    assert shape["enrolment"]["during"] == [{"variable": "concurrent_investigational_drug", "values": [True]}]
    assert shape["enrolment"]["after"] == [
        {"variable": "disease_status", "values": ["relapsed", "refractory", "remission"]},
        {"variable": "received_soc", "values": [True]},
    ]
    assert shape["enrolment"]["forgets"][0] == "disease_status"


def test_a_trial_without_effects_shows_none(tmp_path: Path) -> None:
    """No heading stands above nothing; a number is shown as one."""
    assert "What entering it changes" not in shown_clauses(loaded(tmp_path, ""), ["ONE"])
    shown = shown_clauses(loaded(tmp_path, ENROLMENT), ["ONE"])
    assert "  while on it: smoker: no\n" in shown
    assert "  afterwards: kind of disease: AML or MDS; grade: 2\n" in shown
    assert "  no longer known afterwards: smoker\n" in shown
    folded = " ".join(shown.split())
    assert (
        "out of date afterwards, to be known anew: body weight, earlier drugs and kind of disease" in folded
    )
