"""Witnesses: patients who show that conditions can hold together, and the record document they are written as."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from solver.engine.clauses import ConditionCache, clauses_in_force
from solver.engine.problem import pose
from solver.engine.witnesses.witness import REFERENCE_DAY, find_witness, replayed
from solver.errors import EngineError, InputError
from solver.language.domain import point
from solver.language.elaborate import compile_condition
from solver.language.tree import Condition, conjunction, disjunction, negation
from solver.language.values import Scope
from solver.library.load import default_encodings, load_trial
from solver.library.models import Trial
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record, record_from
from solver.patient.record import Context, Fact, Record
from solver.patient.write import exact_decimal, fact_document, record_document
from solver.smt.session import Budget
from solver.work import OutOfBudget
from tests.support.drawing import strategies
from tests.support.drawing.drawn import drawn
from tests.support.libraries.shipped import LIBRARY
from tests.support.records.worked import Json
from tests.support.twins.invented import DAYS, compile_world, holds_of_someone, worlds
from tests.support.twins.naive import TooLargeError, World

START = Record("witness", REFERENCE_DAY.toordinal(), {})
SHOWN = ("domain", "values", "date", "source")


def cohorts(trial: Trial) -> dict[str, list[Condition]]:
    """What must hold in each cohort."""
    bindings = clauses_in_force(trial, Context(), ConditionCache())
    return {
        name: [binding.conditions[name] for binding in bindings if name in binding.conditions]
        for name in trial.cohorts
    }


@given(strategies.records(LIBRARY))
@drawn(75)
def test_a_record_is_read_back_from_its_document(drawn: Json) -> None:
    """Day, context and all facts of any record are those of the document that is written of it."""
    record = record_from(drawn, LIBRARY)
    again = read_record(json.dumps(record_document(record, LIBRARY)), LIBRARY)
    assert (again.id, again.as_of, again.context) == (record.id, record.as_of, record.context)
    assert list(again.facts) == list(record.facts)
    for name, fact in record.facts.items():
        assert [getattr(again.facts[name], key) for key in SHOWN] == [getattr(fact, key) for key in SHOWN]


def test_a_document_uses_the_unit_of_the_variable() -> None:
    """A result is written in the unit of the vocabulary, or in another of its units where only that is exact."""
    facts = {
        "serum_creatinine": {"value": 884, "unit": "umol/L"},
        "weight": {"value": 61500, "unit": "g"},
        "corticosteroid_daily": {"value": 4, "unit": "mg/d", "drug": "dexamethasone"},
    }
    record = record_from({"as_of": "2026-01-01", "facts": facts}, LIBRARY)
    written = record_document(record, LIBRARY)["facts"]
    assert isinstance(written, dict)
    assert written["serum_creatinine"] == {"value": 10, "unit": "mg/dL"}
    assert written["weight"] == {"value": 61.5, "unit": "kg"}
    assert written["corticosteroid_daily"]["drug"] == "prednisone"
    one = record_from(
        {**record_document(record, LIBRARY), "facts": {"serum_creatinine": {"value": 71, "unit": "umol/L"}}},
        LIBRARY,
    )
    assert record_document(one, LIBRARY)["facts"] == {"serum_creatinine": {"value": 71, "unit": "umol/L"}}


def test_a_number_without_a_decimal_form_is_a_mean() -> None:
    """A third is written as three measurements; a number that no measurements give is refused."""
    weight = LIBRARY.variables["weight"]
    assert fact_document(Fact("weight", point(Fraction(100, 3)), ""), weight) == {
        "replicates": [34, 33, 33],
        "unit": "kg",
    }
    with pytest.raises(EngineError):
        fact_document(Fact("weight", point(Fraction(1, 10**9 + 7)), ""), weight)


@pytest.mark.parametrize(
    ("value", "written"), [(Fraction(1, 10), 0.1), (Fraction(12), 12), (Fraction(7, 8), 0.875)]
)
def test_decimals_are_written_exactly(value: Fraction, written: float) -> None:
    """What is written reads as the same number."""
    assert exact_decimal(value) == written
    assert Fraction(repr(exact_decimal(value))) == value


def test_a_third_is_no_decimal() -> None:
    """A number without a decimal form is not rounded."""
    with pytest.raises(ValueError, match="1/3"):
        exact_decimal(Fraction(1, 3))


@pytest.mark.parametrize("code", LIBRARY.trials)
def test_every_cohort_has_a_witness_that_is_eligible(code: str) -> None:
    """A witness of a cohort's clauses is matched as eligible, on few exact facts, none of which can be left out."""
    for name, conditions in cohorts(LIBRARY.trials[code]).items():
        found = find_witness(LIBRARY, conditions, START)
        assert found is not None
        assert all(fact.exact for fact in found.facts.values())
        answer = Matcher(LIBRARY).match(found, [code]).trials[0]
        assert answer.verdict == "eligible"
        assert {cohort.cohort: cohort.verdict for cohort in answer.cohorts}[name] == "eligible"
        for left_out in found.facts:
            facts = {other: fact for other, fact in found.facts.items() if other != left_out}
            problem = pose(LIBRARY, Record("fewer", found.as_of, facts))
            assert not all(problem.oracle.settle(condition) is True for condition in conditions)


@pytest.mark.parametrize("code", LIBRARY.trials)
def test_every_trial_has_a_small_witness_that_is_ineligible(code: str) -> None:
    """One or two facts are enough to keep a patient out of each trial."""
    whole = disjunction([conjunction(parts) for parts in cohorts(LIBRARY.trials[code]).values()])
    found = find_witness(LIBRARY, [negation(whole)], START)
    assert found is not None
    assert 1 <= len(found.facts) <= 2
    assert Matcher(LIBRARY).match(found, [code]).trials[0].verdict == "ineligible"


def test_a_witness_keeps_what_it_starts_from() -> None:
    """The facts of the start stand in the witness, and where they exclude the goals there is none."""
    goals = cohorts(LIBRARY.trials["ZPED"])["ALL"]
    given_ = {"id": "start", "as_of": "2026-01-01", "facts": {"sex": "F", "birth_date": "2019"}}
    start = record_from(given_, LIBRARY)
    found = find_witness(LIBRARY, goals, start)
    assert found is not None
    assert found.facts["sex"] == start.facts["sex"]
    assert found.facts["birth_date"].domain == start.facts["birth_date"].domain
    adult = record_from({**given_, "facts": {"birth_date": "1960-01-01"}}, LIBRARY)
    assert find_witness(LIBRARY, goals, adult) is None
    freed = find_witness(LIBRARY, goals, start, free=["birth_date"])
    assert freed is not None
    assert freed.facts["birth_date"].exact


def test_a_witness_that_proves_nothing_is_refused() -> None:
    """A record on which a goal is open, or false, is not taken for a witness."""
    goals = cohorts(LIBRARY.trials["ZPED"])["ALL"]
    with pytest.raises(EngineError):
        replayed(LIBRARY, goals, START)


@given(st.data())
@drawn(20)
def test_witnesses_in_invented_worlds(data: st.DataObject) -> None:
    """Wherever clauses can hold together, or fail together, there is a witness, by its own document, and it needs each of its facts."""
    world: World = data.draw(worlds())
    as_of: date = data.draw(st.sampled_from(DAYS))
    try:
        assume(holds_of_someone(world, as_of))
    except TooLargeError:
        assume(False)
    library = compile_world(world)
    start = Record("witness", as_of.toordinal(), {})
    for trial in library.trials.values():
        parts = [conjunction(conditions) for conditions in cohorts(trial).values()]
        for goal in (disjunction(parts), negation(disjunction(parts))):
            possible = pose(library, start).oracle.possible([goal]) is not None
            found = find_witness(library, [goal], start)
            assert (found is not None) is possible
            if found is not None:
                replayed(library, [goal], found)
                for left_out in found.facts:
                    facts = {name: fact for name, fact in found.facts.items() if name != left_out}
                    problem = pose(library, replace(found, facts=facts))
                    assert problem.inconsistent or problem.oracle.settle(goal) is not True


def test_giving_up_is_no_answer() -> None:
    """Where the solver is needed and its budget is too small, the search says so, and never that there is no witness."""
    scope = Scope({name: variable.type for name, variable in LIBRARY.variables.items()})
    count, number = "karnofsky", "lansky"
    text = f"{count} * {count} * {count} + {number} * {number} == 5 * {count} * {number} + 16 and {count} > 1"
    goals = [compile_condition(text, scope)]
    assert find_witness(LIBRARY, goals, START) is not None
    with pytest.raises(OutOfBudget):
        find_witness(LIBRARY, goals, START, budget=Budget(steps=1))


TRIAL = """\
trial: NCT00000001
code: {code}
title: An invented trial
intervention: nothing
recruitment: recruiting
criteria: full
sources:
  - {{id: S, text: none}}
cohorts:
  ALL: {{label: Everyone}}
clauses:
  - id: I1
    label: Grown up
    source: inclusion 1
    class: judgement
    changes: age
    require: {require}
"""


def test_a_trial_file_is_read_in_the_words_of_a_library(tmp_path: Path) -> None:
    """A single file has the library's definitions and policies, and may use a code that is taken."""
    file = tmp_path / "one.yaml"
    file.write_text(TRIAL.format(code="SAR", require="age >= 18 and first_dose >= as_of"), encoding="utf-8")
    trial = load_trial(file, LIBRARY)
    assert trial.code == "SAR"
    assert trial.clauses[0].policy == "judgement-met"
    assert LIBRARY.trials["SAR"].title != trial.title


@pytest.mark.parametrize("code", LIBRARY.trials)
def test_a_shipped_file_reads_as_the_library_has_it(code: str) -> None:
    """A trial's own file, read alone, gives the trial that the library holds."""
    file = default_encodings() / "trials" / f"{code.lower()}.yaml"
    assert load_trial(file, LIBRARY) == LIBRARY.trials[code]


def test_faults_of_a_single_trial_file_have_their_place(tmp_path: Path) -> None:
    """Each fault is a line with file, line and column."""
    file = tmp_path / "one.yaml"
    file.write_text(TRIAL.format(code="X", require="ages >= 18"), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_trial(file, LIBRARY)
    assert [line.partition(": ")[0] for line in caught.value.problems] == [f"{file}:17:14"]
    with pytest.raises(InputError, match="does not exist: check the path"):
        load_trial(tmp_path / "none.yaml", LIBRARY)
