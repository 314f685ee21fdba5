"""Deciding sets in invented worlds in which looking beside completions could go wrong, or go on for too long."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from solver.library.load import load_library
from solver.matcher import Matcher
from solver.patient.readers.native.read import read_record
from solver.work import Budget

TRIAL = """\
trial: NCT00000001
code: T
title: Invented
intervention: none
recruitment: unknown
criteria: full
sources: [{id: S, text: Invented}]
cohorts:
  A: {label: First}
  B: {label: Second}
clauses:
"""

CAPPED = (
    ["va: boolean", "vp: boolean", "vr: boolean", "vs: boolean", "vx: integer, plausible: 0 <= vx <= 100"],
    "not vp implies vr and not vs",
    ["require: va", "cohorts: [A], require: vp", "cohorts: [B], require: vp and (vx >= 60 or vx < 60)"],
    [("va", "vp")],
)
"""Where the first cohort has a text beside its logic, an answer can be open on a completion; of no patient it is `vx` that decides."""

LINKED = (
    [
        *(f"{name}: boolean" for name in ("f0", "f1", "f2", "f3", "h1", "h2")),
        *(f"{name}: integer, plausible: 0 <= {name} <= 4" for name in ("n1", "n2")),
        *(f"{name}: quantity, unit: kg, plausible: 1 kg <= {name} <= 10 kg" for name in ("q1", "q2", "q3")),
        "kind: enumeration, values: [aa, bb, cc]",
    ],
    "q1 + q2 == 2 * q3",
    [
        'require: "(if not (f0 and q3 <= q2) then (if n1 <= 3 then f3 else n1 + n2 >= 4) else f1)"',
        'require: "(q1 <= q2 and f3) or (if f3 then kind != bb else q2 < q3)"',
        "require: n2 >= 3",
    ],
    None,
)
"""An equation links three numbers, of which any two give the third."""


def matched(folder: Path, world: tuple[list[str], str, list[str], object], **how: Any) -> object:
    """The deciding sets of the trial for a patient of whom nothing is known, and whether they are all."""
    variables, law, clauses, _ = world
    texts = {
        "vocabulary": "variables:\n"
        + "".join(
            f"  - {{name: {name}, type: {rest}, label: {name}, about: ., changes: treat}}\n"
            for name, _, rest in (each.partition(": ") for each in variables)
        ),
        "theory": f'axioms:\n  - {{id: T1, label: A law, source: S, require: "{law}"}}\n',
        "trials": TRIAL
        + "".join(
            f"  - {{id: I{i}, label: A clause, source: S, class: objective, changes: never, {clause}}}\n"
            for i, clause in enumerate([*clauses, "cohorts: [A], opaque: some text"])
        ),
    }
    for kind, text in texts.items():
        (folder / kind).mkdir(exist_ok=True)
        (folder / kind / "invented.yaml").write_text(text)
    library = load_library(folder)
    [trial] = Matcher(library, **how).match(read_record({"as_of": "2025-06-01", "facts": {}}, library)).trials
    return trial.deciding_sets, trial.complete.deciding_sets


@pytest.mark.parametrize("world", [CAPPED, LINKED], ids=["capped", "linked"])
def test_deciding_sets_are_those_that_the_solver_finds(
    tmp_path: Path, world: tuple[list[str], str, list[str], object]
) -> None:
    """Minimal and all there are, whether completions are looked at first or not."""
    found = matched(tmp_path, world, budget=Budget(work=500_000))
    assert found == matched(tmp_path, world, search=False)
    assert found[1] is True  # type: ignore[index]
    if world[3] is not None:
        assert found[0] == tuple(world[3])  # type: ignore[index, arg-type]
