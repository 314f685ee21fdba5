"""When can this patient come? For each trial the days on which waiting alone is enough, what binds their ends, or why there is none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from solver.engine.answer import AnswerWarning, DatesAnswer, Subsets, Verdict
from solver.engine.clauses import Binding
from solver.engine.conflicts import cohort_conflicts, trial_conflicts
from solver.engine.days.eligible_days import HORIZON, DayRange, Window, days_ahead, horizon_day
from solver.engine.days.windows import format_spans, windows
from solver.engine.decision import Decision
from solver.engine.evidence import EvidenceFinder
from solver.engine.minimal_sets import Minimal
from solver.engine.opened_record import gave_up
from solver.engine.warnings.warnings import assumption_text
from solver.evaluation.evaluate import evaluate
from solver.evaluation.simplify import simplify
from solver.language.calendar import A_LIFE, format_day
from solver.language.domain import Interval
from solver.language.tree import AS_OF, Condition, variables
from solver.library.models import Trial
from solver.patient.digest import record_digest
from solver.patient.record import Record
from solver.work import OutOfBudget

if TYPE_CHECKING:
    from solver.engine.case import Engine, Matching

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
    """A minimal set of clauses that cannot hold together on any day, with recorded facts and assumptions that force it.

    `later` says that they might after the horizon.
    """

    clauses: tuple[str, ...]
    facts: tuple[str, ...]
    assumptions: tuple[str, ...] = ()
    later: bool = False


@dataclass(frozen=True, slots=True)
class TrialDates:
    """When one trial takes the patient.

    `verdict` and `assuming` are those of the record's own day. `eligible` are the spans of days on which every completion satisfies the
    trial and `possible` those on which some does, with what binds their ends. `never` says why no day is possible, and `never_complete`
    whether it holds every such set. `open_clauses` are not known to be met on the first possible day, where that is not certain. `clocks`
    are of cohorts that are possible on some day; where none is, of the clauses that `never` names together.
    """

    trial: str
    code: str
    title: str
    recruitment: str
    verdict: Verdict
    published_only: bool
    dates: DatesAnswer | None
    assuming: tuple[str, ...] = ()
    eligible: tuple[Window, ...] = ()
    possible: tuple[Window, ...] = ()
    clocks: tuple[Clock, ...] = ()
    never: tuple[Standstill, ...] = ()
    never_complete: bool = True
    open_clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WhenAnswer:
    """One patient over the days from `as_of` to `horizon`; the other fields are as in a `MatchAnswer`."""

    patient: str
    as_of: str
    horizon: str
    encodings: str
    consistent: bool | None
    contradictions: Subsets = ()
    contradictions_complete: bool = True
    assumptions: tuple[tuple[str, str], ...] = ()
    warnings: tuple[AnswerWarning, ...] = ()
    trials: tuple[TrialDates, ...] = ()
    policies: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    digest: str = ""


def when(
    engine: Engine, record: Record, trials: Iterable[str] | None = None, horizon: str = HORIZON
) -> WhenAnswer:
    """When each trial takes the patient; `trials` are as for `Matcher.match`, and `horizon` as for `horizon_day`.

    Raises `InputError` for a trial or a horizon that is none, and `EngineError` if a date fails its own re-check.
    """
    chosen = engine.chosen(trials)
    last = horizon_day(record.as_of, horizon)
    with engine.allowance():
        return _when(engine, record, chosen, last)


def _when(engine: Engine, record: Record, chosen: Sequence[Trial], last: int) -> WhenAnswer:
    posed = engine.pose(record)
    answer = WhenAnswer(
        patient=record.id,
        as_of=format_day(record.as_of),
        horizon=format_day(last),
        encodings=engine.library.digest,
        consistent=posed.consistent,
        contradictions=posed.contradictions.subsets,
        contradictions_complete=posed.contradictions.complete,
        warnings=posed.warnings,
        policies=engine.policies,
        digest=record_digest(record),
    )
    if posed.consistent is not True:
        verdict: Verdict = "unresolved" if posed.consistent is None else "withheld"
        return replace(answer, trials=tuple(_undated(trial, verdict) for trial in chosen))
    warnings = list(posed.warnings)
    timeline = _Timeline(engine.matching(posed, warnings), last)

    def ask(within: Matching, trial: Trial) -> TrialDates:
        fresh = within is not timeline.matching
        return (_Timeline(within, last) if fresh else timeline).trial(trial)

    found = tuple(engine.shared_out(chosen, timeline.matching, warnings, ask))
    return replace(
        answer,
        trials=found,
        warnings=tuple(warnings),
        assumptions=timeline.assumptions(found),
        assumed=tuple(timeline.waiting.problem.assumed),
    )


def _undated(trial: Trial, verdict: Verdict) -> TrialDates:
    return TrialDates(trial.nct, trial.code, trial.title, trial.recruitment, verdict, False, None)


class _Timeline:
    """The days of one consistent record."""

    def __init__(self, matching: Matching, last: int) -> None:
        self.matching = matching
        self.context = matching.problem.record.context
        self.waiting: DayRange = days_ahead(
            matching.posed, matching.standings, last, counted=matching.assumptions.clauses
        )
        self.problem = self.waiting.problem
        self.evidence_finder = EvidenceFinder(self.problem, {})

    def trial(self, trial: Trial) -> TrialDates:
        """When one trial takes the patient."""
        today = self.matching.decision(trial)
        answer = replace(
            _undated(trial, today.verdict),
            published_only=today.published_only,
            assuming=self.matching.assuming(today),
        )
        if today.verdict == "unresolved":
            return answer
        try:
            return self._dated(answer, trial)
        except OutOfBudget as error:
            self.matching.warnings.append(gave_up(f"when {trial.code} takes the patient", error))
            return answer

    def _dated(self, answer: TrialDates, trial: Trial) -> TrialDates:
        """The answer with the days. Raises `OutOfBudget`."""
        overall = self.waiting.over_all_days(trial, self.context)
        days = self.waiting.days(overall)
        eligible = windows(self.waiting, trial, self.context, days.always, "eligible")
        possible = windows(self.waiting, trial, self.context, days.sometimes, "possible")
        dates = DatesAnswer(
            format_day(self.waiting.last),
            format_spans(days.always),
            format_spans(days.sometimes),
            eligible[0].opened_by if eligible else (),
            eligible[-1].closed_by if eligible else (),
        )
        found = replace(answer, dates=dates, eligible=eligible, possible=possible)
        if not days.sometimes:
            return self._never(found, overall)
        found = replace(found, clocks=tuple(self._clocks(overall)))
        first = days.sometimes[0][0]
        certain = bool(days.always) and days.always[0][0] == first
        return found if certain else replace(found, open_clauses=self._open(trial, first))

    def assumptions(self, answers: Iterable[TrialDates]) -> tuple[tuple[str, str], ...]:
        """Id and sentence of every assumption that the answers name."""
        used = {
            name
            for answer in answers
            for names in (answer.assuming, *(standstill.assumptions for standstill in answer.never))
            for name in names
        }
        return tuple((name, assumption_text(self.problem, name)) for name in sorted(used))

    def _clocks(self, decision: Decision, among: Collection[str] | None = None) -> Iterable[Clock]:
        """The clauses whose standing changes with the day; `among` are the only ones that are looked at, if they are given."""
        everything = ((self.waiting.first, self.waiting.last),)
        possible = {cohort for cohort, verdict in decision.cohorts.items() if verdict != "ineligible"}
        for binding in decision.bindings:
            if among is not None and binding.clause.id not in among:
                continue
            for cohorts, condition in _alike(binding, possible or decision.cohorts):
                if decision.standings[binding.clause.id, cohorts[0]] is not None:
                    continue
                if AS_OF not in variables(simplify(condition, self.problem.known)):
                    continue
                days = self.waiting.clause_days(condition)
                if days.always not in ((), everything) or days.sometimes != everything:
                    met, may = format_spans(days.always), format_spans(days.sometimes)
                    yield Clock(binding.clause.id, cohorts, binding.clause.label, met, may)

    def _never(self, answer: TrialDates, decision: Decision) -> TrialDates:
        """The answer with the reasons why no day is possible."""
        by_cohort = {cohort: cohort_conflicts(self.problem, decision, cohort) for cohort in decision.cohorts}
        found = trial_conflicts(by_cohort)
        standstills = tuple(self._standstill(decision, by_cohort, clauses) for clauses in found.subsets)
        proved = None not in standstills
        joint = {name for clauses in found.subsets if len(clauses) > 1 for name in clauses}
        return replace(
            answer,
            clocks=tuple(self._clocks(decision, joint)),
            never=tuple(
                each or Standstill(clauses, ())
                for each, clauses in zip(standstills, found.subsets, strict=True)
            ),
            never_complete=found.complete and proved,
        )

    def _standstill(
        self, decision: Decision, by_cohort: Mapping[str, Minimal], clauses: Sequence[str]
    ) -> Standstill | None:
        """What forces that these clauses fail together in every cohort; None if the solver gave up."""
        facts: set[str] = set()
        assumptions: set[str] = set()
        later = False
        for cohort in decision.cohorts:
            conditions = {name: condition for name, condition, _ in decision.clauses(cohort)}
            conflict = next((c for c in by_cohort[cohort].subsets if set(c) <= set(clauses)), ())
            evidence = (
                self.evidence_finder.conflict([conditions[name] for name in conflict]) if conflict else None
            )
            if evidence is None:
                return None
            facts.update(evidence.facts)
            assumptions.update(evidence.assumptions)
            later = later or self._later(conditions[name] for name in conflict)
        return Standstill(tuple(clauses), tuple(sorted(facts)), tuple(sorted(assumptions)), later)

    def _later(self, conditions: Iterable[Condition]) -> bool:
        """Whether evaluation alone leaves it open that all hold on some day after the horizon."""
        after = Interval(self.waiting.last + 1, self.waiting.last + A_LIFE, whole=True)
        known = {**self.problem.known, AS_OF: after}
        return all(evaluate(condition, known) is not False for condition in conditions)

    def _open(self, trial: Trial, day: int) -> tuple[str, ...]:
        """The clauses that are not known to be met on a day, in the cohorts that are possible on it, those kept as text among them."""
        decision = self.waiting.on(day, trial, self.context)
        possible = {cohort for cohort, verdict in decision.cohorts.items() if verdict != "ineligible"}
        found = {
            clause
            for (clause, cohort), standing in decision.standings.items()
            if cohort in possible and standing is not True
        }
        return tuple(sorted(found.union(*(decision.extent.capped.get(cohort, ()) for cohort in possible))))


def _alike(binding: Binding, cohorts: Collection[str]) -> Iterable[tuple[tuple[str, ...], Condition]]:
    """Those of the cohorts that a clause binds, grouped by what it asks there."""
    found: dict[int, list[str]] = {}
    for cohort, condition in binding.conditions.items():
        if cohort in cohorts:
            found.setdefault(id(condition), []).append(cohort)
    for names in found.values():
        yield tuple(names), binding.conditions[names[0]]
