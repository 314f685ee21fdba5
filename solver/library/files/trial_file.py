"""The shape of the files under `encodings/`: which keys there are. Meaning is checked in `compile`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, WithJsonSchema

from solver.errors import InputError, did_you_mean
from solver.library.acknowledged import FindingKind
from solver.library.beside import CohortRecruitment
from solver.library.files.limits import (
    LARGEST,
    LONGEST_CODE,
    LONGEST_NAME,
    LONGEST_NUMBER,
    MOST_CLAUSES,
    MOST_COHORTS,
)
from solver.library.files.yaml_places import Document
from solver.library.models import Worse
from solver.text import quote

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=LONGEST_NAME)]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$", max_length=LONGEST_NAME)]
PolicyId = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=LONGEST_NAME)
]
CohortName = Annotated[str, StringConstraints(pattern=r"^\w[\w .:/+-]*$", max_length=LONGEST_NAME)]
Text = Annotated[str, StringConstraints(min_length=1)]
Expression = Annotated[str, StringConstraints(min_length=1)]
Whole = Annotated[str, StringConstraints(pattern=r"^(0|[1-9]\d{0,5})$")]
Exact = Annotated[
    str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)?(/[0-9]*[1-9][0-9]*)?$", max_length=LONGEST_NUMBER)
]
Changes = Literal["time", "stop", "treat", "test", "age", "consent", "never"]
Judgement = Literal["objective", "judgement", "attestation", "administrative"]
Recruitment = Literal[
    "recruiting",
    "not_recruiting",
    "completed",
    "discontinued",
    "terminated",
    "authorised",
    "suspended",
    "withdrawn",
    "unknown",
]


Shape = TypeVar("Shape", bound=BaseModel)

_HINTS = 1_000
"""Of so many faults of a file the nearest key is looked up."""


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GroupsShape(_Shape):
    """What the entries of a list begin with: `{group}` in the pattern stands for one of `known`, which `label` calls by its name."""

    label: Text
    known: list[Text] = Field(min_length=1)


class VariableShape(_Shape):
    """One variable of the vocabulary."""

    name: Name
    type: Literal["boolean", "integer", "enumeration", "quantity", "date", "list"]
    label: Text
    about: Text
    changes: Changes
    values: list[Text] | None = None
    unit: Text | None = None
    equivalents: dict[str, Exact] | None = None
    plausible: Expression | None = None
    typical: Expression | None = None
    drugs: dict[str, Exact] | None = None
    past: bool = False
    absent: Literal["as_of"] | None = None
    requested: bool = True
    bare: bool = False
    positive: bool = False
    refused: dict[Whole, Text] = Field(default_factory=dict)
    names: Literal["open"] | None = None
    pattern: Text | None = None
    groups: GroupsShape | None = None
    strip: Text | None = None
    most: int | None = Field(default=None, ge=1, le=LARGEST)
    policy: PolicyId | None = None
    mentioned_by: list[Name] = Field(default_factory=list)
    worse: Worse | None = None
    advice: bool = True
    stopped_on: Name | None = None
    valid_days: int | None = Field(default=None, ge=1)


class NameShape(_Shape):
    """What people write for a variable, or for a value of the variable `of`: a hint in messages, never read as the thing itself.

    It `means` one of these; or one has to `write` something else; or it is `not_held`: no variable can say it.
    """

    names: list[Text] = Field(min_length=1)
    of: Name | None = None
    means: list[Text] | None = Field(default=None, min_length=1)
    write: Text | None = None
    not_held: Text | None = None


class VocabularyFile(_Shape):
    """A file of `encodings/vocabulary/`."""

    variables: list[VariableShape] = Field(default_factory=list)
    names: list[NameShape] = Field(default_factory=list)


class DefinitionShape(_Shape):
    """A named definition: an expression, or a ratio that is only ever multiplied out."""

    name: Name
    is_: Expression | None = Field(default=None, alias="is")
    numerator: Expression | None = None
    denominator: Expression | None = None
    unit: Text | None = None
    label: Text | None = None
    source: Text | None = None
    about: Text | None = None


class AxiomShape(_Shape):
    """One statement of the background theory."""

    id: Id
    label: Text
    source: Text
    require: Expression
    while_unrecorded: list[Name] = Field(default_factory=list)
    assumption: Id | None = None
    about: Text | None = None


class CheckShape(_Shape):
    """A warning about recorded values."""

    id: Id
    when: Expression
    text: Text
    variable: Name | None = None
    for_each: Literal["valid_days"] | list[Name] | dict[Name, Text] | None = None
    there: dict[Text, Text] = Field(default_factory=dict)
    source: Text | None = None
    label: Text | None = None


class RemarkShape(_Shape):
    """A warning about an entry of a list; `{entry}` in its text stands for the entry."""

    id: Id
    text: Text


class ClassShape(_Shape):
    """A class of entries of a list variable: of names, those that the registers say; else what the pattern fits."""

    name: Name
    list_: Name = Field(alias="list")
    label: Text
    source: Text
    pattern: Text | None = None
    example: Text | None = None
    warning: RemarkShape | None = None
    about: Text | None = None


class EntryShape(_Shape):
    """One thing that an open list can name, such as a drug: its names, and the classes it belongs to."""

    name: Text
    other_names: list[Text] = Field(default_factory=list)
    classes: list[Name] = Field(min_length=1)
    about: Text | None = None


class RegisterShape(_Shape):
    """The names that an open list recognises: entries with classes, and names that are in no class."""

    list_: Name = Field(alias="list")
    source: Text
    unrecognised: RemarkShape
    unclosed: Text
    entries: list[EntryShape] = Field(default_factory=list)
    no_class: list[Text] = Field(default_factory=list)


class PolicyShape(_Shape):
    """An assumption policy: what may be taken for granted where it is not recorded, if a user asks for it by name."""

    id: PolicyId
    label: Text
    text: Text
    covers: Literal["variables", "clauses"]
    classes: list[Judgement] = Field(default_factory=list)
    source: Text | None = None
    about: Text | None = None


class TheoryFile(_Shape):
    """A file of `encodings/theory/`."""

    classes: list[ClassShape] = Field(default_factory=list)
    registers: list[RegisterShape] = Field(default_factory=list)
    definitions: list[DefinitionShape] = Field(default_factory=list)
    axioms: list[AxiomShape] = Field(default_factory=list)
    checks: list[CheckShape] = Field(default_factory=list)
    policies: list[PolicyShape] = Field(default_factory=list)


class CohortStateShape(_Shape):
    """What is known of a cohort's recruitment, of every patient or of those of whom `when` certainly holds."""

    state: CohortRecruitment
    when: Expression | None = None
    note: Text
    source: Text | None = None


class CohortShape(_Shape):
    """A part of a trial that a patient can enter."""

    label: Text
    recruitment: list[CohortStateShape] = Field(default_factory=list)


class SourceShape(_Shape):
    """Where a trial's criteria were read."""

    id: Id
    text: Text


class ReadingShape(_Shape):
    """An ambiguity of a trial."""

    id: Id
    text: Text
    switch: bool = False
    choose_one: Text | None = None


class ResidualShape(_Shape):
    """Criteria that exist but are not published."""

    id: Id
    text: Text


class NoticeShape(_Shape):
    """A sentence shown beside the answer."""

    id: Id
    text: Text
    when: Expression | None = None
    safety: bool = False


class AlternativeShape(_Shape):
    """A clause under a second reading: what it replaces, or that the clause is dropped."""

    require: Expression | None = None
    when: Expression | None = None
    unless: Expression | None = None
    cohorts: list[str] | dict[str, Expression] | None = None
    drop: bool = False
    label: Text | None = None


class ClauseShape(_Shape):
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


class EnrolmentShape(_Shape):
    """What entering a trial does to what is known of a patient.

    `during` holds while on the trial and `after` from then on, each in place of what was recorded unless that agrees. What was recorded
    of `outdates` is out of date afterwards, to be known anew; entering makes what was recorded of `forgets` false, so that nothing of it
    is known.
    """

    during: dict[Name, EnrolmentValue] = Field(default_factory=dict)
    after: dict[Name, EnrolmentValue] = Field(default_factory=dict)
    outdates: list[Name] = Field(default_factory=list)
    forgets: list[Name] = Field(default_factory=list)


class AcknowledgementShape(_Shape):
    """A finding of `match check` that is right and is to stay as it is, with the reason."""

    finding: FindingKind
    clauses: list[Id] = Field(default_factory=list)
    part: Text | None = None
    reason: Text


class TrialFile(_Shape):
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


class BurdenShape(_Shape):
    """A class of tests by what they ask of the patient."""

    id: Id
    label: Text
    weight: int = Field(ge=1, le=LARGEST)


class TestShape(_Shape):
    """Something that can be ordered or asked."""

    id: Id
    label: Text
    reveals: list[Name]
    burden: Text
    days: int = Field(ge=0, le=LARGEST)
    source: Text
    note: Text | None = None


class WorkupFile(_Shape):
    """The file `encodings/workup.yaml`: burdens from the lightest to the heaviest, and tests."""

    burdens: list[BurdenShape]
    tests: list[TestShape]


def check_shape(document: Document, shape: type[Shape]) -> Shape:
    """The document as `shape`; raises `InputError` naming each wrong key or value with its place."""
    try:
        return shape.model_validate(document.data)
    except ValidationError as error:
        faults = error.errors()
        lines = {_explain(document, shape, fault, hint=i < _HINTS): None for i, fault in enumerate(faults)}
        raise InputError(list(lines)) from None


def _explain(document: Document, shape: type[BaseModel], fault: Any, *, hint: bool) -> str:
    path = _path(document, fault["loc"])
    key = str(fault["loc"][-1]).replace("[key]", "name") if fault["loc"] else ""
    match fault["type"]:
        case "missing":
            message = f"missing key '{key}'"
            path = _path(document, fault["loc"][:-1])
        case "extra_forbidden":
            nearest = did_you_mean(key, _keys(shape), words=True) if hint else ""
            message = f"unknown key {quote(key)}{nearest}"
        case "literal_error":
            message = f"{quote(str(fault['input']))} is not allowed for '{key}': expected {fault['ctx']['expected']}"
        case "string_pattern_mismatch":
            message = (
                f"{quote(str(fault['input']))} is not a valid {key}: it must match {fault['ctx']['pattern']}"
            )
        case "string_too_long":
            message = (
                f"{quote(str(fault['input']))} is too long: at most {fault['ctx']['max_length']:,} characters"
            )
        case "too_long":
            message = f"more than {fault['ctx']['max_length']:,} {key}: split the file"
        case "model_type" | "model_attributes_type" | "dict_type":
            message = "expected a mapping of keys to values"
        case "string_too_short":
            message = f"'{key}' is empty"
        case _:
            message = f"'{key}': {fault['msg'].lower()}"
    return f"{document.place(path)}: {message}"


def _path(document: Document, loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The part of pydantic's location that is a path in the file: its tags for unions are left out."""
    path: tuple[str | int, ...] = ()
    for step in loc:
        if (*path, step) in document.nodes:
            path = (*path, step)
    return path


def _keys(shape: type[BaseModel]) -> set[str]:
    """Every key that the shape or a shape within it knows, by the names used in files."""
    names: set[str] = set()
    for model in [shape, *_Shape.__subclasses__()]:
        names.update(info.alias or name for name, info in model.model_fields.items())
    return names
