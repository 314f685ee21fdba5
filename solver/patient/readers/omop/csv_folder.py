"""An OMOP database as a folder of CSV files, a table each, read with the standard library alone."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from solver.errors import InputError
from solver.patient.readers.omop.cdm_tables import BROKEN, CdmRow, too_late, whole_number
from solver.patterns import pattern
from solver.reading import open_file, unreadable
from solver.text import clean

_LONGEST_FIELD = 1_000_000
_LONGEST_HEADER = 100_000
_DELIMITERS = "\t;|"
_PLAIN = pattern(r"[1-9]\d*", re.ASCII)


class CsvFolder:
    """The tables of a folder: `person.csv` is the table person."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self._files = {
            path.name.lower().removesuffix(".csv"): path
            for path in sorted(folder.iterdir())
            if path.name.lower().endswith(".csv") and path.is_file()
        }
        self._headers: dict[str, tuple[str, ...]] = {}

    def tables(self) -> list[str]:
        """The names of all tables."""
        return list(self._files)

    def columns(self, table: str) -> frozenset[str] | None:
        """The columns of a table; None if there is no such file."""
        if table not in self._files:
            return None
        if table not in self._headers:
            with self._opened_table(table) as (header, _):
                self._headers[table] = header
        return frozenset(self._headers[table])

    def rows(
        self,
        table: str,
        columns: Sequence[str],
        key: str,
        values: Sequence[int],
        until: tuple[str, str] | None,
    ) -> Iterator[CdmRow]:
        """The rows of which a column has one of the values; see `CdmSource`."""
        wanted, texts = frozenset(values), frozenset(map(str, values))
        with self._opened_table(table) as (header, rows):
            places = {column: header.index(column) for column in columns}
            at = header.index(key)
            for fields in rows:
                if len(fields) <= at:
                    raise csv.Error(f"a row ends before {key}")
                cell = fields[at]
                # most rows are of somebody else, and a plain number tells that at once
                if cell not in texts and (_PLAIN.fullmatch(cell) or whole_number(cell) not in wanted):
                    continue
                row: dict[str, str | None] = {
                    column: (fields[place].strip() or None) if place < len(fields) else None
                    for column, place in places.items()
                }
                if len(fields) != len(header):
                    row[BROKEN] = f"has {len(fields)} fields where the header has {len(header)}"
                if until is None or not too_late(row.get(until[0]), until[1]):
                    yield row

    def counts(self, table: str, persons: Sequence[int]) -> Mapping[int, int]:
        """How many rows of a table each person has."""
        return Counter(
            number
            for row in self.rows(table, ("person_id",), "person_id", persons, None)
            if (number := whole_number(row["person_id"])) is not None
        )

    def persons(self) -> list[int]:
        """The ids of all persons, in rising order."""
        with self._opened_table("person") as (header, rows):
            at = header.index("person_id")
            found = {whole_number(fields[at]) if len(fields) > at else None for fields in rows}
        if None in found:
            raise InputError(
                f"{self.name}: a person_id of the table person is no whole number: check the file"
            )
        return sorted(number for number in found if number is not None)

    def close(self) -> None:
        """Nothing stays open."""

    @contextmanager
    def _opened_table(self, table: str) -> Iterator[tuple[tuple[str, ...], Iterator[list[str]]]]:
        """The header of a table, and its rows but for blank ones; faults of the file name the table and the line."""
        name = f"{self.name}: the table {table}"
        with (
            open_file(self._files[table], name) as binary,
            closing(io.TextIOWrapper(binary, encoding="utf-8-sig", newline="")) as text,
        ):
            line = 0
            try:
                first = text.readline(_LONGEST_HEADER)
                marks = [mark for mark in _DELIMITERS if mark in first] if "," not in first else []
                csv.field_size_limit(_LONGEST_FIELD)
                delimiter = marks[0] if marks else ","
                # tables of vocabularies come with tabs, and with quotes that belong to names
                if delimiter == "\t":
                    rows = csv.reader(_lines_again(first, text), delimiter=delimiter, quoting=csv.QUOTE_NONE)
                else:
                    rows = csv.reader(_lines_again(first, text), delimiter=delimiter)
                header = tuple(column.strip().lower() for column in next(rows, []))
                if len(set(header)) != len(header):
                    raise InputError(f"{name} has two columns of one name: give each its own")

                def each() -> Iterator[list[str]]:
                    nonlocal line
                    for fields in rows:
                        line = rows.line_num
                        if any(fields):
                            yield fields

                yield header, each()
            except UnicodeDecodeError:
                raise InputError(f"{name} is not UTF-8: line {line + 1} or later") from None
            except csv.Error as error:
                raise InputError(f"{name} is no CSV: line {rows.line_num}: {clean(str(error))}") from None
            except OSError as error:
                raise unreadable(name, error) from None


def _lines_again(first: str, rest: io.TextIOWrapper) -> Iterator[str]:
    """The lines with the first one, which is read already."""
    yield first
    yield from rest
