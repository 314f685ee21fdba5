"""A run of the screen writes the same bytes however it is cut, and is taken up again where it was stopped."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from solver.engine.case import Engine
from solver.engine.proofs import fresh_proofs
from solver.errors import InputError
from solver.library.models import Library
from solver.screen import output_rows, parts
from solver.screen.cohort import CohortReading
from solver.screen.output_rows import COLUMNS, OutputRow, ScreenQuestion
from solver.screen.parts import ENDINGS
from solver.screen.run import ScreenRun
from solver.smt.outcome import Outcome
from tests.support.records import worked

pl = pytest.importorskip("polars")
PATIENTS = 7
ROOT = Path(__file__).parents[2]


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    """Worked patients, and in the middle a line that is none."""
    names = sorted(worked.load("patients"))[: PATIENTS - 1]
    lines = [json.dumps({**worked.patient(name), "as_of": "2025-06-01"}) for name in names]
    lines.insert(3, "nonsense")
    path = tmp_path / "cohort.ndjson"
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of few rows, so that a small cohort has several."""
    monkeypatch.setattr(parts, "ROWS_OF_A_PART", 4)


def run(library: Library, cohort: Path, **how: Any) -> ScreenRun:
    """A run over a cohort."""
    asked = ScreenQuestion(("RO", "K001"), None, None, how.pop("level", "full"))
    batch, workers = how.pop("batch", 1000), how.pop("workers", 1)
    return ScreenRun(Engine(library), asked, [str(cohort)], CohortReading(**how), batch, workers)


def written(library: Library, cohort: Path, out: Path, *, resume: bool = False, **how: Any) -> bytes:
    """The bytes of an output."""
    list(run(library, cohort, **how).rows(out, resume=resume))
    assert not out.with_name(f"{out.name}.partial").exists()
    return out.read_bytes()


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_bytes_do_not_depend_on_batches(
    library: Library, cohort: Path, tmp_path: Path, ending: str
) -> None:
    """Whatever the batch, an output in any form is the same."""
    first, *others = (
        written(library, cohort, tmp_path / f"{size}{ending}", batch=size, level="clauses")
        for size in (1, 2, 1000)
    )
    assert others == [first, first]


def test_the_bytes_do_not_depend_on_workers(library: Library, cohort: Path, tmp_path: Path) -> None:
    """Several processes write what one writes."""
    one = written(library, cohort, tmp_path / "one.parquet", level="none")
    assert written(library, cohort, tmp_path / "two.parquet", level="none", batch=2, workers=2) == one


@pytest.mark.parametrize("stopped_after", [0, 5, 10])
def test_a_run_that_was_stopped_is_taken_up_again(
    library: Library, cohort: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped_after: int
) -> None:
    """What finished parts hold is not judged again, and the output is that of a run in one go."""
    whole = written(library, cohort, tmp_path / "whole.parquet")
    out = tmp_path / "out.parquet"
    list(islice(run(library, cohort, batch=1).rows(out), stopped_after))
    judged = []

    def counting(engine: Engine, *rest: Any, **how: Any) -> Any:
        judged.append(rest[0].id)
        return judge(engine, *rest, **how)

    judge = output_rows.judge
    monkeypatch.setattr(output_rows, "judge", counting)
    assert written(library, cohort, out, batch=2, resume=True) == whole
    assert len(judged) == {0: 6, 5: 4, 10: 2}[stopped_after]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("level", ["none", "clauses", "full"])
def test_columns_that_say_the_same_in_all_rows_are_written_once(
    library: Library, cohort: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, level: str
) -> None:
    """The output is that of parts with all columns, and the same bytes if it is taken up again."""
    alone, whole, out = (tmp_path / f"{name}{ending}" for name in ("alone", "whole", "out"))
    written(library, cohort, alone, level=level)
    monkeypatch.setattr(parts, "FEW_ROWS", 0)
    bytes_ = written(library, cohort, whole, level=level)
    if ending == ".parquet":
        assert pl.read_parquet(whole).equals(pl.read_parquet(alone))
        assert pl.read_parquet_schema(whole) == pl.read_parquet_schema(alone)
        assert pl.read_parquet_metadata(whole) == pl.read_parquet_metadata(alone)
    else:
        assert bytes_ == alone.read_bytes()
    list(islice(run(library, cohort, batch=1, level=level).rows(out), 6))
    folder = tmp_path / f"out{ending}.partial"
    assert len(list(folder.glob("0*-*.parquet"))) == len(list(folder.glob("same-*.parquet"))) == 1
    assert written(library, cohort, out, resume=True, level=level) == bytes_


def test_a_run_for_another_question_is_not_taken_up(library: Library, cohort: Path, tmp_path: Path) -> None:
    """Another cohort or other options are refused; without `resume` a run begins anew."""
    out = tmp_path / "out.parquet"
    list(islice(run(library, cohort, batch=1).rows(out), 9))
    with pytest.raises(InputError, match="leave --resume out to begin anew"):
        list(run(library, cohort, level="none").rows(out, resume=True))
    cohort.write_text(cohort.read_text().replace("nonsense", "no sense"))
    with pytest.raises(InputError, match="leave --resume out to begin anew"):
        list(run(library, cohort).rows(out, resume=True))
    assert written(library, cohort, out) == written(library, cohort, tmp_path / "whole.parquet")


def test_a_killed_run_leaves_the_old_output_and_is_taken_up_again(
    library: Library, cohort: Path, tmp_path: Path
) -> None:
    """A process killed in the middle leaves finished parts beside the output that was there."""
    out = tmp_path / "out.parquet"
    out.write_bytes(b"old")
    program = (
        "import os, sys; from solver.screen import parts; parts.ROWS_OF_A_PART = 4; import cli;"
        "real, seen = os.replace, [];"
        "parts.os.replace = lambda *two: ("
        " '.partial' not in str(two[1]) or seen.append(two), len(seen) < 4 or os.kill(os.getpid(), 9), real(*two));"
        "sys.argv = ['match', *sys.argv[1:]]; cli.run()"
    )
    options = ["--trials", "RO,K001", "--reasons", "full", "--out", str(out), "--batch", "1"]
    command = [sys.executable, "-c", program, "screen", str(cohort), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True)
    assert done.returncode == -signal.SIGKILL
    assert len(list((tmp_path / "out.parquet.partial").glob("*.parquet"))) == 2
    assert out.read_bytes() == b"old"
    resumed = written(library, cohort, out, resume=True)
    assert resumed == written(library, cohort, tmp_path / "whole.parquet")


def test_a_full_disk_leaves_the_old_output(
    library: Library, cohort: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is one line, and what was written before can be taken up again."""
    out = tmp_path / "out.csv"
    out.write_text("old")

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(parts.OutputParts, "_write_text", full)
        with pytest.raises(InputError, match=r"out\.csv: cannot be written: no space left on device"):
            list(run(library, cohort).rows(out))
    assert out.read_text() == "old"
    assert b"old" not in written(library, cohort, out, resume=True)


def test_every_form_has_the_same_columns_and_rows(library: Library, cohort: Path, tmp_path: Path) -> None:
    """Parquet has types and what made it, NDJSON and CSV the same values, lists as JSON."""
    rows = list(run(library, cohort).rows(None))
    for ending in ENDINGS:
        written(library, cohort, tmp_path / f"out{ending}")
        found = list(parts.previous_rows(tmp_path / f"out{ending}"))
        assert [list(each) for each in found] == [list(COLUMNS)] * len(rows)
        assert found == rows
    frame = pl.read_parquet(tmp_path / "out.parquet")
    texts, lists = pl.List(pl.String), pl.List(pl.List(pl.String))
    assert frame.schema == {
        **dict.fromkeys(COLUMNS, pl.String),
        **dict.fromkeys(("row", "encoded_clauses", "encoded_of"), pl.Int64),
        **dict.fromkeys(("blocking", "open", "missing", "was_blocking"), texts),
        **dict.fromkeys(("contradictions", "conflicts", "deciding_sets", "eligible_without"), lists),
        "as_of": pl.Date,
        **dict.fromkeys(("published_only", "conflicts_complete"), pl.Boolean),
    }
    told = pl.read_parquet_metadata(tmp_path / "out.parquet")
    assert told["trialproof.schema"] == "trialproof/screen/1"
    assert told["trialproof.encodings"] == Engine(library).version.encodings
    assert json.loads(told["trialproof.options"])["reasons"] == "full"
    assert str(tmp_path) not in "".join(told.values())


def test_conflicts_of_many_patients_are_proved_in_few_sessions(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session of the solver serves many patients, and where the solver gives up on them together the rows are the same."""
    patients = [
        {
            "id": f"{i}",
            "as_of": f"2025-06-{i + 1:02}",
            "facts": {"birth_date": "2015-01-15", "pb_blasts_abs": {"value": 30_000 + i, "unit": "/uL"}},
        }
        for i in range(20)
    ]
    cohort = tmp_path / "cohort.ndjson"
    cohort.write_text("".join(json.dumps(each) + "\n" for each in patients))
    asked: list[int] = []
    checked = fresh_proofs.solver_outcome

    def counted(types: Any, budget: Any, claims: Sequence[fresh_proofs.Posed]) -> Outcome:
        asked.append(len(claims))
        return checked(types, budget, claims)

    def rows() -> list[OutputRow]:
        return list(run(library, cohort).rows(None))

    monkeypatch.setattr(fresh_proofs, "solver_outcome", counted)
    found = rows()
    assert len(asked) <= 2 < max(asked)
    monkeypatch.setattr(fresh_proofs, "_proved_together", lambda *_: False)
    assert rows() == found
    monkeypatch.undo()
    alone = [row for i in range(20) for row in _rows_of(library, tmp_path, patients[i])]
    assert [{**row, "row": None} for row in found] == [{**row, "row": None} for row in alone]


def _rows_of(library: Library, folder: Path, patient: dict[str, Any]) -> list[OutputRow]:
    alone = folder / "alone.ndjson"
    alone.write_text(json.dumps(patient) + "\n")
    return list(run(library, alone).rows(None))


def test_the_levels_leave_columns_empty(library: Library, cohort: Path) -> None:
    """Every column is there at each level; a bad row has its error and nothing of a trial."""
    rows = {
        level: list(run(library, cohort, level=level).rows(None)) for level in ("none", "clauses", "full")
    }
    for none, clauses, full in zip(*rows.values(), strict=True):
        assert [each["verdict"] for each in (none, clauses)] == [full["verdict"]] * 2
        empty = {name for name, value in none.items() if value is None and full[name] is not None}
        assert empty <= {
            "blocking",
            "open",
            "contradictions",
            "conflicts",
            "deciding_sets",
            "missing",
            "conflicts_complete",
            "eligible_without",
        }
        if full["error"] is None:
            assert (
                none["blocking"]
                is none["contradictions"]
                is clauses["conflicts"]
                is clauses["missing"]
                is None
            )
            assert clauses["blocking"] == full["blocking"]
        else:
            assert {name for name, value in full.items() if value is not None} == {"row", "patient", "error"}
    assert [each["row"] for each in rows["full"]] == sorted(each["row"] for each in rows["full"])


def test_an_output_that_cannot_be_is_refused_at_once(library: Library, cohort: Path, tmp_path: Path) -> None:
    """A folder, an ending that tells no form, and a folder that is not there."""
    for out, told in (
        (tmp_path, "is a directory"),
        (tmp_path / "out.txt", "its ending tells no form"),
        (tmp_path / "none" / "out.csv", "does not exist"),
    ):
        with pytest.raises(InputError, match=told):
            next(run(library, cohort).rows(out))
