"""What a consistency check can find, and what the author of a trial file stands by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FindingKind = Literal[
    "unsatisfiable",
    "unreachable-cohort",
    "contradictory",
    "excluded-and-required",
    "impossible-window",
    "vacuous",
    "redundant",
    "dead-exception",
    "gap",
    "implausible-threshold",
    "polarity",
    "mixed-anchors",
    "stale-acknowledgement",
    "undecided",
    "overlap",
    "routing",
    "never-decisive",
    "same-readings",
    "unused",
    "shared-only",
    "not-encoded",
]
"""What a consistency check can find."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in its file: from a line and column to just before another, all counted from 1."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A finding of the consistency check that the author of a trial file knows of and stands by, and why.

    It is about findings of this kind on exactly these clauses; with a `part`, only on this part of a clause, as it is written.
    """

    finding: FindingKind
    clauses: tuple[str, ...]
    reason: str
    part: str | None
    place: Place
