"""Measure a folder of thousands of trial files: compiled, from the cache, with one file changed, and from the shell.

python benchmarks/trial_folders.py [TRIALS]

The trials are those of `many_trials`, each in a file. Each measure is the processor time of a process of its own, the least of a few.
What it answers is compared with the hand-written functions before a time is printed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from many_trials import (  # noqa: E402
    FIRST,
    RECORD,
    ROUNDS,
    VALUES,
    expected,
    functions_of,
    invented,
    least_time,
    written_folder,
)


class TrialFolder:
    """A folder of encodings with so many invented trials, a patient, and an empty cache."""

    def __init__(self, base: Path, count: int) -> None:
        self.folder, self.patient = written_folder(base, count), base / "patient.json"
        self.patient.write_text(json.dumps(RECORD))
        self._environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(base / "cache")}

    def rename(self, number: int, title: str) -> None:
        """Give a trial another title."""
        text = invented(number)[0].replace("title: ", f"title: {title} ")
        (self.folder / "trials" / f"x{number:05}.yaml").write_text(text)

    def run(self, *arguments: str) -> tuple[float, str]:
        """The processor time of Python with these arguments, in seconds, and what it prints."""
        before = getrusage(RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, *arguments], env=self._environment, check=True, stdout=subprocess.PIPE, text=True
        )
        after = getrusage(RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout

    def first_answer(self) -> tuple[float, dict[str, list[object]], int]:
        """The processor time to the first verdicts, these by trial, and the most memory in MB."""
        used, printed = self.run("-c", FIRST, str(self.folder), str(self.patient))
        found, memory = json.loads(printed)
        return used, found, memory

    def screened(self) -> tuple[float, dict[str, list[str]]]:
        """The processor time of `match screen`, and the verdicts of each trial."""
        command = [str(ROOT / "cli.py"), "screen", str(self.patient), "--encodings", str(self.folder)]
        used, printed = self.run(*command, "--format", "json")
        return used, {trial["code"]: [*trial["verdicts"]] for trial in json.loads(printed)["trials"]}


def main(count: int) -> None:
    """Measure, and print the ratios."""
    functions = functions_of(count)
    right = {f"X{i}": [*each] for i, each in enumerate(expected(functions), 1)}
    theirs = least_time(lambda: [each(VALUES) for each in functions])
    with TemporaryDirectory() as base:
        folder = TrialFolder(Path(base), count)
        compiled, found, memory = folder.first_answer()
        assert found == right, "the verdicts differ"
        unchanged, changed, shell = list[float](), list[float](), list[float]()
        for i in range(ROUNDS):
            used, again, _ = folder.first_answer()
            assert again == right, "the verdicts from the cache differ"
            unchanged.append(used)
            used, verdicts = folder.screened()
            assert verdicts == {code: [verdict] for code, (verdict, _) in right.items()}, (
                "the screened differ"
            )
            shell.append(used)
            folder.rename(1, str(i))
            used, again, _ = folder.first_answer()
            assert again == right, "the verdicts after a change differ"
            changed.append(used)
    cold, once, shown = min(unchanged), min(changed), min(shell)
    print(f"{count:,} trial files, compiled, to the first verdicts: {compiled:.1f} s, {memory} MB")
    print(f"the same from the cache: {cold:.2f} s, {cold / theirs:.0f} times the functions, warm (limit 15)")
    print(f"match screen of the patient: {shown:.2f} s, {shown / theirs:.0f} times the functions, warm")
    print(
        f"one file changed, to the first verdicts: {once:.2f} s, {once / cold:.1f} times the unchanged (limit 1.5)"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3_621)
