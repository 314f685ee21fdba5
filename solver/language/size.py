"""How large an expression may be: far more than anybody writes or could review, and little enough to work with.

Every fault is a `CriterionError`; where it is about the whole expression, its place is the beginning.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, islice

from lark import Token, Tree

from solver.language.arithmetic import CriterionError, Number
from solver.language.tree import Choice, Constant, Node, Power, Product, Sum, Term, walk
from solver.language.values import Day, Formula, Ratio, Value
from solver.patterns import pattern

LONGEST_NUMBER = 100
"""Digits of a number."""

MOST_WORDS = 2_000
"""Nodes of the parse tree; the largest that ships has under 100, as below."""

DEEPEST = 100
"""How deep the parse tree is nested."""

MOST_PARTS = 5_000
"""Parts of a condition, with what it names expanded."""

MOST_PARTS_OF_DEFINITION = 1_000
"""The same of a definition, which other definitions multiply."""

LARGEST_DEGREE = 30
"""How many values are multiplied with one another, powers included; the highest that ships is 3."""

LARGEST_BITS = 4_000
"""Of the numerator and the denominator of a number that is worked out."""

_LONG_NUMBER = pattern(rf"[0-9.]{{{LONGEST_NUMBER + 1},}}")


def check_digits(text: str) -> None:
    """Refuse an expression with a number of too many digits."""
    found = _LONG_NUMBER.search(text)
    if found:
        before = text[: found.start()]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise CriterionError(f"a number has at most {LONGEST_NUMBER} digits", line, column)


def check_tree(tree: Tree[Token]) -> None:
    """Refuse a parse tree that is too large or nested too deep."""
    level, depth, words = [tree], 0, 0
    while level:
        depth += 1
        below = [child for node in level for child in node.children]
        words += len(below)
        if words > MOST_WORDS:
            raise CriterionError(f"more than {MOST_WORDS:,} words: divide it among clauses or definitions")
        if depth > DEEPEST:
            raise CriterionError(f"nested more than {DEEPEST} deep: define parts of it by name")
        level = [child for child in below if isinstance(child, Tree)]


def check(nodes: Iterable[Node], most: int) -> None:
    """Refuse what has too many parts once its names are expanded: definitions of definitions can grow without end."""
    parts = chain.from_iterable(map(walk, nodes))
    if next(islice(parts, most, None), None) is not None:
        raise CriterionError(f"more than {most:,} parts with what it names: divide it among clauses")


def nodes(value: Value) -> tuple[Node, ...]:
    """The trees that a value is made of."""
    match value:
        case Formula():
            return (value.condition,)
        case Number() | Day():
            return (value.term,)
        case Ratio():
            return (value.numerator.term, value.denominator.term)
        case _:
            return ()


def checked(value: Number, line: int, column: int) -> Number:
    """A product or power, unless products of products have made it too large to work with."""
    numbers = [value.scale, value.term.value] if isinstance(value.term, Constant) else [value.scale]
    bits = max(max(abs(part.numerator), part.denominator).bit_length() for part in numbers)
    if bits > LARGEST_BITS or degree(value.term) > LARGEST_DEGREE:
        fault = (
            f"the number is too large: it multiplies more than {LARGEST_DEGREE} values or {LARGEST_BITS} bits"
        )
        raise CriterionError(fault, line, column)
    return value


def degree(term: Term) -> int:
    """How many values a term multiplies with one another at most, powers included."""
    match term:
        case Constant():
            return 0
        case Product():
            return sum(map(degree, term.parts))
        case Power():
            return degree(term.base) * term.exponent
        case Sum():
            return max(map(degree, term.parts), default=0)
        case Choice():
            return max(degree(term.then), degree(term.otherwise))
        case _:
            return 1
