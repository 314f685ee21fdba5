"""The columns of a table of patients, and a row of it as the native record that it says.

    id   sex   weight   weight.unit   given
    p1   F     61.5     kg            a|b

    {"id": "p1", "facts": {"sex": "F", "weight": {"value": 61.5, "unit": "kg"}, "given": ["a", "b"]}}

No type is guessed: each cell is read by the type of its variable; what does not fit stays as it is, for the reader of records to refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from datetime import date, datetime
from decimal import Decimal

from solver.dataclass import dataclass
from solver.errors import InputError, did_you_mean
from solver.language.concepts import LISTS
from solver.language.types import BooleanType, IntegerType, ListType, QuantityType
from solver.library.models import Library, Variable
from solver.patient.readers.native.json_text import NumberText, is_number, parse_json
from solver.text import quote

IDENTITY = ("id", "as_of")
_SAID = ("never", "complete")
_NUMBERS = ("value", "min", "max", "uln", "lln")
_FLAGS = ("min_exclusive", "max_exclusive")
_SEVERAL = ("one_of", "replicates")
_TEXTS = ("unit", "drug", "date", "source")
_BESIDE = frozenset({*_TEXTS, "uln", "lln"})
PARTS = (*_NUMBERS[1:], *_FLAGS, *_SEVERAL, *_TEXTS)
"""What may follow the name of a variable, after a dot."""

Cell = object
"""What stands in a cell: text, a number, a boolean, a day, a list; None where it is empty."""


@dataclass(frozen=True, slots=True)
class TableColumns:
    """What each column of a table says: a key of the record, or a part of a fact.

    `ignored` are columns that say nothing of a patient.
    """

    library: Library
    parts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()

    def document(self, row: Mapping[str, Cell], otherwise: str, null: str | None = None) -> dict[str, object]:
        """The record that a row says; without an id it is called `otherwise`. A text that is `null` is an empty cell."""
        record: dict[str, object] = {"id": otherwise}
        facts: dict[str, object] = {}
        whole: dict[str, dict[str, object]] = {}
        for column, cell in row.items():
            if column in self.ignored or cell is None or cell == "" or (null is not None and cell == null):
                continue
            if column in IDENTITY:
                record[column] = str(cell) if type(cell) is int else _plain(cell)
            elif column in _SAID:
                record[column] = _several(cell, _plain)
            elif column in LISTS:
                facts[column] = _entries(cell)
            else:
                name, part = self.parts[column]
                whole.setdefault(name, {})[part] = self._read(self.library.variables[name], part, cell)
        for name, parts in whole.items():
            if parts.keys() <= _BESIDE:  # a unit, a day or a limit of no value: its cell is empty
                continue
            facts[name] = _fact(self.library.variables[name], parts)
        return {**record, "facts": facts}

    def _read(self, variable: Variable, part: str, cell: Cell) -> object:
        kind = variable.type
        if part in _FLAGS:
            said = _boolean(cell)
            return said if isinstance(said, bool) else _number(cell)
        if part in _TEXTS:
            return _plain(cell)
        one: Callable[[Cell], object] = _plain
        if isinstance(kind, BooleanType):
            one = _boolean
        elif isinstance(kind, IntegerType | QuantityType):
            one = _number
        if part in _SEVERAL or isinstance(kind, ListType):
            return _several(cell, one)
        return one(cell)


def table_columns(
    names: Iterable[str], library: Library, where: str, *, ignore: bool = False
) -> TableColumns:
    """What columns of these names say. Those that say nothing are ignored if `ignore` says so.

    Raises `InputError` with a line for each that names no variable, with the nearest, and for one that is there twice.
    """
    known = [*IDENTITY, *_SAID, *LISTS, *library.variables]
    parts: dict[str, tuple[str, str]] = {}
    faults, ignored, seen = list[str](), list[str](), set[str]()
    for name in names:
        variable, _, part = name.partition(".")
        if name in seen:
            faults.append(f"{where}: column {quote(name)} is there twice: leave one out")
        seen.add(name)
        if name in (*IDENTITY, *_SAID, *LISTS):
            continue
        if variable in library.variables and (not part or part in PARTS):
            parts[name] = variable, part or "value"
        elif ignore:
            ignored.append(name)
        elif variable in library.variables:
            hint = did_you_mean(part, PARTS, words=True) or f": the parts are {', '.join(PARTS)}"
            faults.append(f"{where}: column {quote(name)} is no part of {variable}{hint}")
        else:
            hint = did_you_mean(variable, known) or ": leave it out, or give --ignore-columns"
            faults.append(f"{where}: column {quote(name)} is no variable{hint}")
    if faults:
        raise InputError(faults)
    return TableColumns(library, parts, tuple(ignored))


def _fact(variable: Variable, parts: dict[str, object]) -> object:
    if set(parts) == {"value"}:
        value = parts["value"]
        if not (isinstance(variable.type, QuantityType) and isinstance(value, NumberText)):
            return value
    if isinstance(variable.type, QuantityType) and "unit" not in parts:
        return {**parts, "unit": variable.type.unit.text}
    return parts


def _plain(cell: Cell) -> object:
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        return _number(cell)
    return cell


def _boolean(cell: Cell) -> object:
    return {"true": True, "false": False}.get(cell, cell) if isinstance(cell, str) else _plain(cell)


def _number(cell: Cell) -> object:
    """A number as it is written; of a float the shortest decimal that is it."""
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, int | float | Decimal):
        return NumberText(str(cell).removesuffix(".0") if isinstance(cell, float) else str(cell))
    if isinstance(cell, str) and is_number(cell.strip()):
        return NumberText(cell.strip())
    return cell


def _several(cell: Cell, one: Callable[[Cell], object]) -> object:
    if isinstance(cell, str):
        # an empty cell says nothing, and a list without entries says a lot
        return [] if cell.strip() == "[]" else [one(part.strip()) for part in cell.split("|")]
    return [one(each) for each in cell] if isinstance(cell, list | tuple) else cell


def _entries(cell: Cell) -> object:
    """The entries of a list of events: as they are, or as JSON text."""
    if isinstance(cell, str):
        try:
            return parse_json(cell.encode("utf-8", "surrogatepass"), "")
        except (InputError, RecursionError):
            return cell  # the reader of records says that it is no list
    return [_entry(each) for each in cell] if isinstance(cell, list | tuple) else cell


def _entry(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _entry(each) for key, each in value.items() if each is not None}
    return [_entry(each) for each in value] if isinstance(value, list) else _plain(value)
