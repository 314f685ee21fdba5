"""Numbers with units while a text is elaborated: every operation checks dimensions and converts exactly."""

from __future__ import annotations

from fractions import Fraction

from solver.dataclass import dataclass
from solver.language.tree import Choice, Condition, Constant, Power, Product, Sum, Term
from solver.language.types import QuantityType
from solver.language.units import DIMENSIONLESS, Dimension, Unit, describe, indexed, multiply


class CriterionError(Exception):
    """A text of the criterion language is wrong, at `line` and `column` of that text (both from 1)."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column


@dataclass(frozen=True, slots=True)
class Number:
    """`term` times `scale` coherent units of `dimension`.

    `literal` is the unit of a number written with one, `bare` marks a number written without; `quantity` is the type of a lone
    variable, whose equivalents a literal may use; `whole` marks whole numbers, `days` a number of days, `parts` a number of hundredths or
    other parts of one, beside which a bare number would be ambiguous.
    """

    term: Term
    dimension: Dimension
    scale: Fraction = Fraction(1)
    quantity: QuantityType | None = None
    literal: Unit | None = None
    bare: bool = False
    whole: bool = False
    days: bool = False
    parts: bool = False


Place = tuple[int, int]


def aligned(left: Number, right: Number, at_left: Place, at_right: Place) -> tuple[Term, Term]:
    """Both sides of a comparison in one unit; raises `CriterionError` where the dimensions differ."""
    if isinstance(left.term, Constant) and not isinstance(right.term, Constant):
        other, one = aligned(right, left, at_right, at_left)
        return one, other
    right = _fitted_to(right, left, at_right)
    ratio = right.scale / left.scale
    if isinstance(right.term, Constant):
        return left.term, Constant(right.term.value * ratio)
    return left.term, scaled(right.term, ratio)


def _fitted_to(value: Number, target: Number, at: Place) -> Number:
    """`value` as a number of the dimension of `target`, using the target's equivalents for a literal."""
    if target.quantity is not None and value.bare and target.quantity.unit.text != "1":
        raise CriterionError(f"a number here needs a unit, such as {target.quantity.unit.text}", *at)
    if (value.bare and target.parts) or (target.bare and value.parts):
        raise CriterionError("a number beside percentages needs a unit, such as %", *at)
    if value.literal is not None and target.days and value.dimension == (("time", 1),):
        return Number(value.term, DIMENSIONLESS, value.scale / 86400)
    if value.literal is not None and target.whole and not target.days:
        raise CriterionError(f"a whole number has no unit, found '{value.literal.text}'", *at)
    if value.dimension == target.dimension:
        return value
    if value.literal is not None and target.quantity is not None and isinstance(value.term, Constant):
        converted = target.quantity.convert(value.term.value, value.literal)
        if converted is not None:
            return Number(Constant(converted), target.dimension, target.scale)
    raise CriterionError(
        f"cannot compare or add {_unit_words(target)} and {_unit_words(value)}: {_words_apart(target, value)}",
        *at,
    )


def _words_apart(one: Number, other: Number) -> str:
    """In what two units differ: one is indexed and the other is not, or else they are of two kinds."""
    for first, second in ((one, other), (other, one)):
        per_what = indexed(first.dimension, second.dimension)
        if per_what:
            return f"{_unit_text(first)} is {per_what}, and {_unit_text(second)} is not"
    return "write both in units of one kind"


def _unit_text(value: Number) -> str:
    unit = value.literal or (value.quantity.unit if value.quantity else None)
    return f"'{unit.text}'" if unit else "the other side"


def _unit_words(value: Number) -> str:
    unit = value.literal or (value.quantity.unit if value.quantity else None)
    return f"'{unit.text}' ({describe(unit.dimension)})" if unit else describe(value.dimension)


def plus(left: Number, right: Number, sign: int, at_left: Place, at_right: Place) -> Number:
    """`left` plus `sign` times `right`, in the unit of `left`."""
    right = _fitted_to(right, left, at_right)
    term = scaled(right.term, right.scale / left.scale * sign)
    return Number(
        summed(left.term, term),
        left.dimension,
        left.scale,
        whole=left.whole and right.whole,
        parts=left.parts or right.parts,
    )


def times(left: Number, right: Number) -> Number:
    """The product; dimensions multiply."""
    return Number(
        product(left.term, right.term),
        multiply(left.dimension, right.dimension),
        left.scale * right.scale,
        whole=left.whole and right.whole,
        parts=left.parts or right.parts,
    )


def per(value: Number, unit: Number, at: Place) -> Number:
    """`value` as a bare multiple of `unit`."""
    such = unit.literal.text if unit.literal else describe(unit.dimension)
    if value.bare and unit.dimension:
        raise CriterionError(f"a number here needs a unit, such as {such}", *at)
    if value.dimension != unit.dimension:
        raise CriterionError(
            f"the ratio is in '{such}', and cannot be compared with {_unit_words(value)}: {_words_apart(value, unit)}",
            *at,
        )
    return Number(value.term, DIMENSIONLESS, value.scale / unit.scale)


def raised(base: Number, exponent: int) -> Number:
    """`base` to a whole power."""
    if exponent == 1:
        return base
    return Number(
        Constant(base.term.value**exponent)
        if isinstance(base.term, Constant)
        else Power(base.term, exponent),
        multiply((), base.dimension, exponent),
        base.scale**exponent,
        whole=base.whole,
        parts=base.parts,
    )


def negated(value: Number) -> Number:
    """Minus `value`."""
    return Number(
        scaled(value.term, Fraction(-1)),
        value.dimension,
        value.scale,
        literal=value.literal,
        bare=value.bare,
        parts=value.parts,
    )


def either(condition: Condition, then: Number, otherwise: Number, at_then: Place, at_else: Place) -> Number:
    """`then` where the condition holds, else `otherwise`, in the unit of `then`."""
    otherwise = _fitted_to(otherwise, then, at_else)
    term = scaled(otherwise.term, otherwise.scale / then.scale)
    return Number(
        Choice(condition, then.term, term),
        then.dimension,
        then.scale,
        bare=then.bare and otherwise.bare,
        whole=then.whole and otherwise.whole,
        parts=then.parts or otherwise.parts,
    )


def scaled(term: Term, factor: Fraction) -> Term:
    """`term` times a number."""
    if factor == 1:
        return term
    if isinstance(term, Constant):
        return Constant(term.value * factor)
    if isinstance(term, Product) and isinstance(term.parts[0], Constant):
        factor *= term.parts[0].value
        rest = term.parts[1:]
        if factor != 1:
            return Product((Constant(factor), *rest))
        return rest[0] if len(rest) == 1 else Product(rest)
    rest = term.parts if isinstance(term, Product) else (term,)
    return Product((Constant(factor), *rest))


def product(left: Term, right: Term) -> Term:
    """The product of two terms, constants first."""
    factor = Fraction(1)
    parts: list[Term] = []
    for term in (left, right):
        for part in term.parts if isinstance(term, Product) else (term,):
            if isinstance(part, Constant):
                factor *= part.value
            else:
                parts.append(part)
    if not parts:
        return Constant(factor)
    return scaled(parts[0] if len(parts) == 1 else Product(tuple(parts)), factor)


def summed(left: Term, right: Term) -> Term:
    """The sum of two terms."""
    parts: list[Term] = []
    for term in (left, right):
        parts.extend(term.parts if isinstance(term, Sum) else (term,))
    return Sum(tuple(parts))


def difference(left: Term, right: Term) -> Term:
    """`left` minus `right`."""
    return summed(left, scaled(right, Fraction(-1)))
