"""The verb `match ask` at a terminal, and what it leaves behind however it ends."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.questions.test_command_line import EXAMPLES, Match, match
from tests.support.pages.terminal import Terminal

OPEN = str(EXAMPLES / "undetermined.json")

__all__ = ["match"]


def test_a_whole_interview(tmp_path: Path) -> None:
    """One question at a time with what the answer changed, a wrong entry, going back, and the record for nobody else to read."""
    out = tmp_path / "new.json"
    terminal = Terminal("ask", OPEN, "--out", str(out), "--trials", "UC,SAR")
    shown = terminal.until("> ")
    assert "Patient undetermined, as of 2026-11-20" in shown
    assert "[cns_leukemia_active]" in shown
    terminal.type("maybe")
    assert "is neither true nor false" in terminal.until("> ")
    terminal.type("no")
    assert "SAR is now eligible; 1 question left." in terminal.until("> ")
    terminal.type("back")
    assert "[cns_leukemia_active]" in terminal.until("> ")
    terminal.type("")
    assert "[cd123_flow_positive]" in terminal.until("> ")
    terminal.type("no")
    assert "UC is now ineligible" in terminal.until("> ")
    terminal.type("stop")
    code, shown = terminal.ended()
    assert code == 0
    assert "Decision support only: a clinician must review the basis of every answer." in shown
    record = json.loads(out.read_text(encoding="utf-8"))
    before = json.loads(Path(OPEN).read_text(encoding="utf-8"))
    assert record == {**before, "facts": {**before["facts"], "cd123_flow_positive": False}}
    assert out.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_what_was_answered(tmp_path: Path, number: signal.Signals) -> None:
    """In the file, over an older one, readable by nobody else."""
    out = tmp_path / "new.json"
    out.write_text("before")
    terminal = Terminal("ask", OPEN, "--out", str(out), "--trials", "UC")
    terminal.until("> ")
    terminal.type("no")
    terminal.until("> ")
    terminal.process.send_signal(number)
    assert terminal.ended()[0] == 128 + number
    assert json.loads(out.read_text(encoding="utf-8"))["facts"]["cns_leukemia_active"] is False
    assert out.stat().st_mode & 0o777 == 0o600


def test_a_closed_terminal_leaves_what_was_answered(tmp_path: Path) -> None:
    """Whether a signal tells of it or not."""
    out = tmp_path / "new.json"
    terminal = Terminal("ask", OPEN, "--out", str(out), "--trials", "UC")
    terminal.until("> ")
    terminal.type("no")
    terminal.until("> ")
    terminal.close()
    terminal.process.wait(60)
    assert json.loads(out.read_text(encoding="utf-8"))["facts"]["cns_leukemia_active"] is False


def test_a_dash_is_standard_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for every verb that writes a file."""
    monkeypatch.chdir(tmp_path)
    terminal = Terminal("ask", OPEN, "--out", "-", "--trials", "UC")
    terminal.until("> ")
    terminal.type("stop")
    code, shown = terminal.ended()
    assert (code, '"id": "undetermined"' in shown) == (0, True)
    assert list(tmp_path.iterdir()) == []


def test_without_a_terminal_it_is_an_error(match: Match, tmp_path: Path) -> None:
    """With exit code 2, and nothing is written."""
    found = match("ask", OPEN, "--out", str(tmp_path / "new.json"))
    assert (found.code, found.out) == (2, "")
    assert found.err == "error: match ask needs a terminal: match tests PATIENT.json says what to find out\n"
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    """So that no answer is lost."""
    terminal = Terminal("ask", OPEN, "--out", str(tmp_path / "no" / "new.json"))
    code, shown = terminal.ended()
    assert code == 2
    assert "cannot be written: its folder cannot be written to" in " ".join(shown.split())
