"""How likely what is found out ends a trial.

A test that says `npm1 true: 30` of a hundred patients ends a trial that refuses the mutation in 30, and one that requires it in 70. Of a
variable with the values a, b and c and `a: 40` alone, b and c share the rest.
"""

from __future__ import annotations

from collections.abc import Iterable

from solver.engine.answer import Values
from solver.language.types import EnumerationType
from solver.library.models import Variable
from solver.library.orders import Test


def chance_to_end(test: Test, variable: Variable, ends: Values) -> int:
    """In how many of a hundred patients a test finds one of these values of a variable, which end a trial; 0 where nothing says it."""
    mine = [chance for chance in test.chances if chance.variable == variable.name]
    named = {chance.value: chance.percent for chance in mine if chance.value is not None}
    if named and isinstance(ends, frozenset):
        values = variable.type.values if isinstance(variable.type, EnumerationType) else (True, False)
        others = [value for value in values if value not in named]
        rest = 100 - sum(named.values())
        share = rest * len(ends.intersection(others)) // len(others) if others else 0
        return share + sum(percent for value, percent in named.items() if value in ends)
    whole = [chance for chance in test.chances if chance.variable is None]
    return next((chance.percent for chance in (*mine, *whole) if chance.value is None), 0)


def chance_of_any(chances: Iterable[int]) -> int:
    """In how many of a hundred patients at least one of several things happens that have nothing to do with each other."""
    none, of = 1, 1
    for percent in chances:
        none, of = none * (100 - percent), of * 100
    return 100 - none * 100 // of
