"""Text from outside on a terminal: nothing in it acts, whatever path it takes."""

from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.errors import InputError
from solver.report.page import Page, Span
from solver.text import LONGEST_MESSAGE, clean, escaped, message, quote
from tests.support.drawing.hostile import HOSTILE, KEPT, harmful

ANY_TEXT = st.text(st.characters(exclude_categories=())) | st.text(alphabet=HOSTILE)


@given(ANY_TEXT)
def test_clean_text_is_one_line_that_nothing_acts_upon(text: str) -> None:
    """Cleaning leaves no character that a terminal could act upon, and cleaning once is enough."""
    assert harmful(clean(text), allowed="") == set()
    assert clean(clean(text)) == clean(text)
    assert len(clean(text).splitlines()) <= 1


def test_ordinary_text_stays_as_it_is() -> None:
    """Accents, other scripts and mathematical signs are not touched."""
    assert clean(KEPT) == KEPT
    assert escaped(KEPT) == KEPT


@given(st.recursive(ANY_TEXT, lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner)))
def test_escaped_json_says_the_same(value: object) -> None:
    """What is escaped in the text of a JSON document comes back as it was, and the text can be encoded and holds no control."""
    text = escaped(json.dumps(value, ensure_ascii=False))
    text.encode()
    assert json.loads(text) == json.loads(json.dumps(value))
    assert harmful(text, allowed="") == set()


@given(ANY_TEXT, st.integers(0, 3))
def test_a_message_is_short_and_keeps_both_ends(text: str, times: int) -> None:
    """The place stands at the beginning and the remedy at the end, however much was found in between."""
    whole = f"file.yaml:1:1: {text}{'x' * 5000 * times}: leave it out"
    said = message(whole)
    assert len(message(f"f:1:1: {'x' * 5000}: leave it out")) < LONGEST_MESSAGE
    assert said.startswith("file.yaml:1:1: ")
    assert said.endswith(": leave it out")
    assert InputError(whole).problems == (said,)


def test_a_quoted_text_is_shortened() -> None:
    """A found text is shown by its beginning."""
    assert len(quote("x" * 5000)) < 70


@pytest.mark.parametrize("width", [50, 80])
def test_a_page_shows_hostile_text_and_does_not_act_on_it(
    width: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """In paragraphs, leads and rows, plain and with styles; markup is text, and lines stay within the width."""
    page = Page(width)
    page.text(HOSTILE, lead="- ")
    page.row([Span(KEPT), Span(HOSTILE)], [20])
    page.lines.append((Span(HOSTILE, "bold"),))
    plain = page.plain()
    assert harmful(plain) == set()
    assert "[red]b[/red]" in plain
    assert KEPT in plain
    assert max(map(len, plain.splitlines()[:-1])) <= width

    page.show(sys.stdout)
    assert harmful(capsys.readouterr().out) == set()


def test_a_word_without_end_is_laid_out_at_once() -> None:
    """Millions of characters without a blank cost no more than their number; none is lost, and lines stay within the width."""
    page = Page(80)
    page.text("x" * 3_000_000, indent=2)
    lines = page.plain().splitlines()
    assert max(map(len, lines)) <= 80
    assert sum(line.count("x") for line in lines) == 3_000_000
