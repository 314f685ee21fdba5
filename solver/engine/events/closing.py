"""What `never` and `complete` leave of concepts: which can have happened at all, and which beyond what is written down."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from solver.language import tree as t
from solver.language.concepts import ConceptTree
from solver.patient.happened import Closure


class Closures:
    """What a record says never happened or is complete, about the concepts of one list; `said` are the conditions that it says so."""

    def __init__(
        self, closures: Sequence[Closure], name: str, tree: ConceptTree, said: Mapping[str, t.Condition]
    ) -> None:
        self.name, self.tree, self.said = name, tree, said
        mine = [closure for closure in closures if closure.list == name]
        self.whole = tuple(c.name for c in mine if c.word == "complete" and c.concept is None)
        self.denying = [c for c in mine if c.word == "never"]
        self.closing = [c for c in mine if c.word == "complete" and c.concept is not None]

    def denied(self, concept: str) -> frozenset[str]:
        """What says that nothing of a concept happened."""
        return self._about(self.denying, concept)

    def closed(self, concept: str) -> frozenset[str]:
        """What says that nothing more of a concept happened."""
        return self.denied(concept) | self._about(self.closing, concept) | frozenset(self.whole)

    def _about(self, closures: Iterable[Closure], concept: str) -> frozenset[str]:
        above = self.tree.broader(concept)
        return frozenset(closure.name for closure in closures if closure.concept in above)

    def none_left(self, reasons: Iterable[frozenset[str]]) -> t.Condition:
        """That each of some concepts, given what speaks against it, is spoken against."""
        each = _fewest(reasons)
        return t.conjunction(t.disjunction(self.said[name] for name in sorted(names)) for names in each)

    def all_denied(self, concepts: Collection[str]) -> t.Condition:
        """That nothing of any of the concepts happened."""
        return self.none_left(map(self.denied, concepts))

    def all_closed(self, concepts: Collection[str]) -> t.Condition:
        """That nothing more of any of the concepts happened."""
        return self.none_left(map(self.closed, concepts))


def _fewest(reasons: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """The sets that hold no other: where one of them is spoken of, so is every larger one."""
    every = sorted(set(reasons), key=lambda names: (len(names), sorted(names)))
    if every and not every[0]:
        return [frozenset()]
    kept: list[frozenset[str]] = []
    for names in every:
        if not any(other <= names for other in kept):
            kept.append(names)
    return kept
