"""The shortest route: the cheapest tests that could establish that a patient is eligible, with the results that it takes.

A route is a set of tests and values of variables that they reveal, such that every completion with these values satisfies the trial. It
is found by counterexamples: one solver proposes tests and values within a budget of burden, another looks for a completion with the
same values that fails the trial. From then on a proposal must satisfy the trial also where whatever it does not choose is as in that
completion. When no cheaper proposal is left, the route is proved to be the cheapest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from solver.language.domain import Domain, Environment, Inconsistent, Interval, intersect
from solver.language.evaluate import evaluate
from solver.language.simplify import simplify
from solver.language.tree import (
    BooleanVariable,
    Condition,
    Member,
    NumberVariable,
    conjunction,
    disjunction,
    negation,
    variables,
)
from solver.language.types import BooleanType, DateType, EnumerationType, IntegerType
from solver.library.closure import Conditions, complete, has_solution, linked, pin
from solver.questions.covers import Cover, Coverer
from solver.questions.eligibility import Decision
from solver.questions.oracle import OutOfBudget, witness_box
from solver.questions.problem import Problem
from solver.questions.requirement import within_interval
from solver.questions.subsets import Subset

if TYPE_CHECKING:
    from solver.smt.session import Session

ROUNDS = 400
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


def shortest_outcome(problem: Problem, decision: Decision, coverer: Coverer) -> Outcome | None:
    """The cheapest outcome of an undetermined trial; None if no results of the tests make it certain, or none was found in the budget."""
    search = _Search(problem, decision, coverer)
    try:
        return search.run()
    except OutOfBudget:
        return search.best


class _Search:
    """The search for one trial; `cone` are the open variables that bear on it, `askable` those of them that some test reveals.

    An equation is `loose` if it has a solution whatever the values of the variables that something else speaks of: then it says nothing
    as long as none of the others, its `hidden` variables, is chosen.
    """

    def __init__(self, problem: Problem, decision: Decision, coverer: Coverer) -> None:
        self.problem, self.oracle, self.coverer = problem, problem.oracle, coverer
        known = problem.known
        cohorts = [
            [simplify(c, known) for c in decision.open_clauses(cohort).values()]
            for cohort, verdict in decision.cohorts.items()
            if verdict == "undetermined"
        ]
        self.trial = disjunction([conjunction(cohort) for cohort in cohorts])
        self.fails = [negation(conjunction(cohort)) for cohort in cohorts]
        self.clauses = list(dict.fromkeys(clause for cohort in cohorts for clause in cohort))
        self.cone = self.oracle.cone(variables(self.trial))
        self.theory = [simplify(self.oracle.theory[i], known) for i in self.oracle.relevant(self.cone)]
        self.loose = {c: hidden for c in self.theory if (hidden := self._hidden(c)) is not None}
        everything = coverer.revealed(coverer.library.tests)
        self.askable = sorted(self.cone & everything)
        self.tests = [
            test.id for test in coverer.library.tests.values() if not self.cone.isdisjoint(test.reveals)
        ]
        self.best: Outcome | None = None
        self.exact = True

    def _hidden(self, condition: Condition) -> Subset | None:
        """The hidden variables of a loose equation; None for any other condition."""
        others = [self.trial, *(other for other in self.theory if other is not condition)]
        spoken_of = frozenset(name for other in others for name in variables(other))
        hidden = variables(condition) - spoken_of
        if not hidden or not has_solution(condition, self.problem.known, variables(condition) & spoken_of):
            return None
        return hidden

    def run(self) -> Outcome | None:
        """The cheapest outcome."""
        proposer = _Proposer(self)
        for _ in range(ROUNDS):
            proposal = proposer.propose(self.best.cover.weight - 1 if self.best else None)
            if proposal is None:
                return self.best and replace(self.best, proved=self.exact)
            names, completion, inexact = proposal
            values = {name: _around(completion[name], name in inexact) for name in names}
            box = self._counterexample(values)
            if box is None:
                self._keep(values, completion, inexact)
                continue
            refutation = self._refutation(box, values)
            if refutation is None:
                self.exact = False
                proposer.go_beyond(names)
            else:
                proposer.learn(refutation)
        return self.best

    def _counterexample(self, values: Mapping[str, Domain]) -> Environment | None:
        """A box of completions with these values that fail the trial."""
        return self.oracle.possible([*self.fails, *self._stated(values)])

    def _stated(self, values: Mapping[str, Domain]) -> list[Condition]:
        return [stated(self.problem, name, domain) for name, domain in values.items()]

    def _keep(self, values: Mapping[str, Domain], completion: Environment, inexact: Subset) -> None:
        """Keep the outcome if it is the best, with the values that it needs of those that its tests reveal.

        What no criterion mentions is the first to be left out, and what is the hardest to come by.
        """
        cover = self.coverer.cheapest(frozenset(values))
        assert cover is not None
        revealed = sorted(self.coverer.revealed(cover.tests).intersection(self.askable))
        kept = {name: _around(completion[name], name in inexact) for name in revealed}
        mentioned = variables(self.trial)
        for name in sorted(kept, key=lambda each: (each in mentioned, -self._burden(each))):
            fewer = {other: domain for other, domain in kept.items() if other != name}
            if self._counterexample(fewer) is None:
                kept = fewer
        cover = self.coverer.cheapest(frozenset(kept)) or cover
        if self.best is None or cover.cost < self.best.cover.cost:
            self.best = Outcome(cover, tuple(sorted(kept)), completion, False)

    def _burden(self, name: str) -> int:
        cover = self.coverer.cheapest(frozenset({name}))
        return cover.weight if cover else 0

    def _refutation(self, box: Environment, values: Mapping[str, Domain]) -> Environment | None:
        """A completion near the box, with these values, that fails the trial in as many ways as may be; None if none is rational."""
        firm = [condition for condition in self.theory if condition not in self.loose]
        goals = [*self.fails, *firm, *self._stated(values)]
        start = {
            **self.problem.known,
            **{name: _met(self.problem.known[name], v) for name, v in values.items()},
        }
        for clause in self.clauses:
            try:
                found = complete(Conditions([*goals, negation(clause)]), start)
            except Inconsistent:
                continue
            if found is not None:
                goals.append(negation(clause))
                box = found
        completion = pin(Conditions(goals), box, sorted(self.cone))
        if completion is None or any(evaluate(goal, completion) is not True for goal in goals):
            return None
        return completion


def stated(problem: Problem, name: str, domain: Domain) -> Condition:
    """That the variable lies in the domain, as a condition."""
    kind = problem.types[name]
    if isinstance(domain, Interval):
        sort = {IntegerType: "int", DateType: "date"}.get(type(kind), "real")
        return within_interval(NumberVariable(name, sort), domain)  # type: ignore[arg-type]
    assert isinstance(domain, frozenset)
    if isinstance(kind, BooleanType):
        if len(domain) == 2:
            return conjunction([])
        return BooleanVariable(name) if True in domain else negation(BooleanVariable(name))
    assert isinstance(kind, EnumerationType)
    return Member(name, frozenset(map(str, domain)))


_CLOSE = Fraction(1, 10**9)


def _around(domain: Domain, inexact: bool) -> Domain:
    """The value, or a narrow interval around one that is irrational."""
    if inexact and isinstance(domain, Interval) and domain.exact:
        middle = Fraction(domain.low)
        return Interval(middle - _CLOSE, middle + _CLOSE)
    return domain


def _met(known: Domain, domain: Domain) -> Domain:
    return (
        intersect(known, domain) if isinstance(known, Interval) and isinstance(domain, Interval) else domain
    )


def _groups(search: _Search) -> Iterator[tuple[Subset, list[Condition]]]:
    """The variables of the cone, in groups that the theory does not link, each with the conditions that speak of it."""
    mentions = [variables(condition) & search.cone for condition in search.theory]
    left = set(search.cone)
    while left:
        group = linked(mentions, [min(left)])
        left -= group
        yield (
            group,
            [
                condition
                for condition, names in zip(search.theory, mentions, strict=True)
                if not names.isdisjoint(group)
            ],
        )


class _Proposer:
    """The solver that proposes variables, tests that reveal them, and values with which the trial is satisfied."""

    def __init__(self, search: _Search) -> None:
        from solver.smt import script
        from solver.smt.session import DEFAULT_BUDGET, Session

        self.search, self._script = search, script
        problem = search.problem
        self.symbols = script.Symbols(problem.types, problem.known, {})
        lines = [script.condition_text(c, self.symbols) for c in (*search.theory, search.trial)]
        for name in sorted(search.cone):
            lines.extend(script.domain_text(name, problem.known[name], self.symbols))
        self._ask = {test: f"ask!{number}" for number, test in enumerate(search.tests)}
        literals = [*self._ask.values(), *(f"choose!{name}" for name in search.askable)]
        for name in search.askable:
            tests = search.coverer.library.tests
            revealing = [literal for test, literal in self._ask.items() if name in tests[test].reveals]
            lines.append(f"(=> choose!{name} (or false {' '.join(revealing)}))")
        text = self.symbols.declarations() + "".join(f"(declare-const {each} Bool)\n" for each in literals)
        text += "".join(f"(assert {line})\n" for line in lines)
        sorts = {symbol: self.symbols.sort(name) for symbol, name in self.symbols.declared.items()}
        sorts.update(dict.fromkeys(literals, "Bool"))
        self.session: Session = Session(text, sorts, problem.budget or DEFAULT_BUDGET)
        self.askable = frozenset(search.askable)
        self._bounds: set[int] = set()
        self._groups = list(_groups(search))
        self._copies = 0

    def propose(self, most: int | None) -> tuple[Subset, Environment, frozenset[str]] | None:
        """Variables, a completion, and which of its values are irrational, for tests of at most this weight; None if there is none."""
        from solver.smt.session import GaveUp, Unsat

        search = self.search
        search.oracle.calls += 1
        outcome = self.session.check([self._bound(most)] if most is not None else [])
        if isinstance(outcome, GaveUp):
            raise OutOfBudget(outcome)
        if isinstance(outcome, Unsat):
            return None
        witness = {name: value for name, value in outcome.witness.items() if name in self.symbols.declared}
        completion = witness_box(search.problem.known, witness, search.problem.types)
        names = frozenset(name for name in search.askable if outcome.witness[f"choose!{name}"])
        return names, completion, outcome.inexact

    def _bound(self, most: int) -> str:
        """The assumption that the tests weigh at most so much."""
        literal = f"most!{most}"
        if most not in self._bounds:
            self._bounds.add(most)
            parts = " ".join(
                f"(ite {literal} {self.search.coverer.weight(test)} 0)" for test, literal in self._ask.items()
            )
            self.session.add(
                f"(declare-const {literal} Bool)\n(assert (=> {literal} (<= (+ 0 {parts}) {most})))\n"
            )
        return literal

    def learn(self, refutation: Environment) -> None:
        """Ask that the trial is also satisfied where whatever is not chosen is as in the refutation.

        Where the theory does not allow that, what it links to the values that are chosen stays as it is proposed.
        """
        search = self.search
        first, second = self._copies + 1, self._copies + 2
        self._copies += 2
        self.symbols.private.update({first: search.cone, second: search.cone})
        lines = [self._define(name, first, refutation, "true") for name in sorted(search.cone)]
        for group, theory in self._groups:
            stands = " ".join(self._stands(condition, first) for condition in theory)
            agrees = f"agrees!{first}!{min(group)}"
            lines.append(self.symbols.more())
            lines.append(f"(define-fun {agrees} () Bool (and true {stands}))\n")
            lines += [self._define(name, second, refutation, agrees) for name in sorted(group)]
        trial = self._script.condition_text(search.trial, self.symbols, second)
        lines.append(self.symbols.more())
        lines.append(f"(assert {trial})\n")
        self.session.add("".join(lines))

    def _define(self, name: str, copy: int, refutation: Environment, where: str) -> str:
        """A variable of a copy: as proposed if it is chosen, else as in the refutation where that may be."""
        value = self._script.value_text(name, refutation[name], self.symbols)
        chosen = f"choose!{name}" if name in self.askable else "false"
        body = f"(ite (or {chosen} (not {where})) {name} {value})"
        return f"(define-fun {name}!{copy} () {self.symbols.sort(name)} {body})\n"

    def _stands(self, condition: Condition, copy: int) -> str:
        """That a condition of the theory holds of a copy; a loose one does as long as no hidden variable is chosen."""
        text = self._script.condition_text(condition, self.symbols, copy)
        hidden = self.search.loose.get(condition)
        if hidden is None:
            return text
        chosen = " ".join(f"choose!{name}" for name in sorted(hidden & self.askable))
        return f"(=> (or false {chosen}) {text})"

    def go_beyond(self, names: Subset) -> None:
        """Ask for some variable besides these."""
        others = " ".join(f"choose!{name}" for name in self.search.askable if name not in names)
        self.session.add(f"(assert (or false {others}))\n")
