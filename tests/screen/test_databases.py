"""A database is a cohort: each person is judged as `match` judges this person alone, in every form of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.formats import cdm
from tests.support.pages.command_line import CommandResult, run_command

pytest.importorskip("polars")
DAY = "2026-11-20"
TRIALS = ("--trials", "K017,ZPED")
PERSONS = ("1", "2", "5", "30")
ENTRIES = {"1": ["2024-01-10"], "2": ["2026-06-01"], "5": ["2024-02-01", "2026-11-19"]}


def tables() -> cdm.Tables:
    """Four persons; what is recorded of them changes over the years."""
    persons = [
        {**cdm.MAN, "person_id": int(n), "year_of_birth": 1950 + 10 * i} for i, n in enumerate(PERSONS)
    ]
    measurements = [
        cdm.measurement(10 * i + j, person_id=int(n), measurement_date=day, value_as_number=str(weight - i))
        for i, n in enumerate(PERSONS)
        for j, (day, weight) in enumerate([("2024-01-05", 9.5), ("2026-05-20", 60.0), ("2026-11-18", 12.0)])
    ]
    conditions = [
        cdm.condition(i, "C92.0", person_id=int(n), condition_start_date=f"202{4 + i % 3}-01-0{i + 1}")
        for i, n in enumerate(PERSONS)
    ]
    entries = [
        {
            "cohort_definition_id": 7,
            "subject_id": int(n),
            "cohort_start_date": day,
            "cohort_end_date": "2026-12-31",
        }
        for n, days in ENTRIES.items()
        for day in days
    ]
    return {
        "person": persons,
        "measurement": measurements,
        "condition_occurrence": conditions,
        "cohort": [*entries, {**entries[0], "cohort_definition_id": 8, "subject_id": 99}],
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database as a folder of CSV."""
    return cdm.csv_folder(tmp_path_factory.mktemp("cdm") / "csv", tables())


@pytest.fixture(scope="module", params=["csv", "parquet", "duckdb", "postgresql"])
def source(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The database in one of its forms."""
    base = folder.parent
    if request.param == "csv":
        yield str(folder)
    elif request.param == "parquet":
        yield str(cdm.parquet_folder(base / "parquet", folder))
    elif request.param == "duckdb":
        yield str(cdm.duckdb_file(base / "own.file", folder))
    else:
        with cdm.postgresql_schema(folder, "screened_cohort") as address:
            yield address


def rows_of(folder: Path, source: str, *words: str) -> tuple[CommandResult, list[Any]]:
    """What `match screen` does, and the rows that it writes."""
    out = folder / "out.ndjson"
    out.unlink(missing_ok=True)
    done = run_command("screen", source, *TRIALS, *words, "--reasons", "full", "--out", str(out))
    return done, [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []


def matched(source: str, person: str, day: str) -> list[tuple[Any, ...]]:
    """What `match` says of one person."""
    done = run_command(source, "--person", person, "--as-of", day, *TRIALS, "--format", "json")
    answer = json.loads(done.output)
    return [
        (answer["as_of"], each["code"], each["verdict"], each["conflicts"], each["deciding_sets"])
        for each in answer["trials"]
    ]


def told(rows: list[Any]) -> list[tuple[Any, ...]]:
    """The same of rows."""
    return [
        (each["as_of"], each["code"], each["verdict"], each["conflicts"], each["deciding_sets"])
        for each in rows
    ]


def test_each_person_is_judged_as_match_judges_this_person(tmp_path: Path, source: str) -> None:
    """By rising id, and named by it; the verdicts differ."""
    done, rows = rows_of(tmp_path, source, "--as-of", DAY)
    assert done.code == 0
    assert [each["patient"].rpartition(":")[2] for each in rows] == [n for n in PERSONS for _ in range(2)]
    assert told(rows) == [row for n in PERSONS for row in matched(source, n, DAY)]
    assert len({each["verdict"] for each in rows}) > 1


def test_some_persons_can_be_chosen(tmp_path: Path, source: str) -> None:
    """By a file with an id on each line, with or without the name of the column."""
    chosen = tmp_path / "persons.csv"
    chosen.write_text("person_id\n30\n2\n\n")
    done, rows = rows_of(tmp_path, source, "--as-of", DAY, "--persons", str(chosen))
    assert done.code == 0
    assert told(rows) == [row for n in ("2", "30") for row in matched(source, n, DAY)]
    chosen.write_text("3\n")
    done, _ = rows_of(tmp_path, source, "--as-of", DAY, "--persons", str(chosen))
    assert (done.code, done.error.count("\n")) == (2, 1)
    assert "has no person '3'" in done.error


def test_each_person_of_a_cohort_has_the_day_of_entry(tmp_path: Path, source: str) -> None:
    """Whoever entered twice is judged twice; nothing after the day counts."""
    done, rows = rows_of(tmp_path, source, "--as-of", "cohort", "--cohort-id", "7")
    assert done.code == 0
    expected = [row for n, days in ENTRIES.items() for day in days for row in matched(source, n, day)]
    assert told(rows) == expected


def test_a_person_of_a_cohort_who_is_nobody_is_a_row_with_an_error(tmp_path: Path, folder: Path) -> None:
    """The others are judged; the error names the id alone."""
    done, rows = rows_of(tmp_path, str(folder), "--as-of", "cohort", "--cohort-id", "8")
    assert done.code == 2
    assert [each["error"] for each in rows] == [
        f"{folder}: person 99 of the cohort is not in the table person"
    ]


def test_a_plan_and_what_clauses_cost_are_asked_of_a_database(folder: Path) -> None:
    """With the same options."""
    words = (str(folder), "--as-of", "cohort", "--cohort-id", "7", "--format", "json")
    relaxed = json.loads(run_command("relax", "SAR", *words).output)
    assert relaxed["judged"] == 4
    planned = json.loads(run_command("plan", *words, "--trials", "SAR").output)
    assert (planned["judged"], planned["errors"]) == (4, 0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--as-of", "cohort"], "--as-of cohort and --cohort-id N go together: give both, or a day"),
        (
            ["--as-of", DAY, "--cohort-id", "7"],
            "--as-of cohort and --cohort-id N go together: give both, or a day",
        ),
        (
            ["--as-of", "cohort", "--cohort-id", "3"],
            "FOLDER: the table cohort has nobody of cohort_definition_id 3",
        ),
        (
            ["--persons", "examples/cohort/cohort.csv", "--as-of", DAY],
            "--persons: examples/cohort/cohort.csv: line 2 is no",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(
    tmp_path: Path, folder: Path, words: list[str], said: str
) -> None:
    """In one line."""
    done, _ = rows_of(tmp_path, str(folder), *words)
    assert done.code == 2
    assert done.error.startswith(f"error: {said.replace('FOLDER', str(folder))}")
    assert done.error.count("\n") == 1


def test_a_table_of_patients_is_no_database(tmp_path: Path) -> None:
    """Persons and their days of entry are asked of a database alone."""
    done, _ = rows_of(tmp_path, "examples/cohort/cohort.csv", "--as-of", "cohort", "--cohort-id", "7")
    assert done.error == (
        "error: examples/cohort/cohort.csv: is no OMOP database: --persons and --as-of cohort are for one\n"
    )
