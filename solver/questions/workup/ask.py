"""What to order: the tests that settle a verdict, the shortest route to eligible, the test to begin with, and what does not matter.

A plan settles a trial whatever the results turn out to be; a route could make the patient eligible, and says which results it takes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from solver.engine.answer import (
    NOTHING,
    AnswerWarning,
    CohortAnswer,
    Encoded,
    Requirement,
    Subsets,
    Values,
    Verdict,
)
from solver.engine.banner import applying, cohort_answer
from solver.engine.deciding_sets import deciding_sets
from solver.engine.decision import Decision
from solver.engine.minimal_sets import Minimal, Subset
from solver.engine.opened_record import gave_up
from solver.engine.requirement_words import requirement_text
from solver.engine.requirements import requirements, values_alone
from solver.engine.warnings.warnings import assumption_text
from solver.language.calendar import format_day
from solver.language.tree import variables
from solver.library.models import Trial
from solver.library.policies import RESERVED
from solver.patient.record import Record
from solver.questions.workup.irrelevant import Idle, idle_variables
from solver.questions.workup.only_values import only
from solver.questions.workup.opposite_pair import Pair, opposite_pair
from solver.questions.workup.route_results import required
from solver.questions.workup.route_search import shortest_outcome
from solver.questions.workup.route_solvers import Refuter, Sought, seek
from solver.questions.workup.set_cover import Cover, Coverer, Settling, settling_plans
from solver.work import OutOfBudget

if TYPE_CHECKING:
    from solver.engine.case import Engine, Matching


@dataclass(frozen=True, slots=True)
class PlannedTest:
    """A test of a plan, and the variables that it is ordered for."""

    test: str
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Tests that settle what they are for, whatever their results; `days` is when the last result is in.

    `cheapest` says whether it is proved that none has a smaller `weight`.
    """

    tests: tuple[PlannedTest, ...]
    weight: int
    days: int
    cheapest: bool


@dataclass(frozen=True, slots=True)
class Route:
    """The cheapest tests that could make the patient eligible, with what each result must be, where the results alone can say it.

    Numbers of `jointly` must meet the clauses of `together` with each other, whatever the values of `whatever`.
    """

    plan: Plan
    results: tuple[Requirement, ...]
    together: tuple[str, ...] = ()
    jointly: tuple[str, ...] = ()
    whatever: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decisive:
    """The values of a variable that settle the trial by themselves: `ends` make the patient ineligible, `wins` eligible.

    Each is None where there is no such value or where the solver gave up; the texts say them.
    """

    variable: str
    ends: Values | None
    wins: Values | None
    ends_text: str | None
    wins_text: str | None


@dataclass(frozen=True, slots=True)
class NextTest:
    """The test to begin with: one whose result can settle the trial by itself if there is one, and the least burden among those."""

    test: str
    variables: tuple[str, ...]
    decisive: tuple[Decisive, ...]


@dataclass(frozen=True, slots=True)
class TrialTests:
    """What to order for one trial; only an undetermined one has a plan, a route, a next test and decisive values.

    `assuming` and `deciding_sets` are those of the `TrialAnswer`, and `idle` the missing variables that do not matter. `complete`
    says whether all deciding sets are listed. `cohorts` are without reasons, `notices` and `safety` as in the `TrialAnswer`.
    `at_best` is the best verdict that any results can lead to, given how much is `encoded`.
    """

    trial: str
    code: str
    title: str
    recruitment: str
    verdict: Verdict
    published_only: bool = False
    assuming: tuple[str, ...] = ()
    deciding_sets: Subsets = ()
    missing: tuple[Requirement, ...] = ()
    complete: bool = True
    plan: Plan | None = None
    route: Route | None = None
    next: NextTest | None = None
    decisive: tuple[Decisive, ...] = ()
    idle: tuple[Idle, ...] = ()
    pair: Pair | None = None
    cohorts: tuple[CohortAnswer, ...] = ()
    notices: tuple[tuple[str, str], ...] = ()
    safety: tuple[str, ...] = ()
    at_best: Verdict = "eligible"
    encoded: Encoded = NOTHING


@dataclass(frozen=True, slots=True)
class SharedPlan:
    """A plan across trials, and the codes of those that it settles."""

    plan: Plan
    trials: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TestsAnswer:
    """What to order for one patient: for each trial, and across all; `consistent` and `contradictions` are as in a `MatchAnswer`.

    `shared` begins with the plan that settles the most trials; each further one settles fewer for less burden. `shared_complete` says
    whether all were compared. `assumptions` has the id and the sentence of what is assumed of data that bear on undetermined trials, and
    of what `assuming` names; `policies` and `assumed` are as in a `MatchAnswer`.
    """

    __test__ = False

    patient: str
    as_of: str
    encodings: str
    consistent: bool | None
    contradictions: Subsets = ()
    contradictions_complete: bool = True
    warnings: tuple[AnswerWarning, ...] = ()
    trials: tuple[TrialTests, ...] = ()
    shared: tuple[SharedPlan, ...] = ()
    shared_complete: bool = True
    assumptions: tuple[tuple[str, str], ...] = ()
    policies: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()


def plan_tests(
    engine: Engine, record: Record, trials: Iterable[str] | None = None, *, pairs: bool = False
) -> TestsAnswer:
    """What to order; `trials` are as for `Matcher.match`.

    With `pairs` each undetermined trial shows two completions of opposite verdicts.
    """
    chosen = engine.chosen(trials)
    with engine.allowance():
        return _planned_tests(engine, record, chosen, pairs=pairs)


def _planned_tests(engine: Engine, record: Record, chosen: list[Trial], *, pairs: bool) -> TestsAnswer:
    posed = engine.pose(record)
    answer = TestsAnswer(
        patient=record.id,
        as_of=format_day(record.as_of),
        encodings=engine.library.digest,
        consistent=posed.consistent,
        contradictions=posed.contradictions.subsets,
        contradictions_complete=posed.contradictions.complete,
        policies=engine.policies,
    )
    warnings = list(posed.warnings)
    if posed.consistent is not True:
        verdict: Verdict = "unresolved" if posed.consistent is None else "withheld"
        found = tuple(_bare(trial, verdict) for trial in chosen)
        return replace(answer, trials=found, warnings=tuple(warnings))
    ordering = _Ordering(engine.matching(posed, warnings), pairs=pairs)

    def ask(within: Matching, trial: Trial) -> TrialTests:
        if within is ordering.matching:
            return ordering.trial(trial)
        fresh = _Ordering(within, pairs=pairs)
        found = fresh.trial(trial)
        ordering.bearing |= fresh.bearing
        return found

    found = tuple(engine.shared_out(chosen, ordering.matching, warnings, ask))
    shared, complete = ordering.shared(found)
    return replace(
        answer,
        trials=found,
        shared=shared,
        shared_complete=complete,
        warnings=tuple(warnings),
        assumptions=ordering.assumptions(found),
        assumed=tuple(ordering.problem.assumed),
    )


def _bare(trial: Trial, verdict: Verdict) -> TrialTests:
    return TrialTests(trial.nct, trial.code, trial.title, trial.recruitment, verdict)


class _Ordering:
    """What to order for one consistent record."""

    def __init__(self, matching: Matching, *, pairs: bool) -> None:
        self.matching, self.problem, self.pairs = matching, matching.problem, pairs
        self.coverer = Coverer(self.problem.library)
        self.bearing: set[str] = set()

    def trial(self, trial: Trial) -> TrialTests:
        """What to order for one trial."""
        decision = self.matching.decision(trial)
        notices = applying(self.problem, trial)
        answer = replace(
            _bare(trial, decision.verdict),
            cohorts=tuple(cohort_answer(self.problem, trial, *each) for each in decision.cohorts.items()),
            notices=tuple((notice.id, notice.text) for notice in notices),
            safety=tuple(notice.id for notice in notices if notice.safety),
        )
        if decision.verdict == "unresolved":
            return replace(answer, complete=False)
        if decision.verdict != "undetermined":
            idle = idle_variables(self.matching, decision, frozenset())
            assuming = self.matching.assuming(decision)
            return replace(answer, published_only=decision.published_only, assuming=assuming, idle=idle)
        self.bearing.update(
            self.problem.oracle.cone(
                name
                for cohort in decision.hopeful()
                for condition in decision.open_clauses(cohort).values()
                for name in variables(condition)
            )
        )
        sets = deciding_sets(self.problem, decision)
        names = sorted({name for each in sets.subsets for name in each})
        missing = requirements(self.problem, decision, names)
        decisive = self._decisive(decision, missing)
        plan = self._plan(self.coverer.cheapest_of(sets.subsets), sets)
        return replace(
            answer,
            deciding_sets=sets.subsets,
            missing=missing,
            complete=sets.complete,
            plan=plan,
            route=self._route(decision, [each.variable for each in decisive if each.ends is not None]),
            next=self._next(plan, decisive),
            decisive=decisive,
            idle=idle_variables(self.matching, decision, frozenset(names))
            if sets.complete and sets.subsets
            else (),
            pair=self._pair(decision) if self.pairs else None,
            at_best="eligible" if decision.hopeful(shown=True) else "undetermined",
            encoded=Encoded(decision.extent.encoded, decision.extent.objective),
        )

    def assumptions(self, answers: Sequence[TrialTests]) -> tuple[tuple[str, str], ...]:
        """What is assumed: plausible values of open data that bear on an undetermined trial, and what eligible ones need."""
        named = {name for answer in answers for name in answer.assuming}
        for variable in self.problem.library.variables.values():
            if variable.name in self.bearing and variable.name in self.problem.ranged:
                named.add(f"{RESERVED}:{variable.name}")
        named.update(
            axiom.assumption
            for axiom in self.problem.axioms
            if axiom.assumption is not None and not self.bearing.isdisjoint(axiom.while_unrecorded)
        )
        return tuple((name, assumption_text(self.problem, name)) for name in sorted(named))

    def _plan(self, cover: Cover | None, sets: Minimal) -> Plan | None:
        if cover is None:
            return None
        revealed = self.coverer.revealed(cover.tests)
        return self._planned(cover, _smallest(sets.subsets, revealed), cheapest=sets.complete)

    def _planned(self, cover: Cover, names: Collection[str], *, cheapest: bool) -> Plan:
        """The plan of a cover: a variable that several of its tests reveal is asked of the first."""
        left = set(names)
        planned = []
        for test in sorted(cover.tests, key=lambda each: (self.coverer.weight(each), each)):
            mine = left.intersection(self.problem.library.tests[test].reveals)
            left -= mine
            planned.append(PlannedTest(test, tuple(sorted(mine))))
        return Plan(tuple(each for each in planned if each.variables), cover.weight, cover.days, cheapest)

    def _decisive(self, decision: Decision, missing: Sequence[Requirement]) -> tuple[Decisive, ...]:
        found = []
        whole = list(values_alone(self.problem, decision, missing))
        shown = whole
        if decision.hopeful(shown=True) != decision.hopeful():
            shown = list(values_alone(self.problem, decision, missing, shown=True))
        for (satisfying, failing), (taken, refused) in zip(whole, shown, strict=True):
            ends, wins = only(failing, satisfying), only(taken, refused)
            variable = self.problem.library.variables[satisfying.variable]
            texts = [
                requirement_text(satisfying.possible, values, variable) if values is not None else None
                for values in (ends, wins)
            ]
            if ends is not None or wins is not None:
                found.append(Decisive(satisfying.variable, ends, wins, *texts))
        return tuple(found)

    def _next(self, plan: Plan | None, decisive: Sequence[Decisive]) -> NextTest | None:
        if plan is None or not plan.tests:
            return None
        by_name = {each.variable: each for each in decisive}

        def settling(planned: PlannedTest) -> list[Decisive]:
            return [by_name[name] for name in planned.variables if name in by_name]

        library = self.problem.library
        first = min(
            plan.tests,
            key=lambda each: (
                not settling(each),
                self.coverer.weight(each.test),
                library.tests[each.test].days,
                each.test,
            ),
        )
        return NextTest(first.test, first.variables, tuple(settling(first)))

    def _route(self, decision: Decision, ending: Sequence[str]) -> Route | None:
        """The shortest route to a cohort that can be shown to take the patient; None if there is none."""
        among = decision.hopeful(shown=True)
        if not among:
            return None
        with self.problem.oracle.afresh():
            return self._shortest(decision, seek(self.problem, decision, self.coverer, among, ending))

    def _shortest(self, decision: Decision, sought: Sought) -> Route | None:
        code = decision.trial.code
        refuter = Refuter(sought)
        outcome, gave_out = shortest_outcome(sought, refuter)
        if gave_out is not None:
            self.matching.warnings.append(gave_up(f"what is the shortest route to {code}", gave_out))
        if outcome is None:
            return None
        try:
            needed = required(sought, refuter, decision, outcome)
        except OutOfBudget as error:
            self.matching.warnings.append(gave_up(f"what the route to {code} requires of each result", error))
            return None
        if needed is None:
            text = f"there is a route to {code}, but what it requires of each result cannot be told"
            self.matching.warnings.append(AnswerWarning(code="route", text=text))
            return None
        plan = self._planned(outcome.cover, outcome.names, cheapest=outcome.proved)
        return Route(plan, needed.results, needed.together, needed.jointly, needed.whatever)

    def _pair(self, decision: Decision) -> Pair | None:
        among = decision.hopeful(shown=True) or decision.hopeful()
        try:
            with self.problem.oracle.afresh():
                return opposite_pair(seek(self.problem, decision, self.coverer, among))
        except OutOfBudget as error:
            self.matching.warnings.append(
                gave_up(f"two completions that differ on {decision.trial.code}", error)
            )
            return None

    def shared(self, answers: Sequence[TrialTests]) -> tuple[tuple[SharedPlan, ...], bool]:
        """The plans across all undetermined trials."""
        sets = {each.code: each.deciding_sets for each in answers if each.deciding_sets}
        complete = all(each.complete for each in answers if each.verdict == "undetermined")
        if len(sets) < 2:
            return (), True
        try:
            plans, compared = settling_plans(self.coverer, sets)
        except OutOfBudget:
            return (), False
        return tuple(self._shared(plan, sets, complete and compared) for plan in plans), complete and compared

    def _shared(self, settling: Settling, sets: dict[str, Subsets], complete: bool) -> SharedPlan:
        revealed = self.coverer.revealed(settling.cover.tests)
        names: set[str] = set()
        for code in settling.trials:
            names.update(_smallest(sets[code], revealed))
        return SharedPlan(self._planned(settling.cover, names, cheapest=complete), settling.trials)


def _smallest(sets: Subsets, revealed: Subset) -> tuple[str, ...]:
    """The smallest of the sets that is revealed."""
    return min((names for names in sets if revealed.issuperset(names)), key=lambda s: (len(s), s))
