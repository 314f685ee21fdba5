"""What an expression denotes while it is elaborated, and what names mean meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from fractions import Fraction
from typing import Literal

from solver.dataclass import dataclass
from solver.language.arithmetic import Number
from solver.language.concepts import ConceptSet, ConceptTree
from solver.language.tree import AS_OF, COHORT_OPEN, Condition, Term
from solver.language.types import EnumerationType, VariableType
from solver.language.units import describe

TermQuestion = Literal[
    "ever",
    "current",
    "first_start",
    "last_start",
    "last_end",
    "times",
    "lines",
    "present",
    "level",
    "measured",
    "uln",
    "lln",
    "is",
]
"""What a term asks of the events of a concept, of a finding, or of a variable."""

EVENT_DAYS = frozenset({"first_start", "last_start", "last_end"})
"""Questions whose answer may be one of the two days outside the calendar."""


@dataclass(frozen=True, slots=True)
class ConceptTerm:
    """What a criterion asks of concepts, or of the results of a variable.

    In a typed tree it is a variable, called as it is written: `ever(apple)`, `uln(acid)`, `kind is mild`.
    """

    question: TermQuestion
    of: ConceptSet | None = None
    variable: str = ""

    @property
    def name(self) -> str:
        """The name of the variable that stands for it."""
        about = self.of.text if self.of is not None else self.variable
        return f"{self.variable} is {about}" if self.question == "is" else f"{self.question}({about})"


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression that is true or false."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Day:
    """An expression that is a date.

    One that may lie outside the calendar, before or after every day, is `endless`: the same date, of which an infinite day stays what it is
    when days are added. Beside days of the calendar `term` compares in the same way, and is simpler.
    """

    term: Term
    endless: Term | None = None


@dataclass(frozen=True, slots=True)
class Enumerated:
    """A variable of an enumeration, or of a concept."""

    name: str
    type: EnumerationType

    @property
    def values(self) -> tuple[str, ...]:
        """Its values."""
        return self.type.values


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
class HalfLives:
    """A number of half-lives, which only `within` takes."""

    count: Fraction


@dataclass(frozen=True, slots=True)
class Limit:
    """`factor` times the upper or the lower limit of normal of the quantity that it is compared with."""

    question: Literal["uln", "lln"]
    factor: Term


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name that is no variable: a value of an enumeration, if what it is compared with has it."""

    name: str


EACH = "each"
"""The variable that a check is written for, in a check for several."""

Value = Formula | Number | Day | Enumerated | Listed | Ratio | HalfLives | Limit | Symbol


@dataclass(slots=True)
class Scope:
    """What names mean while a text is elaborated.

    `variables` are those of the vocabulary, `definitions` what was defined before, `classes` maps a class to its list.
    `routing` allows `cohort_open`, `lists` allows lists, `facts` questions about facts as they are recorded. `each` is the variable that a
    check is written for, and `valid_days` says for how long a result of a variable is valid. `concepts` is the tree that terms ask about,
    `events` maps a list of names to the list of a record whose events they are, and `references` says which limits of normal there are.
    `terms` collects the terms that were asked, by name; one that is `renamed` goes by the name of a variable that means it.
    `labels` are what variables and definitions are called for people.
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
    concepts: ConceptTree = field(default_factory=ConceptTree)
    events: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, frozenset[str]] = field(default_factory=dict)
    terms: dict[str, ConceptTerm] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    suggest: Callable[[str, str], str] = lambda name, of: ""

    def noted(self, term: ConceptTerm) -> str:
        """The name of a term, which is noted as one that was asked."""
        self.terms.setdefault(term.name, term)
        return self.renamed.get(term.name, term.name)

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
        case Enumerated(name, EnumerationType(values)):
            return f"'{name}', one of " + ", ".join(values[:8]) + (", ..." if len(values) > 8 else "")
        case Listed(name):
            return f"the list '{name}'"
        case HalfLives():
            return "a number of half-lives, which only 'within' takes"
        case Limit():
            return "a multiple of a limit of normal, which can only be compared with its quantity"
        case Ratio():
            return "a ratio, which can only be compared with a number"
        case Symbol(name):
            return f"'{name}'"
