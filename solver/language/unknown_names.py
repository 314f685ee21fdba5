"""Every name of an expression that means nothing: what its author should hear of at once, and not one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lark import Token, Tree

from solver.language.arithmetic import CriterionError
from solver.language.concept_terms import TERM_FUNCTIONS, WITHIN, concept_fault
from solver.language.expected import unknown_name
from solver.language.parse import parse_expression
from solver.language.recorded import QUESTIONS
from solver.language.types import EnumerationType
from solver.language.values import Enumerated, Scope


def unknown_names(text: str, scope: Scope) -> list[CriterionError]:
    """The faults of the names and concepts in a text that are not known, in their order; none where it cannot be parsed."""
    try:
        tree = parse_expression(text)
    except CriterionError:
        return []
    return list(_below(tree, scope))


def _below(node: Any, scope: Scope) -> Iterator[CriterionError]:
    if not isinstance(node, Tree):
        return
    if node.data == "name":
        name = str(node.children[0])
        if name not in scope.known():
            yield unknown_name(name, node, scope)
        return
    if node.data == "except_":
        return
    children = list(node.children)
    if node.data == "call":
        function = str(children[0])
        if scope.facts and function in QUESTIONS:
            return
        if function in TERM_FUNCTIONS:
            fault = concept_fault(function, children[1], scope)
            if fault is not None:
                yield fault
            children = children[2:] if function == WITHIN else []
    values = node.data == "compare" and any(_is_enumerated(child, scope) for child in children)
    for child in children:
        if not (values and isinstance(child, Tree) and child.data == "name"):
            yield from _below(child, scope)


def _is_enumerated(node: Any, scope: Scope) -> bool:
    """Whether it names what has named values, beside which a name may be one of them."""
    if not isinstance(node, Tree) or node.data != "name" or not isinstance(node.children[0], Token):
        return False
    name = str(node.children[0])
    kind = scope.variables.get(name)
    return isinstance(kind, EnumerationType) or isinstance(scope.definitions.get(name), Enumerated)
