"""Measure `match` against what a user would use instead, as ratios in one run.

python benchmarks/run.py [ROUNDS]

Cold: one patient and six trials, against the bare start of an interpreter that imports z3, click and pydantic (at most 2.5 times).
Warm: read and match a record with all conflicts and deciding sets, against the plain z3py script beside this file (at most 1.5 times).
Both sides run in turn, so that a busy machine slows both. Bytecode is written first, as an installed program has it.
"""

from __future__ import annotations

import compileall
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks"), str(ROOT / "tests")]

import plain  # noqa: E402

from solver.library.load import load_library  # noqa: E402
from solver.matcher import Matcher  # noqa: E402
from solver.patient.readers.native.read import read_record  # noqa: E402


def milliseconds(action: Callable[[], object]) -> float:
    """How long an action takes."""
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


def run(*arguments: str) -> None:
    """Run a Python process to its end."""
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=ROOT)


def cold(rounds: int) -> None:
    """Print the ratio of a cold `match` to the start of a bare interpreter."""
    compileall.compile_dir(ROOT / "solver", quiet=1)
    example = str(ROOT / "examples" / "several-trials.json")
    for form in ("table", "json"):
        match_times, bare_times = [], []
        for _ in range(rounds + 1):
            bare_times.append(milliseconds(lambda: run("-c", "import z3, click, pydantic")))
            match_times.append(milliseconds(lambda form=form: run("cli.py", example, "--format", form)))
        one, other = statistics.median(match_times[1:]), statistics.median(bare_times[1:])
        print(
            f"cold, {form:5}: match {one:6.0f} ms, bare start {other:5.0f} ms, ratio {one / other:.2f} (limit 2.5)"
        )


def records() -> dict[str, list[str]]:
    """The records to measure, as JSON text, by group."""
    from tests.support.worked import case_record, load

    examples = [path.read_text() for path in sorted((ROOT / "examples").glob("*.json"))]
    patients = [text for text in examples if "as_of" in json.loads(text)]
    cases = [json.dumps(case_record(case)) for name in ("sample", "vignettes") for case in load(name)]
    return {"worked cases": cases, "examples": patients}


def warm(rounds: int) -> None:
    """Print the ratio of reading and matching a record to the plain script's time for the same."""
    library = load_library()
    matcher = Matcher(library)
    for group, texts in records().items():
        matches, plains = [], []
        for text in texts:
            ours, theirs = [], []
            for _ in range(rounds):
                ours.append(
                    milliseconds(
                        lambda t=text: matcher.match(read_record(t.encode(), library, name="record"))
                    )
                )
                theirs.append(milliseconds(lambda t=text: plain.answer(json.loads(t))))
            matches.append(statistics.median(ours))
            plains.append(statistics.median(theirs))
        for name, measure in (("median", statistics.median), ("worst", max), ("total", sum)):
            one, other = measure(matches), measure(plains)
            print(
                f"warm, {group} ({len(texts)}), {name:6}: match {one:6.1f} ms, plain script {other:6.1f} ms, "
                f"ratio {one / other:.2f} (limit 1.5)"
            )


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    cold(wanted)
    warm(max(3, wanted // 3))
