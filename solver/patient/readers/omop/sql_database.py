"""An OMOP database that is asked in SQL: what DuckDB and PostgreSQL share. Statements only select; the rules are Python's.

select cast("measurement_id" as varchar), ... from "measurement" where "person_id" in (...) and (... < '2026-11-21')
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from solver.errors import InputError
from solver.patient.readers.omop.cdm_tables import CdmRow, whole_number

_DATE = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]).*"


class SqlConnection(Protocol):
    """A connection that runs a statement; `member` says that a column has one of the values of a parameter."""

    member: str
    mark: str

    def run(self, statement: str, values: Sequence[object]) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement; raises `InputError` if it fails."""

    def close(self) -> None:
        """Let go of it."""


class SqlDatabase:
    """The tables of a database; `names` are the tables and their columns in small letters, each with its own spelling."""

    def __init__(
        self, connection: SqlConnection, name: str, names: Mapping[str, tuple[str, Mapping[str, str]]]
    ) -> None:
        self.name = name
        self._connection = connection
        self._names = names

    def tables(self) -> list[str]:
        """The names of all tables."""
        return list(self._names)

    def columns(self, table: str) -> frozenset[str] | None:
        """The columns of a table; None if there is no such table."""
        return frozenset(self._names[table][1]) if table in self._names else None

    def rows(
        self,
        table: str,
        columns: Sequence[str],
        key: str,
        values: Sequence[int],
        until: tuple[str, str] | None,
    ) -> Iterator[CdmRow]:
        """The rows of which a column has one of the values; see `CdmSource`."""
        texts = ", ".join(f"cast({self._column_name(table, column)} as varchar)" for column in columns)
        where = self._connection.member.format(self._column_name(table, key))
        given: list[object] = [list(values)]
        if until is not None:
            day, mark = f"cast({self._column_name(table, until[0])} as varchar)", self._connection.mark
            where += f" and ({day} is null or not ({day} ~ {mark}) or {day} < {mark})"
            given += [f"^{_DATE}$", until[1]]
        statement = f"select {texts} from {self._table_name(table)} where {where}"
        for row in self._connection.run(statement, given):
            yield {
                column: (str(cell).strip() or None) if cell is not None else None
                for column, cell in zip(columns, row, strict=True)
            }

    def counts(self, table: str, persons: Sequence[int]) -> Mapping[int, int]:
        """How many rows of a table each person has."""
        key = self._column_name(table, "person_id")
        statement = (
            f"select cast({key} as varchar), count(*) from {self._table_name(table)} "
            f"where {self._connection.member.format(key)} group by 1"
        )
        found = self._connection.run(statement, [list(persons)])
        return {number: int(count) for text, count in found if (number := whole_number(text)) is not None}

    def persons(self) -> list[int]:
        """The ids of all persons, in rising order."""
        key, table = self._column_name("person", "person_id"), self._table_name("person")
        statement = f"select distinct cast({key} as varchar) from {table}"
        found = {whole_number(row[0]) for row in self._connection.run(statement, [])}
        if None in found:
            raise InputError(
                f"{self.name}: a person_id of the table person is no whole number: check the table"
            )
        return sorted(number for number in found if number is not None)

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _table_name(self, table: str) -> str:
        return self._names[table][0]

    def _column_name(self, table: str, column: str) -> str:
        return quoted_name(self._names[table][1][column])


def quoted_name(name: str) -> str:
    """A name as SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'


def missing_extra(what: str, package: str) -> InputError:
    """That a package is not installed, and how to install it."""
    return InputError(f"{what}: needs the package {package}: pip install 'trialproof[omop]'")
