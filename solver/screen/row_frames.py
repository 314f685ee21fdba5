"""Many rows of output at once, as a frame of all columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solver.dataclass import dataclass
from solver.screen.output_rows import COLUMNS, OutputRow


@dataclass(frozen=True, slots=True)
class RowFrame:
    """The rows of so many patients, of whom `errors` could not be read."""

    frame: Any
    patients: int
    errors: int

    def rows(self) -> Iterator[OutputRow]:
        """One row after the other."""
        from solver.screen.parts import with_day

        return map(with_day, self.frame.iter_rows(named=True))

    def alike(self) -> Iterator[tuple[OutputRow, int]]:
        """The trial, the verdict and the clauses of the rows that could be read, with how many rows have the same."""
        import polars as pl

        judged = self.frame.filter(pl.col("code").is_not_null())
        lists = [name for name in ("blocking", "open") if judged[name].null_count() < judged.height]
        counts = judged.group_by("code", "verdict", *lists).len("count").sort("code", "verdict", *lists)
        for row in counts.iter_rows(named=True):
            yield {**dict.fromkeys(COLUMNS), **row}, row["count"]
