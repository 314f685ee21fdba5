"""The strength of the encodings: `make mutants`, or `python -m tests.support.faults.mutants [FILE ...]`.

Each mutant of a trial file has one thing changed. It is killed if some labelled patient then gets another answer than the label says, or
some patient of the example sheet of the unchanged file another than before. One that does not load is stillborn; one that provably admits
the same patients to every cohort, under every reading, is equivalent; neither counts. The rest survive: nothing would notice such a
slip, so that a case is missing, or a reason why there can be none stands in `mutants.yaml`.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any, Literal, NamedTuple

import yaml

from solver.engine.clauses import ConditionCache
from solver.engine.witnesses.witness import REFERENCE_DAY
from solver.errors import InputError
from solver.library.files.yaml_places import Document, parse_document, read_document
from solver.library.load import default_encodings, load_library
from solver.library.models import Library, Trial
from solver.library.trial_files import compile_trial
from solver.patient.record import Context
from solver.questions.diff.admission import Everyone, admission, one_way
from solver.questions.examples.ask import examples
from tests.support.faults.jury import Bench, Probe, labelled, of_sheet
from tests.support.faults.mutations import Mutant, mutants
from tests.support.faults.slips import KINDS

EXPLAINED = Path(__file__).parents[2] / "trials" / "mutants.yaml"
ENOUGH = 95
"""The score, in percent, below which the run fails."""

Fate = Literal["stillborn", "cases", "sheet", "equivalent", "in range", "survivor", "unresolved"]
"""What became of a mutant: it does not load; a labelled case kills it; only the example sheet does; it is equivalent, or so for patients
within plausible ranges; nothing notices it; or that nothing notices it and the solver gave up on whether it is equivalent."""

KILLED: tuple[Fate, ...] = ("cases", "sheet")
ALIVE: tuple[Fate, ...] = ("in range", "survivor", "unresolved")
_SLICE = 20


class Judged(NamedTuple):
    """A mutant, what became of it, and by what: the killer's name, the ranges that an equivalence needs, or a patient."""

    mutant: Mutant
    fate: Fate
    by: str = ""


class Court:
    """Judges the mutants of one trial; `probes` are the patients with what is due of each.

    Raises `InputError` if the unchanged trial does not give what is due.
    """

    def __init__(self, library: Library, document: Document, probes: Sequence[Probe]) -> None:
        self.library, self.document = library, document
        self.trial = compile_trial(document, library)
        self.bench = Bench(library, self.trial, probes)
        self._everyone: Everyone | None = None
        misfits = [probe.name for probe in self.bench.misfits()]
        if misfits:
            message = f"{document.name}: the unchanged trial does not give the answers that are due"
            raise InputError([f"{message}: {name}" for name in misfits])

    def judged(self, mutant: Mutant) -> Judged:
        """What becomes of a mutant."""
        try:
            changed = parse_document(mutant.applied(self.document.source), self.document.name)
            trial = compile_trial(changed, self.library)
        except InputError as error:
            return Judged(mutant, "stillborn", error.problems[0])
        killer = self.bench.killer(trial, mutant.clause)
        if killer is not None:
            return Judged(mutant, "sheet" if killer.of_sheet else "cases", killer.name)
        return Judged(mutant, *self.proved(trial))

    def proved(self, trial: Trial) -> tuple[Fate, str]:
        """Whether a changed trial admits the same patients to every cohort, under every reading and whatever is open."""
        if self._everyone is None:
            self._everyone = Everyone(self.library, REFERENCE_DAY.toordinal())
        cache, needed, unresolved = ConditionCache(), dict[str, None](), False
        for context in contexts(self.trial):
            before, after = (admission(each, context, cache) for each in (self.trial, trial))
            for cohort in before:
                if before[cohort] == after[cohort]:
                    continue
                pair = {cohort: before[cohort]}, {cohort: after[cohort]}
                for first, second in (pair, pair[::-1]):
                    found = one_way(self._everyone, first, second, shown=False)
                    if found.exists:
                        return "survivor", self.patient(first, second)
                    unresolved |= found.exists is None
                    if found.exists is False:
                        ranges = one_way(self._everyone, first, second).ranges
                        needed.update(dict.fromkeys(ranges))
        if unresolved:
            return "unresolved", ""
        return ("in range", ", ".join(needed)) if needed else ("equivalent", "")

    def patient(self, first: Any, second: Any) -> str:
        """A patient whom the first admits and the second does not: the facts that matter."""
        assert self._everyone is not None
        shown = one_way(self._everyone, first, second).witness
        if shown is None:
            return ""
        (cohort,) = first
        facts = ", ".join(f"{name} {fact.text}" for name, fact in shown.record.facts.items())
        return f"cohort {cohort}: {facts}"


def contexts(trial: Trial) -> list[Context]:
    """The circumstances in which a trial may read differently: the first readings, each second one, and with every cohort closed."""
    names = [reading.id for reading in trial.readings.values() if reading.switch]
    names += [clause.secondary for clause in trial.clauses if clause.secondary]
    found = [Context(), *(Context(readings=frozenset({name})) for name in dict.fromkeys(names))]
    return [*found, Context({trial.code: frozenset()})] if trial.routed else found


# --- a run


@dataclass(frozen=True, slots=True)
class Task:
    """Some of the mutants of one file: those at these places in the list of all."""

    path: Path
    numbers: range


@cache
def _library() -> Library:
    return load_library()


@cache
def _document(path: Path) -> Document:
    return read_document(path, str(path))


@cache
def _mutants(path: Path) -> list[Mutant]:
    return mutants(_document(path), _library())


_SHEETS: dict[Path, list[Probe]] = {}


@cache
def _court(path: Path) -> Court:
    library, document = _library(), _document(path)
    probes = labelled(library, str(document.data["code"]))
    return Court(library, document, [*probes, *_SHEETS.get(path, [])])


def _sheet(path: Path) -> list[Probe]:
    library = _library()
    trial = compile_trial(_document(path), library)
    return of_sheet(examples(replace(library, trials={**library.trials, trial.code: trial}), trial))


def _begin(sheets: dict[Path, list[Probe]]) -> None:
    _SHEETS.update(sheets)


def _judge(task: Task) -> list[Judged]:
    court, found = _court(task.path), _mutants(task.path)
    return [court.judged(found[number]) for number in task.numbers]


def judged(
    paths: Sequence[Path], *, processes: int = 1, sheets: bool = True, progress: bool = False
) -> dict[Path, list[Judged]]:
    """What becomes of every mutant of each file, in the order of the file; the same for any number of processes.

    Without `sheets` only the labelled cases can kill. Raises `InputError` for a file that cannot be read.
    """
    tasks = []
    for path in paths:
        compile_trial(_document(path), _library())
        count = len(_mutants(path))
        tasks += [Task(path, range(n, min(n + _SLICE, count))) for n in range(0, count, _SLICE)]
    found: dict[Path, list[Judged]] = {path: [] for path in paths}
    with ProcessPoolExecutor(processes) as pool:
        drawn = dict(zip(paths, pool.map(_sheet, paths), strict=True)) if sheets else {}
    with ProcessPoolExecutor(processes, initializer=_begin, initargs=(drawn,)) as pool:
        started = monotonic()
        for task, part in zip(tasks, pool.map(_judge, tasks), strict=True):
            found[task.path] += part
            if progress:
                done = sum(map(len, found.values()))
                print(f"{done:>6} mutants, {monotonic() - started:.0f} s", file=sys.stderr)
    return found


def score(found: Iterable[Judged], killed: Sequence[Fate] = KILLED) -> float:
    """The share of killed mutants among those that count, in percent."""
    fates = Counter(each.fate for each in found)
    counted = sum(fates.values()) - fates["stillborn"] - fates["equivalent"]
    return 100 * sum(fates[fate] for fate in killed) / counted if counted else 100.0


def explanations(path: Path) -> dict[str, str]:
    """Why a mutant that survives cannot be killed, by its name."""
    entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    return {name: entry["reason"] for entry in entries for name in entry["mutants"]}


_COLUMNS: tuple[tuple[str, tuple[Fate, ...]], ...] = (
    ("stillborn", ("stillborn",)),
    ("equivalent", ("equivalent",)),
    ("cases", ("cases",)),
    ("sheet", ("sheet",)),
    ("survive", ALIVE),
)


def table(rows: Mapping[str, Sequence[Judged]]) -> Iterator[str]:
    """The lines of a table: for each row how many mutants there are, what became of them, and the score."""
    heads = ["", "mutants", *(name for name, _ in _COLUMNS), "score", "by cases alone"]
    yield f"{heads[0]:<20}" + "".join(f"{head:>{max(11, len(head) + 2)}}" for head in heads[1:])
    for name, found in rows.items():
        counts = [sum(each.fate in fates for each in found) for _, fates in _COLUMNS]
        scores = f"{score(found):>9.1f} %{score(found, KILLED[:1]):>14.1f} %"
        yield f"{name:<20}" + "".join(f"{count:>11}" for count in [len(found), *counts]) + scores


def report(found: Mapping[Path, Sequence[Judged]], explained: Mapping[str, str]) -> Iterator[str]:
    """What is printed of a run."""
    every = [each for part in found.values() for each in part]
    yield from table({path.name: part for path, part in found.items()})
    yield ""
    kinds: dict[str, list[Judged]]
    kinds = {kind: [each for each in every if each.mutant.edit.kind == kind] for kind in KINDS}
    second = [each for each in every if each.mutant.reading]
    yield from table({**kinds, "second readings": second, "all": every})
    for path, part in found.items():
        for each in part:
            if each.fate in ALIVE:
                mutant = each.mutant
                yield ""
                yield f"{path.name}:{mutant.line}:{mutant.column}: {mutant.name}"
                yield f"    {explained.get(mutant.name) or _open(each)}"


def _open(judged: Judged) -> str:
    match judged.fate:
        case "in range":
            return f"not explained: the same for everyone within plausible ranges ({judged.by})"
        case "unresolved":
            return "not explained: the solver gave up on whether anyone is judged otherwise"
        case _:
            return f"not explained: {judged.by or 'no patient was found within the budget'}"


def main(arguments: list[str] | None = None) -> int:
    """Judge every mutant and print what survives; 1 if the score is too low or a survivor is not explained, 2 for a wrong file."""
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument(
        "files", nargs="*", type=Path, help="trial files; without any, those of the encodings"
    )
    parser.add_argument("--trial", action="append", help="only the trial with this code; may be repeated")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--all", action="store_true", help="tell what became of each mutant")
    parser.add_argument("--without-sheet", action="store_true", help="let the labelled cases alone kill")
    given = parser.parse_args(arguments)
    paths = given.files or sorted((default_encodings() / "trials").glob("*.yaml"))
    try:
        if given.trial:
            paths = [path for path in paths if _document(path).data.get("code") in given.trial]
        found = judged(paths, processes=given.processes, sheets=not given.without_sheet, progress=True)
    except InputError as error:
        print("\n".join(error.problems), file=sys.stderr)
        return 2
    if given.all:
        for path, part in found.items():
            for mutant, fate, by in part:
                print(f"{path.name}:{mutant.line}:{mutant.column}: {mutant.name}: {fate} {by}".rstrip())
        print()
    explained = explanations(EXPLAINED)
    print("\n".join(report(found, explained)))
    every = [each for part in found.values() for each in part]
    alive = {each.mutant.name for each in every if each.fate in ALIVE}
    asked = {each.mutant.name for each in every}
    stale = [name for name in explained if name in asked - alive]
    for name in stale:
        print(f"{EXPLAINED.name}: does not survive any more, take it out: {name}")
    return 0 if score(every) >= ENOUGH and not stale and alive <= explained.keys() else 1


if __name__ == "__main__":
    sys.exit(main())
