"""What mapping files say of genes, compiled: their names, and which change of a gene, or fusion of two, is which finding."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from solver.dataclass import dataclass
from solver.library.codes.genes.iscn import ANY, Rearrangement
from solver.library.codes.models import MappedCode

VariantPart = Literal[
    "gene", "coding", "protein", "type", "source", "fraction", "significance", "iscn", "assembly"
]
"""What a component of a variant says of it."""

Denied = Literal["gene", "words", "pair"]
"""What a negative result must name to deny a finding: the gene, words of the finding, or both genes or words."""


def gene_key(name: str) -> str:
    """A name of a gene as names are compared."""
    return name.strip().upper()


@dataclass(frozen=True, slots=True)
class Alteration:
    """A finding, or a boolean variable, that a variant may be.

    It is a change within `gene`, or a fusion of one of the pairs of `fusions`, where `*` is any other gene. Within the gene it is known by
    `changes`, patterns of HGVS, or by `words`; one that is of `any_change` is known by none. `iscn` are rearrangements that name it.
    `denied_by` is what a negative result must name; for several pairs, it must be named of each. `studied` says that a report which names
    the gene among those that were studied, and no variant of it, denies it too.
    """

    id: str
    finding: str | None
    variable: str | None
    gene: str | None = None
    fusions: tuple[tuple[str, str], ...] = ()
    changes: tuple[re.Pattern[str], ...] = ()
    words: tuple[re.Pattern[str], ...] = ()
    any_change: bool = False
    iscn: tuple[tuple[Rearrangement, int], ...] = ()
    denied_by: Denied | None = None
    denied_words: tuple[re.Pattern[str], ...] = ()
    studied: bool = False

    def pair(self, one: str, other: str) -> int | None:
        """Which of its fusions two genes make, in any order; None if none."""
        for i, (first, second) in enumerate(self.fusions):
            for a, b in ((one, other), (other, one)):
                if a == first and (b == second or (second == ANY and a != b)):
                    return i
        return None


@dataclass(frozen=True, slots=True)
class GeneCodes:
    """How variants are read.

    `genes` are the symbols of genes by each of their names, in capitals, and by their id, whose system is `register`. `parts`
    are the codes of components. `values` are answers that say what a part means, such as `germline`, and `value_words` texts that do;
    `denials` are words that deny what stands beside them. `own_tissue` are codes of specimens that hold no cells of a donor, and
    `own_tissue_words` texts; `donor_after` is the concept after which others do.
    """

    genes: Mapping[str, str] = field(default_factory=dict)
    register: str | None = None
    parts: Mapping[MappedCode, VariantPart] = field(default_factory=dict)
    values: Mapping[MappedCode, str] = field(default_factory=dict)
    value_words: Mapping[str, tuple[re.Pattern[str], ...]] = field(default_factory=dict)
    alterations: tuple[Alteration, ...] = ()
    denials: tuple[re.Pattern[str], ...] = ()
    own_tissue: frozenset[MappedCode] = frozenset()
    own_tissue_words: tuple[re.Pattern[str], ...] = ()
    donor_after: str | None = None
