"""What stands in a Phenopacket: prefixes of its terms, how often a dose is given, and what a sample and a progression are.

MONDO:0018874    the prefix MONDO is the system mondo, whose codes keep the prefix
LOINC:26474-7    the prefix LOINC is the system loinc, whose codes do not
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from solver.dataclass import dataclass

SampleKind = Literal["tumour", "normal"]


@dataclass(frozen=True, slots=True)
class TermPrefix:
    """The code system that a prefix of terms is, and whether its codes keep the prefix."""

    system: str
    kept: bool


@dataclass(frozen=True, slots=True)
class DoseFrequency:
    """How often a dose is given: so many times in a period of so many units of time (UCUM)."""

    times: str
    period: str
    unit: str


@dataclass(frozen=True)
class PhenopacketMap:
    """Everything that mapping files say of Phenopackets, of the encodings and of a site; keys are terms as written.

    `units` are the codes in UCUM of units that are terms; `progressions` the clinical status that a tumour's progression means;
    `significance` the significance of a variant by its class, as text.
    """

    prefixes: Mapping[str, TermPrefix] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    frequencies: Mapping[str, DoseFrequency] = field(default_factory=dict)
    samples: Mapping[str, SampleKind] = field(default_factory=dict)
    progressions: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, Literal["somatic", "germline"]] = field(default_factory=dict)
