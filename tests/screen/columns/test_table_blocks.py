"""A table judged in columns gives the bytes that its rows give one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

from solver.engine.case import Engine
from solver.language.tree import Compare, Constant, NumberVariable
from solver.library.load import load_library
from solver.library.models import Library
from solver.screen.attrition import CohortTally, TrialTally
from solver.screen.cohort import CohortReading, RowNumbers, opened_cohorts
from solver.screen.columns import table_blocks
from solver.screen.judge import Level
from solver.screen.output_rows import OutputRow, ScreenQuestion
from solver.screen.run import ScreenRun
from tests.program.test_verdicts import partly_filled
from tests.support.formats.cohorts import cells_of, write_parquet
from tests.support.twins.counted_columns import shown_in_columns

ROOT = Path(__file__).parents[3]
pl = pytest.importorskip("polars")
from cohort_tables import patients  # noqa: E402 - it needs Polars


def run(
    engine: Engine,
    path: Path,
    level: Level = "none",
    *,
    alone: bool = False,
    trials: tuple[str, ...] | None = None,
    **how: Any,
) -> ScreenRun:
    """A run over a table; `alone` judges each row by itself."""
    reading = CohortReading(**how)
    asked = ScreenQuestion(trials, None, None, level)
    found = ScreenRun(engine, asked, [str(path)], reading, 1_000, 1)
    if alone:
        found.tables = lambda: None  # type: ignore[method-assign]
    return found


def in_columns(engine: Engine, path: Path, level: Level = "none", **how: Any) -> tuple[int, list[OutputRow]]:
    """How many verdicts columns show, and all rows."""
    return shown_in_columns(run(engine, path, level, **how))


def behind(engine: Engine, path: Path, last: int) -> list[OutputRow]:
    """The rows that stand behind one, as a run that is taken up again judges them."""
    asked = run(engine, path)
    tables = asked.tables()
    assert tables is not None
    [cohort] = opened_cohorts([str(path)], engine.library, asked.reading)
    return [row for block in tables.blocks(cohort, RowNumbers(), last) for row in block.rows()]


def invented(library: Library, path: Path, count: int, seed: int, missing: float) -> Path:
    """A table of patients who agree with the theory, but for some; a few on another day."""
    frame, random = patients(library, count, seed, missing=missing), Random(seed)
    days = [date(2025, 6, 1) + timedelta(days=random.choice([0, 0, 0, 0, 90, 1_000])) for _ in range(count)]
    sexes = [random.choice([None, "F", "M"]) if random.random() < 0.1 else sex for sex in frame["sex"]]
    frame = frame.with_columns(pl.Series("as_of", days), pl.Series("sex", sexes))
    written(frame, path)
    return path


@pytest.fixture(scope="module")
def engine(library: Library) -> Iterator[Engine]:
    """One engine for all tests."""
    return Engine(library)


@pytest.mark.parametrize(
    ("count", "seed"),
    [pytest.param(25, 1, id="some"), pytest.param(6_000, 2, id="many", marks=pytest.mark.slow)],
)
@pytest.mark.parametrize(
    ("level", "ending", "missing"),
    [
        ("none", ".parquet", 0.0),
        ("none", ".parquet", 0.1),
        ("none", ".parquet", 0.4),
        ("clauses", ".parquet", 0.1),
        ("clauses", ".parquet", 0.4),
        ("clauses", ".csv", 0.1),
        pytest.param("clauses", ".csv", 0.4, marks=pytest.mark.slow),
    ],
)
def test_plain_tables_are_judged_as_their_rows_are(
    engine: Engine, tmp_path: Path, level: Level, ending: str, missing: float, count: int, seed: int
) -> None:
    """Most rows are shown in columns, and each as by itself."""
    path = invented(engine.library, tmp_path / f"cohort{ending}", count, seed, missing)
    shown, rows = in_columns(engine, path, level)
    assert rows == list(run(engine, path, level, alone=True).rows(None))
    assert shown > count // 4


@pytest.mark.parametrize(
    "count", [pytest.param(12, id="some"), pytest.param(3_000, id="many", marks=pytest.mark.slow)]
)
def test_any_table_is_judged_as_its_rows_are(engine: Engine, tmp_path: Path, count: int) -> None:
    """Units, ranges, lists and days beside values are left to those who judge a row by itself."""
    random, path = Random(5), tmp_path / "cohort.parquet"
    records = [partly_filled(random) | {"id": f"p{i}"} for i in range(count)]
    write_parquet(path, [cells_of(each, engine.library) for each in records])
    assert in_columns(engine, path)[1] == list(run(engine, path, alone=True).rows(None))


@pytest.mark.parametrize("level", ["none", "clauses"])
def test_rows_are_counted_together_as_one_by_one(engine: Engine, tmp_path: Path, level: Level) -> None:
    """Whom each clause excludes, of many rows at once and of one after the other."""
    path = invented(engine.library, tmp_path / "cohort.parquet", 40, 3, 0.1)
    together, alone = (
        CohortTally({trial.code: TrialTally(trial, level) for trial in engine.library.trials.values()})
        for _ in range(2)
    )
    for block in run(engine, path, level).blocks(None):
        together.add(block)
    for row in run(engine, path, level, alone=True).rows(None):
        alone.add(row)
    assert (together.patients, together.errors) == (alone.patients, alone.errors) == (40, 0)
    for code, tally in together.trials.items():
        other = alone.trials[code]
        assert (tally.verdicts, tally.judged, tally.jointly) == (other.verdicts, other.judged, other.jointly)
        assert tally.attrition() == other.attrition()
        assert bool(tally.attrition()) == (level == "clauses")


ODD: dict[str, list[Any]] = {
    "weight": [0.0, 1.0, 250.0, 250.1, float("nan"), 61.123456, 1e15, None],
    "ecog": [0, 1, 2, 4, 5, 1_000_000_000, None, -1],
    "sex": ["F", "M", "male", "", None, "f", "F ", "X"],
    "diagnosis": ["AML", "aml", None, "MDS", "", "OTHER", "leukaemia", "B_ALL"],
    "pregnant": ["true", "false", None, "", "yes", "TRUE", "true", "no"],
    "birth_date": ["1968-04-02", "1968-04", "2031-01-01", "1849-01-01", None, "", "x", "1924-02-29"],
    "weight.unit": ["kg", "g", None, "", "lb", "mg", "kilo", "kg"],
    "weight.min": [10, None, None, 1, 2, 3, 4, 5],
    "never": ["cancer", None, None, "", None, None, None, None],
}
"""Cells that are wrong, rare, or of another type than those of their column."""
ALONE: list[dict[str, list[Any]]] = [
    {"ecog": [0.0, 0.5, 2.0, None, 2.5, 3.0, 4.0, 1.0]},
    {"id": ["a", "", " ", None, "é", "a\tb", "1", "a"]},
    {"as_of": ["2025-06-01", "2025-06", None, "1960-01-01", "2199-01-01", "", "2025-6-1", "2024-02-29"]},
]
"""Others, which change what the whole table is."""


@pytest.mark.parametrize("odd", [ODD, *ALONE], ids=["+".join(odd) for odd in (ODD, *ALONE)])
@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_odd_cells_are_judged_as_in_their_rows(
    engine: Engine, tmp_path: Path, ending: str, odd: dict[str, list[Any]]
) -> None:
    """What is wrong, rare, or of another type is an error or a verdict as by itself; each cell is alone in its row."""
    path, count = tmp_path / f"cohort{ending}", sum(map(len, odd.values()))
    frame, before = patients(engine.library, count, 4, missing=0.05), 0
    for column, values in odd.items():
        usual = frame[column].cast(pl.String).to_list() if column in frame.columns else [None] * count
        if isinstance(values[0], int | float) and column in frame.columns:
            usual = frame[column].to_list()
        cells = [*usual[:before], *values, *usual[before + len(values) :]]
        frame = frame.with_columns(pl.Series(column, cells, strict=False))
        before += len(values)
    written(frame, path)
    for null in (None, "no"):
        alone = list(run(engine, path, alone=True, null=null).rows(None))
        shown, rows = in_columns(engine, path, null=null)
        assert rows == alone
        assert shown or "as_of" in odd


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("sex", ["F", "M", "X", "", "f"]),
        ("diagnosis", ["AML", "aml", "", "OTHER"]),
        ("country", ["DE", "XX", ""]),
        ("qt", [410.0, 410.0005, 410.001, float("nan"), float("inf"), -1.0, -0.0003, 0.0, 1e18]),
        ("wbc", [1e-4, 0.001, 123.4567, 1e300, float("-inf")]),
        ("ecog", [0, 4, 5, -1]),
        ("serum_creatinine", [0.0, 1.0, 0.9, float("nan"), 500.0]),
    ],
)
def test_odd_cells_of_full_columns_are_judged_as_in_their_rows(
    engine: Engine, tmp_path: Path, column: str, values: list[Any]
) -> None:
    """Where no cell is empty: texts compared with each value, and numbers with their range and the grid in one pass."""
    frame = patients(engine.library, len(values) + 3, 4)
    cells = pl.Series(column, [*values, *frame[column].to_list()[len(values) :]], dtype=frame[column].dtype)
    path = tmp_path / "cohort.parquet"
    frame.with_columns(cells).write_parquet(path)
    shown, rows = in_columns(engine, path, "clauses")
    assert rows == list(run(engine, path, "clauses", alone=True).rows(None))
    assert shown >= 3


NUMBERS = [
    "0.47",
    "0.470",
    "00.47",
    " 5",
    "5 ",
    "5e0",
    "1E1",
    "+5",
    "-5",
    "5.",
    ".5",
    "5.000000000000000001",
    "61.123456",
    "٥",
    "5,0",
]
DAYS = [
    "2025-06-01",
    "2025- 6-01",
    "+2025-6-01",
    "2025-06-1 ",
    "20250601",
    "2025-06-31",
    "2025-02-29",
    "２０25-06-01",
    "2024-02-29",
]


@pytest.mark.parametrize(
    ("column", "texts"), [("weight", NUMBERS), ("ecog", NUMBERS), ("as_of", DAYS), ("birth_date", DAYS)]
)
@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_texts_are_read_as_in_their_rows(
    engine: Engine, tmp_path: Path, ending: str, column: str, texts: list[str]
) -> None:
    """A text that is written in any other way than plainly is an error or a value as by itself."""
    path = tmp_path / f"cohort{ending}"
    frame = patients(engine.library, len(texts), 4, missing=0.05).with_columns(pl.Series(column, texts))
    written(frame, path)
    assert in_columns(engine, path)[1] == list(run(engine, path, alone=True).rows(None))


def test_rows_of_csv_that_are_wrong_are_told_in_their_places(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too few cells, too many, quotes, bytes that are no text, and lines without anything; a run goes on behind any of them."""
    path, whole, out = tmp_path / "cohort.csv", tmp_path / "whole.parquet", tmp_path / "out.parquet"
    lines = [
        b"\xef\xbb\xbfid,as_of,sex,weight,diagnosis",
        b"a,2025-06-01,F,61.5,AML",
        b"b,2025-06-01,M",
        b"",
        b'"c, or d",2025-06-01,"F",70,AML',
        b'"two\nlines",2025-06-01,M,80,MDS,',
        b"\xff,2025-06-01,M,80,MDS",
        b'e,2025-06-01,"M"x,80,MDS',
        b"f,,M,80,MDS",
        b"g,2025-06-01,M,eighty,MDS",
        b"h,2025-06-01,M,80,MDS",
    ]
    path.write_bytes(b"\r\n".join(lines))
    expected = list(run(engine, path, alone=True).rows(whole))
    assert sum(row["error"] is not None for row in expected) == 6
    for at_once in (1, 2, 100):
        monkeypatch.setattr(table_blocks, "_TEXT_ROWS_AT_ONCE", at_once)
        assert in_columns(engine, path)[1] == expected
        blocks = run(engine, path).blocks(out)
        next(blocks)
        blocks.close()  # type: ignore[attr-defined]
        list(run(engine, path).blocks(out, resume=True))
        assert out.read_bytes() == whole.read_bytes()
    # with all rows in one block, of which most were judged before, also such as are wrong
    last = expected[-1]["row"] - 1
    assert behind(engine, path, last) == [row for row in expected if row["row"] > last]


def written(frame: pl.DataFrame, path: Path) -> None:
    """A table as Parquet or CSV, by the ending."""
    if path.suffix == ".csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)


def test_a_run_in_columns_is_taken_up_again(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same bytes, wherever it was stopped and however many rows are read at a time."""
    from solver.screen import parts

    path = invented(engine.library, tmp_path / "cohort.parquet", 12, 4, 0.1)
    monkeypatch.setattr(parts, "ROWS_OF_A_PART", 10)
    whole, out = tmp_path / "whole.parquet", tmp_path / "out.parquet"
    list(run(engine, path, alone=True).rows(whole))
    monkeypatch.setattr(table_blocks, "_ROWS_WITH_GAPS", 5)
    blocks = run(engine, path).blocks(out)
    next(blocks)
    blocks.close()  # type: ignore[attr-defined]
    list(run(engine, path).blocks(out, resume=True))
    assert out.read_bytes() == whole.read_bytes()


def test_a_question_of_its_own_is_asked_of_each_patient(engine: Engine, tmp_path: Path) -> None:
    """What asks more of a patient than verdicts is no matter of columns."""

    class OwnQuestion(ScreenQuestion):
        def rows(self, engine: Engine, patient: Any, day: int | None) -> Iterator[OutputRow]:
            yield {"row": patient.row, "error": None, "own": True}

    path = invented(engine.library, tmp_path / "cohort.parquet", 3, 4, 0.1)
    asked = OwnQuestion(None, None, None, "none")
    rows = ScreenRun(engine, asked, [str(path)], CohortReading(), 1_000, 1).rows(None)
    assert [each["own"] for each in rows] == [True] * 3


def test_a_day_that_is_filled_in_is_one_that_the_patient_can_have_lived(
    engine: Engine, tmp_path: Path
) -> None:
    """A relapse on 1 March 1900 has no transplant more than three months before it."""
    path = tmp_path / "cohort.parquet"
    patients(engine.library, 20, 4).with_columns(
        pl.lit(date(1900, 3, 1)).alias("relapse_after_hsct_date"),
        pl.lit(None, dtype=pl.Date).alias("last_hsct_date"),
        pl.lit(2).alias("prior_hsct_count"),
    ).write_parquet(path)
    assert in_columns(engine, path, "clauses")[1] == list(run(engine, path, "clauses", alone=True).rows(None))


def test_a_number_is_filled_in_between_limits_where_no_drawn_one_stands(
    engine: Engine, tmp_path: Path
) -> None:
    """Of every category there is a score, also where no completion that was drawn has one of it."""
    path = tmp_path / "cohort.parquet"
    categories = ["very_low", "low", "intermediate", "high", "very_high"]
    patients(engine.library, 20, 4, missing=0.2).with_columns(
        pl.Series("ipss_r", categories * 4), pl.lit(None, dtype=pl.Float64).alias("ipss_r_score")
    ).write_parquet(path)
    shown, rows = in_columns(engine, path, trials=("RO",))
    assert shown == 20
    assert rows == list(run(engine, path, alone=True, trials=("RO",)).rows(None))


@pytest.mark.parametrize(
    "cells",
    [
        {"qt": 790.0, "qtcf": None, "heart_rate": None},
        {"relapse_after_hsct_date": None, "last_hsct_date": date(2025, 5, 1), "prior_hsct_count": 2},
    ],
    ids=["fixed", "past"],
)
def test_a_limit_that_no_value_meets_excludes_in_columns(
    engine: Engine, tmp_path: Path, cells: dict[str, Any]
) -> None:
    """A number that an equation fixes, whatever the other number in it is; and a day that is not after the day of evaluation."""
    frame, path = patients(engine.library, 20, 4), tmp_path / "cohort.parquet"
    frame = frame.with_columns(
        pl.lit(each, dtype=frame[name].dtype).alias(name) for name, each in cells.items()
    )
    written(frame, path)
    shown, rows = in_columns(engine, path, "clauses", trials=("SAR",))
    assert rows == list(run(engine, path, "clauses", alone=True, trials=("SAR",)).rows(None))
    assert all(
        {"SAR.E13", "SAR.E7h"}.intersection(row["blocking"]) for row in rows if row["verdict"] == "ineligible"
    )
    assert shown >= 19


def test_what_another_trial_asks_of_concepts_is_no_matter_of_those_asked_for(tmp_path: Path) -> None:
    """Of a library with trials that ask of events, one that does not is judged in columns, and all of them row by row."""
    asking = Engine(load_library(add_trials=[ROOT / "examples" / "trials" / "NCT03066466.yaml"]))
    path = invented(asking.library, tmp_path / "cohort.parquet", 20, 3, 0.1)
    assert any(trial.terms for trial in asking.library.trials.values())
    shown, rows = in_columns(asking, path, "clauses", trials=("UC", "RO"))
    assert shown > 5
    assert rows == list(run(asking, path, "clauses", alone=True, trials=("UC", "RO")).rows(None))
    [term, *_] = (code for code, trial in asking.library.trials.items() if trial.terms)
    assert in_columns(asking, path, trials=(term,))[0] == 0


def test_an_axiom_that_waits_for_a_variable_of_which_nothing_else_speaks(
    library: Library, tmp_path: Path
) -> None:
    """It gives way in columns too: a share and a count of cells fix their product only as long as the height is not recorded."""
    [product] = [axiom for axiom in library.axioms if "pb_blasts_abs" in axiom.while_unrecorded]
    waiting = replace(product, while_unrecorded=("height",))
    axioms = tuple(waiting if axiom is product else axiom for axiom in library.axioms)
    clause = replace(
        next(each for each in library.trials["RO"].clauses if not each.by_cohort and not each.routing),
        id="RO.I99",
        conditions=dict.fromkeys(
            library.trials["RO"].cohorts,
            Compare("<=", NumberVariable("pb_blasts_abs", "real"), Constant(Fraction(500))),
        ),
    )
    trial = replace(library.trials["RO"], clauses=(clause,))
    other = Engine(replace(library, axioms=axioms, trials={"RO": trial}))
    height = [170.0 if i % 2 else None for i in range(40)]
    path = tmp_path / "cohort.parquet"
    written(
        pl.DataFrame(
            {
                "id": [f"p{i}" for i in range(40)],
                "as_of": [date(2025, 6, 1)] * 40,
                "wbc": [1000.0] * 40,
                "pb_blasts_pct": [90.0] * 40,
                "height": pl.Series(height, dtype=pl.Float64),
            }
        ),
        path,
    )
    shown, rows = in_columns(other, path)
    assert shown
    assert rows == list(run(other, path, alone=True).rows(None))
    assert [row["verdict"] for row in rows[:2]] == ["ineligible", "undetermined"]
