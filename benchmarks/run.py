"""Measure `match` against what a user would use instead, as ratios in one run.

python benchmarks/run.py [ROUNDS]

Cold: one patient and six trials, and a patient of whom nothing is known, against the bare start of an interpreter that imports z3, click
and pydantic. Warm: read and match a record with all conflicts and deciding sets, against the plain z3py script beside this file; the
same with 20 facts left out of each worked case, against the whole cases; reading alone, against `json.loads`. Time is that of the
processor. Both sides run in turn, so that a busy machine slows both. Bytecode is written first, as an installed program has it.
"""

from __future__ import annotations

import compileall
import json
import random
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks"), str(ROOT / "tests")]

import plain  # noqa: E402

from solver.library.load import load_library  # noqa: E402
from solver.library.models import Library  # noqa: E402
from solver.matcher import Matcher  # noqa: E402
from solver.patient.readers.native.read import read_record  # noqa: E402


def milliseconds(action: Callable[[], object]) -> float:
    """How long an action takes the processor, processes that it starts and waits for included."""
    start = _processor()
    action()
    return (_processor() - start) * 1000


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def run(*arguments: str) -> None:
    """Run a Python process to its end."""
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=ROOT)


def cold(rounds: int) -> None:
    """Print the ratio of a cold `match` to the start of a bare interpreter."""
    compileall.compile_dir(ROOT / "solver", quiet=1)
    marks = (
        ("several-trials", "table", 1.5),
        ("several-trials", "json", 1.5),
        ("undetermined", "table", 1.5),
        ("empty", "table", 2.5),
    )
    for name, form, limit in marks:
        example = str(ROOT / "examples" / f"{name}.json")
        match_times, bare_times = [], []
        for _ in range(rounds + 1):
            bare_times.append(milliseconds(lambda: run("-c", "import z3, click, pydantic")))
            match_times.append(milliseconds(lambda e=example, f=form: run("cli.py", e, "--format", f)))
        one, other = min(match_times[1:]), min(bare_times[1:])
        print(
            f"cold, {name} as {form}: match {one:6.0f} ms, bare start {other:5.0f} ms, "
            f"ratio {one / other:.2f} (limit {limit})"
        )


def records() -> dict[str, list[str]]:
    """The records to measure, as JSON text, by group."""
    from tests.support.records.worked import case_record, load

    examples = [path.read_text() for path in sorted((ROOT / "examples").glob("*.json"))]
    patients = [text for text in examples if "as_of" in json.loads(text)]
    cases = [json.dumps(case_record(case)) for name in ("sample", "vignettes") for case in load(name)]
    return {"worked cases": cases, "examples": patients}


_WARM = {"median": 0.7, "worst": 1.0}


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
            matches.append(min(ours))
            plains.append(min(theirs))
        for name, measure in (("median", statistics.median), ("worst", max), ("total", sum)):
            one, other = measure(matches), measure(plains)
            print(
                f"warm, {group} ({len(texts)}), {name:6}: match {one:6.1f} ms, plain script {other:6.1f} ms, "
                f"ratio {one / other:.2f} (limit {_WARM.get(name, '-')})"
            )
        if group == "worked cases":
            partial(matcher, texts, statistics.median(matches), rounds)
            reading(library, texts, rounds)


def partial(matcher: Matcher, texts: list[str], whole: float, rounds: int) -> None:
    """Print how long records with 20 facts left out, chosen by a seed, take against the median of the whole ones."""
    chosen = random.Random(7)
    times = []
    for text in texts:
        entries = json.loads(text)
        for name in chosen.sample(sorted(entries["facts"]), min(20, len(entries["facts"]))):
            del entries["facts"][name]
        record = read_record(json.dumps(entries).encode(), matcher.library, name="record")
        times.append(min(milliseconds(lambda r=record: matcher.match(r)) for _ in range(rounds)))
    print(
        f"warm, 20 facts fewer ({len(texts)}): median {statistics.median(times) / whole:.1f}, "
        f"worst {max(times) / whole:.1f} times the whole cases' median (limit of the worst 15)"
    )


def reading(library: Library, texts: list[str], rounds: int) -> None:
    """Print the ratio of reading records to `json.loads` of them."""

    def read() -> None:
        for text in texts:
            read_record(text.encode(), library, name="record")

    def load() -> None:
        for text in texts:
            for _ in range(20):
                json.loads(text)

    one = min(milliseconds(read) for _ in range(rounds))
    other = min(milliseconds(load) for _ in range(rounds)) / 20
    print(
        f"reading ({len(texts)}): {one / len(texts):.2f} ms, ratio to json.loads {one / other:.0f} (limit 8)"
    )


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    cold(wanted)
    warm(max(3, wanted // 3))
