"""What must stand at a place of an expression, and comparisons of two values: each raises a `CriterionError` with line and column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lark import Token

from solver.errors import did_you_mean, with_label
from solver.language import arithmetic as number
from solver.language.arithmetic import CriterionError, Number
from solver.language.concepts import ConceptKind, ConceptSet
from solver.language.tree import (
    COHORT_OPEN,
    BooleanVariable,
    Compare,
    Condition,
    Iff,
    Member,
    NumberVariable,
    Term,
    disjunction,
    negation,
)
from solver.language.types import ConceptType
from solver.language.values import (
    ConceptTerm,
    Day,
    Enumerated,
    Formula,
    Limit,
    Ratio,
    Scope,
    Symbol,
    Value,
    describe_value,
)


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
        f"unknown name '{name}'{scope.suggest(name, '') or did_you_mean(name, scope.known(), labels=scope.labels)}",
        node,
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


def compare_values(
    relation: str, left: Value, right: Value, at_left: Any, at_right: Any, scope: Scope
) -> Condition:
    """The comparison of two values, which stand at these nodes; raises the fault of two that cannot be compared."""
    if relation == "!=":
        return negation(compare_values("==", left, right, at_left, at_right, scope))
    if relation in (">", ">="):
        return compare_values("<" if relation == ">" else "<=", right, left, at_right, at_left, scope)
    if isinstance(left, Enumerated) or isinstance(right, Enumerated):
        return _enumeration_comparison(relation, left, right, at_left, at_right, scope)
    for value, node in ((left, at_left), (right, at_right)):
        if isinstance(value, Symbol):
            raise unknown_name(value.name, node, scope)
    if isinstance(left, Formula) and isinstance(right, Formula) and relation == "==":
        return Iff(left.condition, right.condition)
    order: Any = relation
    if isinstance(left, Limit) and isinstance(right, Number):
        left = _limit_of_normal(left, right, at_left, scope)
    if isinstance(right, Limit) and isinstance(left, Number):
        right = _limit_of_normal(right, left, at_right, scope)
    if isinstance(left, Day) and isinstance(right, Day):
        if left.endless is not None and right.endless is not None:
            return Compare(order, left.endless, right.endless)
        return Compare(order, left.term, right.term)
    if isinstance(left, Number) and isinstance(right, Number):
        return Compare(order, *number.aligned(left, right, place_of(at_left), place_of(at_right)))
    if isinstance(left, Ratio) and isinstance(right, Number):
        denominator = number.times(left.denominator, number.per(right, left.unit, place_of(at_right)))
        return Compare(
            order, *number.aligned(left.numerator, denominator, place_of(at_left), place_of(at_right))
        )
    if isinstance(left, Number) and isinstance(right, Ratio):
        denominator = number.times(right.denominator, number.per(left, right.unit, place_of(at_left)))
        return Compare(
            order, *number.aligned(denominator, right.numerator, place_of(at_left), place_of(at_right))
        )
    raise fault_at(f"cannot compare {describe_value(left)} with {describe_value(right)}", at_left)


def _limit_of_normal(limit: Limit, quantity: Number, node: Any, scope: Scope) -> Number:
    """So many times the limit of normal of a quantity, in its unit."""
    variable = quantity.term.name if isinstance(quantity.term, NumberVariable) else ""
    if not variable or quantity.quantity is None:
        raise fault_at("a limit of normal can only be compared with the quantity whose limit it is", node)
    if limit.question not in scope.references.get(variable, ()):
        remedy = f"its 'reference' in the vocabulary has no '{limit.question}'"
        raise fault_at(f"'{variable}' has no {limit.question.upper()}: {remedy}", node)
    name = scope.noted(ConceptTerm(limit.question, variable=variable))
    term = number.product(limit.factor, NumberVariable(name, "real"))
    return Number(term, quantity.dimension, quantity.scale)


def _enumeration_comparison(
    relation: str, left: Value, right: Value, at_left: Any, at_right: Any, scope: Scope
) -> Condition:
    if not isinstance(left, Enumerated):
        left, right, at_left, at_right = right, left, at_right, at_left
    assert isinstance(left, Enumerated)
    if relation != "==":
        raise fault_at(f"'{left.name}' has no order: compare it with ==, != or in", at_left)
    if not isinstance(right, Symbol):
        raise fault_at(f"expected a value of '{left.name}', found {describe_value(right)}", at_right)
    if isinstance(left.type, ConceptType):
        return one_of_concepts(left.name, left.type, at_right.children, scope)
    return Member(left.name, frozenset({enumerated_value(left, right.name, at_right, scope)}))


def enumerated_value(variable: Enumerated, name: str, node: Any, scope: Scope) -> str:
    """The value of an enumeration with this name; raises a fault with the nearest one for a name that is none."""
    if name not in variable.values:
        nearest = scope.suggest(name, variable.name) or did_you_mean(name, variable.values)
        raise fault_at(f"'{name}' is not a value of '{variable.name}'{nearest}", node)
    return name


def concept_named(token: Any, kinds: Sequence[ConceptKind], scope: Scope, where: str) -> str:
    """The id of a concept of one of these kinds; raises the fault of a name that is none."""
    name, tree = str(token), scope.concepts
    if name in tree and tree[name].kind in kinds:
        return name
    if name in tree:
        found = f"'{name}' is a {tree[name].kind}, and {where} takes a {' or a '.join(kinds)}"
        raise fault_at(found, token)
    meant = next(filter(None, (tree.resolve(kind, name) for kind in kinds)), None)
    hint = _concept_hint(name, meant, tree.of_kinds(kinds), scope)
    raise fault_at(f"unknown concept '{name}'{hint}", token)


def _concept_hint(name: str, meant: str | None, known: Sequence[str], scope: Scope) -> str:
    """What to write in place of a name that is no id: the concept that it means, or the nearest, with its label."""
    labels = {each: scope.concepts[each].label for each in known}
    if meant is not None:
        return f": write {with_label(meant, labels)}"
    return did_you_mean(name, known, labels=labels)


def one_of_concepts(variable: str, kind: ConceptType, tokens: Sequence[Any], scope: Scope) -> Condition:
    """That the concept of a variable is narrower than one of these: by its values, as far as they tell."""
    named = [_concept_value(variable, kind, token, scope) for token in tokens]
    every = frozenset[str]().union(*map(scope.concepts.narrower, named))
    together = kind.values_within(every)
    if together is not None:
        return Member(variable, together)
    conditions: list[Condition] = []
    for name in dict.fromkeys(named):
        values = kind.values_within(scope.concepts.narrower(name))
        term = ConceptTerm("is", ConceptSet(kind.kind, name), variable)
        conditions.append(
            Member(variable, values) if values is not None else BooleanVariable(scope.noted(term))
        )
    return disjunction(conditions)


def _concept_value(variable: str, kind: ConceptType, token: Any, scope: Scope) -> str:
    """The concept that a variable may be with this name; raises a fault with the nearest one for a name that is none."""
    name, tree = str(token), scope.concepts
    if name in tree and tree[name].kind == kind.kind:
        return name
    meant = tree.resolve(kind.kind, name)
    hint = _concept_hint(name, meant, tree.of_kinds([kind.kind]), scope)
    raise fault_at(f"'{name}' is not a value of '{variable}'{scope.suggest(name, variable) or hint}", token)
