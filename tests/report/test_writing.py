"""What is written for other programs: Markdown, SARIF and files hold what they say, whatever the texts in them are."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.errors import InputError
from solver.questions.check.page import _escaped_text
from solver.report.markdown import code, inline, paragraph
from solver.report.writing import write_file
from solver.smt.certificate import comment
from tests.support.drawing.hostile import HOSTILE, KEPT, harmful

ANY_TEXT = st.text(st.characters(exclude_categories=())) | st.text(
    alphabet="\\`*_[]<>|~&#-+=1.) ab\n" + HOSTILE
)


@given(ANY_TEXT)
def test_markdown_shows_a_text_and_takes_none_of_it_for_markup(text: str) -> None:
    """On one line, with every sign of markup behind a backslash, and nothing lost."""
    for shown in (inline(text), paragraph(text)):
        assert len(shown.splitlines()) <= 1
        assert harmful(shown, allowed="") == set()
        bare = re.sub(r"\\[!-/:-@\\[-`{-~]", "", shown)
        assert not set("`*[]<>|~&#") & set(bare)
    assert not re.match(r"[-+=#>]|\d+[.)]", paragraph(text))


def test_markdown_leaves_ordinary_text_alone() -> None:
    """Words, names with underscores, accents and signs."""
    plain = f"prior_hsct_count at most 2.5 /uL (90 days), {KEPT}"
    assert inline(plain) == paragraph(plain) == plain
    assert inline("HLA-A*02 | <b>") == r"HLA-A\*02 \| \<b\>"


@given(ANY_TEXT)
def test_code_is_fenced_by_more_backticks_than_it_has(text: str) -> None:
    """So that no text ends it."""
    shown = code(text)
    fence = re.match("`+", shown)
    assert fence is not None
    inner = shown[fence.end() : -fence.end()]
    assert fence[0] not in re.findall("`+", inner)


@given(ANY_TEXT)
def test_a_comment_of_a_script_stays_a_comment(text: str) -> None:
    """One line that begins with a semicolon, however many the text has."""
    assert len(comment(text).splitlines()) == 1
    assert comment(text).startswith("; ")


def test_sarif_takes_no_text_for_a_placeholder_or_a_link() -> None:
    """Braces are doubled and brackets escaped, as SARIF 2.1.0 has it."""
    assert _escaped_text("{0} [a](b) {1.73_m2}") == r"{{0}} \[a\](b) {{1.73_m2}}"


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stood there stays if the writing fails, nothing is left beside it, and permissions and links are kept."""
    path, link = tmp_path / "sheet.md", tmp_path / "link.md"
    path.write_text("before")
    path.chmod(0o640)
    link.symlink_to(path)
    write_file(link, "after \ud800\n")
    assert (path.read_text(), path.stat().st_mode & 0o777, link.is_symlink()) == (
        "after \\ud800\n",
        0o640,
        True,
    )

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("solver.report.writing.os.replace", fail)
    with pytest.raises(InputError, match=r"sheet.md: cannot be written: no space left on device"):
        write_file(path, "never")
    assert path.read_text() == "after \\ud800\n"
    assert sorted(os.listdir(tmp_path)) == ["link.md", "sheet.md"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_what_is_no_file_is_written_to_as_it_is() -> None:
    """A device stays a device, and one that is full is said."""
    write_file("/dev/null", "text")
    with pytest.raises(InputError, match="/dev/full: cannot be written: no space left on device"):
        write_file("/dev/full", "text")
