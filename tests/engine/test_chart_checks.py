"""The checks: each warns where its condition certainly holds of what is recorded, says so in its sentence, and changes no verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.engine.answer import AnswerWarning
from solver.engine.consistency import open_record
from solver.language.calendar import format_day, parse_day
from solver.library.models import Library
from solver.matcher import Matcher
from solver.patient.readers.native.read import record_from
from tests.support.drawing import strategies
from tests.support.drawing.drawn import drawn

AS_OF = "2026-11-20"

Facts = dict[str, Any]


def warned(library: Library, facts: Facts, as_of: str = AS_OF) -> dict[tuple[str, str | None], str]:
    """The sentences of the checks that warn of these facts, by check and variable."""
    record = record_from({"as_of": as_of, "facts": facts}, library)
    codes = {check.id for check in library.checks}
    found = [warning for warning in open_record(library, record).warnings if warning.code in codes]
    assert len({(warning.code, warning.variable) for warning in found}) == len(found)
    return {(warning.code, warning.variable): warning.text for warning in found}


def per(unit: str, value: float, **more: Any) -> Facts:
    return {"value": value, "unit": unit, **more}


def several(unit: str, *values: float) -> Facts:
    return {"replicates": list(values), "unit": unit}


STEROID = {"value": 5, "unit": "mg/d", "drug": "prednisone"}
ON_STEROID: Facts = {
    "prior_hsct_count": 1,
    "corticosteroid_daily": STEROID,
    "immunosuppression_current": False,
    "immunosuppression_stop_date": "2026-05-01",
}

ADULT: Facts = {"birth_date": "1970-01-01"}
INFANT: Facts = {"birth_date": "2026-01-01"}

WARNS: list[tuple[str, str | None, Facts]] = [
    ("CHK-01", "relapse_after_hsct_date",
     {"last_hsct_date": "2026-03-02", "relapse_after_hsct_date": "2026-03-01"}),
    ("CHK-01", "relapse_after_hsct_date",
     {"last_hsct_date": "2026-04", "relapse_after_hsct_date": "2026-03"}),
    ("CHK-02", "relapse_after_car_t_date",
     {"car_t_date": "2026-03-02", "relapse_after_car_t_date": {"one_of": ["2026-02-01", "2026-03-01"]}}),
    *[("CHK-03", name, {"birth_date": "1971-06-15", name: "1971-06-14"}) for name in (
        "last_hsct_date", "relapse_after_hsct_date", "immunosuppression_stop_date", "car_t_date",
        "relapse_after_car_t_date", "anti_cd20_last_date", "autoimmune_last_active_date")],
    ("CHK-03", "car_t_date", {"birth_date": "1971", "car_t_date": "1970"}),
    ("CHK-04", "prior_hsct_count", {"prior_hsct_count": 0, "gvhd_active": True}),
    ("CHK-04", "prior_hsct_count", {"prior_hsct_count": 0, "hsct_engrafted": True}),
    ("CHK-04", "prior_hsct_count", {"prior_hsct_count": 0, "last_hsct_date": "2026"}),
    ("CHK-04", "prior_hsct_count", {"prior_hsct_count": {"max": 0}, "relapse_after_hsct_date": "2026-01-01"}),
    ("CHK-05", "prior_car_t", {"prior_car_t": False, "car_t_date": "2026"}),
    ("CHK-05", "prior_car_t", {"prior_car_t": False, "relapse_after_car_t_date": "2026-01-01"}),
    # what follows from the facts by the axioms is recorded too
    ("CHK-05", "prior_car_t", {"prior_cellular_therapy": False, "car_t_date": "2026"}),
    ("CHK-06", "anti_cd20_ever", {"anti_cd20_ever": False, "anti_cd20_last_date": "2020"}),
    ("CHK-07", "immunosuppression_ever",
     {"immunosuppression_ever": False, "immunosuppression_stop_date": "2020"}),
    ("CHK-08", "immunosuppression_current",
     {"immunosuppression_current": True, "immunosuppression_stop_date": "2026-11-19"}),
    ("CHK-09", "corticosteroid_daily", ON_STEROID),
    ("CHK-09", "corticosteroid_daily", ON_STEROID | {"corticosteroid_daily": STEROID | {"value": 0.1}}),
    ("CHK-10", "bm_blasts_pct", {"diagnosis": "MDS", "bm_blasts_pct": per("%", 20)}),
    ("CHK-10", "bm_blasts_pct",
     {"diagnosis": {"one_of": ["MDS", "MDS_MPN"]}, "bm_blasts_pct": {"min": 20, "unit": "%"}}),
    ("CHK-11", "pregnant", {"pregnant": True, "birth_date": "1967-11-20"}),
    ("CHK-11", "pregnant", {"pregnant": True, "birth_date": "2016-11-21"}),
    # two values, each of which meets another part of the condition
    ("CHK-11", "pregnant", {"pregnant": True, "birth_date": {"one_of": ["1960-01-01", "2020-01-01"]}}),
    ("CHK-12", "flt3_itd_allelic_ratio", {"flt3_itd": False, "flt3_itd_allelic_ratio": per("1", 0.01)}),
    ("CHK-13", "wbc", {"wbc": per("/uL", 4.2)}),
    ("CHK-13", "wbc", {"wbc": per("/mm3", 999.5)}),
    ("CHK-13", "pb_blasts_abs", {"pb_blasts_abs": per("10*6/L", 22.6)}),
    ("CHK-13", "wbc", {"wbc": per("cells/uL", 0.5)}),
    ("CHK-13", "wbc", {"wbc": {"one_of": [4.2, 5.1], "unit": "/uL"}}),
    ("CHK-13", "wbc", {"wbc": several("/uL", 4.2, 5)}),
    ("CHK-14", "ecog", {"ecog": {"value": 1, "date": "2026-10-22"}}),
    ("CHK-14", "ecog", {"ecog": {"value": 1, "date": "2026-09"}}),
    ("CHK-14", "pregnant", {"sex": "F", "pregnant": {"value": False, "date": "2026-10-01"}}),
    ("CHK-14", "bm_blasts_pct", {"bm_blasts_pct": per("%", 31, date="2026-10-08")}),
    ("CHK-14", "weight", {"weight": per("kg", 70, date="2026-08-21")}),
    ("CHK-14", "qtcf", {"qtcf": {"replicates": [431, 433], "unit": "ms", "date": "2025"}}),
    *[("CHK-15", name, {name: several(unit, low, 2.01 * low)}) for name, unit, low in (
        ("serum_creatinine", "mg/dL", 0.8), ("wbc", "10*9/L", 3), ("pb_blasts_abs", "/uL", 2000),
        ("weight", "kg", 40), ("height", "cm", 80), ("qtcf", "ms", 250), ("qt", "ms", 250), ("heart_rate", "/min", 50))],
    ("CHK-15", "wbc", {"wbc": several("/uL", 0, 1, 2)}),
    ("CHK-16", None, ADULT | {"weight": per("kg", 35), "height": per("cm", 198)}),
    ("CHK-16", None, ADULT | {"weight": per("kg", 70), "height": per("cm", 70)}),
    ("CHK-16", None, ADULT | {"weight": per("kg", 14.9)}),
    ("CHK-16", None, ADULT | {"height": per("m", 0.59)}),
    ("CHK-16", None, INFANT | {"weight": per("kg", 20.1)}),
    ("CHK-16", None, INFANT | {"height": per("in", 40)}),
    ("CHK-16", None, {"birth_date": "2023-11-21", "weight": per("kg", 40.1)}),
    ("CHK-16", None, {"birth_date": "2024-11-20", "weight": per("g", 4999)}),
    ("CHK-16", None, {"birth_date": "2023-11-20", "height": per("cm", 59)}),
    # two ages, at each of which another part of the condition holds
    ("CHK-16", None, {"birth_date": "2023", "weight": per("kg", 45), "height": per("cm", 59)}),
]  # fmt: skip

SILENT: list[tuple[str, Facts]] = [
    ("CHK-01", {"last_hsct_date": "2026-03-01", "relapse_after_hsct_date": "2026-03-01"}),
    ("CHK-01", {"relapse_after_hsct_date": "2026-03-01"}),
    ("CHK-01", {"last_hsct_date": "2026-03", "relapse_after_hsct_date": "2026-03-01"}),
    ("CHK-02", {"car_t_date": "2026-03-01", "relapse_after_car_t_date": "2026-03-01"}),
    ("CHK-02", {"car_t_date": "2026", "relapse_after_car_t_date": "2026-03-01"}),
    ("CHK-03", {"birth_date": "1971-06-15", "car_t_date": "1971-06-15"}),
    ("CHK-03", {"birth_date": "1971", "car_t_date": "1971-06-15"}),
    ("CHK-03", {"car_t_date": "1850"}),
    ("CHK-04", {"prior_hsct_count": 1, "gvhd_active": True, "last_hsct_date": "2026"}),
    ("CHK-04", {"prior_hsct_count": 0, "gvhd_active": False, "hsct_engrafted": False}),
    ("CHK-04", {"last_hsct_date": "2026"}),
    ("CHK-04", {"prior_hsct_count": {"max": 1}, "last_hsct_date": "2026"}),
    ("CHK-04", {"prior_hsct_count": 0, "gvhd_active": {"one_of": [True, False]}}),
    ("CHK-05", {"prior_car_t": True, "car_t_date": "2026"}),
    ("CHK-05", {"car_t_date": "2026"}),
    ("CHK-05", {"prior_car_t": False}),
    ("CHK-06", {"anti_cd20_ever": {"one_of": [True, False]}, "anti_cd20_last_date": "2020"}),
    ("CHK-07", {"immunosuppression_ever": True, "immunosuppression_stop_date": "2020"}),
    ("CHK-08", {"immunosuppression_current": True, "immunosuppression_stop_date": AS_OF}),
    ("CHK-08", {"immunosuppression_current": True, "immunosuppression_stop_date": "2026"}),
    ("CHK-08", {"immunosuppression_current": False, "immunosuppression_stop_date": "2026-01-01"}),
    ("CHK-09", {name: fact for name, fact in ON_STEROID.items() if name != "immunosuppression_stop_date"}),
    ("CHK-09", {name: fact for name, fact in ON_STEROID.items() if name != "prior_hsct_count"}),
    ("CHK-09", ON_STEROID | {"corticosteroid_daily": STEROID | {"value": 0}}),
    ("CHK-09", ON_STEROID | {"immunosuppression_current": True}),
    ("CHK-10", {"diagnosis": "MDS", "bm_blasts_pct": per("%", 19.9)}),
    ("CHK-10", {"diagnosis": "AML", "bm_blasts_pct": per("%", 31)}),
    ("CHK-10", {"diagnosis": "MDS", "bm_blasts_pct": {"max": 40, "unit": "%"}}),
    ("CHK-10", {"diagnosis": {"one_of": ["MDS", "AML"]}, "bm_blasts_pct": per("%", 31)}),
    ("CHK-11", {"pregnant": True, "birth_date": "1967-11-21"}),
    ("CHK-11", {"pregnant": True, "birth_date": "2016-11-20"}),
    ("CHK-11", {"pregnant": True, "birth_date": "1967"}),
    ("CHK-11", {"pregnant": True}),
    ("CHK-11", {"pregnant": False, "birth_date": "1950-01-01"}),
    ("CHK-12", {"flt3_itd": False, "flt3_itd_allelic_ratio": per("1", 0)}),
    ("CHK-12", {"flt3_itd": False, "flt3_itd_allelic_ratio": {"max": 0.7, "unit": "1"}}),
    ("CHK-12", {"flt3_itd_allelic_ratio": per("1", 0.7)}),
    ("CHK-13", {"wbc": per("/uL", 999)}),
    ("CHK-13", {"wbc": per("/uL", 4200.5)}),
    ("CHK-13", {"wbc": per("10*9/L", 0.4205)}),
    ("CHK-13", {"wbc": several("/uL", 3, 4)}),
    ("CHK-13", {"wbc": {"one_of": [4.2, 5], "unit": "/uL"}}),
    ("CHK-13", {"wbc": {"max": 4.2, "unit": "/uL"}}),
    ("CHK-14", {"ecog": {"value": 1, "date": "2026-10-23"}}),
    ("CHK-14", {"ecog": {"value": 1, "date": "2026-10"}}),
    ("CHK-14", {"ecog": 1}),
    ("CHK-14", {"npm1_mutated": {"value": True, "date": "2015-01-01"}}),
    ("CHK-14", {"hla_a02": {"value": True, "date": "2015-01-01"}}),
    ("CHK-14", {"bm_blasts_pct": per("%", 31, date="2026-10-09")}),
    ("CHK-14", {"weight": per("kg", 70, date="2026-08-22")}),
    ("CHK-15", {"serum_creatinine": several("mg/dL", 0.8, 1.6)}),
    ("CHK-15", {"serum_creatinine": {"one_of": [0.8, 2.4], "unit": "mg/dL"}}),
    ("CHK-15", {"serum_creatinine": {"min": 0.8, "max": 2.4, "unit": "mg/dL"}}),
    ("CHK-16", ADULT | {"weight": per("kg", 36), "height": per("cm", 200)}),
    ("CHK-16", ADULT | {"weight": per("kg", 120), "height": per("m", 1)}),
    ("CHK-16", ADULT | {"weight": per("kg", 15)}),
    ("CHK-16", {"weight": per("kg", 35), "height": per("cm", 198)}),
    ("CHK-16", ADULT | {"weight": {"max": 20, "unit": "kg"}}),
    ("CHK-16", INFANT | {"weight": per("kg", 20), "height": per("cm", 100)}),
    ("CHK-16", {"birth_date": "2023-11-20", "weight": per("kg", 40.1), "height": per("cm", 60)}),
    ("CHK-16", {"birth_date": "2024-11-21", "weight": per("kg", 4)}),
    ("CHK-16", {"birth_date": "2023-11-21", "height": per("cm", 59)}),
    ("CHK-16", {"birth_date": "2008", "weight": per("kg", 14.9)}),
    ("CHK-15", {"corticosteroid_daily": several("mg/d", 1, 5) | {"drug": "prednisone"}}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "variable", "facts"), WARNS)
def test_a_check_warns_of_what_certainly_holds(
    library: Library, code: str, variable: str | None, facts: Facts
) -> None:
    """One warning, about the variable concerned, and none of another check but of the same facts."""
    assert (code, variable) in warned(library, facts)


@pytest.mark.parametrize(("code", "facts"), SILENT)
def test_a_check_is_silent_where_it_does_not_hold_or_only_may(
    library: Library, code: str, facts: Facts
) -> None:
    """Just beside the limit, unknown or only possible: no warning."""
    assert code not in {found for found, _ in warned(library, facts)}


SENTENCES: list[tuple[Facts, str]] = [
    ({"birth_date": "1971", "last_hsct_date": "1969"}, "The latest transplant is dated before the patient's birth."),
    ({"prior_hsct_count": 0, "gvhd_active": True},
     "No transplant is recorded, but active graft-versus-host disease is."),
    ({"prior_hsct_count": 0, "hsct_engrafted": True, "last_hsct_date": "2026"},
     "No transplant is recorded, but engraftment and a date of the latest transplant are."),
    ({"immunosuppression_current": True, "immunosuppression_stop_date": "2026-05-01"},
     "Immunosuppression is recorded as current, but stopped on 2026-05-01."),
    ({"immunosuppression_current": True, "immunosuppression_stop_date": "2026-05"},
     "Immunosuppression is recorded as current, but stopped on some day from 2026-05-01 to 2026-05-31."),
    ({"diagnosis": "MDS", "bm_blasts_pct": per("%", 25)},
     "Marrow blasts of 20 % or more are AML by WHO, not MDS. From 30 %: by every classification."),
    ({"pregnant": True, "birth_date": "1960-01-01"}, "Pregnancy is recorded at the age of 66."),
    ({"pregnant": True, "birth_date": "1960"}, "Pregnancy is recorded at the age of 65 or 66."),
    ({"wbc": per("/uL", 4.2)}, "4.2 cells in a microlitre is no count: are thousands meant (10^9/L)?"),
    ({"ecog": {"value": 1, "date": "2026-10-01"}}, "The result for ECOG performance status is 50 days old."),
    ({"ecog": {"value": 1, "date": "2026-09"}}, "The result for ECOG performance status is 51 to 80 days old."),
    ({"serum_creatinine": several("umol/L", 60, 300.5, 70)},
     "The replicates of serum creatinine differ more than twofold (60 to 300.5 umol/L); their mean counts."),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "sentence"), SENTENCES)
def test_the_sentence_says_what_was_found(library: Library, facts: Facts, sentence: str) -> None:
    """What a sentence leaves blank is filled in from the record, as it is written there."""
    assert list(warned(library, facts).values()) == [sentence]


def test_replicates_name_the_clauses_that_a_single_one_would_change(library: Library) -> None:
    """A clause that the mean meets, and one of the replicates not, is named; one that all of them meet is not."""
    facts = {
        "birth_date": "1970-01-01",
        "sex": "M",
        "weight": per("kg", 77),
        "serum_creatinine": several("mg/dL", 0.8, 2.4),
        "heart_rate": per("/min", 60),
        "qt": several("ms", 200, 480, 490),
    }
    record = record_from({"as_of": AS_OF, "facts": facts}, library)
    found = {
        (w.variable, w.text, w.clauses) for w in Matcher(library).match(record).warnings if w.code == "CHK-15"
    }
    assert found == {
        (
            "serum_creatinine",
            "The replicates of serum creatinine differ more than twofold (0.8 to 2.4 mg/dL); their mean counts, "
            "and 1 of them would not meet RO.I6a.",
            ("RO.I6a",),
        ),
        (
            "qt",
            "The replicates of uncorrected QT interval differ more than twofold (200 to 490 ms); their mean counts, "
            "and 2 of them would not meet SAR.E13.",
            ("SAR.E13",),
        ),
    }


def test_a_clause_that_the_mean_does_not_meet_is_named_too(library: Library) -> None:
    """A single replicate that would meet what their mean does not is said as well, once for the clauses together."""
    facts = {"qtcf": several("ms", 220, 470, 800)}
    record = record_from({"as_of": AS_OF, "facts": facts}, library)
    (found,) = [w for w in Matcher(library).match(record, ["SAR"]).warnings if w.code == "CHK-15"]
    assert found.text.endswith("their mean counts, and 2 of them would meet SAR.E13.")


@drawn(12)
@given(data=st.data())
def test_no_check_changes_an_answer(library: Library, data: st.DataObject) -> None:
    """Without any check, everything is the same but the warnings of the checks."""
    document = data.draw(strategies.records(library))
    bare = replace(library, checks=())
    codes = {check.id for check in library.checks}
    one = Matcher(library).match(record_from(document, library))
    other = Matcher(bare).match(record_from(document, bare))
    kept = tuple(warning for warning in one.warnings if warning.code not in codes)
    assert replace(one, warnings=kept) == other


@drawn(20)
@given(data=st.data())
def test_more_facts_do_not_silence_a_check(library: Library, data: st.DataObject) -> None:
    """What certainly holds of some facts of a record holds of all of them, unless they contradict each other."""
    document = data.draw(strategies.records(library))
    facts = document["facts"]
    some = data.draw(st.sets(st.sampled_from(sorted(facts)))) if facts else set()
    record = record_from(document, library)
    if open_record(library, record).consistent:
        day = format_day(record.as_of)
        fewer = warned(library, {name: facts[name] for name in some}, day)
        assert fewer.keys() <= warned(library, facts, day).keys()


@drawn(30)
@given(age=st.integers(0, 4000), day=st.integers(parse_day("2020-01-01"), parse_day("2030-01-01")))
def test_a_result_is_out_of_date_by_its_window_in_whole_days(library: Library, age: int, day: int) -> None:
    """Each variable with a window is warned about exactly if its result is older than the window."""
    date = format_day(day - age)
    facts: Facts = {
        "ecog": {"value": 1, "date": date},
        "weight": per("kg", 70, date=date),
        "hla_a02": {"value": True, "date": date},
    }
    stale = {name for code, name in warned(library, facts, format_day(day)) if code == "CHK-14"}
    assert stale == {name for name, window in (("ecog", 28), ("weight", 90)) if age > window}


def test_every_check_has_its_rows() -> None:
    """Each check of the theory that came with the clinical reading is met in one row, and silent in another."""
    codes = {f"CHK-{number:02d}" for number in range(1, 17)}
    assert {code for code, _, _ in WARNS} == codes
    assert {code for code, _ in SILENT} == codes


def test_a_warning_of_a_check_is_a_warning_like_any_other(library: Library) -> None:
    """Its code is the id of the check, and it names the variable."""
    record = record_from({"as_of": AS_OF, "facts": {"wbc": per("/uL", 4.2)}}, library)
    (found,) = Matcher(library).match(record, ["RO"]).warnings
    text = "4.2 cells in a microlitre is no count: are thousands meant (10^9/L)?"
    assert found == AnswerWarning(code="CHK-13", text=text, variable="wbc")
