"""What mapping files say of what a patient has had, compiled: diseases and their course, procedures, classes of drugs, forms and doses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from fractions import Fraction
from typing import Literal

from solver.dataclass import dataclass
from solver.library.codes.models import AbsenceRule, MappedCode

CourseEvent = Literal["relapse", "remission"]
"""What it is that begins where a disease enters a state."""


@dataclass(frozen=True, slots=True)
class Disease:
    """A disease that may be the one treated now: the values it may have, and what else is so where it is that one."""

    id: str
    values: tuple[str, ...]
    means: Mapping[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class DiseaseCode:
    """What a code of a disease says: which, in which state, and whether the character after it tells the state."""

    disease: str
    code: MappedCode
    state: str | None = None
    staged: bool = False


@dataclass(frozen=True, slots=True)
class CourseState:
    """A state of a disease: the clinical statuses that say it, the values that variables may then have, and what it begins with."""

    id: str
    clinical: frozenset[str] = frozenset()
    means: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    event: CourseEvent | None = None


@dataclass(frozen=True, slots=True)
class DiseaseCourse:
    """The variables of the disease and its course, its states by id, and the state that each staging character tells.

    `after` are variables that hold the day of the first relapse after the latest event of a concept.
    """

    variable: str
    confirmed: str | None = None
    relapses: str | None = None
    remission_length: str | None = None
    after: tuple[tuple[str, str], ...] = ()
    states: Mapping[str, CourseState] = field(default_factory=dict)
    stages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MergedEvents:
    """Entries of a concept that lie at most so many days apart are one event; `rule` begins its source."""

    concept: str
    days: int
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class SuspectWords:
    """What makes a procedure that no code tells one that a list may deny: parts of its text, and whole words."""

    parts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConceptClass:
    """What is said of a concept of therapies: when its absence follows, and what an order without an end leaves open.

    Where all of its events are known and over, the variable `current` is false and `stopped` the day of the latest end.
    """

    concept: str
    absent: AbsenceRule | None = None
    open_order: Literal["goes on", "unknown"] = "goes on"
    current: str | None = None
    stopped: str | None = None


@dataclass(frozen=True, slots=True)
class UncountedForm:
    """Forms and routes in which a product of these concepts is none of their events: words of its text, and codes."""

    concepts: frozenset[str]
    words: frozenset[str]
    codes: tuple[MappedCode, ...] = ()


@dataclass(frozen=True, slots=True)
class DoseRule:
    """A dose a day that is worked out from orders: of which concept, and the drug of the variable that each narrower concept is."""

    variable: str
    concept: str
    drugs: Mapping[str, str]
    written: str
    absent: AbsenceRule | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """How often in which period; `unit` is that of the period."""

    times: Fraction
    period: Fraction
    unit: str


@dataclass(frozen=True, slots=True)
class KnownDrug:
    """A drug that is no concept, and the words that tell it."""

    name: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class HistoryCodes:
    """All of it. `whole` are systems of conditions of which what nothing reads is nothing that a list denies.

    A drug with a code of a system of `known_by_code`, or with one of `known_by_display` and a text, is likewise none where no name tells
    it.
    """

    diseases: Mapping[str, Disease] = field(default_factory=dict)
    disease_codes: tuple[DiseaseCode, ...] = ()
    course: DiseaseCourse | None = None
    merged: tuple[MergedEvents, ...] = ()
    suspect: SuspectWords = SuspectWords()
    classes: tuple[ConceptClass, ...] = ()
    class_codes: tuple[tuple[MappedCode, str], ...] = ()
    forms: tuple[UncountedForm, ...] = ()
    dose: DoseRule | None = None
    timings: Mapping[str, Timing] = field(default_factory=dict)
    drugs: tuple[KnownDrug, ...] = ()
    whole: frozenset[str] = frozenset()
    known_by_code: frozenset[str] = frozenset()
    known_by_display: frozenset[str] = frozenset()
