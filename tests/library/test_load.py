"""Loading encodings: what a small folder compiles to, what is said of a wrong one, and that the compile cache never shows."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest

from solver import cache_files
from solver.errors import InputError
from solver.evaluation.evaluate import evaluate
from solver.language.spelling import fold_name
from solver.language.types import EnumerationType, QuantityType
from solver.library import load
from solver.library.load import default_encodings, load_library
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from tests.support.libraries.small_library import FILES, TRIAL, VOCABULARY, folder, stored


@pytest.fixture
def small(tmp_path: Path) -> Library:
    """The small library."""
    return load_library(folder(tmp_path), cached=False)


# --- a good folder


def test_a_small_folder_compiles(small: Library) -> None:
    """Variables, classes, axioms, checks and trials are all there, in the order of the files."""
    assert " ".join(small.variables) == "weight creatinine steroid smoker grade kind birth start drugs"
    assert small.lists == ("drugs",)
    assert [axiom.id for axiom in small.axioms] == ["A1", "A2"]
    assert (small.axioms[1].while_unrecorded, small.axioms[1].assumption) == (("weight",), "plausible:weight")
    assert [check.variable for check in small.checks] == ["grade"]
    assert list(small.trials) == ["ONE"]
    trial = small.trials["ONE"]
    assert list(trial.cohorts) == ["A", "B"]
    assert [clause.id for clause in trial.clauses] == ["ONE.I1", "ONE.I2", "ONE.I3", "ONE.I4"]
    assert [clause.opaque for clause in trial.clauses] == [False, False, False, True]
    assert [sorted(clause.conditions) for clause in trial.clauses] == [["A", "B"], ["A", "B"], ["A"], []]
    assert (trial.open_ended, list(trial.unpublished)) == (True, ["ONE.X"])
    assert trial.routed
    assert [reading.id for reading in small.switches()] == ["AMB-1"]


def test_variables_keep_what_was_declared(small: Library) -> None:
    """Units, equivalents, factors of drugs, values and the marks of dates are those of the file."""
    weight, creatinine = small.variables["weight"].type, small.variables["creatinine"].type
    assert isinstance(weight, QuantityType)
    assert isinstance(creatinine, QuantityType)
    assert weight.unit.text == "kg"
    assert [(unit.text, ratio) for unit, ratio in creatinine.equivalents] == [("umol/L", Fraction(10, 884))]
    assert small.variables["weight"].plausible_text == "1 kg <= weight <= 250 kg"
    assert small.variables["steroid"].drugs == {"prednisone": 1, "dexamethasone": Fraction(20, 3)}
    assert small.variables["kind"].type == EnumerationType(("AML", "MDS"))
    assert (small.variables["birth"].past, small.variables["birth"].requested) == (True, True)
    assert (small.variables["start"].absent_as_of, small.variables["start"].requested) == (True, False)


@pytest.mark.parametrize("smoker", [True, False])
@pytest.mark.parametrize("kind", ["AML", "MDS"])
@pytest.mark.parametrize("weight", [9, 10, 19, 20])
def test_a_clause_is_guard_exception_and_requirement(
    small: Library, smoker: bool, kind: str, weight: int
) -> None:
    """A clause holds unless its guard holds, its exception does not, and its requirement fails; a second reading replaces its part."""
    clause = small.trials["ONE"].clauses[0]
    facts = {"smoker": smoker, "kind": kind, "weight": {"value": weight, "unit": "kg"}}
    entry = {"as_of": "2026-11-20", "facts": facts}
    record = read_record(json.dumps(entry).encode(), small, name="x.json")
    known = {name: fact.domain for name, fact in record.facts.items()}
    bound = kind == "AML" and not smoker
    assert evaluate(clause.conditions["A"], known) is (not bound or weight >= 10)
    second = clause.alternatives["AMB-1"]
    assert second is not None
    assert evaluate(second["A"], known) is (not bound or weight >= 20)


def test_the_text_of_a_clause_is_kept(small: Library) -> None:
    """What a clause says in the language is kept in one line, by cohort where it reads differently."""
    first, second, third, fourth = small.trials["ONE"].clauses
    assert first.logic == {"": "when kind == AML; unless smoker; require weight >= 10 kg"}
    assert second.logic == {"A": "cohort_open and kind == AML", "B": "cohort_open and kind == MDS"}
    assert (second.by_cohort, third.by_cohort) == (True, False)
    assert third.logic == {"": "grade <= 2"}
    assert fourth.logic == {}


def test_a_small_library_answers(small: Library) -> None:
    """A record of the small library is read and matched."""
    facts = {"kind": "AML", "grade": 1, "smoker": False, "weight": {"value": 9.9, "unit": "kg"}}
    record = read_record(json.dumps({"as_of": "2026-11-20", "facts": facts}).encode(), small, name="x.json")
    answer = Matcher(small).match(record).trials[0]
    assert answer.verdict == "ineligible"
    assert answer.conflicts == (("ONE.I1",),)
    assert [cohort.verdict for cohort in answer.cohorts] == ["ineligible", "ineligible"]
    light = read_record(
        json.dumps({"as_of": "2026-11-20", "facts": {**facts, "smoker": True}}).encode(), small, name="x.json"
    )
    assert Matcher(small).match(light).trials[0].verdict == "eligible"
    assert Matcher(small).match(light).trials[0].published_only


@pytest.mark.parametrize(
    ("entry", "classes"),
    [
        ("morphine", {"opioids"}),
        ("Morphine ", {"opioids"}),
        ("MOR-PHINE", {"opioids"}),
        ("MS Contin™", {"opioids"}),
        ("ms.contin®", {"opioids"}),
        ("ms contin (R)", {"opioids"}),
        ("MS Contin(TM)", {"opioids"}),
        ("5 M’X 2", {"opioids"}),
        ("morphine-abcd", {"opioids"}),
        ("Morphine‑ABCD ", {"opioids"}),
        ("aspirin", set()),
        ("aspirin-abcd", set()),
        ("morphin", None),
        ("morphine abcd", None),
        ("morphine-abc", None),
        ("morphine-abcde", None),
        ("morphine-ab1d", None),
        ("codeine", None),
    ],
)
def test_a_name_means_what_its_register_says(small: Library, entry: str, classes: set[str] | None) -> None:
    """Case and what stands between the parts of a name do not matter, a suffix of four letters is taken off where nothing fits."""
    assert small.classes_of("drugs", entry) == classes


def test_names_are_folded() -> None:
    """Folding drops case and everything that people put between the parts of a name."""
    assert fold_name("CD-123 _car\u2011t") == "cd123cart"
    assert fold_name("A.b/C'd\u2019\u00ae \u2122") == "abcd"


def test_trials_are_found_by_code_and_number(small: Library) -> None:
    """A trial answers to its code and to its number, in any case."""
    assert small.trial("one") is small.trial("nct00000001") is small.trials["ONE"]
    assert small.trial("two") is None


def test_files_of_a_part_are_read_together(tmp_path: Path) -> None:
    """A part may be spread over files; what is no YAML file is not read; line ends and a byte order mark do not matter."""
    where = folder(
        tmp_path,
        {
            "vocabulary/more.yaml": "\ufeffvariables:\r\n  - {name: extra, type: boolean, label: e, changes: test, about: e}\r\n",
            "vocabulary/notes.txt": "not: [yaml",
            "theory/more.yaml": "axioms:\n  - {id: A9, label: l, source: s, require: extra implies smoker}\n",
        },
    )
    found = load_library(where, cached=False)
    assert "extra" in found.variables
    assert [axiom.id for axiom in found.axioms] == ["A1", "A2", "A9"]


def test_expressions_may_take_any_form_of_scalar(tmp_path: Path) -> None:
    """Plain, quoted, literal and folded text mean the same, over one line or several."""
    forms = [
        "grade <= 2 and smoker",
        "'grade <= 2 and smoker'",
        '"grade <= 2 and smoker"',
        "|\n      grade <= 2\n      and smoker",
        ">-\n      grade <= 2\n\n      and smoker",
        "grade <= 2\n      and smoker",
    ]
    found = []
    for form in forms:
        text = TRIAL.replace("require: grade <= 2", f"require: {form}")
        library = load_library(folder(tmp_path, {"trials/one.yaml": text}), cached=False)
        found.append(library.trials["ONE"].clauses[2].conditions["A"])
    assert all(condition == found[0] for condition in found)


def test_the_encodings_of_the_program_compile_afresh(library: Library) -> None:
    """Without the cache the encodings of the program give the same library as with it."""
    fresh = load_library(cached=False)
    assert fresh.digest == library.digest
    assert fresh == library


# --- wrong folders

V, T, O = "vocabulary/all.yaml", "theory/all.yaml", "trials/one.yaml"  # noqa: E741

FAULTS = [
    # the form of the files
    (V, "    unit: kg\n", "    unit: kg\n    unit: g\n", "5:5: duplicate key 'unit'"),
    (V, "    unit: kg\n", "    unti: kg\n", "4:11: unknown key 'unti'; did you mean 'unit'?"),
    (O, "    label: Heavy enough\n", "", "20:5: missing key 'label'"),
    (O, "    class: objective\n    changes: treat\n    when", "    class: subjective\n    changes: treat\n    when",
     "23:12: 'subjective' is not allowed for 'class': expected"),
    (O, "code: ONE", "code: one", "2:7: 'one' is not a valid code: it must match"),
    (O, "trial: NCT00000001", "trial: NCT1", "1:8: 'NCT1' is not a valid trial: it must match"),
    (O, "title: A first trial", "title: ''", "3:8: 'title' is empty"),
    (O, "cohorts:\n  A: {label: First}\n  B: {label: Second}\n", "cohorts: {}\n", "9:10: a trial has at least one cohort"),
    (V, "variables:\n", "variables: [\n", "not readable as YAML"),
    (V, "values: [AML, MDS]", "values: [AML, *here]", "28:19: not readable as YAML"),
    (V, VOCABULARY, "", "1:1: the file is empty"),
    (V, VOCABULARY, "# nothing\n", "the file is empty"),
    (V, VOCABULARY, "- a\n- b\n", "1:1: "),
    (V, "variables:\n", "variables:\n  - {[a]: b}\n", "2:6: a key must be a plain text"),
    # the vocabulary
    (V, "    unit: kg\n", "", "2:5: 'weight' is a quantity and needs a unit"),
    (V, "    unit: kg\n", "    unit: kgg\n", "4:11: 'kgg' is not a known unit"),
    (V, "{umol/L: 10/884}", "{umoll: 10/884}", "'umoll' is not a known unit"),
    (V, "{umol/L: 10/884}", "{umol/L: many}", "12:27: 'many' is not a valid umol/L: it must match"),
    (V, "values: [AML, MDS]", "values: [AML, AML]", "26:5: 'kind' needs a list of different values"),
    (V, "    values: [AML, MDS]\n", "", "26:5: 'kind' needs a list of different values"),
    (V, "name: grade, type: integer", "name: grade, type: integer, unit: kg",
     "25:40: 'unit' is for variables of type quantity, not integer"),
    (V, "name: grade, type: integer", "name: grade, type: integer, positive: true",
     "25:44: 'positive' is for variables of type quantity, not integer"),
    (V, "name: grade, type: integer", "name: grade, type: integer, refused: {five: dead}",
     "25:50: 'five' is not a valid"),
    (V, "    unit: kg\n", "    unit: kg\n    refused: {5: too light}\n",
     "5:14: 'refused' is for variables of type integer, not quantity"),
    (V, "name: grade", "name: smoker", "25:12: the variable 'smoker' is declared twice"),
    (V, "name: grade", "name: as_of", "25:12: 'as_of' is a word of the language or of SMT-LIB"),
    (V, "name: grade", "name: Grade", "25:12: 'Grade' is not a valid name: it must match"),
    (V, "name: drugs, type: list, names: open", "name: drugs, type: list, pattern: '('",
     "34:40: not a regular expression"),
    (V, "plausible: 1 kg <= weight", "plausible: 1 ms <= weight", "5:16: cannot compare or add"),
    (V, "plausible: 1 kg <= weight", "plausible: grade <= 2 and 1 kg <= weight",
     "5:16: a plausible range speaks of 'weight' alone"),
    # the theory
    (T, "is: completed_years(birth, as_of)", "is: completed_years(brith, as_of)",
     "3:25: unknown name 'brith'; did you mean 'birth' (day of birth)?"),
    (T, "  - name: age\n", "  - name: grade\n", "2:11: the name 'grade' is already taken"),
    (T, "    unit: mL/min\n", "", "4:5: a definition has either 'is', or 'numerator', 'denominator' and 'unit'"),
    (T, "denominator: magnitude(creatinine, mg/dL)", "denominator: creatinine",
     "6:18: the denominator of a ratio is a bare number: use magnitude(..., unit)"),
    (T, "magnitude(creatinine, mg/dL)", "magnitude(creatinine, mg/dL) * magnitude(weight, kg)",
     "6:18: the denominator of a ratio is above 0 for every patient: give weight 'positive: true'"),
    (T, "magnitude(creatinine, mg/dL)", "140 - age",
     "6:18: the denominator of a ratio is above 0 for every patient: write one that is above 0"),
    (T, "list: drugs", "list: drug", "10:11: 'drug' is not a list of the vocabulary; did you mean 'drugs'?"),
    (T, "axioms:\n", "  - {name: opioids, list: drugs, label: l, source: s}\naxioms:\n",
     "14:12: the class 'opioids' is declared twice"),
    (T, "    about: Against pain.", "    pattern: x",
     "9:5: the entries of 'drugs' are told by 'registers', not by a pattern"),
    (T, "classes: [opioids]", "classes: [opoids]", "36:73: unknown class 'opoids' of 'drugs'; did you mean 'opioids'?"),
    (T, "classes: [opioids]", "classes: [opioids, opioids]", "36:82: the class 'opioids' is given twice"),
    (T, "[aspirin]", "[aspirin, Mor-phine]", "37:25: 'Mor-phine' is already a name of 'morphine'"),
    (T, "[aspirin]", "[' - ']", "37:16: ' - ' has nothing that names are compared by"),
    (T, "registers:\n  - list: drugs", "registers:\n  - list: drug",
     "31:11: 'drug' is not a list of the vocabulary; did you mean 'drugs'?"),
    (T, "contains opioids", "contains opoids", "18:29: unknown class 'opoids' of 'drugs'; did you mean 'opioids'?"),
    (T, "require: drugs contains opioids implies smoker", "require: drugs contains opioids or smoker",
     "18:14: an axiom about a list must say nothing where the list is empty"),
    (T, "require: drugs contains opioids implies smoker", "require: size(drugs) >= 1",
     "18:14: an axiom about a list must say nothing where the list is empty"),
    (T, "- id: A2", "- id: A1", "19:9: the axiom 'A1' is declared twice"),
    (T, "while_unrecorded: [weight]", "while_unrecorded: [wieght]",
     "22:24: unknown variable 'wieght'; did you mean 'weight'?"),
    (T, "    variable: grade", "    variable: grad", "29:15: unknown variable 'grad'"),
    (T, "when: grade > 4", "when: recorded(graed)", "27:20: unknown variable 'graed'; did you mean 'grade'?"),
    (T, "when: grade > 4", "when: recordd(grade)", "27:11: unknown function 'recordd'; did you mean 'recorded'?"),
    (T, "when: grade > 4", "when: recorded(grade, smoker)", "27:11: 'recorded' takes the name of a variable"),
    (T, "when: grade > 4", "when: recorded(grade > 4)", "27:11: 'recorded' takes the name of a variable"),
    (T, "when: grade > 4", "when: greatest(grade) > 4", "27:20: 'greatest' is asked of a quantity, and 'grade' is none"),
    (T, "when: grade > 4", "when: days_old(grade) > valid_days(grade)",
     "27:40: 'grade' has no 'valid_days' in the vocabulary"),
    (T, "when: grade > 4", "when: each > 4", "27:11: unknown name 'each'"),
    (T, "The grade is odd.", "'The grade {graed} is odd.'", "28:11: in '{graed}': unknown name 'graed'; did you mean 'grade'?"),
    (T, "The grade is odd.", "'{smoker} is odd.'", "28:11: '{smoker}' is no number, date or enumeration"),
    (T, "The grade is odd.", "'The grade is {there}.'", "28:11: in '{there}': unknown name 'there'"),
    (T, "    variable: grade", "    for_each: [graed]", "29:16: unknown variable 'graed'; did you mean 'grade'?"),
    (T, "    variable: grade", "    for_each: {graed: A grade}", "29:23: unknown variable 'graed'; did you mean 'grade'?"),
    (T, "    variable: grade", "    variable: grade\n    for_each: [grade]",
     "29:15: a check with 'for_each' has no 'variable'"),
    (T, "    variable: grade", "    there: {smokr: smoke}", "29:20: unknown name 'smokr'; did you mean 'smoker'?"),
    (T, "    variable: grade", "    variable: grade\n  - {id: odd, when: smoker, text: Odd.}",
     "30:10: the check 'odd' is declared twice"),
    (T, "require: drugs contains opioids implies smoker", "require: recorded(smoker)",
     "18:14: unknown function 'recorded'"),
    (T, "when: grade > 4", "when: drugs contains opioids", "27:11: the list 'drugs' may be asked about only in the theory"),
    # trials
    (O, "require: weight >= 10 kg", "require: weight >= 10", "27:24: a number here needs a unit, such as kg"),
    (O, "require: grade <= 2", "require: drugs contains opioids", "47:14: the list 'drugs' may be asked about only in the theory"),
    (O, "require: grade <= 2", "require: cohort_open", "47:14: 'cohort_open' may stand only in a clause marked 'routing: true'"),
    (O, "        and kind == MDS\n", "        and kind == MSD\n", "40:21: 'MSD' is not a value of 'kind'"),
    (O, "require: grade <= 2", "require: 'grade <= \"2\"'", "47:24: found '\"2\"'"),
    (O, "- id: I3", "- id: I2", "41:9: the id 'I2' is used twice"),
    (O, "- {id: AMB-2,", "- {id: AMB-1,", "14:10: the id 'AMB-1' is used twice"),
    (O, "    require: grade <= 2\n", "", "41:5: a clause needs 'require', a map 'cohorts', or 'opaque'"),
    (O, "    opaque: The patient", "    require: smoker\n    opaque: The patient",
     "48:5: clause 'I4' is opaque and cannot have logic as well"),
    (O, "    routing: true\n", "    routing: true\n    require: smoker\n",
     "30:5: a clause with one expression a cohort has no 'require', 'when' or 'unless'"),
    (O, "cohorts: [A]", "cohorts: [AA]", "46:15: unknown cohort 'AA'"),
    (O, "      A: cohort_open", "      C: cohort_open", "37:10: unknown cohort 'C'"),
    (O, "      AMB-1: {require", "      AMB-3: {require", "29:14: unknown reading 'AMB-3'"),
    (O, "      AMB-1: {require", "      AMB-2: {require", "29:14: the reading 'AMB-2' is declared without 'switch: true'"),
    (O, "AMB-1: {require: weight >= 20 kg}", "AMB-1: {label: other}",
     "29:14: a second reading says what changes, or 'drop: true'"),
    (O, "    readings:\n      AMB-1: {require: weight >= 20 kg}\n", "",
     "13:5: no clause has a second reading 'AMB-1'"),
    (O, "    opaque: The patient", "    secondary: AMB-9\n    opaque: The patient", "53:16: unknown reading 'AMB-9'"),
    (O, "when: smoker}", "when: smokr}", "18:42: unknown name 'smokr'; did you mean 'smoker'?"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "expected"), FAULTS)
def test_what_is_said_of_a_wrong_file(tmp_path: Path, name: str, old: str, new: str, expected: str) -> None:
    """A fault is one line that begins with file, line and column and says what was found, or what to do."""
    assert old in FILES[name]
    where = folder(tmp_path, {name: FILES[name].replace(old, new, 1)})
    with pytest.raises(InputError) as caught:
        load_library(where, cached=False)
    line = caught.value.problems[0]
    assert "\n" not in line
    assert line.startswith(f"{where / name}:")
    assert expected in line
    if expected[0].isdigit():
        assert line.startswith(f"{where / name}:{expected.partition(' ')[0]}")


def test_a_second_file_may_not_repeat_a_trial(tmp_path: Path) -> None:
    """Neither a code nor a number may be used by two files."""
    with pytest.raises(InputError, match=r"two\.yaml:2:7: the code 'ONE' is already used by another file"):
        load_library(folder(tmp_path, {"trials/two.yaml": TRIAL}), cached=False)
    other = TRIAL.replace("code: ONE", "code: TWO")
    with pytest.raises(InputError, match=r"two\.yaml:1:8: NCT00000001 is already in another file"):
        load_library(folder(tmp_path, {"trials/two.yaml": other}), cached=False)


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    """Faults of several clauses, and of several files, come together, each on its line."""
    wrong = TRIAL.replace("grade <= 2", "garde <= 2").replace("weight >= 10 kg", "weight >= 10 ms")
    other = wrong.replace("code: ONE", "code: TWO").replace("NCT00000001", "NCT00000002")
    with pytest.raises(InputError) as caught:
        load_library(folder(tmp_path, {"trials/one.yaml": wrong, "trials/two.yaml": other}), cached=False)
    places = [line.split(": ")[0].rpartition("/")[2] for line in caught.value.problems]
    assert {place.split(":")[0] for place in places} == {"one.yaml", "two.yaml"}
    assert sum(place.startswith("one.yaml:27:24") for place in places) >= 1
    assert sum(place.startswith("one.yaml:47:14") for place in places) == 1


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"variables: \xff", "is not text in UTF-8 (byte 11)"), (b"variables: \x00", "not readable as YAML")],
)
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, content: bytes, expected: str) -> None:
    """Bytes that are no text are refused with one line."""
    where = folder(tmp_path)
    (where / V).write_bytes(content)
    with pytest.raises(InputError) as caught:
        load_library(where, cached=False)
    assert len(caught.value.problems) == 1
    assert expected in caught.value.problems[0]


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    """A file that is nested without end is refused, not followed."""
    with pytest.raises(InputError, match="nested more than 50 deep"):
        load_library(folder(tmp_path, {V: "variables: " + "[" * 200 + "]" * 200}), cached=False)


@pytest.mark.parametrize("opening", ["[", "{", "- ", "? "])
def test_nesting_without_end_is_refused_before_nodes_are_built(tmp_path: Path, opening: str) -> None:
    """However deep a file is nested, and however that is written, the answer is one line with the place."""
    with pytest.raises(InputError, match=r":2: nested more than 50 deep"):
        load_library(folder(tmp_path, {V: "variables:\n " + opening * 30_000}), cached=False)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """A folder that is not there, is a file, or lacks a part is refused by name."""
    with pytest.raises(InputError, match="nowhere: is not a folder of encodings: no such directory"):
        load_library(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file: is not a folder of encodings"):
        load_library(str(tmp_path / "file"))
    where = folder(tmp_path)
    shutil.rmtree(where / "theory")
    with pytest.raises(InputError, match="it has no 'theory' directory"):
        load_library(where)


def never_compile(*arguments: object) -> Library:
    """Stands for the compiler where the cache must do."""
    raise AssertionError("compiled although the cache was there")


def test_a_library_comes_back_from_the_cache(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second time the same library is read from the cache, without compiling."""
    first = load_library(folder(tmp_path))
    assert len(stored(cache)) == 1
    monkeypatch.setattr(load, "_compiled_library", never_compile)
    assert load_library(tmp_path / "own") == first


def test_the_cache_can_be_left_out(tmp_path: Path, cache: Path) -> None:
    """With `cached` off nothing is written, and nothing is read."""
    load_library(folder(tmp_path), cached=False)
    assert stored(cache) == []
    load_library(tmp_path / "own")
    stored(cache)[0].write_bytes(pickle.dumps("poison"))
    assert isinstance(load_library(tmp_path / "own", cached=False), Library)


@pytest.mark.parametrize(
    "damage", [b"", b"\x80\x05garbage", pickle.dumps("another thing"), pickle.dumps({"trials": {}})]
)
def test_a_damaged_cache_is_ignored(tmp_path: Path, cache: Path, damage: bytes) -> None:
    """A cache file that is cut, garbled or holds another thing is ignored, and replaced."""
    first = load_library(folder(tmp_path))
    (file,) = stored(cache)
    file.write_bytes(damage)
    assert load_library(tmp_path / "own") == first
    assert cache_files.read_cache(file) == first


def test_changed_content_is_compiled_again(tmp_path: Path, cache: Path) -> None:
    """A changed, added or removed file is another library, at once."""
    first = load_library(folder(tmp_path))
    changed = load_library(folder(tmp_path, {O: TRIAL.replace("10 kg", "11 kg")}))
    assert changed.digest != first.digest
    assert changed.trials["ONE"].clauses[0].logic != first.trials["ONE"].clauses[0].logic
    added = load_library(
        folder(
            tmp_path,
            {"theory/b.yaml": "axioms:\n  - {id: Z, label: l, source: s, require: smoker or true}\n"},
        )
    )
    assert [axiom.id for axiom in added.axioms] == ["A1", "A2", "Z"]
    (tmp_path / "own" / "theory" / "b.yaml").unlink()
    assert load_library(tmp_path / "own") == first
    assert len(stored(cache)) == 3


def test_a_renamed_file_is_another_library(tmp_path: Path, cache: Path) -> None:
    """Places name files, so that a file's name is part of what a library is."""
    first = load_library(folder(tmp_path))
    (tmp_path / "own" / O).rename(tmp_path / "own" / "trials" / "other.yaml")
    assert load_library(tmp_path / "own").digest != first.digest


def test_changed_code_does_not_read_an_old_cache(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another version of the program has cached is not read."""
    load_library(folder(tmp_path))
    monkeypatch.setattr(load, "code_digest", lambda: "f" * 64)
    load_library(tmp_path / "own")
    assert len(stored(cache)) == 2


def test_a_wrong_folder_is_not_cached(tmp_path: Path, cache: Path) -> None:
    """A folder with a fault is refused every time."""
    where = folder(tmp_path, {O: TRIAL.replace("10 kg", "10 ms")})
    for _ in range(2):
        with pytest.raises(InputError):
            load_library(where)
    assert stored(cache) == []


def test_an_unwritable_cache_is_harmless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache directory that cannot be made costs time and nothing else."""
    (tmp_path / "blocked").write_text("a file, where a directory should be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "blocked"))
    assert list(load_library(folder(tmp_path)).trials) == ["ONE"]
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    assert list(load_library(tmp_path / "own").trials) == ["ONE"]


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may write anywhere")
def test_a_read_only_cache_is_harmless(tmp_path: Path, cache: Path) -> None:
    """A cache directory that may not be written costs time and nothing else."""
    cache.mkdir(parents=True)
    cache.chmod(0o500)
    assert list(load_library(folder(tmp_path)).trials) == ["ONE"]
    assert stored(cache) == []


def test_without_a_home_there_is_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no cache directory is known, the files are compiled."""
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("HOME", raising=False)
    assert list(load_library(folder(tmp_path)).trials) == ["ONE"]


def test_no_other_users_cache_is_read(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache file that belongs to someone else is not read, since reading one can run code."""
    first = load_library(folder(tmp_path))
    (file,) = stored(cache)
    cache_files.write_cache(file, replace(first, trials={}), "")
    monkeypatch.setattr(os, "getuid", lambda: 12345, raising=False)
    assert load_library(tmp_path / "own") == first


def test_no_temporary_file_is_left_behind(tmp_path: Path, cache: Path) -> None:
    """Writing the cache leaves one file, which only its owner may read."""
    load_library(folder(tmp_path))
    (file,) = stored(cache)
    assert file.suffix == ".library"
    assert file.stat().st_mode & 0o077 == 0


def test_the_encodings_of_the_program_are_found() -> None:
    """Without a folder given, the program's own encodings are loaded."""
    assert (default_encodings() / "trials").is_dir()


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="needs owners and modes of files")
@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.chmod(0o666),
        lambda file: file.chmod(0o620),
        lambda file: file.parent.chmod(0o777),
        lambda file: file.parent.chmod(0o770),
        lambda file: file.parent.parent.chmod(0o777),
        lambda file: (
            file.rename(file.with_suffix(".moved"))
            .parent.joinpath(file.name)
            .symlink_to(file.with_suffix(".moved"))
        ),
        lambda file: (
            (moved := file.parent.rename(file.parent.with_name("moved"))) and file.parent.symlink_to(moved)
        ),
    ],
    ids=["file", "file of a group", "folder", "folder of a group", "folder above", "link", "linked folder"],
)
def test_a_cache_that_others_can_write_to_is_not_read(
    spoil: Callable[[Path], object], cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is unpickled is run: so nobody else may be able to put it there. The files are compiled instead."""
    where = folder(tmp_path)
    load_library(where)
    (file,) = stored(cache)
    assert (file.stat().st_mode & 0o777, cache.stat().st_mode & 0o777) == (0o600, 0o700)
    read: list[str] = []
    unpickle = pickle.loads
    told = SimpleNamespace(
        dumps=pickle.dumps,
        HIGHEST_PROTOCOL=pickle.HIGHEST_PROTOCOL,
        loads=lambda content: [
            found := unpickle(content),
            isinstance(found, Library) and read.append("read"),
        ][0],
    )
    monkeypatch.setattr(cache_files, "pickle", told)
    first = load_library(where)
    assert read == ["read"]
    spoil(file)
    assert load_library(where) == first
    assert read == ["read"]
