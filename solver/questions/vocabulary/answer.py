"""What `match vocabulary` answers, schema `trialproof/vocabulary/1`: the variables and concepts that words can mean."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from solver.dataclass import dataclass
from solver.language.concepts import ConceptKind, Lasts


@dataclass(frozen=True, slots=True)
class FoundVariable:
    """A variable, and what to write of it."""

    name: str
    type: str
    """In words: a whole number, one of its values, a quantity in its unit."""
    label: str
    about: str
    changes: str
    means: str | None
    """The term that it is another name for."""
    codes: dict[str, tuple[str, ...]]
    """The codes under which exports have it, by system."""
    write: tuple[str, ...]
    """Conditions on it, as examples."""


@dataclass(frozen=True, slots=True)
class FoundConcept:
    """A concept, and what to write of it."""

    id: str
    kind: ConceptKind
    label: str
    names: tuple[str, ...]
    codes: dict[str, tuple[str, ...]]
    lasts: Lasts
    half_life_days: str | None
    """An exact number of days, perhaps a fraction."""
    level: str | None
    """The unit of a finding's level."""
    broader: tuple[str, ...]
    """The concepts right above it."""
    narrower: tuple[str, ...]
    """The concepts right below it."""
    list: str
    """The list of a record that it stands in."""
    variables: tuple[str, ...]
    """The variables that mean a term about it."""
    write: tuple[str, ...]
    """Conditions on it, as examples."""


@dataclass(frozen=True, slots=True)
class VocabularyAnswer:
    """What some words mean; without words, everything there is."""

    schema: Literal["trialproof/vocabulary/1"] = field(default="trialproof/vocabulary/1", init=False)
    encodings: str
    """A digest of the encodings."""
    words: str
    """What was looked for."""
    exact: bool
    """Whether the words are the name, a synonym, a code or the label of what was found; else they are part of these."""
    note: str | None
    """What the vocabulary says of these words where they name no variable: what to write instead, or that no answer considers it."""
    variables: tuple[FoundVariable, ...]
    concepts: tuple[FoundConcept, ...]
