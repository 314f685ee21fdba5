"""What is still to be asked of a patient, and in which order, against what `match` answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from solver.engine.banner import is_closed
from solver.engine.case import Engine
from solver.engine.finding_out.open_questions import interview_state
from solver.library.models import Library
from solver.patient.readers.native.read import read_record
from solver.questions.match.ask import match

EXAMPLES = Path(__file__).parents[3] / "examples"
CHOSEN = [
    "undetermined",
    "short-chart",
    "partial-dates",
    "several-trials",
    "child",
    "questions/16-genetics-pending",
]


@pytest.mark.parametrize("name", CHOSEN)
def test_what_matters_is_asked_and_nothing_else(library: Library, name: str) -> None:
    """The variables of the deciding sets of the undetermined trials that may be open; the verdicts are those of `match`."""
    record = read_record(EXAMPLES / f"{name}.json", library)
    found, whole = interview_state(Engine(library), record), match(Engine(library), record)
    assert [(each.code, each.verdict, each.published_only) for each in found.trials] == [
        (each.code, each.verdict, each.published_only) for each in whole.trials
    ]
    assert [is_closed(each) for each in found.trials] == [is_closed(each) for each in whole.trials]
    assert (found.headline, found.safety) == (whole.headline, whole.safety)
    matters = {
        each.code: {name for names in each.deciding_sets for name in names}
        for each in whole.trials
        if not is_closed(each)
    }
    for question in found.questions:
        assert list(question.trials) == [
            code for code, names in matters.items() if question.variable in names
        ]
        assert set(question.ends) <= set(question.trials)
    assert {each.variable for each in found.questions} == set().union(*matters.values())


def test_the_question_that_ends_most_comes_first(library: Library) -> None:
    """Then those that matter for more trials."""
    record = read_record(EXAMPLES / "empty.json", library)
    found = interview_state(Engine(library), record).questions
    counts = [(-len(each.ends), -len(each.trials)) for each in found]
    assert counts == sorted(counts)
    assert len(found[0].ends) > 1


def test_one_answer_ends_what_it_is_said_to_end(library: Library) -> None:
    """Some value of a flag makes each of these trials ineligible."""
    source = EXAMPLES / "short-chart.json"
    record, engine = read_record(source, library), Engine(library)
    flags = [each for each in interview_state(engine, record).questions if each.ends][:3]
    assert flags
    from solver.patient.changes import read_changed

    for question in flags:
        if question.variable.endswith("count"):
            continue
        verdicts = [
            {each.code: each.verdict for each in match(engine, changed.after).trials}
            for value in ("true", "false")
            for changed in [read_changed(source, library, [f"{question.variable}={value}"])]
        ]
        for code in question.ends:
            assert "ineligible" in [each[code] for each in verdicts]


def test_nothing_is_asked_of_a_record_that_contradicts_itself(library: Library) -> None:
    """Its verdicts are withheld."""
    found = interview_state(Engine(library), read_record(EXAMPLES / "contradictory.json", library))
    assert found.consistent is False
    assert found.contradictions
    assert not found.questions
    assert {each.verdict for each in found.trials} == {"withheld"}
