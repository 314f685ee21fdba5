"""What is known of values that are not recorded, row by row: which values of an enumeration are left, and which limits of a number hold.

A status that is not recorded, and neither `untreated` nor `remission`, is `relapsed` or `refractory`: that it is one of both is true, and
that it is relapsed is open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from operator import or_
from typing import Any

from solver.language.types import EnumerationType, VariableType
from solver.program.slots import FlatProgram, Literal
from solver.screen.columns.column_values import Truth, all_of, any_of, chosen, first_told, negated, sure
from solver.screen.columns.exact_terms import GRID
from solver.screen.columns.forcings import Forcing


class Narrowed:
    """Columns of some rows, with what is forced in their empty cells; `columns` gains the values that are forced."""

    def __init__(
        self, program: FlatProgram, types: Mapping[str, VariableType], columns: dict[str, Any], height: int
    ) -> None:
        self._program, self._types, self.columns, self._height = program, types, columns, height
        self._left: dict[str, dict[str, Any]] = {}
        self._limits: dict[int, tuple[Any, Any]] = {}
        self._empty: dict[str, tuple[Any, Any]] = {}

    def take(self, forcings: Iterable[Forcing], truth: Callable[[Literal], Truth]) -> bool:
        """Take what is forced where literals are true; whether anything is new."""
        new = False
        for forcing in forcings:
            column = self.columns.get(forcing.name)
            if column is not None and not column.null_count():
                continue
            rows = sure(all_of(map(truth, forcing.literals)), self._height)
            if column is not None:
                rows = rows & self._gaps(forcing.name)
            if rows.any():
                new = self._taken(forcing, rows) or new
        return new

    def _gaps(self, name: str) -> Any:
        column, kept = self.columns[name], self._empty.get(name)
        if kept is None or kept[0] is not column:
            kept = self._empty[name] = column, column.is_null()
        return kept[1]

    def _taken(self, forcing: Forcing, rows: Any) -> bool:
        name = forcing.name
        if forcing.value is not None:
            self.columns[name] = chosen(rows, forcing.value, self.columns.get(name))
            return True
        if forcing.limit is not None:
            return self._limited(name, *forcing.limit, rows)
        kind = self._types[name]
        assert isinstance(kind, EnumerationType)
        left = self._left.setdefault(name, dict.fromkeys(kind.values, sure(True, self._height)))
        new = any((left[value] & rows).any() for value in forcing.excluded)
        for value in forcing.excluded:
            left[value] = left[value] & ~rows
        if new:
            self._single_values(name, left, rows)
        return new

    def _single_values(self, name: str, left: Mapping[str, Any], rows: Any) -> None:
        """Put the value into the rows in which one is left."""
        for value, possible in left.items():
            others = [each for other, each in left.items() if other != value]
            alone = rows & possible & sure(negated(any_of(others)), self._height)
            if alone.any():
                self.columns[name] = chosen(alone, value, self.columns.get(name))

    def _limited(self, name: str, slot: int, holds: bool, rows: Any) -> bool:
        """Take that a limit holds or does not, and with it those above or below it."""
        slots = self._program.limits[name].slots
        place, new = slots.index(slot), False
        for each in slots[place:] if holds else slots[: place + 1]:
            before = self._limits.setdefault(each, (sure(False, self._height),) * 2)
            known = before[not holds]
            new = new or bool((rows & ~known).any())
            self._limits[each] = (known | rows, before[1]) if holds else (before[0], known | rows)
        return new

    def member(self, name: str, wanted: frozenset[str], found: Truth) -> Truth:
        """Whether an enumeration has one of the values; `found` says it where it has one."""
        left = self._left.get(name)
        if left is None or isinstance(found, bool):
            return found
        can = any_of(left[value] for value in left if value in wanted)
        cannot = any_of(left[value] for value in left if value not in wanted)
        return self._where_unknown(found, negated(cannot), negated(can))

    def limit(self, slot: int, found: Truth) -> Truth:
        """Whether a limit holds; `found` says it where the number is recorded."""
        if slot not in self._limits or isinstance(found, bool):
            return found
        return self._where_unknown(found, *self._limits[slot])

    def _where_unknown(self, found: Truth, true: Truth, false: Truth) -> Truth:
        known = chosen(sure(true, self._height), True, chosen(sure(false, self._height), False, None))
        return first_told(found, known)

    def possible(self, telling: Mapping[str, Sequence[Any]]) -> Any:
        """The rows in which each empty cell can have a value at all, one of an enumeration or of the `telling` numbers.

        Where it can, and axioms are certain of what is left, any such values agree with them. Where a cell can have none, all is certain.
        """
        found = sure(True, self._height)
        for name, left in self._left.items():
            found = found & (~self._empty_rows(name) | reduce(or_, left.values()))
        for name, limits in self._program.limits.items():
            if self._limits.keys().isdisjoint(limits.slots):
                continue
            allowed = ~self._empty_rows(name)
            for value in telling.get(name, ()):
                if allowed.all():
                    break
                allowed = allowed | self.allows(name, value)
            found = found & allowed
        return found

    def _empty_rows(self, name: str) -> Any:
        column = self.columns.get(name)
        return sure(True, self._height) if column is None else self._gaps(name)

    def of(self, name: str) -> bool:
        """Whether anything is known of the empty cells of a variable."""
        limits = self._program.limits.get(name)
        return name in self._left or (
            limits is not None and any(slot in self._limits for slot in limits.slots)
        )

    def ends(self, name: str, ends: Sequence[Any]) -> list[Any] | None:
        """Of a number with these two ends those which its empty cells have, row by row; None where they are no other.

        What a limit leaves beyond one of its ends counts as within, so that a range is never too narrow.
        """
        import polars as pl

        limits = self._program.limits.get(name)
        if limits is None:
            return None
        lowest, highest = (pl.lit(plain(each)) for each in ends)
        same = True
        for cut, slot in zip(limits.cuts, limits.slots, strict=True):
            # the cut stands on the grid that is calculated with, or the end stays
            if slot in self._limits and ends[0] < cut < ends[1] and (cut * GRID).denominator == 1:
                same = False
                holds, fails = (pl.lit(each) for each in self._limits[slot])
                lowest = pl.when(fails).then(pl.max_horizontal(lowest, pl.lit(plain(cut)))).otherwise(lowest)
                highest = (
                    pl.when(holds).then(pl.min_horizontal(highest, pl.lit(plain(cut)))).otherwise(highest)
                )
        return None if same else pl.select(lowest.alias("low"), highest.alias("high")).get_columns()

    def allows(self, name: str, value: Any) -> Any:
        """In which rows the empty cell of a variable can have the value."""
        if name in self._left:
            return self._left[name][value]
        limits, parts = self._program.limits[name], list[Truth]()
        for cut, attained, slot in zip(limits.cuts, limits.attained, limits.slots, strict=True):
            if slot in self._limits:
                holds, fails = self._limits[slot]
                below = value <= cut if attained else value < cut
                parts.append(~fails if below else ~holds)
        return sure(all_of(parts), self._height)

    def fitting(self, name: str, values: Sequence[Any]) -> Any:
        """In each row the first of the values that its empty cell can have, or else the first."""
        import polars as pl

        if len(values) == 1:
            return pl.lit(plain(values[0]))
        found: Any = pl.lit(plain(values[0]))
        for value in reversed(values):
            found = pl.when(pl.lit(self.allows(name, value))).then(pl.lit(plain(value))).otherwise(found)
        return found


def plain(value: Any) -> Any:
    """A value as a column holds it."""
    return float(value) if isinstance(value, Fraction) else value
