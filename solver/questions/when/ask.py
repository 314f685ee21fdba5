"""When can this patient come? For each trial the days on which waiting alone is enough, what binds their ends, or why there is none.

A clause "at least 3 months since the transplant" and one "at most 65 years old" are two clocks: the first is met from 2026-12-30 on, the
second until 2026-12-31. The trial takes the patient on the two days on which both are met; had the transplant been a week later, the two
would be a standstill: clauses that hold together on no day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from solver.engine.answer import DatesAnswer, Verdict
from solver.engine.case import Case, Engine
from solver.engine.clauses import Binding
from solver.engine.conflicts import cohort_conflicts, trial_conflicts
from solver.engine.consistency import gave_up
from solver.engine.days.eligible_days import days_ahead
from solver.engine.days.horizon import HORIZON, horizon_day
from solver.engine.days.windows import format_spans, windows
from solver.engine.decision import Decision
from solver.engine.evidence import EvidenceFinder
from solver.engine.minimal_sets import Minimal
from solver.engine.proofs.fresh_proofs import Memory
from solver.engine.provisos import Provisos
from solver.engine.warnings.warnings import assumption_texts
from solver.evaluation.evaluate import evaluate
from solver.evaluation.simplify import simplify
from solver.language.calendar import A_LIFE, format_day
from solver.language.domain import Interval
from solver.language.tree import AS_OF, Condition, variables
from solver.library.models import Trial
from solver.patient.record import Record
from solver.questions.when.answer import Clock, Standstill, TrialDates, WhenAnswer
from solver.text import grouped
from solver.work import OutOfBudget


def when(
    engine: Engine, record: Record, trials: Iterable[str] | None = None, horizon: str = HORIZON
) -> WhenAnswer:
    """When each trial takes the patient; `trials` are as for `Matcher.match`, and `horizon` as for `horizon_day`.

    Raises `InputError` for a trial or a horizon that is none, and `EngineError` if a date fails its own re-check.
    """
    chosen = engine.chosen(trials)
    last = horizon_day(record.as_of, horizon)
    with engine.allowance():
        return _answer_until(engine, record, chosen, last)


def _answer_until(engine: Engine, record: Record, chosen: Sequence[Trial], last: int) -> WhenAnswer:
    opened = engine.open(record)
    answer = WhenAnswer(
        engine=engine.version,
        patient=record.id,
        as_of=format_day(record.as_of),
        horizon=format_day(last),
        record=opened.state(),
        warnings=opened.warnings,
        policies=engine.policies,
        without=engine.without,
        site=engine.library.site,
    )
    if opened.consistent is not True:
        verdict: Verdict = "unresolved" if opened.consistent is None else "withheld"
        return replace(
            answer, trials=tuple(_without_dates(trial, verdict, engine.provisos(trial)) for trial in chosen)
        )
    warnings = list(opened.warnings)
    timeline = _Timeline(engine.case(opened, warnings), last)

    def ask(within: Case, trial: Trial) -> TrialDates:
        fresh = within is not timeline.case
        return (_Timeline(within, last) if fresh else timeline).trial_dates(trial)

    found = tuple(engine.shared_out(chosen, timeline.case, warnings, ask))
    behind = [(each.assuming, *(other.assumptions for other in each.never)) for each in found]
    used = [name for several in behind for names in several for name in names]
    return replace(
        answer,
        trials=found,
        warnings=tuple(warnings),
        assumptions=assumption_texts(timeline.problem, used),
        assumed=tuple(timeline.problem.assumed),
    )


def _without_dates(trial: Trial, verdict: Verdict, provisos: Provisos) -> TrialDates:
    return TrialDates(trial.nct, trial.code, trial.title, trial.recruitment, verdict, provisos=provisos)


class _Timeline:
    """The days of one consistent record."""

    def __init__(self, case: Case, last: int) -> None:
        self.case = case
        self.context = case.problem.record.context
        self.waiting = days_ahead(case.opened, case.standings, last, counted=case.assumptions.clauses)
        self.problem = self.waiting.problem
        self.evidence_finder = EvidenceFinder(self.problem, Memory())

    def trial_dates(self, trial: Trial) -> TrialDates:
        """When one trial takes the patient."""
        today = self.case.decision(trial)
        answer = _without_dates(trial, today.verdict, self.case.provisos(trial))
        answer = replace(answer, published_only=today.published_only)
        answer = replace(answer, assuming=self.case.assuming(today))
        if today.verdict == "unresolved":
            return answer
        try:
            return self._with_dates(answer, trial)
        except OutOfBudget as error:
            self.case.warnings.append(gave_up(f"when {trial.code} takes the patient", error))
            return answer

    def _with_dates(self, answer: TrialDates, trial: Trial) -> TrialDates:
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
        found = replace(
            answer,
            eligible_from=dates.eligible_from,
            eligible_until=dates.eligible_until,
            dates=dates,
            eligible=eligible,
            possible=possible,
        )
        if not possible:
            return self._with_standstills(found, overall)
        found = replace(found, clocks=tuple(self._moving_clocks(overall)))
        certain = eligible and eligible[0].first == possible[0].first
        return found if certain else replace(found, open_clauses=self._open_on(days.sometimes[0][0], trial))

    def _moving_clocks(self, decision: Decision, among: Collection[str] | None = None) -> Iterable[Clock]:
        """The clauses whose standing changes with the day; `among` are the only ones that are looked at, if they are given."""
        everything = ((self.waiting.first, self.waiting.last),)
        possible = {cohort for cohort, verdict in decision.cohorts.items() if verdict != "ineligible"}
        for binding in decision.bindings:
            if among is not None and binding.clause.id not in among:
                continue
            for cohorts, condition in _cohorts_alike(binding, possible or decision.cohorts):
                if decision.standings[binding.clause.id, cohorts[0]] is not None:
                    continue
                if AS_OF not in variables(simplify(condition, self.problem.known)):
                    continue
                days = self.waiting.clause_days(condition)
                if days.always not in ((), everything) or days.sometimes != everything:
                    met, may = format_spans(days.always), format_spans(days.sometimes)
                    yield Clock(binding.clause.id, cohorts, binding.clause.label, met, may)

    def _with_standstills(self, answer: TrialDates, decision: Decision) -> TrialDates:
        """The answer with the reasons why no day is possible."""
        by_cohort = {cohort: cohort_conflicts(self.problem, decision, cohort) for cohort in decision.cohorts}
        found = trial_conflicts(by_cohort)
        proved = [self._proved_standstill(decision, by_cohort, clauses) for clauses in found.subsets]
        never = zip(proved, found.subsets, strict=True)
        joint = {name for clauses in found.subsets if len(clauses) > 1 for name in clauses}
        return replace(
            answer,
            clocks=tuple(self._moving_clocks(decision, joint)),
            never=tuple(each or Standstill(clauses, ()) for each, clauses in never),
            never_complete=found.complete and None not in proved,
        )

    def _proved_standstill(
        self, decision: Decision, by_cohort: Mapping[str, Minimal], clauses: Sequence[str]
    ) -> Standstill | None:
        """What forces that these clauses fail together in every cohort; None if the solver gave up."""
        facts, assumptions, later = set[str](), set[str](), False
        for cohort in decision.cohorts:
            conditions = {name: condition for name, condition, _ in decision.clauses(cohort)}
            conflict = next((c for c in by_cohort[cohort].subsets if set(c) <= set(clauses)), ())
            asked = [conditions[name] for name in conflict]
            evidence = self.evidence_finder.conflict(asked) if asked else None
            if evidence is None:
                return None
            facts.update(evidence.facts)
            assumptions.update(evidence.assumptions)
            later = later or self._may_hold_later(asked)
        return Standstill(tuple(clauses), tuple(sorted(facts)), tuple(sorted(assumptions)), later)

    def _may_hold_later(self, conditions: Iterable[Condition]) -> bool:
        """Whether evaluation alone leaves it open that all hold on some day after the horizon."""
        after = Interval(self.waiting.last + 1, self.waiting.last + A_LIFE, whole=True)
        known = {**self.problem.known, AS_OF: after}
        return all(evaluate(condition, known) is not False for condition in conditions)

    def _open_on(self, day: int, trial: Trial) -> tuple[str, ...]:
        """The clauses that are not known to be met on a day, in the cohorts that are possible on it, those kept as text among them."""
        decision = self.waiting.on(day, trial, self.context)
        possible = {cohort for cohort, verdict in decision.cohorts.items() if verdict != "ineligible"}
        left = [key for key, standing in decision.standings.items() if standing is not True]
        found = {clause for clause, cohort in left if cohort in possible}
        return tuple(sorted(found.union(*(decision.extent.capped.get(cohort, ()) for cohort in possible))))


def _cohorts_alike(binding: Binding, cohorts: Collection[str]) -> Iterable[tuple[tuple[str, ...], Condition]]:
    """Those of the cohorts that a clause binds, grouped by what it asks there."""
    asked = binding.conditions.items()
    for names in grouped((id(condition), each) for each, condition in asked if each in cohorts).values():
        yield tuple(names), binding.conditions[names[0]]
