"""One patient against the trials: the consistency of the record first, then every verdict with its reason."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial

from solver import work
from solver.engine.answer import (
    AnswerWarning,
    ClauseAnswer,
    CohortAnswer,
    DatesAnswer,
    Encoded,
    JointConflict,
    MatchAnswer,
    ReadingAnswer,
    TrialAnswer,
    Verdict,
)
from solver.engine.assumptions import Assumptions
from solver.engine.banner import applying, cohort_answer
from solver.engine.clauses import Binder, Binding, Extent, bind, toggled
from solver.engine.conflicts import cohort_conflicts, trial_conflicts
from solver.engine.days.eligible_days import A_DAY, Waiting, dates_answer, waiting
from solver.engine.deciding_sets import deciding_sets, never_asked
from solver.engine.decision import Decision, Standings, wants_logic
from solver.engine.evidence import Investigator, Memory
from solver.engine.minimal_sets import Minimal
from solver.engine.opened_record import Posed, gave_up, pose_record
from solver.engine.requirements import requirements
from solver.engine.warnings.near_limits import Surroundings
from solver.engine.warnings.replicates import Replicates
from solver.engine.warnings.warnings import assumption_texts, never_asked_warning
from solver.language.calendar import format_day
from solver.language.tree import TRUE
from solver.library.choice import choose_policies, choose_trials
from solver.library.models import Library, Trial
from solver.patient.digest import record_digest
from solver.patient.record import Context, Record
from solver.questions.explain.corrections import corrections
from solver.questions.explain.repair_search import find_repairs
from solver.work import DEFAULT_BUDGET, Allowance, Budget, OutOfBudget, Result, allowed


class Matcher:
    """Matches records against the trials of a library.

    `budget` limits the solver's work on each check; None is the default. With `search` off the evaluator builds no completions and
    every open question goes to the solver: the answers are the same. `assume` names assumption policies of the library, and
    `InputError` is raised for a name that is not known. One matcher may be used from several threads at once.
    """

    def __init__(
        self,
        library: Library,
        *,
        budget: Budget | None = None,
        search: bool = True,
        assume: str | Iterable[str] = (),
    ) -> None:
        self.library, self.budget, self.search = library, budget, search
        self.policies = choose_policies(library, assume)
        self._memory: Memory = {}
        self._binder = Binder()

    def __reduce__(self) -> tuple[Callable[..., Matcher], tuple[object, ...]]:
        """A copy, or one in another process, begins with nothing remembered: what is remembered goes by identity."""
        return _matcher, (self.library, self.budget, self.search, self.policies)

    def match(
        self, record: Record, trials: Iterable[str] | None = None, *, repairs: bool = False
    ) -> MatchAnswer:
        """The answer for one record, which was read with the matcher's library; with `repairs`, also what would have to change.

        `trials` are the trials to answer for, by code or NCT number, in the order given; None means all. Raises `InputError` for a
        name that is not known, and `EngineError` if an answer fails its own re-check.
        """
        chosen = self.chosen(trials)
        with self.allowance():
            return self._matched(record, chosen, repairs=repairs)

    def _matched(self, record: Record, chosen: list[Trial], *, repairs: bool) -> MatchAnswer:
        posed = self.pose(record)
        if posed.consistent is not True:
            verdict: Verdict = "unresolved" if posed.consistent is None else "withheld"
            answer = self._answer(
                posed, posed.warnings, _unasked(chosen, verdict, record.context, self._binder)
            )
            if repairs and posed.contradictions.subsets and posed.contradictions.complete:
                try:
                    found = corrections(self, record, answer.contradictions, chosen)
                    answer = replace(answer, corrections=found)
                except OutOfBudget as error:
                    warning = gave_up("which facts may be wrong", error)
                    answer = replace(answer, warnings=(*answer.warnings, warning))
            return answer
        warnings = list(posed.warnings)
        matching = self.matching(posed, warnings)
        answers = self.shared_out(
            chosen, matching, warnings, lambda within, trial: within.trial(trial, repairs=repairs)
        )
        warnings = matching.replicates.said(warnings)
        warnings.extend(matching.surroundings.warnings())
        return self._answer(matching.posed, warnings, answers)

    def allowance(self) -> AbstractContextManager[Allowance]:
        """What a question may work for a while, unless it is part of another: then that one's allowance holds."""
        return allowed((self.budget or DEFAULT_BUDGET).work)

    def shared_out(
        self,
        trials: Sequence[Trial],
        matching: Matching,
        warnings: list[AnswerWarning],
        ask: Callable[[Matching, Trial], Result],
    ) -> list[Result]:
        """What is asked of each trial, each within its share of the work that is left, as `work.shared_out` says.

        What there is to be said of each goes to `warnings`, in the order of the trials.
        """
        said: dict[str, list[AnswerWarning]] = {}

        def task(trial: Trial, again: bool) -> Result:
            own = said[trial.code] = []
            within = matching
            if again:
                within = self.matching(matching.base, own)
                within.surroundings, within.replicates = matching.surroundings, matching.replicates
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

    def pose(self, record: Record) -> Posed:
        """The problem that a record poses, and whether it contradicts itself."""
        return pose_record(self.library, record, self.budget, search=self.search)

    def matching(self, posed: Posed, warnings: list[AnswerWarning]) -> Matching:
        """What answers for a consistent record, trial by trial; what is to be said of it besides goes to `warnings`."""
        return Matching(posed, warnings, self._memory, self._binder, self.policies)

    def _answer(
        self, posed: Posed, warnings: Sequence[AnswerWarning], trials: Sequence[TrialAnswer]
    ) -> MatchAnswer:
        problem, found = posed.problem, posed.contradictions
        return MatchAnswer(
            patient=problem.record.id,
            as_of=format_day(problem.record.as_of),
            encodings=self.library.digest,
            consistent=posed.consistent,
            contradictions=found.subsets,
            contradictions_complete=found.complete,
            assumptions=assumption_texts(problem, trials),
            warnings=tuple(warnings),
            trials=tuple(trials),
            policies=self.policies,
            assumed=tuple(problem.assumed),
            digest=record_digest(problem.record),
        )


def _matcher(library: Library, budget: Budget | None, search: bool, assume: tuple[str, ...]) -> Matcher:
    return Matcher(library, budget=budget, search=search, assume=assume)


def _unasked(
    trials: Sequence[Trial], verdict: Verdict, context: Context, binder: Binder
) -> list[TrialAnswer]:
    """Trials whose verdict is withheld, or was not reached."""
    extents = {trial.code: binder.extent(trial, context) for trial in trials}
    return [
        TrialAnswer(
            trial.nct,
            trial.code,
            trial.title,
            trial.recruitment,
            verdict,
            unpublished=() if verdict == "withheld" else tuple(trial.unpublished),
            cut=() if verdict == "withheld" else ("conflicts", "deciding_sets"),
            encoded=Encoded(extents[trial.code].encoded, extents[trial.code].objective),
            not_judged=() if verdict == "withheld" else extents[trial.code].not_judged,
        )
        for trial in trials
    ]


class Matching:
    """The answers for one consistent record; `posed` holds what the policies assume besides."""

    def __init__(
        self,
        posed: Posed,
        warnings: list[AnswerWarning],
        memory: Memory,
        binder: Binder,
        policies: Collection[str] = (),
    ) -> None:
        self.assumptions = Assumptions(posed, policies, binder, warnings)
        self.base, self.posed, self.warnings = posed, self.assumptions.posed, warnings
        self.problem = self.posed.problem
        self.standings = Standings(self.problem.oracle, binder)
        self.investigator = Investigator(self.problem, memory)
        self.surroundings = Surroundings(self.problem)
        self.replicates = Replicates(self.problem, warnings)
        self._waiting: Waiting | None = None

    def trial(self, trial: Trial, *, repairs: bool = False) -> TrialAnswer:
        """The answer for one trial."""
        context = self.problem.record.context
        decision = self.decision(trial)
        by_cohort = self._conflicts(decision)
        cut = []
        found = trial_conflicts(by_cohort) if decision.verdict == "ineligible" else Minimal((), True)
        if not found.complete or decision.verdict == "unresolved":
            cut.append("conflicts")
        sets = Minimal((), decision.verdict != "unresolved")
        never, without_logic = Minimal((), True), False
        if decision.verdict == "undetermined":
            sets = deciding_sets(self.problem, decision)
            without_logic = sets.complete and not sets.subsets and wants_logic(self.problem, decision)
            if not sets.subsets and sets.complete and not without_logic:
                never = never_asked(self.problem, decision)
            warning = never_asked_warning(self.problem, trial.code, never.subsets)
            self.warnings.extend([warning] if warning else [])
        whole = decision.extent
        if not sets.complete:
            cut.append("deciding_sets")
        self._look_around(decision, {name for conflict in found.subsets for name in conflict})
        notices = applying(self.problem, trial)
        return TrialAnswer(
            trial=trial.nct,
            code=trial.code,
            title=trial.title,
            recruitment=trial.recruitment,
            verdict=decision.verdict,
            published_only=decision.published_only,
            unpublished=tuple(trial.unpublished),
            cohorts=tuple(self._cohorts(decision, by_cohort)),
            conflicts=found.subsets,
            deciding_sets=sets.subsets,
            never_asked=never.subsets,
            missing=requirements(
                self.problem, decision, sorted({name for each in sets.subsets for name in each})
            ),
            joint_conflicts=tuple(self._joint_conflicts(decision, by_cohort)),
            cut=tuple(cut),
            readings=tuple(self._readings(trial, context, decision)),
            clauses=tuple(self._clauses(decision)),
            notices=tuple((notice.id, notice.text) for notice in notices),
            safety=tuple(notice.id for notice in notices if notice.safety),
            dates=self._dates(decision),
            assuming=self.assuming(decision),
            repairs=find_repairs(self.posed, decision)
            if repairs and decision.verdict == "ineligible"
            else None,
            encoded=Encoded(whole.encoded, whole.objective),
            not_judged=whole.not_judged,
            wants_logic=without_logic,
        )

    def forget(self) -> None:
        """Forget what was found: how much work a trial takes does not depend on those before it."""
        self.problem.oracle.pool.clear()
        for kept in (self.standings, self.investigator, self.assumptions, self._waiting):
            if kept is not None:
                kept.forget()

    def _dates(self, decision: Decision) -> DatesAnswer | None:
        if decision.verdict == "unresolved":
            return None
        work.spend(A_DAY)
        if self._waiting is None:
            self._waiting = waiting(self.posed, self.standings, counted=self.assumptions.clauses)
        try:
            return dates_answer(self._waiting, decision.trial, self.problem.record.context)
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
        return trial_conflicts(self._conflicts(decision))

    def _conflicts(self, decision: Decision) -> dict[str, Minimal]:
        """Every conflict of every ineligible cohort, each proved once more."""
        found = {}
        for cohort, verdict in decision.cohorts.items():
            if verdict == "ineligible":
                found[cohort] = cohort_conflicts(self.problem, decision, cohort)
                conditions = {name: condition for name, condition, _ in decision.clauses(cohort)}
                for conflict in found[cohort].subsets:
                    if self.investigator.conflict([conditions[name] for name in conflict]) is None:
                        found[cohort] = Minimal(found[cohort].subsets, False)
                        text = f"the conflict {', '.join(conflict)} was found but not proved once more within the budget"
                        self.warnings.append(AnswerWarning("gave-up", text))
        return found

    def _joint_conflicts(self, decision: Decision, by_cohort: dict[str, Minimal]) -> Iterable[JointConflict]:
        for cohort, found in by_cohort.items():
            conditions = {name: condition for name, condition, _ in decision.clauses(cohort)}
            for conflict in found.subsets:
                if len(conflict) > 1:
                    evidence = self.investigator.conflict([conditions[name] for name in conflict])
                    if evidence is not None:
                        yield JointConflict(cohort, conflict, evidence.facts, evidence.assumptions)

    def _cohorts(self, decision: Decision, by_cohort: dict[str, Minimal]) -> Iterable[CohortAnswer]:
        for cohort, verdict in decision.cohorts.items():
            yield replace(
                cohort_answer(self.problem, decision.trial, cohort, verdict),
                conflicts=by_cohort[cohort].subsets if cohort in by_cohort else (),
                assuming=self.assuming(decision, cohort),
                capped=cohort in decision.extent.capped,
            )

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
            for assumption in self._basis(decision, binding, name)[1]
        )
        return self.assumptions.needed(decision, self.problem.record.context, hint, cohort)

    def _readings(self, trial: Trial, context: Context, decision: Decision) -> Iterable[ReadingAnswer]:
        for name, other in toggled(trial, context).items():
            binder = self.standings.binder
            if not self._may_differ(decision, bind(trial, other, binder), binder.extent(trial, other)):
                continue
            second = self.assumptions.decide(self.standings, trial, other)
            if second.verdict != decision.verdict:
                conflicts: Minimal = Minimal((), True)
                if second.verdict == "ineligible":
                    conflicts = trial_conflicts(self._conflicts(second))
                yield ReadingAnswer(name, second.verdict, conflicts.subsets)

    def _may_differ(self, decision: Decision, bindings: tuple[Binding, ...], extent: Extent) -> bool:
        """Whether some clause stands otherwise than in the decision, or is open and reads otherwise."""
        if decision.extent.capped != extent.capped:
            return True
        before = {(b.clause.id, cohort): c for b in decision.bindings for cohort, c in b.conditions.items()}
        after = {(b.clause.id, cohort): c for b in bindings for cohort, c in b.conditions.items()}
        for key in before.keys() | after.keys():
            one, other = before.get(key, TRUE), after.get(key, TRUE)
            if one is not other:
                value = self.standings.evaluated(one)
                if value is None or value is not self.standings.evaluated(other):
                    return True
        return False

    def _look_around(self, decision: Decision, blocking: set[str]) -> None:
        """Look for near limits of the clauses that count: those that block, or those that are met where the way is open.

        Where replicates disagree, every settled clause is looked at with each of them.
        """
        blocked = decision.verdict == "ineligible"
        for binding in decision.bindings if decision.verdict != "unresolved" else ():
            for cohort, condition in binding.conditions.items():
                standing = decision.standings[binding.clause.id, cohort]
                if blocked:
                    counts = standing is False and binding.clause.id in blocking
                else:
                    counts = standing is True and decision.cohorts[cohort] != "ineligible"
                if isinstance(standing, bool):
                    self.replicates.look(binding.clause.id, condition, standing)
                facts = self._basis(decision, binding, cohort)[0] if counts else ()
                if facts:
                    self.surroundings.look(binding.clause.id, condition, standing is True, facts)

    def _clauses(self, decision: Decision) -> Iterable[ClauseAnswer]:
        bindings = {binding.clause.id: binding for binding in decision.bindings}
        texts = {name for names in decision.extent.capped.values() for name in names}
        for clause in decision.trial.clauses:
            if clause.id in texts:
                yield ClauseAnswer(clause.id, None, "open", clause.label, clause.source, opaque=True)
            if clause.id not in bindings:
                continue
            binding = bindings[clause.id]
            cohorts = sorted(
                binding.conditions, key=lambda cohort: (clause.id, cohort) not in decision.counted
            )
            cohorts = list(binding.conditions) if clause.by_cohort else cohorts[:1]
            for cohort in cohorts:
                standing = decision.standings[clause.id, cohort]
                answer = ClauseAnswer(
                    clause.id, cohort if clause.by_cohort else None, "open", clause.label, clause.source
                )
                if standing is True or standing is False:
                    facts, assumptions = self._basis(decision, binding, cohort)
                    answer = replace(
                        answer,
                        status="met" if standing else "not_met",
                        facts=facts,
                        assumptions=assumptions,
                    )
                yield answer

    def _basis(
        self, decision: Decision, binding: Binding, cohort: str
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The facts and the assumptions that settle a clause in a cohort; neither where the solver gave up."""
        key = binding.clause.id, cohort
        if key in decision.counted:
            return (), (binding.clause.assumption,)
        evidence = self.investigator.evidence(binding.conditions[cohort], decision.standings[key] is True)
        if evidence is None:
            self._not_found(binding.clause.id)
            return (), ()
        return evidence.facts, evidence.assumptions

    def _not_found(self, clause: str) -> None:
        """Say that the solver gave up on what a settled clause rests on."""
        text = f"what {clause} rests on was not found within the budget"
        warning = AnswerWarning("gave-up", text, None, (clause,))
        if warning not in self.warnings:
            self.warnings.append(warning)
