"""What a check asks of a fact as it is recorded, from its text to the typed value."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from lark import Tree

from solver.errors import did_you_mean
from solver.language.arithmetic import CriterionError, Number
from solver.language.recorded import DAYS_OLD, OWN_UNIT, RECORDED, VALID_DAYS, WHOLE, of_fact
from solver.language.tree import BooleanVariable, Constant, NumberVariable
from solver.language.types import QuantityType
from solver.language.units import DIMENSIONLESS
from solver.language.values import EACH, Formula, Scope


def ask(token: Any, arguments: Sequence[object], scope: Scope) -> Formula | Number:
    """What a question denotes that is asked, by its name, of the fact about a variable; raises `CriterionError`."""
    question, given = str(token), arguments[0]
    if len(arguments) != 1 or not isinstance(given, Tree) or given.data != "name":
        raise _error(f"'{question}' takes the name of a variable", token)
    written = given.children[0]
    variable = scope.each if written == EACH and scope.each else str(written)
    kind = scope.variables.get(variable)
    if kind is None:
        raise _error(f"unknown variable '{variable}'{did_you_mean(variable, scope.variables)}", written)
    if question == VALID_DAYS:
        if variable not in scope.valid_days:
            raise _error(f"'{variable}' has no 'valid_days' in the vocabulary", written)
        return Number(Constant(Fraction(scope.valid_days[variable])), DIMENSIONLESS, whole=True)
    name = of_fact(question, variable)
    if question in (RECORDED, DAYS_OLD):
        if question == RECORDED:
            return Formula(BooleanVariable(name))
        return Number(NumberVariable(name, "int"), DIMENSIONLESS, whole=True)
    if not isinstance(kind, QuantityType):
        raise _error(f"'{question}' is asked of a quantity, and '{variable}' is none", written)
    if question in (OWN_UNIT, WHOLE):
        return Formula(BooleanVariable(name))
    parts = not kind.unit.dimension and kind.unit.factor != 1
    term = NumberVariable(name, "real")
    return Number(term, kind.unit.dimension, kind.unit.factor, quantity=kind, parts=parts)


def _error(message: str, at: Any) -> CriterionError:
    return CriterionError(message, at.line or 1, at.column or 1)
