"""Files put one behind another say what their tables say one behind another."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from solver.screen.joined_parquet import join_parquet

pl = pytest.importorskip("polars")


def table(first: int, count: int) -> pl.DataFrame:
    """Rows of many types, with nulls."""
    numbers = range(first, first + count)
    return pl.DataFrame(
        {
            "row": pl.Series(numbers, dtype=pl.Int64),
            "text": pl.Series([None if i % 3 == 0 else f"text {i}" for i in numbers], dtype=pl.String),
            "day": pl.Series([date(2025, 1, 1 + i % 28) for i in numbers], dtype=pl.Date),
            "lists": pl.Series([[["a"], ["b", str(i)]] for i in numbers], dtype=pl.List(pl.List(pl.String))),
            "nothing": pl.Series([None] * count, dtype=pl.Boolean),
        }
    )


@pytest.mark.parametrize("counts", [[5], [5, 3], [1, 0, 4], [0], [1] * 40])
def test_tables_stand_one_behind_another(tmp_path: Path, counts: list[int]) -> None:
    """All rows in their order, with the metadata of the first; what readers skip by its statistics is what they may skip."""
    files, tables = [], []
    for place, count in enumerate(counts):
        tables.append(table(sum(counts[:place]), count))
        files.append(tmp_path / f"{place}.parquet")
        tables[-1].write_parquet(files[-1], metadata={"made": "here"})
    out = tmp_path / "out.parquet"
    join_parquet(files, out)
    whole = pl.concat(tables)
    assert pl.read_parquet(out).equals(whole)
    assert pl.read_parquet(out).schema == whole.schema
    assert pl.read_parquet_metadata(out)["made"] == "here"
    last = whole.filter(pl.col("row") >= sum(counts) - 1)
    assert pl.scan_parquet(out).filter(pl.col("row") >= sum(counts) - 1).collect().equals(last)
    assert pl.scan_parquet(out).slice(2, 3).collect().equals(whole.slice(2, 3))


def test_other_readers_read_it(tmp_path: Path) -> None:
    """DuckDB finds every row group."""
    duckdb = pytest.importorskip("duckdb")
    for place in range(3):
        table(4 * place, 4).write_parquet(tmp_path / f"{place}.parquet")
    join_parquet([tmp_path / f"{place}.parquet" for place in range(3)], tmp_path / "out.parquet")
    rows = duckdb.sql(f"select count(*), sum(row), max(text) from '{tmp_path / 'out.parquet'}'").fetchall()
    assert rows == [(12, 66, "text 8")]
    groups = duckdb.sql(
        f"select distinct row_group_id from parquet_metadata('{tmp_path / 'out.parquet'}') order by 1"
    ).fetchall()
    assert groups == [(0,), (1,), (2,)]


def test_columns_that_files_lack_come_from_others(tmp_path: Path) -> None:
    """Two files that share the other columns, and one that has them all, say what their whole tables say."""
    duckdb = pytest.importorskip("duckdb")
    tables = [table(0, 4), table(4, 4), table(8, 2)]
    same = tables[0][:1].select("text", "day", "lists", "nothing")
    shared = pl.concat([same] * 4)
    files, rest = [], tmp_path / "same.parquet"
    shared.with_columns(pl.lit(None, dtype=pl.Int64).alias("row")).select(tables[0].columns).write_parquet(
        rest
    )
    for place, each in enumerate(tables):
        files.append(tmp_path / f"{place}.parquet")
        (each.select("row") if place < 2 else each).write_parquet(files[-1], metadata={"made": "here"})
    out = tmp_path / "out.parquet"
    join_parquet(files, out, dict.fromkeys(files[:2], rest))
    halves = [shared.with_columns(each["row"]).select(each.columns) for each in tables[:2]]
    assert pl.read_parquet(out).equals(pl.concat([*halves, tables[2]]))
    assert pl.scan_parquet(out).filter(pl.col("row") >= 6).collect()["row"].to_list() == [6, 7, 8, 9]
    assert duckdb.sql(f"select count(*), sum(row), min(day) from '{out}'").fetchall() == [
        (10, 45, date(2025, 1, 1))
    ]
    groups = duckdb.sql(
        f"select row_group_id, sum(total_compressed_size), any_value(row_group_compressed_bytes) "
        f"from parquet_metadata('{out}') group by 1 order by 1"
    ).fetchall()
    assert [one == other for _, one, other in groups] == [True, True, True]
    for wrong in (table(0, 3), table(0, 4).drop("row")):
        wrong.write_parquet(rest)
        with pytest.raises(ValueError, match=r"same\.parquet"):
            join_parquet(files, out, dict.fromkeys(files[:2], rest))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no Parquet at all", b"PAR1\xff\xff\xff\x00PAR1"])
def test_what_is_no_parquet_is_refused(tmp_path: Path, content: bytes) -> None:
    """A damaged part is no part."""
    damaged = tmp_path / "damaged.parquet"
    damaged.write_bytes(content)
    with pytest.raises((ValueError, OSError)):
        join_parquet([damaged], tmp_path / "out.parquet")


def test_files_with_other_columns_are_not_joined(tmp_path: Path) -> None:
    """A column fewer is another table, whatever the rows are."""
    files = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    table(0, 2).write_parquet(files[0])
    table(2, 2).drop("nothing").write_parquet(files[1])
    with pytest.raises(ValueError, match=r"b\.parquet has other columns than a\.parquet"):
        join_parquet(files, tmp_path / "out.parquet")
