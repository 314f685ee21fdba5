"""How a fact about a variable is written, in few words: for whoever fills in a record.

Of a yes-or-no variable `true or false`, of an enumeration `one of "low", "high"`, of a quantity `{"value": ..., "unit": "mg"} (or "g")`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from solver.language.concepts import LISTS
from solver.language.types import BooleanType, DateType, EnumerationType, IntegerType, ListType, QuantityType
from solver.library.models import Library, Variable
from solver.library.names import fold_other_name
from solver.text import listed

_MANY = 24
"""Of more allowed values than these, not all are listed in words."""


def name_hint(name: str, library: Library) -> str:
    """What is meant by a name that no variable has: an entry of a list, or another variable; perhaps nothing."""
    tree, names = library.concepts, library.names
    meant = list(names.concepts.get(fold_other_name(name), ()))
    hint = "" if meant else names.hint(name)
    if not meant and not hint:
        meant = [each for of_list in LISTS if (each := tree.in_list(of_list, name)) is not None]
    if not meant:
        return hint
    entries = []
    for concept in meant:
        present = ', "present": true' if tree[concept].list == "findings" else ""
        entries.append(f'{{"is": "{concept}"{present}}} in the list {tree[concept].list}')
    return f": write {listed(entries, 'or')}"


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
