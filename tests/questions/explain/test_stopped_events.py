"""What would have to change where a record holds events: what goes on is stopped or treated, and what happened is never undone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from solver import Matcher
from solver.language.calendar import format_day, parse_day
from solver.library.models import Library
from solver.patient.readers.native.read import read_record
from solver.questions.explain.brief_page import brief_explanation
from solver.questions.explain.page import explanation
from solver.questions.match.answer import MatchAnswer, Repair
from solver.questions.when.ask import when
from solver.report.json import answer_document
from tests.engine.events.worked_library import AS_OF, library_of

CLOSED = ["therapies", "conditions", "findings"]
AZACITIDINE = {"is": "Vidaza", "start": "2026-08-01", "ongoing": True}
OFF_HMA = "last_end(hma) + 14 d <= first_dose"


def asked(library: Library, **facts: Any) -> MatchAnswer:
    """The answer for a record of these facts with what would have to change."""
    return Matcher(library).match(read(library, **facts), repairs=True)


def read(library: Library, **facts: Any) -> Any:
    """A record of these facts, with every list closed."""
    document = {"id": "p", "as_of": AS_OF, "facts": facts, "complete": CLOSED}
    return read_record(document, library, name="p")


def repairs(library: Library, **facts: Any) -> tuple[Repair, ...]:
    """All of what would have to change."""
    found = asked(library, **facts).trials[0].repairs
    assert found is not None
    assert found.complete
    return found.repairs


def changes(repair: Repair) -> list[tuple[str, str, str | None, str | None]]:
    """What changes, how, what it must be, and the last day of what is stopped."""
    return [(each.variable, each.kind, each.require, each.stopped_on) for each in repair.changes]


def pages(library: Library, **facts: Any) -> list[str]:
    """What the short and the full page say, each on one line."""
    record, answer = read(library, **facts), asked(library, **facts)
    found = []
    for page in (brief_explanation, explanation):
        found.append(" ".join(page(answer, record, library, 200).plain().split()))
    return found


def test_who_takes_a_drug_stops_it_and_waits(tmp_path: Path) -> None:
    """The drug is stopped on the record's day, and the washout is over on the day on which `match when` says so of who stopped then."""
    library = library_of(tmp_path, OFF_HMA)
    (repair,) = repairs(library, therapies=[AZACITIDINE])
    assert changes(repair) == [("therapies[0]", "stop", "stopped", AS_OF)]
    assert (repair.kind, repair.action, repair.wait_until) == ("stop", True, "2026-12-04")
    over = {"is": "Vidaza", "start": "2026-08-01", "end": AS_OF}
    (stopped,) = when(Matcher(library), read(library, therapies=[over])).trials
    assert stopped.dates is not None
    assert stopped.dates.eligible[0][0] == repair.wait_until


def test_a_page_says_what_to_stop_in_words(tmp_path: Path) -> None:
    """`stop: Vidaza`, the last dose, and the wait after it, in this order; no entry of the record is `no`."""
    for page in pages(library_of(tmp_path, OFF_HMA), therapies=[AZACITIDINE]):
        stop = "stop: azacitidine (recorded Vidaza, from 2026-08-01, ongoing), the last dose on 2026-11-20"
        wait = "time: then wait until 2026-12-04 (14 days), longer if it is stopped later"
        assert 0 < page.find(stop) < page.find(wait), page
        assert "therapies[0]: no" not in page


def test_stopping_is_enough_where_no_washout_is_asked(tmp_path: Path) -> None:
    """Where only what goes on excludes, nobody waits, and no last dose is told."""
    library = library_of(tmp_path, "not current(hma)")
    (repair,) = repairs(library, therapies=[AZACITIDINE])
    assert changes(repair) == [("therapies[0]", "stop", "stopped", None)]
    assert (repair.action, repair.wait_until) == (True, None)


def test_every_drug_that_goes_on_is_stopped(tmp_path: Path) -> None:
    """Two courses that go on are stopped together, and one that is over is left alone."""
    library = library_of(tmp_path, OFF_HMA)
    over = {"is": "azacitidine", "start": "2024-01-01", "end": "2024-03-01"}
    (repair,) = repairs(library, therapies=[AZACITIDINE, over, {"is": "hma", "ongoing": True}])
    assert [each.variable for each in repair.changes] == ["therapies[0]", "therapies[2]"]
    assert repair.wait_until == "2026-12-04"


def test_a_condition_is_treated(tmp_path: Path) -> None:
    """What a patient has is treated, and the wait begins when it is over."""
    library = library_of(tmp_path, "last_end(malignancy) + 6 mo < as_of")
    (repair,) = repairs(library, conditions=[{"is": "skin_cancer", "start": "2026-01", "ongoing": True}])
    assert changes(repair) == [("conditions[0]", "treat", "stopped", AS_OF)]
    assert (repair.kind, repair.action, repair.wait_until) == ("treat", True, "2027-05-21")
    for page in pages(library, conditions=[{"is": "skin_cancer", "start": "2026-01", "ongoing": True}]):
        assert "treat: skin cancer (recorded skin_cancer, from 2026-01, ongoing), over on 2026-11-20" in page
        assert "then wait until 2027-05-21" in page


HAPPENED: list[tuple[str, dict[str, Any]]] = [
    ("not ever(hma)", {"therapies": [AZACITIDINE]}),
    ("not ever(hma)", {"therapies": [{"is": "hma", "start": "2020", "end": "2021"}]}),
    ("not ever(hiv)", {"conditions": [{"is": "hiv", "start": "2020"}]}),
    ("not current(hiv)", {"conditions": [{"is": "hiv", "start": "2020", "ongoing": True}]}),
    ("ever(car_t)", {}),
    ("times(hma) <= 2", {"therapies": [{**AZACITIDINE, "times": 3}]}),
]


@pytest.mark.parametrize(("clause", "facts"), HAPPENED)
def test_what_happened_is_never_undone(tmp_path: Path, clause: str, facts: dict[str, Any]) -> None:
    """Where what happened excludes, or what never did, nothing would be enough: neither stopping nor another past."""
    library = library_of(tmp_path, clause)
    assert repairs(library, **facts) == ()
    for page in pages(library, **facts):
        assert "Nothing: no change of a recorded fact would be enough" in page


def test_what_goes_on_since_too_short_a_time_is_waited_for(tmp_path: Path) -> None:
    """A start moves with no stop: only the day does."""
    library = library_of(tmp_path, "first_start(hma) + 9 mo <= as_of")
    (repair,) = repairs(library, therapies=[AZACITIDINE])
    assert (changes(repair), repair.wait_until) == ([], "2027-05-01")


def test_stopping_stands_beside_other_changes(tmp_path: Path) -> None:
    """A repair may stop a drug and change a value; what is required of the value is told as ever."""
    library = library_of(tmp_path, OFF_HMA, "grade <= 2")
    (repair,) = repairs(library, therapies=[AZACITIDINE], grade=3)
    assert changes(repair) == [
        ("grade", "treat", "at most 2", None),
        ("therapies[0]", "stop", "stopped", AS_OF),
    ]
    assert (repair.kind, repair.wait_until) == ("treat", "2026-12-04")


def test_a_finding_may_come_out_otherwise(tmp_path: Path) -> None:
    """A finding is looked for again, by the kind `test`."""
    library = library_of(tmp_path, "not present(flt3_itd)")
    found = {"findings": [{"is": "flt3_itd", "present": True, "date": "2026-10-02"}]}
    (repair,) = repairs(library, **found)
    assert changes(repair) == [("findings[0]", "test", None, None)]
    for page in pages(library, **found):
        assert "another result: FLT3-ITD (recorded flt3_itd found, 2026-10-02)" in page


def test_the_day_of_the_wait_is_the_first(tmp_path: Path) -> None:
    """A day before the wait is over, who stopped on the record's day is shut out still."""
    library = library_of(tmp_path, "not within(hma, 1 mo, as_of)")
    (repair,) = repairs(library, therapies=[AZACITIDINE])
    assert repair.wait_until == "2026-12-20"
    over = {"is": "Vidaza", "start": "2026-08-01", "end": AS_OF}
    verdicts = []
    for day in (parse_day(repair.wait_until) - 1, parse_day(repair.wait_until)):
        document = {"id": "p", "as_of": format_day(day), "facts": {"therapies": [over]}, "complete": CLOSED}
        verdicts.append(Matcher(library).match(read_record(document, library, name="p")).trials[0].verdict)
    assert verdicts == ["ineligible", "eligible"]


def test_programs_are_told_the_entry(tmp_path: Path) -> None:
    """The JSON names the entry as contradictions do, with what is required in words."""
    document = answer_document(asked(library_of(tmp_path, OFF_HMA), therapies=[AZACITIDINE]))
    (change,) = document["trials"][0]["repairs"]["repairs"][0]["changes"]
    assert change["variable"] == "therapies[0]"
    assert (change["require"], change["requirement"], change["stopped_on"]) == ("stopped", None, AS_OF)
