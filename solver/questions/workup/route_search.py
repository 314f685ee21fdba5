"""The shortest route: the cheapest tests that could establish that a patient is eligible, with the results that it takes.

A route is a set of tests and values of variables that they reveal, such that every completion with these values satisfies the trial. It
is found by counterexamples: one solver proposes tests and values within a budget of burden, another looks for a completion with the
same values that fails the trial. From then on a proposal must satisfy the trial also where whatever it does not choose is as in that
completion. When no cheaper proposal is left, the route is proved to be the cheapest.

Two completions of one record with opposite verdicts: what is not known matters, and here is where.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from solver.dataclass import dataclass
from solver.engine.finding_out.route_solvers import RouteProblem, Synthesizer, Verifier
from solver.engine.finding_out.set_cover import Cover
from solver.engine.minimal_sets import Subset
from solver.engine.requirement_words import requirement_text
from solver.errors import EngineError
from solver.evaluation.breakpoints import values_to_try
from solver.evaluation.build import lies_in
from solver.evaluation.evaluate import evaluate
from solver.evaluation.propagate import Conditions, complete, pin
from solver.language.domain import Domain, Environment, Inconsistent, Interval, intersect, is_exact
from solver.language.tree import Condition, negation, variables
from solver.language.types import BooleanType
from solver.library.models import Variable
from solver.questions.workup.answer import Pair
from solver.work import OutOfBudget

ROUNDS = 100
"""How many counterexamples are learnt from before the search is cut."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A cover, the variables whose values it is about, and a completion that shows values with which the trial is certain.

    `proved` says whether no cheaper cover could do.
    """

    cover: Cover
    names: tuple[str, ...]
    completion: Environment
    proved: bool


def shortest_outcome(route: RouteProblem, verifier: Verifier) -> tuple[Outcome | None, OutOfBudget | None]:
    """The cheapest outcome of an undetermined trial, and what ran out, if anything did, before it was proved to be that.

    None if no results of the tests make the trial certain, or if none was found before.
    """
    search = _Search(route, verifier)
    try:
        return search.run(), None
    except OutOfBudget as error:
        return search.best, error


class _Search:
    """The search for one trial; `best` is the cheapest outcome so far."""

    def __init__(self, route: RouteProblem, verifier: Verifier) -> None:
        self.route, self.verifier = route, verifier
        self.problem, self.covers = route.problem, route.covers
        self.best: Outcome | None = None
        self.exact = True
        self.inexact: Subset = frozenset()

    def run(self) -> Outcome | None:
        """The cheapest outcome."""
        self._bound_burden()
        synthesizer = Synthesizer(self.route)
        for _ in range(ROUNDS):
            proposal = synthesizer.propose(self.best.cover.weight - 1 if self.best else None)
            if proposal is None:
                return self.best and replace(self._minimal_outcome(self.best), proved=self.exact)
            names, completion, inexact = proposal
            values = {name: _around_value(completion[name], name in inexact) for name in names}
            box = self.problem.oracle.possible([*self._stated_values(values), *self.route.fails])
            if box is None:
                cover = self.covers.cheapest(frozenset(names))
                assert cover is not None
                self.best, self.inexact = Outcome(cover, tuple(names), completion, False), inexact
                continue
            refutation = self._rational_refutation(box, values)
            if refutation is None:
                self.exact = False
                synthesizer.go_beyond(names)
            else:
                synthesizer.learn(refutation)
        if self.best is None:
            raise OutOfBudget("number of rounds")
        return self._minimal_outcome(self.best)

    def _bound_burden(self) -> None:
        """Look for an outcome in a completion of which everything that can be asked for is known: it bounds the burden."""
        route = self.route
        conditions = Conditions([route.trial, *route.theory])
        box = self.problem.oracle.possible([route.trial])
        completion = pin(conditions, box, sorted(route.cone)) if box is not None else None
        if completion is not None and all(evaluate(c, completion) is True for c in conditions.conditions):
            self.best = self._needed_outcome({name: completion[name] for name in route.askable}, completion)

    def _minimal_outcome(self, outcome: Outcome) -> Outcome:
        """The outcome without what it does not need, and told by variables of which criteria speak where its tests reveal such."""
        names = set(outcome.names)
        if not self.inexact and not variables(self.route.trial).issuperset(names):
            names |= self.covers.revealed(outcome.cover.tests).intersection(self.route.askable)
        kept = [name for name in self.route.askable if name in names]
        values = {name: _around_value(outcome.completion[name], name in self.inexact) for name in kept}
        found = self._needed_outcome(values, outcome.completion)
        return found if found is not None and found.cover.cost <= outcome.cover.cost else outcome

    def _stated_values(self, values: Mapping[str, Domain]) -> list[Condition]:
        return [lies_in(name, self.problem.types[name], domain) for name, domain in values.items()]

    def _needed_outcome(self, values: Mapping[str, Domain], completion: Environment) -> Outcome | None:
        """The outcome with those of the values that it needs; None if they do not make the trial certain.

        What no criterion mentions is the first to be left out, and then what is the hardest to come by.
        """
        route, mentioned = self.route, variables(self.route.trial)
        needed = route.always
        if not self.inexact:
            needed |= {name for name in values.keys() - needed if self._turns_alone(completion, name)}
        order = sorted(values, key=lambda name: (name in mentioned, -self._least_burden(name), name))
        kept = self.verifier.needed(values, order, needed)
        cover = self.covers.cheapest(frozenset(kept)) if kept is not None else None
        return Outcome(cover, tuple(sorted(kept)), completion, False) if kept and cover else None

    def _turns_alone(self, completion: Environment, name: str) -> bool:
        """Whether another value of the variable alone certainly fails the trial."""
        theory = [c for c in self.route.theory if name in variables(c)]
        about = [*theory, *(c for c in self.route.clauses if name in variables(c))]
        return any(
            evaluate(self.route.trial, other) is False and all(evaluate(c, other) is True for c in theory)
            for value in values_to_try(self.problem.known[name], about, name)
            for other in ({**completion, name: value},)
        )

    def _least_burden(self, name: str) -> int:
        cover = self.covers.cheapest(frozenset({name}))
        return cover.weight if cover else 0

    def _rational_refutation(self, box: Environment, values: Mapping[str, Domain]) -> Environment | None:
        """A completion near the box, with these values, that fails the trial in as many ways as may be; None if none is rational."""
        route = self.route
        firm = [condition for condition in route.theory if condition not in route.loose]
        goals = [*route.fails, *firm, *self._stated_values(values)]
        start = dict(self.problem.known)
        start.update((name, _within_both(start[name], value)) for name, value in values.items())
        for clause in route.clauses:
            try:
                found = complete(Conditions([*goals, negation(clause)]), start)
            except Inconsistent:
                continue
            if found is not None:
                goals.append(negation(clause))
                box = found
        completion = pin(Conditions(goals), box, sorted(route.cone))
        if completion is None or any(evaluate(goal, completion) is not True for goal in goals):
            return None
        return completion


_CLOSE = Fraction(1, 10**9)


def _around_value(domain: Domain, inexact: bool) -> Domain:
    """The value, or a narrow interval around one that is irrational."""
    if inexact and isinstance(domain, Interval) and domain.exact:
        middle = Fraction(domain.low)
        return Interval(middle - _CLOSE, middle + _CLOSE)
    return domain


def _within_both(one: Domain, other: Domain) -> Domain:
    return intersect(one, other) if isinstance(one, Interval) and isinstance(other, Interval) else other


def opposite_pair(route: RouteProblem) -> Pair | None:
    """A pair for an undetermined trial that differs in few variables, each half replayed. Raises `OutOfBudget`."""
    problem = route.problem
    first, second = (problem.oracle.possible(goals) for goals in ([route.trial], route.fails))
    if first is None or second is None:
        return None
    first = _pinned_completion(route, [route.trial], first)
    agreed: dict[str, Condition] = {}
    parts = [[name for name in sorted(route.cone) if is_exact(first[name])]]
    while parts:
        part = parts.pop()
        same = {name: lies_in(name, problem.types[name], first[name]) for name in part}
        found = problem.oracle.possible([*agreed.values(), *same.values(), *route.fails]) if part else None
        if found is not None:
            agreed.update(same)
            second = found
        elif len(part) > 1:
            middle = len(part) // 2
            parts += [part[middle:], part[:middle]]
    second = _pinned_completion(route, [*agreed.values(), *route.fails], second)
    if evaluate(route.trial, first) is False or evaluate(route.trial, second) is True:
        raise EngineError("a completion does not replay through the evaluator")
    names, all_ = sorted(route.cone), problem.library.variables
    differs = tuple(n for n in names if n not in agreed and not _domains_meet(first[n], second[n]))
    return Pair(
        differs=differs,
        satisfies=tuple((name, first[name]) for name in names),
        fails=tuple((name, second[name]) for name in names),
        told=tuple((_value_words(all_[n], first[n]), _value_words(all_[n], second[n])) for n in differs),
    )


def _value_words(variable: Variable, domain: Domain) -> str:
    """What is left of a variable in one of the completions: mostly one value."""
    if isinstance(domain, Interval):
        wide = Interval(float("-inf"), float("inf"), True, True)
        return (requirement_text(wide, (domain,), variable) or "any").removeprefix("exactly ")
    if isinstance(variable.type, BooleanType):
        return "either" if len(domain) > 1 else "yes" if True in domain else "no"
    return " or ".join(sorted(map(str, domain)))


def _pinned_completion(route: RouteProblem, goals: Sequence[Condition], box: Environment) -> Environment:
    """One completion within the box on which the goals hold, but for what only loose equations speak of; the box if none is found."""
    firm = [condition for condition in route.theory if condition not in route.loose]
    conditions = Conditions([*goals, *firm])
    names = sorted(route.cone.difference(*route.loose.values()))
    found = pin(conditions, box, names)
    if found is None or any(evaluate(condition, found) is not True for condition in conditions.conditions):
        return box
    return found


def _domains_meet(one: Domain, other: Domain) -> bool:
    if isinstance(one, frozenset) and isinstance(other, frozenset):
        return not one.isdisjoint(other)
    return one == other
