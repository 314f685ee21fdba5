"""A Parquet file is read a part at a time, whatever its row groups are."""

from __future__ import annotations

from itertools import pairwise, takewhile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.screen import tables
from solver.screen.parquet_footers import ROW_GROUPS, parquet_footer, row_group_height
from tests.support.drawing.drawn import drawn

pl = pytest.importorskip("polars")

_TYPES = {"row": pl.Int64, "text": pl.String}
_GROUP_ROWS = 3


@given(st.one_of(st.none(), st.integers(1, 50)), st.integers(1, 60))
@settings(drawn(50))
def test_no_part_reads_a_row_group_that_another_one_reads_if_it_need_not(
    group: int | None, most: int
) -> None:
    """Parts follow one another; each holds whole row groups, or a piece of one that is too large."""
    parts = list(takewhile(lambda each: each[0] < 300, tables._parts_of_groups(group, most)))
    assert parts[0][0] == 0
    assert all(start + size == other for (start, size), (other, _) in pairwise(parts))
    for start, size in parts:
        assert 0 < size <= most
        if group is None:
            continue
        if group <= most:
            assert start % group == size % group == 0
        else:
            assert start // group == (start + size - 1) // group


@pytest.mark.parametrize("height", [0, 1, 29, 30, 31])
@pytest.mark.parametrize("group", [1, 4, 10, 100])
@pytest.mark.parametrize("most", [1, 3, 10, 1_000])
def test_all_rows_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, height: int, group: int, most: int
) -> None:
    """In their order, and none twice."""
    path = tmp_path / "cohort.parquet"
    table = pl.DataFrame({"row": range(height), "text": [f"p{i}" for i in range(height)]}, schema=_TYPES)
    table.write_parquet(path, row_group_size=group)
    monkeypatch.setattr(tables, "_FEWEST_ROWS", 1)
    monkeypatch.setattr(tables, "_MOST_ROWS", most)
    parts = list(tables.parquet_frames(path, "cohort"))
    assert pl.concat(parts).equals(table)
    assert max(each.height for each in parts) <= most


def test_a_footer_tells_the_height_of_the_first_row_group(tmp_path: Path) -> None:
    """As the whole footer says it; of a file that is none, and of one that ends too early, nothing is told."""
    path = tmp_path / "cohort.parquet"
    pl.DataFrame({"row": range(100)}, schema={"row": pl.Int64}).write_parquet(path, row_group_size=30)
    with path.open("rb") as file:
        first, (footer, _) = row_group_height(file), parquet_footer(file)
    groups = footer[ROW_GROUPS][1][1]
    assert len(groups) > 1
    assert first == groups[0][_GROUP_ROWS][1]
    content = path.read_bytes()
    for damaged in (b"", b"PAR1", content[:-1], b"PAR1" + content[-8:]):
        path.write_bytes(damaged)
        with path.open("rb") as file, pytest.raises(ValueError, match="footer"):
            row_group_height(file)
