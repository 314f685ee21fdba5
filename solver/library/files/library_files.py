"""The keys of the files that all trials share: vocabulary, theory and workup. Meaning is checked in `compile`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from solver.language.concepts import ConceptKind, Lasts
from solver.library.files import shapes as s
from solver.library.files.file_limits import LARGEST
from solver.library.models import Worse


class GroupsShape(s.FileShape):
    """What the entries of a list begin with: `{group}` in the pattern stands for one of `known`, which `label` calls by its name."""

    label: s.Text
    known: list[s.Text] = Field(min_length=1)


class ReferenceShape(s.FileShape):
    """Which limits of normal a quantity has: the plausible range of each, from its least to its greatest."""

    uln: list[s.Text] | None = Field(default=None, min_length=2, max_length=2)
    lln: list[s.Text] | None = Field(default=None, min_length=2, max_length=2)


class VariableShape(s.FileShape):
    """One variable of the vocabulary."""

    name: s.Name
    type: Literal["boolean", "integer", "enumeration", "quantity", "date", "list", "concept"]
    label: s.Text
    about: s.Text
    changes: s.Changes
    values: list[s.Text] | None = None
    unit: s.Text | None = None
    equivalents: dict[str, s.Exact] | None = None
    plausible: s.Expression | None = None
    typical: s.Expression | None = None
    drugs: dict[str, s.Exact] | None = None
    past: bool = False
    absent: Literal["as_of"] | None = None
    requested: bool = True
    bare: bool = False
    positive: bool = False
    refused: dict[s.Whole, s.Text] = Field(default_factory=dict)
    names: Literal["open"] | None = None
    pattern: s.Text | None = None
    groups: GroupsShape | None = None
    strip: s.Text | None = None
    most: int | None = Field(default=None, ge=1, le=LARGEST)
    policy: s.PolicyId | None = None
    mentioned_by: list[s.Name] = Field(default_factory=list)
    worse: Worse | None = None
    advice: bool = True
    stopped_on: s.Name | None = None
    valid_days: int | None = Field(default=None, ge=1)
    reference: ReferenceShape | None = None
    kind: ConceptKind | None = None
    means: s.Expression | None = None
    closes: list[s.ConceptId] = Field(default_factory=list)
    while_: s.Expression | None = Field(default=None, alias="while")
    safety: bool = False
    zero: s.Text | None = None


class NameShape(s.FileShape):
    """What people write for a variable, or for a value of the variable `of`: a hint in messages, never read as the thing itself.

    It `means` one of these, or a concept; or one has to `write` something else; or it is `not_held`: no variable can say it.
    """

    names: list[s.Text] = Field(min_length=1)
    of: s.Name | None = None
    means: list[s.Text] | None = Field(default=None, min_length=1)
    write: s.Text | None = None
    not_held: s.Text | None = None


class PhraseShape(s.FileShape):
    """Words by which a label names those of whom a condition holds; `match check` holds labels against clauses by them."""

    words: list[s.Text] = Field(min_length=1)
    says: s.Expression


class HeadlineWordsShape(s.FileShape):
    """Words of the headline, where `when` certainly holds of what is recorded; a value in braces is filled in."""

    when: s.Expression
    text: s.Text


class HeadlineShape(s.FileShape):
    """A part of the line that says who the patient is: the first of its words whose condition holds.

    It is set `beside` the one before without a comma, if it says so.
    """

    first_of: list[HeadlineWordsShape] = Field(min_length=1)
    beside: bool = False


class VocabularyFile(s.FileShape):
    """A file of `encodings/vocabulary/`."""

    variables: list[VariableShape] = Field(default_factory=list)
    names: list[NameShape] = Field(default_factory=list)
    phrases: list[PhraseShape] = Field(default_factory=list)
    headline: list[HeadlineShape] = Field(default_factory=list)


class ConceptShape(s.FileShape):
    """One condition, therapy, finding or diagnosis of the tree."""

    id: s.ConceptId
    kind: ConceptKind
    label: s.Text
    broader: list[s.ConceptId] = Field(default_factory=list)
    names: list[s.Text] = Field(default_factory=list)
    codes: dict[s.Text, list[s.Text]] = Field(default_factory=dict)
    lasts: Lasts | None = None
    half_life: s.Text | None = None
    level: s.Text | None = None
    changes: s.Changes | None = None
    policy: s.PolicyId | None = None
    source: s.Text | None = None
    about: s.Text | None = None


class ConceptFile(s.FileShape):
    """A file of `encodings/concepts/`."""

    concepts: list[ConceptShape]


class DefinitionShape(s.FileShape):
    """A named definition: an expression, or a ratio that is only ever multiplied out."""

    name: s.Name
    is_: s.Expression | None = Field(default=None, alias="is")
    numerator: s.Expression | None = None
    denominator: s.Expression | None = None
    unit: s.Text | None = None
    typical: s.Expression | None = None
    label: s.Text | None = None
    source: s.Text | None = None
    about: s.Text | None = None


class AxiomShape(s.FileShape):
    """One statement of the background theory."""

    id: s.Id
    label: s.Text
    source: s.Text
    require: s.Expression
    while_unrecorded: list[s.Name] = Field(default_factory=list)
    assumption: s.Id | None = None
    about: s.Text | None = None


class CheckShape(s.FileShape):
    """A warning about recorded values."""

    id: s.Id
    when: s.Expression
    text: s.Text
    variable: s.Name | None = None
    for_each: Literal["valid_days"] | list[s.Name] | dict[s.Name, s.Text] | None = None
    there: dict[s.Text, s.Text] = Field(default_factory=dict)
    source: s.Text | None = None
    label: s.Text | None = None


class RemarkShape(s.FileShape):
    """A warning about an entry of a list; `{entry}` in its text stands for the entry."""

    id: s.Id
    text: s.Text


class ClassShape(s.FileShape):
    """A class of entries of a list variable: of names, those that the registers say; else what the pattern fits."""

    name: s.Name
    list_: s.Name = Field(alias="list")
    label: s.Text
    source: s.Text
    pattern: s.Text | None = None
    example: s.Text | None = None
    warning: RemarkShape | None = None
    about: s.Text | None = None


class EntryShape(s.FileShape):
    """One thing that an open list can name, such as a drug: its names, and the classes it belongs to."""

    name: s.Text
    other_names: list[s.Text] = Field(default_factory=list)
    classes: list[s.Name] = Field(min_length=1)
    about: s.Text | None = None


class RegisterShape(s.FileShape):
    """The names that an open list recognises: entries with classes, and names that are in no class."""

    list_: s.Name = Field(alias="list")
    source: s.Text
    unrecognised: RemarkShape
    unclosed: s.Text
    entries: list[EntryShape] = Field(default_factory=list)
    no_class: list[s.Text] = Field(default_factory=list)


class PolicyShape(s.FileShape):
    """An assumption policy: what may be taken for granted where it is not recorded, if a user asks for it by name."""

    id: s.PolicyId
    label: s.Text
    text: s.Text
    covers: Literal["variables", "clauses"]
    classes: list[s.Judgement] = Field(default_factory=list)
    kinds: list[ConceptKind] = Field(default_factory=list)
    source: s.Text | None = None
    about: s.Text | None = None


class TheoryFile(s.FileShape):
    """A file of `encodings/theory/`."""

    classes: list[ClassShape] = Field(default_factory=list)
    registers: list[RegisterShape] = Field(default_factory=list)
    definitions: list[DefinitionShape] = Field(default_factory=list)
    axioms: list[AxiomShape] = Field(default_factory=list)
    checks: list[CheckShape] = Field(default_factory=list)
    policies: list[PolicyShape] = Field(default_factory=list)


class BurdenShape(s.FileShape):
    """A class of tests by what they ask of the patient."""

    id: s.Id
    label: s.Text
    weight: int = Field(ge=1, le=LARGEST)


class ChanceShape(s.FileShape):
    """How often a result ends a trial that asks for it, or how often a variable has one of its values."""

    percent: int = Field(ge=0, le=100)
    source: s.Text
    variable: s.Name | None = None
    value: Literal["true", "false"] | s.Text | None = None


class TestShape(s.FileShape):
    """Something that can be ordered or asked."""

    id: s.Id
    label: s.Text
    reveals: list[s.ConceptId]
    burden: s.Text
    days: int = Field(ge=0, le=LARGEST)
    source: s.Text
    chance: list[ChanceShape] = Field(default_factory=list)
    note: s.Text | None = None
    how: s.Text | None = None
    act: s.Text | None = None
    questions: s.Text | None = None


class WorkupFile(s.FileShape):
    """The file `encodings/workup.yaml`: burdens from the lightest to the heaviest, and tests."""

    burdens: list[BurdenShape]
    tests: list[TestShape]


class SiteFile(s.FileShape):
    """A file beside trials of one's own: the variables, names, concepts and tests that only they need."""

    variables: list[VariableShape] = Field(default_factory=list)
    names: list[NameShape] = Field(default_factory=list)
    concepts: list[ConceptShape] = Field(default_factory=list)
    tests: list[TestShape] = Field(default_factory=list)
