"""What a variable of the vocabulary means by the tree of concepts."""

from __future__ import annotations

from solver.dataclass import dataclass
from solver.language.tree import TRUE, Condition
from solver.language.values import ConceptTerm


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a variable means by the tree of concepts.

    A boolean, a count or a quantity is its `term`. A date equals it where there was such an event and `condition` holds, the day of
    evaluation standing for one that goes on, and is free elsewhere. A list holds the names of events of the record's list `list`; where it
    is complete, and all its names are known, nothing more happened of the concepts that it `closes`.
    """

    term: ConceptTerm | None = None
    condition: Condition = TRUE
    list: str = ""
    closes: tuple[str, ...] = ()
