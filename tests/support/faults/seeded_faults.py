"""Faults put into copies of the trial files, one at a time, and edits that change nothing: how many of them `match check` tells.

    k001 I1: age >= 18 => age < 18      a fault: told if there is a finding that the file itself has not, on the clause or the trial
    uc I4: a and b => b and a           harmless: an alarm if there is any such finding

`python -m tests.support.faults.seeded_faults` runs them all, and shows what is not told and each alarm. The corpus is the YAML file beside.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from solver.errors import InputError
from solver.library.files.yaml_places import parse_document
from solver.library.load import load_library
from solver.library.models import Library
from solver.library.trial_files import compile_trial
from solver.questions.check.answer import Finding
from solver.questions.check.ask import check_trial
from solver.questions.check.proofs import Prover
from solver.questions.check.trial_view import Source

ROOT = Path(__file__).parents[3]
CORPUS = Path(__file__).with_suffix(".yaml")
_CLAUSE = (
    "\n  - id: X\n    label: Seeded\n    source: S inclusion 99\n    class: objective\n    changes: never\n"
)


@dataclass(frozen=True, slots=True)
class Seeded:
    """An edit of one clause of a trial file: of a kind, and harmless or a fault. A clause is added where `clause` is `+`."""

    kind: str
    harmless: bool
    file: str
    clause: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.file} {self.clause}: {self.old}{' => ' if self.old else ''}{self.new}"

    def text(self) -> str:
        """The text of the file with the edit. Raises `ValueError` if the place is not there."""
        whole = trial_path(self.file).read_text()
        if self.clause == "+":
            require, _, when = self.new.partition(" when ")
            guard = f"    when: {when}\n" if when else ""
            return f"{whole.rstrip()}\n{_CLAUSE}{guard}    require: {require}\n"
        start = whole.index(f"\n  - id: {self.clause}\n")
        end = (
            found.start() + start + 1
            if (found := re.search(r"\n  - id: ", whole[start + 1 :]))
            else len(whole)
        )
        block = whole[start:end]
        words, old = re.escape(self.old).replace(r"\ ", r"\s+"), self.old
        logic = block.index("\n    changes:")
        place = re.compile(words).search(block, logic) or re.search(words, block)
        if place is None:
            raise ValueError(f"{self}: '{old}' is not in the clause")
        new = self.new if "\n" in place[0] or "\n" in self.new else " ".join(self.new.split())
        return whole[:start] + block[: place.start()] + new + block[place.end() :] + whole[end:]


@dataclass(frozen=True, slots=True)
class Told:
    """What `match check` says of an edit: the findings that the file itself has not, or that the file cannot be read."""

    seeded: Seeded
    findings: tuple[Finding, ...]
    refused: bool = False

    @property
    def right(self) -> bool:
        """Whether a fault is told, or nothing is said of what is harmless."""
        if self.refused:
            return not self.seeded.harmless
        return not self.findings if self.seeded.harmless else any(map(self._is_about, self.findings))

    def _is_about(self, finding: Finding) -> bool:
        clause = "X" if self.seeded.clause == "+" else self.seeded.clause
        return not finding.mentioned or clause in (name.partition(".")[2] for name in finding.mentioned)


def corpus() -> Iterator[Seeded]:
    """Every edit of the corpus, in the order of its file."""
    for part, kinds in yaml.safe_load(CORPUS.read_text()).items():
        for kind, lines in kinds.items():
            for line in lines:
                where, _, edit = line.partition(": ")
                file, clause = where.split()
                old, _, new = edit.partition(" => ") if clause != "+" else ("", "", edit)
                yield Seeded(kind, part == "harmless", file, clause, old, new)


@lru_cache
def trial_path(name: str) -> Path:
    """The file of a trial of the encodings, or of an example by its code."""
    own = ROOT / "encodings" / "trials" / f"{name}.yaml"
    if own.exists():
        return own
    examples = sorted((ROOT / "examples" / "trials").glob("*.yaml"))
    return next(path for path in examples if f"\ncode: {name}\n" in path.read_text())


class Judge:
    """Says what is told of edits, in the words of a library."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._shared = Prover(library.asking(""))
        self._own: dict[str, frozenset[str]] = {}

    def told(self, seeded: Seeded) -> Told:
        """What is found with the edit and not without it."""
        if seeded.file not in self._own:
            before = self.findings_in(trial_path(seeded.file).read_text())
            self._own[seeded.file] = frozenset(finding.fingerprint for finding in before)
        try:
            found = self.findings_in(seeded.text())
        except InputError:
            return Told(seeded, (), refused=True)
        return Told(seeded, tuple(f for f in found if f.fingerprint not in self._own[seeded.file]))

    def findings_in(self, text: str) -> tuple[Finding, ...]:
        """What is found in the text of a trial file and not acknowledged there."""
        document = parse_document(text, "t.yaml")
        trial = compile_trial(document, self.library)
        prover = self._shared
        if trial.terms:
            prover = Prover(self.library.with_trial(trial).asking(trial.code))
        found = check_trial(prover, Source(trial, document, "t.yaml"))
        return tuple(finding for finding in found if finding.acknowledged is None)


def main(arguments: Sequence[str]) -> int:
    """Run the corpus, or the kinds that are named; 1 if fewer faults are told, or more alarms raised, than the marks allow."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kinds", nargs="*", help="only kinds whose names contain one of these words")
    parser.add_argument("--all", action="store_true", help="tell what is found of each edit")
    given = parser.parse_args(arguments)
    judge, rows = Judge(load_library()), dict[tuple[bool, str], list[Told]]()
    for seeded in corpus():
        if not given.kinds or any(word in seeded.kind for word in given.kinds):
            told = judge.told(seeded)
            rows.setdefault((seeded.harmless, seeded.kind), []).append(told)
            if given.all or not told.right:
                print("ok  " if told.right else "ALARM " if seeded.harmless else "MISSED", seeded, flush=True)
                for finding in told.findings:
                    print(f"         {finding.severity} {finding.kind}: {finding.text}", flush=True)
    for (harmless, kind), each in rows.items():
        print(f"{'harmless, ' if harmless else ''}{kind}: {sum(t.right for t in each)} of {len(each)}")
    faults, alarms = (
        [t for k, each in rows.items() if k[0] is harmless for t in each] for harmless in (False, True)
    )
    told_faults, raised = sum(t.right for t in faults), sum(not t.right for t in alarms)
    print(
        f"{told_faults} of {len(faults)} faults are told; {raised} of {len(alarms)} harmless edits raise an alarm"
    )
    return int(told_faults < 0.96 * len(faults) or raised > 0.03 * len(alarms))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
