"""Conflicts and contradictory clauses: each is one, none smaller is, and a clause more or less moves them one way."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from solver.engine.problem import pose
from solver.language.domain import Recorded, is_exact
from solver.language.tree import TRUE, variables
from solver.library.models import Trial
from solver.patient.record import Record
from solver.questions.match.answer import TrialAnswer
from tests.support.drawing.drawn import drawn
from tests.support.records import worked
from tests.support.records.laws import CODES, FEW, RANK, answered, check_deciding_sets, consistent_match
from tests.support.records.matchers import Undated
from tests.support.records.solved import LIBRARY, MATCHER, RECORDS, read
from tests.support.records.worked import Json
from tests.support.twins.semantics import Copies, goals, hitting_sets


def can_hold(copies: Copies, model: Trial, cohorts: Iterable[str], names: set[str]) -> bool | None:
    """Whether clauses can hold together in one of the cohorts, by a plain solver; None if it gave up."""
    found = {
        copies.possible(goals(model, copies.record, cohort, copies.domains, names)) for cohort in cohorts
    }
    return True if True in found else None if None in found else False


def check_conflicts(patient: Record, trial: TrialAnswer) -> None:
    """Each conflict is one, and a minimal one; without any of them all else can hold together."""
    model, copies = LIBRARY.trials[trial.code], Copies(LIBRARY, patient)
    found = [(list(model.cohorts), conflict) for conflict in trial.conflicts]
    found += [([cohort.cohort], conflict) for cohort in trial.cohorts for conflict in cohort.conflicts]
    for cohorts, conflict in found:
        assert can_hold(copies, model, cohorts, set(conflict)) is not True
        for name in conflict:
            assert can_hold(copies, model, cohorts, set(conflict) - {name}) is not False
    assert not trial.cut
    every = {clause.id for clause in model.clauses}
    for correction in hitting_sets(trial.conflicts, 3)[:3]:
        assert can_hold(copies, model, model.cohorts, every - correction) is not False


@drawn(30)
@given(RECORDS)
def test_P13_P14_P15_conflicts_are_sound_minimal_and_all_there_are(record: Json) -> None:
    """A plain solver agrees: clauses of a conflict cannot hold together, any fewer can, and so can all that hit no conflict.

    The last is completeness: a set of clauses that contains no listed conflict is satisfiable.
    """
    patient, answer = answered(record, plausible=True)
    for trial in answer.trials:
        if trial.verdict == "ineligible":
            check_conflicts(patient, trial)


def test_P14_a_conflict_of_two_clauses_needs_both() -> None:
    """Therapy-related MDS with escalation closed: neither the door nor the exclusion excludes alone."""
    patient = read(worked.case_record(next(c for c in worked.load("vignettes") if c["id"] == "V48")))
    (trial,) = MATCHER.match(patient, ["SAR"]).trials
    assert trial.conflicts == (("SAR.DX", "SAR.E15"),)
    check_conflicts(patient, trial)


@pytest.mark.slow
@drawn(150)
@given(RECORDS)
def test_exploration_of_conflicts_and_deciding_sets(record: Json) -> None:
    """As P13 to P15, P22 and P23, longer."""
    patient, answer = answered(record, plausible=True)
    for trial in answer.trials:
        if trial.verdict == "ineligible":
            check_conflicts(patient, trial)
        elif trial.verdict == "undetermined":
            check_deciding_sets(patient, trial)


@FEW
@given(RECORDS)
def test_P16_corrections_are_the_minimal_hitting_sets_of_the_conflicts(record: Json) -> None:
    """Dropping a minimal hitting set of the conflicts leaves none of them whole, and no smaller set does."""
    for trial in consistent_match(record).trials:
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
    for trial in consistent_match(record).trials:
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
    after, before = consistent_match(record), consistent_match(fewer)
    assume(not any(w.code == "implausible" for answer in (after, before) for w in answer.warnings))
    for one, other in zip(before.trials, after.trials, strict=True):
        for conflict in one.conflicts:
            assert any(set(conflict) >= set(smaller) for smaller in other.conflicts)


@pytest.mark.parametrize("code", sorted(LIBRARY.trials))
def test_P21_every_trial_can_be_entered_and_left(code: str) -> None:
    """A record with nothing in it decides no trial, and no clause but those that only say whether a cohort is open."""
    answer = MATCHER.match(worked.read({"id": "empty", "as_of": "2025-06-01"}, LIBRARY), [code])
    assert answer.trials[0].verdict == "undetermined"
    routing = {clause.id for clause in LIBRARY.trials[code].clauses if clause.routing}
    assert all(clause.status == "open" or clause.id in routing for clause in answer.trials[0].clauses)


@drawn(24)
@given(RECORDS)
def test_P18_a_conflict_of_several_clauses_has_a_cause(record: Json) -> None:
    """Clauses of one cohort that fail only together share an input that is open, or the theory links theirs."""
    answer = consistent_match(record)
    known = pose(LIBRARY, read(record)).known
    unknown = {
        name for name, domain in known.items() if not is_exact(domain) and not isinstance(domain, Recorded)
    }
    links = [variables(axiom.condition) & unknown for axiom in LIBRARY.axioms]
    for trial in answer.trials:
        clauses = {clause.id: clause for clause in LIBRARY.trials[trial.code].clauses}
        assert len(trial.cohorts) > 1 or trial.conflicts == trial.cohorts[0].conflicts
        for cohort in trial.cohorts:
            for conflict in cohort.conflicts:
                parts = [
                    frozenset(
                        name
                        for conditions in (clauses[each].conditions, *clauses[each].alternatives.values())
                        for name in variables((conditions or {}).get(cohort.cohort, TRUE))
                    )
                    & unknown
                    for each in conflict
                ]
                reached, left = set(parts[0]), [*parts[1:], *links]
                while near := [names for names in left if names & reached]:
                    left = [names for names in left if names not in near]
                    reached.update(*near)
                assert len(conflict) == 1 or all(part & reached for part in parts)


@drawn(24)
@given(RECORDS, st.sampled_from(CODES), st.data())
def test_P20_a_clause_less_never_hurts(record: Json, code: str, data: st.DataObject) -> None:
    """A trial without one of its clauses has no verdict further from eligible; a clause more moves none towards it."""
    trial = LIBRARY.trials[code]
    dropped = data.draw(st.sampled_from([clause for clause in trial.clauses if not clause.routing]))
    fewer = replace(trial, clauses=tuple(clause for clause in trial.clauses if clause is not dropped))
    library = replace(LIBRARY, trials={**LIBRARY.trials, code: fewer})
    before = consistent_match(record, code).trials[0]
    after = Undated(library).match(read(record), [code]).trials[0]
    assert RANK[after.verdict] >= RANK[before.verdict]
