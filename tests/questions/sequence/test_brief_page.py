"""The brief page of `match sequence`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import cli
from solver.questions.sequence.ask import sequence
from solver.questions.sequence.brief_page import brief_sequence_page
from tests.support.libraries.shipped import LIBRARY
from tests.support.records.examples import EXAMPLES, answer_of

ROOT = Path(__file__).parents[3]
BELOW = 6
"""The lines of a page below the matrix: what closes and opens doors, and what is folded."""
CLOSING, FOR_ONE = 2, 25


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_keeps_to_the_budget(name: str) -> None:
    """25 lines, or the matrix of many trials and a few below it."""
    answer = answer_of(sequence, name)
    lines = brief_sequence_page(answer, LIBRARY, 120).plain().splitlines()
    matrix = 1 + 2 * len(answer.entries)
    assert len(lines) + CLOSING <= max(FOR_ONE, matrix + 8 + BELOW + CLOSING)
    assert max(map(len, lines)) <= 80


def test_what_closes_for_good_is_named(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the clauses by id; --full has them in words, and what entering changes."""
    monkeypatch.chdir(ROOT)
    for options, whole in (([], False), (["--full"], True)):
        monkeypatch.setattr("sys.argv", ["match", "sequence", "examples/several-trials.json", *options])
        assert cli.main() == 0
        text = " ".join(capfd.readouterr().out.split())
        assert "SAR must come before UC, which closes it for good" in text
        assert "SAR.E9" in text
        assert ("What entering changes in the record" in text) == whole
        assert ("what entering changes" in text) != whole


@pytest.mark.parametrize("options", [[], ["--full"]])
def test_a_finding_that_contradicts_a_fact_is_named(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, options: list[str]
) -> None:
    """A record whose entries contradict its facts has no verdict, and the page says which they are."""
    path = tmp_path / "patient.json"
    facts = {"kmt2a_rearranged": False, "findings": [{"is": "kmt2a_rearrangement", "present": True}]}
    path.write_text(json.dumps({"as_of": "2025-06-01", "facts": facts}))
    monkeypatch.setattr("sys.argv", ["match", "sequence", str(path), *options])
    assert cli.main() == 0
    shown = capfd.readouterr()
    assert "findings[0]: kmt2a_rearrangement found" in " ".join(shown.out.split())
    assert not shown.err
