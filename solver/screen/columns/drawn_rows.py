"""Completions of some rows of a table: what is recorded, with the empty cells filled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from solver.language.types import DateType, EnumerationType, QuantityType
from solver.screen.columns.column_program import ColumnProgram, LinkedGroup, Slots
from solver.screen.columns.column_values import ColumnValues, Truth, all_of, chosen, sure
from solver.screen.columns.narrowed import Narrowed, plain
from solver.screen.columns.recorded_columns import RecordedColumns

_TRIED = 5
"""So many values are tried in an empty cell."""


_CHANGED = 8
"""So many values of a number are tried in place of that of a completion."""


class RowsLeft:
    """Some rows of what is recorded."""

    def __init__(self, recorded: RecordedColumns, places: Any) -> None:
        import polars as pl

        self.columns = dict(pl.DataFrame(recorded.columns)[places].to_dict())
        self.day = recorded.day if isinstance(recorded.day, int) else recorded.day.gather(places)
        self.height = len(places)

    def filled(
        self,
        drawn: Sequence[Mapping[str, Any]],
        fixed: Mapping[str, Truth],
        program: ColumnProgram,
        narrowed: Narrowed,
    ) -> dict[str, Any]:
        """The columns with empty cells filled as in the first of some completions, but for the numbers that an equation fixes there.

        Where a cell cannot have that value, it has that of the next which it can have, or a number at or between limits.
        """
        import polars as pl

        variables = program.library.variables
        found: dict[str, Any] = dict(self.columns)
        with_gaps, gaps = dict[str, Any](), dict[str, Any]()
        for name, value in drawn[0].items():
            column, rows = self.columns.get(name), fixed.get(name, False)
            if value is None or rows is True:
                continue
            is_day = isinstance(variables[name].type, DateType)
            values = [value]
            if not is_day and narrowed.of(name):
                told = (each[name] for each in drawn if each[name] is not None)
                first = list(dict.fromkeys(told))[:_TRIED]
                values = list(dict.fromkeys([*first, *program.telling.get(name, ())]))
            if column is None:
                whole = self.day + value if is_day else value
                if len(values) > 1:
                    whole = pl.select(narrowed.fitting(name, values)).to_series()
                found[name] = whole if rows is False else _unless(rows, whole, variables[name].type)
            elif column.null_count():
                with_gaps[name] = column
                fill = pl.lit(self.day) + value if is_day else narrowed.fitting(name, values)
                gap = pl.col(name).fill_null(fill.cast(column.dtype))
                gaps[name] = gap if rows is False else pl.when(~rows).then(gap)
        if with_gaps:
            filled_in = pl.DataFrame(with_gaps).select(each.alias(name) for name, each in gaps.items())
            found.update(filled_in.to_dict())
        return found


def _unless(rows: Any, value: Any, kind: Any) -> Any:
    """A column of a quantity that is null in some rows."""
    plain = float(value) if isinstance(value, Fraction) and isinstance(kind, QuantityType) else value
    return chosen(rows, None, plain)


class DrawnRows:
    """Completions of some rows, each worked out when it is asked for; `drawn` are values for empty cells, `base` what is recorded."""

    def __init__(
        self,
        program: ColumnProgram,
        drawn: Sequence[Mapping[str, Any]],
        part: RowsLeft,
        base: ColumnValues,
        fixed: Mapping[str, Truth],
        narrowed: Narrowed,
    ) -> None:
        self._program, self._drawn, self._part, self._base = program, drawn, part, base
        self._fixed, self._narrowed = fixed, narrowed
        self._columns: dict[int, dict[str, Any]] = {}
        self._slots: dict[int, Slots] = {}
        self._agreeing: dict[tuple[int, int], Any] = {}

    def columns(self, k: int) -> dict[str, Any]:
        """The columns filled as in one completion."""
        if k not in self._columns:
            drawn = [*self._drawn[k:], *self._drawn[:k]]
            self._columns[k] = self._part.filled(drawn, self._fixed, self._program, self._narrowed)
        return self._columns[k]

    def slots(self, k: int) -> Slots:
        """What one completion says."""
        if k not in self._slots:
            values = self._base.with_columns(self.columns(k))
            self._slots[k] = self._program.evaluated(values, self._fixed)
        return self._slots[k]

    def forget(self) -> None:
        """Forget what was worked out."""
        for kept in (self._columns, self._slots, self._agreeing):
            kept.clear()

    def agreeing(self, place: int, group: LinkedGroup, k: int) -> Any:
        """In which rows the axioms of a group hold in one completion."""
        key = place, k
        if key not in self._agreeing:
            self._agreeing[key] = self._agree(self.slots(k), group)
        return self._agreeing[key]

    def composed(self, order: Sequence[int]) -> Slots:
        """What a completion made of several says: each group of variables is as in the first of them in which its axioms hold."""
        first = self.columns(order[0])
        found = dict(first)
        for place, group in enumerate(self._program.groups):
            left = ~self.agreeing(place, group, order[0])
            for k in order[1:]:
                if not left.any():
                    break
                rows = left & self.agreeing(place, group, k)
                if rows.any():
                    columns = self.columns(k)
                    for name in group.names:
                        one, other = found.get(name), columns.get(name)
                        if one is not other:
                            found[name] = chosen(rows, plain(other), plain(one))
                    left = left & ~rows
        if all(found[name] is first[name] for name in found.keys() & first.keys()):
            return self.slots(order[0])
        return self._program.evaluated(self._base.with_columns(found), self._fixed)

    def changed(self, completed: Slots, names: Iterable[str]) -> Iterator[tuple[str, Slots, Any]]:
        """What a completion says with another value of one variable, where none is recorded, for each that it has in some completion.

        With it, in which rows that agrees with the theory; none for a value with which no row does.
        """
        groups = self._program.groups
        places = {name: place for place, group in enumerate(groups) for name in group.names}
        agreeing = [self._agree(completed, group) for group in groups]
        for name in sorted(names):
            column, gaps = completed.values.columns.get(name), self._base.is_null(name)
            if column is None or gaps is False or self._fixed.get(name, False) is not False:
                continue
            own = places.get(name)
            rest = sure(
                all_of(each for place, each in enumerate(agreeing) if place != own), self._part.height
            )
            if not rest.any():
                continue
            for value in self._values(name):
                whole = self._part.day + value if self._is_day(name) else value
                other = whole if gaps is True else chosen(gaps, plain(whole), plain(column))
                slots = completed.with_column(name, other)
                agrees = rest if own is None else rest & self._agree(slots, groups[own])
                if agrees.any():
                    yield name, slots, agrees

    def _agree(self, slots: Slots, group: LinkedGroup) -> Any:
        return sure(slots.holds(group.axioms, self._base), self._part.height)

    def _values(self, name: str) -> list[Any]:
        """The values that are tried; of an enumeration one of those that no condition tells apart."""
        kind = self._program.library.variables[name].type
        if isinstance(kind, EnumerationType):
            members = [wanted for _, wanted in self._program.program.members.get(name, ())]
            alike = {tuple(value in wanted for wanted in members): value for value in kind.values}
            return list(alike.values())
        drawn = (each[name] for each in self._drawn if each.get(name) is not None)
        return list(dict.fromkeys(drawn))[:_CHANGED]

    def _is_day(self, name: str) -> bool:
        return isinstance(self._program.library.variables[name].type, DateType)
