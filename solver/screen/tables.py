"""Tables of patients, Parquet or CSV, row by row and never whole in memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from itertools import count, islice
from pathlib import Path
from typing import Any

from solver.errors import InputError
from solver.patterns import pattern
from solver.reading import open_file, unreadable
from solver.screen.parquet_footers import row_group_height
from solver.text import clean

_BYTES_AT_ONCE = 40_000_000
"""About so much memory the rows of a Parquet file take that are read at once."""

_FEWEST_ROWS, _MOST_ROWS = 1_000, 100_000
_BYTES_OF = {"Boolean": 1 / 8, "Date": 4, "Int64": 8, "Float64": 8}
_TEXTS_AT_ONCE = 4_096
_LONGEST_CELL = 1_000_000
_ESCAPED = pattern("[\ud800-\udfff]")

Row = Mapping[str, object] | str
"""The cells of a row by column, or what is wrong with it."""


def parquet_columns(path: Path, name: str) -> list[str]:
    """The names of the columns of a Parquet file; raises `InputError` with one line if it is damaged."""
    return list(_schema(path, name))


def _schema(path: Path, name: str) -> Mapping[str, Any]:
    import polars

    try:
        return polars.scan_parquet(path, glob=False, hive_partitioning=False).collect_schema()
    except (OSError, polars.exceptions.PolarsError) as error:
        raise _damaged(name, error) from None


def parquet_height(path: Path, name: str) -> int:
    """How many rows a Parquet file has; raises `InputError` with one line if it is damaged."""
    import polars

    try:
        return int(
            polars.scan_parquet(path, glob=False, hive_partitioning=False)
            .select(polars.len())
            .collect()
            .item()
        )
    except (OSError, polars.exceptions.PolarsError) as error:
        raise _damaged(name, error) from None


def parquet_rows(path: Path, name: str) -> Iterator[Row]:
    """The rows of a Parquet file; raises `InputError` with one line if it is damaged."""
    for part in parquet_frames(path, name):
        yield from part.iter_rows(named=True)
        del part  # else it is held while the next is read


def parquet_frames(path: Path, name: str) -> Iterator[Any]:
    """The rows of a Parquet file, many at a time; raises `InputError` with one line if it is damaged."""
    for start, size in _parts_of_groups(_group_height(path), _rows_at_once(path, name)):
        part = parquet_slice(path, name, start, size)
        height = part.height
        yield part
        del part  # else it is held while the next is read
        if height < size:
            return


def _parts_of_groups(group: int | None, most: int) -> Iterator[tuple[int, int]]:
    """Where parts of a file begin, and how many rows each has, at most so many.

    A part reads its row group from the start: it holds whole ones, if they are not too large, or else none is in two of them.
    """
    whole = group or most
    whole *= max(1, most // whole)
    size = -(-whole // -(-whole // most))
    for first in count(0, whole):
        for start in range(0, whole, size):
            yield first + start, min(size, whole - start)


def _group_height(path: Path) -> int | None:
    """How many rows the row groups of a Parquet file have, as far as its footer says it."""
    try:
        with path.open("rb") as file:
            return max(0, row_group_height(file)) or None
    except (OSError, ValueError, RecursionError):
        return None  # Polars tells what is wrong with it


def _rows_at_once(path: Path, name: str) -> int:
    """How many rows of a Parquet file are read at once: fewer of a wide table."""
    width = sum(map(_width, _schema(path, name).values()))
    return max(_FEWEST_ROWS, min(_MOST_ROWS, int(_BYTES_AT_ONCE // max(1, width))))


def _width(kind: Any) -> float:
    """About how many bytes a cell takes."""
    import polars

    if isinstance(kind, polars.Struct):
        return sum(_width(each.dtype) for each in kind.fields)
    if isinstance(kind, polars.List | polars.Array):
        return 8 + 2 * _width(kind.inner)
    return _BYTES_OF.get(str(kind), 16)


def parquet_slice(path: Path, name: str, start: int, size: int) -> Any:
    """So many rows of a Parquet file from `start` on, counted from 0; raises `InputError` with one line if it is damaged."""
    import polars

    try:
        part = polars.scan_parquet(path, glob=False, hive_partitioning=False).slice(start, size).collect()
    except (OSError, polars.exceptions.PolarsError) as error:
        raise _damaged(name, error) from None
    return _with_short_decimals(part)


def _with_short_decimals(part: Any) -> Any:
    """The same rows with each single-precision number as the double that has its shortest decimal: 0.47, and not 0.4699999988079071."""
    import polars

    def replaced(kind: Any, other: Any) -> Any:
        if kind == polars.Float32:
            return other
        if isinstance(kind, polars.List | polars.Array):
            return polars.List(replaced(kind.inner, other))
        if isinstance(kind, polars.Struct):
            return polars.Struct(
                [polars.Field(each.name, replaced(each.dtype, other)) for each in kind.fields]
            )
        return kind

    for name, kind in part.schema.items():
        if replaced(kind, polars.Float64) != kind:
            column = polars.col(name).cast(replaced(kind, polars.String))
            part = part.with_columns(column.cast(replaced(kind, polars.Float64)))
    return part


def csv_columns(path: Path, name: str) -> list[str]:
    """The names of the columns of a CSV file (RFC 4180, UTF-8); raises `InputError` with one line if it has none."""
    with _csv_file(path, name) as file:
        columns = next(_checked(csv.reader(file, strict=True), name), None)
    if not isinstance(columns, list):
        raise InputError(f"{name}: {columns or 'is empty: give a line with the names of the columns'}")
    return columns


def csv_rows(path: Path, name: str) -> Iterator[Row]:
    """The rows of a CSV file, every cell a text; raises `InputError` with one line if it cannot be read."""
    columns = csv_columns(path, name)
    for cells in _csv_cells(path, name):
        yield cells if isinstance(cells, str) else dict(zip(columns, cells, strict=True))


def csv_frames(path: Path, name: str, size: int) -> Iterator[tuple[Any, dict[int, str]]]:
    """The rows of a CSV file, so many at a time, every column of text, with what is wrong with some of them, by their place.

    A row that is wrong is one of nulls. Raises `InputError` with one line if the file cannot be read.
    """
    import polars

    columns = csv_columns(path, name)
    cells = _csv_cells(path, name)
    schema = dict.fromkeys(columns, polars.String)
    while True:
        parts, faults, height = [polars.DataFrame(schema=schema)], dict[int, str](), 0
        # few at a time: texts of Python take more memory than those of a column
        while height < size and (rows := list(islice(cells, min(_TEXTS_AT_ONCE, size - height)))):
            faults |= {height + i: row for i, row in enumerate(rows) if isinstance(row, str)}
            texts = [[None] * len(columns) if isinstance(row, str) else row for row in rows]
            whole = zip(columns, zip(*texts, strict=True), strict=True)
            parts.append(polars.DataFrame([polars.Series(n, t, dtype=polars.String) for n, t in whole]))
            height += len(rows)
        if not height:
            return
        yield polars.concat(parts), faults


def _csv_cells(path: Path, name: str) -> Iterator[list[str] | str]:
    """The cells of each row, as many as there are columns, or what is wrong with it."""
    csv.field_size_limit(_LONGEST_CELL)
    with _csv_file(path, name) as file:
        reader = csv.reader(file, strict=True)
        found = _checked(reader, name)
        columns = next(found)
        for cells in found:
            if not isinstance(cells, str) and cells and len(cells) != len(columns):
                yield f"line {reader.line_num} has {len(cells)} cells, and the header {len(columns)}"
            elif cells:
                yield cells


def _csv_file(path: Path, name: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(open_file(path, name), encoding="utf-8-sig", errors="surrogateescape", newline="")


def _checked(reader: Any, name: str) -> Iterator[list[str] | str]:
    """The cells of each row, or what is wrong with it: what follows is read all the same."""
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield f"line {reader.line_num} is not CSV: {clean(str(error))}"
            continue
        except OSError as error:
            raise unreadable(name, error) from None
        if any(not cell.isascii() and _ESCAPED.search(cell) for cell in cells):
            yield f"line {reader.line_num} is not text in UTF-8: save it as UTF-8"
        else:
            yield cells


def _damaged(name: str, error: Exception) -> InputError:
    return InputError(f"{name}: cannot be read as Parquet: {clean(str(error).splitlines()[0])[:200]}")
