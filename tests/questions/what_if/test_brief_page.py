"""The brief pages of `match what-if`."""

from __future__ import annotations

import pytest

import cli
from solver.matcher import Matcher
from solver.patient.changes import read_changed
from solver.questions.what_if.ask import what_if
from solver.questions.what_if.brief_page import brief_scenarios_page, brief_what_if_page
from tests.support.libraries.shipped import LIBRARY
from tests.support.records.examples import EXAMPLES, FOLDER, answered_once

MATCHER = Matcher(LIBRARY)
CHANGES = (["ecog=3"], ["ecog=unknown", "qtcf=600 ms"], ["sex=M", "pregnant=yes"], ["as_of=2027-01-01"])
FOR_ONE = 25
CLOSING = 2


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_keeps_to_the_budget(name: str) -> None:
    """One change, and several scenarios side by side."""
    content = EXAMPLES[name].read_bytes()
    records = [
        read_changed(content, LIBRARY, changes, name=EXAMPLES[name].name, where="what-if")
        for changes in CHANGES
    ]
    with answered_once():
        answers = [what_if(MATCHER, record) for record in records]
    pages = [brief_scenarios_page(answers, records, LIBRARY, 120)]
    pages += [
        brief_what_if_page(answer, record, LIBRARY, 120)
        for answer, record in zip(answers, records, strict=True)
        if answer.record_before.status == answer.record_after.status == "consistent"
    ]
    for page in pages:
        lines = page.plain().splitlines()
        assert len(lines) + CLOSING <= FOR_ONE + 2
        assert max(map(len, lines)) <= 80


def test_what_is_behind_a_change_is_named(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clause that stands in the way, and with --full the fact as well."""
    monkeypatch.chdir(FOLDER.parent)
    for options, fact in (([], False), (["--full"], True)):
        arguments = ["match", "what-if", "examples/undetermined.json", "ecog=3", *options]
        monkeypatch.setattr("sys.argv", arguments)
        assert cli.main() == 0
        out = capfd.readouterr().out
        assert "RO.I3 ECOG 0 to 2" in out
        assert "3 of 6 verdicts change." in out
        assert ("recorded: ECOG performance status 3" in out) == fact
