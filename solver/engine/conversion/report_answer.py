"""What `match convert --report` answers, schema `trialproof/convert/1`: what was made of an export, and what became of everything in it."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from solver.dataclass import dataclass
from solver.patient.account import CompletedList, ConflictRow, Outcome, StaleRow, UnconfirmedRow


@dataclass(frozen=True, slots=True)
class ConvertedInput:
    """What was read: its format, how many resources of it there are an account of, and how many patients it holds."""

    format: str
    resources: int
    patients: int


@dataclass(frozen=True, slots=True)
class FactOrigin:
    """A resource that a fact rests on; `system` and `code` are those of the coding that told, null where a text or an element did."""

    at: str
    type: str
    id: str | None
    system: str | None
    code: str | None
    date: str | None


@dataclass(frozen=True, slots=True)
class ConvertedFact:
    """What follows for a variable from what was read, in the form of a record."""

    variable: str
    fact: dict[str, object]
    date: str | None
    """The day of the latest of what it rests on."""
    origins: tuple[FactOrigin, ...] = field(metadata={"key": "from"})


@dataclass(frozen=True, slots=True)
class ConvertedResource:
    """What became of one resource."""

    at: str
    """Where it stands in the input."""
    type: str
    id: str | None
    outcome: Outcome
    variables: tuple[str, ...]
    reason: str | None


@dataclass(frozen=True, slots=True)
class UnknownCode:
    """A code that nothing reads, and how many resources have it."""

    system: str
    code: str
    count: int


@dataclass(frozen=True, slots=True)
class ConvertReport:
    """What was made of an export of one patient, and what became of every resource in it."""

    schema: Literal["trialproof/convert/1"] = field(default="trialproof/convert/1", init=False)
    patient: str
    as_of: str
    input: ConvertedInput
    counts: dict[str, int]
    """How many resources have each outcome."""
    complete: tuple[CompletedList, ...]
    facts: tuple[ConvertedFact, ...]
    stale: tuple[StaleRow, ...]
    conflicts: tuple[ConflictRow, ...]
    unconfirmed: tuple[UnconfirmedRow, ...]
    unknown_codes: tuple[UnknownCode, ...]
    windows: dict[str, int | None]
    """The windows in days that a site sets in place of those that come along; null where a result never grows old."""
    resources: tuple[ConvertedResource, ...]
