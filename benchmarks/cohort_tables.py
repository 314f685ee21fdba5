"""Tables of invented patients, the same from the same seed, all of whom agree with the theory.

Variables that the theory links are drawn together, from completions of a record that says nothing; the others each for itself.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import polars as pl

from solver.engine.case import Engine
from solver.engine.problem import pose
from solver.language import domain as d
from solver.language.types import DateType, IntegerType, ListType, QuantityType
from solver.library.models import Library
from solver.patient.record import Context, Record
from solver.program.candidates import Candidates
from solver.program.slots import FlatProgram
from solver.program.trial_forms import cohorts_asking, form_of
from solver.program.witnesses import witnesses

DAY = 739_403
"""1 June 2025."""

_DRAWN = 200
_USUAL = 0.8
EPOCH = 719_163


def patients(library: Library, count: int, seed: int, *, missing: float = 0.0) -> pl.DataFrame:
    """A table of so many patients, every fact recorded but for a share that is missing, each cell by itself."""
    groups = drawn_groups(library, seed)
    columns: dict[str, Any] = {
        "id": [f"p{i}" for i in range(count)],
        "as_of": pl.repeat(DAY - EPOCH, count, dtype=pl.Int32, eager=True).cast(pl.Date),
    }
    frame = pl.DataFrame(columns)
    for i, group in enumerate(groups):
        # most values please most trials, so that not everybody is excluded by everything
        place = pl.int_range(count).shuffle(seed=seed + i)
        usual = pl.when(place % 10 < int(10 * _USUAL)).then(0).otherwise((place // 10).mod(group.height))
        places = pl.select(usual.alias("place")).to_series()
        frame = frame.hstack(group.select(pl.all().gather(places)))
    if missing:
        for i, name in enumerate(frame.columns[2:]):
            gone = pl.select(
                (pl.int_range(count).shuffle(seed=seed + 1_000 + i) < int(count * missing)).alias("gone")
            ).to_series()
            value = pl.when(~gone).then(pl.col(name))
            frame = frame.with_columns(value.alias(name))
    return frame


_kept: dict[tuple[str, int], list[pl.DataFrame]] = {}


def drawn_groups(library: Library, seed: int) -> list[pl.DataFrame]:
    """For each group of linked variables a table of values that agree with the theory."""
    key = library.digest, seed
    if key not in _kept:
        _kept[key] = _drawn_groups(library, seed)
    return _kept[key]


def _drawn_groups(library: Library, seed: int) -> list[pl.DataFrame]:
    engine = Engine(library)
    program = FlatProgram()
    forms = [form_of(engine, program, trial, Context()) for trial in library.trials.values()]
    for axiom in library.axioms:
        program.literal(axiom.condition)
    candidates = Candidates.of(program, cohorts_asking(forms))
    problem = pose(library, Record("", DAY, {}))
    names = frozenset(
        name
        for name, variable in library.variables.items()
        if not isinstance(variable.type, ListType) and not variable.drugs
    )
    worlds = witnesses(problem, candidates, names, _DRAWN)
    groups, seen = list[list[str]](), set[str]()
    for name in sorted(names):
        if name not in seen:
            group = sorted(library.linked[name] & names)
            seen.update(group)
            groups.append(group)
    random = Random(seed)
    return [_table(library, group, [worlds[0], *random.sample(worlds, len(worlds))]) for group in groups]


def _table(library: Library, names: list[str], worlds: list[d.Environment]) -> pl.DataFrame:
    columns = {}
    for name in names:
        kind = library.variables[name].type
        values = [_value(world[name], kind) for world in worlds]
        dtype = pl.Float64 if isinstance(kind, QuantityType) else None
        column = pl.Series(name, values, dtype=dtype, strict=False)
        if isinstance(kind, DateType):
            column = (column - EPOCH).cast(pl.Int32).cast(pl.Date)
        columns[name] = column
    return pl.DataFrame(columns)


def _value(domain: d.Domain, kind: object) -> Any:
    if isinstance(domain, frozenset):
        return min(domain)
    assert isinstance(domain, d.Interval)
    if isinstance(kind, DateType | IntegerType):
        return int(domain.low)
    # of an irrational one, which an equation fixes, a number beside it
    low = 0 if isinstance(domain.low, float) else domain.low
    high = low if isinstance(domain.high, float) else domain.high
    return round(float(low + high) / 2, 1)


def written(frame: pl.DataFrame, path: Path) -> Path:
    """A Parquet file of a table."""
    frame.write_parquet(path)
    return path
