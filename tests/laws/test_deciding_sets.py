"""Deciding sets: each settles the verdict, no part of it does, and whoever asks along them asks enough."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from solver.testing.strategies import completions
from tests.support.drawing.drawn import drawn
from tests.support.records import worked
from tests.support.records.laws import (
    CODES,
    DECIDED,
    DEFINED,
    FEW,
    SEEDS,
    answered,
    asked_alone,
    check_deciding_sets,
    consistent_match,
    learned,
    match_man,
    of,
    verdicts,
)
from tests.support.records.solved import LIBRARY, MATCHER, RECORDS, match, read
from tests.support.records.worked import Json
from tests.support.twins import semantics
from tests.support.twins.semantics import Completions, satisfied


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


@FEW
@given(RECORDS)
def test_P25_P57_what_is_asked_for_can_be_answered(record: Json) -> None:
    """A deciding set names unknown or vague inputs, never lists or what is not asked for; a reading is told only if it matters."""
    answer = consistent_match(record)
    facts = read(record).facts
    for trial in answer.trials:
        for name in {name for each in trial.deciding_sets for name in each}:
            assert LIBRARY.variables[name].requested
            assert name not in facts or not facts[name].exact
        assert all(reading.verdict != trial.verdict for reading in trial.readings)


def test_P45_a_bound_that_decides_is_enough() -> None:
    """With 12,000 white cells the blast count need not be asked for; with 60,000 it must be."""
    few = match_man({"wbc": {"value": 12, "unit": "10^9/L"}}, "pb_blasts_abs")
    many = match_man({"wbc": {"value": 60, "unit": "10^9/L"}}, "pb_blasts_abs")
    assert of(few, "RO").verdict == "eligible"
    assert of(many, "RO").deciding_sets == (("pb_blasts_abs",), ("pb_blasts_pct",))


@drawn(24)
@given(RECORDS, st.data())
def test_P26_asking_one_by_one_takes_no_more_than_the_smallest_deciding_set(
    record: Json, data: st.DataObject
) -> None:
    """Who asks for the members of the smallest deciding set, and stops once it is decided, needs no more answers than it has members.

    Some answer to the next question leaves fewer to ask for than before.
    """
    trial = consistent_match(record, data.draw(st.sampled_from(CODES))).trials[0]
    assume(trial.deciding_sets and "deciding_sets" not in trial.cut and len(trial.deciding_sets[0]) <= 4)
    code, wanted = trial.code, trial.deciding_sets[0]
    whole = data.draw(completions(LIBRARY, record))["facts"]
    known = dict(record["facts"])
    for name in data.draw(st.permutations(wanted)):
        if trial.verdict != "undetermined":
            break
        known[name] = whole[name]
        before, trial = trial, asked_alone({**record, "facts": known}, code)
        assert trial.verdict in ("eligible", "undetermined", "ineligible")
        assert name not in {each for names in trial.deciding_sets for each in names}
        if any(name in names for names in before.deciding_sets):
            assert trial.deciding_sets != before.deciding_sets
    assert trial.verdict in ("eligible", "ineligible")
