"""The brief page of `match when`: its budget for any record, what it says, and that it counts what it folds."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.matcher import Matcher
from solver.questions.when.ask import when
from solver.questions.when.brief_page import brief_when_page
from tests.support.drawing.strategies import contradictory_records, records
from tests.support.libraries.shipped import LIBRARY
from tests.support.records import worked
from tests.support.records.examples import RECORDS, answer_of, example
from tests.support.records.worked import Json

ROOT = Path(__file__).parents[3]
GOLDEN = Path(__file__).parent / "golden_brief"
SHOWN = ("two-clocks", "partial-dates", "child", "contradictory", "empty", "closed-door")
FOR_ONE, FOR_ALL = 25, 40
CLOSING = 2
"""The empty line and the line on decision support below the page."""


def page(name: str, *codes: str) -> str:
    """The brief page on an example."""
    return brief_when_page(answer_of(when, name, codes or None), example(name), LIBRARY, 80).plain()


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
    text, path = page(name), GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_no_page_is_left_over() -> None:
    """Every expected page belongs to an example that is shown."""
    assert {path.stem for path in GOLDEN.iterdir()} == set(SHOWN)


@pytest.mark.parametrize("name", RECORDS)
def test_an_example_keeps_to_the_budget(name: str) -> None:
    """All trials at once, and each alone."""
    holds(page(name), FOR_ALL)
    whole = answer_of(when, name)
    for trial in whole.trials:  # what is said of a trial does not depend on the others
        holds(brief_when_page(replace(whole, trials=(trial,)), example(name), LIBRARY, 80).plain(), FOR_ONE)


@settings(max_examples=20)
@given(st.one_of(records(LIBRARY), contradictory_records(LIBRARY)), st.sampled_from(sorted(LIBRARY.trials)))
def test_any_record_keeps_to_the_budget(record: Json, code: str) -> None:
    """Whatever is recorded, and in whatever context, under every policy."""
    read = worked.read(record, LIBRARY)
    matcher = Matcher(LIBRARY, assume=tuple(LIBRARY.policies))
    for codes, most in ((None, FOR_ALL), ([code], FOR_ONE)):
        holds(brief_when_page(when(matcher, read, codes), read, LIBRARY, 120).plain(), most)


def test_a_day_to_wait_for_stands_with_its_timeline() -> None:
    """The row, the day that was checked again, its clause, and a bar for each clock."""
    text = flat(page("two-clocks", "RO", "SAR"))
    assert "eligible from 2026-12-08 (RO.I2d)" in text
    assert "First day all windows are open: 2026-12-08, checked again on that day. Until then: RO.I2d" in text
    assert "RO.I2a ....#" in text
    assert "together ........#" in text
    assert "no date (SAR.E7h)" in text
    assert "a past or fixed fact, which waiting does not change" in text


def test_what_depends_on_missing_data_cannot_be_promised() -> None:
    """The row says so, and the clauses on which it depends are named or counted."""
    text = flat(page("empty", "SAR"))
    assert "possible now; cannot be promised yet" in text
    assert "it depends on SAR.DX" in text
    assert "more SAR" in text


def test_what_is_folded_is_counted() -> None:
    """Where a trial's part is cut, its code stands in the line that names the option."""
    text = page("empty")
    (told,) = re.findall(r"^Folded \(--full\): more on (.*)$", text, re.MULTILINE)
    assert "K017" in told
    assert "SAR" not in told
    assert "+3 more" in text


def test_a_contradictory_record_gets_no_row() -> None:
    """The facts that contradict are named, and those that are not are counted."""
    text = flat(page("contradictory"))
    assert "CONTRADICTS ITSELF" in text
    assert "+1 more (--full)" in text
    assert "undetermined" not in text
