"""Units, limits and formulae: the same quantity in another unit, a step beyond a limit, and the formulae of the textbook."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.drawing.drawn import drawn
from tests.support.records import worked
from tests.support.records.laws import RANK, consistent_match, match_man, of, status, verdicts, with_changes
from tests.support.records.solved import MATCHER, RECORDS, UNDATED, match, read
from tests.support.records.worked import Json

SAME: dict[str, tuple[tuple[str, str], ...]] = {
    "kg": (("kg", "1"), ("g", "1000")),
    "mg/dL": (("mg/dL", "1"), ("mg/L", "10")),
    "/uL": (("/uL", "1"), ("/mm3", "1"), ("10^3/uL", "0.001"), ("10^9/L", "0.001")),
    "ms": (("ms", "1"), ("s", "0.001")),
    "/min": (("/min", "1"), ("bpm", "1")),
    "mo": (("mo", "1"), ("months", "1")),
    "%": (("%", "1"),),
    "1": (("1", "1"), ("ratio", "1")),
    "mg/d": (("mg/d", "1"), ("mg/day", "1")),
}
"""How many of another unit are one of the first; every factor has a short decimal form, so that nothing is rounded."""

OF_CREATININE = (("umol/L", "88.4"),)
"""And of one variable alone, which is of one substance, for mg/dL."""


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


def rewritten(name: str, fact: Json, choose: Callable[[list[Any]], Any]) -> Json:
    """The same quantity of a variable in another unit, and the same dose of another drug."""
    aliases = {"/mm3": "/uL", "months": "mo", "mg/day": "mg/d", "bpm": "/min", "ratio": "1"}
    fact = {**fact, "unit": aliases.get(fact["unit"], fact["unit"])}
    if fact["unit"] not in SAME:
        return fact
    substance = OF_CREATININE if (name, fact["unit"]) == ("serum_creatinine", "mg/dL") else ()
    unit, factor = choose([*SAME[fact["unit"]], *substance])
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
        name: rewritten(name, fact, lambda options: data.draw(st.sampled_from(options)))
        if isinstance(fact, dict) and "unit" in fact
        else fact
        for name, fact in record["facts"].items()
    }
    one, other = (match(each, matcher=UNDATED) for each in (record, {**record, "facts": facts}))
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
    good = consistent_match({**record, "facts": {**facts, name: better}})
    bad = consistent_match({**record, "facts": {**facts, name: worse}})
    for one, other in zip(good.trials, bad.trials, strict=True):
        assert RANK[other.verdict] <= RANK[one.verdict]


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
    answer = match_man(
        {
            "birth_date": f"{born}-01-01",
            "sex": "F" if female else "M",
            "weight": {"value": float(weight), "unit": "kg"},
            "serum_creatinine": {"value": float(creatinine), "unit": "mg/dL"},
        }
    )
    clause = next(clause for clause in of(answer, "RO").clauses if clause.id == "RO.I6a")
    assert (clause.status == "met") is (clearance >= 50)


@drawn(24)
@given(
    st.integers(3000, 5500).map(lambda n: Decimal(n) / 10),
    st.integers(300, 1500).map(lambda n: Decimal(n) / 10),
)
def test_P43_the_corrected_qt_agrees_with_the_textbook(qt: Decimal, rate: Decimal) -> None:
    """The clause that is written without a root agrees with Fridericia's QT / RR^(1/3), worked out to fifty digits."""
    with localcontext() as context:
        context.prec = 50
        corrected = qt / (Decimal(60) / rate) ** (Decimal(1) / Decimal(3))
    facts = {
        "qt": {"value": float(qt), "unit": "ms"},
        "heart_rate": {"value": float(rate), "unit": "/min"},
    }
    standing = status(with_changes("relapsed-man", facts, "qtcf"), "SAR.E13")
    assert standing == ("met" if corrected <= 470 else "not_met")


def test_P43_the_corrected_qt_is_exact_at_its_limit() -> None:
    """At 60 beats a minute the corrected QT is the QT; at 480 it is the double, and 235 ms are 470 ms to the last digit."""
    for qt, rate, standing in [
        (470, 60, "met"),
        (470.000001, 60, "not_met"),
        (235, 480, "met"),
        (235.000001, 480, "not_met"),
        (352.5, 142.2222, "met"),
        (352.5, 142.2223, "not_met"),
    ]:
        facts = {"qt": {"value": qt, "unit": "ms"}, "heart_rate": {"value": rate, "unit": "/min"}}
        assert status(with_changes("relapsed-man", facts, "qtcf"), "SAR.E13") == standing


HELPS = {"met": 2, "open": 1, "not_met": 0}


@drawn(24)
@given(
    st.integers(1930, 2005),
    st.integers(0, 40),
    st.integers(30, 120),
    st.integers(40, 400).map(lambda n: n / 100),
    st.sampled_from(["M", "F", None]),
)
def test_P44_age_and_sex_do_not_help_the_clearance(
    born: int, younger: int, weight: int, creatinine: float, sex: str | None
) -> None:
    """Nobody older, and no woman beside a man with equal results, has the clause about the clearance met where the other has not."""

    def clause(year: int, who: str | None) -> str:
        facts: Json = {
            "birth_date": f"{year}-01-01",
            "weight": {"value": weight, "unit": "kg"},
            "serum_creatinine": {"value": creatinine, "unit": "mg/dL"},
        }
        return status(with_changes("relapsed-man", facts | ({"sex": who} if who else {}), "sex"), "RO.I6a")

    assert HELPS[clause(born, sex)] <= HELPS[clause(min(born + younger, 2007), sex)]
    assert HELPS[clause(born, "F")] <= HELPS[clause(born, sex)] <= HELPS[clause(born, "M")]


@drawn(24)
@given(
    st.integers(300, 520),
    st.integers(40, 140),
    st.integers(0, 60),
    st.integers(0, 60),
)
def test_P44_a_longer_qt_and_a_faster_heart_do_not_help(qt: int, rate: int, longer: int, faster: int) -> None:
    """A longer QT, and a faster heart with the same QT, never has the clause about the corrected QT met where the other has not."""

    def clause(length: int, beats: int) -> str:
        facts = {"qt": {"value": length, "unit": "ms"}, "heart_rate": {"value": beats, "unit": "/min"}}
        return status(with_changes("relapsed-man", facts, "qtcf"), "SAR.E13")

    assert HELPS[clause(qt + longer, rate)] <= HELPS[clause(qt, rate)]
    assert HELPS[clause(qt, rate + faster)] <= HELPS[clause(qt, rate)]
