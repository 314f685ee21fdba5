"""The keys of the file of a trial. Meaning is checked in `compile`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, WithJsonSchema

from solver.library.beside import CohortRecruitment, FindingKind
from solver.library.files.limits import LONGEST_CODE, MOST_CLAUSES, MOST_COHORTS
from solver.library.files.shapes import (
    Changes,
    CohortName,
    Expression,
    FileShape,
    Id,
    Judgement,
    Name,
    PolicyId,
    Recruitment,
    Text,
)


class CohortStateShape(FileShape):
    """What is known of a cohort's recruitment, of every patient or of those of whom `when` certainly holds."""

    state: CohortRecruitment
    when: Expression | None = None
    note: Text
    source: Text | None = None


class CohortShape(FileShape):
    """A part of a trial that a patient can enter."""

    label: Text
    recruitment: list[CohortStateShape] = Field(default_factory=list)


class SourceShape(FileShape):
    """Where a trial's criteria were read."""

    id: Id
    text: Text


class ReadingShape(FileShape):
    """An ambiguity of a trial."""

    id: Id
    text: Text
    switch: bool = False
    choose_one: Text | None = None


class ResidualShape(FileShape):
    """Criteria that exist but are not published."""

    id: Id
    text: Text


class NoticeShape(FileShape):
    """A sentence shown beside the answer."""

    id: Id
    text: Text
    when: Expression | None = None
    safety: bool = False


class AlternativeShape(FileShape):
    """A clause under a second reading: what it replaces, or that the clause is dropped."""

    require: Expression | None = None
    when: Expression | None = None
    unless: Expression | None = None
    cohorts: list[str] | dict[str, Expression] | None = None
    drop: bool = False
    label: Text | None = None


class ClauseShape(FileShape):
    """One atomic criterion: `(when and not unless) implies require`, or one expression a cohort."""

    id: Id
    label: Text
    source: Text
    class_: Judgement = Field(alias="class")
    changes: Changes
    require: Expression | None = None
    when: Expression | None = None
    unless: Expression | None = None
    cohorts: list[str] | dict[str, Expression] | None = None
    opaque: Text | None = None
    routing: bool = False
    policy: PolicyId | None = None
    secondary: Id | None = None
    readings: dict[str, AlternativeShape] = Field(default_factory=dict)
    note: Text | None = None


EnrolmentValue = Annotated[
    Any,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": ["string", "boolean", "integer"]},
                {
                    "type": "object",
                    "properties": {"one_of": {"type": "array", "items": {"type": "string"}, "minItems": 1}},
                    "required": ["one_of"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
"""What an enrolment says of a variable: true or false, a value of an enumeration or `{one_of: [...]}`, or a whole number."""


class EnrolmentShape(FileShape):
    """What entering a trial does to what is known of a patient.

    `during` holds while on the trial and `after` from then on, each in place of what was recorded unless that agrees. What was recorded
    of `outdates` is out of date afterwards, to be known anew; entering makes what was recorded of `forgets` false, so that nothing of it
    is known.
    """

    during: dict[Name, EnrolmentValue] = Field(default_factory=dict)
    after: dict[Name, EnrolmentValue] = Field(default_factory=dict)
    outdates: list[Name] = Field(default_factory=list)
    forgets: list[Name] = Field(default_factory=list)


class AcknowledgementShape(FileShape):
    """A finding of `match check` that is right and is to stay as it is, with the reason."""

    finding: FindingKind
    clauses: list[Id] = Field(default_factory=list)
    part: Text | None = None
    reason: Text


class TrialFile(FileShape):
    """A file of `encodings/trials/`."""

    trial: Annotated[str, StringConstraints(pattern=r"^NCT\d{8}$")]
    code: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]*$", max_length=LONGEST_CODE)]
    title: Text
    intervention: Text
    recruitment: Recruitment
    recruitment_note: Text | None = None
    criteria: Literal["full", "partial"]
    sources: list[SourceShape]
    cohorts: dict[CohortName, CohortShape] = Field(max_length=MOST_COHORTS)
    readings: list[ReadingShape] = Field(default_factory=list)
    unpublished: list[ResidualShape] = Field(default_factory=list)
    notices: list[NoticeShape] = Field(default_factory=list)
    enrolment: EnrolmentShape = Field(default_factory=EnrolmentShape)
    acknowledged: list[AcknowledgementShape] = Field(default_factory=list)
    clauses: list[ClauseShape] = Field(max_length=MOST_CLAUSES)
