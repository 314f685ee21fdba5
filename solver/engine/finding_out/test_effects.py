"""What the result of one test can do to an undetermined trial: settle it whatever it is, end it, or make the patient eligible.

    I1  level >= 50      nothing is recorded
    I2  smoker or fit    nothing is recorded

A test for the level can end the trial and not open it, since I2 stays open. One for `smoker` can do neither: the patient may be fit or not.
Where `smoker` is known to be false, a test for both the level and `fit` settles the trial, and so can end and open it.

A result can do it if no completion with these values contradicts: some results are shown to do it by evaluation, others not to, by
completions that hold whatever the test tells; what is left is searched as the routes of one patient are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from solver.engine.decision import Decision
from solver.engine.finding_out.route_solvers import RouteProblem, Synthesizer, route_problem
from solver.engine.finding_out.set_cover import SetCover
from solver.engine.minimal_sets import Minimal, Subset
from solver.engine.problem import Problem
from solver.evaluation.build import lies_in
from solver.evaluation.evaluate import evaluate
from solver.evaluation.propagate import Conditions, complete, pin
from solver.language.domain import Environment, Inconsistent, is_exact
from solver.language.tree import Condition, conjunction, disjunction, negation, variables
from solver.work import OutOfBudget

ROUNDS = 40
"""How many counterexamples are learnt from before nothing is said."""

Goals = list[Condition]


@dataclass(frozen=True, slots=True)
class TestEffect:
    """What a test can do to one trial of one patient; None where that was not found out. `bears`: some deciding set has what it tells."""

    __test__ = False

    test: str
    bears: bool
    settles: bool
    can_end: bool | None
    can_open: bool | None


def every_effect(
    problem: Problem, decision: Decision, covers: SetCover, sets: Minimal
) -> Iterator[TestEffect]:
    """What each test can do that bears on an undetermined trial, in the order of the library; `sets` are the deciding sets."""
    search = _Effects(problem, decision, covers)
    deciding = frozenset[str]().union(*sets.subsets)
    for test in covers.library.tests.values():
        told = frozenset(test.reveals)
        if told.isdisjoint(search.cone) and told.isdisjoint(deciding):
            continue
        settles = any(told.issuperset(names) for names in sets.subsets)
        found = TestEffect(
            test.id,
            not told.isdisjoint(deciding),
            settles,
            search.ends_at_all() if settles else search.can_end(test.id, told),
            bool(search.opens) if settles else search.can_open(test.id, told),
        )
        if found.bears or found.can_end is not False or found.can_open is not False:
            yield found


class _Effects:
    """`cone` is what bears on the trial.

    `fits` are the open clauses of each cohort that is left, and `opens` of those that can be shown to take the patient; of `ends` some list
    of goals holds exactly where all the former fail, and of `not_opens` where all the latter do.
    """

    def __init__(self, problem: Problem, decision: Decision, covers: SetCover) -> None:
        self.problem, self.known, self.oracle = problem, problem.known, problem.oracle
        self.route = route_problem(problem, decision, covers, decision.hopeful())
        self.cone = self.route.cone
        clauses: dict[int, Condition] = {}

        def left_of(cohort: str) -> Goals:
            opened = decision.open_clauses(cohort).values()
            return [clauses.setdefault(id(each), problem.oracle.simple(each)) for each in opened]

        self.fits = [left_of(cohort) for cohort in decision.hopeful()]
        self.opens = [left_of(cohort) for cohort in decision.hopeful(shown=True)]
        self.ends = _ways_to_fail(self.fits)
        self.not_opens = self.ends if len(self.opens) == len(self.fits) else _ways_to_fail(self.opens)
        failing = [_failing(cohort) for cohort in self.fits]
        fitting = disjunction([conjunction(cohort) for cohort in self.fits])
        self.end_route = replace(self.route, trial=conjunction(failing), fails=[fitting])
        shown = decision.hopeful(shown=True)
        self.open_route = route_problem(problem, decision, covers, shown) if shown else self.route
        self._pools: dict[tuple[int, ...], list[Environment]] = {}

    def ends_at_all(self) -> bool | None:
        """Whether something ends the trial; None where that was not found out."""
        try:
            return any(map(self._boxes, self.ends))
        except OutOfBudget:
            return None

    def can_end(self, test: str, told: Subset) -> bool | None:
        """Whether some result of a test leaves no cohort; None where that was not found out."""
        linked = [goals for goals in self.ends if not told.isdisjoint(self.oracle.cone(variables(goals[0])))]
        return self._some_result(
            test, told, linked, self.fits, self.end_route, list(map(conjunction, self.fits))
        )

    def can_open(self, test: str, told: Subset) -> bool | None:
        """Whether with some result the patient is eligible; None where that was not found out."""
        if not self.opens:
            return False
        more = [goals[0] for goals in self.not_opens]
        return self._some_result(test, told, self.opens, self.not_opens, self.open_route, more)

    def _some_result(
        self,
        test: str,
        told: Subset,
        ways: Sequence[Goals],
        against: Sequence[Goals],
        route: RouteProblem,
        more: Goals,
    ) -> bool | None:
        """Whether some values of what a test tells come with one of the ways and with nothing that is against it."""
        names = sorted(name for name in told & self.cone if not is_exact(self.known[name]))
        if not names:
            return False
        try:
            if any(self._whatever(goals, box, names) for goals in against for box in self._boxes(goals)):
                return False
            for goals in ways:
                for box in self._boxes(goals):
                    found = self._tried(goals, box, names, against)
                    if found is not None:
                        return found
            return self._searched(test, names, route, more)
        except OutOfBudget:
            return None

    def _boxes(self, goals: Goals) -> list[Environment]:
        """Completions on which goals hold; more of them as they are found."""
        key = tuple(map(id, goals))
        if key not in self._pools:
            found = self.oracle.possible(goals)
            self._pools[key] = [] if found is None else [found]
        return self._pools[key]

    def _whatever(self, goals: Goals, box: Environment, names: Sequence[str]) -> bool:
        """Whether the goals hold of a completion whatever the values of these variables are."""
        free = {**box, **{name: self.known[name] for name in names}}
        if not all(evaluate(goal, free) is True for goal in goals):
            return False
        alone = frozenset(names)
        return all(
            evaluate(condition, free) is True
            for condition in self.route.theory
            if not alone.isdisjoint(variables(condition))
            and any(name not in alone and not is_exact(self.known[name]) for name in variables(condition))
        )

    def _tried(
        self, goals: Goals, box: Environment, names: Sequence[str], against: Sequence[Goals]
    ) -> bool | None:
        """Whether the values that these variables have in a completion are such a result; None says nothing."""
        theory = Conditions([*goals, *self.route.theory])
        values = pin(theory, box, names)
        if values is None:
            return None
        chosen = {name: values[name] for name in names}
        known = {**self.known, **chosen}
        try:
            Conditions(self.route.theory).close(known)
        except Inconsistent:
            return None
        stated = [lies_in(name, self.problem.types[name], domain) for name, domain in chosen.items()]
        if self.oracle.possible([*goals, *stated]) is None:
            return None
        for other in against:
            if any(evaluate(goal, known) is False for goal in other):
                continue
            found = self.oracle.possible([*other, *stated])
            if found is not None:
                self._boxes(other).append(found)
                return False if self._whatever(other, found, names) else None
        return True

    def _searched(self, test: str, names: Sequence[str], route: RouteProblem, more: Goals) -> bool | None:
        """The same by counterexamples, as a route is found."""
        alone = replace(route, tests=[test], askable=list(names), always=frozenset())
        with self.oracle.afresh():
            synthesizer = Synthesizer(alone)
            for _ in range(ROUNDS):
                proposal = synthesizer.propose(None)
                if proposal is None:
                    return False
                chosen, completion, inexact = proposal
                if not inexact.isdisjoint(chosen):
                    return None
                types = self.problem.types
                stated = [lies_in(name, types[name], completion[name]) for name in chosen]
                box = self.oracle.possible([*stated, *alone.fails])
                if box is None:
                    return True
                refutation = self._refutation(alone, stated, box, more)
                if refutation is None:
                    return None
                synthesizer.learn(refutation)
        return None

    def _refutation(
        self, route: RouteProblem, stated: Goals, box: Environment, more: Goals
    ) -> Environment | None:
        """A completion with one value for every variable, which meets as many of the other goals as may be; None if none is found."""
        goals = [*stated, *route.fails, *(each for each in route.theory if each not in route.loose)]
        for other in more:
            with suppress(Inconsistent):
                found = complete(Conditions([*goals, other]), self.known)
                if found is not None:
                    goals.append(other)
                    box = found
        conditions = Conditions(goals)
        for highest in (False, True):
            pinned = pin(conditions, box, sorted(route.cone), highest=highest)
            if pinned is not None and all(evaluate(goal, pinned) is True for goal in goals):
                return pinned
        return None


def _ways_to_fail(cohorts: Sequence[Goals]) -> list[Goals]:
    """Goals of which some list holds exactly where every cohort fails: first the clause that does."""
    failing = [_failing(cohort) for cohort in cohorts]
    clauses = {id(clause): clause for cohort in cohorts for clause in cohort}
    return [[negation(clause), *failing] for clause in clauses.values()]


def _failing(cohort: Goals) -> Condition:
    return negation(conjunction(cohort))
