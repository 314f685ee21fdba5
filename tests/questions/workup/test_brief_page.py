"""The brief page of `match tests`: its budget for any record, the order of what to do, and what it counts."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cli
from solver.library.beside import CLOSED
from solver.matcher import Matcher
from solver.patient.record import Record
from solver.questions.workup import ask
from solver.questions.workup.answer import TestsAnswer
from solver.questions.workup.ask import plan_tests
from solver.questions.workup.brief_page import brief_tests_page, idle_page
from solver.questions.workup.page import work_up_page
from tests.support.drawing.strategies import contradictory_records, records
from tests.support.libraries.shipped import LIBRARY
from tests.support.records import worked
from tests.support.records.examples import RECORDS, answer_of, example
from tests.support.records.worked import Json

ROOT = Path(__file__).parents[3]
GOLDEN = Path(__file__).parent / "golden_brief"
SHOWN = {
    "undetermined-all": False,
    "empty-all": False,
    "short-chart-SAR": False,
    "05-two-results-RO": False,
    "several-trials-all": False,
    "contradictory-all": False,
    "06-gaps-RO": True,
}
"""Golden pages: the example with the trial, or all of them, and whether of what does not matter."""
FOR_ONE, FOR_ALL = 25, 40
CLOSING = 2
"""The empty line and the line on decision support below the page."""


def planned(name: str, *codes: str) -> TestsAnswer:
    """What to order for an example, asked once."""
    return answer_of(plan_tests, name, codes or None)


def page(name: str, *codes: str, idle: bool = False) -> str:
    """The brief page on an example."""
    return (idle_page if idle else brief_tests_page)(
        planned(name, *codes), example(name), LIBRARY, 80
    ).plain()


def flat(text: str) -> str:
    """A page as one line."""
    return " ".join(text.split())


def holds(text: str, most: int) -> None:
    """Hold a page to its budget."""
    lines = text.splitlines()
    assert len(lines) + CLOSING <= most, text
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("name", SHOWN)
def test_the_page_is_as_reviewed(name: str) -> None:
    """UPDATE_GOLDEN=1 writes it again."""
    record, _, code = name.rpartition("-")
    text = page(record, *([] if code == "all" else [code]), idle=SHOWN[name])
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_no_page_is_left_over() -> None:
    """Every expected page belongs to one that is shown."""
    assert {path.stem for path in GOLDEN.iterdir()} == SHOWN.keys()


@pytest.mark.parametrize("name", RECORDS)
def test_an_example_keeps_to_the_budget(name: str) -> None:
    """All trials at once, closed ones too, and each alone."""
    holds(page(name), FOR_ALL)
    holds(page(name, idle=True), FOR_ALL)
    record = example(name)
    for trial in planned(name).trials:  # what is said of a trial does not depend on the others
        alone = replace(planned(name), trials=(trial,), shared=())
        holds(brief_tests_page(alone, record, LIBRARY, 80).plain(), FOR_ONE)


@settings(max_examples=6)
@given(st.one_of(records(LIBRARY), contradictory_records(LIBRARY)), st.sampled_from(sorted(LIBRARY.trials)))
def test_any_record_keeps_to_the_budget(record: Json, code: str) -> None:
    """Whatever is recorded, and in whatever context, under every policy."""
    read = worked.read(record, LIBRARY)
    matcher = Matcher(LIBRARY, assume=tuple(LIBRARY.policies))
    for codes, most in ((None, FOR_ALL), ([code], FOR_ONE)):
        answer = plan_tests(matcher, read, codes, pairs=True)
        holds(brief_tests_page(answer, read, LIBRARY, 120).plain(), most)
        holds(idle_page(answer, read, LIBRARY, 120).plain(), most)


def test_what_to_order_comes_first_then_what_settles_and_what_ends_it() -> None:
    """In the order in which to do it, with what each result must be."""
    text = flat(page("05-two-results", "RO"))
    places = [
        text.index(words)
        for words in ("order first: ", "What settles it", "ends it at once: ", "eligible with: ")
    ]
    assert places == sorted(places)
    (trial,) = planned("05-two-results", "RO").trials
    labels = [LIBRARY.tests[step.test].label for step in trial.steps]
    assert [text.index(f"- {label}: ") for label in labels] == sorted(
        text.index(f"- {label}: ") for label in labels
    )
    assert "blood blast share in place of blood blast count" in text


@pytest.mark.parametrize("name", ["empty", "short-chart", "undetermined", "05-two-results"])
def test_the_steps_are_the_plan_in_order(name: str) -> None:
    """Each test of the plan is one step, those first that can end the trial; what ends it lies within what is plausible."""
    for trial in planned(name).trials:
        if trial.plan is None:
            assert trial.steps == ()
            continue
        asked = {each.test: set(each.variables) for each in trial.plan.tests}
        assert {each.test: set(each.variables) for each in trial.steps} == asked
        ending = [bool(step.results) for step in trial.steps]
        assert ending == sorted(ending, reverse=True)
        grouped = [test for group in trial.plan.groups for test in group.tests]
        assert sorted(grouped) == sorted(asked)


def test_a_trial_that_is_decided_asks_for_nothing() -> None:
    """It is named in one line."""
    assert "Nothing to order for: RO ineligible" in page("two-clocks", "RO")


def run(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str
) -> tuple[int, str, str]:
    """The exit code and what the command prints of the empty record, for which what to order is worked out once."""

    def kept(
        engine: Matcher, record: Record, trials: Iterable[str] | None = None, *, pairs: bool
    ) -> TestsAnswer:
        assert (record.facts, pairs) == ({}, False)
        codes = [trial.code for trial in engine.chosen(trials)]
        return planned("empty", *(codes if len(codes) < len(LIBRARY.trials) else []))

    monkeypatch.setattr(ask, "plan_tests", kept)
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("sys.argv", ["match", "tests", "examples/empty.json", *arguments])
    code = cli.main()
    return code, *capfd.readouterr()


def test_closed_trials_are_asked_about_where_they_are_named(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or with --all, and in JSON always; else the page says which are left out."""
    shut = {code for code, trial in LIBRARY.trials.items() if trial.recruitment in CLOSED}

    def told(*arguments: str) -> set[str]:
        code, out, err = run(capfd, monkeypatch, *arguments)
        assert (code, err) == (0, "")
        if "json" in arguments:
            return {trial["code"] for trial in json.loads(out)["trials"]}
        return trials_of(out)

    def trials_of(page: str) -> set[str]:
        return set(re.findall(r"^(\w+)  NCT", page, re.MULTILINE))

    assert shut
    assert told("--all") == LIBRARY.trials.keys()
    assert told(min(shut)) == {min(shut)}
    assert told("--format", "json") == LIBRARY.trials.keys()
    out = run(capfd, monkeypatch)[1]
    assert trials_of(out) == LIBRARY.trials.keys() - shut
    assert f"Closed, not asked about: {min(shut)} (" in out


def test_full_is_the_whole_page(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """With every trial; it leaves no room for a part alone."""
    record = example("empty")
    code, out, err = run(capfd, monkeypatch, "--full")
    assert (code, err) == (0, "")
    assert out.startswith(work_up_page(planned("empty"), record, LIBRARY, 80).plain())
    code, out, err = run(capfd, monkeypatch, "--full", "--show-idle")
    assert (code, out) == (2, "")
    assert err.startswith("error: --full shows what does not matter as well")
