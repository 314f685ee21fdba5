"""Laws about exceptions, guards, bounds and derived quantities, on one worked patient and small changes of the record."""

from __future__ import annotations

import copy
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.library.load import load_library
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from tests.support import worked
from tests.support.differential import Undated
from tests.support.drawn import drawn
from tests.support.worked import Json

LIBRARY = load_library()
MATCHER = Undated(LIBRARY)
MAN = worked.patient("relapsed-man")
RANK = {"ineligible": 0, "undetermined": 1, "eligible": 2}


def match(changes: Json, *unset: str, context: Json | None = None) -> MatchAnswer:
    """The answer for the relapsed man with some facts changed and some left out."""
    record = copy.deepcopy(MAN)
    record["facts"].update(changes)
    for name in unset:
        record["facts"].pop(name, None)
    if context is not None:
        record["context"] = context
    return MATCHER.match(worked.read(record, LIBRARY))


def of(answer: MatchAnswer, code: str) -> TrialAnswer:
    """The answer for one trial."""
    return next(trial for trial in answer.trials if trial.code == code)


def told(answer: MatchAnswer) -> list[tuple[object, ...]]:
    """Verdict, conflicts and deciding sets of every trial."""
    return [(trial.verdict, trial.conflicts, trial.deciding_sets) for trial in answer.trials]


@pytest.mark.parametrize(
    "changes",
    [
        {"hsct_engrafted": False},
        {"last_hsct_date": "2025-05-30"},
        {"immunosuppression_stop_date": "2025-05-30"},
        {"kmt2a_ptd": True},
        {"karnofsky": 10},
        {"lansky": 10},
        {"fit_for_intensive": False},
        {"cns_leukemia_history": False},
    ],
)
def test_P09_P10_P36_P37_what_lies_outside_the_cone_changes_nothing(changes: Json) -> None:
    """Without a transplant its details do not matter, a partial tandem duplication is no rearrangement, and an adult's score is ECOG."""
    assert told(match(changes)) == told(match({}))


@pytest.mark.parametrize("code", sorted(LIBRARY.trials))
def test_P21_every_trial_can_be_entered_and_left(code: str) -> None:
    """A record with nothing in it decides no trial, and no clause but those that only say whether a cohort is open."""
    answer = MATCHER.match(worked.read({"id": "empty", "as_of": "2025-06-01"}, LIBRARY), [code])
    assert answer.trials[0].verdict == "undetermined"
    routing = {clause.id for clause in LIBRARY.trials[code].clauses if clause.routing}
    assert all(clause.status == "open" or clause.id in routing for clause in answer.trials[0].clauses)


@drawn(25)
@given(low=st.integers(0, 30000), width=st.integers(0, 15000))
def test_P29_an_interval_is_judged_by_its_points(low: int, width: int) -> None:
    """An interval of blast counts is eligible (ineligible) exactly if both its ends are, as the limit is one threshold."""
    high = low + width
    interval = of(match({"pb_blasts_abs": {"min": low, "max": high, "unit": "/uL"}}), "RO").verdict
    ends = {of(match({"pb_blasts_abs": {"value": v, "unit": "/uL"}}), "RO").verdict for v in (low, high)}
    assert interval == (ends.pop() if len(ends) == 1 else "undetermined")


def test_P30_a_recorded_value_outside_its_range_is_used_with_a_warning() -> None:
    """An adult of 26 kg is no contradiction, and a creatinine above its range is used as it stands."""
    answer = match(
        {"weight": {"value": 26, "unit": "kg"}, "serum_creatinine": {"value": 26, "unit": "mg/dL"}}
    )
    assert answer.consistent
    assert "serum_creatinine" in {
        warning.variable for warning in answer.warnings if warning.code == "implausible"
    }
    assert ("RO.I6a",) in of(answer, "RO").conflicts


@pytest.mark.parametrize(
    ("trouble", "exception", "clause"),
    [
        (
            {
                "other_malignancy": True,
                "other_malignancy_invasive": True,
                "other_malignancy_requires_therapy": True,
            },
            {"other_malignancy_hormonal_only": True},
            "RO.E6",
        ),
        ({"hepatitis_history": True}, {"hepatitis_clearance_serology": True}, "RO.E10b"),
        ({"cbf_aml": True, "salvage_attempts": 1}, {"salvage_attempts": 2}, "RO.E2"),
        (
            {"autoimmune_systemic_is": True, "autoimmune_last_active_date": "2025-01-01"},
            {"autoimmune_exempt_only": True},
            "SAR.E2",
        ),
    ],
)
def test_P33_P34_an_exception_waives_its_own_clause(trouble: Json, exception: Json, clause: str) -> None:
    """With the exception the clause is met; no trial is worse off, and no other clause changes for the worse."""
    code = clause.split(".")[0]
    closed = {
        **dict.fromkeys(
            ["hepatitis_clearance_serology", "autoimmune_exempt_only", "other_malignancy_hormonal_only"],
            False,
        )
    }
    before, after = match({**closed, **trouble}), match({**closed, **trouble, **exception})
    assert (clause,) in of(before, code).conflicts
    assert (clause,) not in of(after, code).conflicts
    for one, other in zip(before.trials, after.trials, strict=True):
        assert RANK[other.verdict] >= RANK[one.verdict]
        assert set(other.conflicts) <= set(one.conflicts)


@drawn(40)
@given(
    born=st.integers(1935, 2006),
    weight=st.fractions(30, 150, max_denominator=10),
    creatinine=st.fractions(Fraction(2, 5), 5, max_denominator=50),
    female=st.booleans(),
)
def test_P43_the_clearance_agrees_with_the_textbook(
    born: int, weight: Fraction, creatinine: Fraction, female: bool
) -> None:
    """The clause that is written without division agrees with Cockcroft and Gault's quotient, exactly."""
    weight, creatinine = Fraction(round(weight * 10), 10), Fraction(round(creatinine * 100), 100)
    age = 2025 - born
    clearance = (140 - age) * weight * (Fraction(85, 100) if female else 1) / (72 * creatinine)
    answer = match(
        {
            "birth_date": f"{born}-01-01",
            "sex": "F" if female else "M",
            "weight": {"value": float(weight), "unit": "kg"},
            "serum_creatinine": {"value": float(creatinine), "unit": "mg/dL"},
        }
    )
    clause = next(clause for clause in of(answer, "RO").clauses if clause.id == "RO.I6a")
    assert (clause.status == "met") is (clearance >= 50)


def test_P45_a_bound_that_decides_is_enough() -> None:
    """With 12,000 white cells the blast count need not be asked for; with 60,000 it must be."""
    few = match({"wbc": {"value": 12, "unit": "10^9/L"}}, "pb_blasts_abs")
    many = match({"wbc": {"value": 60, "unit": "10^9/L"}}, "pb_blasts_abs")
    assert of(few, "RO").verdict == "eligible"
    assert of(many, "RO").deciding_sets == (("pb_blasts_abs",), ("pb_blasts_pct",))
