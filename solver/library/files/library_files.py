"""The keys of the files that all trials share: vocabulary, theory and workup. Meaning is checked in `compile`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from solver.library.files.limits import LARGEST
from solver.library.files.shapes import (
    Changes,
    Exact,
    Expression,
    FileShape,
    Id,
    Judgement,
    Name,
    PolicyId,
    Text,
    Whole,
)
from solver.library.models import Worse


class GroupsShape(FileShape):
    """What the entries of a list begin with: `{group}` in the pattern stands for one of `known`, which `label` calls by its name."""

    label: Text
    known: list[Text] = Field(min_length=1)


class VariableShape(FileShape):
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


class NameShape(FileShape):
    """What people write for a variable, or for a value of the variable `of`: a hint in messages, never read as the thing itself.

    It `means` one of these; or one has to `write` something else; or it is `not_held`: no variable can say it.
    """

    names: list[Text] = Field(min_length=1)
    of: Name | None = None
    means: list[Text] | None = Field(default=None, min_length=1)
    write: Text | None = None
    not_held: Text | None = None


class VocabularyFile(FileShape):
    """A file of `encodings/vocabulary/`."""

    variables: list[VariableShape] = Field(default_factory=list)
    names: list[NameShape] = Field(default_factory=list)


class DefinitionShape(FileShape):
    """A named definition: an expression, or a ratio that is only ever multiplied out."""

    name: Name
    is_: Expression | None = Field(default=None, alias="is")
    numerator: Expression | None = None
    denominator: Expression | None = None
    unit: Text | None = None
    label: Text | None = None
    source: Text | None = None
    about: Text | None = None


class AxiomShape(FileShape):
    """One statement of the background theory."""

    id: Id
    label: Text
    source: Text
    require: Expression
    while_unrecorded: list[Name] = Field(default_factory=list)
    assumption: Id | None = None
    about: Text | None = None


class CheckShape(FileShape):
    """A warning about recorded values."""

    id: Id
    when: Expression
    text: Text
    variable: Name | None = None
    for_each: Literal["valid_days"] | list[Name] | dict[Name, Text] | None = None
    there: dict[Text, Text] = Field(default_factory=dict)
    source: Text | None = None
    label: Text | None = None


class RemarkShape(FileShape):
    """A warning about an entry of a list; `{entry}` in its text stands for the entry."""

    id: Id
    text: Text


class ClassShape(FileShape):
    """A class of entries of a list variable: of names, those that the registers say; else what the pattern fits."""

    name: Name
    list_: Name = Field(alias="list")
    label: Text
    source: Text
    pattern: Text | None = None
    example: Text | None = None
    warning: RemarkShape | None = None
    about: Text | None = None


class EntryShape(FileShape):
    """One thing that an open list can name, such as a drug: its names, and the classes it belongs to."""

    name: Text
    other_names: list[Text] = Field(default_factory=list)
    classes: list[Name] = Field(min_length=1)
    about: Text | None = None


class RegisterShape(FileShape):
    """The names that an open list recognises: entries with classes, and names that are in no class."""

    list_: Name = Field(alias="list")
    source: Text
    unrecognised: RemarkShape
    unclosed: Text
    entries: list[EntryShape] = Field(default_factory=list)
    no_class: list[Text] = Field(default_factory=list)


class PolicyShape(FileShape):
    """An assumption policy: what may be taken for granted where it is not recorded, if a user asks for it by name."""

    id: PolicyId
    label: Text
    text: Text
    covers: Literal["variables", "clauses"]
    classes: list[Judgement] = Field(default_factory=list)
    source: Text | None = None
    about: Text | None = None


class TheoryFile(FileShape):
    """A file of `encodings/theory/`."""

    classes: list[ClassShape] = Field(default_factory=list)
    registers: list[RegisterShape] = Field(default_factory=list)
    definitions: list[DefinitionShape] = Field(default_factory=list)
    axioms: list[AxiomShape] = Field(default_factory=list)
    checks: list[CheckShape] = Field(default_factory=list)
    policies: list[PolicyShape] = Field(default_factory=list)


class BurdenShape(FileShape):
    """A class of tests by what they ask of the patient."""

    id: Id
    label: Text
    weight: int = Field(ge=1, le=LARGEST)


class TestShape(FileShape):
    """Something that can be ordered or asked."""

    id: Id
    label: Text
    reveals: list[Name]
    burden: Text
    days: int = Field(ge=0, le=LARGEST)
    source: Text
    note: Text | None = None


class WorkupFile(FileShape):
    """The file `encodings/workup.yaml`: burdens from the lightest to the heaviest, and tests."""

    burdens: list[BurdenShape]
    tests: list[TestShape]
