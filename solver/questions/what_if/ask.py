"""What changes to a record do to the verdicts: the same questions, asked before and after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from solver.engine.answer import Subsets
from solver.engine.case import Engine
from solver.patient.changes import Changed, FactChange
from solver.questions.match.answer import MatchAnswer, TrialAnswer
from solver.questions.match.ask import match


@dataclass(frozen=True, slots=True)
class Difference:
    """One trial before and after the changes."""

    before: TrialAnswer
    after: TrialAnswer

    @property
    def verdict_changed(self) -> bool:
        """Whether the verdict is another one."""
        return (self.before.verdict, self.before.published_only) != (
            self.after.verdict,
            self.after.published_only,
        )

    @property
    def changed(self) -> bool:
        """Whether the verdict, or what it rests on, is another one."""
        before, after = self.before, self.after
        return self.verdict_changed or (before.conflicts, before.deciding_sets, before.assuming) != (
            after.conflicts,
            after.deciding_sets,
            after.assuming,
        )

    @property
    def gone(self) -> Subsets:
        """The conflicts that are no longer in the way."""
        return tuple(conflict for conflict in self.before.conflicts if conflict not in self.after.conflicts)

    @property
    def no_longer_missing(self) -> frozenset[str]:
        """The variables of deciding sets that are of no more use."""
        return _named(self.before.deciding_sets) - _named(self.after.deciding_sets)


def _named(sets: Subsets) -> frozenset[str]:
    return frozenset(name for each in sets for name in each)


@dataclass(frozen=True, slots=True)
class WhatIfAnswer:
    """A patient's answers before and after changes of the record, and the changes."""

    before: MatchAnswer
    after: MatchAnswer
    changes: tuple[FactChange, ...]

    @property
    def trials(self) -> tuple[Difference, ...]:
        """Each trial before and after."""
        return tuple(map(Difference, self.before.trials, self.after.trials))


def what_if(engine: Engine, changed: Changed, trials: Iterable[str] | None = None) -> WhatIfAnswer:
    """The answers for a record and for the same with changes; `trials` as for `Matcher.match`."""
    chosen = None if trials is None else [trials] if isinstance(trials, str) else list(trials)
    before, after = (match(engine, record, chosen) for record in (changed.before, changed.after))
    return WhatIfAnswer(before, after, changed.changes)
