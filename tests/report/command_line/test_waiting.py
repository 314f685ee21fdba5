"""Whoever waits for a cohort sees how far it is."""

from __future__ import annotations

import sys

import pytest

from solver.report.command_line.waiting import progress_line, watched


def test_the_line_tells_the_rate_and_the_time_left() -> None:
    """A bar where it is known how many there are."""
    assert progress_line(50, 200, 10.0) == f"[{'#' * 7:<30}] 50 of 200 patients, 5 a second, 0:30 left"
    assert progress_line(50, None, 10.0) == "50 patients, 5 a second"
    assert progress_line(0, 200, 0.0).endswith("0 of 200 patients, 0 a second, 0:00 left")


def test_rows_come_unchanged_and_silently_where_nobody_waits(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard error is no terminal."""
    assert list(watched([{"row": 1}, {"row": 2}], 2)) == [{"row": 1}, {"row": 2}]
    assert capsys.readouterr().err == ""


def test_the_bar_goes_at_the_end(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It counts patients, not rows, and leaves the terminal as it was."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr("solver.report.command_line.waiting._EVERY", 0)
    list(watched([{"row": 1}, {"row": 1}, {"row": 2}], 2))
    shown = capsys.readouterr().err.split("\r\x1b[K")
    assert ["1 of 2" in shown[1], "1 of 2" in shown[2], "2 of 2" in shown[3], shown[4]] == [
        True,
        True,
        True,
        "",
    ]
