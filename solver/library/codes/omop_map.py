"""What the numbers of an OMOP database mean: concepts as codes of their vocabularies, units, operators, and what rows are.

concepts     3025315 -> (loinc, 29463-7)     what a standard concept is called in its own vocabulary
vocabularies LOINC -> the system loinc       what a vocabulary of OMOP is called here, and what its codes look like
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from functools import cache
from typing import Literal

from solver.dataclass import dataclass
from solver.library.codes.models import MappedCode

RowKind = Literal["order", "claim", "relative", "not-a-fact"]
"""What the type of a row makes of it: an order or a dispense, a claim, said of a relative, or otherwise no fact of the patient."""

ConditionState = Literal["resolved", "unconfirmed", "confirmed"]
"""What the status of a condition says of it, where it says anything."""


CONCEPT_IDS = "https://fhir-terminology.ohdsi.org"
"""The address of the system whose codes are concept ids."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A vocabulary of OMOP: the code system that it is here, and the form of its codes, by which one is told from other text."""

    system: str
    form: str | None = None

    def has_form(self, code: str) -> bool:
        """Whether a text may be a code of this vocabulary."""
        return self.form is None or _compiled(self.form).fullmatch(code) is not None


@dataclass(frozen=True)
class OmopMap:
    """Everything that mapping files say of OMOP, of the encodings and of a site.

    Keys are concept ids as text; `sources` are the vocabularies of which the source values of a table may be codes, by table. `claims`
    says whether a row of a claim counts.
    """

    concepts: Mapping[str, tuple[MappedCode, ...]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    operators: Mapping[str, str] = field(default_factory=dict)
    genders: Mapping[str, str] = field(default_factory=dict)
    row_types: Mapping[str, RowKind] = field(default_factory=dict)
    states: Mapping[str, ConditionState] = field(default_factory=dict)
    vocabularies: Mapping[str, Vocabulary] = field(default_factory=dict)
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    claims: bool = True


def vocabulary_address(name: str) -> str:
    """The address of a vocabulary that no file explains; a name with a colon is an address already."""
    return name if ":" in name else "urn:omop:vocabulary:" + name


@cache
def _compiled(form: str) -> re.Pattern[str]:
    return re.compile(form, re.ASCII)
