"""The brief page of `match explain`, its parts, and the page on single clauses."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cli
from solver.matcher import Matcher
from solver.questions.explain.ask import explain
from solver.questions.explain.brief_page import brief_explanation
from solver.questions.explain.clause_page import clause_page, whole_clause_page
from solver.questions.explain.page import explanation
from tests.support.drawing.strategies import contradictory_records, records
from tests.support.libraries.shipped import LIBRARY
from tests.support.records import worked
from tests.support.records.examples import RECORDS, answer_of, example
from tests.support.records.worked import Json

ROOT = Path(__file__).parents[3]
GOLDEN = Path(__file__).parent / "golden_brief"
SHOWN = {
    "two-clocks-RO": (),
    "closed-door-SAR": (),
    "undetermined-RO": (),
    "20-ecog-3-K001": (),
    "18-what-can-change-SAR": ("change",),
    "09-seventeen-SAR": ("open",),
    "child-all": (),
    "empty-all": (),
    "17-pregnant-man-all": (),
    "contradictory-all": (),
}
"""Golden pages: the example with the trial, or all of them, and the parts that are shown."""
FOR_CLAUSE = 25
CLOSING = 2
"""The empty line and the line on decision support below the page."""
PAGES = 110
"""The lines of all six trials."""


def page(name: str, *codes: str, show: tuple[str, ...] = ()) -> str:
    """The brief page on an example."""
    record = example(name)
    answer = answer_of(explain, name, codes or None)
    return brief_explanation(answer, record, LIBRARY, 80, show=show, named=bool(codes)).plain()


def clauses(name: str, *ids: str) -> str:
    """The page on clauses of an example."""
    record = example(name)
    answer = answer_of(explain, name, dict.fromkeys(each.partition(".")[0] for each in ids))
    return clause_page(answer, record, LIBRARY, 80, clauses=ids).plain()


def flat(text: str) -> str:
    """A page as one line."""
    return " ".join(text.split())


@pytest.mark.parametrize("name", SHOWN)
def test_the_page_is_as_reviewed(name: str) -> None:
    """UPDATE_GOLDEN=1 writes it again."""
    record, _, code = name.rpartition("-")
    text = page(record, *([] if code == "all" else [code]), show=SHOWN[name])
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_no_page_is_left_over() -> None:
    """Every expected page belongs to one that is shown."""
    assert {path.stem for path in GOLDEN.iterdir()} == SHOWN.keys()


@pytest.mark.parametrize("name", RECORDS)
def test_all_trials_have_two_pages(name: str) -> None:
    """In place of the hundreds of lines of the whole page, and no line is wider than 80."""
    lines = page(name).splitlines()
    assert len(lines) + CLOSING <= PAGES
    assert max(map(len, lines)) <= 80


@settings(max_examples=15)
@given(st.one_of(records(LIBRARY), contradictory_records(LIBRARY)), st.sampled_from(sorted(LIBRARY.trials)))
def test_any_record_keeps_to_the_budget(record: Json, code: str) -> None:
    """Whatever is recorded, all trials have two pages, and every clause one of 25 lines, under every policy."""
    read = worked.read(record, LIBRARY)
    matcher = Matcher(LIBRARY, assume=tuple(LIBRARY.policies))
    lines = brief_explanation(explain(matcher, read), read, LIBRARY, 120, named=False).plain().splitlines()
    assert len(lines) + CLOSING <= PAGES
    assert max(map(len, lines)) <= 80
    answer = explain(matcher, read, [code])
    for clause in LIBRARY.trials[code].clauses:
        told = clause_page(answer, read, LIBRARY, 120, clauses=[clause.id]).plain().splitlines()
        assert len(told) + CLOSING <= FOR_CLAUSE
        assert max(map(len, told)) <= 80


@pytest.mark.parametrize("name", ["two-clocks", "undetermined", "several-trials", "closed-door"])
def test_every_clause_is_named_or_counted(name: str) -> None:
    """Each met clause of a trial that is named has a line that begins with its id; each open and failed one is named."""
    for trial in answer_of(explain, name).trials:
        text = page(name, trial.code)
        met = {each.id for each in trial.clauses if each.status == "met"}
        lines = re.findall(rf"^  ({trial.code}\.\w+)  ", text.partition("\n  Met (")[2], re.MULTILINE)
        assert set(lines) == met
        assert len(lines) == len(met)
        for conflict in trial.conflicts:
            assert set(conflict) <= set(re.findall(r"[A-Z0-9]+\.\w+", text))


def test_the_run_of_all_trials_names_what_is_met() -> None:
    """Where no trial is named, the ids of the met clauses stand in one run, all of them, and what is folded is said of each trial."""
    text = flat(page("two-clocks"))
    (trial,) = answer_of(explain, "two-clocks", ["RO"]).trials
    run = re.search(r"Met \(28\): (RO[^:]*) Folded \(--full\): 3 notes, the clauses in full", text)
    assert run
    assert set(run[1].split(", ")) == {each.id for each in trial.clauses if each.status == "met"}
    assert text.count("Folded (--full): ") == len(LIBRARY.trials)


def test_a_part_shows_itself_and_counts_the_rest() -> None:
    """Why: the reasons with their facts. Change: their ids and the ways. Open: what to find out."""
    why = flat(page("two-clocks", "RO", show=("why",)))
    assert "2 reasons, each excludes: RO.I2a After a transplant, the last one at least 90 days" in why
    assert "date of the last transplant 2026-09-01 (80 days ago)" in why
    assert "These are all; the search was complete." in why
    assert "What would have to change" not in why
    assert "Folded (--full): 3 ways to change it, 28 met" in why
    change = flat(page("two-clocks", "RO", show=("change",)))
    assert (
        "2 reasons, each excludes: RO.I2a, RO.I2d What would have to change: - time: wait until 2026-12-08"
        in change
    )
    opened = flat(page("09-seventeen", "SAR", show=("open",)))
    assert "needed: Karnofsky score at least 50" in opened
    assert "find out: Karnofsky score; Down syndrome;" in opened


def test_a_part_without_content_says_so() -> None:
    """Of an eligible patient nothing has to change, and nothing is open; of an undetermined one it depends."""
    text = page("several-trials", "RO", show=("change", "open"))
    assert "Nothing has to change." in text
    assert "Nothing is open." in text
    assert "It depends on what is missing: see --show open." in page("undetermined", "RO", show=("change",))


def test_cohorts_with_one_reason_are_told_once() -> None:
    """Five cohorts that fail alike have one line."""
    text = flat(page("18-what-can-change", "SAR"))
    assert "- ineligible (SAR.E11a; SAR.E12; SAR.E13; +1 more): Dose escalation and Dose expansion" in text


def test_a_clause_is_told_whole() -> None:
    """With its trial, its facts, how close it is, its note and its source; --full leaves nothing out."""
    text = flat(clauses("08-creatinine", "RO.I6a"))
    assert "RO NCT04580121 ineligible, completed RO.I6a" in text
    assert "comes to: creatinine clearance (Cockcroft-Gault) about 49.802 mL/min" in text
    assert "serum creatinine at most 141.44 umol/L" in text
    assert "source: S inclusion 6" in text
    record = example("closed-door")
    answer = answer_of(explain, "closed-door", ["SAR"])
    whole = flat(whole_clause_page(answer, record, LIBRARY, 80, clauses=["SAR.DX"]).plain())
    assert whole.count("SAR.DX An open cohort") == 3
    assert "closed: Dose escalation" in whole
    assert whole.count("source: ") == 3


def run(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str
) -> tuple[int, str, str]:
    """The exit code and what the command prints."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("sys.argv", ["match", "explain", "examples/two-clocks.json", *arguments])
    code = cli.main()
    return code, *capfd.readouterr()


def test_full_is_the_whole_page(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """So is `--show all`; a clause is found in any case, and chooses its trial."""
    record = example("two-clocks")
    whole = explanation(answer_of(explain, "two-clocks", ["RO"]), record, LIBRARY, 80).plain()
    for options in (["--full"], ["--show", "all"]):
        code, out, err = run(capfd, monkeypatch, "RO", *options)
        assert (code, err) == (0, "")
        assert out.startswith(whole)
    code, out, err = run(capfd, monkeypatch, "--clause", "ro.i2a,SAR.E7h")
    assert (code, err) == (0, "")
    assert re.findall(r"^(\w+)  NCT", out, re.MULTILINE) == ["RO", "SAR"]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--clause", "RO.I2x"], "--clause: 'RO.I2x' is not a known clause; did you mean 'RO.I2"),
        (["RO", "--clause", "SAR.E9"], "--clause: SAR.E9 is a clause of SAR: name that trial"),
        (["--show", "reasons"], "--show: 'reasons' is none of why, change, open, all"),
        (["--show", "why", "--full"], "--show chooses parts, and --full does so too"),
    ],
)
def test_a_wrong_option_is_one_line(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, options: list[str], problem: str
) -> None:
    """And the exit code is 2."""
    code, out, err = run(capfd, monkeypatch, *options)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {problem}")
    assert err.count("\n") == 1
