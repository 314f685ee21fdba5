"""An OMOP database in a DuckDB file, or as a folder of Parquet files, which DuckDB reads. It never goes to the network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from solver.errors import InputError
from solver.patient.readers.omop.sql_database import SqlDatabase, missing_extra, quoted_name

_OFFLINE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
_TABLES = "select schema_name, table_name, column_name from duckdb_columns() where not internal order by column_index"


class DuckConnection:
    """A connection to DuckDB."""

    member = "try_cast({} as bigint) in (select unnest(?::bigint[]))"
    mark = "?"

    def __init__(self, name: str, path: str, *, read_only: bool) -> None:
        try:
            import duckdb
        except ImportError:
            raise missing_extra(name, "duckdb") from None
        self._fault: type[Exception] = duckdb.Error
        self._name = name
        try:
            self._connection = duckdb.connect(path, read_only=read_only, config=dict(_OFFLINE))
        except duckdb.Error:
            raise InputError(
                f"{name}: cannot be opened as a DuckDB file: it is damaged, in use, or of another version"
            ) from None

    def run(self, statement: str, values: Sequence[object]) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement."""
        try:
            cursor = self._connection.cursor().execute(statement, values)
            while some := cursor.fetchmany(1000):
                yield from some
        except self._fault:
            raise InputError(
                f"{self._name}: a table cannot be read: its columns are not those of CDM 5.4, or it is damaged"
            ) from None

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def duckdb_file(path: Path, name: str) -> SqlDatabase:
    """The database of a DuckDB file; of several schemas with a table person, `main`, else the first by name."""
    connection = DuckConnection(name, str(path), read_only=True)
    schemas: dict[str, dict[str, tuple[str, dict[str, str]]]] = {}
    for schema, table, column in connection.run(_TABLES, []):
        place = f"{quoted_name(schema)}.{quoted_name(table)}"
        schemas.setdefault(schema, {}).setdefault(table.lower(), (place, {}))[1][column.lower()] = column
    chosen = sorted(
        (schema for schema in schemas if "person" in schemas[schema]), key=lambda each: (each != "main", each)
    )
    return SqlDatabase(connection, name, schemas[chosen[0]] if chosen else {})


def parquet_folder(folder: Path, name: str) -> SqlDatabase:
    """The database of a folder of Parquet files, a table each; what is there as CSV alone is read as well."""
    connection = DuckConnection(name, ":memory:", read_only=False)
    names: dict[str, tuple[str, dict[str, str]]] = {}
    for path in sorted(folder.iterdir(), key=lambda each: (each.suffix.lower() != ".parquet", each.name)):
        table, ending = path.stem.lower(), path.suffix.lower()
        if ending not in (".parquet", ".csv") or table in names:
            continue
        where = "'" + str(path / "**" / "*.parquet" if path.is_dir() else path).replace("'", "''") + "'"
        read = (
            f"read_parquet({where})"
            if ending == ".parquet"
            else f"read_csv({where}, header=true, all_varchar=true)"
        )
        columns = {
            str(row[0]).lower(): str(row[0]) for row in connection.run(f"describe select * from {read}", [])
        }
        names[table] = (read, columns)
    return SqlDatabase(connection, name, names)
