"""The shapes of what mapping files say of what a patient has had: diseases, procedures and drugs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from solver.library.codes.entry_shapes import AbsenceShape, CodeShape
from solver.library.codes.history_models import CourseEvent
from solver.library.files import shapes as s


class DiseaseCodeShape(CodeShape):
    """A code of a disease, with the state that it tells, or `staged` where the character after it does."""

    state: s.Id | None = None
    staged: bool = False


class DiseaseShape(s.FileShape):
    """A disease that may be the one treated now."""

    id: s.Id
    values: list[s.Text] = Field(default_factory=list)
    means: dict[s.Name, s.Text] = Field(default_factory=dict)
    codes: list[DiseaseCodeShape] = Field(default_factory=list)


class CourseStateShape(s.FileShape):
    """A state of a disease."""

    id: s.Id
    event: CourseEvent | None = None
    clinical: list[s.Text] = Field(default_factory=list)
    means: dict[s.Name, list[s.Text]] = Field(default_factory=dict)


class AfterShape(s.FileShape):
    """The variable that holds the day of the first relapse after the latest event of a concept."""

    variable: s.Name
    concept: s.ConceptId


class CourseShape(s.FileShape):
    """The variables of the disease and its course."""

    variable: s.Name
    confirmed: s.Name | None = None
    relapses: s.Name | None = None
    remission_length: s.Name | None = None
    after: list[AfterShape] = Field(default_factory=list)
    states: list[CourseStateShape] = Field(default_factory=list)
    stages: dict[s.Text, s.Id] = Field(default_factory=dict)


class MergedShape(s.FileShape):
    """Entries of a concept that lie at most so many days apart are one event."""

    concept: s.ConceptId
    days: s.Whole
    rule: s.Text | None = None


class SuspectShape(s.FileShape):
    """What makes the text of a procedure suspect."""

    parts: list[s.Text] = Field(default_factory=list)
    words: list[s.Text] = Field(default_factory=list)


class StoppedShape(s.FileShape):
    """The variables that say that nothing of a class goes on, and when the last of it ended."""

    current: s.Name
    last_day: s.Name


class ConceptClassShape(s.FileShape):
    """What is said of a concept of therapies."""

    concept: s.ConceptId
    absent: AbsenceShape | None = None
    open_order: Literal["unknown"] | None = None
    stopped: StoppedShape | None = None
    codes: list[CodeShape] = Field(default_factory=list)


class FormShape(s.FileShape):
    """Forms and routes that do not count for these concepts."""

    concepts: list[s.ConceptId] = Field(min_length=1)
    words: list[s.Text] = Field(default_factory=list)
    codes: list[CodeShape] = Field(default_factory=list)


class DoseShape(s.FileShape):
    """A dose a day that is worked out from orders."""

    variable: s.Name
    concept: s.ConceptId
    drugs: dict[s.ConceptId, s.Text] = Field(min_length=1)
    written: s.Text
    absent: AbsenceShape | None = None


class TimingShape(s.FileShape):
    """How often in which period."""

    times: s.Exact
    period: s.Exact
    unit: s.Text


class DrugShape(s.FileShape):
    """A drug that is no concept, with the words that tell it beside its name."""

    name: s.Text
    words: list[s.Text] = Field(default_factory=list)
