"""Near limits: a mark where a settled clause that counts would stand otherwise with a slightly different result, and nothing more."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.engine.warnings.near_limits import DAYS, SHARE, NearLimits
from solver.language.domain import Interval, point
from solver.language.types import DateType, QuantityType
from solver.library.files.yaml_places import parse_document
from solver.library.models import Library
from solver.library.trial_files import compile_trial
from solver.matcher import Matcher
from solver.patient.readers.native.read import record_from
from solver.patient.record import Record
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from tests.support.drawing import strategies
from tests.support.drawing.drawn import drawn
from tests.support.records import worked
from tests.support.records.matchers import ReasonsAlone, Undated

ROOT = Path(__file__).parents[2]
AS_OF = "2026-11-20"

Marks = set[tuple[str, str]]


def marks(answer: MatchAnswer) -> Marks:
    """Pairs of a variable and a clause to whose limit it is near."""
    return {
        (warning.variable or "", clause)
        for warning in answer.warnings
        if warning.code == "near-limit"
        for clause in warning.clauses
    }


def found(library: Library, trial: str, **facts: Any) -> Marks:
    """The marks for a record with these facts and one trial."""
    record = record_from({"as_of": AS_OF, "facts": facts}, library)
    return marks(Undated(library).match(record, [trial]))


def kg(value: float) -> dict[str, object]:
    return {"value": value, "unit": "kg"}


@pytest.mark.parametrize(
    ("weight", "near"),
    [
        (kg(10), True),
        (kg(10.5), True),
        (kg(10.6), False),
        (kg(9.6), True),
        (kg(9.5), False),
        (kg(0.001), False),
    ],
)
def test_a_quantity_is_moved_by_five_per_cent(
    library: Library, weight: dict[str, object], near: bool
) -> None:
    """Whether the clause is met or blocks, it is marked exactly if a weight within 5 % stands otherwise against the limit of 10 kg."""
    assert (("weight", "SAR.I5") in found(library, "SAR", weight=weight)) is near


@pytest.mark.parametrize(
    ("born", "near"),
    [
        ("2008-11-20", True),  # 18 on the day of consent
        ("2008-11-14", True),
        ("2008-11-13", False),
        ("2008-11-21", True),  # 17
        ("2008-11-27", True),
        ("2008-11-28", False),
    ],
)
def test_a_date_is_moved_by_seven_days(library: Library, born: str, near: bool) -> None:
    """The limit of 18 years is marked for birthdays up to seven days away on either side."""
    assert (("birth_date", "RO.I0") in found(library, "RO", birth_date=born)) is near


def test_a_past_day_is_not_moved_beyond_the_day_of_evaluation(library: Library) -> None:
    """The event cannot be later than the day of evaluation, so that limit is none."""
    facts = {"prior_hsct_count": 1, "last_hsct_date": AS_OF}
    assert found(library, "RO", **facts) == set()
    assert found(library, "RO", **facts | {"last_hsct_date": "2026-08-22"}) == {("last_hsct_date", "RO.I2a")}


def test_results_that_others_are_derived_from_are_moved(library: Library) -> None:
    """A limit of a derived quantity is a limit of what it is derived from."""
    facts = {"qt": {"value": 400, "unit": "ms"}, "heart_rate": {"value": 97, "unit": "/min"}}
    assert found(library, "SAR", **facts) >= {("qt", "SAR.E13"), ("heart_rate", "SAR.E13")}


@pytest.mark.parametrize(
    "facts",
    [
        {"weight": {"min": 10, "max": 10.2, "unit": "kg"}},
        {"weight": {"one_of": [10, 10.2], "unit": "kg"}},
        {"ecog": 2},
    ],
    ids=["interval", "one of", "score"],
)
def test_only_exact_quantities_and_dates_are_moved(library: Library, facts: dict[str, Any]) -> None:
    """What is not known exactly has no place near a limit, and a score has no neighbours."""
    assert found(library, "SAR", **facts) == set()


def test_a_clause_that_other_facts_settle_too_is_not_marked(library: Library) -> None:
    """A result near a limit that does not matter is no mark."""
    facts = {
        "diagnosis": "AML",
        "disease_status": "relapsed",
        "remission_state": "none",
        "bm_blasts_pct": {"value": 5.1, "unit": "%"},
    }
    assert ("bm_blasts_pct", "RO.I1e") in found(library, "RO", **facts)
    assert found(library, "RO", **facts, pb_blasts_abs={"value": 3200, "unit": "/uL"}) == set()


def test_of_an_ineligible_patient_only_what_blocks_is_marked(library: Library) -> None:
    """A met clause of a trial that is closed for another reason is not marked."""
    weight = kg(10)
    assert found(library, "SAR", weight=weight) == {("weight", "SAR.I5")}
    assert found(library, "SAR", weight=weight, solid_organ_transplant=True) == set()


@pytest.mark.parametrize(
    ("trials", "clauses", "limits"),
    [
        (["K001"], ("K001.I1",), "limit of K001.I1"),
        (["K001", "RO"], ("K001.I1", "RO.I0"), "limits of K001.I1 and RO.I0"),
        (["K001", "RO", "K017"], ("K001.I1", "RO.I0", "K017.I1"), "limits of K001.I1, RO.I0 and K017.I1"),
    ],
)
def test_the_warning_names_the_result_and_its_clauses(
    library: Library, trials: list[str], clauses: tuple[str, ...], limits: str
) -> None:
    """One warning a result, with its text as recorded, however many clauses have a limit there."""
    record = record_from({"as_of": AS_OF, "facts": {"birth_date": "2008-11-20"}}, library)
    warnings = [w for w in Undated(library).match(record, trials).warnings if w.code == "near-limit"]
    assert [(w.variable, w.clauses, w.text) for w in warnings] == [
        ("birth_date", clauses, f"date of birth 2008-11-20 is within 7 days of the {limits}")
    ]


SOLVED = """
trial: NCT00000001
code: SOLVED
title: A trial whose clause only the solver settles
intervention: none
recruitment: unknown
criteria: full
sources: []
cohorts: {ALL: {label: All}}
clauses:
  - id: C
    label: Heavy enough, whatever the heart rate is
    source: invented
    class: objective
    changes: never
    require: weight >= 30 kg and (heart_rate >= 60 /min or heart_rate < 60 /min)
"""


@pytest.fixture(scope="module")
def solved(library: Library) -> Library:
    """The encodings with this trial."""
    return library.with_trial(compile_trial(parse_document(SOLVED, "solved.yaml"), library))


@pytest.mark.parametrize(("weight", "near"), [(40, False), (31, True), (30, True)])
def test_a_clause_that_only_the_solver_settles_is_marked_alike(
    solved: Library, weight: int, near: bool
) -> None:
    """Evaluation cannot settle it with any weight: only a weight near the limit is marked."""
    record = record_from({"as_of": AS_OF, "facts": {"weight": kg(weight)}}, solved)
    answer = Undated(solved).match(record, ["SOLVED"])
    assert answer.trials[0].verdict == "eligible"
    assert marks(answer) == ({("weight", "SOLVED.C")} if near else set())


@given(data=st.data())
@drawn(15)
def test_a_mark_never_changes_an_answer(library: Library, data: st.DataObject) -> None:
    """Without the search for marks, everything but the warnings about them is the same."""
    record = worked.read(data.draw(strategies.records(library)), library)
    answer = Matcher(library).match(record)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(NearLimits, "look", lambda *_: None)
        bare = Matcher(library).match(record)
    assert marks(bare) == set()
    kept = tuple(warning for warning in answer.warnings if warning.code != "near-limit")
    assert dataclasses.replace(answer, warnings=kept) == bare


def statuses(answer: TrialAnswer) -> dict[tuple[str, str | None], str]:
    """How each clause stands."""
    return {(clause.id, clause.cohort): clause.status for clause in answer.clauses}


def moved(library: Library, record: Record) -> Iterator[tuple[str, Record]]:
    """The record with each exact quantity and date moved to either end of what is near."""
    for name, fact in record.facts.items():
        variable, domain = library.variables[name], fact.domain
        if not isinstance(domain, Interval) or not domain.exact or domain.low == 0:
            continue
        if isinstance(variable.type, QuantityType):
            ends = [point(Fraction(domain.low) * factor) for factor in (1 - SHARE, 1 + SHARE)]
        elif isinstance(variable.type, DateType):
            latest = record.as_of if variable.past else record.as_of + 10_000
            ends = [point(min(int(domain.low) + step, latest), whole=True) for step in (-DAYS, DAYS)]
        else:
            continue
        for end in ends:
            facts = {**record.facts, name: dataclasses.replace(fact, domain=end)}
            yield name, dataclasses.replace(record, facts=facts)


@pytest.mark.parametrize("name", ["V08", "V10", "V22", "V36", "V59", "V60"])
def test_marks_are_what_a_second_match_shows(library: Library, name: str) -> None:
    """A clause that counts is marked for a result exactly if it stands otherwise with the result moved to an end of what is near."""
    case = next(case for case in worked.load("vignettes") if case["id"] == name)
    record = worked.read(worked.case_record(case), library)
    answer, matcher = Undated(library).match(record), ReasonsAlone(library)
    counted = {trial.code: set(counting(trial)) for trial in answer.trials}
    expected: Marks = set()
    for variable, other in moved(library, record):
        for before, after in zip(answer.trials, matcher.match(other).trials, strict=True):
            one, two = statuses(before), statuses(after)
            expected |= {(variable, key[0]) for key in counted[before.code] if one[key] != two.get(key)}
    assert marks(answer) == expected


def counting(trial: TrialAnswer) -> Iterator[tuple[str, str | None]]:
    """The settled clauses that count for a verdict, as answered."""
    closed = {cohort.cohort for cohort in trial.cohorts if cohort.verdict == "ineligible"}
    blocking = {name for conflict in trial.conflicts for name in conflict}
    for clause in trial.clauses:
        if trial.verdict == "ineligible":
            counts = clause.status == "not_met" and clause.id in blocking
        else:
            counts = clause.status == "met" and clause.cohort not in closed
        if counts:
            yield clause.id, clause.cohort
