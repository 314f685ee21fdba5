"""What to order: the tests that settle a verdict, the shortest route to eligible, the test to begin with, and what does not matter.

A plan settles a trial whatever the results turn out to be; a route could make the patient eligible, and says which results it takes.

Missing data that do not matter for a trial, and why not.

Of a clause `smoker or weight <= 80 kg` and a record that says that the patient smokes, the weight does not matter: the clause is met with
any value. It matters once another clause that is open turns on it and some deciding set names it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from solver.engine.answer import AnswerWarning, Assumption, Encoded, Requirement, Subsets, Values, Verdict
from solver.engine.banner import applying, cohort_answer
from solver.engine.case import Case, Engine
from solver.engine.consistency import gave_up
from solver.engine.deciding_sets import deciding_sets
from solver.engine.decision import Decision
from solver.engine.finding_out.next_steps import NextSteps, test_groups
from solver.engine.finding_out.required_alone import required_alone
from solver.engine.finding_out.route_solvers import RouteProblem, Verifier, route_problem
from solver.engine.finding_out.set_cover import Cover, shared_covers
from solver.engine.minimal_sets import Subset
from solver.engine.provisos import Provisos
from solver.engine.requirement_words import is_event_day, requirement_text
from solver.engine.requirements import requirements, values_alone
from solver.engine.warnings.warnings import assumption_text, assumption_texts
from solver.evaluation.breakpoints import complement
from solver.language.calendar import format_day
from solver.language.domain import Inconsistent, Interval, intersect, is_exact
from solver.language.tree import Condition, variables
from solver.library.models import Trial
from solver.library.policies import RESERVED
from solver.patient.record import Record
from solver.questions.workup import answer as a
from solver.questions.workup.answer import IdleClause, IrrelevantVariable
from solver.questions.workup.route_results import required
from solver.questions.workup.route_search import opposite_pair, shortest_outcome
from solver.work import OutOfBudget

if TYPE_CHECKING:
    from solver.engine.case import Case


def plan_tests(
    engine: Engine, record: Record, trials: Iterable[str] | None = None, *, pairs: bool = False
) -> a.TestsAnswer:
    """What to order; `trials` are as for `Matcher.match`.

    With `pairs` each undetermined trial shows two completions of opposite verdicts.
    """
    chosen = engine.chosen(trials)
    with engine.allowance():
        return _planned_tests(engine, record, chosen, pairs=pairs)


def _planned_tests(engine: Engine, record: Record, chosen: list[Trial], *, pairs: bool) -> a.TestsAnswer:
    opened = engine.open(record)
    answer = a.TestsAnswer(
        engine=engine.version,
        patient=record.id,
        as_of=format_day(record.as_of),
        record=opened.state(),
        policies=engine.policies,
        without=engine.without,
        site=engine.library.site,
    )
    warnings = list(opened.warnings)
    if opened.consistent is not True:
        verdict: Verdict = "unresolved" if opened.consistent is None else "withheld"
        unasked = tuple(_without_tests(trial, verdict, engine.provisos(trial)) for trial in chosen)
        return replace(answer, trials=unasked, warnings=tuple(warnings))
    ordering = _Ordering(engine.case(opened, warnings), pairs=pairs)

    def ask(within: Case, trial: Trial) -> a.TrialTests:
        if within is ordering.case:
            return ordering.trial(trial)
        fresh = _Ordering(within, pairs=pairs)
        found = fresh.trial(trial)
        ordering.bearing |= fresh.bearing
        return found

    found = tuple(engine.shared_out(chosen, ordering.case, warnings, ask))
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


def _without_tests(trial: Trial, verdict: Verdict, provisos: Provisos) -> a.TrialTests:
    """The trial with its verdict, before anything is said of what to order."""
    return a.TrialTests(
        trial=trial.nct,
        code=trial.code,
        title=trial.title,
        recruitment=trial.recruitment,
        verdict=verdict,
        provisos=provisos,
        at_site=trial.at_site,
    )


class _Ordering:
    """What to order for one consistent record."""

    def __init__(self, case: Case, *, pairs: bool) -> None:
        self.case, self.problem, self.pairs = case, case.problem, pairs
        self.covers = case.covers
        self.steps = NextSteps(self.problem, self.covers)
        self.bearing: set[str] = set()

    def trial(self, trial: Trial) -> a.TrialTests:
        """What to order for one trial."""
        decision = self.case.decision(trial)
        answer = replace(
            _without_tests(trial, decision.verdict, self.case.provisos(trial)),
            cohorts=tuple(cohort_answer(self.problem, trial, *each) for each in decision.cohorts.items()),
            notices=applying(self.problem, trial),
        )
        if decision.verdict == "unresolved":
            return replace(answer, complete=False)
        if decision.verdict != "undetermined":
            idle = irrelevant_variables(self.case, decision, frozenset())
            assuming = self.case.assuming(decision)
            return replace(answer, published_only=decision.published_only, assuming=assuming, idle=idle)
        asked = [c for cohort in decision.hopeful() for c in decision.open_clauses(cohort).values()]
        self.bearing |= self.problem.oracle.cone(name for condition in asked for name in variables(condition))
        sets = deciding_sets(self.problem, decision)
        names = sorted({name for each in sets.subsets for name in each})
        missing = requirements(self.problem, decision, names)
        decisive = self._decisive_values(decision, missing)
        cover = self.covers.cheapest_of(sets.subsets)
        told = self._smallest_revealed(sets.subsets, cover) if cover is not None else ()
        plan = None if cover is None else self._plan_of(cover, told, cheapest=sets.complete)
        return replace(
            answer,
            deciding_sets=sets.subsets,
            missing=missing,
            complete=sets.complete,
            plan=plan,
            route=self._shortest_route(
                decision, [each.variable for each in decisive if each.ends is not None]
            ),
            next=self._next_test(plan, decisive),
            steps=tuple(self.steps.in_order(decision, sets.subsets, missing)),
            decisive=decisive,
            idle=irrelevant_variables(self.case, decision, frozenset(names))
            if sets.complete and sets.subsets
            else (),
            pair=self._two_completions(decision) if self.pairs else None,
            at_best="eligible" if decision.hopeful(shown=True) else "undetermined",
            encoded=Encoded(decision.extent.encoded, decision.extent.objective),
        )

    def assumptions(self, answers: Sequence[a.TrialTests]) -> tuple[Assumption, ...]:
        """What is assumed: plausible values of open data that bear on an undetermined trial, and what eligible ones need."""
        named = {name for answer in answers for name in answer.assuming}
        for variable in self.problem.library.variables.values():
            if variable.name in self.bearing and variable.name in self.problem.ranged:
                named.add(f"{RESERVED}:{variable.name}")
        bearing = [each for each in self.problem.axioms if not self.bearing.isdisjoint(each.while_unrecorded)]
        named.update(axiom.assumption for axiom in bearing if axiom.assumption is not None)
        return assumption_texts(self.problem, named)

    def _plan_of(self, cover: Cover, names: Collection[str], *, cheapest: bool) -> a.Plan:
        """The plan of a cover: a variable that several of its tests reveal is asked of the first."""
        left = set(names)
        planned = []
        for test in sorted(cover.tests, key=lambda each: (self.covers.weight(each), each)):
            mine = left.intersection(self.problem.library.tests[test].reveals)
            left -= mine
            planned.append(a.PlannedTest(test, tuple(sorted(mine))))
        asked = tuple(each for each in planned if each.variables)
        groups = test_groups(self.problem.library, [(each.test, each.variables) for each in asked])
        return a.Plan(asked, cover.weight, cover.days, cheapest, groups)

    def _decisive_values(self, decision: Decision, missing: Sequence[Requirement]) -> tuple[a.Decisive, ...]:
        found = []
        whole = list(values_alone(self.problem, decision, missing))
        shown = whole
        if decision.hopeful(shown=True) != decision.hopeful():
            shown = list(values_alone(self.problem, decision, missing, shown=True))
        for (satisfying, failing), (taken, refused) in zip(whole, shown, strict=True):
            ends, wins = only(failing, satisfying), only(taken, refused)
            variable = self.problem.library.variables[satisfying.variable]
            if is_event_day(variable):
                # of these the domain reaches further than a life
                ends, wins = (
                    values and (self.steps.possible_part(variable.name, values) or None)
                    for values in (ends, wins)
                )
            ends_text, wins_text = (
                requirement_text(satisfying.possible, values, variable) if values is not None else None
                for values in (ends, wins)
            )
            if ends is not None or wins is not None:
                name = satisfying.variable
                found.append(
                    a.Decisive(variable=name, ends=ends, wins=wins, ends_text=ends_text, wins_text=wins_text)
                )
        return tuple(found)

    def _next_test(self, plan: a.Plan | None, decisive: Sequence[a.Decisive]) -> a.NextTest | None:
        if plan is None or not plan.tests:
            return None
        by_name = {each.variable: each for each in decisive}

        def settling(planned: a.PlannedTest) -> list[a.Decisive]:
            return [by_name[name] for name in planned.variables if name in by_name]

        weight, tests = self.covers.weight, self.problem.library.tests
        first = min(plan.tests, key=lambda p: (not settling(p), weight(p.test), tests[p.test].days, p.test))
        return a.NextTest(first.test, first.variables, tuple(settling(first)))

    def _shortest_route(self, decision: Decision, ending: Sequence[str]) -> a.Route | None:
        """The shortest route to a cohort that can be shown to take the patient; None if there is none."""
        among = decision.hopeful(shown=True)
        if not among:
            return None
        with self.problem.oracle.afresh():
            return self._route_found(
                decision, route_problem(self.problem, decision, self.covers, among, ending)
            )

    def _route_found(self, decision: Decision, route: RouteProblem) -> a.Route | None:
        code = decision.trial.code
        verifier = Verifier(route)
        outcome, gave_out = shortest_outcome(route, verifier)
        if gave_out is not None:
            self.case.warnings.append(gave_up(f"what is the shortest route to {code}", gave_out))
        if outcome is None:
            return None
        try:
            plan = self._plan_of(outcome.cover, outcome.names, cheapest=outcome.proved)
            found = required(route, verifier, decision, outcome, plan)
        except OutOfBudget as error:
            self.case.warnings.append(gave_up(f"what the route to {code} requires of each result", error))
            return None
        if found is None:
            text = f"there is a route to {code}, but what it requires of each result cannot be told"
            self.case.warnings.append(AnswerWarning(code="route", text=text))
        return found

    def _two_completions(self, decision: Decision) -> a.Pair | None:
        among = decision.hopeful(shown=True) or decision.hopeful()
        try:
            with self.problem.oracle.afresh():
                return opposite_pair(route_problem(self.problem, decision, self.covers, among))
        except OutOfBudget as error:
            self.case.warnings.append(gave_up(f"two completions that differ on {decision.trial.code}", error))
            return None

    def shared(self, answers: Sequence[a.TrialTests]) -> tuple[tuple[a.SharedPlan, ...], bool]:
        """The plans across all undetermined trials."""
        sets = {each.code: each.deciding_sets for each in answers if each.deciding_sets}
        complete = all(each.complete for each in answers if each.verdict == "undetermined")
        if len(sets) < 2:
            return (), True
        try:
            plans, compared = shared_covers(self.covers, sets)
        except OutOfBudget:
            return (), False
        complete, shared = complete and compared, []
        for cover, codes in plans:
            asked = {name for code in codes for name in self._smallest_revealed(sets[code], cover)}
            shared.append(a.SharedPlan(self._plan_of(cover, asked, cheapest=complete), codes))
        return tuple(shared), complete

    def _smallest_revealed(self, sets: Subsets, cover: Cover) -> tuple[str, ...]:
        """The smallest of the sets that the tests reveal."""
        revealed = self.covers.revealed(cover.tests)
        return min((names for names in sets if revealed.issuperset(names)), key=lambda s: (len(s), s))


def only(some: Requirement, others: Requirement) -> Values | None:
    """The values that the first allows and the second does not; None if there is none, or if it is not known."""
    if some.allowed is None or others.allowed is None:
        return None
    if isinstance(some.possible, Interval):
        assert isinstance(some.allowed, tuple)
        assert isinstance(others.allowed, tuple)
        left = complement(some.possible, others.allowed)
        return tuple(_common_parts(some.allowed, left)) or None
    return (some.allowed - others.allowed) or None  # type: ignore[operator]


def _common_parts(some: Sequence[Interval], others: Sequence[Interval]) -> Iterator[Interval]:
    """What lies in one of the intervals of each kind; those of a kind are disjoint and in order."""
    one = other = 0
    while one < len(some) and other < len(others):
        left, right = some[one], others[other]
        with suppress(Inconsistent):
            yield intersect(left, right)
        if (left.high, not left.high_open) <= (right.high, not right.high_open):
            one += 1
        else:
            other += 1


def irrelevant_variables(case: Case, decision: Decision, telling: Subset) -> tuple[IrrelevantVariable, ...]:
    """The open variables that clauses of the trial mention and that do not matter, each with the reasons, in the vocabulary's order.

    Those that tell matter, and what the theory links to them may: its value can say something of theirs.
    """
    known, library = case.problem.known, case.problem.library
    # what a policy counts as met would not be met with every value
    assumed = {
        name
        for binding in decision.bindings
        for cohort, condition in binding.conditions.items()
        if (binding.clause.id, cohort) in decision.counted
        for name in variables(condition)
    }
    # a value of what mentions an assumed variable takes the assumption back
    assumed.update(name for other in case.problem.assumed for name in library.variables[other].mentioned_by)
    telling = case.problem.oracle.cone(telling)
    reasons: dict[str, dict[str, IdleClause]] = {}
    for binding in decision.bindings:
        for cohort, condition in binding.conditions.items():
            for name in variables(condition) & library.variables.keys():
                if name in telling or name in assumed or is_exact(known[name]) or name in library.lists:
                    continue
                reason = _why_irrelevant(case, decision, binding.clause.id, cohort, condition, name)
                before = reasons.setdefault(name, {}).get(reason.clause)
                if before is None or _RANK[reason.why] > _RANK[before.why]:
                    reasons[name][reason.clause] = reason
    return tuple(
        IrrelevantVariable(name, tuple(reasons[name].values()))
        for name in library.variables
        if name in reasons
    )


_RANK = {"met": 0, "not_met": 1, "closed": 2, "settled": 3, "decided": 4}
"""Which of the reasons of one clause is told, where its cohorts have several."""


def _why_irrelevant(
    case: Case, decision: Decision, clause: str, cohort: str, condition: Condition, name: str
) -> IdleClause:
    standing = decision.standings[clause, cohort]
    if standing is True or standing is False:
        evidence = case.evidence_finder.evidence(condition, standing)
        facts, assumptions = (evidence.facts, evidence.assumptions) if evidence else ((), ())
        alone = required_alone(case.problem, condition, name)
        return IdleClause(
            clause,
            "met" if standing else "not_met",
            facts,
            assumptions,
            alone.require if alone is not None else None,
            tuple(assumption_text(case.problem, each) for each in assumptions),
        )
    if decision.verdict == "ineligible":
        return IdleClause(clause, "decided")
    return IdleClause(clause, "closed" if decision.cohorts[cohort] == "ineligible" else "settled")
