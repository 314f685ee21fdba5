"""Which of several values counts, and what becomes of the others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solver.library.codes.code_map import CodeMap
from solver.library.codes.models import MappedCode
from solver.library.models import Library
from solver.patient.account import ResourcePlace
from solver.patient.readers.foreign.interpret import ForeignRecord
from solver.patient.readers.foreign.statements import (
    Amount,
    AmountRange,
    CodedText,
    Coding,
    ConditionStatement,
    PersonStatement,
    PossibleDays,
    ResultStatement,
)
from tests.support.formats.exports import LOINC, days, facts_of, outcomes, read_export, result, stated

WBC, CREATININE, MARROW, QTCF = "6690-2", "14682-9", "11150-0", "76634-5"


def told(found: ForeignRecord, code: str) -> list[str | None]:
    """The variables of the warnings with a code."""
    return [variable for each, variable, _ in found.warnings if each == code]


def test_the_latest_counts(library: Library) -> None:
    """Of results of different days the latest on or before the day of evaluation counts, by all codes of its variable together."""
    found = read_export(
        library,
        result(WBC, ("4", "10*3/uL"), "2026-11-10", at=1),
        result("26464-8", ("5", "10*9/L"), "2026-11-15", at=2),
        result(WBC, ("6", "10*3/uL"), "2026-11-21", at=3),
    )
    assert facts_of(found)["wbc"]["value"] == 5
    assert outcomes(found) == {"entry[1]": "superseded", "entry[2]": "used", "entry[3]": "after-as-of"}


def test_equal_results_of_a_day_are_one_fact(library: Library) -> None:
    """Results that are equal in the unit of their variable have both sources, and are no conflict."""
    found = read_export(
        library,
        result(WBC, ("4", "10*3/uL"), at=1),
        result(WBC, ("4000", "/uL"), at=2),
    )
    assert facts_of(found)["wbc"]["source"] == (
        "Observation/o1 loinc 6690-2 2026-11-18; Observation/o2 loinc 6690-2 2026-11-18"
    )
    assert found.account.conflicts == []


@pytest.mark.parametrize(
    ("first", "second", "fact"),
    [
        (("0.3", "10*9/L"), ("0.5", "10*9/L"), {"min": 0.3, "max": 0.5, "unit": "10*9/L"}),
        (("300", "/uL"), ("0.5", "10*9/L"), {"min": 300, "max": 500, "unit": "/uL"}),
        (
            Amount("1", "<", code="10*9/L"),
            ("0.5", "10*9/L"),
            {"max": 1, "max_exclusive": True, "unit": "10*9/L"},
        ),
        (Amount("1", ">", code="10*9/L"), Amount("2", "<", code="10*9/L"), {"min": 0, "unit": "10*9/L"}),
        (
            AmountRange(Amount("1", code="10*9/L"), Amount("2", code="10*9/L")),
            ("3", "10*9/L"),
            {"min": 1, "max": 3, "unit": "10*9/L"},
        ),
    ],
)
def test_numbers_of_a_day_that_differ_are_an_interval(
    library: Library, first: object, second: object, fact: dict[str, object]
) -> None:
    """From the least to the greatest, bounds included; it is a conflict, and both are used."""
    found = read_export(library, result(WBC, first, at=1), result(WBC, second, at=2))  # type: ignore[arg-type]
    written = facts_of(found)["wbc"]
    assert {key: each for key, each in written.items() if key not in ("date", "source")} == fact
    assert [(row.variable, row.kind, row.at) for row in found.account.conflicts] == [
        ("wbc", "same-day", ("entry[1]", "entry[2]"))
    ]
    assert told(found, "same-day") == ["wbc"]
    assert set(outcomes(found).values()) == {"used"}


def test_ends_of_an_interval_are_exact_where_a_unit_allows(library: Library) -> None:
    """Results in two units are joined in the one in which both have decimals that end."""
    found = read_export(
        library, result(CREATININE, ("71", "umol/L"), at=1), result("2160-0", ("0.8", "mg/dL"), at=2)
    )
    fact = facts_of(found)["serum_creatinine"]
    assert (fact["min"], fact["max"], fact["unit"]) == (70.72, 71, "umol/L")


def test_answers_of_a_day_that_differ_are_alternatives(library: Library) -> None:
    """What is no number may be either, dates and names alike."""
    found = read_export(
        library,
        stated("cns_leukemia_active", True, at=1),
        stated("cns_leukemia_active", False, at=2),
        stated("cns_status", "CNS1", at=3),
        stated("cns_status", "CNS2", at=4),
        stated("relapse_after_hsct_date", days("2026-10-05"), at=5),
        stated("relapse_after_hsct_date", days("2026-10-07"), at=6),
        stated("last_hsct_date", days("2026-01"), at=7),
        stated("last_hsct_date", days("2026-03-02"), at=8),
    )
    facts = facts_of(found)
    assert facts["cns_leukemia_active"]["one_of"] == [False, True]
    assert facts["cns_status"]["one_of"] == ["CNS1", "CNS2"]
    assert facts["relapse_after_hsct_date"]["one_of"] == ["2026-10-05", "2026-10-07"]
    assert (facts["last_hsct_date"]["min"], facts["last_hsct_date"]["max"]) == ("2026-01-01", "2026-03-02")
    assert len(told(found, "same-day")) == 4


def test_lists_of_a_day_are_joined(library: Library) -> None:
    """Lists of names that differ hold what each of them holds, as far as the list has room."""
    found = read_export(library, stated("prior_drugs", "a, b", at=1), stated("prior_drugs", "b, c", at=2))
    assert facts_of(found)["prior_drugs"]["value"] == ["a", "b", "c"]
    assert "a list of 2" in found.account.conflicts[0].text


def test_replicates_are_all_kept(library: Library) -> None:
    """Tracings of the latest day become replicates in the order of their moments, and are no conflict."""
    found = read_export(
        library,
        result(QTCF, ("428", "ms"), "2026-11-13", at=1, instant="2026-11-13T10:00:00Z"),
        result(QTCF, ("0.431", "s"), "2026-11-13", at=2, instant="2026-11-13T09:00:00Z"),
        result(QTCF, ("431", "ms"), "2026-11-13", at=3, instant="2026-11-13T09:30:00Z"),
        result(QTCF, ("500", "ms"), "2026-11-12", at=4),
    )
    assert facts_of(found)["qtcf"]["replicates"] == [431, 431, 428]
    assert found.account.conflicts == []
    assert outcomes(found)["entry[4]"] == "superseded"


def test_partial_dates_that_cannot_be_ordered_count_as_one_day(library: Library) -> None:
    """A month beside a day of it leaves the order open; a day after the month does not."""
    month = result(WBC, ("4", "10*3/uL"), "2026-11", at=1)
    within = read_export(library, month, result(WBC, ("5", "10*3/uL"), "2026-11-18", at=2))
    assert facts_of(within)["wbc"]["max"] == 5
    after = read_export(
        library,
        result(WBC, ("4", "10*3/uL"), "2026-10", at=1),
        result(WBC, ("5", "10*3/uL"), "2026-11-01", at=2),
    )
    assert outcomes(after) == {"entry[1]": "superseded", "entry[2]": "used"}


@pytest.mark.parametrize(("day", "fresh"), [("2026-10-23", True), ("2026-10-22", False), ("2026-10", False)])
def test_a_window_holds_for_every_possible_day(library: Library, day: str, fresh: bool) -> None:
    """A count is fresh for 28 days, both ends included; a month that begins before is stale."""
    found = read_export(library, result(WBC, ("4", "10*3/uL"), day))
    assert outcomes(found) == {"entry[1]": "used" if fresh else "stale"}
    assert told(found, "stale") == ([] if fresh else ["wbc"])


def test_an_older_value_never_steps_in_for_a_stale_one(library: Library) -> None:
    """What is stale is unknown; the report has its age."""
    found = read_export(
        library,
        result(MARROW, ("34", "%"), "2026-10-06", at=1),
        result(MARROW, ("20", "%"), "2026-09-01", at=2),
    )
    assert facts_of(found) == {}
    (row,) = found.account.stale
    assert (row.variable, row.date, row.age_days, row.window_days, row.at) == (
        "bm_blasts_pct",
        "2026-10-06",
        45,
        42,
        "entry[1]",
    )


def test_a_form_has_the_window_of_its_variable(library: Library) -> None:
    """What a form says grows old as any other result; what has no window does not."""
    found = read_export(
        library,
        stated("organ_renal_ok", True, "2026-10-01", at=1),
        stated("cns_leukemia_history", True, "2020-01-01", at=2),
    )
    assert outcomes(found) == {"entry[1]": "stale", "entry[2]": "used"}


def test_the_undated_count_only_alone_and_without_a_window(library: Library) -> None:
    """A result without a date says nothing beside a dated one, or where results grow old."""
    height = "8302-2"
    alone = read_export(library, result(height, ("170", "cm"), None))
    assert outcomes(alone) == {"entry[1]": "used"}
    assert "date" not in facts_of(alone)["height"]
    beside = read_export(
        library, result(height, ("170", "cm"), None, at=1), result(height, ("171", "cm"), "2020-01", at=2)
    )
    assert outcomes(beside) == {"entry[1]": "undated", "entry[2]": "used"}
    assert outcomes(read_export(library, result(WBC, ("4", "10*3/uL"), None))) == {"entry[1]": "undated"}


def test_what_cannot_be_used_never_displaces_what_can(library: Library) -> None:
    """Wrong units, values, standings and days leave an older result in force."""
    found = read_export(
        library,
        result(CREATININE, ("71", "umol/L"), "2026-11-10", at=1),
        result(CREATININE, ("71", "U/L"), "2026-11-15", at=2),
        result(CREATININE, ("-1", "umol/L"), "2026-11-16", at=3),
        result(CREATININE, ("90", "umol/L"), "2026-11-17", at=4, unconfirmed="status preliminary"),
        result(CREATININE, ("90", "umol/L"), "2026-11-21", at=5),
        result(CREATININE, ("90", "umol/L"), None, at=6),
    )
    assert facts_of(found)["serum_creatinine"]["value"] == 71


def test_a_form_wins_over_what_is_derived(library: Library) -> None:
    """What a form says of the variable counts whatever the day of what is derived, which is a conflict if it cannot be."""
    leukaemia = ConditionStatement(
        ResourcePlace("entry[2]", "Condition", "c"),
        CodedText((Coding("http://snomed.info/sct", "91861009"),)),
        "active",
        days("2026-11-19"),
        confirmed=True,
    )
    found = read_export(library, stated("diagnosis", "MDS", at=1), leukaemia)
    assert facts_of(found)["diagnosis"]["value"] == "MDS"
    assert [(row.variable, row.kind) for row in found.account.conflicts] == [("diagnosis", "derived")]
    assert "diagnosis" in told(found, "same-day")
    agreeing = read_export(library, stated("diagnosis", "AML", at=1), leukaemia)
    assert agreeing.account.conflicts == []


def test_a_form_is_one_of_the_results_of_its_variable(library: Library) -> None:
    """A result that was measured later counts; one of the same day stands beside what a form says."""
    form = stated("weight", ("60", "kg"), "2026-11-10", at=1)
    later = read_export(library, form, result("29463-7", ("62", "kg"), "2026-11-12", at=2))
    assert outcomes(later) == {"entry[1]": "superseded", "entry[2]": "used"}
    same = read_export(library, form, result("29463-7", ("62", "kg"), "2026-11-10", at=2))
    assert facts_of(same)["weight"]["min"] == 60


def test_a_pulse_counts_only_beside_its_tracing(library: Library) -> None:
    """A heart rate of another moment says nothing, one of the same panel or moment goes with the tracing."""
    entries = dict(library.codes.entries)
    for name, code in (("qt", "8634-8"), ("heart-rate", "8867-4")):
        entries[name] = replace(entries[name], codes=(MappedCode("loinc", code),))
    site = replace(library, codes=CodeMap(replace(library.codes.tables, entries=entries)))
    tracing = result("8634-8", ("400", "ms"), at=1, instant="2026-11-18T10:00Z")
    pulse = result("8867-4", ("60", "/min"), at=2, instant="2026-11-18T10:00Z")
    other = result("8867-4", ("90", "/min"), at=3, instant="2026-11-18T16:00Z")
    facts = facts_of(read_export(site, tracing, pulse, other))
    assert (facts["qt"]["value"], facts["heart_rate"]["value"]) == (400, 60)
    alone = read_export(site, other)
    assert (facts_of(alone), outcomes(alone)) == ({}, {"entry[3]": "not-a-state"})


def test_limits_of_normal_must_agree(library: Library) -> None:
    """Of equal results with other limits of normal the value counts, and neither limit."""

    def alt(at: int, most: str) -> ResultStatement:
        place = ResourcePlace(f"entry[{at}]", "Observation", f"o{at}")
        normal = AmountRange(None, Amount(most, code="U/L"))
        code = CodedText((Coding(LOINC, "1742-6"),))
        return ResultStatement(place, code, Amount("55", code="U/L"), days("2026-11-18"), normal=normal)

    assert facts_of(read_export(library, alt(1, "40"), alt(2, "40")))["alt"]["uln"] == 40
    differing = facts_of(read_export(library, alt(1, "40"), alt(2, "50")))["alt"]
    assert (differing["value"], "uln" in differing) == (55, False)


def test_days_tell_when_a_fact_held_and_whether_for_good(library: Library) -> None:
    """A result changes, who somebody is does not; the days are those on which it may have been."""
    place = ResourcePlace("entry[0]", "Patient", "p")
    found = read_export(
        library, PersonStatement(place, days("2000-01-01"), "male"), result(WBC, ("4", "10*3/uL"), "2026-11")
    )
    wbc, born = found.days["wbc"], found.days["birth_date"]
    assert (wbc.first, wbc.last) == (days("2026-11-01").first, days("2026-11-20").first)
    assert (wbc.lasting, born.lasting) == (False, True)


def test_an_upper_bound_is_no_date(library: Library) -> None:
    """What began nobody knows when has no day in the record, and cannot be ordered."""
    found = read_export(
        library,
        ResultStatement(
            ResourcePlace("entry[1]", "Observation", "o1"),
            CodedText((Coding(LOINC, "8302-2"),)),
            Amount("170", code="cm"),
            PossibleDays(None, days("2026-11-18").last),
        ),
    )
    assert "date" not in facts_of(found)["height"]
