"""Concepts: the conditions, therapies, findings and diagnoses that a patient can have or have had, as one tree.

With `fruit` broader than `apple` and `pear`, an event of `apple` is one of `fruit` as well. Every concept has room for kinds of it that the
tree does not list, so that a "fruit" need be none of those below it.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from fractions import Fraction
from functools import cached_property
from typing import Literal

from solver.cache_files import nothing_is_garbage
from solver.dataclass import dataclass
from solver.language.spelling import fold_name, without_suffix

ConceptKind = Literal["condition", "therapy", "finding", "diagnosis"]

Lasts = Literal["span", "day", "life"]
"""How long an event lasts: a while, one day, or from its beginning for life."""

LISTS: Mapping[str, tuple[ConceptKind, ...]] = {
    "conditions": ("condition", "diagnosis"),
    "therapies": ("therapy",),
    "findings": ("finding",),
}
"""The lists of a record, and the kinds of concepts that an entry of each can name."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing that a patient can have or have had.

    `broader` are the concepts right above it. `names` are what it is called beside its id, and `codes` its codes in each system.
    `lasts` is what holds of it, said or taken from above. `level` is the unit of a finding's level. `changes` and `policy` are what its
    file says where the default is wrong.
    """

    id: str
    kind: ConceptKind
    label: str
    broader: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    codes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    lasts: Lasts = "span"
    half_life_days: Fraction | None = None
    level: str | None = None
    changes: str | None = None
    policy: str | None = None
    source: str = ""

    @property
    def list(self) -> str:
        """The list of a record that its events or results stand in."""
        return next(name for name, kinds in LISTS.items() if self.kind in kinds)


@dataclass(frozen=True, slots=True)
class ConceptSet:
    """What is narrower than a concept, and narrower than none of those that are excluded."""

    kind: ConceptKind
    concept: str
    excluded: frozenset[str] = field(default=frozenset())

    @property
    def text(self) -> str:
        """As it is written in a criterion, with the exceptions in the order of the alphabet."""
        if not self.excluded:
            return self.concept
        return f"{self.concept} except {{{', '.join(sorted(self.excluded))}}}"


class ConceptTree:
    """Concepts by id, whose `broader` are among them without a circle."""

    def __init__(self, concepts: Iterable[Concept] = ()) -> None:
        self._packed: bytes | None = None
        self.__dict__["concepts"] = {concept.id: concept for concept in concepts}

    @cached_property
    def concepts(self) -> Mapping[str, Concept]:
        """The concepts by id."""
        if self._packed is None:
            return {}
        with nothing_is_garbage():
            return {concept.id: concept for concept in pickle.loads(self._packed)}

    def __getstate__(self) -> dict[str, bytes]:
        """The concepts as one piece, which is taken apart once it is asked for: not every record asks for it."""
        whole = self._packed or pickle.dumps(tuple(self.concepts.values()), pickle.HIGHEST_PROTOCOL)
        return {"_packed": whole}

    def __contains__(self, concept: object) -> bool:
        return concept in self.concepts

    def __getitem__(self, concept: str) -> Concept:
        return self.concepts[concept]

    def __iter__(self) -> Iterator[str]:
        return iter(self.concepts)

    def __len__(self) -> int:
        return len(self.concepts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ConceptTree) and dict(self.concepts) == dict(other.concepts)

    __hash__ = None  # type: ignore[assignment]

    def of_kinds(self, kinds: Iterable[ConceptKind]) -> list[str]:
        """The ids of the concepts of these kinds."""
        wanted = set(kinds)
        return [name for name, concept in self.concepts.items() if concept.kind in wanted]

    def broader(self, concept: str) -> frozenset[str]:
        """The concept, and everything that it reaches by `broader`."""
        found = self._above.get(concept)
        if found is None:
            found = self._above[concept] = _reached(concept, lambda name: self.concepts[name].broader)
        return found

    def narrower(self, concept: str) -> frozenset[str]:
        """The concept, and everything that reaches it by `broader`."""
        found = self._below.get(concept)
        if found is None:
            found = self._below[concept] = _reached(concept, self._directly_narrower.__getitem__)
        return found

    def overlap(self, one: str, other: str) -> bool:
        """Whether something is narrower than both."""
        return not self.narrower(one).isdisjoint(self.narrower(other))

    def members(self, of: ConceptSet) -> frozenset[str]:
        """The concepts that are in a set: what happened is in it if it is one of them, or an unlisted kind of one."""
        return self.narrower(of.concept).difference(*map(self.narrower, of.excluded))

    def resolve(self, kind: ConceptKind, text: str) -> str | None:
        """The concept of a kind that an id, a name or `SYSTEM:code` means; None if it means none."""
        concept = self.concepts.get(text)
        if concept is not None and concept.kind == kind:
            return text
        found = self._named[kind].get(fold_name(text))
        if found is None and kind == "therapy" and (shorter := without_suffix(text)) is not None:
            found = self._named[kind].get(fold_name(shorter))
        return found or self._coded[kind].get(_code_key(*text.partition(":")[::2]))

    def in_list(self, name: str, text: str) -> str | None:
        """The concept that an entry of a record's list means by an id, a name or `SYSTEM:code`; None if it means none."""
        return next((found for kind in LISTS[name] if (found := self.resolve(kind, text))), None)

    @cached_property
    def _above(self) -> dict[str, frozenset[str]]:
        return {}

    @cached_property
    def _below(self) -> dict[str, frozenset[str]]:
        return {}

    @cached_property
    def _directly_narrower(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {name: [] for name in self.concepts}
        for name, concept in self.concepts.items():
            for each in concept.broader:
                found[each].append(name)
        return found

    @cached_property
    def _named(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {kind: {} for kinds in LISTS.values() for kind in kinds}
        for name, concept in self.concepts.items():
            for each in (name, *concept.names):
                found[concept.kind].setdefault(fold_name(each), name)
        return found

    @cached_property
    def _coded(self) -> dict[str, dict[tuple[str, str], str]]:
        """The concept of each code; where one that claims it is narrower than another, the broader."""
        found: dict[str, dict[tuple[str, str], str]] = {
            kind: {} for kinds in LISTS.values() for kind in kinds
        }
        for name, concept in self.concepts.items():
            for system, codes in concept.codes:
                for code in codes:
                    key = _code_key(system, code)
                    before = found[concept.kind].get(key)
                    if before is None or name in self.broader(before):
                        found[concept.kind][key] = name
        return found


def _reached(start: str, steps: Callable[[str], Iterable[str]]) -> frozenset[str]:
    """Where the steps lead to from a concept, itself included."""
    found, pending = {start}, [start]
    while pending:
        new = [each for each in steps(pending.pop()) if each not in found]
        found.update(new)
        pending += new
    return frozenset(found)


def _code_key(system: str, code: str) -> tuple[str, str]:
    return system.strip().casefold(), code.strip().casefold()
