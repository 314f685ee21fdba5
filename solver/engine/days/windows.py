"""Windows: consecutive days on which a trial takes the patient, with the clauses that bind their ends.

An age that begins to be met on 2 March, in a trial that asks nothing else, gives the window from 2 March on, opened by that clause: it is
not met on 1 March, which is judged once more as a day of its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from solver.engine.answer import DatesAnswer, Window
from solver.engine.conflicts import cohort_conflicts
from solver.engine.days.day_sets import Spans
from solver.engine.days.eligible_days import DayRange
from solver.engine.decision import Decision
from solver.errors import EngineError
from solver.language.calendar import format_day
from solver.library.models import Trial
from solver.patient.record import Context
from solver.work import OutOfBudget


def dates_answer(day_range: DayRange, today: Decision, context: Context) -> DatesAnswer:
    """The days on which a trial takes the patient, both ends judged once more on their own days; `today` is the decision on the first.

    Raises `OutOfBudget`, and `EngineError` if an end does not stand.
    """
    if day_range.shut_by_facts(today):
        return DatesAnswer(format_day(day_range.last))
    trial = today.trial
    days = day_range.days(day_range.over_all_days(trial, context))
    answer = DatesAnswer(format_day(day_range.last), format_spans(days.always), format_spans(days.sometimes))
    if not days.always:
        return answer
    ends = windows(day_range, trial, context, ((days.always[0][0], days.always[-1][1]),), "eligible")[0]
    return replace(answer, opened_by=ends.opened_by, closed_by=ends.closed_by)


def windows(
    day_range: DayRange, trial: Trial, context: Context, spans: Spans, status: Literal["eligible", "possible"]
) -> tuple[Window, ...]:
    """The spans on which a trial is eligible, or is possible, with what binds their ends, each judged once more on its own day.

    Raises `OutOfBudget`, and `EngineError` if an end does not stand.
    """

    def beyond(inside: int, outside: int) -> tuple[str, ...]:
        if not day_range.first <= outside <= day_range.last or not day_range.fits(outside):
            return ()
        taken, refused = day_range.on(inside, trial, context), day_range.on(outside, trial, context)
        if "unresolved" in (taken.verdict, refused.verdict):
            raise OutOfBudget("budget")
        if status == "eligible":
            stands = taken.verdict == "eligible" != refused.verdict
        else:
            stands = taken.verdict != "ineligible" == refused.verdict
        if not stands:
            raise EngineError(f"the date {format_day(inside)} does not stand when it is judged on its own")
        if status == "eligible":
            return _binding_clauses(taken, refused)
        # the clauses of conflicts on the day outside, in the cohorts that are possible on the day inside
        problem = day_range.problem_on(outside)
        possible = [cohort for cohort, verdict in taken.cohorts.items() if verdict != "ineligible"]
        found = [cohort_conflicts(problem, refused, cohort).subsets for cohort in possible]
        return tuple(sorted({clause for each in found for conflict in each for clause in conflict}))

    return tuple(
        Window(format_day(first), format_day(last), beyond(first, first - 1), beyond(last, last + 1))
        for first, last in spans
    )


def _binding_clauses(taken: Decision, refused: Decision) -> tuple[str, ...]:
    """The clauses that are met on the day inside, in a cohort that takes the patient, and not known to be met on the day outside."""
    cohorts = {cohort for cohort, verdict in taken.cohorts.items() if verdict == "eligible"}
    cohorts = cohorts or taken.cohorts.keys() - taken.extent.capped.keys()
    found = {
        clause
        for (clause, cohort), standing in taken.standings.items()
        if cohort in cohorts
        and standing != refused.standings[clause, cohort]
        and refused.standings[clause, cohort] is not True
    }
    return tuple(sorted(found))


def format_spans(spans: Spans) -> tuple[tuple[str, str], ...]:
    """Days as ISO dates."""
    return tuple((format_day(first), format_day(last)) for first, last in spans)
