"""Measure `match screen` against what one would write instead, as ratios in one run.

python benchmarks/screen.py [SMALL LARGE]

One trial, every fact recorded, Parquet to Parquet: how much more processor time the patients between SMALL and LARGE take than hand-written
Polars takes for them (at most 2 times). A tenth of the facts missing: time a pair against a plain z3 loop, on 100 pairs (a 300th at most).
The clauses as well, from Parquet and from CSV, against each row by itself. All reasons, against `match` of the same records. Memory with so
many patients and ten times as many. Verdicts are compared before a time is printed. The generator of patients has a seed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import plain  # noqa: E402
import plain_polars  # noqa: E402
import plain_trials as med  # noqa: E402
import polars as pl  # noqa: E402
from cohort_tables import patients  # noqa: E402
from plain_record import read_patient  # noqa: E402

from solver.engine.case import Engine  # noqa: E402
from solver.library.load import load_library  # noqa: E402
from solver.matcher import Matcher  # noqa: E402
from solver.patient.readers.native.json_text import plain_json  # noqa: E402
from solver.patient.readers.native.read import read_record  # noqa: E402
from solver.report.json import json_text  # noqa: E402
from solver.screen.cohort import CohortReading  # noqa: E402
from solver.screen.judge import Level  # noqa: E402
from solver.screen.output_rows import ScreenQuestion  # noqa: E402
from solver.screen.run import ScreenRun  # noqa: E402

TRIALS = ("UC", "RO")
SLOPE_ROUNDS, PAIRS, SEED = 9, 100, 16


def processor_time(action: Callable[[], object], rounds: int = 1) -> float:
    """The least processor time that an action takes, in seconds, with that of the processes it starts."""

    def now() -> float:
        used = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
        return sum(each.ru_utime + each.ru_stime for each in used)

    times = []
    for _ in range(rounds):
        start = now()
        action()
        times.append(now() - start)
    return min(times)


def known_to_all(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns that the plain programs know as well."""
    known = {"id", "as_of", "planned_c1d1_date", "birth_date", *med.SCALAR_INPUTS, "ipss_r_score"}
    return frame.select([name for name in frame.columns if name in known])


def screen(engine: Engine, cohort: Path, out: Path, trial: str | None, level: Level = "none") -> None:
    """Screen a table for one trial, or for all, in this process and those that it starts."""
    asked = ScreenQuestion(None if trial is None else (trial,), None, None, level)
    for _ in ScreenRun(engine, asked, [str(cohort)], CohortReading(), 1_000).blocks(out):
        pass


def recorded(engine: Engine, folder: Path, small: int, large: int) -> None:
    """Print the slope where every fact is recorded, against hand-written Polars."""
    one, other = folder / "ours.parquet", folder / "theirs.parquet"
    cohorts = {count: folder / f"{count}.parquet" for count in (small, large)}
    for count, cohort in cohorts.items():
        known_to_all(patients(engine.library, count, SEED)).write_parquet(cohort)
    ours: dict[int, list[float]] = {small: [], large: []}
    theirs: dict[int, list[float]] = {small: [], large: []}
    for _ in range(SLOPE_ROUNDS):  # one after the other, so that what else the machine does weighs on both
        for count, cohort in cohorts.items():
            ours[count].append(processor_time(lambda path=cohort: screen(engine, path, one, "UC")))
            theirs[count].append(processor_time(lambda path=cohort: plain_polars.screen(path, other)))
            same = pl.read_parquet(one)["verdict"] == pl.read_parquet(other)["verdict"]
            assert same.all(), "the verdicts differ"
    slope, plain_slope = (min(each[large]) - min(each[small]) for each in (ours, theirs))
    print(
        f"screen, every fact recorded, {small:,} to {large:,} patients: {slope:.2f} s, hand-written Polars {plain_slope:.2f} s, "
        f"ratio {slope / plain_slope:.2f} (limit 2)"
    )


def plain_verdict(record: dict[str, Any], trial: str) -> str:
    """The verdict of a plain z3 loop: the record in a solver, and two checks."""
    patient = read_patient(record)
    solver = plain.one_patient(patient, patient.ranges)
    if not plain.is_satisfiable(solver):
        return "withheld"
    asked = next(each for each in med.trials(frozenset(), False, frozenset()) if each.code == trial)
    solver.add(asked.definitions)
    return plain.verdict(solver, list(asked.clauses.values()), asked.fails)


def with_missing(engine: Engine, folder: Path, count: int, trial: str) -> None:
    """Print the time a pair with a tenth of the facts missing, against a plain z3 loop."""
    frame = known_to_all(patients(engine.library, count, SEED, missing=0.1))
    cohort, out = folder / "missing.parquet", folder / "out.parquet"
    frame.write_parquet(cohort)
    ours = processor_time(lambda: screen(engine, cohort, out, trial)) / count
    verdicts = pl.read_parquet(out)["verdict"].to_list()
    records = [native(engine, row) for row in frame.head(PAIRS).iter_rows(named=True)]
    found: list[str] = []
    theirs = processor_time(lambda: found.extend(plain_verdict(each, trial) for each in records)) / PAIRS
    assert found == verdicts[:PAIRS], "the verdicts differ"
    print(
        f"screen, a tenth of the facts missing, {trial}: {1e6 * ours:.0f} us a pair, plain z3 {1e6 * theirs:.0f} us, "
        f"{theirs / ours:.0f} times as fast (limit 300)"
    )


def native(engine: Engine, row: dict[str, Any]) -> dict[str, Any]:
    """A row of a table as a record."""
    from solver.screen.table_columns import table_columns

    document = table_columns(row, engine.library, "row").document(row, "row")
    return plain_json(document)


def with_clauses(engine: Engine, folder: Path, count: int, trial: str) -> None:
    """Print the time a pair of the level that is the default, from Parquet and from CSV, against judging each row by itself."""
    frame = known_to_all(patients(engine.library, count, SEED, missing=0.1))
    few, alone = frame.head(PAIRS), folder / "few.ndjson"
    alone.write_text("".join(json.dumps(native(engine, row)) + "\n" for row in few.iter_rows(named=True)))
    one, other = folder / "alone.parquet", folder / "clauses.parquet"
    each = processor_time(lambda: screen(engine, alone, one, trial, "clauses")) / PAIRS
    same = ["verdict", "blocking", "open"]
    for ending in (".parquet", ".csv"):
        cohort = folder / f"clauses{ending}"
        frame.write_parquet(cohort) if ending == ".parquet" else frame.write_csv(cohort)
        ours = processor_time(lambda path=cohort: screen(engine, path, other, trial, "clauses")) / count
        assert pl.read_parquet(other).head(PAIRS)[same].equals(pl.read_parquet(one)[same]), "they differ"
        print(
            f"screen --reasons clauses, a tenth of the facts missing, {trial}, {ending}: {1e6 * ours:.0f} us a pair, "
            f"row by row {1e6 * each:.0f} us, {each / ours:.0f} times as fast"
        )


def in_full(engine: Engine, folder: Path) -> None:
    """Print the time of all reasons against that of `match` for the same records, in one process."""
    frame = known_to_all(patients(engine.library, PAIRS, SEED, missing=0.1))
    records = [native(engine, row) for row in frame.iter_rows(named=True)]
    cohort, out, matcher = folder / "full.ndjson", folder / "full.parquet", Matcher(engine.library)
    cohort.write_text("".join(json.dumps(each) + "\n" for each in records))
    ours = processor_time(lambda: screen(engine, cohort, out, None, "full"))
    found: list[str] = []

    def match() -> None:
        for each in records:
            answer = matcher.match(read_record(json.dumps(each).encode(), engine.library, name="record"))
            json_text(answer)
            found.extend(trial.verdict for trial in answer.trials)

    theirs = processor_time(match)
    by_trial = pl.read_parquet(out)["verdict"].to_list()
    assert sorted(by_trial) == sorted(found), "the verdicts differ"
    print(
        f"screen --reasons full, six trials: {1e3 * ours / PAIRS:.1f} ms a patient, match --format json "
        f"{1e3 * theirs / PAIRS:.1f} ms, ratio {ours / theirs:.2f} (limit 0.5)"
    )


def memory(engine: Engine, folder: Path, small: int) -> None:
    """Print the memory of a process that screens ten times as many patients, for two numbers of them."""
    used = {}
    for count in dict.fromkeys((small, 10 * small, 100_000, 1_000_000)):
        cohort = folder / f"memory{count}.parquet"
        known_to_all(patients(engine.library, count, SEED)).write_parquet(cohort)
        out = str(folder / "memory.parquet")
        verb = ["screen", str(cohort), "--trials", "UC", "--reasons", "none", "--out", out]
        command = [sys.executable, str(ROOT / "benchmarks" / "peak_memory.py"), *verb]
        used[count] = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    for count, limit in ((100_000, 1.1), (small, 1.5)):
        print(
            f"memory of screen, {10 * count:,} patients {used[10 * count]} MB, {count:,} {used[count]} MB, "
            f"ratio {used[10 * count] / used[count]:.2f} (limit {limit})"
        )


def main(small: int, large: int) -> None:
    """Measure, and print the ratios."""
    engine = Engine(load_library())
    with tempfile.TemporaryDirectory() as folder:
        recorded(engine, Path(folder), small, large)
        for trial in TRIALS:
            with_missing(engine, Path(folder), small, trial)
        for trial in TRIALS:
            with_clauses(engine, Path(folder), small, trial)
        in_full(engine, Path(folder))
        memory(engine, Path(folder), small)


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:3] or ("30000", "300000")))
