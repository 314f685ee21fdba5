"""`match what-if` of a record with events: its pages tell entries as facts."""

from __future__ import annotations

from pathlib import Path

from solver.engine.case import Engine
from solver.patient.changes import changed_from
from solver.questions.what_if.ask import what_if
from solver.questions.what_if.brief_page import brief_scenarios_page
from tests.engine.events.worked_library import AS_OF, library_of


def test_an_entry_that_a_scenario_contradicts_is_told(tmp_path: Path) -> None:
    """Of several scenarios the brief page names the entry that one of them contradicts."""
    library = library_of(tmp_path, "not ever(car_t)")
    facts = {"therapies": [{"is": "Kymriah", "start": "2026-10-31"}]}
    content = {"id": "p", "as_of": AS_OF, "facts": facts}
    records = [
        changed_from(content, library, [f"had_car_t={value}"], name="p") for value in ("true", "false")
    ]
    answers = [what_if(Engine(library), each) for each in records]
    page = " ".join(brief_scenarios_page(answers, records, library, 100).plain().split())
    assert "the record contradicts itself: had CAR-T: no" in page
    assert "therapies[0]: Kymriah, from 2026-10-31" in page
