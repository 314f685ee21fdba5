"""Procedures, and which of them tell of one event."""

from __future__ import annotations

import pytest

from solver.language.domain import Interval
from solver.library.models import Library
from solver.patient.readers.foreign.statements import Faulty, SourceStatement
from tests.support.formats.exports import day_number
from tests.support.formats.history_exports import (
    condition,
    doubted,
    drug,
    entries,
    following,
    given_on,
    history,
    outcomes,
    procedure,
)

ALLOGENEIC, AUTOLOGOUS, EITHER = "snomed 58390007", "snomed 425983008", "snomed 234336002"


def count(library: Library, variable: str, *given: SourceStatement, complete: bool) -> tuple[float, float]:
    """The least and the greatest count that follows."""
    found = following(library, history(library, *given), ["hsct"] if complete else [])[variable]
    assert isinstance(found, Interval)
    return float(found.low), float(found.high)


def test_without_a_complete_list_a_count_is_a_lower_bound(library: Library) -> None:
    """Two transplants found: two or more, the last on the later day or after it."""
    given = procedure(ALLOGENEIC, day="2022-01-10"), procedure(ALLOGENEIC, at=2, day="2024-05-03")
    assert count(library, "prior_hsct_count", *given, complete=False) == (2, float("inf"))
    last = following(library, history(library, *given))["last_hsct_date"]
    assert isinstance(last, Interval)
    assert (last.low, last.high) == (day_number("2024-05-03"), day_number("2026-11-20"))


def test_with_a_complete_list_count_and_day_are_exact(library: Library) -> None:
    """Two, and the day of the later one."""
    given = procedure(ALLOGENEIC, day="2022-01-10"), procedure(ALLOGENEIC, at=2, day="2024-05-03")
    assert count(library, "prior_hsct_count", *given, complete=True) == (2, 2)
    last = following(library, history(library, *given), ["hsct"])["last_hsct_date"]
    assert isinstance(last, Interval)
    assert last.low == last.high == day_number("2024-05-03")


def test_procedures_within_seven_days_are_one_transplant(library: Library) -> None:
    """The seventh day belongs to it; the eighth is another."""
    one = procedure(ALLOGENEIC, day="2024-05-01"), procedure(ALLOGENEIC, at=2, day="2024-05-08")
    two = procedure(ALLOGENEIC, day="2024-05-01"), procedure(ALLOGENEIC, at=2, day="2024-05-09")
    assert count(library, "prior_hsct_count", *one, complete=True) == (1, 1)
    assert count(library, "prior_hsct_count", *two, complete=True) == (2, 2)


def test_allogeneic_wins_over_either(library: Library) -> None:
    """One transplant, surely an allograft, with both sources."""
    found = history(
        library, procedure(EITHER, day="2024-05-03"), procedure(ALLOGENEIC, at=2, day="2024-05-01")
    )
    assert entries(found) == [{"is": "allo_hsct", "start": "2024-05-03"}]
    assert {source.place.at for event in found.events for source in event.sources} == {"entry[1]", "entry[2]"}


def test_allogeneic_and_autologous_within_seven_days_are_a_conflict(library: Library) -> None:
    """One transplant of unknown kind."""
    found = history(
        library, procedure(AUTOLOGOUS, day="2024-05-03"), procedure(ALLOGENEIC, at=2, day="2024-05-01")
    )
    assert entries(found) == [{"is": "hsct", "start": "2024-05-03"}]
    assert found.account.conflicts


def test_allografts_are_counted_between_sure_and_possible(library: Library) -> None:
    """One of either kind, and the list complete: none or one; an autograft is none."""
    assert count(library, "prior_allo_hsct_count", procedure(EITHER, day="2024"), complete=True) == (0, 1)
    given = procedure(AUTOLOGOUS, day="2020"), procedure(ALLOGENEIC, at=2, day="2024")
    assert count(library, "prior_allo_hsct_count", *given, complete=True) == (1, 1)
    assert count(library, "prior_hsct_count", *given, complete=True) == (2, 2)


def test_an_undated_one_counts(library: Library) -> None:
    """And makes the last day unknown above the last dated one."""
    given = procedure(ALLOGENEIC), procedure(ALLOGENEIC, at=2, day="2024-05-03")
    assert count(library, "prior_hsct_count", *given, complete=True) == (2, 2)
    last = following(library, history(library, *given), ["hsct"])["last_hsct_date"]
    assert isinstance(last, Interval)
    assert (last.low, last.high) == (day_number("2024-05-03"), day_number("2026-11-20"))


def test_partial_dates_that_may_be_one_event_are_one_at_least(library: Library) -> None:
    """And how many there were is in doubt."""
    found = history(
        library, procedure(ALLOGENEIC, day="2024-05"), procedure(ALLOGENEIC, at=2, day="2024-05-20")
    )
    assert len(found.events) == 1
    assert "allo_hsct" in doubted(found)


@pytest.mark.parametrize("code", ["Z94.81", "Z94.84"])
def test_a_status_is_one_transplant_at_least(library: Library, code: str) -> None:
    """Of unknown day and kind; even where procedures are complete it may stand for several."""
    found = history(library, condition(f"icd10cm {code}", status=None))
    assert entries(found) == [{"is": "hsct"}]
    assert "hsct" in doubted(found)


def test_a_status_beside_a_transplant_is_the_same_once_more(library: Library) -> None:
    """It adds none, and leaves none in doubt."""
    found = history(
        library, condition("icd10cm Z94.84", at=2, status=None), procedure(ALLOGENEIC, day="2024-05-03")
    )
    assert entries(found) == [{"is": "allo_hsct", "start": "2024-05-03"}]
    assert doubted(found) == set()


@pytest.mark.parametrize("code", ["XW033C3", "XW043C7"])
def test_an_infusion_of_cells_by_its_code(library: Library, code: str) -> None:
    """The day of the latest is exact where both lists are complete."""
    found = history(library, procedure(f"icd10pcs {code}", day="2025-11-03"))
    follows = following(library, found, ["car_t"])
    assert follows["prior_car_t"] == frozenset({True})
    day = follows["car_t_date"]
    assert isinstance(day, Interval)
    assert day.low == day.high == day_number("2025-11-03")


def test_a_procedure_and_a_drug_of_one_day_are_one_infusion(library: Library) -> None:
    """The product says which; an order of it says no day of its own."""
    found = history(
        library,
        procedure("icd10pcs XW033C3", day="2025-11-03"),
        given_on("2025-11-03", at=2, text="Kymriah"),
        drug(at=3, text="tisagenlecleucel", start="2025-10-01", order=True),
    )
    assert entries(found) == [{"is": "tisagenlecleucel", "start": "2025-11-03"}]


def test_an_order_of_cells_alone_has_no_day(library: Library) -> None:
    """It is an exposure on an unknown day."""
    found = history(library, drug(text="tisagenlecleucel", start="2025-10-01", order=True))
    assert entries(found) == [{"is": "tisagenlecleucel"}]


def test_a_history_of_cells_by_its_status(library: Library) -> None:
    """CAR-T, and cellular therapy that is another."""
    assert entries(history(library, condition("icd10cm Z92.850", status=None))) == [{"is": "car_t"}]
    other = history(library, condition("icd10cm Z92.858", status=None))
    assert following(library, other)["prior_cellular_therapy"] == frozenset({True})
    assert "prior_car_t" not in following(library, other)


def test_an_unconfirmed_procedure_blocks_absence(library: Library) -> None:
    """It is told with the variables that it would state."""
    found = history(library, procedure(ALLOGENEIC, day="2024", unconfirmed="status in-progress"))
    assert entries(found) == []
    assert {"allo_hsct", "prior_hsct_count", "prior_allo_hsct_count"} <= doubted(found)
    assert outcomes(found) == ["unconfirmed"]


def test_days_of_procedures(library: Library) -> None:
    """An unreadable day is a mention; one after the day of evaluation is nothing."""
    found = history(library, procedure(ALLOGENEIC, day=Faulty("no date")))
    assert outcomes(found) == ["date"]
    assert "allo_hsct" in doubted(found)
    later = history(library, procedure(ALLOGENEIC, day="2026-11-21"))
    assert outcomes(later) == ["after-as-of"]
    assert doubted(later) == set()


@pytest.mark.parametrize(
    "text", ["Stem cell infusion", "Allograft of something", "Liver transplantation", "CAR T cells", "car-t"]
)
def test_an_unknown_procedure_blocks_only_where_its_text_is_suspect(library: Library, text: str) -> None:
    """Parts of words stand anywhere, whole words alone."""
    found = history(library, procedure("snomed 1234567", text=text))
    assert doubted(found) == {"procedures"}
    assert outcomes(found) == ["unknown-code"]


@pytest.mark.parametrize("text", ["Lumbar puncture", "Carotid ultrasound", None])
def test_other_unknown_procedures_block_nothing(library: Library, text: str | None) -> None:
    """They are no event."""
    found = history(library, procedure("snomed 1234567", text=text))
    assert doubted(found) == set()
    assert entries(found) == []


def test_a_code_that_is_still_to_be_checked_is_not_read(library: Library) -> None:
    """A site may switch it on."""
    found = history(library, procedure("snomed 58776007", day="2024"))
    assert entries(found) == []
    assert outcomes(found) == ["unknown-code"]
