"""Measure how the time of `match screen --reasons clauses` grows with patients, trials, clauses and missing facts, and draw it.

python benchmarks/growth.py [OUT.svg]

Processor time on invented tables, each point the least of some runs; a line is drawn through the measured points, beside a dashed straight
one through the first and the last. Without OUT it prints the figures alone.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from cohort_tables import patients  # noqa: E402
from screen import SEED, known_to_all, processor_time  # noqa: E402

from solver.engine.case import Engine  # noqa: E402
from solver.library.load import load_library  # noqa: E402
from solver.screen.cohort import CohortReading  # noqa: E402
from solver.screen.output_rows import ScreenQuestion  # noqa: E402
from solver.screen.run import ScreenRun  # noqa: E402

ROUNDS, USUAL, MISSING = 3, 20_000, 0.1
_WIDTH, _HEIGHT, _LEFT, _STEP = 400, 200, 70, 300


class Curve(NamedTuple):
    """Seconds by what grows."""

    title: str
    points: Sequence[tuple[float, float]]


def seconds(engine: Engine, trials: Sequence[str], count: int, missing: float = MISSING) -> float:
    """The time of screening so many patients for trials."""
    with tempfile.TemporaryDirectory() as folder:
        cohort, out = Path(folder) / "cohort.parquet", Path(folder) / "out.parquet"
        known_to_all(patients(engine.library, count, SEED, missing=missing)).write_parquet(cohort)

        def screen() -> None:
            asked = ScreenQuestion(tuple(trials), None, None, "clauses")
            for _ in ScreenRun(engine, asked, [str(cohort)], CohortReading(), 1_000, 1).blocks(out):
                pass

        return processor_time(screen, ROUNDS)


def curves(engine: Engine) -> Iterator[Curve]:
    """What is measured."""
    codes = sorted(engine.library.trials)
    clauses = [clause.id for clause in engine.library.trials["UC"].clauses]
    yield _curve("patients", (10_000, 50_000, 100_000, 200_000), lambda n: seconds(engine, ["UC"], int(n)))
    yield _curve(
        "trials", range(1, len(codes) + 1), lambda n: seconds(engine, codes[: int(n)], USUAL, missing=0)
    )
    yield _curve(
        "clauses",
        range(5, len(clauses) + 1, 5),
        lambda n: seconds(engine.leaving_out(clauses[int(n) :]), ["UC"], USUAL),
    )
    yield _curve(
        "percent of the facts missing",
        (0, 5, 10, 20, 30),
        lambda share: seconds(engine, ["UC"], USUAL // 4, share / 100),
    )


def _curve(title: str, steps: Sequence[float], measured: Callable[[float], float]) -> Curve:
    return Curve(title, [(step, measured(step)) for step in steps])


def drawing(found: Sequence[Curve]) -> str:
    """The curves one below the other, as SVG, readable without colour."""
    height = _STEP * len(found) + 20
    parts = [part for place, curve in enumerate(found) for part in _drawn(curve, _STEP * place + 40)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH + 200}" height="{height}" role="img" '
        f'font-family="sans-serif" font-size="12"><title>Time of match screen by what grows</title>'
        f'<rect width="100%" height="100%" fill="white"/>{"".join(parts)}</svg>\n'
    )


def _drawn(curve: Curve, top: int) -> Iterator[str]:
    least, most = curve.points[0][0], curve.points[-1][0]
    longest = max(time for _, time in curve.points)
    places = [
        (
            round(_LEFT + _WIDTH * (step - least) / (most - least), 1),
            round(top + _HEIGHT * (1 - time / longest), 1),
        )
        for step, time in curve.points
    ]
    yield f'<text x="10" y="{top - 16}" font-size="14">{escape(f"Seconds by {curve.title}")}</text>'
    bottom = top + _HEIGHT
    yield f'<line x1="{_LEFT}" y1="{bottom}" x2="{_LEFT + _WIDTH}" y2="{bottom}" stroke="black"/>'
    (x, y), (last_x, last_y) = places[0], places[-1]
    yield f'<line x1="{x}" y1="{y}" x2="{last_x}" y2="{last_y}" stroke="black" stroke-dasharray="4"/>'
    for (one_x, one_y), (other_x, other_y) in pairwise(places):
        yield f'<line x1="{one_x}" y1="{one_y}" x2="{other_x}" y2="{other_y}" stroke="black" stroke-width="2"/>'
    for (step, time), (at, level) in zip(curve.points, places, strict=True):
        yield f'<circle cx="{at}" cy="{level}" r="3"/><text x="{at + 6}" y="{level + 14}">{time:.2f}</text>'
        yield f'<text x="{at}" y="{bottom + 16}" text-anchor="middle">{step:,g}</text>'


def main(out: str | None) -> None:
    """Measure, print, and draw."""
    found = list(curves(Engine(load_library())))
    for curve in found:
        told = ", ".join(f"{step:,g}: {time:.2f} s" for step, time in curve.points)
        print(f"screen --reasons clauses by {curve.title}: {told}")
    if out is not None:
        Path(out).write_text(drawing(found), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
