"""The typed syntax tree of a criterion after units, names and definitions are resolved.

Conditions are `Condition`s, numbers are `Term`s. Numbers are exact rationals: a quantity stands in the unit of its
variable, a date is its day number (`datetime.date.toordinal`), so that days between two dates is a difference. Trees are
immutable, hashable and picklable, and know nothing of files or of the solver.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, Literal

from solver.dataclass import dataclass
from solver.language.domain import Interval

AS_OF = "as_of"
"""The variable that stands for the day of evaluation."""

COHORT_OPEN = "cohort_open"
"""The variable that says, in a routing clause, whether the cohort is open."""

Kind = Literal["int", "real", "date"]


@dataclass(frozen=True, slots=True)
class Constant:
    """A number."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class NumberVariable:
    """A whole number, a quantity in the unit of its variable, or a date as its day number."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of the parts."""

    parts: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """The product of the parts."""

    parts: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Power:
    """`base` to a whole, positive `exponent`."""

    base: Term
    exponent: int


@dataclass(frozen=True, slots=True)
class Largest:
    """The largest of the parts, of which there is one at least."""

    parts: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`then` where the condition holds, else `otherwise`."""

    condition: Condition
    then: Term
    otherwise: Term


@dataclass(frozen=True, slots=True)
class Count:
    """How many of the conditions hold."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AddMonths:
    """The date `months` calendar months after `date`, clamped to the end of the month."""

    date: Term
    months: int


@dataclass(frozen=True, slots=True)
class CompletedYears:
    """Whole years from the day `start` to the day `end`; 29 February completes on 1 March in common years."""

    start: Term
    end: Term


@dataclass(frozen=True, slots=True)
class ListSize:
    """How many entries the recorded list has."""

    name: str


Term = (
    Constant
    | NumberVariable
    | Sum
    | Product
    | Power
    | Largest
    | Choice
    | Count
    | AddMonths
    | CompletedYears
    | ListSize
)


@dataclass(frozen=True, slots=True)
class Truth:
    """Always true, or always false."""

    value: bool


@dataclass(frozen=True, slots=True)
class BooleanVariable:
    """A yes-or-no variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class And:
    """All conditions hold."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Some condition holds."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class OneOf(Or):
    """A number is one of several: `values` in order, and the equations with each of them as its conditions."""

    name: str
    values: tuple[int | Fraction, ...]

    def within(self, domain: Interval) -> tuple[int, int]:
        """Which of the values lie in a domain, as the first and the one past the last."""
        after_low = bisect_right if domain.low_open else bisect_left
        before_high = bisect_left if domain.high_open else bisect_right
        return after_low(self.values, domain.low), before_high(self.values, domain.high)


@dataclass(frozen=True, slots=True)
class Iff:
    """Both conditions hold, or neither."""

    left: Condition
    right: Condition


@dataclass(frozen=True, slots=True)
class Member:
    """The enumeration variable has one of the values."""

    name: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Compare:
    """`left` is less than, at most, or equal to `right`."""

    relation: Literal["<", "<=", "=="]
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Contains:
    """The recorded list has an entry of the class."""

    name: str
    class_name: str


@dataclass(frozen=True, slots=True)
class Complete:
    """The recorded list is said to be complete, and each of its entries is recognised."""

    name: str


Condition = Truth | BooleanVariable | Not | And | Or | Iff | Member | Compare | Contains | Complete

Node = Condition | Term

TRUE = Truth(True)
FALSE = Truth(False)


def conjunction(conditions: Iterable[Condition]) -> Condition:
    """All of the conditions, without needless nesting."""
    return _joined_conditions(conditions, And, TRUE, FALSE)


def disjunction(conditions: Iterable[Condition]) -> Condition:
    """Some of the conditions, without needless nesting."""
    return _joined_conditions(conditions, Or, FALSE, TRUE)


def _joined_conditions(
    conditions: Iterable[Condition], kind: type[And] | type[Or], neutral: Truth, decisive: Truth
) -> Condition:
    parts: list[Condition] = []
    for condition in conditions:
        if condition == decisive:
            return decisive
        if isinstance(condition, kind):
            parts.extend(condition.conditions)
        elif condition != neutral:
            parts.append(condition)
    if not parts:
        return neutral
    return parts[0] if len(parts) == 1 else kind(tuple(parts))


def negation(condition: Condition) -> Condition:
    """The condition does not hold, without double negation."""
    if isinstance(condition, Truth):
        return FALSE if condition.value else TRUE
    if isinstance(condition, Not):
        return condition.condition
    return Not(condition)


def implication(premise: Condition, conclusion: Condition) -> Condition:
    """Where `premise` holds, `conclusion` holds."""
    return disjunction([negation(premise), conclusion])


def children(node: Node) -> tuple[Node, ...]:
    """The direct parts of a node, in order."""
    found = _PARTS.get(type(node))
    return () if found is None else found(node)


_PARTS: dict[type, Callable[[Any], tuple[Node, ...]]] = {
    Not: lambda node: (node.condition,),
    And: lambda node: node.conditions,
    Or: lambda node: node.conditions,
    OneOf: lambda node: node.conditions,
    Count: lambda node: node.conditions,
    Iff: lambda node: (node.left, node.right),
    Compare: lambda node: (node.left, node.right),
    Sum: lambda node: node.parts,
    Product: lambda node: node.parts,
    Largest: lambda node: node.parts,
    Power: lambda node: (node.base,),
    Choice: lambda node: (node.condition, node.then, node.otherwise),
    AddMonths: lambda node: (node.date,),
    CompletedYears: lambda node: (node.start, node.end),
}


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)


_MENTIONED: dict[int, tuple[Node, frozenset[str]]] = {}
_MOST_MENTIONED = 100_000


def variables(node: Node) -> frozenset[str]:
    """The names of the variables, lists included, that the node mentions; remembered by identity, since trees never change."""
    found = _MENTIONED.get(id(node))
    if found is None:
        if len(_MENTIONED) >= _MOST_MENTIONED:
            _MENTIONED.clear()
        found = _MENTIONED[id(node)] = (node, _names_mentioned(node))
    return found[1]


_NAMING = frozenset({NumberVariable, BooleanVariable, Member, Contains, Complete, ListSize, OneOf})


_JOINING = frozenset({Not, And, Or, Iff})
_NO_NAMES: frozenset[str] = frozenset()


def _names_mentioned(node: Node) -> frozenset[str]:
    if type(node) in _JOINING:
        # conditions are joined anew again and again, of parts that stay the same
        return _NO_NAMES.union(*map(variables, children(node)))
    found, left = set(), [node]
    while left:
        part = left.pop()
        if type(part) in _NAMING:
            found.add(part.name)  # type: ignore[union-attr]
        else:
            left.extend(children(part))
    return frozenset(found)


def renamed(node: Any, names: Mapping[str, str]) -> Any:
    """The node with these variables called by other names; what mentions none of them stays the same object."""
    if variables(node).isdisjoint(names):
        return node
    match node:
        case OneOf(conditions, name, values):
            return OneOf(tuple(renamed(part, names) for part in conditions), names[name], values)
        case And(parts) | Or(parts) | Count(parts) | Sum(parts) | Product(parts) | Largest(parts):
            return type(node)(tuple(renamed(part, names) for part in parts))
        case Not(inner):
            return Not(renamed(inner, names))
        case Iff(left, right):
            return Iff(renamed(left, names), renamed(right, names))
        case Compare(relation, left, right):
            return Compare(relation, renamed(left, names), renamed(right, names))
        case Power(base, exponent):
            return Power(renamed(base, names), exponent)
        case Choice(condition, then, otherwise):
            return Choice(renamed(condition, names), renamed(then, names), renamed(otherwise, names))
        case AddMonths(date, months):
            return AddMonths(renamed(date, names), months)
        case CompletedYears(start, end):
            return CompletedYears(renamed(start, names), renamed(end, names))
        case _:
            return replace(node, name=names[node.name])


_SIZES: dict[int, tuple[Node, int]] = {}


def size(node: Node) -> int:
    """How many nodes are looked at to evaluate it, remembered by identity; a number that is one of many is looked up."""
    found = _SIZES.get(id(node))
    if found is None:
        if len(_SIZES) >= _MOST_MENTIONED:
            _SIZES.clear()
        below = 10 if isinstance(node, OneOf) else sum(map(size, children(node)))
        found = _SIZES[id(node)] = (node, 1 + below)
    return found[1]


def integral(term: Term) -> bool:
    """Whether the term can only be a whole number."""
    match term:
        case Constant(value):
            return value.denominator == 1
        case NumberVariable(_, kind):
            return kind != "real"
        case Sum(parts) | Product(parts) | Largest(parts):
            return all(integral(part) for part in parts)
        case Power(base, _):
            return integral(base)
        case Choice(_, then, otherwise):
            return integral(then) and integral(otherwise)
        case _:
            return True
