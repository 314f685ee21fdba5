"""The types of variables, as the criterion language sees them."""

from __future__ import annotations

from fractions import Fraction

from solver.dataclass import dataclass
from solver.language.concepts import ConceptKind
from solver.language.units import Unit


@dataclass(frozen=True, slots=True)
class BooleanType:
    """True or false."""


@dataclass(frozen=True, slots=True)
class EnumerationType:
    """One of a fixed set of names."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConceptType(EnumerationType):
    """One concept of a kind, of which values tell no more than which of the `named` ones it is narrower than.

    Each concept of the kind belongs to a group of `values` by which of the named ones it is narrower than; where every concept is narrower
    than exactly one of them, these are the values.
    """

    kind: ConceptKind = "diagnosis"
    named: tuple[str, ...] = ()
    groups: tuple[tuple[str, str], ...] = ()

    def values_within(self, concepts: frozenset[str]) -> frozenset[str] | None:
        """The values with which it is one of these concepts; None where the values do not tell."""
        inside = {group for concept, group in self.groups if concept in concepts}
        outside = {group for concept, group in self.groups if concept not in concepts}
        return None if inside & outside else frozenset(inside)


@dataclass(frozen=True, slots=True)
class IntegerType:
    """A whole number, never negative: a score, a grade or a count."""


@dataclass(frozen=True, slots=True)
class QuantityType:
    """An exact rational in `unit`, never negative.

    `equivalents` gives, for a unit of another dimension that laboratories use for the same thing, how many of `unit` one of it is.
    """

    unit: Unit
    equivalents: tuple[tuple[Unit, Fraction], ...] = ()

    @property
    def units(self) -> tuple[Unit, ...]:
        """The unit, and those of other dimensions."""
        return self.unit, *(other for other, _ in self.equivalents)

    def convert(self, value: Fraction, unit: Unit) -> Fraction | None:
        """`value` `unit` in this quantity's own unit, or None where the dimensions do not fit."""
        if unit.dimension == self.unit.dimension:
            return value * unit.factor / self.unit.factor
        for other, ratio in self.equivalents:
            if unit.dimension == other.dimension:
                return value * unit.factor / other.factor * ratio
        return None


@dataclass(frozen=True, slots=True)
class DateType:
    """A calendar day."""


@dataclass(frozen=True, slots=True)
class ListType:
    """A recorded list of names, about which only classes and its length can be asked."""


VariableType = BooleanType | EnumerationType | IntegerType | QuantityType | DateType | ListType


def describe_type(kind: VariableType) -> str:
    """The type in words, for messages."""
    match kind:
        case BooleanType():
            return "true or false"
        case EnumerationType(values):
            return "one of " + ", ".join(values[:12]) + (", ..." if len(values) > 12 else "")
        case IntegerType():
            return "a whole number"
        case QuantityType(unit, _):
            return f"a quantity in {unit.text}"
        case DateType():
            return "a date"
        case ListType():
            return "a list"
