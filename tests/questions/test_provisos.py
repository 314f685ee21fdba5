"""The options that put verdicts under provisos, on the command line: every policy at once, and clauses left out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from solver.library.models import Library
from tests.questions.test_command_line import EXAMPLES, Match, match

CLOCKS, SHORT = (str(EXAMPLES / f"{name}.json") for name in ("two-clocks", "short-chart"))
LEFT_OUT = ("--without", "RO.I2d,RO.I2a")

VERBS = [
    ("explain", CLOCKS, "RO"),
    ("when", CLOCKS, "RO"),
    ("tests", CLOCKS, "RO"),
    (CLOCKS, "--trials", "RO"),
]

__all__ = ["match"]


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0].rsplit("/", 1)[-1])
def test_clauses_left_out_stand_in_the_json_and_the_head(match: Match, verb: tuple[str, ...]) -> None:
    """Sorted ids under `without`, empty where none is left out; the head names each, and no page says plain eligible."""
    found = json.loads(match(*verb, *LEFT_OUT, "--format", "json").out)
    assert found["without"] == ["RO.I2a", "RO.I2d"]
    assert [trial["verdict"] for trial in found["trials"]] == ["eligible"]
    assert json.loads(match(*verb, "--format", "json").out)["without"] == []
    page = " ".join(match(*verb, *LEFT_OUT).out.split())
    assert "Left out: RO.I2a and RO.I2d." in page
    plain = re.findall(r"\beligible(?! without RO.I2a and RO.I2d)", page, re.IGNORECASE)
    assert plain == []


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0].rsplit("/", 1)[-1])
def test_an_unknown_clause_is_an_error_with_the_nearest(match: Match, verb: tuple[str, ...]) -> None:
    """In the words of other names, with exit code 2."""
    found = match(*verb, "--without", "RO.I22")
    assert (found.code, found.out) == (2, "")
    assert found.err == "error: --without: 'RO.I22' is not a known clause; did you mean 'RO.I2d'?\n"


@pytest.mark.parametrize(
    "verb",
    [
        (SHORT,),
        ("explain", SHORT, "SAR"),
        ("tests", SHORT),
        ("when", SHORT),
        ("what-if", SHORT, "ecog=2"),
        ("sequence", SHORT, "--trials", "SAR,RO"),
        ("export", "--smtlib", SHORT, "SAR"),
    ],
    ids=lambda verb: verb[0].rsplit("/", 1)[-1],
)
def test_every_json_says_which_policies_are_in_force(
    match: Match, library: Library, verb: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them, wherever policies can be named; with `--assume` besides nothing changes."""
    monkeypatch.chdir(tmp_path)
    found = match(*verb, "--prescreen", "--format", "json")
    assert found.code == 0, found.err
    assert json.loads(found.out)["policies"] == list(library.policies)
    if verb[0] != "export":
        assert match(*verb, "--prescreen", "--assume", "not-known", "--format", "json").out == found.out


def test_a_page_says_of_each_verdict_that_it_assumes(match: Match, library: Library) -> None:
    """Wherever a verdict stands, in rows, in headings and in the head; what was assumed is a list to tick."""
    page = match(SHORT, "--prescreen", "--full").out
    flat = " ".join(page.split())
    verdicts = re.findall(r"\b((?:in)?eligible|undetermined)(, assuming|, each assuming)?", flat)
    assert len(verdicts) > 12
    head, _, rest = flat.partition("Clinically fits")
    assert head.count("assuming") == 1
    told = re.findall(r"\b(?:in)?eligible\b(?!, assuming)[^.]{0,40}", rest)
    assert told == []
    ticked = [line.strip() for line in page.splitlines() if line.strip().startswith("[ ] ")]
    answer = json.loads(match(SHORT, "--prescreen", "--format", "json").out)
    assumed = [each for each in answer["assumptions"] if each["id"].split(":")[0] in library.policies]
    assert len(ticked) == len(assumed) > 5


def test_a_brief_page_says_on_what_terms_what_it_advises_holds(match: Match) -> None:
    """The way to eligible, and in a table of patients what the mark stands for and whom to approach; policies stand first in the head."""
    record = str(EXAMPLES / "undetermined.json")
    out = match("tests", record, "RO", "--prescreen", "--without", "RO.E1,RO.I4,RO.I5,RO.I3,RO.I7").out
    head, _, rest = " ".join(out.split()).partition("RO undetermined")
    assert "Policies in force: history-absent" in head
    assert "Left out: RO.E1, RO.I3, RO.I4, RO.I5 and RO.I7." in head
    assert "eligible without RO.E1, RO.I3 and 3 more, assuming, with: active CNS leukaemia: no" in rest
    table = " ".join(match(record, SHORT, "--prescreen", "--without", "RO.I4").out.split())
    assert "; +: without RO.I4, assuming; *: closed" in table
    assert "short-chart: to approach, assuming: K001 and UC" in table
