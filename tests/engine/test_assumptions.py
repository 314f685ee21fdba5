"""Assumption policies: what `--assume` takes for granted, what it may change, and that an answer names what it rests on and no more."""

from __future__ import annotations

import copy
import io
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import cli
from solver.errors import InputError
from solver.language.types import BooleanType
from solver.library.load import load_library
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.patient.record import Record
from solver.questions.explain.page import explanation
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from solver.questions.match.page import report
from solver.smt.session import Budget
from tests.support.drawing.drawn import drawn
from tests.support.drawing.policies import CHOSEN, COVERED, POLICIES, POLICY, charts
from tests.support.drawing.strategies import records
from tests.support.libraries.shipped import LIBRARY
from tests.support.libraries.small_library import TRIAL, VOCABULARY, folder
from tests.support.records import worked
from tests.support.records.matchers import Undated, decisions_of
from tests.support.records.worked import Json

ROOT = Path(__file__).parents[2]
CHART = ROOT / "examples" / "short-chart.json"
GOLDEN = Path(__file__).parent / "golden"

OVER_CLAUSES = tuple(name for name, policy in LIBRARY.policies.items() if policy.covers == "clauses")
MATCHER = Undated(LIBRARY)
MATCHERS = {
    chosen: Undated(LIBRARY, assume=chosen)
    for size in range(len(POLICIES) + 1)
    for chosen in combinations(POLICIES, size)
}
RECORDS = records(LIBRARY)
FEW = drawn(12)
CLAUSES = {clause.id: clause for trial in LIBRARY.trials.values() for clause in trial.clauses}
EITHER = st.one_of(charts(), RECORDS)


def read(record: Json) -> Record:
    """The record as the program reads it."""
    return worked.read(record, LIBRARY)


def chart(library: Library = LIBRARY) -> Record:
    """The example of a chart that says little of the past."""
    return read_record(CHART, library)


def verdicts(answer: MatchAnswer) -> dict[str, str]:
    """The verdict on each trial."""
    return {trial.code: trial.verdict for trial in answer.trials}


def written(record: Json, names: Iterable[str]) -> Json:
    """The record with these variables recorded as absent."""
    found = copy.deepcopy(record)
    for name in names:
        found["facts"][name] = False if isinstance(LIBRARY.variables[name].type, BooleanType) else 0
    return found


def subject(assumption: str) -> str:
    """The variable or the clause that an assumption is about."""
    return assumption.partition(":")[2]


def with_exactly(record: Json, code: str, assumptions: Iterable[str], cohort: str | None = None) -> str:
    """The verdict with these assumptions, found without policies: the facts are written in, and the clauses struck out."""
    subjects = {subject(each) for each in assumptions}
    trial = LIBRARY.trials[code]
    clauses = tuple(clause for clause in trial.clauses if clause.id not in subjects)
    library = replace(LIBRARY, trials={code: replace(trial, clauses=clauses)})
    decision = decisions_of(Matcher(library), read(written(record, subjects & LIBRARY.variables.keys())))[
        code
    ]
    if decision is None:
        return "withheld"
    return decision.verdict if cohort is None else decision.cohorts[cohort]


def named(trial: TrialAnswer) -> set[str]:
    """Every assumption that an answer on a trial names."""
    found = {*trial.assuming, *(name for cohort in trial.cohorts for name in cohort.assuming)}
    found.update(name for clause in trial.clauses for name in clause.assumptions)
    found.update(name for conflict in trial.joint_conflicts for name in conflict.assumptions)
    return found


# --- the data


def test_the_known_clauses_are_those_of_the_clinical_reading() -> None:
    """`not-known` covers the clauses that say "known", and no others."""
    covered = {name for name, clause in CLAUSES.items() if clause.policy == "not-known"}
    assert covered == {"SAR.E5a", "SAR.E5b", "SAR.E5c", "SAR.E14a", "UC.E5", "RO.E11b"}


def test_judgement_and_consent_are_covered_by_their_class() -> None:
    """Every clause of class judgement, or attestation, is covered by its policy, and nothing else is."""
    by_class = {"judgement": "judgement-met", "attestation": "consent-given"}
    for clause in CLAUSES.values():
        if clause.policy != "not-known":
            assert clause.policy == by_class.get(clause.judgement)


def test_only_the_past_is_taken_as_absent() -> None:
    """No result, no judgement, no statement and nothing hidden is covered; what is, is true or false, or a count."""
    judged = {
        name
        for clause in CLAUSES.values()
        if clause.judgement in ("judgement", "attestation") and clause.id != "RO.E10a"
        for name in LIBRARY.variables
        if name in " ".join(clause.logic.values()).replace("(", " ").split()
    }
    covered = {name for name in COVERED if LIBRARY.variables[name].policy == "history-absent"}
    assert covered == set(COVERED)
    assert {"prior_car_t", "prior_hsct_count", "hepatitis_history", "cns_leukemia_history"} <= covered
    assert covered.isdisjoint(judged - {"down_syndrome"})
    assert covered.isdisjoint({"received_soc", "cns_leukemia_active", "apl", "pregnant", "salvage_attempts"})
    assert all(LIBRARY.variables[name].requested for name in covered)


SMOKER = "label: smoker, changes: stop,"
GRADE = "changes: treat, about: A grade."
JUDGED = """\
  - {id: J1, label: Fit, source: S 5, class: judgement, changes: treat, require: smoker}
"""
FAULTS = [
    (
        {"vocabulary/all.yaml": VOCABULARY.replace(SMOKER, f"{SMOKER} policy: abcent,")},
        "vocabulary/all.yaml:24:73: unknown policy 'abcent'; did you mean 'absent'?",
    ),
    (
        {"vocabulary/all.yaml": VOCABULARY.replace(SMOKER, f"{SMOKER} policy: judged,")},
        "vocabulary/all.yaml:24:73: the policy 'judged' covers clauses, not variables",
    ),
    (
        {"vocabulary/all.yaml": VOCABULARY.replace("unit: kg\n", "unit: kg\n    policy: absent\n")},
        "vocabulary/all.yaml:5:13: a policy covers what is true or false, or a count; 'weight' is a quantity in kg",
    ),
    (
        {"vocabulary/all.yaml": VOCABULARY.replace(SMOKER, f"{SMOKER} policy: absent, requested: false,")},
        "vocabulary/all.yaml:24:73: 'smoker' is never asked for, so that no policy can cover it",
    ),
    (
        {"vocabulary/all.yaml": VOCABULARY.replace(SMOKER, f"{SMOKER} mentioned_by: [grade],")},
        "vocabulary/all.yaml:24:79: 'mentioned_by' is for variables with a policy",
    ),
    (
        {
            "vocabulary/all.yaml": VOCABULARY.replace(
                SMOKER, f"{SMOKER} policy: absent, mentioned_by: [graed, smoker],"
            )
        },
        "vocabulary/all.yaml:24:96: unknown variable 'graed'; did you mean 'grade'?\n"
        "vocabulary/all.yaml:24:103: 'smoker' is the variable itself",
    ),
    (
        {"trials/one.yaml": TRIAL.replace("    source: S 3\n", "    source: S 3\n    policy: absent\n")},
        "trials/one.yaml:44:13: the policy 'absent' covers variables, not clauses",
    ),
    (
        {"trials/one.yaml": TRIAL.replace("    source: S 4\n", "    source: S 4\n    policy: known\n")},
        "trials/one.yaml:51:13: an opaque clause has no logic, and no policy counts it as met",
    ),
    (
        {"trials/one.yaml": TRIAL + JUDGED.replace("require", "policy: known, require")},
        "trials/one.yaml:54:81: 'judged' covers this clause already, as one of class judgement",
    ),
    (
        {"theory/policies.yaml": POLICY.replace("id: known", "id: absent")},
        "theory/policies.yaml:4:10: the policy 'absent' is declared twice",
    ),
    (
        {"theory/policies.yaml": POLICY.replace("id: known", "id: plausible")},
        "theory/policies.yaml:4:10: 'plausible' names the plausible ranges: choose another id",
    ),
    (
        {
            "theory/policies.yaml": POLICY.replace(
                "covers: clauses}", "covers: clauses, classes: [judgement]}"
            )
        },
        "theory/policies.yaml:4:100: clauses of class judgement are covered by 'judged' already",
    ),
    (
        {
            "theory/policies.yaml": POLICY.replace(
                "covers: variables}", "covers: variables, classes: [judgement]}"
            )
        },
        "theory/policies.yaml:2:101: only a policy that covers clauses has classes",
    ),
    (
        {"theory/policies.yaml": POLICY.replace("id: known", "id: Not Known")},
        "theory/policies.yaml:4:10: 'Not Known' is not a valid id: it must match ^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
    ),
]


@pytest.mark.parametrize(("files", "message"), FAULTS, ids=range(len(FAULTS)))
def test_a_fault_names_its_place(tmp_path: Path, files: dict[str, str], message: str) -> None:
    """What is wrong with a policy, or with what it should cover, is an error with file, line and column."""
    with pytest.raises(InputError) as caught:
        load_library(folder(tmp_path, {"theory/policies.yaml": POLICY, **files}), cached=False)
    lines = [line.removeprefix(f"{tmp_path / 'own'}/") for line in caught.value.problems]
    assert lines == message.splitlines()


# --- a small library, in which absence can also exclude


SMALL_CLAUSES = """\
clauses:
  - {id: I1, label: Smokes, source: S 1, class: objective, changes: stop, require: smoker}
  - {id: I2, label: Low grade, source: S 2, class: objective, changes: treat, require: grade <= 2}
  - {id: J1, label: Fit, source: S 3, class: judgement, changes: treat, require: weight >= 50 kg}
"""


def small_library(
    where: Path, axioms: str = "", *, clauses: str = SMALL_CLAUSES, cohorts: str = ""
) -> Library:
    """A trial of one cohort, or more, in which being a smoker and the grade can be taken as absent."""
    vocabulary = VOCABULARY.replace(SMOKER, f"{SMOKER} policy: absent,").replace(
        GRADE, f"policy: absent, {GRADE}"
    )
    head = TRIAL.partition("readings:")[0].replace("  B: {label: Second}\n", cohorts)
    files = {
        "vocabulary/all.yaml": vocabulary,
        "theory/policies.yaml": POLICY + axioms,
        "trials/one.yaml": head + clauses,
    }
    return load_library(folder(where, files), cached=False)


@pytest.fixture
def small(tmp_path: Path) -> Library:
    """A trial of one cohort that wants smokers with a low grade, and a judgement."""
    return small_library(tmp_path)


def small_answer(small: Library, *policies: str, **facts: Any) -> TrialAnswer:
    """The answer of the small library to a record with these facts."""
    record = read_record({"as_of": "2026-11-20", "facts": facts}, small)
    return Matcher(small, assume=policies).match(record).trials[0]


def test_a_conflict_names_the_absence_it_rests_on(small: Library) -> None:
    """What is taken as absent may exclude; the clause then shows the assumption and no fact."""
    answer = small_answer(small, "absent")
    assert (answer.verdict, answer.conflicts, answer.assuming) == ("ineligible", (("ONE.I1",),), ())
    clause = answer.clauses[0]
    assert (clause.status, clause.facts, clause.assumptions) == ("not_met", (), ("absent:smoker",))


def test_what_is_recorded_or_implied_is_not_assumed(small: Library) -> None:
    """A drug that implies smoking keeps it from being taken as absent."""
    answer = small_answer(small, "absent", drugs=["morphine"])
    assert answer.clauses[0].facts == ("drugs",)
    assert answer.verdict == "undetermined"
    assert answer.deciding_sets == (("weight",),)


def test_a_verdict_names_what_it_needs(small: Library) -> None:
    """An absent count and a judgement make the trial eligible together, and both are named."""
    answer = small_answer(small, "absent", "judged", smoker=True)
    assert (answer.verdict, answer.assuming) == ("eligible", ("absent:grade", "judged:ONE.J1"))
    assert answer.cohorts[0].assuming == answer.assuming
    assert str(answer) == "ONE eligible, assuming: absent:grade; judged:ONE.J1"


def test_a_judgement_that_is_settled_stays_as_it_is(small: Library) -> None:
    """A clause that the facts fail is not counted as met."""
    light = {"value": 40, "unit": "kg"}
    answer = small_answer(small, "judged", smoker=True, grade=1, weight=light)
    assert (answer.verdict, answer.conflicts) == ("ineligible", (("ONE.J1",),))


def test_what_stays_open_is_asked_without_what_is_covered(small: Library) -> None:
    """An undetermined trial asks for the clauses that are left open besides those counted as met."""
    answer = small_answer(small, "judged", smoker=True)
    assert (answer.verdict, answer.deciding_sets) == ("undetermined", (("grade",),))
    assert [item.variable for item in answer.missing] == ["grade"]
    judged = answer.clauses[-1]
    assert (judged.status, judged.assumptions) == ("met", ("judged:ONE.J1",))


def test_what_cannot_be_absent_together_is_taken_one_after_another(tmp_path: Path) -> None:
    """Where the theory wants one of two, the first of the vocabulary is taken as absent and the other stays open."""
    axiom = """\
axioms:
  - {id: A9, label: Something is wrong, source: nobody, require: smoker or grade >= 1}
"""
    library = small_library(tmp_path, axiom)
    record = read_record({"as_of": "2026-11-20", "facts": {"drugs": []}}, library)
    answer = Matcher(library, assume="absent").match(record)
    assert (answer.consistent, answer.assumed) == (True, ("smoker",))
    assert answer.trials[0].conflicts == (("ONE.I1",),)


def test_an_assumption_that_another_makes_needless_is_not_named(tmp_path: Path) -> None:
    """One clause holds by either of two absences, the next by one of them: only that one is needed."""
    clauses = """\
clauses:
  - {id: I1, label: One of two, source: S 1, class: objective, changes: stop, require: grade == 0 or not smoker}
  - {id: I2, label: No grade, source: S 2, class: objective, changes: treat, require: grade == 0}
"""
    library = small_library(tmp_path, clauses=clauses)
    answer = small_answer(library, "absent")
    assert {name for clause in answer.clauses for name in clause.assumptions} == {
        "absent:grade",
        "absent:smoker",
    }
    assert (answer.verdict, answer.assuming) == ("eligible", ("absent:grade",))


def test_a_trial_that_is_settled_has_nothing_counted(tmp_path: Path) -> None:
    """Where one cohort takes the patient anyway, a judgement that another waits for stays open."""
    clauses = """\
clauses:
  - {id: J1, label: Fit, source: S 3, class: judgement, changes: treat, cohorts: [A], require: weight >= 50 kg}
  - {id: I2, label: A grade, source: S 2, class: objective, changes: treat, cohorts: [B], require: grade >= 0}
"""
    library = small_library(tmp_path, clauses=clauses, cohorts="  B: {label: Second}\n")
    answer = small_answer(library, "judged")
    assert (answer.verdict, answer.assuming) == ("eligible", ())
    assert [(cohort.verdict, cohort.assuming) for cohort in answer.cohorts] == [
        ("undetermined", ()),
        ("eligible", ()),
    ]
    assert answer.clauses[0].status == "open"


def test_cohorts_may_need_different_things(tmp_path: Path) -> None:
    """Each cohort names what it needs, and the trial no more than one of them."""
    clauses = """\
clauses:
  - {id: J1, label: Fit, source: S 3, class: judgement, changes: treat, cohorts: [A], require: weight >= 50 kg}
  - {id: I2, label: No grade, source: S 2, class: objective, changes: treat, cohorts: [B], require: grade == 0}
"""
    library = small_library(tmp_path, clauses=clauses, cohorts="  B: {label: Second}\n")
    answer = small_answer(library, "judged", "absent")
    assert [(cohort.verdict, cohort.assuming) for cohort in answer.cohorts] == [
        ("undetermined", ()),
        ("eligible", ("absent:grade",)),
    ]
    assert answer.assuming == ("absent:grade",)
    other = small_answer(library, "judged")
    assert [(cohort.verdict, cohort.assuming) for cohort in other.cohorts] == [
        ("eligible", ("judged:ONE.J1",)),
        ("undetermined", ()),
    ]


def test_clauses_that_exclude_each_other_are_not_counted_away(tmp_path: Path) -> None:
    """A judgement that cannot be met together with another clause keeps its cohort ineligible."""
    clauses = """\
clauses:
  - {id: J1, label: Heavy, source: S 3, class: judgement, changes: treat, require: weight >= 90 kg}
  - {id: I2, label: Light, source: S 2, class: objective, changes: treat, require: weight <= 80 kg}
"""
    answer = small_answer(small_library(tmp_path, clauses=clauses), "judged")
    assert (answer.verdict, answer.conflicts) == ("ineligible", (("ONE.I2", "ONE.J1"),))
    assert [clause.status for clause in answer.clauses] == ["open", "open"]


# --- what a policy means on the six trials


@pytest.mark.parametrize(
    ("facts", "left_out"),
    [
        ({"last_hsct_date": "2025-01"}, {"prior_hsct_count", "prior_allo_hsct_count"}),
        ({"prior_hsct_count": 1}, {"prior_allo_hsct_count", "immunosuppression_ever"}),
        ({"prior_allo_hsct_count": 1}, {"immunosuppression_ever"}),
        ({"car_t_date": "2025-01"}, {"prior_car_t", "prior_cellular_therapy", "prior_anti_cd123"}),
        ({"prior_car_t": True}, {"prior_cd123_car", "prior_anti_cd123"}),
        ({"prior_drugs": ["UCART123"]}, {"prior_car_t", "prior_anti_cd123"}),
        ({"prior_drugs": ["tagraxofusp"]}, {"prior_anti_cd123"}),
        ({"anti_cd20_last_date": "2026-01-05"}, {"anti_cd20_ever"}),
        ({"active_hbv": True}, {"hepatitis_history"}),
        ({"other_malignancy": True}, {"therapy_related_mds"}),
        ({"therapy_related_mds": True}, {"other_malignancy"}),
        ({"immunosuppression_ever": True}, {"autoimmune_systemic_is"}),
        ({"immunosuppression_current": True}, {"autoimmune_systemic_is"}),
        ({"immunosuppression_stop_date": "2024-03-01"}, {"autoimmune_systemic_is"}),
        (
            {"corticosteroid_daily": {"value": 5, "unit": "mg/d", "drug": "prednisone"}},
            {"autoimmune_systemic_is"},
        ),
        (
            {"corticosteroid_daily": {"max": 20, "unit": "mg/d", "drug": "prednisone"}},
            {"autoimmune_systemic_is"},
        ),
        ({"prior_hsct_count": {"max": 2}}, {"prior_hsct_count", "prior_allo_hsct_count"}),
        ({"prior_drugs": ["an unknown drug"]}, {"anti_cd20_ever", "prior_car_t", "prior_anti_cd123"}),
    ],
    ids=lambda each: " ".join(sorted(each)),
)
def test_what_a_chart_mentions_is_not_taken_as_absent(facts: Json, left_out: set[str]) -> None:
    """A recorded date, a drug, a consequence or a vague count keep what they speak of from being assumed."""
    record = json.loads(CHART.read_text(encoding="utf-8"))
    assert left_out <= set(Matcher(LIBRARY, assume="history-absent").match(read(record)).assumed)
    record["facts"].update(facts)
    assert left_out.isdisjoint(Matcher(LIBRARY, assume="history-absent").match(read(record)).assumed)


def test_a_recorded_no_mentions_nothing() -> None:
    """No allograft, no other malignancy and a steroid dose of 0 on record keep nothing else from being taken as absent."""
    record = json.loads(CHART.read_text(encoding="utf-8"))
    record["facts"].update(prior_hsct_count=0, other_malignancy=False, gvhd_active=False)
    record["facts"].update(immunosuppression_current=False)
    assert record["facts"]["corticosteroid_daily"]["value"] == 0
    assumed = Matcher(LIBRARY, assume="history-absent").match(read(record)).assumed
    assert {"immunosuppression_ever", "therapy_related_mds", "autoimmune_systemic_is"} <= set(assumed)


def test_an_infection_is_never_taken_as_absent() -> None:
    """It is examined today, and a chart of last month is silent on it."""
    record = json.loads(CHART.read_text(encoding="utf-8"))
    assert "active_infection" not in Matcher(LIBRARY, assume="history-absent").match(read(record)).assumed


def test_the_short_chart_needs_every_policy() -> None:
    """Under all four policies three trials become eligible, each naming what it assumes; under fewer they stay open."""
    assert verdicts(MATCHER.match(chart()))["RO"] == "undetermined"
    for chosen, matcher in MATCHERS.items():
        found = verdicts(matcher.match(chart()))
        assert (found["RO"] == "eligible") is ({*POLICIES} - {*chosen} <= {"not-known"}), chosen
        assert (found["SAR"] == "eligible") is ({*POLICIES} - {*chosen} <= {"consent-given"}), chosen
    answer = MATCHERS[POLICIES].match(chart())
    assumptions = dict(answer.assumptions)
    for trial in answer.trials:
        assert set(trial.assuming) <= assumptions.keys()
    assert (
        assumptions["history-absent:prior_cellular_therapy"]
        == "prior cellular therapy: taken as absent, since it is not recorded (history-absent)"
    )
    assert (
        assumptions["not-known:SAR.E5c"]
        == "SAR.E5c No SARS-CoV-2 infection: counted as met, since nothing is known of it (not-known)"
    )


def test_a_known_clause_is_met_without_saying_that_nothing_is_there() -> None:
    """`not-known` counts the clause as met, and leaves the infection itself unknown to the others."""
    record = json.loads((ROOT / "examples" / "several-trials.json").read_text(encoding="utf-8"))
    for name in ("active_infection", "infection_uncontrolled", "on_antimicrobials_for_active_infection"):
        del record["facts"][name]
    answer = Matcher(LIBRARY, assume="not-known").match(read(record))
    found = {trial.code: trial for trial in answer.trials}
    assert (found["UC"].verdict, found["UC"].assuming) == ("eligible", ("not-known:UC.E5",))
    assert found["RO"].verdict == "undetermined"
    assert found["RO"].deciding_sets == (
        ("infection_uncontrolled", "on_antimicrobials_for_active_infection"),
    )


def test_what_was_eligible_by_itself_assumes_nothing() -> None:
    """A trial that every completion satisfies says nothing of assumptions."""
    record = read_record(ROOT / "examples" / "several-trials.json", LIBRARY)
    plain, under = MATCHER.match(record), MATCHERS[POLICIES].match(record)
    assert verdicts(plain) == verdicts(under)
    assert all(trial.assuming == () for trial in under.trials)


# --- laws


@FEW
@given(EITHER)
def test_without_a_policy_nothing_changes(record: Json) -> None:
    """No policies is what there was before there were any, and no answer names an assumption of one."""
    answer = MATCHER.match(read(record))
    assert MATCHERS[()].match(read(record)) == answer
    assert (answer.policies, answer.assumed) == ((), ())
    for trial in answer.trials:
        assert trial.assuming == ()
        assert not any(name.partition(":")[0] in POLICIES for name in named(trial))


@FEW
@given(EITHER, CHOSEN)
def test_a_policy_never_takes_an_eligible_verdict_away(record: Json, chosen: tuple[str, ...]) -> None:
    """What is eligible or ineligible stays so under any policies, in every cohort, and consistency is not touched."""
    plain, under = MATCHER.match(read(record)), MATCHERS[chosen].match(read(record))
    assert under.contradictions == plain.contradictions
    for one, other in zip(plain.trials, under.trials, strict=True):
        for before, after in [(one, other), *zip(one.cohorts, other.cohorts, strict=True)]:
            assert before.verdict in ("undetermined", after.verdict)


@FEW
@given(EITHER, CHOSEN)
def test_a_policy_over_clauses_only_makes_eligible(record: Json, chosen: tuple[str, ...]) -> None:
    """Counting clauses as met changes undetermined into eligible and nothing else, whatever else is assumed."""
    others = tuple(name for name in chosen if name not in OVER_CLAUSES)
    before, after = MATCHERS[others].match(read(record)), MATCHERS[chosen].match(read(record))
    assert before.assumed == after.assumed
    for one, other in zip(before.trials, after.trials, strict=True):
        assert (one.verdict, other.verdict) == ("undetermined", "eligible") or one.verdict == other.verdict
        assert one.conflicts == other.conflicts


@FEW
@given(EITHER)
def test_a_policy_over_variables_writes_facts(record: Json) -> None:
    """The answer is that for the record with the absent variables written in as such."""
    under = MATCHERS[("history-absent",)].match(read(record))
    assume(under.consistent)
    facts = MATCHER.match(read(written(record, under.assumed)))
    assert facts.consistent
    for one, other in zip(under.trials, facts.trials, strict=True):
        for part in ("verdict", "conflicts", "deciding_sets", "missing", "readings", "notices", "cut"):
            assert getattr(one, part) == getattr(other, part), part
        assert [cohort.verdict for cohort in one.cohorts] == [cohort.verdict for cohort in other.cohorts]
        assert [clause.status for clause in one.clauses] == [clause.status for clause in other.clauses]


@FEW
@given(EITHER)
def test_everything_that_can_be_taken_as_absent_is(record: Json) -> None:
    """What is covered and not assumed is recorded, mentioned, or known by the theory; nothing recorded is assumed."""
    answer = MATCHERS[("history-absent",)].match(read(record))
    assume(answer.consistent)
    facts = read(record).facts
    assert facts.keys().isdisjoint(answer.assumed)
    for name in set(COVERED) - set(answer.assumed) - facts.keys():
        mentioned = {other for other in LIBRARY.variables[name].mentioned_by if other in facts}
        implied = MATCHER.match(read(written(record, [name])))
        opposite: Any = True if isinstance(LIBRARY.variables[name].type, BooleanType) else {"min": 1}
        settled = MATCHER.match(read({**record, "facts": {**record["facts"], name: opposite}}))
        through = LIBRARY.linked[name] & facts.keys()
        assert mentioned or through or not implied.consistent or not settled.consistent


@FEW
@given(EITHER, CHOSEN)
def test_an_assumption_that_is_named_is_in_force_and_covers_its_subject(
    record: Json, chosen: tuple[str, ...]
) -> None:
    """Every assumption of a policy belongs to one that was asked for, covers what it names, and has its sentence where it mattered."""
    answer = MATCHERS[chosen].match(read(record))
    assert answer.policies == chosen
    texts = dict(answer.assumptions)
    for trial in answer.trials:
        for name in named(trial):
            policy = name.partition(":")[0]
            if policy == "plausible":
                continue
            assert policy in chosen
            if LIBRARY.policies[policy].covers == "variables":
                assert subject(name) in answer.assumed
                assert LIBRARY.variables[subject(name)].policy == policy
            else:
                assert CLAUSES[subject(name)].policy == policy
        assert set(trial.assuming) <= texts.keys()
        assert not trial.assuming or trial.verdict == "eligible"
        for clause in trial.clauses:
            assert set(clause.facts) <= read(record).facts.keys()


@FEW
@given(charts(), CHOSEN)
def test_the_dates_follow_the_verdict(record: Json, chosen: tuple[str, ...]) -> None:
    """Under policies too, a patient who is eligible today is so from today on, and no other is."""
    answer = Matcher(LIBRARY, assume=chosen).match(read(record))
    for trial in answer.trials:
        if trial.dates is not None:
            assert (trial.verdict == "eligible") is (trial.dates.eligible_from == answer.as_of)


@drawn(20)
@given(charts(), CHOSEN)
def test_none_of_the_assumptions_can_be_left_out(record: Json, chosen: tuple[str, ...]) -> None:
    """With what a verdict names it is eligible, and without any one of these it is not: for the trial and for each cohort."""
    answer = MATCHERS[chosen].match(read(record))
    assume(answer.consistent)
    for trial in answer.trials:
        sets = [(None, trial.assuming), *((each.cohort, each.assuming) for each in trial.cohorts)]
        for cohort, assuming in sets:
            if assuming:
                assert with_exactly(record, trial.code, assuming, cohort) == "eligible"
            for name in assuming:
                fewer = [other for other in assuming if other != name]
                assert with_exactly(record, trial.code, fewer, cohort) != "eligible"


@drawn(8)
@given(charts(), CHOSEN)
def test_the_enumerating_twin_agrees(record: Json, chosen: tuple[str, ...]) -> None:
    """Over all sets of assumptions: the verdict is eligible if some set makes it so, and the set that is named is a minimal one."""
    plain, answer = MATCHER.match(read(record)), MATCHERS[chosen].match(read(record))
    assume(answer.consistent)
    for before, after in zip(plain.trials, answer.trials, strict=True):
        if before.verdict != "undetermined":
            continue
        mentioned = {
            name
            for clause in LIBRARY.trials[after.code].clauses
            for logic in clause.logic.values()
            for name in answer.assumed
            if name in logic
        }
        candidates = [LIBRARY.variables[name].assumption for name in answer.assumed if name in mentioned]
        candidates += [
            CLAUSES[clause.id].assumption
            for clause in before.clauses
            if clause.status == "open" and CLAUSES[clause.id].policy in chosen
        ]
        candidates = list(dict.fromkeys([*candidates, *after.assuming]))
        if len(candidates) > 8:
            continue
        enough = [
            frozenset(some)
            for size in range(len(candidates) + 1)
            for some in combinations(candidates, size)
            if with_exactly(record, after.code, some) == "eligible"
        ]
        minimal = [one for one in enough if not any(other < one for other in enough)]
        if after.verdict == "eligible":
            assert frozenset(after.assuming) in minimal
        else:
            assert not minimal


@drawn(8)
@given(charts(), CHOSEN)
def test_giving_up_never_makes_a_patient_eligible(record: Json, chosen: tuple[str, ...]) -> None:
    """A solver that may take one step calls nobody eligible whom the whole answer does not."""
    whole = MATCHERS[chosen].match(read(record))
    short = Undated(LIBRARY, assume=chosen, search=False, budget=Budget(steps=1)).match(read(record))
    for one, other in zip(whole.trials, short.trials, strict=True):
        assert other.verdict in (one.verdict, "undetermined", "unresolved")
        for before, after in zip(one.cohorts, other.cohorts, strict=False):
            assert after.verdict in (before.verdict, "undetermined", "unresolved")


# --- as a user sees it


@pytest.mark.parametrize(
    "given_", ["judgment-met", ["history-absent", "judgment-met"], "history-absent, judgment-met"]
)
def test_an_unknown_policy_is_an_input_error(given_: str | list[str]) -> None:
    """The message names the nearest policy."""
    with pytest.raises(
        InputError, match=r"^'judgment-met' is not a known policy; did you mean 'judgement-met'\?$"
    ):
        Matcher(LIBRARY, assume=given_)


def test_a_library_without_policies_says_so(tmp_path: Path) -> None:
    """Encodings need not have a policy."""
    library = load_library(folder(tmp_path), cached=False)
    with pytest.raises(InputError, match=r"^'x' is not a known policy: these encodings have no policy$"):
        Matcher(library, assume="x")


Run = tuple[int, str, str]


def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Run:
    """What a run of the command line gives."""
    monkeypatch.setattr(sys, "argv", ["match", *arguments])
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.setenv("COLUMNS", "80")
    code = cli.main()
    return code, *capfd.readouterr()


@pytest.mark.parametrize("verb", [(), ("explain",)])
def test_a_wrong_name_ends_with_exit_code_2(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, verb: tuple[str, ...]
) -> None:
    """One line names the option and the nearest policy; an empty list names them all."""
    wrong = run(capfd, monkeypatch, *verb, str(CHART), "--assume", "history-absnt")
    assert wrong == (
        2,
        "",
        "error: --assume: 'history-absnt' is not a known policy; did you mean 'history-absent'?\n",
    )
    nothing = run(capfd, monkeypatch, *verb, str(CHART), "--assume", ",")
    assert nothing == (2, "", f"error: --assume: names no policy: the policies are {', '.join(POLICIES)}\n")


def test_policies_can_be_listed_or_given_one_by_one(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A comma list, the option several times and any order are one and the same."""
    one = run(capfd, monkeypatch, str(CHART), "--assume", "judgement-met,history-absent", "--format", "json")
    other = run(
        *(capfd, monkeypatch, str(CHART), "--format", "json"),
        *("--assume", "history-absent", "--assume", "judgement-met", "--assume", "history-absent"),
    )
    assert one == other
    assert one[0] == 0
    assert json.loads(one[1])["policies"] == ["history-absent", "judgement-met"]


def test_the_document_names_what_it_assumes(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`assuming` stands with each trial and cohort, and each sentence in `assumptions`; without policies it is empty."""
    code, out, _ = run(capfd, monkeypatch, str(CHART), "--format", "json", "--assume", ",".join(POLICIES))
    document = json.loads(out)
    texts = {item["id"]: item["text"] for item in document["assumptions"]}
    trial = next(each for each in document["trials"] if each["code"] == "SAR")
    assert code == 0
    assert "judgement-met:SAR.I2n" in trial["assuming"]
    assert trial["cohorts"][0]["assuming"] == trial["assuming"]
    assert trial["cohorts"][2]["assuming"] == []
    assert set(trial["assuming"]) <= texts.keys()
    plain = json.loads(run(capfd, monkeypatch, str(CHART), "--format", "json")[1])
    assert plain["policies"] == []
    assert all(each["assuming"] == [] for each in plain["trials"])


SHOWN = [
    ("table", ("history-absent",), ("RO", "SAR", "UC")),
    ("table", POLICIES, ()),
    ("explain", POLICIES, ("RO",)),
    ("explain", ("history-absent", "judgement-met"), ("SAR",)),
]


@pytest.mark.parametrize(
    ("view", "chosen", "trials"),
    SHOWN,
    ids=lambda value: value if isinstance(value, str) else "-".join(value) or "all",
)
def test_the_report_is_as_reviewed(view: str, chosen: tuple[str, ...], trials: tuple[str, ...]) -> None:
    """At 80 columns it is the reviewed one, and no line is wider. UPDATE_GOLDEN=1 writes it again."""
    answer = Matcher(LIBRARY, assume=chosen).match(chart(), trials or None, repairs=view == "explain")
    page = (report if view == "table" else explanation)(answer, chart(), LIBRARY, 80)
    text = page.plain()
    assert max(map(len, text.splitlines())) <= 80
    path = GOLDEN / f"{view}-{'-'.join(trials) or 'all'}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_no_report_is_left_over() -> None:
    """Every expected report belongs to one that is shown."""
    names = {f"{view}-{'-'.join(trials) or 'all'}" for view, _, trials in SHOWN}
    assert {path.stem for path in GOLDEN.iterdir()} == names
