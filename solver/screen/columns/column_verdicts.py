"""The verdicts of many rows at once, as far as columns show them.

What is certain of the recorded values is so of the row, if the row agrees with the theory: where it does not say so itself, some completion
must. Two completions, columns whose empty cells are filled, show a row undetermined. They are drawn once for a batch, and each row is shown
by those which agree with the theory in that row. Rows that are left are judged by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from solver import work
from solver.engine.case import Engine
from solver.engine.problem import pose
from solver.language.types import DateType, QuantityType
from solver.library.models import Trial
from solver.patient.record import Context, Record
from solver.program.trial_forms import TrialForm
from solver.program.witnesses import witnesses
from solver.screen.columns.column_program import A_DAY, ColumnProgram, LinkedGroup, Slots, column_program
from solver.screen.columns.column_values import ColumnValues, Truth, all_of, chosen, negated
from solver.screen.columns.recorded_columns import RecordedColumns, filled

_COMPLETIONS = 24
"""How many completions are drawn."""

_STEP = 3
"""Every so many of them one begins the order in which they are tried."""

_ROUNDS = 3
"""How often what is forced is looked at again."""

ELIGIBLE, INELIGIBLE, UNDETERMINED = "eligible", "ineligible", "undetermined"


class ColumnJudge:
    """Judges the rows of tables in columns, for an engine, trials and a context."""

    def __init__(self, engine: Engine, trials: Sequence[Trial], context: Context) -> None:
        self._engine, self._trials, self._context = engine, trials, context

    @cached_property
    def program(self) -> ColumnProgram | None:
        """What columns are asked; None where rows are judged by themselves."""
        return column_program(self._engine, self._trials, self._context)

    def verdicts(self, recorded: RecordedColumns) -> list[Any]:
        """For each trial a column of verdicts, null in the rows that are to be judged by themselves."""
        assert self.program is not None
        program = self.program
        base = self._values(recorded.columns, recorded.day)
        slots = program.evaluated(base, program.fixed(base))
        agrees = slots.holds(program.axioms, base)
        sure = [
            _verdict(slots.fits(form, shown=True), slots.fits(form, shown=False), agrees, recorded.clean)
            for form in program.forms
        ]
        left = recorded.clean & _any_null(sure)
        if left.any():
            self._complete(recorded, left, sure)
        return sure

    def _values(self, columns: Mapping[str, Any], day: Any) -> ColumnValues:
        assert self.program is not None
        return ColumnValues(columns, self._types, self.program.most, day)

    @cached_property
    def _types(self) -> dict[str, Any]:
        return {name: variable.type for name, variable in self._engine.library.variables.items()}

    def _complete(self, recorded: RecordedColumns, left: Any, sure: list[Any]) -> None:
        """Fill in the verdicts that completions show."""
        program = self.program
        assert program is not None
        places = left.arg_true()
        part = _Part(recorded, places)
        base = self._values(part.columns, part.day)
        fixed = program.fixed(base)
        self._force(part, fixed)
        slots = program.evaluated(self._values(part.columns, part.day), fixed)
        shown = [_Shown(part.height, form, slots) for form in program.forms]
        agreed = _sure(slots.holds(program.axioms, base), part.height)
        drawn = [part.filled(fills, fixed, self._types) for fills in self._drawn]
        fitting = self._agreeing(drawn, part, base, fixed)
        for order in _orders(len(drawn)):
            columns = _composed(drawn, fitting, order, program.groups)
            found = program.evaluated(self._values(columns, part.day), fixed)
            agrees = _sure(found.holds(program.axioms, base), part.height)
            agreed = agreed | agrees
            for each in shown:
                each.add(found, agrees)
            if all(each.done(agreed) for each in shown):
                break
        for i, each in enumerate(shown):
            sure[i] = sure[i].clone().scatter(places, each.verdicts(agreed))

    def _force(self, part: _Part, fixed: Mapping[str, Truth]) -> None:
        """Put into empty cells what the theory forces there."""
        program = self.program
        assert program is not None
        for _ in range(_ROUNDS):
            slots, changed = program.evaluated(self._values(part.columns, part.day), fixed), False
            for forcing in program.forcings:
                column = part.columns.get(forcing.name)
                if column is not None and not column.null_count():
                    continue
                rows = _sure(all_of(map(slots.literal, forcing.literals)), part.height)
                if column is not None:
                    rows = rows & column.is_null()
                if rows.any():
                    part.columns[forcing.name] = chosen(rows, forcing.value, column)
                    changed = True
            if not changed:
                return

    def _agreeing(
        self, drawn: Sequence[Mapping[str, Any]], part: _Part, base: ColumnValues, fixed: Mapping[str, Truth]
    ) -> list[list[Any]]:
        """For each group of variables, and each completion, in which rows its axioms hold."""
        program = self.program
        assert program is not None
        found: list[list[Any]] = [[] for _ in program.groups]
        for columns in drawn:
            slots = program.evaluated(self._values(columns, part.day), fixed)
            for group, agreeing in zip(program.groups, found, strict=True):
                agreeing.append(_sure(slots.holds(group.axioms, base), part.height))
        return found

    @cached_property
    def _drawn(self) -> list[Mapping[str, Any]]:
        """Completions of a record that says nothing, as values for empty cells."""
        program = self.program
        assert program is not None
        variables, names = self._engine.library.variables, program.program.variables()
        with work.uncounted(0):
            problem = pose(self._engine.library, Record("", A_DAY, {}, self._context))
            drawn = witnesses(problem, program.candidates, names, _COMPLETIONS)
        return [
            {name: filled(world[name], variables[name]) for name in sorted(names & variables.keys())}
            for world in drawn
        ]


def _verdict(shown: Truth, some: Truth, agrees: Truth, clean: Any) -> Any:
    """The verdicts that are certain, from whether a row fits a cohort that can be shown to fit, and any."""
    import polars as pl

    height = len(clean)
    sound = clean & _sure(agrees, height)
    eligible, out = _sure(shown, height), _sure(negated(some), height)
    return pl.select(
        pl.when(sound & eligible)
        .then(pl.lit(ELIGIBLE))
        .when(sound & out)
        .then(pl.lit(INELIGIBLE))
        .otherwise(pl.lit(None, dtype=pl.String))
    ).to_series()


def _orders(count: int) -> Iterator[list[int]]:
    """In which order the completions are tried for each group of variables: each order makes one completion of a row."""
    every = list(range(count))
    yield every
    yield [*every[1:], 0]
    for start in range(2, count, _STEP):
        yield [*every[start:], *every[:start]]


def _composed(
    drawn: Sequence[Mapping[str, Any]],
    fitting: Sequence[Sequence[Any]],
    order: Sequence[int],
    groups: Sequence[LinkedGroup],
) -> dict[str, Any]:
    """A completion made of several: each group of variables is as in the first of them in which its axioms hold."""
    found = dict(drawn[order[0]])
    for group, agreeing in zip(groups, fitting, strict=True):
        left = ~agreeing[order[0]]
        for k in order[1:]:
            if not left.any():
                break
            rows = left & agreeing[k]
            if rows.any():
                for name in group.names:
                    one, other = found.get(name), drawn[k].get(name)
                    if one is not other:
                        found[name] = chosen(rows, _plain(other), _plain(one))
                left = left & ~rows
    return found


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Fraction) else value


def _sure(value: Truth, height: int) -> Any:
    import polars as pl

    if value is None or isinstance(value, bool):
        return pl.repeat(value is True, height, dtype=pl.Boolean, eager=True)
    return value.fill_null(False)


def _any_null(columns: Sequence[Any]) -> Any:
    found = columns[0].is_null()
    for each in columns[1:]:
        found = found | each.is_null()
    return found


class _Part:
    """Some rows of what is recorded."""

    def __init__(self, recorded: RecordedColumns, places: Any) -> None:
        self.columns = {name: column.gather(places) for name, column in recorded.columns.items()}
        self.day = recorded.day if isinstance(recorded.day, int) else recorded.day.gather(places)
        self.height = len(places)

    def filled(
        self, fills: Mapping[str, Any], fixed: Mapping[str, Truth], types: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The columns with empty cells filled, but for the numbers that an equation fixes there."""
        found = dict(self.columns)
        for name, value in fills.items():
            column, rows = self.columns.get(name), fixed.get(name, False)
            if value is None or rows is True:
                continue
            if isinstance(types[name], DateType):
                value = self.day + value
            if column is None:
                found[name] = value if rows is False else _unless(rows, value, types[name])
                continue
            if not column.null_count():
                continue
            whole = column.fill_null(float(value) if isinstance(value, Fraction) else value)
            found[name] = whole if rows is False else _unless(rows, whole, types[name])
        return found


def _unless(rows: Any, value: Any, kind: Any) -> Any:
    """A column of a quantity that is null in some rows."""
    plain = float(value) if isinstance(value, Fraction) and isinstance(kind, QuantityType) else value
    return chosen(rows, None, plain)


class _Shown:
    """What completions have shown of one trial, row by row."""

    def __init__(self, height: int, form: TrialForm, slots: Slots) -> None:
        self._form, self._height = form, height
        self._eligible = _sure(slots.fits(form, shown=True), height)
        self._out = _sure(negated(slots.fits(form, shown=False)), height)
        self._fits = self._fails = _sure(False, height)

    def add(self, slots: Slots, agrees: Any) -> None:
        """What one more completion shows, in the rows in which it agrees with the theory."""
        fits, fails = slots.fits(self._form, shown=False), negated(slots.fits(self._form, shown=True))
        self._fits = self._fits | (agrees & _sure(fits, self._height))
        self._fails = self._fails | (agrees & _sure(fails, self._height))

    def done(self, agreed: Any) -> bool:
        """Whether every row is shown."""
        sure = agreed & (self._eligible | self._out)
        return bool((sure | (self._fits & self._fails)).all())

    def verdicts(self, agreed: Any) -> Any:
        """The verdict of each row, null where none is shown."""
        import polars as pl

        return pl.select(
            pl.when(agreed & self._eligible)
            .then(pl.lit(ELIGIBLE))
            .when(agreed & self._out)
            .then(pl.lit(INELIGIBLE))
            .when(self._fits & self._fails)
            .then(pl.lit(UNDETERMINED))
            .otherwise(pl.lit(None, dtype=pl.String))
        ).to_series()
