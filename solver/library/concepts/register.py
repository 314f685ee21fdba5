"""The names that a list of events recognises: those of the concepts of its kind."""

from __future__ import annotations

from dataclasses import dataclass

from solver.language.concepts import LISTS, ConceptTree
from solver.library.entries import Remark


@dataclass(frozen=True, slots=True)
class ConceptRegister:
    """As `Register`, of a list of names that are events: each is of the concept that it means, and of all that is broader."""

    list: str
    events: str
    tree: ConceptTree
    unrecognised: Remark
    unclosed: Remark

    @property
    def names(self) -> tuple[str, ...]:
        """All names as they are written."""
        concepts = (self.tree[name] for name in self.tree.of_kinds(LISTS[self.events]))
        return tuple(name for concept in concepts for name in (concept.id, *concept.names))

    def of(self, entry: str) -> frozenset[str] | None:
        """The concepts that a name is of; None if it is not recognised."""
        concept = self.tree.in_list(self.events, entry)
        return None if concept is None else self.tree.broader(concept)
