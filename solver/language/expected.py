"""What must stand at a place of an expression: the value as such, or a `CriterionError` with the line and column."""

from __future__ import annotations

from typing import Any

from lark import Token

from solver.errors import did_you_mean
from solver.language.arithmetic import CriterionError, Number
from solver.language.tree import COHORT_OPEN, Condition, Term
from solver.language.values import Day, Formula, Scope, Symbol, Value, describe_value


def place_of(node: Any) -> tuple[int, int]:
    """Line and column of a node of a parse tree."""
    meta = node if isinstance(node, Token) else node.meta
    return (getattr(meta, "line", 1) or 1, getattr(meta, "column", 1) or 1)


def fault_at(message: str, node: Any) -> CriterionError:
    """The error with the place of a node."""
    return CriterionError(message, *place_of(node))


def unknown_name(name: str, node: Any, scope: Scope) -> CriterionError:
    """The error of a name that means nothing, with the nearest that does."""
    if name == COHORT_OPEN:
        return fault_at("'cohort_open' may stand only in a clause marked 'routing: true'", node)
    return fault_at(
        f"unknown name '{name}'{scope.suggest(name, '') or did_you_mean(name, scope.known())}", node
    )


def as_condition(value: Value, node: Any) -> Condition:
    """The condition that a value is; raises `CriterionError` if it is none."""
    if isinstance(value, Formula):
        return value.condition
    raise fault_at(f"expected a condition, found {describe_value(value)}", node)


def as_number(value: Value, node: Any, scope: Scope) -> Number:
    """The number that a value is; raises `CriterionError` if it is none."""
    if isinstance(value, Number):
        return value
    if isinstance(value, Symbol):
        raise unknown_name(value.name, node, scope)
    raise fault_at(f"expected a number, found {describe_value(value)}", node)


def as_day(value: Value, node: Any, scope: Scope) -> Term:
    """The day that a value is; raises `CriterionError` if it is none."""
    if isinstance(value, Day):
        return value.term
    if isinstance(value, Symbol):
        raise unknown_name(value.name, node, scope)
    raise fault_at(f"expected a date, found {describe_value(value)}", node)
