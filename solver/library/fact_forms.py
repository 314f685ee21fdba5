"""How a fact about a variable is written, in few words: for whoever fills in a record.

Of a yes-or-no variable `true or false`, of an enumeration `one of "low", "high"`, of a quantity `{"value": ..., "unit": "mg"} (or "g")`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from solver.language.types import BooleanType, DateType, EnumerationType, IntegerType, ListType, QuantityType
from solver.library.models import Variable
from solver.text import listed

_MANY = 24
"""Of more allowed values than these, not all are listed in words."""


def form_hint(variable: Variable, named: Collection[str] = ()) -> str:
    """How to write a fact about a variable, in few words; of many allowed values only the `named` ones are listed."""
    match variable.type:
        case BooleanType():
            return "true or false"
        case EnumerationType(values):
            if len(values) <= _MANY:
                return f"one of {_quoted_names(values)}"
            some = [value for value in values if value in named]
            return f"one of {len(values)} codes" + (f", such as {_quoted_names(some)}" if some else "")
        case IntegerType():
            return "a whole number"
        case DateType():
            return '"YYYY-MM-DD", or "YYYY-MM", or "YYYY"'
        case ListType():
            return 'a list of names: ["...", "..."]'
        case QuantityType() as kind:
            if variable.bare:
                return "a number"
            drug = f', "drug": "{next(iter(variable.drugs))}"' if variable.drugs else ""
            others = [other.text for other, _ in kind.equivalents] + list(variable.drugs)[1:]
            return f'{{"value": ..., "unit": "{kind.unit.text}"{drug}}}{f" (or {_quoted_names(others)})" if others else ""}'


def unit_names(kind: QuantityType) -> str:
    """The units that a quantity may be given in, as a list in words."""
    return listed([kind.unit.text, *(other.text for other, _ in kind.equivalents)], "or")


def _quoted_names(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
