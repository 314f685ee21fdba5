"""Small OMOP databases of invented persons, in each of their forms."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from solver.library.models import Library
from solver.patient.readers.foreign.interpret import ForeignRecord, ReadingSettings, interpret
from solver.patient.readers.foreign.statements import ListName
from solver.patient.readers.omop.open_database import open_cdm
from solver.patient.readers.omop.read import read_omop
from tests.support.formats.exports import AS_OF, day_number

Tables = Mapping[str, Sequence[Mapping[str, Any]]]

SERVER = "TRIALPROOF_POSTGRESQL"
"""The variable of the environment that has the address of a PostgreSQL server on which tests may make schemas."""

MAN = {
    "person_id": 1,
    "gender_concept_id": 8507,
    "year_of_birth": 1970,
    "month_of_birth": 3,
    "day_of_birth": 5,
}


def measurement(number: int, **columns: Any) -> dict[str, Any]:
    """A row of the table: body weight in kg, unless the columns say otherwise."""
    return {
        "measurement_id": number,
        "person_id": 1,
        "measurement_concept_id": 3025315,
        "measurement_date": "2026-11-18",
        "measurement_datetime": "",
        "measurement_type_concept_id": 32817,
        "operator_concept_id": 0,
        "value_as_number": "76.0",
        "value_as_concept_id": 0,
        "unit_concept_id": 9529,
        "range_low": "",
        "range_high": "",
        "measurement_source_value": "29463-7",
        "unit_source_value": "kg",
        **columns,
    }


def lab(number: int, code: str, value: str, unit: str, **columns: Any) -> dict[str, Any]:
    """A result whose concept is not mapped: the code and the unit are those of the source."""
    own = {"measurement_concept_id": 0, "measurement_source_value": code, "value_as_number": value}
    return measurement(number, **{**own, "unit_concept_id": 0, "unit_source_value": unit, **columns})


def condition(number: int, code: str, **columns: Any) -> dict[str, Any]:
    """A condition whose concept is not mapped: the code is that of the source."""
    return {
        "condition_occurrence_id": number,
        "person_id": 1,
        "condition_concept_id": 0,
        "condition_start_date": "2026-03-05",
        "condition_end_date": "",
        "condition_type_concept_id": 32817,
        "condition_status_concept_id": 0,
        "condition_source_value": code,
        "condition_source_concept_id": 0,
        **columns,
    }


def drug(number: int, source: str, **columns: Any) -> dict[str, Any]:
    """An exposure to a drug whose concept is not mapped."""
    return {
        "drug_exposure_id": number,
        "person_id": 1,
        "drug_concept_id": 0,
        "drug_exposure_start_date": "2026-10-01",
        "drug_exposure_end_date": "2026-10-31",
        "verbatim_end_date": "",
        "drug_type_concept_id": 32817,
        "drug_source_value": source,
        "route_source_value": "",
        **columns,
    }


def procedure(number: int, code: str, **columns: Any) -> dict[str, Any]:
    """A procedure whose concept is not mapped."""
    return {
        "procedure_occurrence_id": number,
        "person_id": 1,
        "procedure_concept_id": 0,
        "procedure_date": "2025-05-03",
        "procedure_end_date": "",
        "procedure_type_concept_id": 32817,
        "procedure_source_value": code,
        **columns,
    }


def observation(number: int, code: str, **columns: Any) -> dict[str, Any]:
    """An observation whose concept is not mapped."""
    return {
        "observation_id": number,
        "person_id": 1,
        "observation_concept_id": 0,
        "observation_date": "2026-11-18",
        "observation_type_concept_id": 32817,
        "value_as_number": "",
        "value_as_string": "",
        "value_as_concept_id": 0,
        "qualifier_concept_id": 0,
        "unit_concept_id": 0,
        "observation_source_value": code,
        "unit_source_value": "",
        "value_source_value": "",
        **columns,
    }


def site_concept(number: int, vocabulary: str, code: str, name: str, kind: str = "") -> dict[str, Any]:
    """A row of a site's own table of concepts."""
    return {
        "concept_id": number,
        "concept_name": name,
        "vocabulary_id": vocabulary,
        "concept_code": code,
        "concept_class_id": kind,
    }


def broader(narrow: int, *broad: int) -> list[dict[str, Any]]:
    """Rows of a site's own table of ancestors."""
    return [{"ancestor_concept_id": each, "descendant_concept_id": narrow} for each in broad]


def csv_folder(folder: Path, tables: Tables) -> Path:
    """The tables as a folder of CSV; one without rows is left out."""
    folder.mkdir(exist_ok=True)
    for name, rows in tables.items():
        if rows:
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
    return folder


def duckdb_file(path: Path, folder: Path, schema: str = "main") -> Path:
    """A DuckDB file with the tables of a folder of CSV, of which it finds the types."""
    duckdb = pytest.importorskip("duckdb", reason="needs the extra omop")
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"create schema if not exists {schema}")
        for each in sorted(folder.glob("*.csv")):
            connection.execute(
                f"create table {schema}.{each.stem} as select * from read_csv('{each}', header=true)"
            )
    return path


def parquet_folder(target: Path, folder: Path) -> Path:
    """A folder of Parquet with the tables of a folder of CSV."""
    duckdb = pytest.importorskip("duckdb", reason="needs the extra omop")
    target.mkdir()
    with duckdb.connect() as connection:
        for each in sorted(folder.glob("*.csv")):
            connection.execute(
                f"copy (select * from read_csv('{each}', header=true)) to '{target / each.stem}.parquet' (format parquet)"
            )
    return target


@contextmanager
def postgresql_schema(folder: Path, schema: str) -> Iterator[str]:
    """The address of a schema with the tables of a folder of CSV, on the server that the environment names."""
    server = os.environ.get(SERVER)
    if not server:
        pytest.skip(f"needs a PostgreSQL server: {SERVER} names none")
    psycopg = pytest.importorskip("psycopg", reason="needs the extra omop")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"drop schema if exists {schema} cascade")
        connection.execute(f"create schema {schema}")
        try:
            for each in sorted(folder.glob("*.csv")):
                with each.open(encoding="utf-8", newline="") as file:
                    header, *rows = csv.reader(file)
                columns = ", ".join(f"{name} {_type(name)}" for name in header)
                connection.execute(f"create table {schema}.{each.stem} ({columns})")
                marks = ", ".join(["%s"] * len(header))
                with connection.cursor() as cursor:
                    cursor.executemany(
                        f"insert into {schema}.{each.stem} values ({marks})",
                        [[cell or None for cell in row] for row in rows],
                    )
            yield f"{server}?options=-csearch_path%3D{schema}"
        finally:
            connection.execute(f"drop schema {schema} cascade")


def _type(column: str) -> str:
    """The type of a column, as the data definition of CDM 5.4 has it."""
    if column.endswith(("_id", "_of_birth")) and not column.startswith(("vocabulary", "concept_class")):
        return "integer"
    if column.endswith("_date"):
        return "date"
    if column.endswith("_datetime"):
        return "timestamp"
    return "numeric" if column in ("value_as_number", "range_low", "range_high", "quantity") else "varchar"


def read_cdm(
    source: str | Path,
    library: Library,
    *,
    person: int | None = 1,
    as_of: str = AS_OF,
    complete: tuple[ListName, ...] = (),
) -> ForeignRecord:
    """The record of one person of a database, with the account of its rows."""
    day = day_number(as_of)
    with open_cdm(str(source)) as cdm:
        found = next(iter(read_omop(cdm, None if person is None else [str(person)], library, as_of=day)))
    return interpret(found.export, found.account, library, as_of=day, settings=ReadingSettings("p", complete))


def outcomes(found: ForeignRecord) -> dict[str, str | None]:
    """What became of each row."""
    return {at: row.outcome for at, row in found.account.rows.items()}
