"""More of the logical properties: what adding clauses, opening cohorts, switching readings and moving facts may do to an answer."""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from solver.patient.record import Context
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from tests.support import solved, strategies
from tests.support.differential import Undated
from tests.support.drawn import drawn
from tests.support.solved import LIBRARY, MATCHER, RECORDS, read
from tests.support.worked import Json

FEW = drawn(15)
RANK = {"ineligible": 0, "undetermined": 1, "eligible": 2}


def match(record: Json) -> MatchAnswer:
    """The answer for a consistent record; others are passed over."""
    answer = solved.match(record)
    assume(answer.consistent)
    return answer


def under(record: Json, context: Context) -> MatchAnswer:
    """The answer for a record in another context."""
    return MATCHER.match(replace(read(record), context=context))


def reasons(trial: TrialAnswer) -> tuple[Any, ...]:
    """What an answer says of one trial, without the facts behind it."""
    return trial.verdict, trial.conflicts, trial.deciding_sets


@FEW
@given(RECORDS)
def test_P16_corrections_are_the_minimal_hitting_sets_of_the_conflicts(record: Json) -> None:
    """Dropping a minimal hitting set of the conflicts leaves none of them whole, and no smaller set does."""
    for trial in match(record).trials:
        conflicts = [frozenset(conflict) for conflict in trial.conflicts]
        clauses = sorted(frozenset().union(*conflicts))
        assume(len(clauses) <= 8)
        hitting = [
            frozenset(chosen)
            for size in range(len(clauses) + 1)
            for chosen in combinations(clauses, size)
            if all(conflict & set(chosen) for conflict in conflicts)
        ]
        minimal = [one for one in hitting if not any(other < one for other in hitting)]
        again = [
            frozenset(chosen)
            for size in range(len(clauses) + 1)
            for chosen in combinations(clauses, size)
            if all(set(chosen) & one for one in minimal)
        ]
        if conflicts:
            assert {one for one in again if not any(other < one for other in again)} == set(conflicts)


@FEW
@given(RECORDS)
def test_P17_a_failed_clause_is_a_conflict_by_itself_and_in_no_other(record: Json) -> None:
    """In a trial of one cohort the clauses that are not met are exactly the conflicts of one clause."""
    for trial in match(record).trials:
        if len(trial.cohorts) == 1:
            failed = {clause.id for clause in trial.clauses if clause.status == "not_met"}
            assert {c[0] for c in trial.conflicts if len(c) == 1} == failed
            assert all(failed.isdisjoint(c) for c in trial.conflicts if len(c) > 1)


@FEW
@given(RECORDS, st.data())
def test_P19_conflicts_are_inherited(record: Json, data: st.DataObject) -> None:
    """Knowledge can shrink a conflict but never make it vanish."""
    names = sorted(record["facts"])
    assume(names)
    fewer = copy.deepcopy(record)
    for name in data.draw(st.sets(st.sampled_from(names), min_size=1, max_size=4)):
        del fewer["facts"][name]
    after, before = match(record), match(fewer)
    assume(not any(w.code == "implausible" for answer in (after, before) for w in answer.warnings))
    for one, other in zip(before.trials, after.trials, strict=True):
        for conflict in one.conflicts:
            assert any(set(conflict) >= set(smaller) for smaller in other.conflicts)


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
def test_P25_P57_what_is_asked_for_can_be_answered(record: Json) -> None:
    """A deciding set names unknown or vague inputs, never lists or what is not asked for; a reading is told only if it matters."""
    answer = match(record)
    facts = read(record).facts
    for trial in answer.trials:
        for name in {name for each in trial.deciding_sets for name in each}:
            assert LIBRARY.variables[name].requested
            assert name not in facts or not facts[name].exact
        assert all(reading.verdict != trial.verdict for reading in trial.readings)


@FEW
@given(RECORDS)
def test_P31_a_trial_is_the_union_of_its_cohorts(record: Json) -> None:
    """A trial is ineligible exactly if every cohort is, and eligible if some cohort is."""
    for trial in match(record).trials:
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


@FEW
@given(strategies.records(LIBRARY))
def test_P35_what_the_taxonomy_entails_adds_nothing(record: Json) -> None:
    """Recording what a recorded drug or allele already implies changes no answer."""
    drugs, alleles = record["facts"].get("prior_drugs"), record["facts"].get("hla_a_alleles")
    added: Json = {}
    if isinstance(drugs, list) and any("UCART123" in drug for drug in drugs):
        added |= {"prior_car_t": True, "prior_cellular_therapy": True, "prior_anti_cd123": True}
    if isinstance(alleles, list) and any("A*02" in allele for allele in alleles):
        added["hla_a02"] = True
    assume(added and not added.keys() & record["facts"].keys())
    before = match(record)
    after = match({**record, "facts": {**record["facts"], **added}})
    assert [reasons(trial) for trial in before.trials] == [reasons(trial) for trial in after.trials]


@FEW
@given(RECORDS, st.sampled_from(["NL", "CA", "BR"]))
def test_P38_only_two_countries_matter(record: Json, country: str) -> None:
    """One country that no clause names is as good as another."""
    one = match({**record, "facts": {**record["facts"], "country": "US"}})
    other = match({**record, "facts": {**record["facts"], "country": country}})
    assert [reasons(trial) for trial in one.trials] == [reasons(trial) for trial in other.trials]


@FEW
@given(RECORDS, st.sampled_from(sorted(LIBRARY.trials)))
def test_P39_a_trial_does_not_depend_on_the_others(record: Json, code: str) -> None:
    """Asked alone, a trial has the answer that it has among all."""
    answer = match(record)
    alone = MATCHER.match(read(record), [code]).trials[0]
    assert reasons(alone) == next(reasons(trial) for trial in answer.trials if trial.code == code)


@FEW
@given(RECORDS, st.randoms(use_true_random=False))
def test_P46_the_order_of_facts_is_nothing(record: Json, random: Any) -> None:
    """A record with its facts in another order has the same answer."""
    names = list(record["facts"])
    random.shuffle(names)
    assert match({**record, "facts": {name: record["facts"][name] for name in names}}) == match(record)


@pytest.mark.parametrize(
    ("name", "better", "worse"),
    [
        ("weight", {"value": 80, "unit": "kg"}, {"value": 40, "unit": "kg"}),
        ("serum_creatinine", {"value": 0.8, "unit": "mg/dL"}, {"value": 2.4, "unit": "mg/dL"}),
        ("pb_blasts_abs", {"value": 900, "unit": "/uL"}, {"value": 30000, "unit": "/uL"}),
        ("qtcf", {"value": 430, "unit": "ms"}, {"value": 490, "unit": "ms"}),
    ],
)
@drawn(6)
@given(record=RECORDS)
def test_P44_a_better_result_never_hurts(record: Json, name: str, better: Json, worse: Json) -> None:
    """More weight, less creatinine, fewer blasts and a shorter QTcF move no verdict away from eligible."""
    facts = {key: value for key, value in record["facts"].items() if key not in ("wbc", "pb_blasts_pct")}
    assume(facts.get("remission_state") in ("none", None) or name != "pb_blasts_abs")
    good = match({**record, "facts": {**facts, name: better}})
    bad = match({**record, "facts": {**facts, name: worse}})
    for one, other in zip(good.trials, bad.trials, strict=True):
        assert RANK[other.verdict] <= RANK[one.verdict]


@cache
def one_clause(code: str, name: str) -> Undated:
    """What answers for a trial of one clause, as it is in a trial of the library."""
    trial = LIBRARY.trials[code]
    alone = replace(trial, clauses=tuple(clause for clause in trial.clauses if clause.id == name))
    return Undated(replace(LIBRARY, trials={code: alone}))


@drawn(12)
@given(RECORDS, st.randoms(use_true_random=False))
def test_P53_P54_the_facts_of_a_clause_force_it_and_none_can_be_left_out(record: Json, random: Any) -> None:
    """With the cited facts alone a settled clause stands as told; with one of them less it does not."""
    answer = match(record)
    assume(not any(warning.code == "implausible" for warning in answer.warnings))
    whole = read(record)

    def standing(code: str, name: str, cohort: str | None, facts: tuple[str, ...]) -> str:
        kept = replace(whole, facts={key: fact for key, fact in whole.facts.items() if key in facts})
        trial = one_clause(code, name).match(kept).trials[0]
        return next(c.status for c in trial.clauses if (c.id, c.cohort) == (name, cohort))

    for trial in answer.trials:
        for clause in random.sample(trial.clauses, min(4, len(trial.clauses))):
            if clause.status == "open" or clause.assumptions:
                continue
            assert standing(trial.code, clause.id, clause.cohort, clause.facts) == clause.status
            for fact in clause.facts:
                if not {"weight", "qt", "qtcf", "wbc"} & set(clause.facts):
                    fewer = tuple(other for other in clause.facts if other != fact)
                    assert standing(trial.code, clause.id, clause.cohort, fewer) == "open", (clause, fact)
