"""The eleven example trials: each clause met, broken and unknown, labelled by hand from the registry text."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from solver.engine.case import Engine
from solver.engine.decision import Decision
from solver.library.files.yaml_places import read_document
from solver.library.load import load_library
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.questions.check.answer import Finding
from solver.questions.check.ask import check
from solver.questions.check.trial_view import Source
from tests.support.records.matchers import ReasonsAlone, decision_of
from tests.support.records.worked import Json, load

TRIALS = Path(__file__).parents[2] / "examples" / "trials"
NUMBERS = tuple(sorted(path.stem for path in TRIALS.glob("*.yaml")))
LISTS = ("conditions", "therapies", "findings")


@pytest.fixture(scope="module")
def library() -> Library:
    """The shipped encodings with the example trials beside them."""
    return load_library(add_trials=[TRIALS])


@pytest.fixture(scope="module")
def engine(library: Library) -> Engine:
    """What judges the cases, which say nothing of days, of the facts behind a clause, and of what is missing."""
    return Engine(library)


@cache
def patient(name: str) -> Json:
    """The record of one of the patients, seen on one day."""
    described = load("examples/patients")[name]
    start = patient(described["base"]) if "base" in described else {"as_of": "2026-11-20", "facts": {}}
    facts = {**start["facts"], **described.get("set", {})}
    return {**start, "facts": facts, "complete": described.get("complete", start.get("complete", []))}


def record_of(case: Json, clause: Json, change: Json, without: list[str]) -> Json:
    """The patient of a trial with what a clause and a variant change; a list that is taken out is not complete either."""
    found = copy.deepcopy(patient(clause.get("patient", case["patient"])))
    found["facts"] |= {**case.get("set", {}), **clause.get("set", {}), **change}
    for name in without:
        found["facts"].pop(name)
    found["complete"] = [name for name in found["complete"] if name not in without]
    return found


def variants(kind: str) -> list[object]:
    """A parameter for each variant of one kind: the trial, the clause, and the record."""
    found = []
    for number in NUMBERS:
        case = load(f"examples/{number}")
        for name, clause in case["clauses"].items():
            if kind != "open" and kind in clause:
                record = record_of(case, clause, clause[kind], [])
            elif kind == "open" and ("open" in clause or "unknown" in clause):
                record = record_of(case, clause, clause.get("open", {}), clause.get("unknown", []))
            else:
                continue
            found.append(pytest.param(number, name, clause.get("beside", []), record, id=f"{number}-{name}"))
    return found


def judged(number: str, record: Json, engine: Engine) -> tuple[Decision, set[frozenset[str]]]:
    """How a record stands to the trial of a number, and the conflicts."""
    read = read_record(json.dumps(record).encode(), engine.library, name="case")
    decision, conflicts = decision_of(engine, read, number)
    assert conflicts.complete
    return decision, set(map(frozenset, conflicts.subsets))


@pytest.mark.parametrize("number", NUMBERS)
def test_the_patient_of_a_trial_is_eligible(number: str, library: Library) -> None:
    """The patient whom the cases change meets every clause with logic: nothing conflicts, and nothing is missing."""
    record = record_of(load(f"examples/{number}"), {}, {}, [])
    read = read_record(json.dumps(record).encode(), library, name="case")
    (answer,) = ReasonsAlone(library).match(read, [number]).trials
    assert (answer.verdict, answer.conflicts, answer.deciding_sets) == ("eligible", (), ())


@pytest.mark.parametrize(("number", "clause", "beside", "record"), variants("met"))
def test_a_clause_that_is_met(
    number: str, clause: str, beside: list[str], record: Json, engine: Engine
) -> None:
    """At the edge of what the text admits the patient is eligible."""
    decision, conflicts = judged(number, record, engine)
    assert (decision.verdict, conflicts) == ("eligible", set())


@pytest.mark.parametrize(("number", "clause", "beside", "record"), variants("broken"))
def test_a_clause_that_is_broken(
    number: str, clause: str, beside: list[str], record: Json, engine: Engine
) -> None:
    """It alone excludes, but for the clauses that say the same, which the case names beside it."""
    decision, conflicts = judged(number, record, engine)
    wanted = {frozenset({f"{decision.trial.code}.{name}"}) for name in (clause, *beside)}
    assert decision.verdict == "ineligible"
    assert conflicts == wanted


@pytest.mark.parametrize(("number", "clause", "beside", "record"), variants("open"))
def test_a_clause_that_is_open(
    number: str, clause: str, beside: list[str], record: Json, engine: Engine
) -> None:
    """Without what it asks, or with what may be it, the patient is undetermined, and the clause is open."""
    decision, _ = judged(number, record, engine)
    assert decision.verdict == "undetermined"
    name = f"{decision.trial.code}.{clause}"
    assert None in {standing for (each, _), standing in decision.standings.items() if each == name}


@pytest.mark.parametrize("number", NUMBERS)
def test_every_clause_with_logic_has_its_cases(number: str, library: Library) -> None:
    """Each clause is shown broken and open; one without logic has no case."""
    trial = library.trial(number)
    assert trial is not None
    cases = load(f"examples/{number}")["clauses"]
    assert list(cases) == [clause.id.partition(".")[2] for clause in trial.clauses if not clause.opaque]
    assert not [
        name for name, each in cases.items() if "broken" not in each or not {"open", "unknown"} & each.keys()
    ]


def test_nearly_every_objective_clause_has_logic(library: Library) -> None:
    """More than 200 clauses, and 95 of 100 objective ones can be judged."""
    clauses = [
        clause for number in NUMBERS for clause in (library.trial(number) or pytest.fail(number)).clauses
    ]
    objective = [clause for clause in clauses if clause.judgement == "objective"]
    assert len(NUMBERS) == 11
    assert len(clauses) >= 200
    assert 100 * sum(not clause.opaque for clause in objective) >= 95 * len(objective)


def checked(numbers: Sequence[str], library: Library) -> list[Finding]:
    """What `match check` finds in some of the trials, notes and what the files acknowledge left out."""
    sources = []
    for number in numbers:
        trial = library.trial(number)
        assert trial is not None
        sources.append(Source(trial, read_document(TRIALS / f"{number}.yaml", number), number))
    return [f for f in check(library, sources).findings if f.severity != "note" and f.acknowledged is None]


SHORT = ("NCT02367456", "NCT02474290", "NCT03066466")


@pytest.mark.parametrize(
    "numbers", [SHORT, pytest.param(NUMBERS, marks=pytest.mark.slow)], ids=["short", "all"]
)
def test_nothing_is_found_in_the_trials_but_what_they_acknowledge(
    numbers: Sequence[str], library: Library
) -> None:
    """`match check` has no error and no warning: what looks odd is so in the source, and the file says why it stays."""
    assert checked(numbers, library) == []


def test_a_planned_first_dose_is_evidence_like_any_other_fact(library: Library) -> None:
    """It replaces the day of evaluation, the only day while none is planned: the conflict with it is proved."""
    facts = {
        "ecog": 0,
        "serum_creatinine": {"value": 0.7, "unit": "mg/dL"},
        "lvef": {"value": 40, "unit": "%", "date": "2025-10-14"},
        "fev1_pct": {"value": 70, "unit": "%"},
        "dlco_pct": {"value": 70, "unit": "%"},
        "bmi": {"value": 40, "unit": "kg/m2"},
        "birth_date": "1976-01-01",
        "weight": {"value": 90, "unit": "kg"},
        "planned_c1d1_date": "2026-01-15",
    }
    record = {
        "as_of": "2026-01-01",
        "facts": facts,
        "complete": ["conditions", "findings", "therapies"],
    }
    (answer,) = Matcher(library).match(read_record(record, library), ["NCT03151408"]).trials
    assert answer.verdict == "ineligible"
