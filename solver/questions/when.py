"""When can this patient come? For each trial the days on which waiting alone is enough, what binds their ends, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from solver.errors import InputError
from solver.language.calendar import add_months, format_day, parse_day
from solver.language.domain import point
from solver.language.simplify import simplify
from solver.language.tree import AS_OF, Condition, variables
from solver.library.models import Library, Trial
from solver.patient.record import Fact, Record
from solver.questions.answers import AnswerWarning, DatesAnswer, Subsets, Verdict
from solver.questions.conflicts import cohort_conflicts, trial_conflicts
from solver.questions.dates import HORIZON_MONTHS, Waiting, dates_answer, format_spans, waiting
from solver.questions.eligibility import Decision
from solver.questions.evidence import Investigator
from solver.questions.oracle import OutOfBudget
from solver.questions.posed import gave_up

if TYPE_CHECKING:
    from solver.questions.matcher import Matcher, Matching

Dates = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Clock:
    """A clause whose standing changes with the day: the days on which it is met, and those on which it may be, as ISO dates.

    `cohorts` are those that it binds in this form.
    """

    clause: str
    cohorts: tuple[str, ...]
    label: str
    met: Dates
    possible: Dates


@dataclass(frozen=True, slots=True)
class Standstill:
    """A minimal set of clauses that cannot hold together on any day, with recorded facts and assumptions that force it."""

    clauses: tuple[str, ...]
    facts: tuple[str, ...]
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrialDates:
    """When one trial takes the patient.

    `verdict` is that of the record's own day. `never` says why no day is possible, and `open_clauses` which clauses are not known to be met
    on the first possible day, where no day is certain. `never_complete` says whether `never` holds every such set.
    """

    trial: str
    code: str
    title: str
    recruitment: str
    verdict: Verdict
    published_only: bool
    dates: DatesAnswer | None
    clocks: tuple[Clock, ...] = ()
    never: tuple[Standstill, ...] = ()
    never_complete: bool = True
    open_clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WhenAnswer:
    """One patient over the days from `as_of` to `horizon`; `consistent` and `contradictions` are as in a `MatchAnswer`."""

    patient: str
    as_of: str
    horizon: str
    encodings: str
    consistent: bool | None
    contradictions: Subsets = ()
    contradictions_complete: bool = True
    warnings: tuple[AnswerWarning, ...] = ()
    trials: tuple[TrialDates, ...] = ()


def when(
    matcher: Matcher, record: Record, trials: Iterable[str] | None = None, months: int = HORIZON_MONTHS
) -> WhenAnswer:
    """When each trial takes the patient; `trials` are as for `Matcher.match`, and the horizon is that many months ahead."""
    chosen = matcher.chosen(trials)
    posed = matcher.pose(record)
    answer = WhenAnswer(
        patient=record.id,
        as_of=format_day(record.as_of),
        horizon=format_day(add_months(record.as_of, months)),
        encodings=matcher.library.digest,
        consistent=posed.consistent,
        contradictions=posed.contradictions.subsets,
        contradictions_complete=posed.contradictions.complete,
        warnings=posed.warnings,
    )
    if posed.consistent is not True:
        verdict: Verdict = "unresolved" if posed.consistent is None else "withheld"
        return replace(answer, trials=tuple(_undated(trial, verdict) for trial in chosen))
    warnings = list(posed.warnings)
    timeline = _Timeline(matcher.matching(posed, warnings), months, warnings)
    found = tuple(timeline.trial(trial) for trial in chosen)
    return replace(answer, trials=found, warnings=tuple(warnings))


def with_first_dose(record: Record, library: Library, day: str) -> Record:
    """The record with the first dose planned for a day, given as an ISO date; raises `InputError` if it lies before the record's own."""
    number = parse_day(day)
    if number < record.as_of:
        raise InputError(
            f"the first dose, {day}, is before the day of evaluation, {format_day(record.as_of)}"
        )
    names = [name for name, variable in library.variables.items() if variable.absent_as_of]
    if not names:
        raise InputError("the encodings have no variable for the day of the first dose")
    planned = {name: Fact(name, point(number, whole=True), day) for name in names}
    return replace(record, facts={**record.facts, **planned})


def _undated(trial: Trial, verdict: Verdict) -> TrialDates:
    return TrialDates(trial.nct, trial.code, trial.title, trial.recruitment, verdict, False, None)


class _Timeline:
    """The days of one consistent record."""

    def __init__(self, matching: Matching, months: int, warnings: list[AnswerWarning]) -> None:
        self.matching, self.warnings = matching, warnings
        self.context = matching.problem.record.context
        self.waiting: Waiting = waiting(
            matching.posed, matching.standings, months, counted=matching.assumptions.clauses
        )
        self.investigator = Investigator(self.waiting.problem, {})

    def trial(self, trial: Trial) -> TrialDates:
        """When one trial takes the patient."""
        today = self.matching.decision(trial)
        answer = replace(
            _undated(trial, today.verdict),
            published_only=today.verdict == "eligible" and (trial.partial or bool(trial.rests_on)),
        )
        if today.verdict == "unresolved":
            return answer
        try:
            dates = dates_answer(self.waiting, trial, self.context)
            overall = self.waiting.over_all_days(trial, self.context)
            answer = replace(answer, dates=dates, clocks=self._clocks(overall))
            if not dates.possible:
                return self._never(answer, overall)
            if not dates.eligible:
                return replace(answer, open_clauses=self._open(trial, dates.possible[0][0]))
        except OutOfBudget as error:
            self.warnings.append(gave_up(f"when {trial.code} takes the patient", error))
        return answer

    def _clocks(self, decision: Decision) -> tuple[Clock, ...]:
        found: list[Clock] = []
        for binding in decision.bindings:
            cohorts: dict[int, list[str]] = {}
            for cohort, condition in binding.conditions.items():
                cohorts.setdefault(id(condition), []).append(cohort)
            for same in cohorts.values():
                condition = binding.conditions[same[0]]
                if decision.standings[binding.clause.id, same[0]] is None and self._dated(condition):
                    days = self.waiting.clause_days(condition)
                    if days.always != days.sometimes or len(days.always) > 0:
                        met, possible = format_spans(days.always), format_spans(days.sometimes)
                        found.append(
                            Clock(binding.clause.id, tuple(same), binding.clause.label, met, possible)
                        )
        everything = ((format_day(self.waiting.first), format_day(self.waiting.last)),)
        return tuple(
            clock for clock in found if not (clock.met in ((), everything) and clock.possible == everything)
        )

    def _dated(self, condition: Condition) -> bool:
        return AS_OF in variables(simplify(condition, self.waiting.problem.known))

    def _never(self, answer: TrialDates, decision: Decision) -> TrialDates:
        """The answer with the reasons why no day is possible."""
        by_cohort = {
            cohort: cohort_conflicts(self.waiting.problem, decision, cohort) for cohort in decision.cohorts
        }
        found = trial_conflicts(by_cohort)
        conditions: dict[str, list[Condition]] = {}
        for binding in decision.bindings:
            conditions[binding.clause.id] = list({id(c): c for c in binding.conditions.values()}.values())
        standstills, complete = [], found.complete
        for clauses in found.subsets:
            evidence = self._evidence(decision, clauses)
            complete = complete and evidence is not None
            standstills.append(evidence or Standstill(clauses, ()))
        return replace(answer, never=tuple(standstills), never_complete=complete)

    def _evidence(self, decision: Decision, clauses: Sequence[str]) -> Standstill | None:
        """What forces that these clauses fail together in every cohort; None if the solver gave up."""
        facts: set[str] = set()
        assumptions: set[str] = set()
        for cohort in decision.cohorts:
            conditions = {name: condition for name, condition, _ in decision.clauses(cohort)}
            for conflict in cohort_conflicts(self.waiting.problem, decision, cohort).subsets:
                if set(conflict) <= set(clauses):
                    evidence = self.investigator.conflict([conditions[name] for name in conflict])
                    if evidence is None:
                        return None
                    facts.update(evidence.facts)
                    assumptions.update(evidence.assumptions)
                    break
        return Standstill(tuple(clauses), tuple(sorted(facts)), tuple(sorted(assumptions)))

    def _open(self, trial: Trial, day: str) -> tuple[str, ...]:
        """The clauses that are not known to be met on a day, in the cohorts that are possible on it."""
        decision = self.waiting.on(parse_day(day), trial, self.context)
        return tuple(
            sorted(
                {
                    clause
                    for (clause, cohort), standing in decision.standings.items()
                    if decision.cohorts[cohort] != "ineligible" and standing is not True
                }
            )
        )
