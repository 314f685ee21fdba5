"""The answer of `match check`: what a consistency check found. Its JSON has the schema `trialproof/check/1`.

Every kind of finding stands here too, with how severe it is and what it means: the rules of SARIF, and the table of docs/verbs/check.md.
"""

from __future__ import annotations

from dataclasses import field
from hashlib import sha256
from typing import Any, Literal, NamedTuple

from solver.dataclass import dataclass
from solver.engine.answer import PRIVATE, EngineVersion, written_as
from solver.engine.days.evaluation_days import EvaluationDays
from solver.language.tree import variables
from solver.library.beside import FindingKind, Place
from solver.library.models import Clause
from solver.patient.record import Record

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")

Basis = Literal["theory", "ranges"]
"""What a proof rests on: the theory alone, or the plausible ranges of the variables as well."""


@dataclass(frozen=True, slots=True)
class FindingPlace:
    """A place in a file; lines and columns count from 1, and the end is just behind it."""

    clause: str | None
    """The clause that stands there; null where it is none."""
    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    label: str = field(default="", metadata=PRIVATE)
    """The label of the clause."""
    variables: frozenset[str] = field(default=frozenset(), metadata=PRIVATE)
    """The variables that the clause speaks of."""

    @classmethod
    def of(cls, file: str, place: Place, clause: Clause | None = None) -> FindingPlace:
        """A place in a file, where the clause stands if one is given, or a part of it."""
        name, label = (clause.id, clause.label) if clause else (None, "")
        spoken = frozenset().union(*(variables(x) for x in (clause.conditions if clause else {}).values()))
        start, end = (place.line, place.column), (place.end_line, place.end_column)
        return cls(name, file, *start, *end, label, spoken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that was found."""

    kind: FindingKind
    severity: Severity
    trial: str | None
    """The code of the trial; null for what is not about one."""
    clauses: tuple[str, ...] = ()
    core: tuple[str, ...] = ()
    """A minimal set of other clauses that it rests on."""
    cohorts: tuple[str, ...] = ()
    """The cohorts it is about; empty for all."""
    part: str | None = None
    """The part of the clause that it is about, as it is written, or the name of what is unused."""
    text: str
    basis: Basis | None = None
    """What the proof rests on: the theory alone, or plausible ranges as well; null where nothing is proved."""
    places: tuple[FindingPlace, ...]
    """The place of each clause of `clauses` and `core`, in this order, or that of what else it is about."""
    document: dict[str, Any] | None = field(default=None, metadata=written_as("witness"))
    """The record of a patient who shows it."""
    acknowledged: str | None = None
    """The reason that the file gives for it to stay; it is not counted then."""
    fingerprint: str = field(init=False)
    """The same on every run, whatever line it stands on."""
    witness: Record | None = field(default=None, metadata=PRIVATE)
    """The patient who shows it."""

    def __post_init__(self) -> None:
        said = (self.kind, self.trial or "", *self.mentioned, *self.cohorts, self.part or "")
        object.__setattr__(self, "fingerprint", sha256("\0".join(said).encode()).hexdigest()[:32])

    @property
    def mentioned(self) -> tuple[str, ...]:
        """Every clause that it names, each once."""
        return tuple(dict.fromkeys((*self.clauses, *self.core)))


class FindingCounts(NamedTuple):
    """How many findings there are of each severity that are not acknowledged, and how many are."""

    error: int
    warning: int
    note: int
    acknowledged: int


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """What a consistency check found."""

    schema: Literal["trialproof/check/1"] = field(default="trialproof/check/1", kw_only=True)
    engine: EngineVersion
    day: str = field(metadata=written_as("as_of"))
    """The day of evaluation that is looked at first, `YYYY-MM-DD`: of gaps, and of what is a sign and no proof."""
    days: EvaluationDays
    """The days of evaluation that stand for all: what is proved holds on each of them."""
    trials: tuple[str, ...]
    """The codes of the trials that were checked."""
    counts: FindingCounts
    findings: tuple[Finding, ...]

    def has_any(self, severity: Severity) -> bool:
        """Whether a finding that is not acknowledged is of this severity, or of one above it."""
        return any(self.counts[: SEVERITIES.index(severity) + 1])


class Rule(NamedTuple):
    """A kind of finding: `severity` unless it shuts a trial or a cohort, and then an error."""

    kind: FindingKind
    severity: Severity
    meaning: str


_TABLE = (
    Rule("unsatisfiable", "error", "no patient can enter the trial"),
    Rule("unreachable-cohort", "error", "no patient can enter a cohort"),
    Rule("contradictory", "error", "no patient can meet a clause"),
    Rule("excluded-and-required", "error", "one clause requires what another excludes"),
    Rule("impossible-window", "error", "no dates can meet a comparison of dates"),
    Rule("vacuous", "warning", "every patient meets a clause"),
    Rule("redundant", "warning", "other clauses imply a clause"),
    Rule("dead-exception", "warning", "a part of a clause can be left out, and nothing changes"),
    Rule("gap", "warning", "values between two that are covered are not covered"),
    Rule(
        "implausible-threshold",
        "warning",
        "a threshold lies where no value is expected, which may be a slip of units",
    ),
    Rule("polarity", "warning", "an exclusion is met by being worse"),
    Rule("mixed-anchors", "warning", "a clause counts days to the day of evaluation and to the first dose"),
    Rule("stale-acknowledgement", "warning", "an acknowledgement is about nothing that was found"),
    Rule("undecided", "warning", "the solver gave up"),
    Rule("shared-only", "warning", "only clauses of all cohorts bind a cohort, where others have their own"),
    Rule("overlap", "note", "a patient can enter several cohorts"),
    Rule("routing", "note", "only the state of the trial can falsify a clause"),
    Rule("never-decisive", "note", "a clause is never the only reason why a patient cannot enter"),
    Rule("same-readings", "note", "two readings of a trial take the same patients"),
    Rule("unused", "note", "nothing uses a definition, a variable or a test"),
    Rule("not-encoded", "note", "objective criteria are kept as text"),
    Rule("label", "note", "a word of the label says another thing than the condition"),
)

RULES: dict[FindingKind, Rule] = {rule.kind: rule for rule in _TABLE}
