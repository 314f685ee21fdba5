"""`match examples`: patients just inside and just outside each clause, replayed, against the naive twin, and as a regression test.

`UPDATE_GOLDEN=1 python -m pytest tests/questions/examples/test_ask.py` (or `make golden`) writes the saved sheets again;
review the difference.
"""

from __future__ import annotations

import json
import os
from dataclasses import astuple
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import assume, given

import cli
from solver.evaluation.breakpoints import step_at
from solver.language.calendar import format_day
from solver.language.domain import Interval, Recorded
from solver.language.types import IntegerType
from solver.library.load import load_trial
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.record import Record
from solver.patient.write import record_document
from solver.questions.examples.answer import Sheet
from solver.questions.examples.ask import examples
from solver.questions.examples.page import examples_markdown, examples_page, examples_text
from solver.questions.examples.saved_sheet import SavedSheet
from solver.questions.schema.ask import schema
from solver.report.json import document
from solver.smt.session import Budget
from tests.support.drawing.drawn import drawn
from tests.support.libraries.shipped import LIBRARY
from tests.support.records.worked import Json
from tests.support.twins.invented import compile_world, holds_of_someone, worlds
from tests.support.twins.naive import (
    Axiom,
    Clause,
    Fact,
    Flag,
    Joined,
    Not,
    Patient,
    TooLargeError,
    Trial,
    Twin,
    Variable,
    World,
)

ROOT = Path(__file__).parents[3]
GOLDEN = Path(__file__).parent / "golden"
SHEETS = ROOT / "tests" / "trials" / "sheets"
TRIALS = ROOT / "encodings" / "trials"
MATCHER = Matcher(LIBRARY)
CODES = sorted(LIBRARY.trials)
SHOWN = "ZPED"

# --- saved sheets: in the repository the patients are kept as what differs from the starting patient of their cohort


def folded(document: Json) -> Json:
    """A sheet in JSON with each record as its difference from the starting patient of the cohort."""
    starts = {start["cohort"]: start["patient"]["record"] for start in document["starts"] if start["patient"]}

    def fold(patient: Json, cohort: str) -> Json:
        record, facts = patient["record"], starts[cohort]["facts"]
        rest = {key: value for key, value in record.items() if key not in ("as_of", "facts")}
        changed = {name: fact for name, fact in record["facts"].items() if facts.get(name) != fact}
        gone = sorted(facts.keys() - record["facts"].keys())
        standing = {key: value for key, value in patient.items() if key != "record"}
        return {**rest, "set": changed, **({"unset": gone} if gone else {}), **standing}

    shown = [
        {**each, "patients": [fold(patient, each["cohort"]) for patient in each["patients"]]}
        for each in document["examples"]
    ]
    return {**document, "examples": shown}


def unfolded(document: Json) -> Json:
    """The sheet that `folded` made smaller."""
    starts = {start["cohort"]: start["patient"]["record"] for start in document["starts"] if start["patient"]}

    def unfold(patient: Json, cohort: str) -> Json:
        own = dict(patient)
        start = starts[cohort]
        gone = own.pop("unset", [])
        facts = {name: fact for name, fact in start["facts"].items() if name not in gone} | own.pop("set")
        record = {"id": own.pop("id"), "as_of": start["as_of"], "facts": facts}
        context = {"context": own.pop("context")} if "context" in own else {}
        return {"record": {**record, **context}, **own}

    shown = [
        {**each, "patients": [unfold(patient, each["cohort"]) for patient in each["patients"]]}
        for each in document["examples"]
    ]
    return {**document, "examples": shown}


def _lines(document: Json) -> str:
    """JSON with a line for each entry of a list."""
    parts = []
    for key, value in document.items():
        text = json.dumps(value, ensure_ascii=False)
        if isinstance(value, list):
            text = "[\n" + ",\n".join(json.dumps(each, ensure_ascii=False) for each in value) + "\n]"
        parts.append(f'"{key}": {text}')
    return "{" + ",\n".join(parts) + "}\n"


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The saved sheet of each trial, as `match examples` writes it."""
    folder = tmp_path_factory.mktemp("sheets")
    found = {}
    for code in CODES:
        path = SHEETS / f"{code}.json"
        if os.environ.get("UPDATE_GOLDEN"):
            lines = examples_text(examples(LIBRARY, LIBRARY.trials[code]))
            path.parent.mkdir(exist_ok=True)
            path.write_text(_lines(folded(json.loads(lines))), encoding="utf-8")
        found[code] = folder / f"{code}.json"
        saved = unfolded(json.loads(path.read_text(encoding="utf-8")))
        found[code].write_text(json.dumps(saved), encoding="utf-8")
    return found


def saved_sheet(path: Path) -> SavedSheet:
    """The sheet of a file."""
    return SavedSheet(str(path), path.read_bytes())


@pytest.fixture(scope="module")
def small() -> Sheet:
    """The sheet of a small trial."""
    return examples(LIBRARY, LIBRARY.trials[SHOWN])


def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str]:
    """The exit code of the command line, and what it prints."""
    monkeypatch.setattr("sys.argv", ["match", *words])
    monkeypatch.setenv("COLUMNS", "80")
    code = cli.main()
    found = capsys.readouterr()
    return code, found.out or found.err


@pytest.mark.parametrize("code", CODES)
def test_every_patient_of_a_saved_sheet_stands_as_saved(sheets: dict[str, Path], code: str) -> None:
    """The encodings have not changed a verdict or a conflict of any saved example."""
    found = saved_sheet(sheets[code]).recheck(MATCHER, code)
    assert found.patients > 20
    assert [each.patient for each in found.differ] == []


@pytest.mark.parametrize("code", CODES)
def test_match_says_of_a_patient_what_the_sheet_says(sheets: dict[str, Path], code: str) -> None:
    """Every seventh patient gets the verdicts and conflicts of the sheet from `match` itself."""
    for saved in saved_sheet(sheets[code]).patients(LIBRARY)[::7]:
        answer = MATCHER.match(saved.record, [code]).trials[0]
        cohort = next(each for each in answer.cohorts if each.cohort == saved.cohort)
        found = (answer.verdict, answer.conflicts, cohort.verdict, cohort.conflicts)
        assert found == astuple(saved.standing)


@pytest.mark.parametrize("code", CODES)
def test_every_clause_has_an_example_or_a_reason(sheets: dict[str, Path], code: str) -> None:
    """No clause that can be told apart is left out, and every example has both verdicts on its cohort, by that clause alone."""
    document = json.loads(sheets[code].read_text(encoding="utf-8"))
    clauses = {
        clause.id for clause in LIBRARY.trials[code].clauses if clause.conditions and not clause.secondary
    }
    told = {each["clause"] for key in ("examples", "unshown") for each in document[key]}
    assert told == clauses
    for example in document["examples"]:
        found = {each["cohort_verdict"]: each["cohort_conflicts"] for each in example["patients"]}
        assert found == {"eligible": [], "ineligible": [[example["clause"]]]}
        assert all(
            each["verdict"] == "ineligible"
            for each in example["patients"]
            if each["cohort_verdict"] == "ineligible"
        )


@pytest.mark.parametrize("code", CODES)
def test_the_patients_of_an_example_differ_in_what_it_says(sheets: dict[str, Path], code: str) -> None:
    """In the facts that change, each patient otherwise than every other, and in no other fact; in nearly all examples that is one."""
    document = json.loads(sheets[code].read_text(encoding="utf-8"))
    starts = {start["cohort"]: start["patient"]["record"]["facts"] for start in document["starts"]}
    for example in document["examples"]:
        records = [each["record"] for each in example["patients"]]
        facts = [record["facts"] for record in records]
        assert len({json.dumps({**record, "id": "", "facts": {}}) for record in records}) == 1
        names = {name for each in facts for name in each}
        differing = {name for name in names if len({json.dumps(each.get(name)) for each in facts}) > 1}
        assert differing == set(example["changes"])
        start = starts[example["cohort"]]
        setup = {name for name in names | start.keys() if facts[0].get(name) != start.get(name)}
        assert setup - differing == set(example["setup"]) - differing
    alone = sum(len(example["changes"]) == 1 for example in document["examples"])
    assert alone >= 0.9 * len(document["examples"])


CHANGES = [
    ("uc.yaml", "bm_blasts_pct > 5 %", "bm_blasts_pct >= 5 %", {"UC.I1b"}),
    ("uc.yaml", "18 <= age <= 65", "18 <= age <= 64", {"UC.I0"}),
    (
        "uc.yaml",
        "first_dose >= anti_cd20_last_date + 3 mo",
        "first_dose > anti_cd20_last_date + 3 mo",
        {"UC.E4"},
    ),
    ("sar.yaml", "require: weight >= 10 kg", "require: weight > 10 kg", {"SAR.I5"}),
    ("sar.yaml", "qtcf <= 470 ms", "qtcf < 470 ms", {"SAR.E13"}),
    ("zped.yaml", "in {AML, MPAL, B_ALL, T_ALL}", "in {AML, MPAL, B_ALL}", {"ZPED.I2"}),
]


@pytest.mark.parametrize(("file", "before", "after", "clauses"), CHANGES, ids=lambda value: str(value)[:24])
def test_a_changed_clause_fails_the_sheet_at_that_clause(
    sheets: dict[str, Path], tmp_path: Path, file: str, before: str, after: str, clauses: set[str]
) -> None:
    """Of a copy of a trial with one limit moved, only examples of that clause stand otherwise, and some do."""
    text = (TRIALS / file).read_text(encoding="utf-8")
    assert text.count(before) >= 1
    changed = tmp_path / file
    changed.write_text(text.replace(before, after, 1), encoding="utf-8")
    trial = load_trial(changed, LIBRARY)
    library = LIBRARY.with_trial(trial)
    found = saved_sheet(sheets[trial.code]).recheck(Matcher(library), trial.code)
    assert {each.clause for each in found.differ} == clauses


@pytest.mark.parametrize(
    ("at", "step"),
    [("0", "1"), ("250", "1"), ("25", "0.1"), ("1", "0.1"), ("2.5", "0.01"), ("0.25", "0.01"), ("0.05", "0.001"), ("0.002", "0.001")],
)  # fmt: skip
def test_the_next_value_is_as_fine_as_a_person_would_tell(library: Library, at: str, step: str) -> None:
    """Beside a quantity stands one in three digits, of a whole one in one decimal, never finer than 0.001; numbers go in ones."""
    assert step_at(Fraction(at), library.variables["weight"].type) == Fraction(step)
    assert step_at(Fraction(at), IntegerType()) == 1


# --- the page, Markdown and JSON


def test_a_small_sheet_reads_as_reviewed(small: Sheet) -> None:
    """As a page at 80 columns, no line of which is wider, and as Markdown. UPDATE_GOLDEN=1 writes them again."""
    page = examples_page(small, LIBRARY, 80).plain()
    assert max(map(len, page.splitlines())) <= 80
    for name, text in ((f"{SHOWN}.txt", page), (f"{SHOWN}.md", f"{examples_markdown(small, LIBRARY)}\n")):
        same = text.replace(LIBRARY.digest, "sha256:0").replace(LIBRARY.digest[:19], "sha256:0")
        if os.environ.get("UPDATE_GOLDEN"):
            GOLDEN.mkdir(exist_ok=True)
            (GOLDEN / name).write_text(same, encoding="utf-8")
        assert (GOLDEN / name).read_text(encoding="utf-8") == same


def test_a_sheet_is_the_same_twice_and_fits_its_schema(small: Sheet) -> None:
    """Byte for byte, and as the shipped schema says; every record in it is one that `match` reads."""
    again = examples(LIBRARY, LIBRARY.trials[SHOWN])
    text = examples_text(small)
    assert examples_text(again) == text
    assert json.loads(text) == document(small)
    jsonschema.Draft202012Validator(schema("examples", LIBRARY)).validate(json.loads(text))
    validator = jsonschema.Draft202012Validator(schema("record", LIBRARY))
    for example in json.loads(text)["examples"]:
        for patient in example["patients"]:
            validator.validate(patient["record"])


def test_a_sheet_goes_out_and_comes_back(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Written to a file it verifies with 0; against a changed copy of the trial it names the clause, with 1, in words and in JSON."""
    sheet, copy = str(tmp_path / "sheet.json"), tmp_path / "copy.yaml"
    assert run(capsys, monkeypatch, "examples", "zped", "--format", "json", "-o", sheet) == (0, "")
    code, text = run(capsys, monkeypatch, "examples", "--verify", sheet)
    assert code == 0
    assert " ".join(text.split()).endswith("stand as saved The encodings are the same.")
    source = (TRIALS / "zped.yaml").read_text(encoding="utf-8")
    copy.write_text(source.replace("age <= 21", "age <= 20"), encoding="utf-8")
    code, text = run(capsys, monkeypatch, "examples", str(copy), "--verify", sheet)
    assert code == 1
    assert "ZPED.I1-1b  cohort ALL: eligible in the sheet, now ineligible by ZPED.I1" in text
    assert "others than those of the sheet" in text
    code, text = run(capsys, monkeypatch, "examples", str(copy), "--verify", sheet, "--format", "json")
    assert code == 1
    found = json.loads(text)
    jsonschema.Draft202012Validator(schema("examples-verify", LIBRARY)).validate(found)
    assert {each["clause"] for each in found["differ"]} == {"ZPED.I1"}
    assert found["patients"] - found["hold"] == len(found["differ"]) == 2


WRONG = [
    ((), "error: missing argument 'TRIAL', or --verify FILE (see match examples --help)\n"),
    (("NONE",), "error: 'NONE' is not a known trial: the trials are"),
    (("--verify", "no.json"), "error: no.json: does not exist: check the path\n"),
    (
        ("--verify", "empty.json"),
        "error: empty.json: schema is no 'trialproof/examples/1': write the sheet with",
    ),
    (("--verify", "cut.json"), "error: cut.json: starts is missing, or not a list: write the sheet with"),
    (("--verify", "fact.json"), "error: fact.json: starts[0].patient.record: facts.nothing: is not a known"),
    (("uc", "--verify", "cut.json"), "error: cut.json: is a sheet of ZPED, not of UC\n"),
    (
        ("--verify", "cut.json", "--format", "markdown"),
        "error: --verify: has no Markdown: leave --format out",
    ),
    (("zped", "-o", "none/sheet.md"), "error: none/sheet.md: cannot be written: no such file or directory\n"),
]


@pytest.mark.parametrize(("words", "message"), WRONG, ids=lambda value: " ".join(value)[:30])
def test_what_is_wrong_is_said_in_one_line(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    words: tuple[str, ...],
    message: str,
) -> None:
    """Each error names the file and the place, what was found and what to do, and the exit code is 2."""
    head: Json = {"schema": "trialproof/examples/1", "code": "ZPED", "engine": {"encodings": "sha256:0"}}
    standing: Json = {
        "verdict": "eligible",
        "conflicts": [],
        "cohort_verdict": "eligible",
        "cohort_conflicts": [],
    }
    patient = {"record": {"as_of": "2026-01-01", "facts": {"nothing": 1}}, **standing}
    files: dict[str, Json] = {
        "empty.json": {},
        "cut.json": head,
        "fact.json": {**head, "starts": [{"cohort": "ALL", "patient": patient}], "examples": []},
    }
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    code, text = run(capsys, monkeypatch, "examples", *words)
    assert code == 2
    assert text.startswith(message)
    assert text.count("\n") == 1


REDUNDANT = """
  - id: A
    label: Of age
    source: none
    require: age >= 18
    class: objective
    changes: age
  - id: B
    label: Not a small child
    source: none
    require: age >= 6
    class: objective
    changes: age
  - id: C
    label: Of either sex
    source: none
    require: sex == F or sex == M
    class: objective
    changes: never
  - id: D
    label: Neither of two that go together
    source: none
    require: not (prior_car_t and prior_cellular_therapy)
    class: objective
    changes: never
"""


def invented(tmp_path: Path, clauses: str, budget: Budget | None = None) -> Sheet:
    """The sheet of a trial with these clauses."""
    head = (TRIALS / "zped.yaml").read_text(encoding="utf-8").split("\nreadings:")[0]
    file = tmp_path / "invented.yaml"
    file.write_text(f"{head}\nclauses:{clauses}", encoding="utf-8")
    trial = load_trial(file, LIBRARY)
    return examples(LIBRARY.with_trial(trial), trial, budget=budget)


def test_a_clause_that_is_never_the_only_reason_has_the_reason(tmp_path: Path) -> None:
    """Implied by another, which is named, or never failed; of what takes several facts the example says so."""
    sheet = invented(tmp_path, REDUNDANT)
    assert [(each.clause, each.why, each.others) for each in sheet.unshown] == [
        ("ZPED.B", "implied", ("ZPED.A",)),
        ("ZPED.C", "vacuous", ()),
    ]
    assert {example.clause for example in sheet.examples} == {"ZPED.A", "ZPED.D"}
    page = " ".join(examples_page(sheet, LIBRARY, 80).plain().split())
    assert "never the only reason: whoever fails it also fails ZPED.A" in page


def test_a_cohort_that_nobody_can_enter_is_told(tmp_path: Path) -> None:
    """It has no starting patient and no example."""
    shut = REDUNDANT.replace("age >= 6", "age < 6")
    sheet = invented(tmp_path, shut)
    assert sheet.starts == {"ALL": None}
    assert (sheet.undecided, sheet.examples) == ((), ())
    assert "nobody can enter it" in examples_page(sheet, LIBRARY, 80).plain()


# --- against the naive twin


DAY = date(2026, 1, 1)


def told(record: Record, library: Library, world: World) -> Patient:
    """The record in the terms of the twin."""
    facts = {}
    for name, fact in record.facts.items():
        domain, kind = fact.domain, world.variables[name].kind
        value: Any
        if isinstance(domain, Interval):
            value = domain.low if kind != "date" else date.fromordinal(int(domain.low))
        elif isinstance(domain, Recorded):
            value = tuple(fact.text.split(", ")) if domain.size else ()
        else:
            (value,) = domain
        facts[name] = Fact(None, values=(value,))
    opened = {code: tuple(sorted(cohorts)) for code, cohorts in record.context.open_cohorts.items()}
    assert record_document(record, library)["as_of"] == format_day(record.as_of)
    return Patient(date.fromordinal(record.as_of), facts, (), opened)


def check_by_twin(sheet: Sheet, library: Library, world: World) -> None:
    """Every patient stands by enumeration as the sheet says."""
    for example in sheet.examples:
        for patient in example.patients:
            twin = Twin(world, told(patient.record, library, world))
            if twin.settled:
                found = twin.answer()
                assert found.consistent
                said = found.trials[sheet.trial.code]
                standing = patient.standing
                assert (said.verdict, said.conflicts) == (standing.verdict, standing.conflicts)
                assert said.cohorts[example.cohort] == (standing.cohort_verdict, standing.cohort_conflicts)


def check_reasons(sheet: Sheet, world: World) -> None:
    """What the sheet says of clauses without an example, and of cohorts that nobody can enter, holds of all completions.

    It says so of plausible patients: a range that the theory excludes as long as nothing is recorded is assumed of those of whom more is.
    """
    trial = next(each for each in world.trials if each.code == sheet.trial.code)
    blank = Twin(world, Patient(DAY, {}))
    if blank.dropped:
        return
    points = [{**at, "cohort_open": True} for at in blank.points(trial, blank.ranges)]
    clauses = {f"{trial.code}.{clause.id}": clause for clause in trial.clauses}
    for cohort, start in sheet.starts.items():
        bound = [clause for clause in trial.clauses if cohort in clause.binds(trial.cohorts)]
        if start is None:
            assert not any(all(clause.holds(at, cohort) for clause in bound) for at in points)
    for unshown in sheet.unshown:
        failing = [at for at in points if not clauses[unshown.clause].holds(at, unshown.cohort)]
        assert unshown.why != "vacuous" or not failing
        if unshown.why == "implied":
            others = [clauses[name] for name in unshown.others]
            assert all(any(not other.holds(at, unshown.cohort) for other in others) for at in failing)


P, Q, R = (Flag(f"flag_{letter}") for letter in "pqr")


def test_what_one_patient_alone_needs_recorded_is_not_added_to_the_other_where_it_changes_her() -> None:
    """Whoever lacks `flag_p` lacks `flag_r` as long as that is not recorded; who has it needs it recorded that she has `flag_r`."""
    axioms = (
        Axiom("A1", Joined("==", (P, Q))),
        Axiom("A2", Joined("or", (P, Not(R))), ("flag_r",)),
    )
    clauses = (
        Clause("I1", P),
        Clause("I2", Joined("or", (R, Not(P)))),
        Clause("I3", Joined("or", (P, Not(R)))),
    )
    variables = {f"flag_{letter}": Variable(f"flag_{letter}", "boolean") for letter in "pqr"}
    world = World(variables, axioms, (Trial("T1", "NCT00000001", ("C1",), clauses),))
    library = compile_world(world)
    sheet = examples(library, library.trials["T1"], as_of=DAY)
    first = next(example for example in sheet.examples if example.clause == "T1.I1")
    assert first.changes == ("flag_p", "flag_r")
    check_by_twin(sheet, library, world)


@drawn(20)
@given(worlds())
def test_the_twin_judges_every_example_the_same(world: World) -> None:
    """On invented trials, by enumeration of all completions."""
    assume(holds_of_someone(world, DAY))
    library = compile_world(world)
    for trial in library.trials.values():
        sheet = examples(library, trial, as_of=DAY)
        try:
            check_by_twin(sheet, library, world)
            check_reasons(sheet, world)
        except TooLargeError:
            assume(False)


COUPLED = """
  - id: A
    label: A product
    source: none
    require: magnitude(weight, kg) * magnitude(serum_creatinine, mg/dL) == 36
    class: objective
    changes: treat
  - id: B
    label: A sum
    source: none
    require: magnitude(weight, kg) + magnitude(serum_creatinine, mg/dL) == 15
    class: objective
    changes: treat
"""


def test_a_solver_that_gives_up_is_told(tmp_path: Path) -> None:
    """What takes the solver is said to be undecided with a budget of one step; with the usual one two linked facts change together."""
    sheet = invented(tmp_path, COUPLED)
    assert [(each.clause, each.changes) for each in sheet.examples] == [
        ("ZPED.A", ("serum_creatinine", "weight")),
        ("ZPED.B", ("serum_creatinine", "weight")),
    ]
    assert "Where no single fact is enough:" in examples_page(sheet, LIBRARY, 80).plain()
    given_up = invented(tmp_path, COUPLED, budget=Budget(steps=1))
    assert (given_up.starts, given_up.undecided) == ({"ALL": None}, ("ALL",))
    assert "the solver gave up on who can enter it" in examples_page(given_up, LIBRARY, 80).plain()
