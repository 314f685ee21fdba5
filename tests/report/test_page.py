"""How pages are laid out."""

from __future__ import annotations

from textwrap import wrap

from hypothesis import example, given
from hypothesis import strategies as st

from solver.report.page import Page, Span
from solver.text import clean

TEXTS = st.text(st.sampled_from("ab -\t\n\x0b\x1c\xa0\u2003\u202eé"), max_size=60)


@given(TEXTS, st.integers(50, 60), st.integers(0, 40))
@example("a ", 50, 0)
@example(" a", 50, 0)
@example("", 50, 0)
@example("a" * 50, 50, 0)
@example("a" * 49 + "  ", 50, 0)
@example("a \xa0", 50, 0)
def test_a_paragraph_is_wrapped_as_the_standard_library_does(text: str, width: int, indent: int) -> None:
    """Also one that fits on a line."""
    page = Page(width)
    page.text(text, indent=indent)
    whole = clean(text.translate(dict.fromkeys(map(ord, "\t\n\x0b\x0c\r"), " ")))
    lines = wrap(whole, max(width - indent, 20), break_on_hyphens=False) or [""]
    assert [line[2].text for line in page.lines] == lines


@given(st.lists(st.lists(TEXTS, max_size=4), max_size=4))
def test_the_plain_page_is_its_words_made_fit_to_be_shown(lines: list[list[str]]) -> None:
    """Word by word, whatever the style, and without blanks at the ends of lines."""
    page = Page(80)
    page.lines = [tuple(Span(text, "dim") for text in line) for line in lines]
    assert page.plain() == "".join("".join(map(clean, line)).rstrip() + "\n" for line in lines)
