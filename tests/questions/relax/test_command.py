"""`match relax` on the command line: cohorts of every kind, outputs of `screen`, the page, the drawings, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.support.pages.command_line import CommandResult, run_command

pytest.importorskip("polars")
COHORT = "examples/cohort/cohort.csv"
SVG = "{http://www.w3.org/2000/svg}"


def relax(*words: str) -> CommandResult:
    """What `match relax` does for one trial."""
    return run_command("relax", "UC", *words)


def answered(*words: str) -> Any:
    """Its JSON."""
    return json.loads(relax(*words, "--format", "json").output)


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the full output of `screen` in each form, one without reasons, and one of another trial."""
    folder = tmp_path_factory.mktemp("outputs")
    for ending in ("parquet", "ndjson", "csv"):
        out = ("--out", str(folder / f"full.{ending}"))
        run_command("screen", COHORT, "--trials", "UC,K017", "--reasons", "full", *out)
    run_command("screen", COHORT, "--trials", "UC", "--out", str(folder / "clauses.parquet"))
    run_command(
        "screen", COHORT, "--trials", "RO", "--reasons", "full", "--out", str(folder / "other.parquet")
    )
    return folder


@pytest.mark.parametrize("ending", ["parquet", "ndjson", "csv"])
def test_an_output_of_screen_is_not_judged_once_more(
    outputs: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is that for the cohort, and the engine is not asked."""
    expected = answered(COHORT, "--without", "UC.I0,UC.I3")
    monkeypatch.setattr("solver.screen.output_rows.judge", None)
    found = answered(str(outputs / f"full.{ending}"), "--without", "UC.I0,UC.I3")
    assert found == expected
    assert relax(str(outputs / f"full.{ending}")).code == 2


def test_cohorts_are_added_up(outputs: Path) -> None:
    """Also where one of them was judged already."""
    found = answered(COHORT, str(outputs / "full.parquet"))
    once = answered(COHORT)
    assert (found["judged"], found["patients"]) == (2 * once["judged"], 2 * once["patients"])
    for one, both in zip(once["clauses"], found["clauses"], strict=True):
        assert both["shapley"] == pytest.approx(2 * one["shapley"])
        assert both["gain"] == 2 * one["gain"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["clauses.parquet"], "has no conflicts: judge the cohort with screen --reasons full"),
        (["other.parquet"], "nobody in it was judged for UC"),
        (["full.csv", "--move", "UC.I3"], "--move needs the records: "),
        (["full.csv", "--as-of", "2026-11-20"], "--as-of: "),
        (["full.csv", "--assume", "history-absent"], "--assume: "),
        ([COHORT, "--without", "RO.I3"], "--without: RO.I3 is no clause of UC"),
        ([COHORT, "--without", "UC.I33"], "--without: 'UC.I33' is not a known clause; did you mean 'UC.I3'?"),
        (["nothing.csv"], "does not exist"),
    ],
)
def test_what_cannot_be_asked_is_refused(outputs: Path, words: list[str], told: str) -> None:
    """In one line, before anybody is judged."""
    found = [str(outputs / each) if (outputs / each).exists() else each for each in words]
    done = relax(*found)
    assert (done.code, done.output) == (2, "")
    assert done.error.startswith("error: ")
    assert told in done.error
    assert done.error.count("\n") == 1


def test_the_drawings_have_their_figures(tmp_path: Path) -> None:
    """A bar for each clause, or the curve with the counts at each limit; well-formed SVG with a title."""
    path = tmp_path / "drawing.svg"
    found = answered(COHORT, "--plot", str(path))
    texts = " ".join(each.text or "" for each in ElementTree.parse(path).getroot().iter(f"{SVG}text"))
    for each in found["clauses"]:
        assert each["clause"] in texts
        told = f"share {each['shapley']:.2f}, gains {each['gain']} alone, excludes {each['fails']}"
        assert told in texts
    found = answered(COHORT, "--plot", str(path), "--move", "UC.I3")
    drawing = ElementTree.parse(path).getroot()
    told = [each.text for each in drawing.iter(f"{SVG}title")]
    assert told[0] is not None
    assert [
        f"at {each['limit']}: {each['not_excluded']} not excluded, {each['eligible']} eligible"
        for each in found["move"]["points"]
    ] == told[1:]


def test_the_page_says_what_the_json_says() -> None:
    """Every clause with its counts, the set that was left out, and the limits."""
    words = (COHORT, "--without", "UC.I0,UC.I1a", "--move", "UC.I3")
    found, page = answered(*words), relax(*words).output
    lines = [line.split() for line in page.splitlines()]
    idle = 0
    for each in found["clauses"]:
        counts = [each["fails"], each["open"], each["gain"], each["gain_eligible"]]
        row = [each["clause"], *map(str, counts), f"{each['shapley']:.2f}"]
        idle += not any(counts)
        assert (row in [line[:6] for line in lines]) == any(counts)
    assert f"{idle} more cost nobody." in page
    assert f"Without UC.I0 and UC.I1a {found['without']['gain']} more would not be excluded" in page
    for point in found["move"]["points"]:
        assert [str(point["limit"]), str(point["not_excluded"]), str(point["eligible"])] in lines


def test_an_empty_cohort_costs_nothing(tmp_path: Path) -> None:
    """Every count is 0."""
    path = tmp_path / "empty.csv"
    path.write_text("id,as_of,sex\n")
    found = answered(str(path), "--move", "UC.I3")
    assert (found["judged"], found["incomplete"], found["not_excluded"]) == (0, 0, 0)
    assert {each["shapley"] for each in found["clauses"]} == {0}
    assert found["move"]["points"] == [{"limit": 1, "not_excluded": 0, "eligible": 0}]


def test_an_output_of_bad_rows_alone_costs_nothing(tmp_path: Path) -> None:
    """They are counted as such, as those of a cohort are."""
    cohort, out = tmp_path / "bad.csv", tmp_path / "out.ndjson"
    cohort.write_text("id,as_of,sex\na,2026-11-20,X\n")
    run_command("screen", str(cohort), "--trials", "UC", "--reasons", "full", "--out", str(out))
    found = answered(str(out))
    assert found == answered(str(cohort))
    assert (found["patients"], found["errors"], found["judged"]) == (1, 1, 0)
