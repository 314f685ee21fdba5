"""The answers of `match export` and `match verify`; their JSON has the schemas `trialproof/export/1` and `trialproof/verify/1`."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from solver.dataclass import dataclass
from solver.engine.answer import PRIVATE, SPARSE, EngineVersion, SiteName

Status = Literal["sat", "unsat"]
Result = Literal["confirmed", "disagrees", "undecided"]
Origin = Literal["own", "differs", "foreign"]
"""Of a script: the record has just this one, it has another under this name, or it has none of this name."""


@dataclass(frozen=True, slots=True)
class ExportedClaim:
    """A claim, and the answer that a solver must give to its script."""

    name: str
    claim: str
    status: Status
    file: str | None
    """The name of its file; null where the script is given here."""
    script: str | None
    """The script; null where it is in a file."""


@dataclass(frozen=True, slots=True)
class ExportAnswer:
    """The claims of an answer."""

    schema: Literal["trialproof/export/1"] = field(default="trialproof/export/1", kw_only=True)
    engine: EngineVersion
    patient: str
    as_of: str
    """The day of evaluation, `YYYY-MM-DD`."""
    digest: str
    """A digest of what the record says, as in the output of match."""
    policies: tuple[str, ...]
    """Ids of the assumption policies in force."""
    claims: tuple[ExportedClaim, ...]
    site: SiteName | None = field(default=None, metadata=SPARSE)
    """The site under whose file it was given; left out without one."""
    cut: tuple[str, ...] | None = field(default=None, metadata=SPARSE)
    """The trials of which not every conflict and deciding set was found within the budget; left out where all were."""


@dataclass(frozen=True, slots=True)
class ComparedRecord:
    """The record whose claims the certificates are compared with."""

    patient: str
    digest: str
    """A digest of what the record says, as in the output of match."""
    trials: tuple[str, ...]
    """The trials whose claims were exported again: those asked for, or else those that the scripts name."""
    own: int
    others: int
    missing: tuple[str, ...]
    """The files of the record's claims that were not given."""
    as_of: str = field(metadata=PRIVATE)


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """A claim, and what the other solver says of it."""

    name: str
    claim: str
    status: Status
    """What a solver must answer."""
    answer: Status | None
    """What it answered; null if it did not decide."""
    result: Result
    note: str
    """Why it did not decide."""
    origin: Origin | None
    """With `--record`: `own` if the record's export has just this script, `differs` if it has another one under this name."""

    @property
    def fine(self) -> bool:
        """Whether it is confirmed, and not known to be no claim of the record."""
        return self.result == "confirmed" and self.origin in (None, "own")


@dataclass(frozen=True, slots=True)
class VerifyAnswer:
    """Certificates checked by another solver."""

    schema: Literal["trialproof/verify/1"] = field(default="trialproof/verify/1", kw_only=True)
    solver: str
    seconds: float
    """How long the solver was given for each claim."""
    confirmed: int
    disagrees: int
    undecided: int
    record: ComparedRecord | None
    """Null without `--record`: then only the scripts are confirmed, and not that they state the claims of an answer."""
    claims: tuple[CheckedClaim, ...]

    @property
    def fine(self) -> bool:
        """Whether every claim is."""
        return all(claim.fine for claim in self.claims)
