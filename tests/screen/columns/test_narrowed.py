"""What the theory forces of values that are not recorded is what the closure of a record says of them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from solver.engine.case import Engine
from solver.engine.problem import pose
from solver.language import tree as t
from solver.language.types import BooleanType, DateType, EnumerationType, IntegerType
from solver.library.models import Library
from solver.patient.readers.native.read import record_from
from solver.patient.record import Context
from solver.program.slots import FlatProgram, Limits
from solver.screen.columns.column_verdicts import ColumnJudge
from solver.screen.columns.drawn_rows import RowsLeft
from solver.screen.columns.forcings import ColumnAxiom, linked_limits
from solver.screen.columns.narrowed import Narrowed
from solver.screen.columns.recorded_columns import recorded_columns
from solver.screen.table_columns import table_columns

pl = pytest.importorskip("polars")
from cohort_tables import patients  # noqa: E402 - it needs Polars


def number(name: str) -> t.NumberVariable:
    """A quantity."""
    return t.NumberVariable(name, "real")


def limit(name: str, cut: int) -> t.Compare:
    """That it is at most so much."""
    return t.Compare("<=", number(name), t.Constant(Fraction(cut)))


def test_a_limit_of_one_number_is_one_of_what_is_compared_with_it() -> None:
    """Of `a <= b` follows for each limit of either that b below it has a below it."""
    program = FlatProgram()
    for each in (limit("a", 3), limit("b", 5)):
        program.literal(each)
    [first, second] = linked_limits(program, [t.Compare("<=", number("a"), number("b"))])
    expected = [
        ColumnAxiom(program.literal(t.disjunction((t.Not(limit("b", cut)), limit("a", cut)))), ())
        for cut in (3, 5)
    ]
    assert [first, second] == expected
    assert linked_limits(program, [limit("a", 3)]) == []


@pytest.mark.parametrize(
    ("count", "seed"),
    [pytest.param(40, 1, id="some"), pytest.param(1_000, 2, id="many", marks=pytest.mark.slow)],
)
def test_what_is_forced_is_so_in_every_completion(library: Library, count: int, seed: int) -> None:
    """No completion has another value, or stands on the other side of a limit."""
    engine, random = Engine(library), Random(seed)
    judge = ColumnJudge(engine, list(library.trials.values()), Context())
    frame = patients(library, count, seed, missing=0.4)
    table = table_columns(frame.columns, library, "table", ignore=True)
    program = judge.program
    assert program is not None
    recorded = recorded_columns(frame, table, program, None)
    assert recorded is not None
    part = RowsLeft(recorded, pl.int_range(count, eager=True))
    base = judge.values(dict(part.columns), part.day)
    narrowed = judge.narrowed(part.columns, part.height, base, program.fixed(base))
    forced = 0
    for place in random.sample(range(count), min(count, 100)):
        row = frame.row(place, named=True)
        record = record_from(table.document(row, "row"), library, name="row", as_of=None)
        problem = pose(library, record)
        if not problem.consistent():
            continue
        for condition in forced_conditions(library, program.program, part, narrowed, row, place):
            forced += 1
            assert problem.oracle.possible([t.negation(condition)]) is None
    assert forced > count // 4


def forced_conditions(
    library: Library,
    program: FlatProgram,
    part: RowsLeft,
    narrowed: Narrowed,
    row: dict[str, Any],
    place: int,
) -> Iterator[t.Condition]:
    """What is forced of the values that a row does not record."""
    for name, variable in library.variables.items():
        if row.get(name) is not None or isinstance(variable.type, DateType):
            continue
        column = part.columns.get(name)
        value = None if column is None else column[place]
        if isinstance(variable.type, BooleanType) and value is not None:
            yield t.BooleanVariable(name) if value else t.Not(t.BooleanVariable(name))
        elif isinstance(variable.type, EnumerationType) and value is not None:
            yield t.Member(name, frozenset({value}))
        for _, wanted in program.members.get(name, ()):
            said = narrowed.member(name, wanted, None)
            if said is not None and said[place] is not None:
                yield t.Member(name, wanted) if said[place] else t.Not(t.Member(name, wanted))
        limits = program.limits.get(name, Limits())
        for cut, attained, slot in zip(limits.cuts, limits.attained, limits.slots, strict=True):
            said = narrowed.limit(slot, None)
            if said is not None and said[place] is not None:
                kind = "int" if isinstance(variable.type, IntegerType) else "real"
                compare = t.Compare(
                    "<=" if attained else "<", t.NumberVariable(name, kind), t.Constant(Fraction(cut))
                )
                yield compare if said[place] else t.Not(compare)
