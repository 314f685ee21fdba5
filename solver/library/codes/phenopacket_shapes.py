"""What mapping files say of Phenopackets: the shapes of their keys."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from solver.library.codes.phenopacket_map import SampleKind
from solver.library.files import shapes as s


class PrefixShape(s.FileShape):
    """A prefix of terms: the system that it is, and whether the codes of that keep it."""

    system: s.Text
    kept: Literal["true", "false"] = "false"


class FrequencyShape(s.FileShape):
    """How often a dose is given."""

    times: s.Whole
    period: s.Whole
    unit: Literal["h", "d", "wk", "mo"]


class PhenopacketKeys(s.FileShape):
    """The keys of a file of mapping that are about Phenopackets."""

    prefixes: dict[s.Text, PrefixShape] = Field(default_factory=dict)
    frequencies: dict[s.Text, FrequencyShape] = Field(default_factory=dict)
    samples: dict[s.Text, SampleKind] = Field(default_factory=dict)
    progressions: dict[s.Text, Literal["recurrence", "relapse", "remission"]] = Field(default_factory=dict)
    origins: dict[s.Text, Literal["somatic", "germline"]] = Field(default_factory=dict)
