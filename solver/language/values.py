"""What an expression denotes while it is elaborated, and what names mean meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from solver.language.arithmetic import Number
from solver.language.tree import AS_OF, COHORT_OPEN, Condition, Term
from solver.language.types import VariableType
from solver.language.units import describe


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression that is true or false."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Day:
    """An expression that is a date."""

    term: Term


@dataclass(frozen=True, slots=True)
class Enumerated:
    """A variable of an enumeration."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A recorded list."""

    name: str


@dataclass(frozen=True, slots=True)
class Ratio:
    """A quotient, which is only ever compared, and then multiplied out; the denominator is positive."""

    numerator: Number
    denominator: Number
    unit: Number


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name that is no variable: a value of an enumeration, if what it is compared with has it."""

    name: str


EACH = "each"
"""The variable that a check is written for, in a check for several."""

Value = Formula | Number | Day | Enumerated | Listed | Ratio | Symbol


@dataclass(slots=True)
class Scope:
    """What names mean while a text is elaborated.

    `variables` are those of the vocabulary, `definitions` what was defined before, `classes` maps a class to its list.
    `routing` allows `cohort_open`, `lists` allows lists, `facts` questions about facts as they are recorded. `each` is the variable that a
    check is written for, and `valid_days` says for how long a result of a variable is valid.
    `suggest` is asked what to add to a message about an unknown name, or about a value that the variable named second does not have.
    """

    variables: Mapping[str, VariableType]
    definitions: dict[str, Value] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    routing: bool = False
    lists: bool = False
    facts: bool = False
    each: str | None = None
    valid_days: Mapping[str, int] = field(default_factory=dict)
    suggest: Callable[[str, str], str] = lambda name, of: ""

    def known(self) -> list[str]:
        """Every name that may stand in an expression."""
        special = [*([COHORT_OPEN] if self.routing else []), *([EACH] if self.each else [])]
        return [*self.variables, *self.definitions, AS_OF, *special]


def describe_value(value: Value) -> str:
    """The value in words, for messages."""
    match value:
        case Formula():
            return "a condition"
        case Number():
            return "a whole number" if value.whole else f"a number ({describe(value.dimension)})"
        case Day():
            return "a date"
        case Enumerated(name, values):
            return f"'{name}', one of " + ", ".join(values[:8]) + (", ..." if len(values) > 8 else "")
        case Listed(name):
            return f"the list '{name}'"
        case Ratio():
            return "a ratio, which can only be compared with a number"
        case Symbol(name):
            return f"'{name}'"
