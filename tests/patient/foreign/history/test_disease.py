"""The disease treated now: which it is, where it stands, and the relapses and remissions that statements of it tell."""

from __future__ import annotations

import pytest

from solver.library.models import Library
from solver.patient.readers.foreign.statements import Faulty, SourceStatement
from tests.support.formats.history_exports import (
    candidate,
    condition,
    entries,
    facts,
    following,
    history,
    outcomes,
    procedure,
)

AML, RELAPSED = "snomed 91861009", "icd10cm C92.02"
REMISSION = ["CR", "CRi", "CRh", "MLFS"]


@pytest.mark.parametrize(
    ("code", "values"),
    [
        (AML, ["AML"]),
        ("snomed 91860005", ["AML"]),
        ("icd10cm C92.01", ["AML"]),
        ("icd10cm C92.A0", ["AML"]),
        ("icd10cm C9260", ["AML"]),
        ("icd10cm C92.40", ["AML"]),
        ("snomed 277571004", ["B_ALL"]),
        ("snomed 277575008", ["T_ALL"]),
        ("icd10cm C91.00", ["B_ALL", "T_ALL"]),
        ("icd10cm D46.22", ["MDS"]),
        ("snomed 702476004", ["MDS"]),
        ("icd10cm C93.10", ["MDS_MPN"]),
        ("icd10cm C93.30", ["JMML"]),
        ("icd10cm C86.4", ["BPDCN"]),
    ],
)
def test_codes_of_the_disease(library: Library, code: str, values: list[str]) -> None:
    """Each code leaves the diagnoses that it may mean."""
    fact = facts(history(library, condition(code)))["diagnosis"]
    assert fact == ({"value": values[0]} if len(values) == 1 else {"one_of": values})


@pytest.mark.parametrize("code", ["icd10cm C95.00", "icd10cm C50.9", "icd10cm C91.10", "icd10cm C92.10"])
def test_another_malignant_disease_is_no_diagnosis(library: Library, code: str) -> None:
    """Where there is no disease of the table the diagnosis is unknown."""
    assert "diagnosis" not in facts(history(library, condition(code)))


def test_a_kind_of_the_disease_says_more(library: Library) -> None:
    """Promyelocytic leukaemia, and MDS after therapy."""
    assert facts(history(library, condition("icd10cm C92.41")))["apl"] == {"value": True}
    assert facts(history(library, condition("snomed 702476004")))["therapy_related_mds"] == {"value": True}
    assert "apl" not in facts(history(library, condition(AML)))


def test_the_diagnosis_is_confirmed_only_where_it_says_so(library: Library) -> None:
    """A verification status that is absent says nothing."""
    assert facts(history(library, condition(AML, confirmed=True)))["diagnosis_confirmed"] == {"value": True}
    assert "diagnosis_confirmed" not in facts(history(library, condition(AML)))


def test_an_unconfirmed_disease_is_no_diagnosis(library: Library) -> None:
    """It is told as unconfirmed."""
    found = history(library, condition(AML, unconfirmed="provisional"))
    assert facts(found) == {}
    assert outcomes(found) == ["unconfirmed"]


def test_the_latest_of_those_that_go_on_is_the_disease(library: Library) -> None:
    """A disease that transforms is the later one; the earlier one is no other malignancy."""
    found = history(
        library,
        condition("icd10cm D46.9", onset="2023-04"),
        condition("icd10cm C92.00", at=2, onset="2026-10-01"),
    )
    assert facts(found)["diagnosis"] == {"value": "AML"}
    assert "other_malignancy" not in following(library, found)
    assert entries(found) == [{"is": "myeloid_disorder", "start": "2023-04", "ongoing": True}]
    assert outcomes(found) == ["superseded", "used"]


def test_one_that_goes_on_comes_before_a_later_one_that_is_over(library: Library) -> None:
    """Only where none goes on all are looked at."""
    over = condition("snomed 277571004", at=2, status="resolved", onset="2025")
    found = history(library, condition(AML, onset="2020"), over)
    assert facts(found)["diagnosis"] == {"value": "AML"}
    assert outcomes(found) == ["used", "superseded"]
    assert facts(history(library, over))["diagnosis"] == {"value": "B_ALL"}


@pytest.mark.parametrize("onset", ["2026-03-01", None])
def test_two_diseases_that_cannot_be_put_in_order_are_a_conflict(library: Library, onset: str | None) -> None:
    """Of one onset day, or undated and different: one of both."""
    found = history(library, condition(AML, onset=onset), condition("snomed 277571004", at=2, onset=onset))
    assert facts(found)["diagnosis"] == {"one_of": ["AML", "B_ALL"]}
    assert [row.variable for row in found.account.conflicts] == ["diagnosis"]


def test_codings_of_one_condition_are_intersected(library: Library) -> None:
    """One idea: a code without lineage and one with it are the one with it; two that exclude each other are no fact."""
    assert facts(history(library, condition("icd10cm C91.00", "snomed 277575008")))["diagnosis"] == {
        "value": "T_ALL"
    }
    found = history(library, condition("icd10cm C91.00", AML))
    assert facts(found) == {}
    assert outcomes(found) == ["conflict"]


@pytest.mark.parametrize(
    ("given", "status", "state"),
    [
        (condition("icd10cm C92.00"), {"one_of": ["untreated", "refractory"]}, {"value": "none"}),
        (condition("icd10cm C92.01"), {"value": "remission"}, {"one_of": REMISSION}),
        (condition("icd10cm C92.02"), {"value": "relapsed"}, {"value": "none"}),
        (condition(AML, status="remission"), {"value": "remission"}, {"one_of": REMISSION}),
        (condition(AML, status="relapse"), {"value": "relapsed"}, {"value": "none"}),
        (condition(AML, status="recurrence"), {"value": "relapsed"}, {"value": "none"}),
        (condition("snomed 91860005", status=None), {"value": "remission"}, {"one_of": REMISSION}),
        (condition("icd10cm C92.01", status="remission"), {"value": "remission"}, {"one_of": REMISSION}),
    ],
)
def test_where_the_disease_stands(
    library: Library, given: SourceStatement, status: object, state: object
) -> None:
    """By the clinical status, or by the character after the code; which remission is never told."""
    found = facts(history(library, given))
    assert found["disease_status"] == status
    assert found["remission_state"] == state


@pytest.mark.parametrize("code", [AML, "icd10cm C92.0", "icd10cm D46.21"])
def test_active_alone_says_nothing_of_where_it_stands(library: Library, code: str) -> None:
    """Nor does a character that tells a grade."""
    assert "disease_status" not in facts(history(library, condition(code)))


def test_a_status_and_a_code_that_differ_are_a_conflict(library: Library) -> None:
    """One of both, and no relapse is counted."""
    found = history(library, condition("icd10cm C92.02", status="remission"))
    assert facts(found)["disease_status"] == {"one_of": ["relapsed", "remission"]}
    assert "remission_state" not in facts(found)
    assert "relapse_number" not in facts(found)
    assert [row.kind for row in found.account.conflicts] == ["codings"]


def test_the_latest_statement_says_where_it_stands(library: Library) -> None:
    """By onset, else by the day of recording; an earlier statement is not asked."""
    found = history(
        library, condition("icd10cm C92.01", onset="2024-05-01"), condition(AML, at=2, recorded="2026-01-01")
    )
    assert "disease_status" not in facts(found)


def test_a_state_has_the_day_of_its_onset_only_where_that_is_its_own(library: Library) -> None:
    """A first statement began with the diagnosis: its state began on some day up to the day of evaluation."""
    first = candidate(
        history(library, condition(AML, status="remission", onset="2024-02-10")), "disease_status"
    )
    assert first.days is not None
    assert first.days.first is None
    found = history(
        library, condition(AML, onset="2024-02-10"), condition(RELAPSED, at=2, onset="2026-10-05")
    )
    own = candidate(found, "disease_status")
    assert own.days is not None
    assert own.days.written == "2026-10-05"
    assert not own.lasting


def test_a_relapse_of_its_own_is_counted_on_its_day(library: Library) -> None:
    """A statement of relapse with an onset after another one of the disease, which stands behind it; never an exact number."""
    found = history(
        library,
        condition(AML, status="remission", onset="2024-02-10"),
        condition(RELAPSED, at=2, status="relapse", onset="2025-10-05"),
        condition(RELAPSED, at=3, status="relapse", onset="2026-10-05"),
    )
    assert facts(found)["relapse_number"] == {"min": "2"}
    counted = candidate(found, "relapse_number")
    places = [source.place.at for source in (counted.source, *counted.also)]
    assert places == ["entry[1]", "entry[2]", "entry[3]"]
    assert counted.days is not None
    assert counted.days.written == "2026-10-05"
    assert found.account.rows["entry[1]"].variables == {"relapse_number"}


def test_a_relapse_told_twice_is_one(library: Library) -> None:
    """Of one day, or of days that may be the same."""
    found = history(
        library,
        condition(AML, onset="2024-02-10"),
        condition(RELAPSED, at=2, onset="2026-10-05"),
        condition(RELAPSED, at=3, onset="2026-10"),
    )
    assert facts(found)["relapse_number"] == {"min": "1"}


@pytest.mark.parametrize("onset", ["2024-02-10", None])
def test_a_first_statement_in_relapse_relapsed_on_an_unknown_day(library: Library, onset: str | None) -> None:
    """Between its onset and its recording: one relapse at least, and no date of it."""
    found = history(
        library,
        condition(RELAPSED, onset=onset, recorded="2026-06-01"),
        procedure("snomed 58390007", at=2, day="2024-08-20"),
    )
    assert facts(found)["relapse_number"] == {"min": "1"}
    assert "relapse_after_hsct_date" not in facts(found)


def test_the_first_relapse_after_the_latest_transplant(library: Library) -> None:
    """It holds only where every transplant is known."""
    found = history(
        library,
        condition(AML, onset="2023-02-10"),
        condition(RELAPSED, at=2, onset="2024-01-05"),
        condition(RELAPSED, at=3, onset="2025-10-05"),
        condition(RELAPSED, at=4, onset="2026-10-05"),
        procedure("snomed 58390007", at=5, day="2023-08-20"),
        procedure("snomed 58390007", at=6, day="2024-08-20"),
    )
    fact = candidate(found, "relapse_after_hsct_date")
    assert fact.fact == {"value": "2025-10-05"}
    assert fact.needs_all_of == "hsct"
    assert [source.place.at for source in (fact.source, *fact.also)] == ["entry[3]", "entry[6]"]


def test_no_relapse_after_a_transplant_of_unknown_day(library: Library) -> None:
    """Nor where it may lie on either side."""
    for day in (None, "2026-10", "2026-11-01"):
        found = history(
            library,
            condition(AML, onset="2023-02-10"),
            condition(RELAPSED, at=2, onset="2026-10-05"),
            procedure("snomed 58390007", at=3, day=day),
        )
        assert "relapse_after_hsct_date" not in facts(found)


def test_the_length_of_the_last_remission_is_in_whole_months(library: Library) -> None:
    """From the start of a remission of its own to the relapse that ended it."""
    found = history(
        library,
        condition(AML, onset="2024-02-10"),
        condition("snomed 91860005", at=2, status="remission", onset="2024-05-31"),
        condition(RELAPSED, at=3, onset="2025-02-28"),
    )
    assert facts(found)["cr_duration"] == {"min": "9", "max_exclusive": "10", "unit": "mo"}


def test_a_first_statement_in_remission_began_with_the_diagnosis(library: Library) -> None:
    """It is no start of a remission, and has no length."""
    found = history(
        library,
        condition(AML, status="remission", onset="2024-02-10"),
        condition(RELAPSED, at=2, onset="2026-10-05"),
    )
    assert "cr_duration" not in facts(found)


def test_a_remission_that_nothing_ended_has_no_length(library: Library) -> None:
    """The last remission came after the last relapse."""
    found = history(
        library,
        condition(AML, onset="2024-02-10"),
        condition("snomed 91860005", at=2, status="remission", onset="2024-05-31"),
        condition(RELAPSED, at=3, onset="2025-02-28"),
        condition("snomed 91860005", at=4, status="remission", onset="2025-06-30"),
    )
    assert "cr_duration" not in facts(found)


def test_unreadable_or_later_days_are_no_diagnosis(library: Library) -> None:
    """The account says why."""
    found = history(library, condition(AML, onset=Faulty("no date")), condition(AML, at=2, onset="2027"))
    assert outcomes(found) == ["date", "after-as-of"]
    assert facts(found) == {}


def test_the_order_of_statements_changes_nothing(library: Library) -> None:
    """Facts and sources are the same."""
    first, second = condition(AML, onset="2024-02-10"), condition(RELAPSED, at=2, onset="2026-10-05")
    one, other = history(library, first, second), history(library, second, first)
    assert one.candidates == other.candidates
