"""`match what-if` of a record with events: its pages tell entries as facts."""

from __future__ import annotations

from pathlib import Path

import pytest

from solver.engine.case import Engine
from solver.errors import InputError
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


def test_an_entry_is_added_to_those_of_its_list(tmp_path: Path) -> None:
    """A change of a list adds what it gives, and each new entry is told as a change of its own."""
    library = library_of(tmp_path, "not current(hma)")
    facts = {"therapies": [{"is": "Kymriah", "start": "2026-10-31"}]}
    content = {"id": "p", "as_of": AS_OF, "facts": facts, "complete": ["therapies"]}
    change = 'therapies=[{"is": "azacitidine", "ongoing": true}]'
    changed = changed_from(content, library, [change], name="p")
    assert [each.name for each in changed.after.events] == ["therapies[0]", "therapies[1]"]
    assert [(each.name, each.before, each.after) for each in changed.changes] == [
        ("therapies[1]", None, "azacitidine, ongoing")
    ]
    (trial,) = what_if(Engine(library), changed).trials
    assert (trial.before.verdict, trial.after.verdict) == ("eligible", "ineligible")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "last_end(hma)=ongoing",
            "'last_end(hma)': is asked by no clause; of hma they ask current(hma): "
            'write what happened as an entry, therapies=\'[{"is": "hma", "ongoing": true}]\'',
        ),
        ("ever(nothing)=yes", "is not a known variable"),
        ("therapies=azacitidine", "'azacitidine' is no entry: write therapies="),
        (
            'therapies=[{"is": "azacitidine", "start": "2026-13"}]',
            "therapies[0].start: '2026-13' is not a day",
        ),
    ],
)
def test_what_cannot_be_changed_is_told_with_what_to_write(tmp_path: Path, change: str, said: str) -> None:
    """A term that no clause asks for, a list that is given no entries, and an entry that is wrong."""
    library = library_of(tmp_path, "not current(hma)")
    with pytest.raises(InputError) as error:
        changed_from({"id": "p", "as_of": AS_OF, "facts": {}}, library, [change], name="p")
    (problem,) = error.value.problems
    assert said in problem
