"""What `match trials` answers, schema `trialproof/trials/1`: the trials of a library as they are encoded."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from solver.dataclass import dataclass
from solver.engine.answer import CohortRecruitment, Encoded, EnrolmentEffects, written_as


@dataclass(frozen=True, slots=True)
class TextItem:
    """Something with an id and a text: a source, an unpublished criterion, a notice."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class ClauseCounts:
    """How much of a trial is encoded."""

    published: int
    """Clauses from published criteria, with logic."""
    secondary: int
    """Clauses from secondary sources, in force only where they are switched on."""
    opaque: int
    """Published criteria that have no logical form."""
    unpublished: int
    """Criteria that are known to exist and are not published, however many they are."""
    objective: int
    """Objective clauses, but for those from secondary sources."""
    encoded: int
    """Those of them that have logic."""
    by_source: dict[str, int]
    """Clauses by the id of the source that their source pointer begins with."""

    @property
    def share(self) -> Encoded:
        """How much of the trial has logic."""
        return Encoded(self.encoded, self.objective)


@dataclass(frozen=True, slots=True)
class LogicText:
    """The logic of a clause as the encoding writes it."""

    cohorts: tuple[str, ...]
    """The cohorts for which it holds."""
    text: str


@dataclass(frozen=True, slots=True)
class SecondReading:
    """A clause under a second reading; no logic means that it is dropped."""

    reading: str
    logic: tuple[LogicText, ...]


@dataclass(frozen=True, slots=True)
class ListedClause:
    """A clause as it is encoded."""

    id: str
    label: str
    source: str
    judgement: str = field(metadata=written_as("class"))
    """`objective`, `judgement`, `attestation` or `administrative`."""
    changes: str
    logic: tuple[LogicText, ...]
    """Each expression as it is written, with the cohorts for which it holds."""
    readings: tuple[SecondReading, ...]
    """The same for each second reading, empty where it drops the clause."""
    secondary: str | None
    opaque: bool
    opaque_in: tuple[str, ...]
    """The cohorts that it binds as text."""
    note: str | None
    policy: str | None


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """An ambiguity, and whether its second reading can be switched on."""

    id: str
    text: str
    switch: bool


@dataclass(frozen=True, slots=True)
class RecruitmentState:
    """What is known of a cohort's recruitment, of the patients of whom `when` certainly holds; null for all."""

    state: CohortRecruitment
    when: str | None
    note: str
    source: str | None


@dataclass(frozen=True, slots=True)
class ListedCohort:
    """A cohort; of its states the first that applies counts."""

    id: str
    text: str
    recruitment: tuple[RecruitmentState, ...]


@dataclass(frozen=True, slots=True)
class ListedTrial:
    """One trial as it is encoded."""

    trial: str
    code: str
    title: str
    intervention: str
    recruitment: str
    recruitment_note: str
    criteria: Literal["full", "partial"]
    """Whether the whole list of criteria was read."""
    counts: ClauseCounts
    sources: tuple[TextItem, ...]
    cohorts: tuple[ListedCohort, ...]
    readings: tuple[Ambiguity, ...]
    unpublished: tuple[TextItem, ...]
    notices: tuple[TextItem, ...]
    enrolment: EnrolmentEffects
    clauses: tuple[ListedClause, ...]
    """Every clause, in the order of the file."""


@dataclass(frozen=True, slots=True)
class CatalogueAnswer:
    """The trials that are encoded."""

    schema: Literal["trialproof/trials/1"] = field(default="trialproof/trials/1", init=False)
    encodings: str
    """A digest of the encodings."""
    trials: tuple[ListedTrial, ...]
