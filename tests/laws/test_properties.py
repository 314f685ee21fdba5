"""The logical properties of the answers, on records drawn at random; named and numbered as in the list of properties."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from solver.evaluation.evaluate import evaluate
from solver.language.domain import Interval, Recorded, is_exact
from solver.language.types import BooleanType, DateType, QuantityType
from solver.library.load import load_library
from solver.matcher import Matcher
from solver.patient.record import Record
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from solver.report.json import answer_document
from solver.smt.session import Budget
from tests.support import semantics, worked
from tests.support.differential import Undated
from tests.support.drawn import drawn
from tests.support.semantics import Completions, Copies, formula, goals, hitting_sets, satisfied
from tests.support.solved import BY_SOLVER, CONTRADICTORY, DATED, LIBRARY, MATCHER, RECORDS, match, read
from tests.support.strategies import exact_facts
from tests.support.worked import Json

ROOT = Path(__file__).parents[2]
ONE_STEP = Budget(steps=1)
AGAIN = load_library()

SEEDS = st.integers(0, 10**6)
SOME = st.one_of(RECORDS, CONTRADICTORY)

DEFINED = frozenset({"qtcf", "qt", "heart_rate", "pb_blasts_abs", "wbc", "pb_blasts_pct", "weight"})
"""Variables on which the theory says less once they are recorded: recording or forgetting them is more than a matter of knowledge."""

DECIDED = ("eligible", "ineligible")


def verdicts(answer: MatchAnswer) -> dict[str, str]:
    """The verdict on each trial."""
    return {trial.code: trial.verdict for trial in answer.trials}


def implausible(answer: MatchAnswer) -> bool:
    """Whether something recorded lies, or is known to lie, outside a plausible range."""
    return any(warning.code == "implausible" for warning in answer.warnings)


def answered(record: Json, *, plausible: bool = False) -> tuple[Record, MatchAnswer]:
    """A record with its answer; one that contradicts itself is passed over."""
    found = match(record)
    assume(found.consistent)
    assume(not (plausible and implausible(found)))
    return read(record), found


# --- verdicts


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
    """As before with 200 completions, of a worked patient of whom every second fact is missing."""
    record = worked.patient(name)
    for fact in list(record["facts"])[::2]:
        del record["facts"][fact]
    check_completions(record, 7, 200)


def as_fact(name: str, value: Fraction) -> Any:
    """An exact value as a record has it, or None if it has no short decimal form."""
    variable = LIBRARY.variables[name]
    if isinstance(variable.type, DateType):
        return semantics.date.fromordinal(int(value)).isoformat()
    if not isinstance(variable.type, QuantityType):
        return int(value)
    if Fraction(repr(float(value))) != value:
        return None
    drug = {"drug": "prednisone"} if variable.drugs else {}
    return {"value": float(value), "unit": variable.type.unit.text, **drug}


def learned(record: Json, point: semantics.Point, names: list[str]) -> Json:
    """The record with what a completion says of some variables; a value that has no short decimal form is left out."""
    facts = dict(record["facts"])
    for name in names:
        domain = point[name]
        if isinstance(domain, Interval):
            fact = as_fact(name, Fraction(domain.low))
        else:
            assert isinstance(domain, frozenset)
            (fact,) = domain
        if fact is not None:
            facts[name] = fact
    return {**record, "facts": facts}


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
            points = Completions(LIBRARY, patient, 3).some(15)
            assert all(any(satisfied(LIBRARY.trials[code], patient, p).values()) for p in points)
        else:
            needed.append(name)
            assert answer.trials[0].deciding_sets
    assert needed


# --- conflicts


def can_hold(patient: Record, trial: TrialAnswer, cohorts: Iterable[str], names: set[str]) -> bool | None:
    """Whether clauses can hold together in one of the cohorts, by a plain solver; None if it gave up."""
    copies = Copies(LIBRARY, patient)
    model = LIBRARY.trials[trial.code]
    found = {copies.possible(goals(model, patient, cohort, copies.domains, names)) for cohort in cohorts}
    return True if True in found else None if None in found else False


def check_conflicts(patient: Record, trial: TrialAnswer) -> None:
    """Each conflict is one, and a minimal one; without any of them all else can hold together."""
    model = LIBRARY.trials[trial.code]
    found = [(list(model.cohorts), conflict) for conflict in trial.conflicts]
    found += [([cohort.cohort], conflict) for cohort in trial.cohorts for conflict in cohort.conflicts]
    for cohorts, conflict in found:
        assert can_hold(patient, trial, cohorts, set(conflict)) is not True
        for name in conflict:
            assert can_hold(patient, trial, cohorts, set(conflict) - {name}) is not False
    assert not trial.cut
    every = {clause.id for clause in model.clauses}
    for correction in hitting_sets(trial.conflicts, 3)[:3]:
        assert can_hold(patient, trial, model.cohorts, every - correction) is not False


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


# --- deciding sets


def check_deciding_sets(patient: Record, trial: TrialAnswer) -> None:
    """Each deciding set decides, no part of it does, and neither does what is left once one variable of each is taken away."""
    model = LIBRARY.trials[trial.code]

    def open_given(shared: frozenset[str]) -> bool | None:
        copies = Copies(LIBRARY, patient, shared)
        taken, refused = (formula(model, patient, copies.domains, truth=truth) for truth in (True, False))
        return copies.possible([taken], [refused])

    for decided in trial.deciding_sets:
        known = semantics.domains(LIBRARY, patient)
        assert not any(is_exact(known[name]) for name in decided)
        assert open_given(frozenset(decided)) is not True
        for name in decided:
            assert open_given(frozenset(decided) - {name}) is not False
    assert not trial.cut
    askable = frozenset(
        name
        for name, domain in semantics.domains(LIBRARY, patient).items()
        if name in LIBRARY.variables
        and LIBRARY.variables[name].requested
        and not isinstance(domain, Recorded)
        and not is_exact(domain)
    )
    for correction in hitting_sets(trial.deciding_sets, 2)[:2]:
        assert open_given(askable - correction) is not False


@drawn(60)
@given(RECORDS)
def test_P22_P23_deciding_sets_decide_are_minimal_and_all_there_are(record: Json) -> None:
    """A plain solver with two copies of the patient, equal on the set, cannot have one taken and one refused; with less it can."""
    patient, answer = answered(record, plausible=True)
    for trial in answer.trials:
        if trial.verdict == "undetermined":
            check_deciding_sets(patient, trial)


@drawn(20)
@given(RECORDS, SEEDS)
def test_P22_every_result_of_a_deciding_set_settles_the_verdict(record: Json, seed: int) -> None:
    """With the values that a completion gives to a deciding set recorded, the trial is decided, as the completion says."""
    patient, answer = answered(record, plausible=True)
    for trial in answer.trials:
        for decided in trial.deciding_sets[:3]:
            if DEFINED & set(decided):
                continue
            for point in Completions(LIBRARY, patient, seed).some(2):
                more = match(learned(record, point, list(decided)))
                outcome = any(satisfied(LIBRARY.trials[trial.code], patient, point).values())
                assert verdicts(more)[trial.code] == ("eligible" if outcome else "ineligible")


BOOLEANS_OPEN = [
    ("relapsed-man", "RO", ["received_soc", "refuses_soc"]),
    ("relapsed-man", "RO", ["apl", "cbf_aml", "cns_leukemia_history"]),
    ("relapsed-man", "RO", ["hepatitis_history", "hla_a02"]),
    ("relapsed-man", "SAR", ["active_hbv", "hepatitis_history", "other_malignancy"]),
    ("relapsed-man", "UC", ["prior_car_t", "prior_car_nk", "prior_cellular_therapy"]),
    ("relapsed-man", "UC", ["active_infection", "infection_uncontrolled", "donor_identified"]),
    ("kmt2a-child", "ZPED", ["kmt2a_rearranged", "npm1_mutated", "nup98_rearranged"]),
    ("npm1-woman", "K017", ["npm1_mutated", "kmt2a_rearranged"]),
    ("toddler", "SAR", ["down_syndrome", "gvhd_active", "cns_leukemia_active"]),
]


@pytest.mark.parametrize(("patient", "code", "names"), BOOLEANS_OPEN)
def test_P22_P23_deciding_sets_of_yes_or_no_questions_by_trying_every_answer(
    patient: str, code: str, names: list[str]
) -> None:
    """Where few yes-or-no facts are missing, the sets are those found by recording every combination of answers."""
    record = worked.changed(worked.patient(patient), {"unset": names})
    unknown = sorted({*names, *(n for n in LIBRARY.variables if n.startswith("other_malignancy_"))})
    unknown += ["hepatitis_clearance_serology"] if "hepatitis_history" in names else []
    unknown += ["down_organ_function_ok"] if "down_syndrome" in names else []
    unknown = [name for name in unknown if name not in record["facts"]]
    outcomes: list[tuple[dict[str, bool], bool]] = []
    for answers in range(2 ** len(unknown)):
        values = {name: bool(answers >> i & 1) for i, name in enumerate(unknown)}
        answer = MATCHER.match(read(worked.changed(record, {"set": values})), [code])
        if answer.consistent:
            assert answer.trials[0].verdict in DECIDED
            outcomes.append((values, answer.trials[0].verdict == "eligible"))

    def decides(chosen: frozenset[str]) -> bool:
        seen: dict[tuple[bool, ...], bool] = {}
        return all(
            seen.setdefault(tuple(values[name] for name in sorted(chosen)), outcome) is outcome
            for values, outcome in outcomes
        )

    minimal: list[frozenset[str]] = []
    for size in range(len(unknown) + 1):
        for chosen in map(frozenset, semantics.combinations(unknown, size)):
            if not any(other <= chosen for other in minimal) and decides(chosen):
                minimal.append(chosen)
    (trial,) = MATCHER.match(read(record), [code]).trials
    found = [frozenset(s) for s in trial.deciding_sets if set(s) <= set(unknown)]
    assert trial.verdict == "undetermined"
    assert set(found) == set(minimal)


# --- units and limits

SAME: dict[str, tuple[tuple[str, str], ...]] = {
    "kg": (("kg", "1"), ("g", "1000")),
    "mg/dL": (("mg/dL", "1"), ("umol/L", "88.4")),
    "/uL": (("/uL", "1"), ("/mm3", "1"), ("10^3/uL", "0.001"), ("10^9/L", "0.001")),
    "ms": (("ms", "1"), ("s", "0.001")),
    "/min": (("/min", "1"), ("bpm", "1")),
    "mo": (("mo", "1"), ("months", "1")),
    "%": (("%", "1"),),
    "1": (("1", "1"), ("ratio", "1")),
    "mg/d": (("mg/d", "1"), ("mg/day", "1")),
}
"""How many of another unit are one of the first; every factor has a short decimal form, so that nothing is rounded."""

STEROIDS = {
    "prednisone": "1",
    "prednisolone": "1",
    "methylprednisolone": "0.8",
    "dexamethasone": "0.15",
    "hydrocortisone": "4",
}
"""How many mg of each drug are one of prednisone."""


def scaled(fact: Json, factor: Decimal) -> Json | None:
    """The fact with every number multiplied; None if a number cannot be written exactly."""
    found = dict(fact)
    for key in ("value", "min", "max", "min_exclusive", "max_exclusive", "one_of", "replicates"):
        if key in fact:
            numbers = fact[key] if isinstance(fact[key], list) else [fact[key]]
            exact = [Decimal(repr(each)) * factor for each in numbers]
            if any(Decimal(repr(float(each))) != each for each in exact):
                return None
            written = [float(each) for each in exact]
            found[key] = written if isinstance(fact[key], list) else written[0]
    return found


def rewritten(fact: Json, choose: Callable[[list[Any]], Any]) -> Json:
    """The same quantity in another unit, and the same dose of another drug."""
    aliases = {"/mm3": "/uL", "months": "mo", "mg/day": "mg/d", "bpm": "/min", "ratio": "1"}
    fact = {**fact, "unit": aliases.get(fact["unit"], fact["unit"])}
    if fact["unit"] not in SAME:
        return fact
    unit, factor = choose(list(SAME[fact["unit"]]))
    found = scaled(fact, Decimal(factor))
    found = fact if found is None else {**found, "unit": unit}
    if "drug" in found:
        drug = choose(sorted(STEROIDS))
        ratio = Fraction(STEROIDS[drug]) / Fraction(STEROIDS[found["drug"]])
        text = repr(float(ratio))
        other = scaled(found, Decimal(text)) if Fraction(text) == ratio else None
        found = found if other is None else {**other, "drug": drug}
    return found


@drawn(50)
@given(RECORDS, st.data())
def test_P41_units_do_not_matter(record: Json, data: st.DataObject) -> None:
    """Every quantity in another unit, by an exact factor, and every steroid as another one, leaves the answer as it was."""
    facts = {
        name: rewritten(fact, lambda options: data.draw(st.sampled_from(options)))
        if isinstance(fact, dict) and "unit" in fact
        else fact
        for name, fact in record["facts"].items()
    }
    one, other = match(record), match({**record, "facts": facts})
    assert other.trials == one.trials
    assert other.contradictions == one.contradictions
    assert other.assumptions == one.assumptions
    assert [(w.code, w.variable) for w in other.warnings] == [(w.code, w.variable) for w in one.warnings]


@pytest.mark.parametrize("pounds", ["22.046", "22.0462", "22.0463", "22.047", "99.2", "171.96"])
def test_P41_a_pound_is_exactly_so_many_kilograms(pounds: str) -> None:
    """A weight in pounds is the same as 0.45359237 times as many kilograms, on both sides of the limit."""
    kilograms = Decimal(pounds) * Decimal("0.45359237")
    written = float(kilograms)
    assert Decimal(repr(written)) == kilograms
    record = worked.patient("toddler")
    by_pound = match(worked.changed(record, {"set": {"weight": {"value": float(pounds), "unit": "lb"}}}))
    by_kilo = match(worked.changed(record, {"set": {"weight": {"value": written, "unit": "kg"}}}))
    assert by_pound.trials == by_kilo.trials
    assert verdicts(by_pound)["SAR"] == ("eligible" if kilograms >= 10 else "ineligible")


AT_SIXTY = {"birth_date": "1965-03-15", "weight": {"value": 72, "unit": "kg"}}

THRESHOLDS = [
    ("RO.I4", "relapsed-man", {}, "pb_blasts_abs", {"unit": "/uL"}, "20000", "at most"),
    ("RO.I4", "relapsed-man", {}, "pb_blasts_abs", {"unit": "10^9/L"}, "20", "at most"),
    ("RO.I1e", "relapsed-man", {"pb_blasts_abs": {"value": 0, "unit": "/uL"}}, "bm_blasts_pct", {"unit": "%"}, "5", "at least"),
    ("UC.I1b", "relapsed-man", {}, "bm_blasts_pct", {"unit": "%"}, "5", "above"),
    ("SAR.I5", "toddler", {}, "weight", {"unit": "kg"}, "10", "at least"),
    ("SAR.I5", "toddler", {}, "weight", {"unit": "g"}, "10000", "at least"),
    ("SAR.E13", "relapsed-man", {}, "qtcf", {"unit": "ms"}, "470", "at most"),
    ("SAR.E13", "relapsed-man", {}, "qtcf", {"unit": "s"}, "0.47", "at most"),
    ("SAR.E8", "relapsed-man", {}, "corticosteroid_daily", {"unit": "mg/d", "drug": "prednisone"}, "10", "at most"),
    ("SAR.E8", "relapsed-man", {}, "corticosteroid_daily", {"unit": "mg/d", "drug": "methylprednisolone"}, "8", "at most"),
    ("SAR.E8", "relapsed-man", {}, "corticosteroid_daily", {"unit": "mg/d", "drug": "dexamethasone"}, "1.5", "at most"),
    ("SAR.E8", "relapsed-man", {}, "corticosteroid_daily", {"unit": "mg/d", "drug": "hydrocortisone"}, "40", "at most"),
    ("RO.I6a", "relapsed-man", AT_SIXTY, "serum_creatinine", {"unit": "mg/dL"}, "1.6", "at most"),
    ("RO.I6a", "relapsed-man", AT_SIXTY, "serum_creatinine", {"unit": "umol/L"}, "141.44", "at most"),
    ("SAR.I3a", "mds-man", {}, "ipss_r_score", {}, "3", "above"),
]  # fmt: skip
"""Clause, patient, what else differs, the variable, how its value is written, the limit, and on which side of it the clause holds."""


@pytest.mark.parametrize("row", THRESHOLDS, ids=lambda row: f"{row[0]}-{'-'.join(row[4].values())}")
@drawn(6)
@given(st.integers(1, 9), st.integers(3, 9))
def test_P42_a_clause_flips_exactly_at_its_limit(row: tuple[Any, ...], digit: int, place: int) -> None:
    """However small the step beyond a limit, the clause is broken beyond it and met on the other side; on it, as the text says."""
    clause, patient, others, name, written, limit, side = row
    step = Decimal(digit).scaleb(-place)
    holds = {"at most": (True, True, False), "at least": (False, True, True), "above": (False, False, True)}
    for value, met in zip(
        (Decimal(limit) - step, Decimal(limit), Decimal(limit) + step), holds[side], strict=True
    ):
        number = float(value)
        assert Decimal(repr(number)) == value
        fact = {"value": number, **written} if written else number
        record = worked.changed(worked.patient(patient), {"set": {**others, name: fact}})
        (trial,) = MATCHER.match(read(record), [clause.partition(".")[0]]).trials
        assert trial.verdict == ("eligible" if met else "ineligible")
        assert trial.conflicts == (() if met else ((clause,),))


# --- the engine


@drawn(75)
@given(SOME)
def test_the_evaluator_and_the_solver_give_the_same_answer(record: Json) -> None:
    """With the search for completions off, so that the solver answers every open question, nothing in the answer changes."""
    assert match(record) == match(record, matcher=BY_SOLVER)


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


@drawn(25)
@given(SOME)
def test_P11_the_same_record_has_the_same_answer(record: Json) -> None:
    """A record answered twice, and by a new matcher, has equal answers."""
    first = match(record, matcher=DATED)
    assert DATED.match(read(record)) == first
    assert Matcher(AGAIN).match(read(record)) == first


TELL = """
import json, sys
from solver.library.load import load_library
from solver.patient.readers.native.read import read_record
from solver.matcher import Matcher
from solver.report.json import answer_document
library = load_library()
for line in sys.stdin:
    record = read_record(line.encode(), library, name="-")
    print(json.dumps(answer_document(Matcher(library).match(record))))
"""


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_P11_a_fresh_process_tells_the_same_bytes(hash_seed: str) -> None:
    """The JSON of the answers is the same, byte for byte, in another process with another seed of Python's hashes."""
    cases = [worked.case_record(case) for case in worked.load("vignettes")]
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    told = subprocess.run(
        [sys.executable, "-c", TELL],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
    )
    expected = [json.dumps(answer_document(match(case, matcher=DATED))) for case in cases]
    assert told.stdout.splitlines() == expected


def test_a_matcher_answers_two_threads_at_once() -> None:
    """Two threads that share a matcher get the answers that one gets."""
    cases = [worked.case_record(case) for case in worked.load("vignettes")]
    cases += [{**worked.patient(name), "id": name} for name in sorted(worked.load("patients"))]
    patients = [read(case) for case in cases]
    for matcher in (DATED, BY_SOLVER):
        alone = [match(case, matcher=matcher) for case in cases]
        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(matcher.match, patients)) == alone
            assert list(pool.map(matcher.match, reversed(patients))) == alone[::-1]


# --- explorations


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
    assert match(record) == match(record, matcher=BY_SOLVER)


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
