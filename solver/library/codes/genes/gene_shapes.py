"""The keys of mapping files that are about genes: their names, the parts of a variant, and the findings that variants are."""

from __future__ import annotations

from pydantic import Field

from solver.library.codes.entry_shapes import CodeShape, SystemName
from solver.library.codes.genes.gene_models import Denied, VariantPart
from solver.library.files import shapes as s


class GeneShape(s.FileShape):
    """A gene: its symbol, its id in the register of genes, and other names that are in use."""

    symbol: s.Text
    id: s.Id | None = None
    names: list[s.Text] = Field(default_factory=list)


class PartShape(s.FileShape):
    """The codes of a part of a variant."""

    part: VariantPart
    codes: list[CodeShape] = Field(min_length=1)


class PartValueShape(s.FileShape):
    """What codes and words mean as the value of a part of a variant: `germline`, `harmless`, `uncertain`."""

    means: s.Name
    codes: list[CodeShape] = Field(default_factory=list)
    words: list[s.Text] = Field(default_factory=list)


class AlterationShape(s.FileShape):
    """A finding, or a boolean variable, that a variant may be: a change within a gene, or fusions of two, where `*` is any other gene."""

    id: s.Id
    finding: s.ConceptId | None = None
    variable: s.Name | None = None
    gene: s.Text | None = None
    fusions: list[list[s.Text]] = Field(default_factory=list)
    changes: list[s.Text] = Field(default_factory=list)
    words: list[s.Text] = Field(default_factory=list)
    any_change: bool = False
    iscn: list[list[s.Text]] = Field(default_factory=list)
    denied_by: Denied | None = None
    denied_words: list[s.Text] = Field(default_factory=list)
    studied: bool = False
    source: s.Text | None = None


class TissueShape(s.FileShape):
    """Specimens that hold the patient's own cells, by code or word, and the concept after which all others are of a donor."""

    after: s.ConceptId
    codes: list[CodeShape] = Field(default_factory=list)
    words: list[s.Text] = Field(default_factory=list)


class GeneticsShape(s.FileShape):
    """How variants are read; `register` is the system of the ids of genes."""

    register_: SystemName | None = Field(default=None, alias="register")
    parts: list[PartShape] = Field(default_factory=list)
    values: list[PartValueShape] = Field(default_factory=list)
    denials: list[s.Text] = Field(default_factory=list)
    own_tissue: TissueShape | None = None
