"""The rows of a table that columns can say exactly, and what they record.

Such a row records plain values: each in the variable's own unit, within its plausible range and on the grid that is calculated with. Any
other row, with bounds, lists, events or what is wrong, is judged by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from solver.dataclass import dataclass
from solver.language import domain as d
from solver.language.calendar import A_LIFE, FIRST_DAY
from solver.language.types import BooleanType, DateType, EnumerationType, IntegerType, QuantityType
from solver.language.units import parse_unit
from solver.library.models import Variable
from solver.screen.columns.column_days import EPOCH
from solver.screen.columns.column_program import A_DAY, MOST, ColumnProgram
from solver.screen.columns.column_values import Truth, all_of, sure
from solver.screen.columns.exact_terms import GRID, multiples_of_grid
from solver.screen.columns.typed_texts import said_text, said_texts, typed_texts
from solver.screen.table_columns import IDENTITY, TableColumns

_LATEST_AS_OF = 754_500
"""In the year 2066: rows of later days are judged by themselves, so that no day that is filled in leaves the calendar."""

_AHEAD = 10_000
"""So many days a date may lie after the day of evaluation."""

_LIMITS = ("uln", "lln")
_LARGEST_LIMIT = 1e9
_A_NUMBER = QuantityType(parse_unit("1"))

_FEW_VALUES = 10
"""Texts that have one of so few values are quicker compared with each than looked up."""

_PLAIN = ("a", "{"), ("0", ":"), ("A", "[")
"""Ids that begin so are quickly told: with a letter or a digit, from one text up to another."""


@dataclass(frozen=True, slots=True)
class RecordedColumns:
    """What the rows of a table record of the variables of which anything is asked: without a column nothing is recorded.

    `clean` says which rows columns can judge, `day` is the day of evaluation, a number or a column, and `ids` the names of the rows.
    `flags` says of some enumerations in which rows each value stands, and `multiples` of some quantities how often they hold the grid.
    """

    columns: Mapping[str, Any]
    clean: Any
    day: Any
    ids: Any
    flags: Mapping[str, Mapping[str, Truth]]
    multiples: Mapping[str, Any]


def recorded_columns(
    frame: Any, table: TableColumns, program: ColumnProgram, as_of: int | None, null: str | None = None
) -> RecordedColumns | None:
    """What the rows of a frame record; `as_of` is the day for all of them, and `null` a word that says nothing.

    None if no row can be judged in columns.
    """
    import polars as pl

    if not len(frame):
        return None
    if null is not None:
        frame = said_texts(frame, null)
    day = _days(frame, as_of)
    if day is None:
        return None
    days, clean = day
    columns: dict[str, Any] = {}
    flags, multiples = dict[str, Mapping[str, Truth]](), dict[str, Any]()
    checks = [clean]
    values = {variable: name for name, (variable, part) in table.parts.items() if part == "value"}
    for variable, name in values.items():
        own, column = program.library.variables[variable], frame[name]
        of_values = _value_flags(column, own)
        if of_values is not None:
            flags[variable] = of_values
        else:
            column, fit = _values(column, own, program, days, multiples)
            checks.append(fit)
        if column is not None and variable in program.names:
            columns[variable] = column
    for name in frame.columns:
        if name in table.ignored or name in IDENTITY:
            continue
        variable, part = table.parts.get(name, ("", name))
        if part == "value" and variable:
            continue
        checks += _beside(frame, name, variable, part, values.get(variable), program)
    ids, named = _ids(frame)
    whole = all_of([*checks, named])
    if whole is False:
        return None
    if whole is True:
        whole = pl.repeat(True, len(frame), dtype=pl.Boolean, eager=True)
    first = days[0]
    for variable, each in program.library.variables.items():
        if each.absent_as_of and variable in program.names:
            given = columns.get(variable)
            columns[variable] = days if given is None else given.fill_null(days)
    same_day = bool((days == first).all())
    return RecordedColumns(
        columns, whole.fill_null(False), int(first) if same_day else days, ids, flags, multiples
    )


def _days(frame: Any, as_of: int | None) -> tuple[Any, Any] | None:
    """The days of evaluation, and in which rows they are known."""
    import polars as pl

    days: Any = None
    fit: Any = True
    if "as_of" in frame.columns:
        column = frame["as_of"]
        if column.dtype == pl.String:
            column = said_text(column)
            typed = typed_texts(column, DateType())
            assert typed is not None
            dates = typed[0]
        elif column.dtype == pl.Date:
            dates = column
        else:
            return None
        days = dates.cast(pl.Int32).cast(pl.Int64) + EPOCH
        fit = days.is_between(A_DAY, _LATEST_AS_OF).fill_null(False)
        if as_of is not None:
            fit = fit | column.is_null()
    if as_of is not None:
        if not A_DAY <= as_of <= _LATEST_AS_OF:
            return None
        return pl.repeat(as_of, len(frame), dtype=pl.Int64, eager=True), fit
    if days is None or not fit.any():
        return None
    if fit.all():
        return days, True
    return pl.select(pl.when(fit).then(days).otherwise(days.filter(fit)[0])).to_series(), fit


def _value_flags(column: Any, variable: Variable) -> dict[str, Truth] | None:
    """In which rows each value of an enumeration stands, where every row has one that is a text; else None."""
    import polars as pl

    kind = variable.type
    if not isinstance(kind, EnumerationType) or column.dtype != pl.String or column.null_count():
        return None
    if len(kind.values) > _FEW_VALUES:
        return None
    found: dict[str, Truth] = dict.fromkeys(kind.values, False)
    every = sure(False, len(column))
    for value in kind.values:
        found[value] = column == value
        every = every | found[value]
        if every.all():
            return found
    return None


def _values(
    column: Any, variable: Variable, program: ColumnProgram, days: Any, multiples: dict[str, Any]
) -> tuple[Any, Any]:
    """The values of a variable, and in which rows they can be told in a column; None for values that nobody can tell so."""
    import polars as pl

    kind, dtype = variable.type, column.dtype
    if column.null_count() == len(column):
        return None, True
    if dtype == pl.String and not isinstance(kind, EnumerationType):
        column = said_text(column)
        typed = typed_texts(column, kind)
        if typed is None:
            return None, column.is_null()
        found, fit = _values(typed[0], variable, program, days, multiples)
        return found, all_of((typed[1], fit))
    if isinstance(kind, BooleanType) and dtype == pl.Boolean:
        return column, True
    nothing = column.is_null() if column.null_count() else False
    if isinstance(kind, EnumerationType) and dtype in (pl.String, pl.Categorical, pl.Enum):
        texts = column if dtype == pl.String else column.cast(pl.String)
        found = texts.cast(pl.Enum(kind.values), strict=False)
        if found.null_count() == column.null_count():
            return found, True
        return found, found.is_not_null() | said_text(texts).is_null()
    if isinstance(kind, DateType) and dtype == pl.Date:
        found, latest = column.cast(pl.Int32).cast(pl.Int64) + EPOCH, 0 if variable.past else _AHEAD
        if found.min() >= FIRST_DAY and found.max() <= days.min() + latest:
            return found, True
        fit = _or((found <= days + latest) & (found >= FIRST_DAY), nothing)
        return found, True if fit.all() else fit
    if isinstance(kind, IntegerType | QuantityType) and dtype.is_numeric() and not dtype.is_decimal():
        return _numbers(column, variable, program, nothing, multiples)
    return None, nothing


def _or(fit: Any, nothing: Any) -> Any:
    return fit if nothing is False else fit | nothing


def _only(column: Any, fit: Any) -> Any:
    import polars as pl

    return pl.select(pl.when(fit).then(column)).to_series()


def _numbers(
    column: Any, variable: Variable, program: ColumnProgram, nothing: Any, multiples: dict[str, Any]
) -> tuple[Any, Any]:
    import polars as pl

    if variable.drugs:
        return None, nothing
    domain = program.ranges.get(variable.name, d.Interval(0, MOST))
    low, high = domain.low, MOST if isinstance(domain.high, float) else domain.high
    above = domain.low_open or (variable.positive and low == 0)
    whole, scaled = isinstance(variable.type, IntegerType), None
    # a number that is none lies nowhere
    fits = [column.is_between(float(low), float(high), closed="right" if above else "both")]
    if whole and column.dtype.is_float():
        fits.append(column == column.floor())
    if not whole:
        column = column.cast(pl.Float64)
        if variable.name in program.scaled:
            scaled = multiples_of_grid(column)
            fits.append(scaled / float(GRID) == column)
    fits += [column != float(each) for each in variable.refused if each in domain]
    fit = all_of(fits)
    every = bool(fit.all())  # nulls do not count
    if every and scaled is not None:
        multiples[variable.name] = scaled
    column = column if every else _only(column, fit)
    return column.cast(pl.Int64) if whole else column, True if every else _or(fit, nothing)


def _beside(
    frame: Any, name: str, variable: str, part: str, value: str | None, program: ColumnProgram
) -> Iterator[Any]:
    """In which rows what stands beside a value says nothing that a column does not."""
    import polars as pl

    column = frame[name]
    empty = _is_empty(column)
    if part in (*_LIMITS, "unit", "source", "date", "drug") and value is not None:
        fit = empty | _is_empty(frame[value])
        own = program.library.variables[variable]
        kind = own.type
        if part in _LIMITS and part in own.reference and program.limits_beside:
            fit = fit | _is_limit(frame, variable, part)
        if part == "unit" and isinstance(kind, QuantityType) and column.dtype == pl.String:
            fit = fit | (column == kind.unit.text)
    else:
        fit = empty
    if not fit.all():
        yield fit


def _is_empty(column: Any) -> Any:
    """In which rows nothing stands."""
    import polars as pl

    return (
        column.is_null() | (column == "").fill_null(True) if column.dtype == pl.String else column.is_null()
    )


def _is_limit(frame: Any, variable: str, part: str) -> Any:
    """In which rows a limit of normal stands beside a number: one above 0, the upper one not below the lower one."""
    limits = {each: _numbers_beside(frame, f"{variable}.{each}") for each in _LIMITS}
    number, upper, lower = limits[part], limits["uln"], limits["lln"]
    fit = number.is_between(0.0, _LARGEST_LIMIT, closed="right")
    return (fit & (upper.is_null() | lower.is_null() | (lower <= upper))).fill_null(False)


def _numbers_beside(frame: Any, name: str) -> Any:
    """The numbers of a column beside that of a value, null where there is none."""
    import polars as pl

    nothing = pl.repeat(None, len(frame), dtype=pl.Float64, eager=True)
    if name not in frame.columns:
        return nothing
    column = frame[name]
    if column.dtype == pl.String:
        typed = typed_texts(said_text(column), _A_NUMBER)
        return nothing if typed is None else typed[0]
    return column.cast(pl.Float64) if column.dtype.is_numeric() and not column.dtype.is_decimal() else nothing


def _ids(frame: Any) -> tuple[Any, Any]:
    """The names that rows give themselves, and in which rows they can be told in a column."""
    import polars as pl

    if "id" not in frame.columns:
        return pl.repeat(None, len(frame), dtype=pl.String, eager=True), True
    ids = frame["id"]
    if ids.dtype.is_integer():
        return ids.cast(pl.String), True
    if ids.dtype != pl.String:
        return ids.cast(pl.String, strict=False), ids.is_null()
    plain = sure(False, len(ids))
    for first, behind in () if ids.null_count() else _PLAIN:
        plain = plain | (ids >= first) & (ids < behind)
        if plain.all():
            return ids, True
    ids = said_text(ids)
    fit = ids.str.contains("[0-9A-Za-z]") | ids.is_null()
    return ids, True if fit.all() else fit


def filled(value: d.Domain, variable: Variable) -> Any:
    """The one value of a completion as it fills a column: of a day how far it is from that of evaluation; None if it has several."""
    if isinstance(value, frozenset):
        return next(iter(value)) if len(value) == 1 else None
    if not isinstance(value, d.Interval) or value.low != value.high:
        return None
    if isinstance(variable.type, DateType):
        # on later days than that of the completion, nobody has lived for longer
        return max(min(int(value.low) - A_DAY, _AHEAD), -A_LIFE)
    if isinstance(variable.type, IntegerType):
        return int(value.low)
    number = Fraction(value.low) * GRID
    return Fraction(number.numerator // number.denominator, GRID)
