"""One record under one library: what every question opens, and what it asks of it.

An `Engine` holds what does not depend on the patient, a `Case` what was found of one consistent record: decisions, their conflicts, and
the facts behind them. Questions differ in what they ask of it, never in how a verdict is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Self

from solver import work
from solver.engine.answer import AnswerWarning, DatesAnswer, EngineVersion
from solver.engine.assumptions import Assumptions
from solver.engine.clauses import Binding, ConditionCache
from solver.engine.conflicts import cohort_conflicts, trial_conflicts
from solver.engine.consistency import OpenedRecord, gave_up, open_record
from solver.engine.days.eligible_days import A_DAY, DayRange, days_ahead
from solver.engine.days.windows import dates_answer
from solver.engine.decision import Decision, Standings
from solver.engine.evidence import EvidenceFinder
from solver.engine.finding_out.set_cover import SetCover
from solver.engine.minimal_sets import Minimal
from solver.engine.proofs.fresh_proofs import Memory
from solver.engine.provisos import Provisos
from solver.engine.warnings.near_limits import NearLimits, Replicates
from solver.library.choice import choose_clauses, choose_policies, choose_trials
from solver.library.models import Library, Trial
from solver.patient.record import Record
from solver.smt import SOLVER
from solver.version import __version__
from solver.work import DEFAULT_BUDGET, Allowance, Budget, OutOfBudget, Result, allowed

if TYPE_CHECKING:
    from solver.engine.finding_out.next_steps import NextSteps


class Engine:
    """Opens records under a library, for whatever is asked of them.

    `budget` limits the solver's work on each check; None is the default. With `search` off the evaluator builds no completions and
    every open question goes to the solver: the answers are the same. `assume` names assumption policies of the library, and `without`
    clauses that are left out; `InputError` is raised for a name that is not known. One engine may be used from several threads at once.
    """

    def __init__(
        self,
        library: Library,
        *,
        budget: Budget | None = None,
        search: bool = True,
        assume: str | Iterable[str] = (),
        without: str | Iterable[str] = (),
    ) -> None:
        self.without = tuple(sorted(choose_clauses(library, without))) if without else ()
        self._whole, self.budget, self.search = library, budget, search
        self.library = library.without(self.without)
        self.policies = choose_policies(library, assume)
        self.cache = ConditionCache()
        asked = self.library
        self.covers = SetCover(replace(asked, tests=asked.tests_of_terms) if asked.terms else asked)
        self.memory = Memory()

    def __reduce__(self) -> tuple[Callable[..., Engine], tuple[object, ...]]:
        """A copy, or one in another process, begins with nothing remembered: what is remembered goes by identity."""
        again = partial(
            type(self), budget=self.budget, search=self.search, assume=self.policies, without=self.without
        )
        return again, (self._whole,)

    def leaving_out(self, clauses: str | Iterable[str]) -> Self:
        """One that leaves out these clauses besides."""
        more = choose_clauses(self._whole, clauses)
        return type(self)(
            self._whole,
            budget=self.budget,
            search=self.search,
            assume=self.policies,
            without=(*self.without, *more),
        )

    def provisos(self, trial: Trial) -> Provisos:
        """What the verdicts on a trial stand under."""
        whole = self._whole.trials.get(trial.code, trial)
        own = {clause.id for clause in whole.clauses}
        return Provisos(self.policies, tuple(name for name in self.without if name in own))

    @property
    def version(self) -> EngineVersion:
        """What gives the answers."""
        return EngineVersion(__version__, SOLVER, self.library.digest)

    def allowance(self) -> AbstractContextManager[Allowance]:
        """What a question may work for a while, unless it is part of another: then that one's allowance holds."""
        return allowed((self.budget or DEFAULT_BUDGET).work)

    def shared_out(
        self,
        trials: Sequence[Trial],
        case: Case,
        warnings: list[AnswerWarning],
        ask: Callable[[Case, Trial], Result],
    ) -> list[Result]:
        """What is asked of each trial, each within its share of the work that is left, as `work.shared_out` says.

        What there is to be said of each goes to `warnings`, in the order of the trials.
        """
        said: dict[str, list[AnswerWarning]] = {}

        def task(trial: Trial, again: bool) -> Result:
            own = said[trial.code] = []
            within = case.of(trial)
            if again:
                before, within = within, self.case(within.base, own)
                within._put_off_with(before)
                within.near_limits, within.replicates = before.near_limits, before.replicates
            within.warnings = own
            within.forget()
            return ask(within, trial)

        left = (self.budget or DEFAULT_BUDGET).work if work.left() is None else work.left() or 0
        found = work.shared_out(left, [partial(task, trial) for trial in trials])
        for trial in trials:
            warnings.extend(each for each in said[trial.code] if each not in warnings)
        return found

    def chosen(self, trials: Iterable[str] | None) -> list[Trial]:
        """The trials with these codes or NCT numbers, in the order given; all of them for None. Raises `InputError`."""
        if trials is None:
            return list(self.library.trials.values())
        named = [trials] if isinstance(trials, str) else list(trials)
        return [self.library.trials[code] for code in (choose_trials(self.library, named) if named else [])]

    def open(self, record: Record, *, warned: bool = True) -> OpenedRecord:
        """The problem that a record poses, and whether it contradicts itself; `warned` as for `open_record`."""
        library = self.library
        if record.facts.keys().isdisjoint(library.terms):
            library = library.asking("")
        return open_record(library, record, self.budget, search=self.search, warned=warned)

    def case(self, opened: OpenedRecord, warnings: list[AnswerWarning]) -> Case:
        """What answers for a consistent record, trial by trial; what is to be said of it besides goes to `warnings`."""
        return Case(opened, warnings, self)


class Case:
    """The answers for one consistent record; `posed` holds what the policies assume besides."""

    def __init__(self, opened: OpenedRecord, warnings: list[AnswerWarning], engine: Engine) -> None:
        self.assumptions = Assumptions(opened, engine.policies, engine.cache, warnings)
        self.base, self.opened, self.warnings = opened, self.assumptions.opened, warnings
        self.problem = self.opened.problem
        self.standings = Standings(self.problem.oracle, engine.cache)
        self.evidence_finder = EvidenceFinder(self.problem, engine.memory)
        self.near_limits = NearLimits(self.problem)
        self.covers, self.provisos = engine.covers, engine.provisos
        self.replicates = Replicates(self.problem, warnings)
        self._days_ahead: DayRange | None = None
        self._put_off: list[EvidenceFinder] | None = None
        self._engine, self._cases = engine, dict[str, Case]()
        # where terms are among the facts, what every trial asks counts; limits of normal that facts give are none
        self._whole = not opened.problem.given.facts.keys().isdisjoint(engine.library.terms)

    def of(self, trial: Trial) -> Case:
        """The case in which a trial may be asked: one with what it asks of concepts, and no other trial does."""
        if not trial.terms or self._whole:
            return self
        if trial.code not in self._cases:
            library = self._engine.library.asking(trial.code)
            opened = self.base.asked_by(library)
            self._cases[trial.code] = type(self)(opened, self.warnings, self._engine)
            self._cases[trial.code]._put_off_with(self)
        return self._cases[trial.code]

    def put_off_proofs(self) -> None:
        """Take each conflict for proved until `prove_all` is asked."""
        self._put_off = []
        self._put_off_with(self)

    def _put_off_with(self, other: Case) -> None:
        self._put_off = other._put_off
        if self._put_off is not None:
            self.evidence_finder.put_off_proofs()
            self._put_off.append(self.evidence_finder)

    def prove_all(self) -> bool:
        """Whether all proofs that were put off succeed."""
        return self._engine.memory.prove([finder.put_off_claims() for finder in self._put_off or ()])

    @cached_property
    def steps(self) -> NextSteps:
        """What to find out for trials that are undetermined."""
        from solver.engine.finding_out.next_steps import NextSteps

        return NextSteps(self.problem, self.covers)

    def forget(self) -> None:
        """Forget what was found: how much work a trial takes does not depend on those before it."""
        for problem in (self.problem, *self.problem.once_recorded.values()):
            if problem is not None:
                problem.oracle.pool.clear()
        for kept in (self.standings, self.evidence_finder, self.assumptions, self._days_ahead):
            if kept is not None:
                kept.forget()

    def dates(self, decision: Decision) -> DatesAnswer | None:
        """The days on which the trial takes the patient if only time passes; None where nothing is known of them."""
        if decision.verdict == "unresolved":
            return None
        work.spend(A_DAY)
        if self._days_ahead is None:
            self._days_ahead = days_ahead(self.opened, self.standings, counted=self.assumptions.clauses)
        try:
            return dates_answer(self._days_ahead, decision, self.problem.record.context)
        except OutOfBudget as error:
            self.warnings.append(gave_up(f"on which days {decision.trial.code} takes the patient", error))
            return None

    def decision(self, trial: Trial) -> Decision:
        """The verdict on a trial, without its reasons."""
        return self.assumptions.decide(self.standings, trial, self.problem.record.context)

    def conflicts(self, decision: Decision) -> Minimal:
        """Every conflict of a trial that is ineligible, each proved once more; none of another."""
        if decision.verdict != "ineligible":
            return Minimal((), True)
        return trial_conflicts(self.conflicts_by_cohort(decision, cited=False))

    def conflicts_by_cohort(self, decision: Decision, *, cited: bool = True) -> dict[str, Minimal]:
        """Every conflict of every ineligible cohort, each proved once more; with `cited` its facts will be asked for."""
        found = {}
        for cohort, verdict in decision.cohorts.items():
            if verdict == "ineligible":
                each = found[cohort] = cohort_conflicts(self.problem, decision, cohort)
                conditions = decision.conditions(cohort) if each.subsets else {}
                for conflict in each.subsets:
                    asked = [conditions[name] for name in conflict]
                    finder = self.evidence_finder
                    proved = finder.conflict(asked) is not None if cited else finder.refuted(asked)
                    if not proved:
                        found[cohort] = Minimal(found[cohort].subsets, False)
                        text = f"the conflict {', '.join(conflict)} was found but not proved once more within the budget"
                        self.warnings.append(AnswerWarning(code="gave-up", text=text))
        return found

    def assuming(self, decision: Decision, cohort: str | None = None) -> tuple[str, ...]:
        """A minimal set of assumptions that an eligible verdict, on the trial or on a cohort, needs."""
        if (decision.verdict if cohort is None else decision.cohorts[cohort]) != "eligible":
            return ()
        takes = [name for name, verdict in decision.cohorts.items() if verdict == "eligible"]
        hint = (
            assumption
            for binding in decision.bindings
            for name in ([cohort] if cohort else takes[:1])
            if name in binding.conditions
            for assumption in self.basis(decision, binding, name)[1]
        )
        return self.assumptions.needed(decision, self.problem.record.context, hint, cohort)

    def basis(
        self, decision: Decision, binding: Binding, cohort: str
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The facts and the assumptions that settle a clause in a cohort; neither where the solver gave up."""
        key = binding.clause.id, cohort
        if decision.counted and key in decision.counted:
            return (), (binding.clause.assumption,)
        evidence = self.evidence_finder.evidence(binding.conditions[cohort], decision.standings[key] is True)
        if evidence is not None:
            return evidence.facts, evidence.assumptions
        text = f"what {binding.clause.id} rests on was not found within the budget"
        warning = AnswerWarning(code="gave-up", text=text, variable=None, clauses=(binding.clause.id,))
        if warning not in self.warnings:
            self.warnings.append(warning)
        return (), ()
