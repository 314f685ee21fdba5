"""From text to the typed syntax tree: names, types, units and dates are resolved and checked here.

Definitions are expanded in place. Every fault is a `CriterionError` with its line and column in the text.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from lark import Token, Tree

from solver.errors import did_you_mean
from solver.language import arithmetic as number
from solver.language import size
from solver.language.arithmetic import Number
from solver.language.ask import ask
from solver.language.calendar import parse_day
from solver.language.comparison import compare_values, enumerated_value
from solver.language.expected import as_condition, as_day, as_number, fault_at, place_of, unknown_name
from solver.language.parse import parse_expression
from solver.language.recorded import QUESTIONS
from solver.language.tree import (
    AS_OF,
    COHORT_OPEN,
    FALSE,
    TRUE,
    AddMonths,
    BooleanVariable,
    Choice,
    Complete,
    CompletedYears,
    Condition,
    Constant,
    Contains,
    Count,
    ListSize,
    Member,
    NumberVariable,
    Sum,
    conjunction,
    disjunction,
    implication,
    negation,
)
from solver.language.types import BooleanType, DateType, EnumerationType, IntegerType, ListType, QuantityType
from solver.language.units import DIMENSIONLESS, UnknownUnit, describe, parse_unit
from solver.language.values import (
    EACH,
    Day,
    Enumerated,
    Formula,
    Listed,
    Scope,
    Symbol,
    Value,
    describe_value,
)


def compile_condition(text: str, scope: Scope) -> Condition:
    """The condition that `text` states; raises `CriterionError`."""
    condition = condition_of(parse_expression(text), scope)
    size.check([condition], size.MOST_PARTS)
    return condition


def condition_of(tree: Tree[Token], scope: Scope) -> Condition:
    """The condition that a parsed expression states; raises `CriterionError`."""
    return _conditions(Tree("condition", [tree]), scope)[0]


def compile_value(text: str, scope: Scope) -> Value:
    """The value that `text` denotes, for a definition; raises `CriterionError`."""
    tree = parse_expression(text)
    value = elaborate(tree, scope)
    if isinstance(value, Symbol):
        raise unknown_name(value.name, tree, scope)
    size.check(size.nodes(value), size.MOST_PARTS_OF_DEFINITION)
    return value


def elaborate(tree: Tree[Token], scope: Scope) -> Value:
    """The typed value of a parsed expression."""
    return _RULES[tree.data](tree, scope)


def _sub(tree: Tree[Token], scope: Scope) -> list[Value]:
    return [elaborate(child, scope) for child in tree.children if isinstance(child, Tree)]


def _conditions(tree: Tree[Token], scope: Scope) -> list[Condition]:
    found = []
    for child in tree.children:
        value = elaborate(child, scope)  # type: ignore[arg-type]
        if isinstance(value, Symbol):
            raise unknown_name(value.name, child, scope)
        found.append(as_condition(value, child))
    return found


def _name(tree: Tree[Token], scope: Scope) -> Value:
    token = tree.children[0]
    name = scope.each if token == EACH and scope.each else str(token)
    if name == AS_OF:
        return Day(NumberVariable(AS_OF, "date"))
    if name == COHORT_OPEN and scope.routing:
        return Formula(BooleanVariable(COHORT_OPEN))
    if name in scope.definitions:
        return scope.definitions[name]
    match scope.variables.get(name):
        case BooleanType():
            return Formula(BooleanVariable(name))
        case EnumerationType(values):
            return Enumerated(name, values)
        case IntegerType():
            return Number(NumberVariable(name, "int"), DIMENSIONLESS, whole=True)
        case QuantityType() as quantity:
            unit = quantity.unit
            parts = not unit.dimension and unit.factor != 1
            term = NumberVariable(name, "real")
            return Number(term, unit.dimension, unit.factor, quantity=quantity, parts=parts)
        case DateType():
            return Day(NumberVariable(name, "date"))
        case ListType():
            if not scope.lists:
                raise fault_at(f"the list '{name}' may be asked about only in the theory", token)
            return Listed(name)
        case _:
            return Symbol(name)


def _quantity(tree: Tree[Token], scope: Scope) -> Value:
    token = str(tree.children[0])
    digits = token[: len(token) - len(token.lstrip("0123456789."))]
    try:
        unit = parse_unit(token[len(digits) :].strip())
    except UnknownUnit as error:
        raise fault_at(f"{error}", tree) from None
    return Number(
        Constant(Fraction(digits)),
        unit.dimension,
        unit.factor,
        literal=unit,
        parts=not unit.dimension and unit.factor != 1,
    )


def _bare(tree: Tree[Token], scope: Scope) -> Value:
    value = Fraction(str(tree.children[0]))
    return Number(Constant(value), DIMENSIONLESS, whole=value.denominator == 1, bare=True)


def _date(tree: Tree[Token], scope: Scope) -> Value:
    try:
        return Day(Constant(Fraction(parse_day(str(tree.children[0])))))
    except ValueError:
        raise fault_at(f"'{tree.children[0]}' is not a day of the calendar", tree) from None


def _compare_chain(tree: Tree[Token], scope: Scope) -> Value:
    operands = [child for child in tree.children if isinstance(child, Tree)]
    relations = [str(child) for child in tree.children if isinstance(child, Token)]
    values = [elaborate(operand, scope) for operand in operands]
    return Formula(
        conjunction(
            [
                compare_values(relation, values[i], values[i + 1], operands[i], operands[i + 1], scope)
                for i, relation in enumerate(relations)
            ]
        )
    )


def _member(tree: Tree[Token], scope: Scope) -> Value:
    at, members = tree.children
    variable = elaborate(at, scope)  # type: ignore[arg-type]
    if isinstance(variable, Symbol):
        raise unknown_name(variable.name, at, scope)
    if not isinstance(variable, Enumerated):
        raise fault_at(f"'in' needs a variable with named values, found {describe_value(variable)}", at)
    assert isinstance(members, Tree)
    return Formula(
        Member(
            variable.name,
            frozenset(enumerated_value(variable, str(token), token, scope) for token in members.children),
        )
    )


def _contains(tree: Tree[Token], scope: Scope) -> Value:
    at, token = tree.children
    listed = elaborate(at, scope)  # type: ignore[arg-type]
    if not isinstance(listed, Listed):
        raise fault_at(f"'contains' needs a list, found {describe_value(listed)}", at)
    name = str(token)
    own = [known for known, of in scope.classes.items() if of == listed.name]
    if name not in own:
        raise fault_at(f"unknown class '{name}' of '{listed.name}'{did_you_mean(name, own)}", token)
    return Formula(Contains(listed.name, name))


def _add(tree: Tree[Token], scope: Scope, sign: int = 1) -> Value:
    left, right = _sub(tree, scope)
    at_left, at_right = tree.children
    if isinstance(left, Day):
        return _shift(left, right, sign, at_right, scope)
    return number.plus(
        as_number(left, at_left, scope),
        as_number(right, at_right, scope),
        sign,
        place_of(at_left),
        place_of(at_right),
    )


def _shift(day: Day, span: Value, sign: int, node: Any, scope: Scope) -> Value:
    if isinstance(span, Day) and sign < 0:
        raise fault_at("write days_between(earlier, later) for the days between two dates", node)
    literal = as_number(span, node, scope)
    if literal.literal is None or not isinstance(literal.term, Constant):
        raise fault_at(
            f"a date can be shifted by days, weeks, months or years only, found {describe_value(span)}", node
        )
    amount = literal.term.value * literal.literal.factor * sign
    if literal.dimension == (("calendar months", 1),) and amount.denominator == 1 and abs(amount) <= 1200:
        return Day(AddMonths(day.term, int(amount)))
    days = amount / 86400
    if literal.dimension == (("time", 1),) and days.denominator == 1 and abs(days) <= 36525:
        return Day(Sum((day.term, Constant(days))))
    raise fault_at("a date can be shifted by whole days or months, up to a century, only", node)


def _choice(tree: Tree[Token], scope: Scope) -> Value:
    at_if, at_then, at_else = tree.children
    condition = _conditions(Tree("choice", [at_if]), scope)[0]
    then, otherwise = elaborate(at_then, scope), elaborate(at_else, scope)  # type: ignore[arg-type]
    for value, node in ((then, at_then), (otherwise, at_else)):
        if isinstance(value, Symbol):
            raise unknown_name(value.name, node, scope)
    if isinstance(then, Formula) and isinstance(otherwise, Formula):
        return Formula(
            conjunction(
                [
                    implication(condition, then.condition),
                    implication(negation(condition), otherwise.condition),
                ]
            )
        )
    if isinstance(then, Day) and isinstance(otherwise, Day):
        return Day(Choice(condition, then.term, otherwise.term))
    if isinstance(then, Number) and isinstance(otherwise, Number):
        return number.either(condition, then, otherwise, place_of(at_then), place_of(at_else))
    raise fault_at(f"'then' is {describe_value(then)} but 'else' is {describe_value(otherwise)}", at_else)


def _magnitude(tree: Tree[Token], scope: Scope) -> Value:
    at, token = tree.children
    value = as_number(elaborate(at, scope), at, scope)  # type: ignore[arg-type]
    try:
        unit = parse_unit(str(token).strip())
    except UnknownUnit as error:
        raise fault_at(str(error), token) from None
    if unit.dimension != value.dimension:
        raise fault_at(
            f"'{unit.text}' measures {describe(unit.dimension)}, but this is {describe(value.dimension)}",
            token,
        )
    return Number(value.term, DIMENSIONLESS, value.scale / unit.factor)


def _power(tree: Tree[Token], scope: Scope) -> Value:
    at, token = tree.children
    base = as_number(elaborate(at, scope), at, scope)  # type: ignore[arg-type]
    if not str(token).isdigit() or not 1 <= int(token) <= 9:  # type: ignore[arg-type]
        raise fault_at(f"an exponent is a whole number from 1 to 9, found {token}", token)
    return size.checked(number.raised(base, int(token)), *place_of(tree))  # type: ignore[arg-type]


def _divide(tree: Tree[Token], scope: Scope) -> Value:
    raise fault_at("the language has no division: multiply the comparison out, or define a ratio", tree)


def _call(tree: Tree[Token], scope: Scope) -> Value:
    token, *arguments = tree.children
    name = str(token)
    if scope.facts and name in QUESTIONS:
        return ask(token, arguments, scope)
    if name not in _FUNCTIONS:
        known = [*_FUNCTIONS, "magnitude", *(QUESTIONS if scope.facts else ())]
        raise fault_at(f"unknown function '{name}'{did_you_mean(name, known, words=True)}", token)
    wanted, function = _FUNCTIONS[name]
    if wanted is not None and len(arguments) != wanted:
        raise fault_at(
            f"'{name}' takes {wanted} argument{'s' * (wanted != 1)}, found {len(arguments)}", token
        )
    return function(tree, scope)


def _days_between(tree: Tree[Token], scope: Scope) -> Value:
    start, end = (as_day(elaborate(a, scope), a, scope) for a in tree.children[1:])  # type: ignore[arg-type]
    return Number(number.difference(end, start), DIMENSIONLESS, whole=True, days=True)


def _completed_years(tree: Tree[Token], scope: Scope) -> Value:
    start, end = (as_day(elaborate(a, scope), a, scope) for a in tree.children[1:])  # type: ignore[arg-type]
    if end != NumberVariable(AS_OF, "date"):
        raise fault_at("completed years are counted to 'as_of' only", tree.children[2])
    return Number(CompletedYears(start, end), DIMENSIONLESS, whole=True)


def _count(tree: Tree[Token], scope: Scope) -> Value:
    conditions = _conditions(Tree("count", tree.children[1:]), scope)
    return Number(Count(tuple(conditions)), DIMENSIONLESS, whole=True)


def _listed(tree: Tree[Token], scope: Scope) -> str:
    """The name of the list that a function is asked of."""
    token, at = tree.children
    listed = elaborate(at, scope)  # type: ignore[arg-type]
    if not isinstance(listed, Listed):
        raise fault_at(f"'{token}' needs a list, found {describe_value(listed)}", at)
    return listed.name


_Rule = Callable[[Tree[Token], Scope], Value]

_FUNCTIONS: dict[str, tuple[int | None, _Rule]] = {
    "days_between": (2, _days_between),
    "completed_years": (2, _completed_years),
    "count": (None, _count),
    "size": (1, lambda tree, scope: Number(ListSize(_listed(tree, scope)), DIMENSIONLESS, whole=True)),
    "complete": (1, lambda tree, scope: Formula(Complete(_listed(tree, scope)))),
}

_RULES: dict[str, _Rule] = {
    "name": _name,
    "quantity": _quantity,
    "number": _bare,
    "date": _date,
    "true": lambda tree, scope: Formula(TRUE),
    "false": lambda tree, scope: Formula(FALSE),
    "not_": lambda tree, scope: Formula(negation(_conditions(tree, scope)[0])),
    "conjunction": lambda tree, scope: Formula(conjunction(_conditions(tree, scope))),
    "disjunction": lambda tree, scope: Formula(disjunction(_conditions(tree, scope))),
    "implies": lambda tree, scope: Formula(implication(*_conditions(tree, scope))),
    "compare": _compare_chain,
    "member": _member,
    "not_member": lambda tree, scope: Formula(negation(as_condition(_member(tree, scope), tree))),
    "contains": _contains,
    "add": _add,
    "subtract": lambda tree, scope: _add(tree, scope, -1),
    "times": lambda tree, scope: size.checked(
        number.times(*(as_number(elaborate(node, scope), node, scope) for node in tree.children)),  # type: ignore[arg-type]
        *place_of(tree),
    ),
    "divide": _divide,
    "minus": lambda tree, scope: number.negated(as_number(_sub(tree, scope)[0], tree.children[0], scope)),
    "power": _power,
    "choice": _choice,
    "magnitude": _magnitude,
    "call": _call,
}
