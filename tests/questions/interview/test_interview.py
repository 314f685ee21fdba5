"""The interview: which question comes next, what an answer does to the record, and going back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from solver import InputError, Library, Matcher, read_record
from solver.engine.finding_out.open_questions import interview_state
from solver.questions.interview.interview import Interview
from solver.questions.interview.page import end_page, opening_page, question_page
from solver.report.interview_words import new_warnings, what_changed

ROOT = Path(__file__).parents[3]


def document(name: str) -> dict[str, Any]:
    """The record of an example."""
    found: dict[str, Any] = json.loads((ROOT / "examples" / f"{name}.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture
def interview(library: Library) -> Interview:
    """An interview about three trials of a patient of whom most is known."""
    return Interview(Matcher(library), document("undetermined"), trials=["UC", "RO", "SAR"])


def verdicts(interview: Interview) -> dict[str, str]:
    """How the trials stand."""
    return {each.code: each.verdict for each in interview.state.trials}


def test_the_next_question_is_the_first_that_was_not_put(interview: Interview, library: Library) -> None:
    """In the order that every face of the interview has; an empty answer is unknown, and leaves all as it is."""
    state = interview_state(
        Matcher(library), read_record(document("undetermined"), library), ["UC", "RO", "SAR"]
    )
    first, second = (each.variable for each in state.questions[:2])
    assert interview.next is not None
    assert interview.next.variable == first
    interview.answer(first, "  ")
    assert interview.next.variable == second
    assert interview.state.trials == state.trials
    assert interview.document["facts"] == document("undetermined")["facts"]


def test_an_answer_stands_in_the_record_and_changes_the_verdicts(
    interview: Interview, library: Library
) -> None:
    """And nothing else of the record changes, which is read again as it is written."""
    before = interview.answer("cns_leukemia_active", "y")
    assert {each.code: each.verdict for each in before.trials} == {
        "UC": "undetermined",
        "RO": "undetermined",
        "SAR": "undetermined",
    }
    assert verdicts(interview) == {"UC": "ineligible", "RO": "ineligible", "SAR": "ineligible"}
    assert interview.document == {
        **document("undetermined"),
        "facts": {**document("undetermined")["facts"], "cns_leukemia_active": True},
    }
    again = interview_state(Matcher(library), read_record(interview.document, library), ["UC", "RO", "SAR"])
    assert again.trials == interview.state.trials
    assert interview.next is None
    assert "Nothing is left to ask." in end_page(interview, 80).plain()


def test_back_undoes_the_last_answer(interview: Interview) -> None:
    """Whatever it was, and the question is put again; before the first one there is nothing to undo."""
    assert interview.back() is None
    interview.answer("cns_leukemia_active", "no")
    interview.answer("cd123_flow_positive", "")
    after = verdicts(interview)
    assert interview.back() == "cd123_flow_positive"
    assert verdicts(interview) == after
    assert interview.back() == "cns_leukemia_active"
    assert set(verdicts(interview).values()) == {"undetermined"}
    assert interview.document == document("undetermined")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("cns_leukemia_active", "maybe", "is neither true nor false"),
        ("weight", "61", "has no unit"),
        ("cns_status", "CNS9", "CNS9"),
    ],
)
def test_a_wrong_answer_is_told_and_changes_nothing(
    interview: Interview, name: str, text: str, told: str
) -> None:
    """In the words of the command line."""
    before = interview.state
    with pytest.raises(InputError, match=told):
        interview.answer(name, text)
    assert interview.state is before
    assert interview.asked == []


def test_an_odd_answer_is_warned_about(interview: Interview) -> None:
    """It is taken, and the sentence on what it changed counts the warning."""
    before = interview.answer("weight", "5000 kg")
    (warning,) = new_warnings(before, interview.state)
    assert "lies outside the plausible range" in warning
    assert what_changed(before, interview.state).endswith("; 1 new warning.")


def test_a_contradiction_is_told_and_can_be_taken_back(library: Library) -> None:
    """No question is put to a record that contradicts itself."""
    interview = Interview(Matcher(library), document("undetermined"), trials=["UC"])
    interview.answer("pregnant", "yes")
    assert interview.state.consistent is False
    assert interview.next is None
    assert "contradicts itself" in end_page(interview, 80).plain()
    assert interview.back() == "pregnant"
    assert interview.state.consistent is True


def test_the_site_is_no_part_of_the_record(library: Library) -> None:
    """Its context counts, and is not written; a day that is given is."""
    given = {key: value for key, value in document("undetermined").items() if key != "as_of"}
    interview = Interview(Matcher(library), given, trials=["UC"], as_of="2026-11-20")
    assert list(interview.document)[:2] == ["id", "as_of"]
    assert "context" not in interview.document


def test_the_pages_say_who_why_and_how(interview: Interview) -> None:
    """Marks that turn the direction of text are shown."""
    interview.record = interview.record.__class__(
        "p\u202e", interview.record.as_of, interview.record.facts, interview.record.context
    )
    opening = opening_page(interview, "2026-11-20", 80).plain()
    assert opening.startswith("Patient p\\u202e, as of 2026-11-20\n")
    assert "Empty is unknown; back and stop are always there." in opening
    asked = question_page(interview, "cns_leukemia_active", 80).plain()
    assert "[cns_leukemia_active]" in asked
    assert "ask the investigator" in asked
    assert "yes, no" in asked
    assert "a number with its unit, as in kg" in question_page(interview, "weight", 80).plain()
