"""Columns of a table as what is known of each variable, row by row, and what conditions say of it: true, false, or null.

Nulls are what Kleene's logic calls unknown, and Polars combines them as `evaluate` does. A variable may have a column, one value for all
rows, or none.

A double is compared with a limit exactly. It stands for its shortest decimal, and no two doubles lie on different sides of their decimals:
it is below the limit if it is below the double next to the limit, and for that one double alone the decimal is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import cache, reduce
from typing import Any

from solver.language import tree as t
from solver.language.calendar import add_months, last_day_completing
from solver.language.types import DateType, EnumerationType, QuantityType, VariableType
from solver.screen.columns.column_days import moved_days, years_between
from solver.screen.columns.exact_terms import (
    GRID,
    Exact,
    alike,
    alone,
    multiples_of_grid,
    plus,
    times,
    together,
)

Truth = Any
"""A column of booleans, or one value for all rows: True, False, or None."""


class Unsupported(Exception):
    """A condition that is not evaluated on columns."""


def negated(value: Truth) -> Truth:
    """The opposite."""
    return None if value is None else (not value if isinstance(value, bool) else ~value)


def all_of(values: Iterable[Truth]) -> Truth:
    """Whether all are true."""
    found, unknown = [], False
    for value in values:
        if value is False:
            return False
        if value is None:
            unknown = True
        elif value is not True:
            found.append(value)
    if not found:
        return None if unknown else True
    whole = reduce(lambda one, other: one & other, found)
    return whole & _nulls(len(whole)) if unknown else whole


def any_of(values: Iterable[Truth]) -> Truth:
    """Whether some are true."""
    return negated(all_of(map(negated, values)))


def same(one: Truth, other: Truth) -> Truth:
    """Whether both are true or both false."""
    if one is None or other is None:
        return None
    if isinstance(one, bool):
        return other if one else negated(other)
    if isinstance(other, bool):
        return one if other else negated(one)
    return one == other


def sure(value: Truth, height: int) -> Any:
    """The rows, so many, in which it is known to be true."""
    if value is None or isinstance(value, bool):
        return _flags(value is True, height)
    # what is null counts as false, and this is many times as quick as to fill it
    return _flags(True, height).zip_with(value, _flags(False, height)) if value.null_count() else value


def first_told(one: Truth, other: Truth) -> Truth:
    """What one of two says, the first where both do."""
    if one is None or isinstance(one, bool):
        return other if one is None else one
    if other is None or not one.null_count():
        return one
    if isinstance(other, bool):
        other = _flags(other, len(one))
    return one.zip_with(one | ~one, other)


@cache
def _flag(value: bool | None) -> Any:
    import polars as pl

    return pl.Series([value], dtype=pl.Boolean)


def _flags(value: bool | None, height: int) -> Any:
    return _flag(value).new_from_index(0, height)


def chosen(condition: Truth, then: Any, otherwise: Any) -> Any:
    """Column or value by column or value: null where the condition is."""
    if condition is None or (then is None and otherwise is None):
        return None
    if isinstance(condition, bool):
        return then if condition else otherwise
    import polars as pl

    if not condition.null_count():
        if then is True or then is False:
            quick = _flag_or(condition, then, otherwise)
            if quick is not None:
                return quick
        elif otherwise is True or otherwise is False:
            return chosen(~condition, otherwise, then)
        if isinstance(then, pl.Series) and isinstance(otherwise, pl.Series) and then.dtype == otherwise.dtype:
            return then.zip_with(condition, otherwise)
    then, otherwise = (
        pl.lit(each) if not isinstance(each, pl.Series) else each for each in (then, otherwise)
    )
    found = pl.select(pl.when(condition).then(then).when(~condition).then(otherwise).alias("")).to_series()
    return found if len(found) == len(condition) else found.new_from_index(0, len(condition))


def _flag_or(condition: Any, then: bool, otherwise: Any) -> Any:
    """A flag where a condition without nulls holds, else what may be true or false; None if that is something else."""
    import polars as pl

    if otherwise is None:
        otherwise = _nulls(len(condition))
    elif isinstance(otherwise, bool):
        otherwise = sure(otherwise, len(condition))
    elif not isinstance(otherwise, pl.Series) or otherwise.dtype != pl.Boolean:
        return None
    return condition | otherwise if then else ~condition & otherwise


def _nulls(height: int) -> Any:
    return _flags(None, height)


class ColumnValues:
    """What is known of the variables in each row: by name a column, one value, or None.

    `types` are those of the variables and `most` the greatest number that each can be. `day` is the day of evaluation, a number or a
    column of numbers.
    """

    def __init__(
        self,
        columns: Mapping[str, Any],
        types: Mapping[str, VariableType],
        most: Mapping[str, int],
        day: Any,
    ) -> None:
        self.columns, self._types, self._most, self._day = columns, types, most, day
        self._exact: dict[str, Exact] = {}
        self._nulls: dict[str, Truth] = {}
        self._flags: dict[str, dict[str, Truth]] = {}

    def is_null(self, name: str) -> Truth:
        """Whether nothing is known of a variable."""
        if name not in self._nulls:
            column = self.columns.get(name)
            gaps = column is None or (hasattr(column, "is_null") and column.null_count() > 0)
            self._nulls[name] = column is None or (column.is_null() if gaps else False)
        return self._nulls[name]

    def told(self, flags: Mapping[str, Mapping[str, Truth]], multiples: Mapping[str, Any]) -> ColumnValues:
        """The same, with where the values of enumerations stand, and how often quantities hold the grid, where that is known."""
        self._flags |= {name: dict(each) for name, each in flags.items()}
        for name, number in multiples.items():
            self._exact[name] = Exact(number, GRID, self._most[name] * GRID)
        return self

    def with_columns(self, columns: Mapping[str, Any]) -> ColumnValues:
        """The same with other columns in place of some."""
        found = ColumnValues({**self.columns, **columns}, self._types, self._most, self._day)
        # numbers that stay are not worked out once more
        found._exact, found._nulls, found._flags = dict(self._exact), dict(self._nulls), dict(self._flags)
        for name, column in columns.items():
            if column is not self.columns.get(name):
                for kept in (found._exact, found._nulls, found._flags):
                    kept.pop(name, None)
        return found

    def at(self, places: Any, names: Iterable[str]) -> ColumnValues:
        """What is known of some variables in the rows at some places."""

        def some(column: Any) -> Any:
            return column.gather(places) if hasattr(column, "gather") and len(column) > 1 else column

        columns = {name: some(self.columns.get(name)) for name in names}
        return ColumnValues(columns, self._types, self._most, some(self._day))

    def filled(self, name: str, value: Any) -> Any:
        """The column of a variable with a value where nothing is known, one for all rows or a column.

        A day is so far from that of evaluation.
        """
        if isinstance(self._types[name], DateType):
            value = self._day + value
        column = self.columns.get(name)
        if column is None or not hasattr(column, "is_null"):
            return value if column is None else column
        if hasattr(value, "is_null"):
            return column.fill_null(value.cast(column.dtype))
        return column.fill_null(float(value) if isinstance(value, Fraction) else value)

    def truth(self, condition: t.Condition) -> Truth:
        """What is known of a condition. Raises `Unsupported`."""
        match condition:
            case t.Truth(value):
                return value
            case t.BooleanVariable(name):
                return self.columns.get(name)
            case t.Not(inner):
                return negated(self.truth(inner))
            case t.And(conditions):
                return all_of(map(self.truth, conditions))
            case t.Or(conditions):
                return any_of(map(self.truth, conditions))
            case t.Iff(left, right):
                return same(self.truth(left), self.truth(right))
            case t.Member(name, values):
                return self.member(name, values)
            case t.Compare():
                return self._compared(condition)
            case t.Contains() | t.Complete():
                return False  # no list is recorded in a row that is judged here
            case _:
                raise Unsupported

    def member(self, name: str, values: frozenset[str]) -> Truth:
        """Whether an enumeration has one of the values."""
        column = self.columns.get(name)
        if column is None or isinstance(column, str):
            return None if column is None else column in values
        kind = self._types[name]
        assert isinstance(kind, EnumerationType)
        rest = set(kind.values) - values
        if len(rest) < len(values):
            return negated(self._equal_to_some(name, column, rest))
        return self._equal_to_some(name, column, values)

    def _equal_to_some(self, name: str, column: Any, values: Iterable[str]) -> Truth:
        wanted, flags = sorted(values), self._flags.setdefault(name, {})
        if not wanted:
            return chosen(column.is_null(), None, False)
        if len(wanted) > 4 and not flags.keys() >= set(wanted):
            return column.is_in(wanted)
        for each in wanted:
            if each not in flags:
                flags[each] = column == each
        return any_of(flags[each] for each in wanted)

    def limited(self, name: str, cut: int | Fraction, attained: bool) -> Truth:
        """Whether a number is below a cut, or with `attained` at most at it."""
        column = self.columns.get(name)
        if column is None:
            return None
        kind = self._types[name]
        if not isinstance(kind, QuantityType):
            exact = self._number(name)
            last = -(-cut // 1) - 1 if not attained else cut // 1
            return exact.number <= int(last)
        if isinstance(column, Fraction):
            return column <= cut if attained else column < cut
        near = float(cut)
        decimal = Fraction(repr(near))
        return column <= near if decimal < cut or (attained and decimal == cut) else column < near

    def _compared(self, compare: t.Compare) -> Truth:
        match compare:
            case t.Compare("<=" | "<", t.NumberVariable(one, "real"), t.NumberVariable(other, "real")):
                return self._in_order(one, other, attained=compare.relation == "<=")
        quick = self._age_limit(compare)
        if quick is not None:
            return quick
        left, right = together(self.term(compare.left), self.term(compare.right))
        one, other = left.number, right.number
        if one is None or other is None:
            return None
        one, other = alike(one, other, max(left.most, right.most))
        if compare.relation == "==":
            return one == other
        return one < other if compare.relation == "<" else one <= other

    def _in_order(self, one: str, other: str, *, attained: bool) -> Truth:
        """Whether a quantity is below another, or with `attained` at most it: doubles are in the order of their shortest decimals."""
        left, right = self.columns.get(one), self.columns.get(other)
        if isinstance(right, Fraction):
            return self.limited(one, right, attained)
        if isinstance(left, Fraction):
            return negated(self.limited(other, left, not attained))
        if left is None or right is None:
            return None
        return left <= right if attained else left < right

    def _age_limit(self, compare: t.Compare) -> Truth:
        """Whether so many years have passed since a day in a column, where the day of evaluation is the same for all rows."""
        sides = compare.left, compare.right
        years = next((each for each in sides if isinstance(each, t.CompletedYears)), None)
        limit = next((each for each in sides if isinstance(each, t.Constant)), None)
        if years is None or limit is None or compare.relation == "==" or not isinstance(self._day, int):
            return None
        start = years.start
        if years.end != t.NumberVariable(t.AS_OF, "date") or not isinstance(start, t.NumberVariable):
            return None
        born = self._number(start.name).number
        if born is None or isinstance(born, int):
            return None
        strict, value = compare.relation == "<", limit.value
        if compare.left is limit:  # so many years at least, or more
            least = (value // 1) + 1 if strict else -(-value // 1)
            return born <= last_day_completing(int(least), self._day)
        fewer = -(-value // 1) if strict else (value // 1) + 1
        return born > last_day_completing(int(fewer), self._day)

    def term(self, term: t.Term) -> Exact:
        """The value of a term in each row. Raises `Unsupported`."""
        match term:
            case t.Constant(value):
                return alone(value.numerator, value.denominator)
            case t.NumberVariable(name, _):
                return self._number(name)
            case t.Sum(parts):
                return reduce(plus, map(self.term, parts))
            case t.Product(parts):
                return reduce(times, map(self.term, parts))
            case t.Power(base, exponent):
                return reduce(times, [self.term(base)] * exponent)
            case t.Choice(condition, then, otherwise):
                one, other = together(self.term(then), self.term(otherwise))
                found = chosen(self.truth(condition), one.number, other.number)
                return Exact(found, one.scale, max(one.most, other.most))
            case t.AddMonths(date, months):
                return self._days(
                    date, lambda day: add_months(day, months), lambda days: moved_days(days, months)
                )
            case t.CompletedYears(start, end):
                return Exact(years_between(self.term(start).number, self.term(end).number), 1, 500)
            case t.Count(conditions):
                return reduce(plus, (Exact(_one_where(self.truth(each)), 1, 1) for each in conditions))
            case t.ListSize():
                return alone(0)
            case _:
                raise Unsupported

    def _days(self, term: t.Term, one: Callable[[int], int], every: Callable[[Any], Any]) -> Exact:
        day = self.term(term)
        number = day.number
        if number is not None:
            number = one(number) if isinstance(number, int) else every(number)
        return Exact(number, 1, day.most)

    def _number(self, name: str) -> Exact:
        found = self._exact.get(name)
        if found is None:
            found = self._exact[name] = self._as_number(name)
        return found

    def _as_number(self, name: str) -> Exact:
        import polars as pl

        if name == t.AS_OF:
            return Exact(self._day, 1, 1_000_000)
        column, most, real = (
            self.columns.get(name),
            self._most[name],
            isinstance(self._types[name], QuantityType),
        )
        scale = GRID if real else 1
        if isinstance(column, Fraction):
            column = int(column * scale)
        elif column is not None and not isinstance(column, int):
            column = multiples_of_grid(column) if real else column.cast(pl.Int64)
        return Exact(column, scale, most * scale)


def _one_where(condition: Truth) -> Any:
    """1 where a condition holds, and 0 where it does not."""
    import polars as pl

    if condition is None or isinstance(condition, bool):
        return None if condition is None else int(condition)
    return condition.cast(pl.Int64)
