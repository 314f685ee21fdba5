"""Facts of other days that contradict newer ones."""

from __future__ import annotations

from datetime import date

import pytest

from solver import Matcher, read_record
from solver.engine.conversion.older_facts import set_aside
from solver.library.models import Library
from solver.patient.record import FactDays, Record

CELLS = "10*9/L"


def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def _on(text: str, *, lasting: bool = False) -> FactDays:
    return FactDays(_day(text), _day(text), lasting)


def _record(library: Library, **facts: object) -> Record:
    return read_record({"id": "p", "as_of": "2026-11-20", "facts": facts}, library)


def _counts(library: Library, blasts: str, cells: str) -> Record:
    """More blasts than there are white cells."""
    return _record(
        library,
        pb_blasts_abs={"value": 400, "unit": CELLS, "date": blasts},
        wbc={"value": 99, "unit": CELLS, "date": cells},
    )


def test_the_older_of_two_changing_facts_gives_way(library: Library) -> None:
    """Of two results that contradict each other the one of the earlier day is left out, and both days are told."""
    record = _counts(library, "2026-11-17", "2026-11-18")
    days = {"pb_blasts_abs": _on("2026-11-17"), "wbc": _on("2026-11-18")}
    found, older = set_aside(library, record, days)
    assert set(found.facts) == {"wbc"}
    assert [(each.variable, each.day, each.newer, each.newest_day) for each in older] == [
        ("pb_blasts_abs", _day("2026-11-17"), ("wbc",), _day("2026-11-18"))
    ]


@pytest.mark.parametrize(
    "blasts",
    [
        _on("2026-11-18"),
        _on("2026-11-17", lasting=True),
        FactDays(None, None, False),
        FactDays(_day("2026-11-01"), _day("2026-11-30"), False),
    ],
    ids=["of the same day", "lasting", "undated", "perhaps later"],
)
def test_nothing_else_gives_way(library: Library, blasts: FactDays) -> None:
    """What is of one day, lasts, is undated, or may be the later one is not left out: the record stays contradictory."""
    record = _counts(library, "2026-11-17", "2026-11-18")
    found, older = set_aside(library, record, {"pb_blasts_abs": blasts, "wbc": _on("2026-11-18")})
    assert found == record
    assert not older


def test_a_record_that_agrees_with_itself_stays_as_it_is(library: Library) -> None:
    """Nothing is left out where nothing contradicts itself, however old it is."""
    record = _record(library, wbc={"value": 9, "unit": CELLS, "date": "2026-01-01"}, ecog=1)
    assert set_aside(library, record, {"wbc": _on("2026-01-01")}) == (record, ())


def test_a_native_record_stays_contradictory_with_a_hint(library: Library) -> None:
    """A record that a person wrote is strict: it contradicts itself, and a warning says which fact is the older."""
    answer = Matcher(library).match(_counts(library, "2026-11-17", "2026-11-18"))
    assert answer.contradictions == (("pb_blasts_abs", "wbc"),)
    hints = [each for each in answer.warnings if each.code == "different-days"]
    assert [each.variable for each in hints] == ["pb_blasts_abs"]
    assert "2026-11-17" in hints[0].text
    assert "2026-11-18" in hints[0].text


def test_no_hint_where_the_days_are_the_same(library: Library) -> None:
    """Facts of one day are no older than each other."""
    answer = Matcher(library).match(_counts(library, "2026-11-18", "2026-11-18"))
    assert answer.contradictions
    assert not [each for each in answer.warnings if each.code == "different-days"]
