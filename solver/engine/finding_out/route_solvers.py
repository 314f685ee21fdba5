"""Two solvers for the search of a route: one proposes tests and values, one shows which of the values make the trial certain."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from solver.dataclass import dataclass
from solver.engine.decision import Decision
from solver.engine.finding_out.set_cover import SetCover
from solver.engine.minimal_sets import Subset
from solver.engine.oracle import witness_box
from solver.engine.problem import Problem
from solver.evaluation.build import lies_in
from solver.evaluation.compared_parts import comparisons
from solver.evaluation.linked_variables import linked
from solver.evaluation.loose_equations import loose_equations
from solver.language.domain import Domain, Environment
from solver.language.tree import Condition, conjunction, disjunction, negation, variables
from solver.smt.outcome import Unsat
from solver.smt.query import Query, all_of, any_of, at_most, equal, implied, joined, negated
from solver.smt.symbols import quoted, unquoted


@dataclass(frozen=True, slots=True)
class RouteProblem:
    """What a route is sought for.

    `clauses` are all clauses that are open in some of the cohorts that a route may lead to, `trial` that those of one cohort hold, and
    `fails` that those of none do. `cone` are the open variables that bear on them, `theory` what links these, and `askable` those that
    some of the `tests` reveals. Every outcome needs those of `always`: they end the trial with some value, and nothing tells of them
    but a test. An equation is `loose` if it has a solution whatever the values of the variables that something else speaks of: it says
    nothing as long as none of the others, its hidden variables, is known.
    """

    problem: Problem
    covers: SetCover
    clauses: Sequence[Condition]
    trial: Condition
    fails: Sequence[Condition]
    cone: Subset
    theory: Sequence[Condition]
    loose: Mapping[Condition, Subset]
    askable: Sequence[str]
    tests: Sequence[str]
    always: Subset


def route_problem(
    problem: Problem,
    decision: Decision,
    covers: SetCover,
    among: Collection[str],
    ending: Collection[str] = (),
) -> RouteProblem:
    """What a route to one of the cohorts `among` an undetermined trial's is sought for.

    Some value of each variable of `ending` ends the trial by itself.
    """
    known, oracle = problem.known, problem.oracle
    cohorts = [[oracle.simple(c) for c in decision.open_clauses(cohort).values()] for cohort in among]
    trial = disjunction([conjunction(cohort) for cohort in cohorts])
    cone = oracle.cone(variables(trial))
    theory = [oracle.simple_theory[i] for i in oracle.relevant(cone)]
    tests = covers.library.tests.values()
    askable = sorted(cone & covers.revealed(covers.library.tests))
    told = frozenset(name for condition in theory for name in variables(condition))
    return RouteProblem(
        problem=problem,
        covers=covers,
        clauses=list(dict.fromkeys(clause for cohort in cohorts for clause in cohort)),
        trial=trial,
        fails=[negation(conjunction(cohort)) for cohort in cohorts],
        cone=cone,
        theory=theory,
        loose=loose_equations([trial], theory, known),
        askable=askable,
        tests=[test.id for test in tests if not cone.isdisjoint(test.reveals)],
        always=frozenset(ending).intersection(askable) - told,
    )


class Verifier:
    """Shows which values make the trial certain: with them no completion fails it."""

    def __init__(self, route: RouteProblem) -> None:
        self.route, problem = route, route.problem
        self._query = Query(problem.types, problem.known)
        self._query.state([*route.theory, *route.fails])
        self._query.bound({name: problem.known[name] for name in sorted(route.cone)})
        self._session = self._query.session(problem.budget)
        self._literals: dict[Condition, str] = {}

    def needed(self, values: Mapping[str, Domain], first: Sequence[str], keep: Subset) -> list[str] | None:
        """A minimal choice of the values, with those of `keep`, that makes the trial certain; None if all of them do not.

        The values of `first` are left out before others, in this order.
        """
        types = self.route.problem.types
        conditions = {name: lies_in(name, types[name], domain) for name, domain in values.items()}
        kept = self._enough_of(conditions, conditions)
        if kept is None:
            return None
        for name in first:
            if name in kept and name not in keep:
                kept = self._enough_of(conditions, [other for other in kept if other != name]) or kept
        return kept

    def certain(self, conditions: Sequence[Condition]) -> bool:
        """Whether every completion on which the conditions hold satisfies the trial."""
        named = {str(i): condition for i, condition in enumerate(conditions)}
        return self._enough_of(named, named) is not None

    def _enough_of(self, conditions: Mapping[str, Condition], names: Collection[str]) -> list[str] | None:
        """Those of the named conditions that a proof needs that they make the trial certain; None if they do not."""
        self.route.problem.oracle.calls += 1
        literals = {name: self._assumption_of(conditions[name]) for name in names}
        outcome = self._session.decide(list(literals.values()))
        if not isinstance(outcome, Unsat):
            return None
        return [name for name in names if literals[name] in outcome.core]

    def _assumption_of(self, condition: Condition) -> str:
        """The assumption that a condition holds."""
        if condition not in self._literals:
            term = self._query.term(condition)
            self._literals[condition] = self._query.assumption(f"holds!{len(self._literals)}")
            self._query.say([term], when=self._literals[condition])
            self._session.add(self._query.news())
        return self._literals[condition]


def _linked_groups(route: RouteProblem) -> Iterator[tuple[Subset, list[Condition]]]:
    """The variables of the cone, in groups that the theory does not link, each with the conditions that speak of it."""
    mentions = [variables(condition) & route.cone for condition in route.theory]
    left = set(route.cone)
    while left:
        group = linked(mentions, [min(left)])
        left -= group
        spoken = zip(route.theory, mentions, strict=True)
        yield group, [condition for condition, names in spoken if not names.isdisjoint(group)]


class Synthesizer:
    """The solver that proposes variables, tests that reveal them, and values with which the trial is satisfied."""

    def __init__(self, route: RouteProblem) -> None:
        self.route, problem = route, route.problem
        query = self._query = Query(problem.types, problem.known)
        query.state([*route.theory, route.trial])
        query.bound({name: problem.known[name] for name in sorted(route.cone)})
        for name in sorted(route.cone):
            # what a copy is defined by later must be there from the start, even where nothing is said of it
            query.symbols.symbol(name)
        self._ask = {test: query.assumption(f"ask!{number}") for number, test in enumerate(route.tests)}
        tests = route.covers.library.tests
        for name in route.askable:
            revealing = [literal for test, literal in self._ask.items() if name in tests[test].reveals]
            query.say([equal(query.assumption(_choice_of(name)), any_of(revealing))])
        query.say(map(_choice_of, sorted(route.always)))
        self._session = query.session(problem.budget, witness=True)
        self.askable = frozenset(route.askable)
        self._bounds: set[int] = set()
        self._groups = list(_linked_groups(route))
        self._compared = self._compared_numbers()

    def _compared_numbers(self) -> dict[str, list[str]]:
        """For each date and whole number, those that can be asked for and that it is compared with."""
        found: dict[str, set[str]] = {}
        symbols = self._query.symbols
        for comparison in comparisons([self.route.trial, *self.route.theory]):
            for name in variables(comparison):
                for other in variables(comparison) & self.askable - {name}:
                    if symbols.sort(name) == symbols.sort(other) == "Int":
                        found.setdefault(name, set()).add(other)
        return {name: sorted(others) for name, others in found.items()}

    def propose(self, most: int | None) -> tuple[list[str], Environment, frozenset[str]] | None:
        """Variables, a completion, and which of its values are irrational, for tests of at most this weight; None if there is none."""
        route = self.route
        route.problem.oracle.calls += 1
        outcome = self._session.decide([self._weight_bound(most)] if most is not None else [])
        if isinstance(outcome, Unsat):
            return None
        declared = set(map(unquoted, self._query.symbols.declared))
        witness = {name: value for name, value in outcome.witness.items() if name in declared}
        completion = witness_box(route.problem.known, witness, route.problem.types)
        names = [name for name in route.askable if outcome.witness[unquoted(_choice_of(name))]]
        return names, completion, outcome.inexact

    def _weight_bound(self, most: int) -> str:
        """The assumption that the tests weigh at most so much."""
        literal = f"most!{most}"
        if most not in self._bounds:
            self._bounds.add(most)
            weights = {ask: self.route.covers.weight(test) for test, ask in self._ask.items()}
            self._query.say([at_most(most, weights)], when=self._query.assumption(literal))
            self._session.add(self._query.news())
        return literal

    def learn(self, refutation: Environment) -> None:
        """Ask that the trial is also satisfied where whatever is not chosen is as in the refutation.

        A date or whole number that is compared with a chosen one moves along with it. Where the theory does not allow all that, what it
        links to the values that are chosen stays as it is proposed.
        """
        query, cone = self._query, self.route.cone
        first, second = query.new_copy(cone), query.new_copy(cone)
        for name in sorted(cone):
            self._define_copy(name, first, refutation, "true")
        for group, theory in self._groups:
            stands = [self._standing_theory(condition, first) for condition in theory]
            # numbers that moved along with others are still what they can be
            moved = {name: self.route.problem.known[name] for name in sorted(group & self._compared.keys())}
            agrees = quoted(f"agrees!{first}!{min(group)}")
            query.define(agrees, all_of([*stands, *query.within(moved, first)]))
            for name in sorted(group):
                self._define_copy(name, second, refutation, agrees)
        query.state([self.route.trial], second)
        self._session.add(query.news())

    def _define_copy(self, name: str, copy: int, refutation: Environment, where: str) -> None:
        """A variable of a copy: as proposed if it is chosen, else as in the refutation where that may be."""
        along = [(_choice_of(other), other, refutation[other]) for other in self._compared.get(name, ())]
        chosen = _choice_of(name) if name in self.askable else "false"
        value = self._query.value(name, refutation[name], along)
        self._query.define_unless(joined("or", [chosen, negated(where)]), name, copy, value)

    def _standing_theory(self, condition: Condition, copy: int) -> str:
        """That a condition of the theory holds of a copy; a loose one does as long as no hidden variable is chosen."""
        term = self._query.term(condition, copy)
        hidden = self.route.loose.get(condition)
        if hidden is None:
            return term
        return implied(any_of(map(_choice_of, sorted(hidden & self.askable))), term)

    def go_beyond(self, names: Collection[str]) -> None:
        """Ask for some variable besides these."""
        self._query.say([any_of(_choice_of(name) for name in self.route.askable if name not in names)])
        self._session.add(self._query.news())


def _choice_of(name: str) -> str:
    """The assumption that the variable is found out."""
    return quoted(f"choose!{name}")
