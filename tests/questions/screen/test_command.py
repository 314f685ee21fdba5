"""`match screen` on the command line: the page, the counts, the drawing, what moved, and what is refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from solver.screen.parts import previous_rows
from tests.support.pages.command_line import CommandResult, run_command

pytest.importorskip("polars")
COHORT = "examples/cohort/cohort.csv"
HEAD = "id,as_of,sex,diagnosis,diagnosis_confirmed,disease_status,ecog\n"


def screen(*words: str, stdin: bytes = b"") -> CommandResult:
    """What `match screen` does for one trial."""
    return run_command("screen", "--trials", "RO", *words, stdin=stdin)


def answered(*words: str) -> Any:
    """The JSON of the one trial, and the whole."""
    done = screen(*words, "--format", "json")
    return json.loads(done.output)


def cohort(folder: Path, *rows: str) -> str:
    """A table of patients on one day: the id, and what follows the day."""
    path = folder / "cohort.csv"
    lines = (f"{row.partition(',')[0]},2026-11-20,{row.partition(',')[2]}\n" for row in rows)
    path.write_text(HEAD + "".join(lines))
    return str(path)


def test_a_cohort_is_counted_by_verdict_and_by_clause() -> None:
    """Bad rows are counted, the others judged, and the exit code is 2; each patient is first excluded by one clause."""
    done = screen(COHORT, "--format", "json", "--reasons", "full")
    found = json.loads(done.output)
    [trial] = found["trials"]
    assert (done.code, found["schema"], found["patients"], found["errors"]) == (
        2,
        "trialproof/screen/1",
        8,
        1,
    )
    assert sum(trial["verdicts"].values()) == 7
    assert trial["judged"] == 7 - trial["verdicts"].get("withheld", 0)
    left = trial["judged"]
    for row in trial["attrition"]:
        left -= row["first"]
        assert row["remaining"] == left
        assert row["first"] <= row["fails"]
        assert row["gain"] <= trial["judged"]
    excluded = sum(row["first"] for row in trial["attrition"])
    assert excluded + trial["jointly"] == trial["verdicts"]["ineligible"]


def test_a_cohort_of_bad_rows_is_told_row_by_row(tmp_path: Path) -> None:
    """With nothing else in it each row has its error, and the exit code is 2."""
    out = tmp_path / "out.ndjson"
    done = screen(cohort(tmp_path, "a,X,,,,", "b,F,,,,many"), "--out", str(out))
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert done.code == 2
    assert [(each["row"], each["patient"], each["code"]) for each in rows] == [(1, "a", None), (2, "b", None)]
    assert "facts.sex: 'X' is not" in rows[0]["error"]
    assert "facts.ecog: 'many' is not a number" in rows[1]["error"]
    assert screen(cohort(tmp_path, "a,F,,,,1")).code == 0


@pytest.mark.parametrize("ending", ["parquet", "ndjson", "csv"])
def test_an_id_that_no_table_can_hold_is_escaped(tmp_path: Path, ending: str) -> None:
    """JSON can write half of a letter: the patient is judged, and so are the others."""
    lines, out = tmp_path / "cohort.ndjson", tmp_path / f"out.{ending}"
    lines.write_text(
        '{"id": "\\ud800", "as_of": "2025-06-01"}\n{"id": "\\ud800", "as_of": 1}\n{"id": "b", "as_of": "2025-06-01"}\n'
    )
    done = screen(str(lines), "--reasons", "none", "--out", str(out))
    assert (done.code, done.error) == (2, "")
    assert [row["patient"] for row in previous_rows(out)] == ["\\ud800", "\\ud800", "b"]


def test_small_counts_are_not_told(tmp_path: Path) -> None:
    """Counts below the least are texts, and nothing beside them gives one away."""
    rows = [f"a{i},F,AML,true,relapsed,3" for i in range(2)] + [
        f"b{i},F,AML,true,untreated,1" for i in range(6)
    ]
    path = cohort(tmp_path, *rows)
    [exact] = answered(path)["trials"]
    [told] = answered(path, "--min-count", "5")["trials"]
    hidden = False
    for one, other in zip(exact["attrition"], told["attrition"], strict=True):
        for key in ("fails", "first", "open"):
            assert other[key] == ("<5" if 0 < one[key] < 5 else one[key])
        hidden = hidden or 0 < one["first"] < 5
        if hidden:
            assert isinstance(other["remaining"], str)
    assert hidden
    page = screen(path, "--min-count", "5").output
    assert "<5" in page


def test_the_drawing_has_a_bar_with_its_figures_for_each_clause(tmp_path: Path) -> None:
    """It is well-formed SVG with a title, and says in words what the bars show."""
    path = tmp_path / "attrition.svg"
    found = answered(COHORT, "--plot", str(path))
    drawing = ElementTree.parse(path).getroot()
    texts = [each.text for each in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    assert drawing.find("{http://www.w3.org/2000/svg}title") is not None
    for row in found["trials"][0]["attrition"]:
        assert row["clause"] in texts
        assert (
            f"{row['fails']} excluded, {row['first']} for the first time, {row['remaining']} remain"
            in " ".join(filter(None, texts))
        )


@pytest.mark.parametrize("ending", [".parquet", ".ndjson", ".csv"])
def test_what_moved_since_an_earlier_output_is_told(tmp_path: Path, ending: str) -> None:
    """Who is new, who left, who moved from which verdict to which, and which clauses did it."""
    earlier, now = tmp_path / f"earlier{ending}", tmp_path / "now.ndjson"
    screen(
        cohort(tmp_path, "a,F,AML,true,relapsed,1", "b,F,AML,true,relapsed,1", "c,F,,,,"),
        "--out",
        str(earlier),
    )
    path = cohort(tmp_path, "a,F,AML,true,relapsed,3", "b,F,AML,true,relapsed,1", "d,F,,,,")
    found = answered(path, "--since", str(earlier), "--out", str(now))
    moved = [(each["was"], each["now"], each["patients"]) for each in found["trials"][0]["moved"]]
    assert sorted(moved, key=str) == sorted(
        [
            ("undetermined", "ineligible", 1),
            (None, "undetermined", 1),
            ("undetermined", None, 1),
        ],
        key=str,
    )
    [clauses] = [each["clauses"] for each in found["trials"][0]["moved"] if each["was"] and each["now"]]
    assert clauses == {"RO.I3": 1}
    rows = [json.loads(line) for line in now.read_text().splitlines()]
    assert [(each["was"], each["was_blocking"]) for each in rows] == [
        ("undetermined", []),
        ("undetermined", []),
        (None, None),
    ]
    assert found["other_encodings"] is False


def test_ids_must_tell_patients_apart_where_they_are_compared(tmp_path: Path) -> None:
    """An id that comes twice, then or now, is an error; without a comparison it is none."""
    twice, once, out = ("a,F,,,,", "a,M,,,,"), ("a,F,,,,",), tmp_path / "earlier.parquet"
    assert screen(cohort(tmp_path, *twice), "--out", str(out)).code == 0
    done = screen(cohort(tmp_path, *once), "--since", str(out))
    assert (done.code, done.error) == (
        2,
        f"error: {out}: the patient 'a' is there twice: ids must tell patients apart\n",
    )
    screen(cohort(tmp_path, *once), "--out", str(out))
    done = screen(cohort(tmp_path, *twice), "--since", str(out))
    assert (done.code, done.error) == (
        2,
        "error: the patient 'a' is in the cohort twice: ids must tell patients apart\n",
    )
    # also where one of them cannot be read
    unread = ("a,F,,,,", "a,X,,,,")
    assert "'a' is in the cohort twice" in screen(cohort(tmp_path, *unread), "--since", str(out)).error
    screen(cohort(tmp_path, *unread), "--out", str(out))
    assert "'a' is there twice" in screen(cohort(tmp_path, *once), "--since", str(out)).error
    assert screen(cohort(tmp_path, *once), "--since", str(tmp_path / "none.csv")).error == (
        f"error: {tmp_path / 'none.csv'}: does not exist: check the path\n"
    )


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (
            "short.csv",
            "row,patient,code,verdict,blocking\n1,a,UC,eligible\n",
            "line 2 has other cells than the header",
        ),
        (
            "typed.ndjson",
            '{"row": 1, "patient": ["a"], "code": "UC", "verdict": "eligible", "blocking": []}\n',
            "the column patient is of another type",
        ),
        (
            "typed.csv",
            "row,patient,code,verdict,blocking\n1,a,UC,eligible,[[5]]\n",
            "the column blocking is of another type",
        ),
    ],
)
def test_an_earlier_output_that_is_damaged_is_told_in_a_line(
    tmp_path: Path, name: str, content: str, told: str
) -> None:
    """Whatever is wrong with it; `match relax` reads outputs the same way."""
    path = tmp_path / name
    path.write_text(content)
    expected = f"error: {path}: cannot be read as an output of screen: {told}\n"
    done = screen(cohort(tmp_path, "a,F,,,,"), "--since", str(path))
    assert (done.code, done.error) == (2, expected)


def test_an_earlier_output_may_have_long_cells_and_a_mark(tmp_path: Path) -> None:
    """Spreadsheets put a mark before what they write, and lists of a patient may be longer than readers of CSV allow by themselves."""
    out, path = tmp_path / "earlier.csv", cohort(tmp_path, "a,F,,,,")
    assert screen(path, "--out", str(out)).code == 0
    text = out.read_text().replace("[]", json.dumps(["X" * 200_000]).replace('"', '""').join('""'), 1)
    out.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert screen(path, "--since", str(out)).code == 0


def test_other_encodings_are_told_first(tmp_path: Path) -> None:
    """Then a change may be ours."""
    out, path = tmp_path / "earlier.parquet", cohort(tmp_path, "a,F,,,,")
    screen(path, "--out", str(out), "--add-trials", "examples/trials")
    assert answered(path, "--since", str(out))["other_encodings"] is True


def test_columns_that_are_left_out_are_told(tmp_path: Path) -> None:
    """They are an error otherwise, in one line each."""
    path = tmp_path / "cohort.csv"
    path.write_text("id,as_of,ward,ecgo\na,2026-11-20,7,F\n")
    done = screen(str(path))
    assert (done.code, done.output) == (2, "")
    assert done.error.splitlines() == [
        f"error: {path}: column 'ward' is no variable: leave it out, or give --ignore-columns",
        f"error: {path}: column 'ecgo' is no variable; did you mean 'ecog'?",
    ]
    assert answered(str(path), "--ignore-columns")["ignored_columns"] == ["ward", "ecgo"]


def test_standard_input_is_a_cohort() -> None:
    """A patient on each line; it cannot be resumed."""
    done = screen("-", "--format", "json", stdin=b'{"id": "a", "as_of": "2026-11-20"}\n{"id": "b"}\n')
    assert (done.code, json.loads(done.output)["errors"]) == (2, 1)
    assert screen("-", "--resume", "--out", "x.csv").error == (
        "error: --resume: standard input cannot be read once more: give a file\n"
    )


def test_without_the_extra_one_line_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The help is shown all the same."""
    monkeypatch.setitem(sys.modules, "polars", None)
    done = screen(COHORT)
    assert (done.code, done.error) == (
        2,
        "error: match screen needs the extra screen: pip install 'trialproof[screen]'\n",
    )
    assert run_command("screen", "--help").code == 0


def test_the_cohort_is_never_overwritten(tmp_path: Path) -> None:
    """An output in the place of its cohort is refused."""
    path = cohort(tmp_path, "a,F,,,,")
    before = Path(path).read_bytes()
    assert screen(path, "--out", path).code == 2
    assert Path(path).read_bytes() == before


@pytest.mark.parametrize(
    "path",
    [
        "examples/fhir/relapse.json",
        "examples/fhir/ward-export",
        "examples/fhir/first-diagnosis.ndjson",
        "examples/phenopackets/npm1-mutated.json",
        "examples/omop",
    ],
)
def test_exports_are_judged_as_match_judges_them(path: str) -> None:
    """The verdicts on the patients of an export are those of `match` for each."""
    day = ("--as-of", "2026-11-20", "--format", "json")
    persons = ["--patient", "101", "--patient", "102"] if path.endswith("omop") else []
    matched = [
        json.loads(line) for line in run_command(path, *persons, "--trials", "RO", *day).output.splitlines()
    ]
    counts = dict[str, int]()
    for each in matched:
        verdict = each["trials"][0]["verdict"]
        counts[verdict] = counts.get(verdict, 0) + 1
    assert answered(path, "--as-of", "2026-11-20")["trials"][0]["verdicts"] == counts
