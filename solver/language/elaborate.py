"""From text to the typed syntax tree: names, types, units and dates are resolved and checked here.

Definitions are expanded in place. Every fault is a `CriterionError` with its line and column in the text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from lark import Token, Tree

from solver.errors import did_you_mean
from solver.language import arithmetic as number
from solver.language import recorded, size
from solver.language import tree as t
from solver.language.arithmetic import Number
from solver.language.calendar import parse_day
from solver.language.expected import (
    as_condition,
    as_day,
    as_number,
    compare_values,
    enumerated_value,
    fault_at,
    place_of,
    unknown_name,
)
from solver.language.parse import parse_expression
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


def compile_condition(text: str, scope: Scope) -> t.Condition:
    """The condition that `text` states; raises `CriterionError`."""
    condition = condition_of(parse_expression(text), scope)
    size.check([condition], size.MOST_PARTS)
    return condition


def condition_of(tree: Tree[Token], scope: Scope) -> t.Condition:
    """The condition that a parsed expression states; raises `CriterionError`."""
    return _conditions_below(Tree("condition", [tree]), scope)[0]


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


def _values_below(tree: Tree[Token], scope: Scope) -> list[Value]:
    return [elaborate(child, scope) for child in tree.children if isinstance(child, Tree)]


def _conditions_below(tree: Tree[Token], scope: Scope) -> list[t.Condition]:
    found = []
    for child in tree.children:
        value = elaborate(child, scope)  # type: ignore[arg-type]
        if isinstance(value, Symbol):
            raise unknown_name(value.name, child, scope)
        found.append(as_condition(value, child))
    return found


def _named_value(tree: Tree[Token], scope: Scope) -> Value:
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
        case EnumerationType(values):
            return Enumerated(name, values)
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


def _quantity_value(tree: Tree[Token], scope: Scope) -> Value:
    token = str(tree.children[0])
    digits = token[: len(token) - len(token.lstrip("0123456789."))]
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


def _bare_number(tree: Tree[Token], scope: Scope) -> Value:
    value = Fraction(str(tree.children[0]))
    return Number(t.Constant(value), DIMENSIONLESS, whole=value.denominator == 1, bare=True)


def _date_value(tree: Tree[Token], scope: Scope) -> Value:
    try:
        return Day(t.Constant(Fraction(parse_day(str(tree.children[0])))))
    except ValueError:
        raise fault_at(f"'{tree.children[0]}' is not a day of the calendar", tree) from None


def _compare_chain(tree: Tree[Token], scope: Scope) -> Value:
    operands = [child for child in tree.children if isinstance(child, Tree)]
    relations = [str(child) for child in tree.children if isinstance(child, Token)]
    values = [elaborate(operand, scope) for operand in operands]
    return Formula(
        t.conjunction(
            [
                compare_values(relation, values[i], values[i + 1], operands[i], operands[i + 1], scope)
                for i, relation in enumerate(relations)
            ]
        )
    )


def _member_of(tree: Tree[Token], scope: Scope) -> Value:
    at, members = tree.children
    variable = elaborate(at, scope)  # type: ignore[arg-type]
    if isinstance(variable, Symbol):
        raise unknown_name(variable.name, at, scope)
    if not isinstance(variable, Enumerated):
        raise fault_at(f"'in' needs a variable with named values, found {describe_value(variable)}", at)
    assert isinstance(members, Tree)
    return Formula(
        t.Member(
            variable.name,
            frozenset(enumerated_value(variable, str(token), token, scope) for token in members.children),
        )
    )


def _contains_class(tree: Tree[Token], scope: Scope) -> Value:
    at, token = tree.children
    listed = elaborate(at, scope)  # type: ignore[arg-type]
    if not isinstance(listed, Listed):
        raise fault_at(f"'contains' needs a list, found {describe_value(listed)}", at)
    name = str(token)
    own = [known for known, of in scope.classes.items() if of == listed.name]
    if name not in own:
        raise fault_at(f"unknown class '{name}' of '{listed.name}'{did_you_mean(name, own)}", token)
    return Formula(t.Contains(listed.name, name))


def _sum_of(tree: Tree[Token], scope: Scope, sign: int = 1) -> Value:
    left, right = _values_below(tree, scope)
    at_left, at_right = tree.children
    if isinstance(left, Day):
        return _shifted_day(left, right, sign, at_right, scope)
    return number.plus(
        as_number(left, at_left, scope),
        as_number(right, at_right, scope),
        sign,
        place_of(at_left),
        place_of(at_right),
    )


def _shifted_day(day: Day, span: Value, sign: int, node: Any, scope: Scope) -> Value:
    if isinstance(span, Day) and sign < 0:
        raise fault_at("write days_between(earlier, later) for the days between two dates", node)
    literal = as_number(span, node, scope)
    if literal.literal is None or not isinstance(literal.term, t.Constant):
        raise fault_at(
            f"a date can be shifted by days, weeks, months or years only, found {describe_value(span)}", node
        )
    amount = literal.term.value * literal.literal.factor * sign
    if literal.dimension == (("calendar months", 1),) and amount.denominator == 1 and abs(amount) <= 1200:
        return Day(t.AddMonths(day.term, int(amount)))
    days = amount / 86400
    if literal.dimension == (("time", 1),) and days.denominator == 1 and abs(days) <= 36525:
        return Day(t.Sum((day.term, t.Constant(days))))
    raise fault_at("a date can be shifted by whole days or months, up to a century, only", node)


def _chosen_value(tree: Tree[Token], scope: Scope) -> Value:
    at_if, at_then, at_else = tree.children
    condition = _conditions_below(Tree("choice", [at_if]), scope)[0]
    then, otherwise = elaborate(at_then, scope), elaborate(at_else, scope)  # type: ignore[arg-type]
    for value, node in ((then, at_then), (otherwise, at_else)):
        if isinstance(value, Symbol):
            raise unknown_name(value.name, node, scope)
    if isinstance(then, Formula) and isinstance(otherwise, Formula):
        return Formula(
            t.conjunction(
                [
                    t.implication(condition, then.condition),
                    t.implication(t.negation(condition), otherwise.condition),
                ]
            )
        )
    if isinstance(then, Day) and isinstance(otherwise, Day):
        return Day(t.Choice(condition, then.term, otherwise.term))
    if isinstance(then, Number) and isinstance(otherwise, Number):
        return number.either(condition, then, otherwise, place_of(at_then), place_of(at_else))
    raise fault_at(f"'then' is {describe_value(then)} but 'else' is {describe_value(otherwise)}", at_else)


def _magnitude_in(tree: Tree[Token], scope: Scope) -> Value:
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


def _power_of(tree: Tree[Token], scope: Scope) -> Value:
    at, token = tree.children
    base = as_number(elaborate(at, scope), at, scope)  # type: ignore[arg-type]
    if not str(token).isdigit() or not 1 <= int(token) <= 9:  # type: ignore[arg-type]
        raise fault_at(f"an exponent is a whole number from 1 to 9, found {token}", token)
    return size.checked(number.raised(base, int(token)), *place_of(tree))  # type: ignore[arg-type]


def _refused_division(tree: Tree[Token], scope: Scope) -> Value:
    raise fault_at("the language has no division: multiply the comparison out, or define a ratio", tree)


def _function_value(tree: Tree[Token], scope: Scope) -> Value:
    token, *arguments = tree.children
    name = str(token)
    if scope.facts and name in recorded.QUESTIONS:
        return _asked_of_fact(token, arguments, scope)
    if name not in _FUNCTIONS:
        known = [*_FUNCTIONS, "magnitude", *(recorded.QUESTIONS if scope.facts else ())]
        raise fault_at(f"unknown function '{name}'{did_you_mean(name, known, words=True)}", token)
    wanted, function = _FUNCTIONS[name]
    if wanted is not None and len(arguments) != wanted:
        raise fault_at(
            f"'{name}' takes {wanted} argument{'s' * (wanted != 1)}, found {len(arguments)}", token
        )
    return function(tree, scope)


def _asked_of_fact(token: Any, arguments: Sequence[object], scope: Scope) -> Formula | Number:
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


def _days_between(tree: Tree[Token], scope: Scope) -> Value:
    start, end = (as_day(elaborate(a, scope), a, scope) for a in tree.children[1:])  # type: ignore[arg-type]
    return Number(number.difference(end, start), DIMENSIONLESS, whole=True, days=True)


def _completed_years(tree: Tree[Token], scope: Scope) -> Value:
    start, end = (as_day(elaborate(a, scope), a, scope) for a in tree.children[1:])  # type: ignore[arg-type]
    if end != t.NumberVariable(t.AS_OF, "date"):
        raise fault_at("completed years are counted to 'as_of' only", tree.children[2])
    return Number(t.CompletedYears(start, end), DIMENSIONLESS, whole=True)


def _count_of(tree: Tree[Token], scope: Scope) -> Value:
    conditions = _conditions_below(Tree("count", tree.children[1:]), scope)
    return Number(t.Count(tuple(conditions)), DIMENSIONLESS, whole=True)


def _list_name(tree: Tree[Token], scope: Scope) -> str:
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
    "count": (None, _count_of),
    "size": (1, lambda tree, scope: Number(t.ListSize(_list_name(tree, scope)), DIMENSIONLESS, whole=True)),
    "complete": (1, lambda tree, scope: Formula(t.Complete(_list_name(tree, scope)))),
}

_RULES: dict[str, _Rule] = {
    "name": _named_value,
    "quantity": _quantity_value,
    "number": _bare_number,
    "date": _date_value,
    "true": lambda tree, scope: Formula(t.TRUE),
    "false": lambda tree, scope: Formula(t.FALSE),
    "not_": lambda tree, scope: Formula(t.negation(_conditions_below(tree, scope)[0])),
    "conjunction": lambda tree, scope: Formula(t.conjunction(_conditions_below(tree, scope))),
    "disjunction": lambda tree, scope: Formula(t.disjunction(_conditions_below(tree, scope))),
    "implies": lambda tree, scope: Formula(t.implication(*_conditions_below(tree, scope))),
    "compare": _compare_chain,
    "member": _member_of,
    "not_member": lambda tree, scope: Formula(t.negation(as_condition(_member_of(tree, scope), tree))),
    "contains": _contains_class,
    "add": _sum_of,
    "subtract": lambda tree, scope: _sum_of(tree, scope, -1),
    "times": lambda tree, scope: size.checked(
        number.times(*(as_number(elaborate(node, scope), node, scope) for node in tree.children)),  # type: ignore[arg-type]
        *place_of(tree),
    ),
    "divide": _refused_division,
    "minus": lambda tree, scope: number.negated(
        as_number(_values_below(tree, scope)[0], tree.children[0], scope)
    ),
    "power": _power_of,
    "choice": _chosen_value,
    "magnitude": _magnitude_in,
    "call": _function_value,
}
