"""The answer of `match what-if`, whose JSON is `trialproof/what-if/1`: a record before and after changes."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from solver.dataclass import dataclass
from solver.engine.answer import (
    PRIVATE,
    SPARSE,
    AnswerWarning,
    EngineVersion,
    RecordState,
    SiteName,
    Subsets,
    only_keys,
)
from solver.questions.match.answer import MatchAnswer, TrialAnswer

_SIDE = only_keys("verdict", "published_only", "conflicts", "deciding_sets", "complete", "assuming")


@dataclass(frozen=True, slots=True)
class ChangedFact:
    """One change, in the words of the record; null is unknown."""

    variable: str
    """The variable, or `as_of`, the day of evaluation."""
    before: str | None
    after: str | None

    @property
    def name(self) -> str:
        """What is changed: `variable`."""
        return self.variable


@dataclass(frozen=True, slots=True)
class Difference:
    """One trial before and after."""

    trial: str
    code: str
    before: TrialAnswer = field(metadata=_SIDE)
    after: TrialAnswer = field(metadata=_SIDE)
    changed: bool
    """Whether anything differs between the two; of lists that the budget cut nothing is known to."""

    @classmethod
    def between(cls, before: TrialAnswer, after: TrialAnswer) -> Difference:
        """Two answers for one trial, or for two versions of it, side by side."""
        found = cls(after.trial, after.code, before, after, False)
        one, other = before.complete, after.complete
        differs = (
            found.verdict_changed
            or (one.conflicts and other.conflicts and before.conflicts != after.conflicts)
            or (one.deciding_sets and other.deciding_sets and before.deciding_sets != after.deciding_sets)
            or before.assuming != after.assuming
        )
        return cls(after.trial, after.code, before, after, differs)

    @property
    def verdict_changed(self) -> bool:
        """Whether the verdict is another one."""
        before, after = self.before, self.after
        return (before.verdict, before.published_only) != (after.verdict, after.published_only)

    @property
    def gone(self) -> Subsets:
        """The conflicts that are no longer in the way; none where the budget cut those that are."""
        if not self.after.complete.conflicts:
            return ()
        return tuple(conflict for conflict in self.before.conflicts if conflict not in self.after.conflicts)

    @property
    def no_longer_missing(self) -> frozenset[str]:
        """The variables of deciding sets that are of no more use; none where the budget cut those that are."""
        if not self.after.complete.deciding_sets:
            return frozenset()
        before, after = (frozenset().union(*side.deciding_sets) for side in (self.before, self.after))
        return before - after


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfAnswer:
    """One patient before and after changes of the record."""

    schema: Literal["trialproof/what-if/1"] = "trialproof/what-if/1"
    engine: EngineVersion
    patient: str
    as_of: str
    """The day of evaluation before the changes, `YYYY-MM-DD`."""
    changes: tuple[ChangedFact, ...]
    record_before: RecordState
    record_after: RecordState
    trials: tuple[Difference, ...]
    warnings: tuple[AnswerWarning, ...]
    """What a reader should know of the changed record."""
    policies: tuple[str, ...]
    """Ids of the assumption policies in force."""
    site: SiteName | None = field(default=None, metadata=SPARSE)
    """The site under whose file it was given; left out without one."""
    before: MatchAnswer = field(metadata=PRIVATE)
    """The whole answer before the changes."""
    after: MatchAnswer = field(metadata=PRIVATE)
    """The whole answer after them."""
