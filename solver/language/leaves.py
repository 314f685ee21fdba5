"""What the smallest parts of an expression denote: names, numbers, days, and questions about facts as they are recorded."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Literal

from lark import Token, Tree

from solver.errors import did_you_mean
from solver.language import recorded
from solver.language import tree as t
from solver.language.arithmetic import Number
from solver.language.calendar import parse_day
from solver.language.expected import fault_at
from solver.language.types import BooleanType, DateType, EnumerationType, IntegerType, ListType, QuantityType
from solver.language.units import DIMENSIONLESS, UnknownUnit, parse_unit
from solver.language.values import (
    EACH,
    Day,
    Enumerated,
    Formula,
    HalfLives,
    Limit,
    Listed,
    Scope,
    Symbol,
    Value,
)

_LIMITS: dict[str, Literal["uln", "lln"]] = {"ULN": "uln", "LLN": "lln"}


def named_value(tree: Tree[Token], scope: Scope) -> Value:
    """What a name denotes; a `Symbol` where it names no variable and no definition."""
    token = tree.children[0]
    name = scope.each if token == EACH and scope.each else str(token)
    if name == t.AS_OF:
        return Day(t.NumberVariable(t.AS_OF, "date"))
    if name == t.COHORT_OPEN and scope.routing:
        return Formula(t.BooleanVariable(t.COHORT_OPEN))
    if name in scope.definitions:
        return scope.definitions[name]
    match scope.variables.get(name):
        case BooleanType():
            return Formula(t.BooleanVariable(name))
        case EnumerationType() as kind:
            return Enumerated(name, kind)
        case IntegerType():
            return Number(t.NumberVariable(name, "int"), DIMENSIONLESS, whole=True)
        case QuantityType() as quantity:
            return _quantity_named(name, quantity)
        case DateType():
            return Day(t.NumberVariable(name, "date"))
        case ListType():
            if not scope.lists:
                raise fault_at(f"the list '{name}' may be asked about only in the theory", token)
            return Listed(name)
        case _:
            return Symbol(name)


def _quantity_named(name: str, kind: QuantityType) -> Number:
    parts = not kind.unit.dimension and kind.unit.factor != 1
    term = t.NumberVariable(name, "real")
    return Number(term, kind.unit.dimension, kind.unit.factor, quantity=kind, parts=parts)


def quantity_value(tree: Tree[Token], scope: Scope) -> Value:
    """A number with its unit, or so many times a limit of normal."""
    token = str(tree.children[0])
    digits = token[: len(token) - len(token.lstrip("0123456789."))]
    limit = _LIMITS.get(token[len(digits) :].strip())
    if limit is not None:
        return Limit(limit, t.Constant(Fraction(digits)))
    try:
        unit = parse_unit(token[len(digits) :].strip())
    except UnknownUnit as error:
        raise fault_at(f"{error}", tree) from None
    return Number(
        t.Constant(Fraction(digits)),
        unit.dimension,
        unit.factor,
        literal=unit,
        parts=not unit.dimension and unit.factor != 1,
    )


def half_lives(tree: Tree[Token], scope: Scope) -> Value:
    """A number of half-lives."""
    token = str(tree.children[0])
    return HalfLives(Fraction(token.rstrip("abcdefghijklmnopqrstuvwxyz_").strip()))


def bare_number(tree: Tree[Token], scope: Scope) -> Value:
    """A number without a unit."""
    value = Fraction(str(tree.children[0]))
    return Number(t.Constant(value), DIMENSIONLESS, whole=value.denominator == 1, bare=True)


def date_value(tree: Tree[Token], scope: Scope) -> Value:
    """A day of the calendar."""
    try:
        return Day(t.Constant(Fraction(parse_day(str(tree.children[0])))))
    except ValueError:
        raise fault_at(f"'{tree.children[0]}' is not a day of the calendar", tree) from None


def asked_of_fact(token: Any, arguments: Sequence[object], scope: Scope) -> Formula | Number:
    """What a question denotes that is asked, by its name, of the fact about a variable; see `recorded`."""
    question, given = str(token), arguments[0]
    if len(arguments) != 1 or not isinstance(given, Tree) or given.data != "name":
        raise fault_at(f"'{question}' takes the name of a variable", token)
    written = given.children[0]
    variable = scope.each if written == EACH and scope.each else str(written)
    kind = scope.variables.get(variable)
    if kind is None:
        raise fault_at(f"unknown variable '{variable}'{did_you_mean(variable, scope.variables)}", written)
    if question == recorded.VALID_DAYS:
        if variable not in scope.valid_days:
            raise fault_at(f"'{variable}' has no 'valid_days' in the vocabulary", written)
        days = t.Constant(Fraction(scope.valid_days[variable]))
        return Number(days, DIMENSIONLESS, whole=True)
    name = recorded.of_fact(question, variable)
    if question == recorded.RECORDED:
        return Formula(t.BooleanVariable(name))
    if question == recorded.DAYS_OLD:
        return Number(t.NumberVariable(name, "int"), DIMENSIONLESS, whole=True)
    if not isinstance(kind, QuantityType):
        raise fault_at(f"'{question}' is asked of a quantity, and '{variable}' is none", written)
    if question in (recorded.OWN_UNIT, recorded.WHOLE):
        return Formula(t.BooleanVariable(name))
    return _quantity_named(name, kind)
