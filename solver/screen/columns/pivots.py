"""A number that is not recorded, and that an equation of the theory fixes: what conditions say of it without solving the equation.

Of `a * a * b == 60 * x * x`, with x not recorded and a and b known, `x <= 4` says that `a * a * b <= 60 * 4 * 4`, and that there is such an
x between 2 and 8 that `60 * 2 * 2 <= a * a * b <= 60 * 8 * 8`. The root itself may be irrational.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import prod

from solver.dataclass import dataclass
from solver.language import domain as d
from solver.language import tree as t
from solver.library.models import Axiom


@dataclass(frozen=True, slots=True)
class Pivot:
    """A number `name` that stands once in an equation: `factor` times its power is `other`, which does not speak of it."""

    name: str
    equation: t.Compare
    factor: t.Term
    exponent: int
    other: t.Term

    def positive(self) -> t.Condition:
        """That the equation fixes it."""
        if isinstance(self.factor, t.Constant):
            return t.TRUE if self.factor.value > 0 else t.FALSE
        return t.Compare("<", t.Constant(Fraction(0)), self.factor)

    def solvable(self, domain: d.Interval) -> t.Condition:
        """That the equation has a solution within a domain with two ends."""
        low, high = (self._at(t.Constant(Fraction(end))) for end in (domain.low, domain.high))
        parts = t.Compare("<=", low, self.other), t.Compare("<=", self.other, high)
        return t.conjunction(parts)

    def rewritten(self, condition: t.Condition) -> t.Condition | None:
        """What a comparison of it with a number that is never negative says of the other side of the equation; None for another one."""
        if condition == self.equation or not isinstance(condition, t.Compare):
            return None
        own = t.NumberVariable(self.name, "real")
        left, right = condition.left, condition.right
        other = right if left == own else left
        if own not in (left, right) or not _never_negative(other) or self.name in t.variables(other):
            return None
        if left == own:
            return t.Compare(condition.relation, self.other, self._at(other))
        return t.Compare(condition.relation, self._at(other), self.other)

    def _at(self, value: t.Term) -> t.Term:
        return t.Product((self.factor, *[value] * self.exponent))


def pivots(axiom: Axiom) -> list[Pivot]:
    """The numbers that an equation fixes, those first whose factor is a constant; none if the axiom is no such equation."""
    equation = axiom.condition
    if not isinstance(equation, t.Compare) or equation.relation != "==":
        return []
    found = []
    for side, other in ((equation.left, equation.right), (equation.right, equation.left)):
        parts = list(_factors(side))
        names = [name for name, _ in parts if name is not None]
        if len(names) != len(set(names)) or not all(name or isinstance(p, t.Constant) for name, p in parts):
            return []
        for name, part in parts:
            if name is None:
                continue
            rest = [each for _, each in parts if each is not part]
            factor: t.Term = t.Product((t.Constant(Fraction(1)), *rest))
            constant = all(isinstance(each, t.Constant) for each in rest)
            if constant:
                factor = t.Constant(prod((each.value for each in rest), start=Fraction(1)))  # type: ignore[union-attr]
            exponent = part.exponent if isinstance(part, t.Power) else 1
            found.append((not constant, Pivot(name, equation, factor, exponent, other)))
    if t.variables(equation.left) & t.variables(equation.right):
        return []
    return [pivot for _, pivot in sorted(found, key=lambda each: each[0])]


def _factors(term: t.Term) -> Iterator[tuple[str | None, t.Term]]:
    parts = term.parts if isinstance(term, t.Product) else (term,)
    for part in parts:
        base = part.base if isinstance(part, t.Power) else part
        real = isinstance(base, t.NumberVariable) and base.kind == "real"
        yield (base.name if real else None), part  # type: ignore[union-attr]


def _never_negative(term: t.Term) -> bool:
    if isinstance(term, t.Constant):
        return term.value >= 0
    return isinstance(term, t.NumberVariable) and term.kind != "date"
