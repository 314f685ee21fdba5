"""What changes to a record do to the verdicts: the same questions, asked before and after."""

from __future__ import annotations

from collections.abc import Iterable

from solver.engine.case import Engine
from solver.patient.changes import Changed
from solver.questions.match.ask import match
from solver.questions.what_if.answer import ChangedFact, Difference, WhatIfAnswer


def what_if(engine: Engine, changed: Changed, trials: Iterable[str] | None = None) -> WhatIfAnswer:
    """The answers for a record and for the same with changes; `trials` as for `Matcher.match`."""
    chosen = None if trials is None else [trials] if isinstance(trials, str) else list(trials)
    before, after = (match(engine, record, chosen) for record in (changed.before, changed.after))
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
