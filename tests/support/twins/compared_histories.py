"""The engine against the twin of histories: random trees, records and clauses, of which everything must agree.

python -m tests.support.twins.compared_histories --situations 20000 --processes 2
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from solver import Matcher
from solver.library.load import load_library
from solver.library.models import Library
from solver.patient.readers.native.read import read_record
from tests.support.twins.histories import Situation, drawn

VOCABULARY: dict[str, Any] = {
    "variables": [
        {
            "name": "planned",
            "type": "date",
            "absent": "as_of",
            "requested": False,
            "label": "planned first dose",
            "changes": "time",
            "about": "Planned.",
        }
    ]
}

THEORY: dict[str, Any] = {
    "definitions": [
        {
            "name": "first_dose",
            "label": "first dose",
            "is": "if planned > as_of then planned else as_of",
            "source": "nobody",
            "about": "First dose.",
        }
    ]
}


def library_of(situation: Situation) -> Library:
    """The library of a situation, compiled from files."""
    trial = {
        "trial": "NCT00000001",
        "code": "T",
        "title": "Twin",
        "intervention": "none",
        "recruitment": "recruiting",
        "criteria": "full",
        "sources": [],
        "cohorts": {"A": {"label": "All"}},
        "clauses": [
            {
                "id": f"I{i}",
                "label": f"Clause {i}",
                "source": "nobody",
                "class": "objective",
                "changes": "time",
                "require": clause.text,
            }
            for i, clause in enumerate(situation.clauses)
        ],
    }
    with TemporaryDirectory() as base:
        folder = Path(base)
        files = {"concepts": situation.concepts_file(), "theory": THEORY, "trials": trial}
        for name, content in (*files.items(), ("vocabulary", situation.vocabulary(VOCABULARY))):
            (folder / name).mkdir()
            (folder / name / "all.yaml").write_text(json.dumps(content), encoding="utf-8")
        return load_library(folder, cached=False)


def answered(situation: Situation, *, search: bool = True) -> dict[str, Any]:
    """What the engine answers, in the form of the twin."""
    library = library_of(situation)
    record = read_record(situation.record(), library, name="twin")
    answer = Matcher(library, search=search).match(record)
    trial = answer.trials[0]
    return {
        "contradictions": answer.contradictions,
        "verdict": trial.verdict,
        "conflicts": trial.conflicts,
        "deciding_sets": trial.deciding_sets,
        "clauses": {clause.id: clause.status for clause in trial.clauses},
    }


def differences(situation: Situation, *, search: bool = True) -> dict[str, tuple[Any, Any]]:
    """What engine and twin answer differently, the engine's answer first."""
    mine, wanted = answered(situation, search=search), situation.answer()
    return {key: (mine[key], wanted[key]) for key in wanted if mine[key] != wanted[key]}


def compared(seed: int, *, search: bool = True) -> tuple[int, str, dict[str, tuple[Any, Any]]]:
    """A seed, the verdict on it, and the differences."""
    situation = drawn(seed)
    mine, wanted = answered(situation, search=search), situation.answer()
    return seed, wanted["verdict"], {k: (mine[k], wanted[k]) for k in wanted if mine[k] != wanted[k]}


def told(seed: int, found: dict[str, tuple[Any, Any]]) -> Iterator[str]:
    """A situation with its differences, as lines."""
    situation = drawn(seed)
    yield f"seed {seed}"
    yield f"  tree: {json.dumps(situation.concepts_file()['concepts'])}"
    yield f"  record: {json.dumps(situation.record())}"
    yield from (f"  clause: {clause.text}" for clause in situation.clauses)
    yield from (f"  {key}: engine {mine}, twin {twin}" for key, (mine, twin) in found.items())


def main() -> int:
    """Compare as many situations as asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--situations", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--solver", action="store_true", help="ask the solver everything")
    given = parser.parse_args()
    seeds = range(given.first, given.first + given.situations)
    verdicts, wrong = Counter[str](), 0
    ask = partial(compared, search=not given.solver)
    with ProcessPoolExecutor(given.processes) as pool:
        for seed, verdict, found in pool.map(ask, seeds, chunksize=8):
            verdicts[verdict] += 1
            if found:
                wrong += 1
                print("\n".join(told(seed, found)), flush=True)
    print(f"{sum(verdicts.values())} situations, {wrong} with differences: {dict(verdicts)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
