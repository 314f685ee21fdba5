"""Conditions that say what is known of a variable: that it lies in a domain.

A number between 2 and 5 becomes `2 <= x and x <= 5`, a flag that is true `x`, a value of an enumeration `x in {a, b}`.
"""

from __future__ import annotations

from fractions import Fraction

from solver.language import tree as t
from solver.language.domain import BOTH, Domain, Interval
from solver.language.types import DateType, IntegerType, VariableType


def kind_of(sort: VariableType) -> t.Kind:
    """Which numbers a variable of this type takes."""
    return "date" if isinstance(sort, DateType) else "int" if isinstance(sort, IntegerType) else "real"


def lies_in(name: str, sort: VariableType, domain: Domain) -> t.Condition:
    """That the variable lies in the domain."""
    if isinstance(domain, Interval):
        return within_interval(t.NumberVariable(name, kind_of(sort)), domain)
    assert isinstance(domain, frozenset)
    return t.conjunction([]) if domain == BOTH else takes_one_of(name, domain)


def takes_one_of(name: str, values: frozenset[bool] | frozenset[str]) -> t.Condition:
    """That a flag or an enumeration takes one of these values, which are not all a flag has."""
    if values <= BOTH:
        return t.BooleanVariable(name) if True in values else t.negation(t.BooleanVariable(name))
    return t.Member(name, frozenset(map(str, values)))


def within_interval(variable: t.NumberVariable, cell: Interval) -> t.Condition:
    """That the number lies in the interval."""
    if cell.exact:
        return t.Compare("==", variable, t.Constant(Fraction(cell.low)))
    parts: list[t.Condition] = []
    if not isinstance(cell.low, float):
        parts.append(t.Compare("<" if cell.low_open else "<=", t.Constant(Fraction(cell.low)), variable))
    if not isinstance(cell.high, float):
        parts.append(t.Compare("<" if cell.high_open else "<=", variable, t.Constant(Fraction(cell.high))))
    return t.conjunction(parts)
