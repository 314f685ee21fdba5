"""Native records as the rows of a table that say the same, as text or with the types of Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from solver.language.concepts import LISTS
from solver.library.models import Library
from tests.support.records.worked import Json

Cells = dict[str, Any]


def cells_of(record: Json, library: Library) -> Cells:
    """The row that says what a record says, but for its context and for nulls, with the types of Python."""
    cells: Cells = {key: record[key] for key in ("id", "as_of", "never", "complete") if key in record}
    for name, fact in record["facts"].items():
        if fact is None:
            continue
        if name in LISTS or not isinstance(fact, dict):
            cells[name] = fact
            continue
        for part, value in fact.items():
            if part in ("min_exclusive", "max_exclusive"):
                bound = f"{name}.{part.removesuffix('_exclusive')}"
                cells |= {bound: value, f"{name}.{part}": True}
                continue
            cells[name if part == "value" else f"{name}.{part}"] = value
    return cells


def in_every_column(rows: Sequence[Cells]) -> list[str]:
    """The columns of some rows."""
    return list(dict.fromkeys(name for row in rows for name in row))


def csv_text(rows: Sequence[Cells]) -> str:
    """A CSV file of rows."""
    file = io.StringIO()
    writer = csv.writer(file)
    columns = in_every_column(rows)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_text(name, row.get(name)) for name in columns])
    return file.getvalue()


def write_parquet(path: Path, rows: Sequence[Cells]) -> None:
    """A Parquet file of rows: numbers as doubles, lists as lists; what one type cannot hold as text."""
    import polars as pl

    columns = {}
    for name in in_every_column(rows):
        values = [row.get(name) for row in rows]
        try:
            columns[name] = pl.Series(name, values, strict=True)
        except (TypeError, pl.exceptions.PolarsError):
            columns[name] = pl.Series(name, [_text(name, each) or None for each in values], pl.String)
    pl.DataFrame(list(columns.values())).write_parquet(path)


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in LISTS:
        return json.dumps(value)
    if isinstance(value, list):
        return "|".join(map(_plain, value)) if value else "[]"
    return _plain(value)


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
