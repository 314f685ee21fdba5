"""The names that a list of events recognises: those of the concepts of its kind."""

from __future__ import annotations

from solver.dataclass import dataclass
from solver.language.concepts import LISTS, ConceptTree
from solver.library.entries import Register, Remark


@dataclass(frozen=True, slots=True)
class ConceptRegister:
    """As `Register`, of a list of names that are events: each is of the concept that it means, and of all that is broader.

    `others` are names that the theory gives besides, and what is said of one that nobody knows.
    """

    list: str
    events: str
    tree: ConceptTree
    others: Register

    @property
    def unrecognised(self) -> Remark:
        """What is said of a name that is not recognised."""
        return self.others.unrecognised

    @property
    def unclosed(self) -> Remark:
        """The same where the list is said to be complete."""
        return self.others.unclosed

    @property
    def names(self) -> tuple[str, ...]:
        """All names as they are written."""
        concepts = (self.tree[name] for name in self.tree.of_kinds(LISTS[self.events]))
        known = [name for concept in concepts for name in (concept.id, *concept.names)]
        return (*known, *self.others.names)

    def of(self, entry: str) -> frozenset[str] | None:
        """The concepts that a name is of, and its classes; None if it is not recognised."""
        concept, classes = self.tree.in_list(self.events, entry), self.others.of(entry)
        if concept is None:
            return classes
        return self.tree.broader(concept) | (classes or frozenset())


def register_without_table(name: str) -> Register:
    """The register of a list of which the theory says nothing."""
    unknown = Remark("unknown-name", "{entry} is not recognised, and implies nothing.")
    unclosed = (
        "{entry} is not recognised, and implies nothing; and the list closes nothing while it is there."
    )
    return Register(name, {}, (), unknown, Remark(unknown.code, unclosed))
