"""Finding out whether something is an OMOP database, and opening it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from solver.errors import InputError
from solver.patient.readers.omop import postgresql
from solver.patient.readers.omop.cdm_tables import CdmSource, CheckedTables, checked_tables
from solver.reading import unreadable

_DUCKDB_MARK = b"DUCK"
_MARK_AT = 8


def is_cdm(source: str) -> bool:
    """Whether a path or address is an OMOP database: a folder with a table person, a DuckDB file, or a PostgreSQL address."""
    if source.startswith(postgresql.PREFIXES):
        return True
    path = Path(source)
    try:
        if path.is_dir():
            return bool(_person_files(path))
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(_MARK_AT + len(_DUCKDB_MARK))[_MARK_AT:] == _DUCKDB_MARK
    except (OSError, ValueError):
        return False


@contextmanager
def open_cdm(source: str) -> Iterator[CheckedTables]:
    """The tables of an OMOP database, opened to be read, and closed in the end.

    Raises `InputError` with one line a fault: a package that is missing, a server that cannot be reached, tables that are not those of
    CDM 5.4. An address is in no message.
    """
    cdm = _opened_source(source)
    try:
        yield checked_tables(cdm)
    finally:
        cdm.close()


def _opened_source(source: str) -> CdmSource:
    if source.startswith(postgresql.PREFIXES):
        return postgresql.postgresql(source)
    path, name = Path(source), source.rstrip("/") or source
    try:
        if not path.is_dir():
            from solver.patient.readers.omop.duckdb_file import duckdb_file

            return duckdb_file(path, name)
        if any(each.suffix.lower() == ".parquet" for each in path.iterdir()):
            from solver.patient.readers.omop.duckdb_file import parquet_folder

            return parquet_folder(path, name)
        from solver.patient.readers.omop.csv_folder import CsvFolder

        return CsvFolder(path, name)
    except OSError as error:
        raise unreadable(name, error) from None
    except ValueError:
        raise InputError(f"{name}: is not a file name: check the path") from None


def _person_files(folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if each.name.lower() in ("person.csv", "person.parquet")]
