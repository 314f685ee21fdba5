"""What is taken for an OMOP database, and the one line that tells why one cannot be read."""

from __future__ import annotations

import builtins
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli import main
from solver.errors import InputError
from solver.library.models import Library
from solver.patient.readers.omop.csv_folder import CsvFolder
from solver.patient.readers.omop.open_database import is_cdm, open_cdm
from solver.patient.readers.omop.read import OmopReader, all_persons, read_omop
from tests.support.formats.cdm import (
    MAN,
    SERVER,
    condition,
    csv_folder,
    drug,
    duckdb_file,
    measurement,
    observation,
    outcomes,
    postgresql_schema,
    procedure,
    read_cdm,
)
from tests.support.formats.exports import AS_OF, day_number

SECRET = "s3cr3t"


def fault(source: str | Path) -> str:
    """The one line that opening a database fails with."""
    with pytest.raises(InputError) as raised, open_cdm(str(source)):
        pass
    (line,) = raised.value.problems
    return line


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The exit code of the command line."""
    monkeypatch.setattr(sys, "argv", ["match", *arguments])
    return main()


def test_a_database_is_known_by_what_it_holds(tmp_path: Path) -> None:
    """A folder with a table person, a DuckDB file whatever it is called, or an address; nothing else."""
    folder = csv_folder(tmp_path / "cdm", {"person": [MAN]})
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.duckdb").write_text("DUCK")
    assert is_cdm(str(folder))
    assert is_cdm("postgresql://host/name")
    assert is_cdm(str(duckdb_file(tmp_path / "any.json", folder)))
    for other in (tmp_path / "empty", tmp_path / "text.duckdb", tmp_path / "nothing", folder / "person.csv"):
        assert not is_cdm(str(other))


def test_a_table_must_have_its_columns(tmp_path: Path) -> None:
    """Tables of another model are refused with the column that is missing, and none is needed but the person's."""
    rows = [{"person_id": 1, "measurement_id": 1, "measurement_date": "2026-11-18", "value_as_number": 1}]
    folder = csv_folder(tmp_path / "cdm", {"person": [MAN], "measurement": rows})
    assert fault(folder).endswith(
        "the table measurement has no column measurement_concept_id: give a CDM of version 5.4"
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"person_id,person_id\n1,2\n", "has two columns of one name"),
        (b"gender\n1\n", "has no column person_id"),
        (b"", "has no column person_id"),
    ],
)
def test_a_header_is_checked(tmp_path: Path, content: bytes, told: str) -> None:
    """A table without the columns that it needs, or with two of one name, is no table."""
    (tmp_path / "person.csv").write_bytes(content)
    assert told in fault(tmp_path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"person_id\nA7\n", "is no whole number"),
        (b"person_id\n1\n\xff\xfe\n", "is not UTF-8"),
        (b"person_id\n", "holds no person"),
        (b'person_id\n"' + b"1" * 2_000_000 + b'"\n', "is no CSV"),
    ],
)
def test_a_damaged_table_is_told_in_one_line(
    tmp_path: Path, library: Library, content: bytes, told: str
) -> None:
    """What is wrong with a file is told with its table, and nothing of what stands in it."""
    (tmp_path / "person.csv").write_bytes(content)
    with pytest.raises(InputError) as raised:
        read_cdm(tmp_path, library, person=None)
    (line,) = raised.value.problems
    assert told in line
    assert "A7" not in line


def test_a_table_that_is_cut_off(tmp_path: Path, library: Library) -> None:
    """A row that ends before it says whose it is may be anybody's: the table is refused with the line."""
    folder = csv_folder(tmp_path / "cdm", {"person": [MAN], "measurement": [measurement(1)]})
    with (folder / "measurement.csv").open("a") as file:
        file.write("2")
    with pytest.raises(
        InputError, match="the table measurement is no CSV: line 3: a row ends before person_id"
    ):
        read_cdm(folder, library)


@pytest.mark.parametrize("mark", ["\t", ";", "|"])
def test_other_separators_and_a_byte_order_mark(tmp_path: Path, library: Library, mark: str) -> None:
    """Tables may be separated by tabs, semicolons or bars, as exports of vocabularies are."""
    folder = csv_folder(tmp_path / "cdm", {"person": [MAN], "measurement": [measurement(1)]})
    for each in folder.iterdir():
        each.write_text("\ufeff" + each.read_text().replace(",", mark), encoding="utf-8")
    assert outcomes(read_cdm(folder, library)) == {"person/1": "used", "measurement/1": "used"}


def test_which_person_is_meant(tmp_path: Path, library: Library) -> None:
    """Several persons need a choice, which names no id; a person who is not there is told."""
    folder = csv_folder(tmp_path / "cdm", {"person": [MAN, {**MAN, "person_id": 77}]})
    with open_cdm(str(folder)) as cdm:
        assert all_persons(cdm) == ["1", "77"]
        day = day_number(AS_OF)
        assert [each.person for each in read_omop(cdm, ["77", "1", "1"], library, as_of=day)] == [1, 77]
        for chosen, told in (
            (None, "holds 2 patients: choose one"),
            (["5"], "has no person '5'"),
            (["x"], "'x'"),
        ):
            with pytest.raises(InputError, match=told) as raised:
                next(iter(read_omop(cdm, chosen, library, as_of=day)))
            assert "77" not in str(raised.value)


def test_the_tables_are_read_once_for_many(
    tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows of many persons come of one pass over a table, and each person is read for whatever day."""
    persons = [{**MAN, "person_id": number} for number in range(1, 6)]
    rows = [measurement(number, person_id=number) for number in range(1, 6)]
    asked: list[str] = []
    whole = CsvFolder.rows

    def counted(self: CsvFolder, table: str, *rest: Any) -> Any:
        asked.append(table)
        return whole(self, table, *rest)

    monkeypatch.setattr(CsvFolder, "rows", counted)
    with open_cdm(str(csv_folder(tmp_path / "cdm", {"person": persons, "measurement": rows}))) as cdm:
        reader = OmopReader(cdm, all_persons(cdm))
        days = [day_number(AS_OF), day_number("2026-11-01")]
        found = [
            [len(reader.patient(person, library, day).export.statements) for person in reader.persons]
            for day in days
        ]
    assert found == [[2] * 5, [1] * 5]
    assert sorted(asked) == ["measurement"] * 2 + ["person"] * 2


def test_a_missing_package_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, CSV is read; the rest says which command installs what it needs."""
    folder = csv_folder(tmp_path / "cdm", {"person": [MAN]})
    (tmp_path / "file.duckdb").write_bytes(b"12345678DUCK")
    (tmp_path / "parquet").mkdir()
    (tmp_path / "parquet" / "person.parquet").write_bytes(b"PAR1")
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name in ("duckdb", "psycopg"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with open_cdm(str(folder)) as cdm:
        assert all_persons(cdm) == ["1"]
    for source in (tmp_path / "file.duckdb", tmp_path / "parquet", "postgresql://host/name"):
        assert fault(source).endswith("pip install 'trialproof[omop]'")


def test_a_damaged_database_file(tmp_path: Path) -> None:
    """A file that only begins like a database, and Parquet that is none, are told in one line."""
    pytest.importorskip("duckdb", reason="needs the extra omop")
    (tmp_path / "file.duckdb").write_bytes(b"12345678DUCK" + b"\0" * 5000)
    (tmp_path / "parquet").mkdir()
    (tmp_path / "parquet" / "person.parquet").write_bytes(b"PAR1")
    assert "cannot be opened as a DuckDB file" in fault(tmp_path / "file.duckdb")
    assert "a table cannot be read" in fault(tmp_path / "parquet")


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://user:{SECRET}@host/name",
        f"postgres://user:{SECRET}@host:5432,other:5433/name",
        f"postgresql://host/name?user=u&password={SECRET}",
        f"postgresql://host/name?PASSWORD={SECRET}",
        f"postgresql://user:{SECRET}%40@host/name",
    ],
)
def test_a_password_in_an_address_is_refused(address: str) -> None:
    """It would stand in lists of processes and in histories; and no part of the address is told."""
    line = fault(address)
    assert "holds a password" in line
    assert SECRET not in line
    assert "host" not in line


def test_a_server_that_cannot_be_reached(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is exit code 2 and one line, which shows nothing of the address."""
    pytest.importorskip("psycopg", reason="needs the extra omop")
    address = "postgresql://somebody@127.0.0.1:1/secretname"
    assert run(monkeypatch, "convert", address, "--as-of", AS_OF) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    assert all(part not in shown.err for part in ("somebody", "127.0.0.1", "secretname"))


def test_a_server_is_only_read(tmp_path: Path, library: Library) -> None:
    """The transaction cannot write; a schema without the model, and columns of other types, are told without the address."""
    folder = csv_folder(tmp_path / "cdm", {"person": [MAN], "measurement": [measurement(1)]})
    with postgresql_schema(folder, "trialproof_read") as address:
        writing = "create table made (id integer)"
        with open_cdm(address) as cdm, pytest.raises(InputError, match="code 42601"):
            list(cdm.source._connection.run(writing, []))  # type: ignore[attr-defined]
        with open_cdm(address) as cdm, pytest.raises(Exception, match="read-only transaction"):
            cdm.source._connection._connection.execute(writing)  # type: ignore[attr-defined]
        assert "has no table person" in fault(os.environ[SERVER] + "?options=-csearch_path%3Dnowhere")
        assert "trialproof@" not in fault(os.environ[SERVER] + "?options=-csearch_path%3Dnowhere")
        assert outcomes(read_cdm(address, library))["measurement/1"] == "used"


def test_a_right_that_is_missing_on_a_server(tmp_path: Path, library: Library) -> None:
    """A table that is read must be allowed to be; one that is not read is left uncounted."""
    visits = [{"visit_occurrence_id": 1, "person_id": 1}]
    tables = {"person": [MAN], "measurement": [measurement(1)], "visit_occurrence": visits}
    with postgresql_schema(csv_folder(tmp_path / "cdm", tables), "trialproof_rights") as address:
        import psycopg

        with psycopg.connect(os.environ[SERVER], autocommit=True) as connection:
            connection.execute("create role trialproof_reader")
            try:
                connection.execute("grant usage on schema trialproof_rights to trialproof_reader")
                connection.execute("grant select on trialproof_rights.person to trialproof_reader")
                reader = address + "%20-crole%3Dtrialproof_reader"
                with pytest.raises(InputError, match="may not be read: ask for the right"):
                    read_cdm(reader, library)
                connection.execute("grant select on trialproof_rights.measurement to trialproof_reader")
                assert outcomes(read_cdm(reader, library)) == {"person/1": "used", "measurement/1": "used"}
            finally:
                connection.execute("drop owned by trialproof_reader")
                connection.execute("drop role trialproof_reader")


CELLS = st.sampled_from(
    [
        "",
        "0",
        "1",
        "-1",
        "3025315",
        "9529",
        "8507",
        "4171756",
        "1e400",
        "nan",
        "76.0",
        "2026-11-18",
        "2026-13-99",
        "C92.00",
    ]
) | st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), max_size=8)


COLUMNS = {
    "person": ("gender_concept_id", "year_of_birth", "month_of_birth", "day_of_birth"),
    "measurement": tuple(name for name in measurement(1) if name not in ("measurement_id", "person_id")),
    "condition_occurrence": tuple(
        name for name in condition(1, "") if not name.endswith("_id") or "concept" in name
    ),
    "drug_exposure": tuple(name for name in drug(1, "") if not name.endswith("_id") or "concept" in name),
    "procedure_occurrence": tuple(
        name for name in procedure(1, "") if not name.endswith("_id") or "concept" in name
    ),
    "observation": tuple(
        name for name in observation(1, "") if not name.endswith("_id") or "concept" in name
    ),
}
"""The columns of each table but its keys."""


@settings(max_examples=8)
@given(st.data())
def test_whatever_stands_in_a_row_it_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, library: Library, data: st.DataObject
) -> None:
    """Any text in any column gives rows with an outcome; never an exception."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for table, columns in COLUMNS.items():
        for number in range(1, 2 if table == "person" else 5):
            keys = {"person_id": "1"} | ({} if table == "person" else {f"{table}_id": str(number)})
            tables.setdefault(table, []).append({**{name: data.draw(CELLS) for name in columns}, **keys})
    found = read_cdm(csv_folder(tmp_path_factory.mktemp("fuzz"), tables), library)
    assert all(outcomes(found).values())
