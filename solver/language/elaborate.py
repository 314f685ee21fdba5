"""From text to the typed syntax tree: names, types, units and dates are resolved and checked here.

Definitions are expanded in place. Every fault is a `CriterionError` with its line and column in the text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lark import Token, Tree

from solver.errors import did_you_mean
from solver.language import arithmetic as number
from solver.language import recorded, size
from solver.language import tree as t
from solver.language.arithmetic import Number
from solver.language.concept_terms import (
    TERM_FUNCTIONS,
    WITHIN,
    asked_of_concepts,
    check_event_days,
    concept_test,
    contained_event,
    event_days,
    shifted_days,
    shifted_months,
)
from solver.language.concepts import LISTS
from solver.language.expected import (
    as_condition,
    as_day,
    as_number,
    compare_values,
    concept_named,
    enumerated_value,
    fault_at,
    one_of_concepts,
    place_of,
    unknown_name,
)
from solver.language.leaves import (
    asked_of_fact,
    bare_number,
    date_value,
    half_lives,
    named_value,
    quantity_value,
)
from solver.language.parse import parse_expression
from solver.language.types import ConceptType
from solver.language.units import DIMENSIONLESS, UnknownUnit, describe, parse_unit
from solver.language.values import (
    ConceptTerm,
    Day,
    Enumerated,
    Formula,
    Limit,
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


def compile_term(text: str, scope: Scope) -> ConceptTerm:
    """The term that `text` is, and nothing more; raises `CriterionError`."""
    tree = parse_expression(text)
    value = elaborate(tree, scope)
    asked = isinstance(value, Formula | Number | Day) and str(tree.data) in ("call", "is_")
    name = " ".join(text.split()) if not asked else ""
    if asked and tree.data == "is_":
        return concept_test(tree, scope)
    node = value.condition if isinstance(value, Formula) else getattr(value, "term", None)
    found = scope.terms.get(getattr(node, "name", name)) if asked else None
    if found is None:
        raise fault_at("expected one term, such as ever(...), times(...) or a variable 'is' a concept", tree)
    return found


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


def _is_concept(tree: Tree[Token], scope: Scope) -> Value:
    at, token = tree.children
    variable = elaborate(at, scope)  # type: ignore[arg-type]
    if isinstance(variable, Symbol):
        raise unknown_name(variable.name, at, scope)
    if not isinstance(variable, Enumerated) or not isinstance(variable.type, ConceptType):
        raise fault_at(f"'is' asks whether a variable is a concept, found {describe_value(variable)}", at)
    return Formula(one_of_concepts(variable.name, variable.type, [token], scope))


def _member_of(tree: Tree[Token], scope: Scope) -> Value:
    at, members = tree.children
    variable = elaborate(at, scope)  # type: ignore[arg-type]
    if isinstance(variable, Symbol):
        raise unknown_name(variable.name, at, scope)
    if not isinstance(variable, Enumerated):
        raise fault_at(f"'in' needs a variable with named values, found {describe_value(variable)}", at)
    assert isinstance(members, Tree)
    if isinstance(variable.type, ConceptType):
        return Formula(one_of_concepts(variable.name, variable.type, members.children, scope))
    return Formula(
        t.Member(
            variable.name,
            frozenset(enumerated_value(variable, str(token), token, scope) for token in members.children),
        )
    )


def _contains_class(tree: Tree[Token], scope: Scope) -> Value:
    at, token = tree.children
    events = scope.events.get(str(at.children[0])) if isinstance(at, Tree) and at.data == "name" else None
    if events is not None and not scope.lists:
        return contained_event(events, token, scope)
    listed = elaborate(at, scope)  # type: ignore[arg-type]
    if not isinstance(listed, Listed):
        raise fault_at(f"'contains' needs a list, found {describe_value(listed)}", at)
    name = str(token)
    own = [known for known, of in scope.classes.items() if of == listed.name]
    if events is not None and name not in own:
        # what is said beside an answer may ask for names alone, and costs no more than to read them
        return Formula(t.Contains(listed.name, concept_named(token, LISTS[events], scope, "'contains'")))
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
        return shifted_months(day, int(amount))
    days = amount / 86400
    if literal.dimension == (("time", 1),) and days.denominator == 1 and abs(days) <= 36525:
        return shifted_days(day, days)
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
        return _chosen_day(condition, then, otherwise)
    if isinstance(then, Limit) and isinstance(otherwise, Limit) and then.question == otherwise.question:
        return Limit(then.question, t.Choice(condition, then.factor, otherwise.factor))
    if isinstance(then, Number) and isinstance(otherwise, Number):
        return number.either(condition, then, otherwise, place_of(at_then), place_of(at_else))
    raise fault_at(f"'then' is {describe_value(then)} but 'else' is {describe_value(otherwise)}", at_else)


def _chosen_day(condition: t.Condition, then: Day, otherwise: Day) -> Day:
    days = [day.term if day.endless is None else day.endless for day in (then, otherwise)]
    endless = then.endless is not None or otherwise.endless is not None
    return Day(
        t.Choice(condition, then.term, otherwise.term), t.Choice(condition, *days) if endless else None
    )


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
        return asked_of_fact(token, arguments, scope)
    if name in TERM_FUNCTIONS:
        return _asked_of_concepts(tree, scope)
    if name not in _FUNCTIONS:
        known = [*_FUNCTIONS, *TERM_FUNCTIONS, "magnitude", *(recorded.QUESTIONS if scope.facts else ())]
        raise fault_at(f"unknown function '{name}'{did_you_mean(name, known, words=True)}", token)
    wanted, function = _FUNCTIONS[name]
    if wanted is not None and len(arguments) != wanted:
        raise fault_at(
            f"'{name}' takes {wanted} argument{'s' * (wanted != 1)}, found {len(arguments)}", token
        )
    return function(tree, scope)


def _asked_of_concepts(tree: Tree[Token], scope: Scope) -> Value:
    values = [elaborate(node, scope) for node in tree.children[2:] if isinstance(node, Tree)]
    for value, node in zip(values, tree.children[2:], strict=True):
        if isinstance(value, Symbol) and tree.children[0] == WITHIN:
            raise unknown_name(value.name, node, scope)
    return asked_of_concepts(tree, values, scope)


def _refused_exception(tree: Tree[Token], scope: Scope) -> Value:
    raise fault_at(
        "'except' may stand only behind a concept that is asked about, as in ever(a except {b})", tree
    )


def _days_between(tree: Tree[Token], scope: Scope) -> Value:
    start, end = (as_day(elaborate(a, scope), a, scope) for a in tree.children[1:])  # type: ignore[arg-type]
    check_event_days(start, end, tree.children[1:], scope)
    return Number(number.difference(end, start), DIMENSIONLESS, whole=True, days=True)


def _completed_years(tree: Tree[Token], scope: Scope) -> Value:
    start, end = (as_day(elaborate(a, scope), a, scope) for a in tree.children[1:])  # type: ignore[arg-type]
    if end != t.NumberVariable(t.AS_OF, "date"):
        raise fault_at("completed years are counted to 'as_of' only", tree.children[2])
    if event_days(start, scope):
        raise fault_at(
            "completed years are counted from a day of the calendar, and this may be none", tree.children[1]
        )
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
    "name": named_value,
    "quantity": quantity_value,
    "number": bare_number,
    "half_lives": half_lives,
    "except_": _refused_exception,
    "date": date_value,
    "true": lambda tree, scope: Formula(t.TRUE),
    "false": lambda tree, scope: Formula(t.FALSE),
    "not_": lambda tree, scope: Formula(t.negation(_conditions_below(tree, scope)[0])),
    "conjunction": lambda tree, scope: Formula(t.conjunction(_conditions_below(tree, scope))),
    "disjunction": lambda tree, scope: Formula(t.disjunction(_conditions_below(tree, scope))),
    "implies": lambda tree, scope: Formula(t.implication(*_conditions_below(tree, scope))),
    "compare": _compare_chain,
    "is_": _is_concept,
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
