"""The keys of the files of `encodings/codes/`, and of a site's own beside them. Each topic has its keys in a module of its own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from solver.library.codes.entry_shapes import (
    CodeEntryShape,
    CodeShape,
    ListName,
    ListShape,
    RemovedShape,
    SystemShape,
)
from solver.library.codes.genes.gene_shapes import AlterationShape, GeneShape, GeneticsShape
from solver.library.codes.history_shapes import (
    ConceptClassShape,
    CourseShape,
    DiseaseShape,
    DoseShape,
    DrugShape,
    FormShape,
    MergedShape,
    SuspectShape,
    TimingShape,
)
from solver.library.codes.omop_shapes import OmopEntryShape, OmopKeys, form_of_entry
from solver.library.codes.phenopacket_shapes import PhenopacketKeys
from solver.library.files import shapes as s


def _form_of_system(given: object) -> str:
    return "addresses" if isinstance(given, list) else "system"


_System = Annotated[
    Annotated[SystemShape, Tag("system")] | Annotated[list[s.Text], Tag("addresses")],
    Discriminator(_form_of_system),
]


_Entry = Annotated[
    Annotated[CodeEntryShape, Tag("code")] | Annotated[OmopEntryShape, Tag("omop")],
    Discriminator(form_of_entry),
]


class CodesFile(OmopKeys, PhenopacketKeys):
    """A file of mapping: any of these keys may stand in any file."""

    systems: dict[s.Name, _System] = Field(default_factory=dict)
    lists: list[ListShape] = Field(default_factory=list)
    entries: list[_Entry] = Field(default_factory=list)
    remove: list[RemovedShape] = Field(default_factory=list)
    enable: list[s.Text] = Field(default_factory=list)
    windows: dict[s.Id, s.Text] = Field(default_factory=dict)
    harmless: list[CodeShape] = Field(default_factory=list)
    unread: Literal["block", "ignore"] | None = None
    complete: list[ListName] = Field(default_factory=list)
    orders: Literal["exposure", "unconfirmed"] | None = None
    text_numbers: Literal["refuse", "point"] | None = None
    course: CourseShape | None = None
    diseases: list[DiseaseShape] = Field(default_factory=list)
    whole: list[s.Name] = Field(default_factory=list)
    merged: list[MergedShape] = Field(default_factory=list)
    suspect: SuspectShape | None = None
    drugs: list[DrugShape] = Field(default_factory=list)
    classes: list[ConceptClassShape] = Field(default_factory=list)
    known_by_code: list[s.Name] = Field(default_factory=list)
    known_by_display: list[s.Name] = Field(default_factory=list)
    forms: list[FormShape] = Field(default_factory=list)
    dose: DoseShape | None = None
    timings: dict[s.Text, TimingShape] = Field(default_factory=dict)
    genes: list[GeneShape] = Field(default_factory=list)
    alterations: list[AlterationShape] = Field(default_factory=list)
    genetics: GeneticsShape | None = None
