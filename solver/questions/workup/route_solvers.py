"""Two solvers for the search of a route: one proposes tests and values, one shows which of the values make the trial certain."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from solver.engine.deciding_sets import loose_equations
from solver.engine.decision import Decision
from solver.engine.minimal_sets import Subset
from solver.engine.oracle import witness_box
from solver.engine.problem import Problem
from solver.evaluation.build import lies_in
from solver.evaluation.cells import comparisons
from solver.evaluation.propagate import linked
from solver.evaluation.simplify import simplify
from solver.language.domain import Domain, Environment
from solver.language.tree import (
    Condition,
    conjunction,
    disjunction,
    negation,
    variables,
)
from solver.questions.workup.set_cover import Coverer
from solver.work import DEFAULT_BUDGET, OutOfBudget


@dataclass(frozen=True, slots=True)
class Sought:
    """What a route is sought for.

    `clauses` are all clauses that are open in some of the cohorts that a route may lead to, `trial` that those of one cohort hold, and
    `fails` that those of none do. `cone` are the open variables that bear on them, `theory` what links these, and `askable` those that
    some of the `tests` reveals. Every outcome needs those of `always`: they end the trial with some value, and nothing tells of them
    but a test. An equation is `loose` if it has a solution whatever the values of the variables that something else speaks of: it says
    nothing as long as none of the others, its hidden variables, is known.
    """

    problem: Problem
    coverer: Coverer
    clauses: Sequence[Condition]
    trial: Condition
    fails: Sequence[Condition]
    cone: Subset
    theory: Sequence[Condition]
    loose: Mapping[Condition, Subset]
    askable: Sequence[str]
    tests: Sequence[str]
    always: Subset


def seek(
    problem: Problem,
    decision: Decision,
    coverer: Coverer,
    among: Collection[str],
    ending: Collection[str] = (),
) -> Sought:
    """What a route to one of the cohorts `among` an undetermined trial's is sought for.

    Some value of each variable of `ending` ends the trial by itself.
    """
    known, oracle = problem.known, problem.oracle
    cohorts = [[simplify(c, known) for c in decision.open_clauses(cohort).values()] for cohort in among]
    trial = disjunction([conjunction(cohort) for cohort in cohorts])
    cone = oracle.cone(variables(trial))
    theory = [simplify(oracle.theory[i], known) for i in oracle.relevant(cone)]
    tests = coverer.library.tests.values()
    askable = sorted(cone & coverer.revealed(coverer.library.tests))
    told = frozenset(name for condition in theory for name in variables(condition))
    return Sought(
        problem=problem,
        coverer=coverer,
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


class Refuter:
    """Shows which values make the trial certain: with them no completion fails it."""

    def __init__(self, sought: Sought) -> None:
        from solver.smt import translate as script
        from solver.smt.session import Session

        self.sought, self._script = sought, script
        problem = sought.problem
        self._symbols = script.Symbols(problem.types, problem.known, {})
        lines = [script.condition_text(c, self._symbols) for c in (*sought.theory, *sought.fails)]
        for name in sorted(sought.cone):
            lines.extend(script.domain_text(name, problem.known[name], self._symbols))
        text = self._symbols.declarations() + "".join(f"(assert {line})\n" for line in lines)
        self._session = Session(text, {}, problem.budget or DEFAULT_BUDGET)
        self._literals: dict[Condition, str] = {}

    def needed(self, values: Mapping[str, Domain], first: Sequence[str], keep: Subset) -> list[str] | None:
        """A minimal choice of the values, with those of `keep`, that makes the trial certain; None if all of them do not.

        The values of `first` are left out before others, in this order.
        """
        conditions = {
            name: lies_in(name, self.sought.problem.types[name], domain) for name, domain in values.items()
        }
        kept = self._enough(conditions, conditions)
        if kept is None:
            return None
        for name in first:
            if name in kept and name not in keep:
                kept = self._enough(conditions, [other for other in kept if other != name]) or kept
        return kept

    def certain(self, conditions: Sequence[Condition]) -> bool:
        """Whether every completion on which the conditions hold satisfies the trial."""
        named = {str(i): condition for i, condition in enumerate(conditions)}
        return self._enough(named, named) is not None

    def _enough(self, conditions: Mapping[str, Condition], names: Collection[str]) -> list[str] | None:
        """Those of the named conditions that a proof needs that they make the trial certain; None if they do not."""
        from solver.smt.outcome import GaveUp, Unsat

        self.sought.problem.oracle.calls += 1
        literals = {name: self._literal(conditions[name]) for name in names}
        outcome = self._session.check(list(literals.values()))
        if isinstance(outcome, GaveUp):
            raise OutOfBudget(outcome.cause)
        return (
            [name for name in names if literals[name] in outcome.core] if isinstance(outcome, Unsat) else None
        )

    def _literal(self, condition: Condition) -> str:
        """The assumption that a condition holds."""
        literal = self._literals.get(condition)
        if literal is None:
            literal = self._literals[condition] = f"holds!{len(self._literals)}"
            text = self._script.condition_text(condition, self._symbols)
            self._session.add(
                f"{self._symbols.more()}(declare-const {literal} Bool)\n(assert (=> {literal} {text}))\n"
            )
        return literal


def _groups(sought: Sought) -> Iterator[tuple[Subset, list[Condition]]]:
    """The variables of the cone, in groups that the theory does not link, each with the conditions that speak of it."""
    mentions = [variables(condition) & sought.cone for condition in sought.theory]
    left = set(sought.cone)
    while left:
        group = linked(mentions, [min(left)])
        left -= group
        yield (
            group,
            [
                condition
                for condition, names in zip(sought.theory, mentions, strict=True)
                if not names.isdisjoint(group)
            ],
        )


class Proposer:
    """The solver that proposes variables, tests that reveal them, and values with which the trial is satisfied."""

    def __init__(self, sought: Sought) -> None:
        from solver.smt import translate as script
        from solver.smt.session import Session

        self.sought, self._script = sought, script
        problem = sought.problem
        self.symbols = script.Symbols(problem.types, problem.known, {})
        lines = [script.condition_text(c, self.symbols) for c in (*sought.theory, sought.trial)]
        for name in sorted(sought.cone):
            lines.extend(script.domain_text(name, problem.known[name], self.symbols))
        self._ask = {test: f"ask!{number}" for number, test in enumerate(sought.tests)}
        literals = [*self._ask.values(), *(f"choose!{name}" for name in sought.askable)]
        for name in sought.askable:
            tests = sought.coverer.library.tests
            revealing = [literal for test, literal in self._ask.items() if name in tests[test].reveals]
            lines.append(f"(= choose!{name} (or false {' '.join(revealing)}))")
        lines.extend(f"choose!{name}" for name in sorted(sought.always))
        text = self.symbols.declarations() + "".join(f"(declare-const {each} Bool)\n" for each in literals)
        text += "".join(f"(assert {line})\n" for line in lines)
        sorts = {symbol: self.symbols.sort(name) for symbol, name in self.symbols.declared.items()}
        sorts.update(dict.fromkeys(literals, "Bool"))
        self.session: Session = Session(text, sorts, problem.budget or DEFAULT_BUDGET)
        self.askable = frozenset(sought.askable)
        self._bounds: set[int] = set()
        self._groups = list(_groups(sought))
        self._compared = self._partners()
        self._copies = 0

    def _partners(self) -> dict[str, list[str]]:
        """For each date and whole number, those that can be asked for and that it is compared with."""
        found: dict[str, set[str]] = {}
        for comparison in comparisons([self.sought.trial, *self.sought.theory]):
            for name in variables(comparison):
                for other in variables(comparison) & self.askable - {name}:
                    if self.symbols.sort(name) == self.symbols.sort(other) == "Int":
                        found.setdefault(name, set()).add(other)
        return {name: sorted(others) for name, others in found.items()}

    def propose(self, most: int | None) -> tuple[list[str], Environment, frozenset[str]] | None:
        """Variables, a completion, and which of its values are irrational, for tests of at most this weight; None if there is none."""
        from solver.smt.outcome import GaveUp, Unsat

        sought = self.sought
        sought.problem.oracle.calls += 1
        outcome = self.session.check([self._bound(most)] if most is not None else [])
        if isinstance(outcome, GaveUp):
            raise OutOfBudget(outcome.cause)
        if isinstance(outcome, Unsat):
            return None
        witness = {name: value for name, value in outcome.witness.items() if name in self.symbols.declared}
        completion = witness_box(sought.problem.known, witness, sought.problem.types)
        names = [name for name in sought.askable if outcome.witness[f"choose!{name}"]]
        return names, completion, outcome.inexact

    def _bound(self, most: int) -> str:
        """The assumption that the tests weigh at most so much."""
        literal = f"most!{most}"
        if most not in self._bounds:
            self._bounds.add(most)
            parts = " ".join(
                f"(ite {literal} {self.sought.coverer.weight(test)} 0)" for test, literal in self._ask.items()
            )
            self.session.add(
                f"(declare-const {literal} Bool)\n(assert (=> {literal} (<= (+ 0 {parts}) {most})))\n"
            )
        return literal

    def learn(self, refutation: Environment) -> None:
        """Ask that the trial is also satisfied where whatever is not chosen is as in the refutation.

        A date or whole number that is compared with a chosen one moves along with it. Where the theory does not allow all that, what it
        links to the values that are chosen stays as it is proposed.
        """
        sought = self.sought
        first, second = self._copies + 1, self._copies + 2
        self._copies += 2
        self.symbols.private.update({first: sought.cone, second: sought.cone})
        lines = [self._define(name, first, refutation, "true") for name in sorted(sought.cone)]
        for group, theory in self._groups:
            stands = " ".join(
                [*(self._stands(condition, first) for condition in theory), *self._within(group, first)]
            )
            agrees = f"agrees!{first}!{min(group)}"
            lines.append(self.symbols.more())
            lines.append(f"(define-fun {agrees} () Bool (and true {stands}))\n")
            lines += [self._define(name, second, refutation, agrees) for name in sorted(group)]
        trial = self._script.condition_text(sought.trial, self.symbols, second)
        lines.append(self.symbols.more())
        lines.append(f"(assert {trial})\n")
        self.session.add("".join(lines))

    def _define(self, name: str, copy: int, refutation: Environment, where: str) -> str:
        """A variable of a copy: as proposed if it is chosen, else as in the refutation where that may be."""
        value = self._script.value_text(name, refutation[name], self.symbols)
        moves = [
            f"(ite choose!{other} (- {other} {self._script.value_text(other, refutation[other], self.symbols)})"
            for other in self._compared.get(name, ())
        ]
        if moves:
            value = f"(+ {value} {' '.join(moves)} 0{')' * len(moves)})"
        chosen = f"choose!{name}" if name in self.askable else "false"
        body = f"(ite (or {chosen} (not {where})) {name} {value})"
        return f"(define-fun {name}!{copy} () {self.symbols.sort(name)} {body})\n"

    def _within(self, group: Subset, copy: int) -> Iterator[str]:
        """That numbers of a copy which moved along with others are still what they can be."""
        for name in sorted(group & self._compared.keys()):
            yield from self._script.domain_text(name, self.sought.problem.known[name], self.symbols, copy)

    def _stands(self, condition: Condition, copy: int) -> str:
        """That a condition of the theory holds of a copy; a loose one does as long as no hidden variable is chosen."""
        text = self._script.condition_text(condition, self.symbols, copy)
        hidden = self.sought.loose.get(condition)
        if hidden is None:
            return text
        chosen = " ".join(f"choose!{name}" for name in sorted(hidden & self.askable))
        return f"(=> (or false {chosen}) {text})"

    def go_beyond(self, names: Collection[str]) -> None:
        """Ask for some variable besides these."""
        others = " ".join(f"choose!{name}" for name in self.sought.askable if name not in names)
        self.session.add(f"(assert (or false {others}))\n")
