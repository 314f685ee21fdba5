"""What follows from events for the variables of the vocabulary."""

from __future__ import annotations

from datetime import date

from solver import read_record
from solver.engine.conversion.following_facts import following_facts, told_by
from solver.language.domain import Domain, Interval
from solver.library.models import Library
from solver.patient.record import Record


def _record(library: Library, complete: list[str], **lists: list[dict[str, object]]) -> Record:
    return read_record({"id": "p", "as_of": "2026-11-20", "facts": lists, "complete": complete}, library)


def _days(first: str, last: str) -> Domain:
    low, high = (date.fromisoformat(each).toordinal() for each in (first, last))
    return Interval(low, high, whole=True)


TRANSPLANT = {"is": "allo_hsct", "start": "2024-08-20"}


def test_events_of_an_open_list_give_bounds(library: Library) -> None:
    """One transplant that is written down is one at least, and the last one was then or later."""
    found = following_facts(library, _record(library, [], therapies=[TRANSPLANT]))
    assert found["prior_hsct_count"].low == 1
    assert found["prior_hsct_count"].high == float("inf")
    assert found["last_hsct_date"] == _days("2024-08-20", "2026-11-20")


def test_events_of_a_complete_list_give_values(library: Library) -> None:
    """With the list complete it is just one, on that day, and what is not written down did not happen."""
    found = following_facts(library, _record(library, ["therapies"], therapies=[TRANSPLANT]))
    assert found["prior_hsct_count"] == Interval(1, 1, whole=True)
    assert found["last_hsct_date"] == _days("2024-08-20", "2024-08-20")
    assert found["anti_cd20_ever"] == frozenset({False})


def test_what_only_an_axiom_adds_does_not_follow(library: Library) -> None:
    """The axioms of the theory say nothing here: a rare diagnosis excludes others, and nobody said so."""
    record = read_record({"id": "p", "as_of": "2026-11-20", "facts": {"remission_state": "CR"}}, library)
    assert not following_facts(library, record)


def test_each_variable_names_the_entries_behind_it(library: Library) -> None:
    """A variable rests on the entries of what it means, and on what says that there are no others."""
    entries = [{"is": "rituximab", "start": "2026-10-01"}, TRANSPLANT]
    record = _record(library, ["hsct"], therapies=entries)
    assert list(told_by(library, record, "anti_cd20_ever")) == ["therapies[0]"]
    assert list(told_by(library, record, "prior_hsct_count")) == ["therapies[1]", "complete:hsct"]
