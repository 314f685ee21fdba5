"""The tests that can be ordered: what a small file compiles to, what is said of a wrong one, and what the program's own holds."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from solver.errors import InputError
from solver.library.load import load_library
from solver.library.models import Library
from solver.library.orders import Chance
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from tests.support.libraries.small_library import FILES, folder, stored

W, V = "workup.yaml", "vocabulary/all.yaml"

WORKUP = """\
burdens:
  - {id: ask, label: a question, weight: 1}
  - {id: blood, label: a blood draw, weight: 4}
tests:
  - id: interview
    label: talk with the patient
    reveals: [smoker, kind, birth]
    burden: ask
    days: 0
    source: editable default
    note: In person.
    chance:
      - variable: kind
        value: MDS
        percent: 20
        source: a paper
  - id: scales
    label: body weight and grade
    reveals:
      - weight
      - grade
    burden: ask
    days: 1
    source: the nurse
  - id: chemistry
    label: blood chemistry
    reveals: [creatinine, grade]
    burden: blood
    days: 2
    source: the laboratory
    chance:
      - {variable: grade, percent: 7, source: a paper}
      - {percent: 3, source: editable default}
  - {id: letter, label: letter of the doctor, reveals: [steroid], burden: ask, days: 14, source: a guess}
"""

FAULTS = [
    # the form of the file
    ("tests:\n", "test:\n", "1:1: missing key 'tests'"),
    ("tests:\n", "test:\n", "5:3: unknown key 'test'; did you mean 'tests'?"),
    ("    source: the nurse\n", "", "17:5: missing key 'source'"),
    ("    days: 2\n", "    days: 2\n    days: 3\n", "30:5: duplicate key 'days'"),
    ("    days: 2\n", "    day: 2\n", "29:10: unknown key 'day'; did you mean 'days'?"),
    ("    days: 2\n", "    days: two\n", "29:11: 'days': input should be a valid integer"),
    ("    days: 2\n", "    days: 2.5\n", "29:11: 'days': input should be a valid integer"),
    ("    days: 2\n", "    days: -1\n", "29:11: 'days': input should be greater than or equal to 0"),
    ("label: talk with the patient", "label: ''", "6:12: 'label' is empty"),
    ("id: scales", "id: two words", "17:9: 'two words' is not a valid id: it must match"),
    ("[creatinine, grade]", "creatinine", "27:14: 'reveals': input should be a valid list"),
    ("weight: 4}", "weight: 0}", "3:46: 'weight': input should be greater than or equal to 1"),
    ("weight: 4}", "weight: heavy}", "3:46: 'weight': input should be a valid integer"),
    # burdens
    ("id: blood,", "id: ask,", "3:10: the id 'ask' is used twice"),
    ("weight: 4}", "weight: 1}", "3:46: burdens are ordered from the lightest: 'blood' must weigh more than 'ask' (1)"),
    ("burden: blood", "burden: blod", "28:13: unknown burden 'blod'; did you mean 'blood'?"),
    ("burden: blood", "burden: marrow", "28:13: unknown burden 'marrow': expected one of ask, blood"),
    # tests and what they reveal
    ("id: scales", "id: interview", "17:9: the id 'interview' is used twice"),
    ("[creatinine, grade]", "[]", "27:14: the test 'chemistry' reveals nothing: name at least one variable"),
    ("      - weight\n", "      - wieght\n", "20:9: unknown variable 'wieght'; did you mean 'weight'?"),
    ("[creatinine, grade]", "[creatinine, haemoglobin]", "27:27: unknown variable 'haemoglobin'"),
    ("[creatinine, grade]", "[creatinine, creatinine]", "27:27: the variable 'creatinine' is named twice"),
    ("[creatinine, grade]", "[creatinine, drugs]", "27:27: 'drugs' is never requested: name the variables that follow"),
    ("days: 2\n", "days: 2\n    act: draw\n    questions: draws\n", "30:10: a test has either 'act' or 'questions'"),
    # chances
    ("percent: 7,", "percent: 101,", "32:36: 'percent': input should be less than or equal to 100"),
    ("percent: 7, source: a paper}", "percent: 7}", "32:9: missing key 'source'"),
    ("percent: 7,", "percent: 7, odds: 1,", "32:45: unknown key 'odds'"),
    ("variable: grade", "variable: garde", "32:20: the test 'chemistry' does not reveal 'garde'; did you mean 'grade'?"),
    ("variable: grade", "variable: smoker", "32:20: the test 'chemistry' does not reveal 'smoker'"),
    ("variable: grade,", "variable: grade, value: 2,", "32:34: 'grade' is a whole number, of which no value has a chance"),
    ("value: MDS", "value: MSD", "14:16: 'MSD' is no value of 'kind'; did you mean 'MDS'?"),
    ("variable: kind\n", "variable: smoker\n", "14:16: 'MDS' is no value of 'smoker'"),
    ("{percent: 3,", "{value: 'true', percent: 3,", "33:17: a value needs its 'variable'"),
    ("{percent: 3,", "{variable: grade, percent: 3,", "33:9: the chance of 'grade' is given twice"),
    (
        "        source: a paper\n",
        "        source: a paper\n      - {variable: kind, value: MDS, percent: 1, source: a book}\n",
        "17:9: the chance of this value of 'kind' is given twice",
    ),
    (
        "        source: a paper\n",
        "        source: a paper\n      - {variable: kind, value: AML, percent: 81, source: a book}\n",
        "17:47: the values of 'kind' come to more than 100 percent together",
    ),
    ("birth]", "birth, start]", "7:36: 'start' is never requested: name the variables that follow from it"),
]  # fmt: skip


def workup(tmp_path: Path, text: str = WORKUP, **more: str) -> Library:
    """The small library of `test_library` with tests."""
    return load_library(folder(tmp_path, {W: text, **more}), cached=False)


def problems(tmp_path: Path, text: str, **more: str) -> list[str]:
    """What is said of a wrong file, without the path of the folder."""
    with pytest.raises(InputError) as caught:
        workup(tmp_path, text, **more)
    return [line.replace(f"{tmp_path / 'own'}/", "") for line in caught.value.problems]


# --- a good file


def test_a_small_file_compiles(tmp_path: Path) -> None:
    """Burdens and tests are kept as declared, in the order of the file; a note may be absent."""
    library = workup(tmp_path)
    assert [(burden.id, burden.label, burden.weight) for burden in library.burdens.values()] == [
        ("ask", "a question", 1),
        ("blood", "a blood draw", 4),
    ]
    assert list(library.tests) == ["interview", "scales", "chemistry", "letter"]
    interview, scales = library.tests["interview"], library.tests["scales"]
    assert (interview.label, interview.reveals) == ("talk with the patient", ("smoker", "kind", "birth"))
    assert (interview.burden, interview.days, interview.source) == ("ask", 0, "editable default")
    assert (interview.note, scales.note) == ("In person.", "")
    assert interview.chances == (Chance(20, "a paper", "kind", "MDS"),)
    assert library.tests["chemistry"].chances == (
        Chance(7, "a paper", "grade"),
        Chance(3, "editable default"),
    )
    assert scales.chances == ()


def test_several_tests_may_reveal_one_variable(tmp_path: Path) -> None:
    """The same variable in two tests is no fault."""
    library = workup(tmp_path)
    assert [test.id for test in library.tests.values() if "grade" in test.reveals] == ["scales", "chemistry"]


def test_a_folder_without_the_file_has_no_tests(tmp_path: Path) -> None:
    """The file is optional: without it there are neither burdens nor tests."""
    library = load_library(folder(tmp_path), cached=False)
    assert (library.burdens, library.tests) == ({}, {})


def test_tests_decide_no_verdict(tmp_path: Path) -> None:
    """With and without the file a record has the same answers, but for what to find out first, which is told by test."""
    plain = load_library(folder(tmp_path), cached=False)
    record = b'{"as_of": "2026-11-20", "facts": {"kind": "AML", "grade": 1}}'
    answers = [
        Matcher(library).match(read_record(record, library, name="x.json")).trials
        for library in (plain, workup(tmp_path))
    ]
    first = [trial.first for trial in answers[1]]
    assert any(first)
    assert not any(trial.first for trial in answers[0])
    without, with_tests = (
        [replace(trial, first=None, then=(), deciding=()) for trial in trials] for trials in answers
    )
    assert without == with_tests


def test_the_file_belongs_to_the_digest_and_the_cache(tmp_path: Path, cache: Path) -> None:
    """A changed file gives another digest and is compiled again; an unchanged one is read from the cache and is equal."""
    bare = load_library(folder(tmp_path))
    first = load_library(folder(tmp_path, {W: WORKUP}))
    assert load_library(tmp_path / "own") == first
    changed = load_library(folder(tmp_path, {W: WORKUP.replace("days: 14", "days: 7")}))
    assert len({bare.digest, first.digest, changed.digest}) == len(stored(cache)) == 3
    assert [library.tests["letter"].days for library in (first, changed)] == [14, 7]


# --- wrong files


@pytest.mark.parametrize(("old", "new", "message"), FAULTS, ids=[message for _, _, message in FAULTS])
def test_a_fault_is_told_with_its_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    """Each fault is one line with file, line and column, and the nearest name where there is one."""
    assert WORKUP.count(old) == 1
    found = problems(tmp_path, WORKUP.replace(old, new))
    assert [line for line in found if line.startswith(f"{W}:{message}")], found


def test_a_requested_variable_that_no_test_reveals_is_a_fault(tmp_path: Path) -> None:
    """It is named at the place of its declaration; one that is never requested need not be revealed."""
    less = WORKUP.replace("reveals: [smoker, kind, birth]", "reveals: [smoker]")
    found = problems(tmp_path, less.replace("variable: kind\n        value: MDS", "variable: smoker"))
    lines = FILES[V].splitlines()
    kind, birth = (
        next(i for i, line in enumerate(lines, 1) if f"name: {name}," in f"{line},")
        for name in ("kind", "birth")
    )
    remedy = f"add it to 'reveals' of a test in {W}"
    assert found == [
        f"{V}:{kind}:11: no test reveals 'kind': {remedy}",
        f"{V}:{birth}:12: no test reveals 'birth': {remedy}",
    ]


def test_a_file_without_tests_reveals_nothing(tmp_path: Path) -> None:
    """An empty list of tests leaves every requested variable unrevealed."""
    found = problems(tmp_path, WORKUP.partition("tests:\n")[0] + "tests: []\n")
    named = [match[1] for line in found if (match := re.search(r"no test reveals '(\w+)'", line))]
    assert named == ["weight", "creatinine", "steroid", "smoker", "grade", "kind", "birth"]


def test_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    """A fault of a trial does not hide one of the tests."""
    trial = FILES["trials/one.yaml"].replace("weight >= 10 kg", "weight >= 10 ms")
    found = problems(tmp_path, WORKUP.replace("burden: blood", "burden: blod"), **{"trials/one.yaml": trial})
    assert [line.partition(":")[0] for line in found] == ["trials/one.yaml", W]


@pytest.mark.parametrize("text", ["", "tests", "[]", "burdens: [", "\tburdens: []"])
def test_what_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    """An empty file, a word, a list and broken YAML are faults of the file, not failures of the program."""
    assert all(line.startswith(f"{W}:") for line in problems(tmp_path, text))


def test_another_ending_is_not_overlooked(tmp_path: Path) -> None:
    """A file called .yml is refused instead of left unread."""
    with pytest.raises(InputError, match=r"workup\.yml: would be overlooked: call it \.yaml"):
        load_library(folder(tmp_path, {"workup.yml": WORKUP}), cached=False)


def test_a_directory_in_its_place_is_refused(tmp_path: Path) -> None:
    """What cannot be read is said with its path."""
    (folder(tmp_path) / W).mkdir()
    with pytest.raises(InputError, match=r"workup\.yaml: is a directory: give a file"):
        load_library(tmp_path / "own", cached=False)


# --- the program's own


def test_every_requested_variable_is_revealed(library: Library) -> None:
    """What a deciding set may name can be ordered or asked, and nothing else is revealed."""
    requested = {name for name, variable in library.variables.items() if variable.requested}
    assert {name for test in library.tests.values() for name in test.reveals} == requested


def test_the_burdens_are_the_six_from_a_question_to_a_puncture(library: Library) -> None:
    """They are ordered by weight, and each is that of some test."""
    assert list(library.burdens) == ["ask", "chart", "blood", "imaging", "marrow", "puncture"]
    weights = [burden.weight for burden in library.burdens.values()]
    assert weights == sorted(set(weights))
    assert {test.burden for test in library.tests.values()} == library.burdens.keys()


def test_days_have_a_source_or_are_called_a_default(library: Library) -> None:
    """A source that is not the default gives a time, which the days do not exceed."""
    for test in library.tests.values():
        if test.source != "editable default":
            time = re.search(
                r": (?:within |typically )?(?:(\d+) to )?(\d+|the same) (day|hours)", test.source
            )
            assert time, test.source
            days = 1 if time[2] == "the same" or time[3] == "hours" else int(time[2])
            assert test.days == days, test.id


@pytest.mark.parametrize(
    ("variable", "tests"),
    [
        ("hla_a02", {"hla-typing"}),
        ("cd123_flow_positive", {"flow-cytometry"}),
        ("kmt2a_rearranged", {"kmt2a-fish", "rna-fusion-panel"}),
        ("kmt2a_ptd", {"myeloid-sequencing", "rna-fusion-panel"}),
        ("flt3_itd_allelic_ratio", {"flt3-fragment-analysis"}),
        ("proteinuria_grade", {"urine-protein"}),
        ("cns_status", {"lumbar-puncture"}),
        ("qtcf", {"ecg-triplicate"}),
        ("mrd_positive", {"marrow-mrd"}),
        ("cns_leukemia_active", {"investigator-question", "lumbar-puncture"}),
        ("extramedullary_disease", {"investigator-question", "body-imaging"}),
        ("non_cns_chloroma", {"investigator-question", "body-imaging"}),
    ],
)
def test_a_result_is_revealed_by_a_valid_method_only(
    library: Library, variable: str, tests: set[str]
) -> None:
    """A genotype is not read from serology, a rearrangement not from a gene panel, a ratio not from a share of reads."""
    assert {test.id for test in library.tests.values() if variable in test.reveals} == tests


def test_what_can_be_measured_is_not_asked(library: Library) -> None:
    """No question and no search in the chart reveals what a sample, a tracing or an image has to show; what is judged at the bedside
    first is asked before imaging and a puncture.
    """
    light = {
        name for test in library.tests.values() if test.burden in {"ask", "chart"} for name in test.reveals
    }
    measured = {
        name
        for test in library.tests.values()
        if test.burden not in {"ask", "chart"} and test.id not in {"viral-serology", "marrow-cytogenetics"}
        for name in test.reveals
    }
    assert light & measured == {"cns_leukemia_active", "extramedullary_disease", "non_cns_chloroma"}


def test_the_question_on_induction_gives_examples(library: Library) -> None:
    """What one intensive attempt is, is left to the site, with the three examples of older versions of a source."""
    test = library.tests["investigator-question"]
    assert "refractory_intensive_induction" in test.reveals
    for words in ("high-dose cytarabine", "CPX-351", "two cycles at standard dose"):
        assert words in test.note


def test_one_marrow_sample_always_gives_its_blasts(library: Library) -> None:
    """Whatever else a marrow is taken for, its blasts are counted."""
    marrow = [test for test in library.tests.values() if test.burden == "marrow"]
    assert marrow
    assert all("bm_blasts_pct" in test.reveals for test in marrow)
