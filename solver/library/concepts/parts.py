"""Concepts sorted into parts: each holds those that belong to the same of the sets that criteria ask about, and that last alike.

Where criteria ask of `anti_cd20` and of `antibody except {rituximab}`, the parts are rituximab, the rest of what is against CD20, the rest
of the antibodies, and what is none of these. What happened is of one concept and so of one part, and a question about a set is one about
the parts inside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from solver.dataclass import dataclass
from solver.language.concepts import LISTS, ConceptKind, ConceptSet, ConceptTree, Lasts
from solver.language.types import ConceptType
from solver.language.values import ConceptTerm


@dataclass(frozen=True, slots=True)
class ConceptPart:
    """Concepts that no question tells apart; `name` is that of the part among those of its list, and `lasts` how long its events last."""

    name: str
    lasts: Lasts
    members: frozenset[str]


@dataclass(frozen=True)
class SortedConcepts:
    """All concepts of some kinds, sorted; `inside` are the parts of each set, by the text of the set.

    `asked` are the questions that are asked of each part, by its name.
    """

    parts: tuple[ConceptPart, ...]
    inside: Mapping[str, tuple[ConceptPart, ...]]
    asked: Mapping[str, frozenset[str]]

    @cached_property
    def of(self) -> Mapping[str, ConceptPart]:
        """The part that each concept belongs to."""
        return {name: part for part in self.parts for name in part.members}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all parts."""
        return tuple(part.name for part in self.parts)


def sort_concepts(
    tree: ConceptTree, kinds: Iterable[ConceptKind], questions: Sequence[tuple[ConceptSet, str]]
) -> SortedConcepts:
    """The concepts of these kinds, sorted by the sets that the questions are about."""
    sets = list(dict.fromkeys(of for of, _ in questions))
    held: dict[str, list[int]] = {name: [] for name in tree.of_kinds(kinds)}
    for i, of in enumerate(sets):
        for name in tree.members(of):
            if name in held:
                held[name].append(i)
    groups: dict[tuple[tuple[int, ...], Lasts], list[str]] = {}
    for name, places in held.items():
        groups.setdefault((tuple(places), tree[name].lasts), []).append(name)
    parts = {
        key: ConceptPart(f"part {i}", key[1], frozenset(names))
        for i, (key, names) in enumerate(groups.items(), 1)
    }
    inside = {
        of.text: tuple(part for (places, _), part in parts.items() if i in places)
        for i, of in enumerate(sets)
    }
    asked: dict[str, set[str]] = {part.name: set() for part in parts.values()}
    for of, question in questions:
        for part in inside[of.text]:
            asked[part.name].add(question)
    return SortedConcepts(
        tuple(parts.values()), inside, {name: frozenset(each) for name, each in asked.items()}
    )


def sorted_lists(tree: ConceptTree, terms: Iterable[ConceptTerm]) -> dict[str, SortedConcepts]:
    """The concepts of each list of a record, sorted by what is asked of them."""
    asked: dict[str, list[tuple[ConceptSet, str]]] = {name: [] for name in LISTS}
    for term in terms:
        if term.of is not None and term.question not in ("is", "level", "measured"):
            asked[tree[term.of.concept].list].append((term.of, term.question))
    return {name: sort_concepts(tree, LISTS[name], found) for name, found in asked.items()}


def sorted_kind(
    tree: ConceptTree, variable: str, kind: ConceptType, terms: Iterable[ConceptTerm]
) -> SortedConcepts:
    """The concepts that a variable may be, sorted by its values and by what is asked of it."""
    sets = [ConceptSet(kind.kind, value) for value in kind.named]
    sets += [each.of for each in terms if each.question == "is" and each.variable == variable and each.of]
    return sort_concepts(tree, [kind.kind], [(of, "is") for of in sets])
