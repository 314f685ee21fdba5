"""A history of more events than a record holds entries."""

from __future__ import annotations

from datetime import date, timedelta

from solver.library.models import Library
from tests.support.formats.exports import day_number
from tests.support.formats.history_exports import condition, drug, entries, following, given_on, history


def many(count: int) -> list[str]:
    """Days one after the other, the last of them the fifth of November 2026."""
    last = date(2026, 11, 5)
    return [(last - timedelta(days=count - 1 - i)).isoformat() for i in range(count)]


def test_a_thousand_infusions_are_told_in_three_entries(library: Library) -> None:
    """The first and the last, and one for those between; what follows is the same."""
    days = many(1_200)
    found = history(library, *(given_on(day, at=i, text="rituximab") for i, day in enumerate(days)))
    assert [(each["start"], each["end"]) for each in entries(found)] == [
        (days[0], days[0]),
        (days[1], days[-2]),
        (days[-1], days[-1]),
    ]
    last = following(library, found, ["anti_cd20"])["anti_cd20_last_date"]
    assert (last.low, last.high) == (day_number(days[-1]), day_number(days[-1]))  # type: ignore[union-attr]


def test_what_goes_on_is_kept(library: Library) -> None:
    """Among many that are over."""
    given = [given_on(day, at=i, text="tacrolimus") for i, day in enumerate(many(700))]
    found = history(library, *given, drug(text="tacrolimus", at=900, start="2025-01-01", ongoing=True))
    assert len(found.events) == 3
    assert following(library, found)["immunosuppression_current"] == frozenset({True})


def test_many_conditions_and_names_stay_within_what_a_record_holds(library: Library) -> None:
    """However many there are."""
    given = [
        condition("icd10cm J18.9", at=i, status="resolved", onset=day) for i, day in enumerate(many(1_200))
    ]
    assert len(history(library, *given).events) == 3
    unknown = [drug(text=f"unheard {i}", at=i) for i in range(300)]
    assert len(history(library, *unknown).events) == 100


def test_one_unknown_name_is_one_entry(library: Library) -> None:
    """With its days where they are of one intake."""
    found = history(library, drug(text="Foo", start="2026-01"), drug(text="Foo", at=2, start="2026-02"))
    assert entries(found) == [{"is": "Foo"}]
