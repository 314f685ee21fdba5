"""What the theory says of a chart: checks, which warn of what is recorded, and the line that says who a patient is.

And what the words of a label say of patients, and ratios that criteria compare.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import Literal

from solver.dataclass import dataclass
from solver.language.recorded import asked
from solver.language.tree import Condition, Term, variables


@dataclass(frozen=True, slots=True)
class Blank:
    """A part of a sentence that a record fills in: a number or a date, an enumeration, what there is, or the span of replicates.

    `there` lists the words of what there is, `is` goes with them as `is` or `are`, and `replicates` is the least and the greatest of the
    replicates.
    """

    kind: Literal["term", "date", "enumeration", "there", "is", "replicates"]
    term: Term | None = None
    name: str = ""


@dataclass(frozen=True)
class Check:
    """A warning shown where `when` certainly holds of what is recorded.

    `text` is its sentence, in parts. `there` are conditions of which one at least holds besides, each with the words for it.
    """

    id: str
    text: tuple[str | Blank, ...]
    when: Condition
    variable: str | None = None
    there: tuple[tuple[Condition, str], ...] = ()

    @cached_property
    def speaks_of(self) -> frozenset[str]:
        """The variables that it asks about, or about whose facts it asks."""
        conditions = (self.when, *(condition for condition, _ in self.there))
        named = frozenset[str]().union(*map(variables, conditions))
        return frozenset(question[1] if (question := asked(name)) else name for name in named)

    @property
    def of_replicates(self) -> bool:
        """Whether the sentence shows the replicates of the variable."""
        return any(isinstance(part, Blank) and part.kind == "replicates" for part in self.text)


@dataclass(frozen=True, slots=True)
class HeadlinePart:
    """A part of the line that says who the patient is: the sentence of the first of its checks that certainly holds of the facts.

    `beside` is set beside the part before, without a comma.
    """

    first_of: tuple[Check, ...]
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words by which a label names those of whom a condition holds."""

    words: tuple[str, ...]
    says: Condition


@dataclass(frozen=True, slots=True)
class Quotient:
    """A definition that criteria only compare: `scale` times `numerator` over `denominator`, which is positive, in `unit`.

    `typical` is where trials set their limits on it.
    """

    name: str
    label: str
    numerator: Term
    denominator: Term
    scale: Fraction
    unit: str
    typical: Condition | None = None
    typical_text: str = ""
