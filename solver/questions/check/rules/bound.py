"""What binds each cohort, and how much of it has logic."""

from __future__ import annotations

from collections.abc import Mapping

from solver.engine.answer import Encoded
from solver.engine.clauses import extent
from solver.library.acknowledged import Place
from solver.library.models import OBJECTIVE, Clause
from solver.patient.record import Context
from solver.questions.check.findings_log import FindingsLog
from solver.text import listed

_MOST_NAMED = 6
"""How many clauses are named one by one."""


def check_bound(log: FindingsLog) -> None:
    """Find the cohorts that only clauses of all cohorts bind, where another has clauses of its own: one may have been forgotten."""
    trial = log.view.trial
    own: dict[str, list[str]] = {cohort: [] for cohort in trial.cohorts}
    for clause in trial.clauses:
        asked = _asked_of_cohorts(clause)
        if len(asked) < len(own) or len(set(asked.values())) > 1:
            for cohort in asked:
                own[cohort].append(clause.id)
    shared = [cohort for cohort, clauses in own.items() if not clauses]
    if not shared or len(shared) == len(own):
        return
    others = [cohort for cohort, clauses in own.items() if clauses]
    theirs = f"{listed(others)} {'has' if len(others) == 1 else 'have'} clauses of {'its' if len(others) == 1 else 'their'} own"
    for cohort in shared:
        text = f"Only clauses of every cohort bind {cohort}, while {theirs}: is one missing?"
        place = Place(*log.view.source.document.region(("cohorts", cohort)))
        log.add("shared-only", [], text, place=place, cohorts=(cohort,), part=cohort)


def _asked_of_cohorts(clause: Clause) -> Mapping[str, object]:
    """What a clause says for each cohort that it binds: equal where it says the same."""
    if clause.opaque:
        return dict.fromkeys(clause.opaque_in)
    return clause.conditions


def check_encoded(log: FindingsLog) -> None:
    """Say how much of the trial has logic, where not all of it has: nobody can be shown to fit a cohort that the rest binds."""
    trial = log.view.trial
    whole = extent(trial, Context(secondary_sources=True))
    texts = [clause for clause in trial.clauses if clause.opaque and clause.judgement == OBJECTIVE]
    if whole.encoded == whole.objective:
        return
    cohorts = [cohort for cohort, names in whole.capped.items() if names]
    where = log.view.in_words(cohorts)
    names = [clause.id for clause in texts]
    told = (
        names
        if len(names) <= _MOST_NAMED
        else [*names[: _MOST_NAMED - 1], f"{len(names) - _MOST_NAMED + 1} more"]
    )
    share = Encoded(whole.encoded, whole.objective)
    verb = "is" if len(names) == 1 else "are"
    text = f"{share}: {listed(told)} {verb} kept as text, so that nobody can be shown to be eligible{where}"
    log.add("not-encoded", names, text, cohorts=tuple(cohorts) if where else ())
