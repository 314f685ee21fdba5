"""Many rows of output at once, as a frame of all columns: verdicts without reasons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solver.dataclass import dataclass
from solver.screen.output_rows import OutputRow


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

    def verdicts(self) -> Iterator[tuple[str, str, int]]:
        """Of each trial and verdict how many patients have it."""
        import polars as pl

        judged = self.frame.filter(pl.col("code").is_not_null())
        return iter(judged.group_by("code", "verdict").len().sort("code", "verdict").iter_rows())
