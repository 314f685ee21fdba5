"""What a verdict may say: it has its reason, agrees with random completions, and moves with knowledge, cohorts and readings alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from solver.evaluation.evaluate import evaluate
from solver.language.domain import is_exact
from solver.language.types import BooleanType
from solver.patient.record import Context
from solver.questions.match.answer import MatchAnswer
from solver.smt.session import Budget
from tests.support.drawing.drawn import WIDER, drawn
from tests.support.drawing.strategies import exact_facts
from tests.support.records import worked
from tests.support.records.laws import (
    DECIDED,
    DEFINED,
    FEW,
    RANK,
    SEEDS,
    SOME,
    answered,
    consistent_match,
    learned,
    match_man,
    of,
    reasons,
    verdicts,
)
from tests.support.records.matchers import Undated
from tests.support.records.solved import (
    BY_SOLVER,
    CONTRADICTORY,
    DATED,
    LIBRARY,
    MATCHER,
    RECORDS,
    UNDATED,
    match,
    read,
)
from tests.support.records.worked import Json
from tests.support.twins import semantics
from tests.support.twins.semantics import Completions, Copies, formula, hitting_sets, satisfied

ONE_STEP = Budget(steps=1)


@drawn(75)
@given(SOME)
def test_P01_exactly_one_verdict_holds_and_brings_its_reason(record: Json) -> None:
    """Withheld goes with contradictions, ineligible with conflicts, undetermined with deciding sets, and nothing else does.

    A cohort's verdict fits its trial's. Only a planned first dose, which is not asked for, can leave a verdict without a deciding set.
    """
    answer = match(record)
    dose = record["facts"].get("planned_c1d1_date")
    vague_dose = dose is not None and not (isinstance(dose, str) and len(dose) == len("2025-06-01"))
    assert answer.consistent is (answer.contradictions == ())
    for trial in answer.trials:
        assert trial.verdict in ("eligible", "ineligible", "undetermined", "withheld")
        assert (trial.verdict == "withheld") is (not answer.consistent)
        assert (trial.verdict == "ineligible") is bool(trial.conflicts)
        assert trial.verdict == "undetermined" or not trial.deciding_sets
        assert trial.verdict != "undetermined" or trial.deciding_sets or trial.cut or vague_dose
        assert all(trial.deciding_sets)
        parts = {cohort.verdict for cohort in trial.cohorts}
        assert (trial.verdict == "ineligible") is (parts == {"ineligible"})
        assert "eligible" not in parts or trial.verdict == "eligible"


def check_completions(record: Json, seed: int, count: int) -> None:
    """No completion drawn at random speaks against a verdict, a cohort's verdict, a clause's status or a deciding set."""
    patient, answer = read(record), match(record)
    points = list(Completions(LIBRARY, patient, seed).some(count))
    assert answer.consistent or not points
    for trial in answer.trials:
        model = LIBRARY.trials[trial.code]
        found = [satisfied(model, patient, point) for point in points]
        for cohort in trial.cohorts:
            check_verdict(cohort.verdict, [each[cohort.cohort] for each in found])
        check_verdict(trial.verdict, [any(each.values()) for each in found])
        for decided in trial.deciding_sets:
            seen: dict[Any, bool] = {}
            for point, each in zip(points, found, strict=True):
                outcome = any(each.values())
                assert seen.setdefault(tuple(point[name] for name in decided), outcome) is outcome
        for clause in trial.clauses:
            cohort = clause.cohort or next(
                c for c in model.cohorts if clause.id in semantics.clauses(model, patient, c)
            )
            condition = semantics.clauses(model, patient, cohort)[clause.id]
            door = semantics.door(model, patient, cohort)
            truths = {evaluate(condition, {**point, **door}) for point in points}
            assert clause.status != "met" or truths <= {True}
            assert clause.status != "not_met" or truths <= {False}


def check_verdict(verdict: str, outcomes: list[bool]) -> None:
    """All completions satisfy an eligible cohort or trial, none an ineligible one."""
    assert verdict != "eligible" or all(outcomes)
    assert verdict != "ineligible" or not any(outcomes)


@drawn(60)
@given(SOME, SEEDS)
def test_P02_no_completion_speaks_against_an_answer(record: Json, seed: int) -> None:
    """Verdicts, clauses and deciding sets hold on every completion; a contradictory record has none."""
    check_completions(record, seed, 12)


@pytest.mark.parametrize("name", sorted(worked.load("patients")))
def test_P02_no_completion_of_a_worked_patient_with_half_the_facts_speaks_against_an_answer(
    name: str,
) -> None:
    """As before with many completions, of a worked patient of whom every second fact is missing."""
    record = worked.patient(name)
    for fact in list(record["facts"])[::2]:
        del record["facts"][fact]
    check_completions(record, 7, 120 * WIDER)


@drawn(60)
@given(RECORDS, SEEDS, st.data())
def test_P03_learning_more_never_changes_a_decided_verdict(
    record: Json, seed: int, data: st.DataObject
) -> None:
    """Facts added from a completion leave eligible eligible and ineligible ineligible, and each conflict has a part that stays one."""
    patient, answer = answered(record, plausible=True)
    point = Completions(LIBRARY, patient, seed).draw()
    assume(point is not None)
    assert point is not None
    unknown = sorted(
        name
        for name, domain in semantics.domains(LIBRARY, patient).items()
        if name in LIBRARY.variables and name not in DEFINED and not is_exact(domain)
    )
    assume(unknown)
    names = data.draw(st.lists(st.sampled_from(unknown), min_size=1, max_size=30, unique=True))
    more = match(learned(record, point, names))
    assert more.consistent
    for before, after in zip(answer.trials, more.trials, strict=True):
        assert before.verdict not in DECIDED or after.verdict == before.verdict
        for conflict in before.conflicts:
            assert any(set(other) <= set(conflict) for other in after.conflicts)


@drawn(75)
@given(RECORDS, st.data())
def test_P04_forgetting_only_opens_verdicts(record: Json, data: st.DataObject) -> None:
    """Without some facts a verdict stays or becomes undetermined."""
    _, answer = answered(record, plausible=True)
    kept = DEFINED | {"planned_c1d1_date"}
    names = sorted(record["facts"].keys() - kept)
    gone = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=10, unique=True))
    less = match(worked.changed(record, {"unset": gone}))
    assert less.consistent
    for before, after in zip(answer.trials, less.trials, strict=True):
        assert after.verdict in (before.verdict, "undetermined")


@drawn(40)
@given(CONTRADICTORY, st.data())
def test_P05_a_contradiction_stays_whatever_is_added(record: Json, data: st.DataObject) -> None:
    """Every superset of a contradictory record is contradictory, and each contradiction contains one that stays."""
    answer = match(record)
    assume(not answer.consistent)
    known = {name for name, fact in record["facts"].items() if fact is not None}
    new = sorted(LIBRARY.variables.keys() - known - DEFINED - {"planned_c1d1_date"})
    names = data.draw(st.lists(st.sampled_from(new), max_size=10, unique=True))
    added = {name: data.draw(exact_facts(LIBRARY, name)) for name in names}
    more = match(worked.changed(record, {"set": added}))
    assert not more.consistent
    for contradiction in answer.contradictions:
        assert any(set(other) <= set(contradiction) for other in more.contradictions)


@drawn(40)
@given(CONTRADICTORY, st.data())
def test_P05_one_fact_less_in_each_contradiction_restores_consistency(
    record: Json, data: st.DataObject
) -> None:
    """Contradictions are all there are, and are minimal: a hitting set of them mends the record, and nothing smaller does."""
    answer = match(record)
    assume(not answer.consistent)
    assert answer.contradictions_complete
    mends = hitting_sets(answer.contradictions, 4)
    assume(mends)
    gone = data.draw(st.sampled_from([sorted(mend) for mend in mends]))
    assume(not DEFINED & set(gone))
    assert match(worked.changed(record, {"unset": gone})).consistent
    for name in gone:
        fewer = [other for other in gone if other != name]
        assert not match(worked.changed(record, {"unset": fewer})).consistent


@drawn(30)
@given(CONTRADICTORY)
def test_P06_nothing_follows_from_a_contradiction(record: Json) -> None:
    """Every verdict on a contradictory record is withheld, with no reason given, by the evaluator and by the solver alone."""
    for matcher in (DATED, BY_SOLVER):
        answer = match(record, matcher=matcher)
        assume(not answer.consistent)
        for trial in answer.trials:
            assert trial.verdict == "withheld"
            assert not trial.published_only
            for name in ("cohorts", "conflicts", "deciding_sets", "clauses", "readings"):
                assert getattr(trial, name) == ()


def test_P06_eligibility_would_follow_if_it_were_asked_first() -> None:
    """Of a pregnant man neither that he is taken nor that he is not can hold: only consistency, asked first, keeps eligible away."""
    record = read(worked.case_record(next(c for c in worked.load("vignettes") if c["id"] == "V71")))
    copies, trial = Copies(LIBRARY, record), LIBRARY.trials["SAR"]
    pregnancy = [axiom.condition for axiom in LIBRARY.axioms if axiom.id == "B02"]
    for truth in (True, False):
        asked = formula(trial, record, copies.domains, truth=truth)
        assert copies.possible([asked, *pregnancy]) is False
    assert set(verdicts(MATCHER.match(record)).values()) == {"withheld"}


@drawn(40)
@given(RECORDS, st.data())
def test_P07_a_case_split_agrees_with_the_whole(record: Json, data: st.DataObject) -> None:
    """A verdict is decided exactly if it is the same, and decided, in both cases of an unknown yes-or-no variable that can be."""
    _, answer = answered(record)
    unknown = [
        name
        for name, variable in LIBRARY.variables.items()
        if isinstance(variable.type, BooleanType) and not isinstance(record["facts"].get(name), bool)
    ]
    name = data.draw(st.sampled_from(unknown))
    cases = [match(worked.changed(record, {"set": {name: value}})) for value in (True, False)]
    possible = [verdicts(case) for case in cases if case.consistent]
    assert possible
    for code, verdict in verdicts(answer).items():
        parts = {case[code] for case in possible}
        assert verdict == (parts.pop() if len(parts) == 1 else "undetermined")


SUPPORTED = [
    ("relapsed-man", "RO"),
    ("relapsed-man", "SAR"),
    ("relapsed-man", "UC"),
    ("relapsed-man", "K001"),
    ("mds-man", "SAR"),
    ("toddler", "SAR"),
    ("kmt2a-child", "ZPED"),
    ("npm1-woman", "K017"),
    ("molecular-man", "RO"),
    ("b-all-child-after-car-t", "SAR"),
]


@pytest.mark.parametrize(("patient", "code"), SUPPORTED)
def test_P08_absence_is_not_a_negative(patient: str, code: str) -> None:
    """Without a fact an eligible patient stays eligible only if no value of it would exclude: null never counts as no.

    So for each fact that can be missed, every completion drawn at random without it is eligible as well.
    """
    record = worked.patient(patient)
    assert verdicts(match(record))[code] == "eligible"
    needed = []
    for name in record["facts"]:
        without = worked.changed(record, {"set": {name: None}})
        answer = MATCHER.match(read(without), [code])
        assert answer.trials[0].verdict in ("eligible", "undetermined")
        assert read(without) == read(worked.changed(record, {"unset": [name]}))
        if answer.trials[0].verdict == "eligible":
            patient = read(without)
            points = Completions(LIBRARY, patient, 3).some(4 * WIDER)
            assert all(any(satisfied(LIBRARY.trials[code], patient, p).values()) for p in points)
        else:
            needed.append(name)
            assert answer.trials[0].deciding_sets
    assert needed


@drawn(60)
@given(SOME)
def test_the_evaluator_and_the_solver_give_the_same_answer(record: Json) -> None:
    """With the search for completions off, so that the solver answers every open question, nothing in the answer changes."""
    assert match(record, matcher=UNDATED) == match(record, matcher=BY_SOLVER)


@drawn(30)
@given(SOME)
def test_reasons_do_not_depend_on_the_facts_behind_a_clause(record: Json) -> None:
    """Where nobody asks on which facts a clause rests, the answer is what it is otherwise without them."""
    whole = [
        replace(trial, clauses=tuple(replace(each, facts=(), assumptions=()) for each in trial.clauses))
        for trial in match(record, matcher=UNDATED).trials
    ]
    assert list(match(record).trials) == whole


@drawn(40)
@given(SOME, st.booleans())
def test_a_solver_that_gives_up_never_changes_a_definite_answer(record: Json, search: bool) -> None:
    """With a budget of one step a verdict is unresolved or what it is otherwise, and what is listed is so; cut lists say so."""
    patient = read(record)
    full, cut = match(record), Undated(LIBRARY, budget=ONE_STEP, search=search).match(patient)
    assert full.consistent or set(verdicts(cut).values()) <= {"withheld", "unresolved"}
    assert set(cut.contradictions) <= set(full.contradictions)
    for whole, part in zip(full.trials, cut.trials, strict=True):
        assert part.verdict in (whole.verdict, "unresolved")
        cohorts = {each.cohort: each for each in whole.cohorts}
        for each in part.cohorts:
            assert each.verdict in (cohorts[each.cohort].verdict, "unresolved")
        for name in ("conflicts", "deciding_sets"):
            assert set(getattr(part, name)) <= set(getattr(whole, name))
            assert name in part.cut or getattr(part, name) == getattr(whole, name)
        told = {(clause.id, clause.cohort): clause.status for clause in whole.clauses}
        for clause in part.clauses:
            assert clause.status in (told[clause.id, clause.cohort], "open")


@pytest.mark.slow
@settings(max_examples=1500)
@given(SOME, SEEDS)
def test_exploration_of_completions(record: Json, seed: int) -> None:
    """As P02, longer."""
    check_completions(record, seed, 30)


@pytest.mark.slow
@settings(max_examples=2000)
@given(SOME)
def test_exploration_of_both_evaluators(record: Json) -> None:
    """As for the evaluator and the solver, longer."""
    assert match(record, matcher=UNDATED) == match(record, matcher=BY_SOLVER)


def under(record: Json, context: Context) -> MatchAnswer:
    """The answer for a record in another context."""
    return MATCHER.match(replace(read(record), context=context))


@FEW
@given(RECORDS)
def test_P20_more_clauses_never_help(record: Json) -> None:
    """Switching secondary sources on moves no verdict towards eligible."""
    context = read(record).context
    without = under(
        record, replace(context, readings=context.readings - {"AMB-K017-2"}, secondary_sources=False)
    )
    assume(without.consistent)
    more = under(record, replace(context, secondary_sources=True))
    for one, other in zip(without.trials, more.trials, strict=True):
        assert RANK[other.verdict] <= RANK[one.verdict]


@FEW
@given(RECORDS)
def test_P31_a_trial_is_the_union_of_its_cohorts(record: Json) -> None:
    """A trial is ineligible exactly if every cohort is, and eligible if some cohort is."""
    for trial in consistent_match(record).trials:
        verdicts = {cohort.verdict for cohort in trial.cohorts}
        assert (trial.verdict == "ineligible") is (verdicts == {"ineligible"})
        assert "eligible" not in verdicts or trial.verdict == "eligible"


@FEW
@given(RECORDS, st.sampled_from(["SAR", "UC", "K001"]), st.data())
def test_P32_opening_a_cohort_never_hurts(record: Json, code: str, data: st.DataObject) -> None:
    """Closing cohorts moves no verdict towards eligible, and no other trial's at all."""
    cohorts = list(LIBRARY.trials[code].cohorts)
    left = data.draw(st.sets(st.sampled_from(cohorts)))
    context = read(record).context
    every = replace(context, open_cohorts={})
    some = replace(context, open_cohorts={code: frozenset(left)})
    before, after = under(record, every), under(record, some)
    assume(before.consistent)
    for one, other in zip(before.trials, after.trials, strict=True):
        if one.code == code:
            assert RANK[other.verdict] <= RANK[one.verdict]
        else:
            assert reasons(one) == reasons(other)


@drawn(25)
@given(low=st.integers(0, 30000), width=st.integers(0, 15000))
def test_P29_an_interval_is_judged_by_its_points(low: int, width: int) -> None:
    """An interval of blast counts is eligible (ineligible) exactly if both its ends are, as the limit is one threshold."""
    high = low + width
    interval = of(match_man({"pb_blasts_abs": {"min": low, "max": high, "unit": "/uL"}}), "RO").verdict
    ends = {of(match_man({"pb_blasts_abs": {"value": v, "unit": "/uL"}}), "RO").verdict for v in (low, high)}
    assert interval == (ends.pop() if len(ends) == 1 else "undetermined")


SWITCHED = [
    (code, reading.id)
    for code, trial in LIBRARY.trials.items()
    for reading in trial.readings.values()
    if reading.switch
]


@drawn(40)
@given(RECORDS, st.sampled_from(SWITCHED))
def test_P57_a_reading_is_told_exactly_where_it_changes_the_verdict(
    record: Json, switched: tuple[str, str]
) -> None:
    """The verdict under the other reading, asked for by switching it, is shown if it is another, and not shown if it is the same."""
    code, reading = switched
    one = consistent_match(record, code)
    patient = read(record)
    other = replace(patient.context, readings=patient.context.readings ^ {reading})
    found = MATCHER.match(replace(patient, context=other), [code]).trials[0]
    shown = {each.id: (each.verdict, each.conflicts) for each in one.trials[0].readings}
    if found.verdict == one.trials[0].verdict:
        assert reading not in shown
    else:
        assert shown[reading] == (found.verdict, found.conflicts)
