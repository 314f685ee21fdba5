"""What mapping files say of OMOP databases: the shapes of their keys.

    {variable: weight, table: measurement, concepts: [3025315], source_codes: [{vocabulary: LOINC, code: 29463-7}], read: quantity}

An entry for a table gives concept ids the meaning of source codes. What reads those codes reads the concept; where nothing does, the entry
reads them itself, into its variable.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag

from solver.library.codes.entry_shapes import CodeText
from solver.library.codes.models import ReadForm
from solver.library.codes.omop_map import ConditionState, RowKind
from solver.library.files import shapes as s

TableName = Literal[
    "condition_occurrence", "drug_exposure", "procedure_occurrence", "measurement", "observation", "value"
]
"""Where a concept stands: a table, or the value of a result or a route in any of them."""

OmopId = Annotated[str, StringConstraints(pattern=r"^[1-9]\d{0,9}$")]


class VocabularyCodeShape(s.FileShape):
    """A code of a vocabulary of OMOP."""

    vocabulary: s.Text
    code: CodeText


class OmopEntryShape(s.FileShape):
    """What concepts of a table mean: the same as their source codes. `source` says where they were read."""

    table: TableName
    concepts: list[OmopId] = Field(default_factory=list)
    source_codes: list[VocabularyCodeShape] = Field(default_factory=list)
    source_vocabulary: s.Text | None = None
    id: s.Id | None = None
    variable: s.Name | None = None
    concept: s.ConceptId | None = None
    read: ReadForm | None = None
    when: Literal["now", "ever"] | None = None
    window: s.Text | None = None
    source: s.Text | None = None


class VocabularyShape(s.FileShape):
    """A vocabulary of OMOP: the system that it is here, and a pattern that its codes fit."""

    system: s.Text
    form: s.Text | None = None


def _form_of_sources(given: object) -> str:
    return "tables" if isinstance(given, dict) else "names" if isinstance(given, list) else "name"


SourceVocabularies = Annotated[
    Annotated[dict[TableName, list[s.Text]], Tag("tables")]
    | Annotated[list[s.Text], Tag("names")]
    | Annotated[s.Text, Tag("name")],
    Discriminator(_form_of_sources),
]
"""The vocabularies of source values, by table or for all of them."""


def form_of_entry(given: object) -> str:
    """Which of the two shapes an entry has: only one for OMOP names a table."""
    found = "table" in given if isinstance(given, dict) else isinstance(given, OmopEntryShape)
    return "omop" if found else "code"


class OmopKeys(s.FileShape):
    """The keys of a file of mapping that are about OMOP."""

    units: dict[s.Text, s.Text] = Field(default_factory=dict)
    operators: dict[OmopId, Literal["=", "<", "<=", ">", ">="]] = Field(default_factory=dict)
    genders: dict[OmopId, Literal["M", "F"]] = Field(default_factory=dict)
    row_types: dict[OmopId, RowKind] = Field(default_factory=dict)
    condition_statuses: dict[OmopId, ConditionState] = Field(default_factory=dict)
    vocabularies: dict[s.Text, VocabularyShape] = Field(default_factory=dict)
    source_vocabulary: SourceVocabularies | None = None
    claims: Literal["fact", "status"] | None = None
