"""What changes to a record do to the verdicts: the same questions, asked before and after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from solver.engine.case import Engine
from solver.patient.changes import Changed
from solver.patient.record import Record
from solver.questions.match.answer import MatchAnswer
from solver.questions.match.ask import match
from solver.questions.what_if.answer import ChangedFact, Difference, WhatIfAnswer
from solver.work import DEFAULT_BUDGET, allowed


def what_if(engine: Engine, changed: Changed, trials: Iterable[str] | None = None) -> WhatIfAnswer:
    """The answers for a record and for the same with changes; `trials` as for `Matcher.match`."""
    return scenarios(engine, [changed], trials)[0]


def scenarios(
    engine: Engine, several: Sequence[Changed], trials: Iterable[str] | None = None
) -> list[WhatIfAnswer]:
    """The answers for one record and for the same with each of several changes, each as if it was asked for alone.

    Before and after may each take half of the work of a question.
    """
    chosen = None if trials is None else [trials] if isinstance(trials, str) else list(trials)
    share = (engine.budget or DEFAULT_BUDGET).work // 2

    def answer(record: Record) -> MatchAnswer:
        with allowed(share, own=True):
            return match(engine, record, chosen)

    before = answer(several[0].before)
    return [_compared(changed, before, answer(changed.after)) for changed in several]


def _compared(changed: Changed, before: MatchAnswer, after: MatchAnswer) -> WhatIfAnswer:
    return WhatIfAnswer(
        engine=before.engine,
        patient=before.patient,
        as_of=before.as_of,
        changes=tuple(ChangedFact(each.name, each.before, each.after) for each in changed.changes),
        record_before=before.record,
        record_after=after.record,
        trials=tuple(map(Difference.between, before.trials, after.trials)),
        warnings=after.warnings,
        policies=after.policies,
        site=after.site,
        before=before,
        after=after,
    )
