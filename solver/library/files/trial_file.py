"""The keys of the file of a trial. Meaning is checked in `compile`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, WithJsonSchema

from solver.library.beside import CohortRecruitment, FindingKind
from solver.library.files import shapes as s
from solver.library.files.file_limits import LONGEST_CODE, MOST_CLAUSES, MOST_COHORTS


class CohortStateShape(s.FileShape):
    """What is known of a cohort's recruitment, of every patient or of those of whom `when` certainly holds."""

    state: CohortRecruitment
    when: s.Expression | None = None
    note: s.Text
    source: s.Text | None = None


class CohortShape(s.FileShape):
    """A part of a trial that a patient can enter."""

    label: s.Text
    recruitment: list[CohortStateShape] = Field(default_factory=list)


class SourceShape(s.FileShape):
    """Where a trial's criteria were read."""

    id: s.Id
    text: s.Text


class ReadingShape(s.FileShape):
    """An ambiguity of a trial."""

    id: s.Id
    text: s.Text
    switch: bool = False
    choose_one: s.Text | None = None


class ResidualShape(s.FileShape):
    """Criteria that exist but are not published."""

    id: s.Id
    text: s.Text


class NoticeShape(s.FileShape):
    """A sentence shown beside the answer."""

    id: s.Id
    text: s.Text
    when: s.Expression | None = None
    safety: bool = False


class AlternativeShape(s.FileShape):
    """A clause under a second reading: what it replaces, or that the clause is dropped."""

    require: s.Expression | None = None
    when: s.Expression | None = None
    unless: s.Expression | None = None
    cohorts: list[str] | dict[str, s.Expression] | None = None
    drop: bool = False
    label: s.Text | None = None


class ClauseShape(s.FileShape):
    """One atomic criterion: `(when and not unless) implies require`, or one expression a cohort."""

    id: s.Id
    label: s.Text
    source: s.Text
    class_: s.Judgement = Field(alias="class")
    changes: s.Changes
    require: s.Expression | None = None
    when: s.Expression | None = None
    unless: s.Expression | None = None
    cohorts: list[str] | dict[str, s.Expression] | None = None
    opaque: s.Text | None = None
    routing: bool = False
    policy: s.PolicyId | None = None
    secondary: s.Id | None = None
    readings: dict[str, AlternativeShape] = Field(default_factory=dict)
    note: s.Text | None = None


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


class EnrolmentShape(s.FileShape):
    """What entering a trial does to what is known of a patient.

    `during` holds while on the trial and `after` from then on, each in place of what was recorded unless that agrees. What was recorded
    of `outdates` is out of date afterwards, to be known anew; entering makes what was recorded of `forgets` false, so that nothing of it
    is known.
    """

    during: dict[s.Name, EnrolmentValue] = Field(default_factory=dict)
    after: dict[s.Name, EnrolmentValue] = Field(default_factory=dict)
    outdates: list[s.Name] = Field(default_factory=list)
    forgets: list[s.Name] = Field(default_factory=list)


class AcknowledgementShape(s.FileShape):
    """A finding of `match check` that is right and is to stay as it is, with the reason."""

    finding: FindingKind
    clauses: list[s.Id] = Field(default_factory=list)
    part: s.Text | None = None
    reason: s.Text


class TrialFile(s.FileShape):
    """A file of `encodings/trials/`."""

    trial: Annotated[str, StringConstraints(pattern=r"^NCT\d{8}$")]
    code: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]*$", max_length=LONGEST_CODE)]
    title: s.Text
    intervention: s.Text
    recruitment: s.Recruitment
    recruitment_note: s.Text | None = None
    criteria: Literal["full", "partial"]
    sources: list[SourceShape]
    cohorts: dict[s.CohortName, CohortShape] = Field(max_length=MOST_COHORTS)
    readings: list[ReadingShape] = Field(default_factory=list)
    unpublished: list[ResidualShape] = Field(default_factory=list)
    notices: list[NoticeShape] = Field(default_factory=list)
    enrolment: EnrolmentShape = Field(default_factory=EnrolmentShape)
    acknowledged: list[AcknowledgementShape] = Field(default_factory=list)
    clauses: list[ClauseShape] = Field(max_length=MOST_CLAUSES)
