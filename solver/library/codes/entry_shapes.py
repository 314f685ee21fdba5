"""The shapes that mapping files are made of: code systems, codes, answers, and the entries that say what they mean."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, WithJsonSchema

from solver.library.codes.models import ReadForm, SameDay
from solver.library.files import shapes as s

CodeText = Annotated[str, StringConstraints(pattern=r"^\S+( \S+)*$", max_length=200)]
SystemName = Annotated[str, StringConstraints(pattern=r"^([a-z][a-z0-9_]*|\S*:\S*)$", max_length=500)]
ListName = Literal["conditions", "procedures", "medications"]
Value = Annotated[
    str, StringConstraints(min_length=1), WithJsonSchema({"type": ["string", "number", "boolean"]})
]
Number = Annotated[str, StringConstraints(pattern=r"^-?\d{1,6}$")]


class SystemShape(s.FileShape):
    """A code system: its addresses, and how its codes are compared and checked."""

    uris: list[s.Text] = Field(min_length=1)
    match: Literal["exact", "prefix"] = "exact"
    dots: Literal["optional", "kept"] = "kept"
    check: Literal["mod10", "verhoeff"] | None = None


class CodeShape(s.FileShape):
    """A code of a system, or all from `code` to `to`, without those that begin with an `except`.

    One that is still to be checked is not read until a site enables it. `source` says where it was read.
    """

    system: SystemName
    code: CodeText
    to: CodeText | None = None
    except_: list[CodeText] = Field(default_factory=list, alias="except")
    display: s.Text | None = None
    status: Literal["verified", "check"] = "verified"
    source: s.Text | None = None


class AnswerShape(CodeShape):
    """A coded answer, and the value that it has."""

    value: Value


class RemovedShape(s.FileShape):
    """A code that a site takes out, wherever it stands."""

    system: SystemName
    code: CodeText


class ListShape(s.FileShape):
    """The codes that a list of this kind may have."""

    list_: ListName = Field(alias="list")
    codes: list[CodeShape] = Field(min_length=1)


class AbsenceShape(s.FileShape):
    """What a variable is where all these lists are complete and nothing mentions it."""

    lists: list[ListName] = Field(min_length=1)
    value: Value


class CodeEntryShape(s.FileShape):
    """What codes mean in a kind of resource, and how the value under them is read.

    An entry with the id of an earlier one adds to it, and what it says of `window` and the like counts.
    """

    id: s.Id
    variable: s.Name | None = None
    concept: s.ConceptId | None = None
    resource: s.Text | None = None
    read: ReadForm | None = None
    codes: list[CodeShape] = Field(default_factory=list)
    text: list[s.Text] = Field(default_factory=list)
    answers: list[AnswerShape] = Field(default_factory=list)
    range_: list[Number] | None = Field(default=None, alias="range", min_length=2, max_length=2)
    step: Number | None = None
    unit: s.Text | None = None
    window: s.Text | None = None
    same_day: SameDay | None = None
    lasting: Literal["true", "false"] | None = None
    when: Literal["now", "ever"] | None = None
    absent: AbsenceShape | None = None
    also: list[s.Id] = Field(default_factory=list)
    beside: s.Id | None = None
    offers: bool = False
    over: bool = False
    mentions: list[s.Name] = Field(default_factory=list)
    while_current: s.ConceptId | None = None
    path: s.Text | None = None
    about: s.Text | None = None
