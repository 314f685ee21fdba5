"""What a comparison says whatever the numbers are that are not recorded: it is tried with each of them at both ends of its range.

Of `(140 - age) * weight >= 7000`, with an age of 80 and a weight from 1 to 250 kg that is not recorded, nothing is known; with an age of
139 it is false at both ends. A comparison in which each variable stands once is monotone in each number, and so hardest and easiest to meet
at such ends, with each flag and enumeration at some value.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from solver.engine.problem import plausible
from solver.language import domain as d
from solver.language import tree as t
from solver.language.types import BooleanType, DateType, EnumerationType, IntegerType, QuantityType
from solver.library.models import Variable
from solver.screen.columns.column_values import ColumnValues, Truth, all_of, chosen, first_told, negated
from solver.screen.columns.exact_terms import GRID
from solver.screen.columns.narrowed import Narrowed

_MOST = 32
"""How many combinations are tried."""

_MOST_VALUES = 4

_LEAP = 2
"""A range in years is so many days longer or shorter, by the leap days in it."""

Corners = Mapping[str, tuple[Any, ...]]
"""Of each variable the values that are tried; of a day how far it is from that of evaluation."""


def corners_of(condition: t.Condition, variables: Mapping[str, Variable], day: int) -> Corners | None:
    """The values with which a comparison is tried; None where they would not tell. Ranges are those of a day."""
    if any(isinstance(part, t.Compare) and part.relation == "==" for part in t.walk(condition)):
        return None  # between two ends one may hold that holds at neither
    if not isinstance(condition, t.Compare):
        return None
    kinds = (t.NumberVariable, t.BooleanVariable, t.Member)
    counts = Counter(part.name for part in t.walk(condition) if isinstance(part, kinds))
    counts.pop(t.AS_OF, None)
    found = {name: _ends(variables[name], day) for name in sorted(counts)}
    tried = {name: ends for name, ends in found.items() if ends}
    once = all(count == 1 for count in counts.values())
    return (
        tried if once and len(tried) == len(counts) and math.prod(map(len, tried.values())) <= _MOST else None
    )


def _ends(variable: Variable, day: int) -> tuple[Any, ...]:
    kind, domain = variable.type, plausible(variable, day)
    if isinstance(kind, BooleanType):
        return False, True
    if isinstance(kind, EnumerationType):
        return kind.values if len(kind.values) <= _MOST_VALUES else ()
    if not isinstance(domain, d.Interval) or isinstance(domain.low, float) or isinstance(domain.high, float):
        return ()
    if isinstance(kind, IntegerType):
        return int(domain.low), int(domain.high)
    if isinstance(kind, QuantityType):
        low, high = math.floor(domain.low * GRID), math.ceil(domain.high * GRID)
        return Fraction(low, GRID), Fraction(high, GRID)
    if isinstance(kind, DateType) and (variable.plausible is not None or variable.past):
        latest = int(domain.high) - day
        # what is past is so on any day
        return int(domain.low) - _LEAP - day, latest + _LEAP if latest or not variable.past else 0
    return ()


def whatever(
    condition: t.Condition,
    corners: Corners,
    values: ColumnValues,
    narrowed: Narrowed | None = None,
    found: Truth = None,
) -> Truth:
    """What the condition says at all corners of what is not recorded, where it says the same at each.

    `narrowed` says of a number how far its range reaches in each row, and `found` what is known of the condition without the corners.
    """
    places = None
    if found is not None and not isinstance(found, bool):
        unknown = found.is_null()
        if not unknown.any():
            return found
        if 2 * unknown.sum() < len(unknown):  # it is tried where it is not known
            places = unknown.arg_true()
            values = values.at(places, corners)
    tried = (values.with_columns(each) for each in _filled(corners, values, narrowed, places))
    said = [each.truth(condition) for each in tried]
    always, never = all_of(said), all_of(map(negated, said))
    tells = chosen(_true(always), True, chosen(_true(never), False, None))
    if places is None or tells is None:
        return tells if places is None else found
    if isinstance(tells, bool):
        return first_told(found, tells)
    return found.clone().scatter(places, tells)


def _true(value: Truth) -> Truth:
    return value is True if value is None or isinstance(value, bool) else value.fill_null(False)


def _filled(
    corners: Corners, values: ColumnValues, narrowed: Narrowed | None, places: Any
) -> Iterator[dict[str, Any]]:
    missing: dict[str, Sequence[Any]] = {}
    for name, ends in corners.items():
        if values.is_null(name) is not False:
            reached = None if narrowed is None else narrowed.ends(name, ends)
            if reached is not None and places is not None:
                reached = [each if len(each) == 1 else each.gather(places) for each in reached]
            missing[name] = ends if reached is None else reached
    for each in product(*missing.values()):
        yield {name: values.filled(name, value) for name, value in zip(missing, each, strict=True)}
