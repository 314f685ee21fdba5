"""A cohort judged on Spark: the rows are those of a run in one process, whatever the slices, and what cannot be done is one line.

The tests with a cluster of this machine's own need the extra `spark` and Java; one process runs all their commands.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from solver.engine.case import Engine
from solver.errors import ProcessError
from solver.library.models import Library
from solver.screen.cohort import CohortReading, cohort_patients
from solver.screen.output_rows import ScreenQuestion
from solver.screen.run import ScreenRun
from solver.screen.spark import cohort_slices as slicing
from solver.screen.spark.cohort_slices import TableSlice, cohort_slices
from solver.screen.spark.judged_slices import SliceJudge, failure_in, judge_sent
from solver.version import __version__
from tests.support.formats.cohorts import cells_of, csv_text, write_parquet
from tests.support.pages.command_line import run_command
from tests.support.records import worked

pl = pytest.importorskip("polars")
ROOT = Path(__file__).parents[2]
JAVA = shutil.which("java") or os.environ.get("JAVA_HOME")
needs_spark = pytest.mark.skipif(
    find_spec("pyspark") is None or not JAVA, reason="needs the extra spark, and Java: .ci/run installs them"
)
DAY = "2025-06-01"
EXAMPLE = "examples/cohort/cohort.csv"

PROGRAM = """
import json, sys
from pyspark.sql import SparkSession
from solver.screen.spark import cohort_slices, spark_run
import cli
cohort_slices.TABLE_ROWS = 3
session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config(
    "spark.sql.files.maxRecordsPerFile", 3
).getOrCreate()
for line in sys.stdin:
    asked = json.loads(line)
    spark_run.__version__ = asked["version"]
    sys.argv = ["match", *asked["words"]]
    print(f"\\x1e{cli.main()}", flush=True)
session.stop()
"""


@pytest.fixture(scope="module")
def cohorts(tmp_path_factory: pytest.TempPathFactory, library: Library) -> list[str]:
    """Worked patients in each form, with bad rows among them."""
    folder = tmp_path_factory.mktemp("cohorts")
    records = [{**worked.patient(name), "as_of": DAY} for name in sorted(worked.load("patients"))[:8]]
    for each in records:
        each.pop("context", None)
    rows = [cells_of(each, library) for each in records]
    rows[2]["as_of"] = "no day"
    write_parquet(folder / "a table.parquet", rows)
    (folder / "cohort.csv").write_text(csv_text(rows[:3]))
    (folder / "lines.ndjson").write_text(
        "".join(f"{json.dumps(each)}\n" for each in records[4:]) + "nonsense\n"
    )
    return [str(folder / name) for name in ("lines.ndjson", "a table.parquet", "cohort.csv")]


def run(library: Library, paths: list[str], level: Any) -> ScreenRun:
    """A run that slices are made of."""
    asked = ScreenQuestion(("RO", "K001"), None, None, level)
    return ScreenRun(Engine(library), asked, paths, CohortReading(), batch=3, workers=1)


@pytest.mark.parametrize("level", ["none", "clauses"])
def test_slices_judged_by_themselves_are_the_run(
    library: Library, cohorts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    """Each slice is judged from what is sent alone, and together they are the rows of a run in one go, in its order."""
    monkeypatch.setattr(slicing, "TABLE_ROWS", 3)
    whole = run(library, cohorts, level)
    slices = cohort_slices(cohorts, library, whole.reading, tmp_path, whole.batch)
    judge = pickle.loads(SliceJudge(whole, slices).sent())
    found = [row for number in range(len(slices)) for row in judge.frame(number).iter_rows(named=True)]
    expected = [
        {**row, "as_of": None if row["as_of"] is None else pl.Series([row["as_of"]]).str.to_date()[0]}
        for row in whole.rows(None)
    ]
    assert found == expected
    assert len({row["row"] for row in found}) == 5 + 8 + 3


def test_every_patient_is_in_one_slice(
    library: Library, cohorts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slices count every row of all cohorts once, in order; a table is not read for it."""
    monkeypatch.setattr(slicing, "TABLE_ROWS", 3)
    numbers: list[int] = []
    for each in cohort_slices(cohorts, library, CohortReading(), tmp_path, 2):
        if isinstance(each, TableSlice):
            numbers += range(each.row, each.row + each.height)
        else:
            numbers += [patient.row for patient in each.patients()]
    assert numbers == [each.row for each in cohort_patients(cohorts, library, CohortReading())]


def test_a_process_with_another_version_judges_nobody(library: Library) -> None:
    """Answers of two versions never stand in one output."""
    sent = SliceJudge(run(library, [], "none"), []).sent()
    [told] = judge_sent("0.0.0", sent, [])
    failure = failure_in(told)
    assert (type(failure), "install the same" in str(failure)) == (ProcessError, True)
    assert list(judge_sent(__version__, sent, [])) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "--engine spark: give --out"),
        (("--out", "{out}", "--resume"), "--engine spark: there is no --resume"),
    ],
)
def test_what_spark_cannot_do_is_told(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    """It is one line, before anything is read."""
    done = run_command(
        "screen", EXAMPLE, "--engine", "spark", *(each.format(out=tmp_path / "out") for each in words)
    )
    assert (done.code, told in done.error) == (2, True)


@pytest.mark.skipif(find_spec("pyspark") is not None, reason="the extra spark is installed")
def test_the_extra_is_named_where_it_is_missing(tmp_path: Path) -> None:
    """It is said at once."""
    done = run_command("screen", EXAMPLE, "--engine", "spark", "--out", str(tmp_path / "out"))
    assert done.error == "error: --engine spark needs the extra spark: pip install 'trialproof[spark]'\n"


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Runs commands of the command line beside a session: their exit codes and what they print."""
    log = tmp_path_factory.mktemp("spark") / "log"
    with log.open("a") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"},
        )

    def asked(*words: str, version: str = __version__) -> tuple[int, str]:
        assert process.stdin is not None
        assert process.stdout is not None
        log.write_text("")
        process.stdin.write(json.dumps({"words": words, "version": version}) + "\n")
        process.stdin.flush()
        printed = ""
        for line in process.stdout:
            if line.startswith("\x1e"):
                return int(line[1:]), printed or log.read_text()
            printed += line
        raise AssertionError(log.read_text())

    yield asked
    process.communicate()


def rows_of(out: Path) -> Any:
    """The rows of an output of either engine."""
    whole = pl.read_parquet(sorted(out.glob("part-*")) if out.is_dir() else out, glob=False)
    return whole.sort("row", "code", maintain_order=True)


@needs_spark
@pytest.mark.parametrize("level", ["none", "clauses", "full"])
def test_spark_writes_the_rows_of_one_process(
    spark: Any, cohorts: list[str], tmp_path: Path, level: str
) -> None:
    """Rows, types and summary are the same; what made them stands beside the parts, and nothing else is left, whatever the name."""
    words = [
        "screen",
        *cohorts,
        "--trials",
        "RO,K001",
        "--reasons",
        level,
        "--format",
        "json",
        "--batch",
        "2",
    ]
    here, there = tmp_path / "here.parquet", tmp_path / "drüben 100% {of} it"
    done = run_command(*words, "--out", str(here))
    code, printed = spark(*words, "--engine", "spark", "--out", str(there))
    assert (code, json.loads(printed)) == (done.code, json.loads(done.output))
    assert rows_of(there).equals(rows_of(here))
    assert rows_of(there).schema == rows_of(here).schema
    made_by = json.loads((there / "_trialproof.json").read_text())
    footer = pl.read_parquet_metadata(here)
    assert made_by == {name: footer[name] for name in made_by}
    assert {each.name for each in tmp_path.iterdir()} == {here.name, there.name}


@needs_spark
def test_an_output_of_spark_takes_the_place_of_the_one_before(
    spark: Any, cohorts: list[str], tmp_path: Path
) -> None:
    """Whatever else is there is never replaced; with an earlier output, who moved is told as by one process."""
    before, out = tmp_path / "before.parquet", tmp_path / "out"
    words = ["screen", cohorts[0], "--trials", "RO", "--format", "json"]
    run_command(*words, "--out", str(before))
    for _ in range(2):
        code, printed = spark(*words, "--engine", "spark", "--out", str(out), "--since", str(before))
        done = run_command(*words, "--since", str(before), "--out", str(tmp_path / "here.parquet"))
        assert (code, json.loads(printed)) == (done.code, json.loads(done.output))
        assert rows_of(out).equals(rows_of(tmp_path / "here.parquet"))
    since = [json.loads(run_command(*words, "--since", str(each)).output) for each in (before, out)]
    assert since[0] == since[1]
    (out / "mine.txt").write_text("mine")
    assert spark(*words, "--engine", "spark", "--out", str(out))[0] == 2
    assert (out / "mine.txt").read_text() == "mine"
    assert spark(*words, "--engine", "spark", "--out", str(before))[0] == 2


@needs_spark
def test_a_task_that_fails_leaves_the_output_before(spark: Any, cohorts: list[str], tmp_path: Path) -> None:
    """It is an exit code of its own, and no part is left."""
    out = tmp_path / "out"
    words = [
        "screen",
        cohorts[0],
        "--trials",
        "RO",
        "--engine",
        "spark",
        "--out",
        str(out),
        "--format",
        "json",
    ]
    assert spark(*words)[0] == 2  # a line is none
    rows = rows_of(out)
    code, said = spark(*words, version="0.0.0")
    assert (code, "install the same" in said, "Traceback" in said) == (3, True, False)
    assert rows_of(out).equals(rows)
    assert [each.name for each in tmp_path.iterdir()] == ["out"]
