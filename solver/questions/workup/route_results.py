"""What a route requires of each result: the widest values with which the trial is certain, never a sample of them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from solver.engine.answer import Requirement, Values
from solver.engine.decision import Decision
from solver.engine.finding_out.route_solvers import RouteProblem, Verifier
from solver.engine.requirement_words import requirement_on
from solver.errors import EngineError
from solver.evaluation import breakpoints
from solver.evaluation.build import lies_in
from solver.evaluation.compared_parts import comparisons, memberships
from solver.evaluation.evaluate import evaluate
from solver.evaluation.propagate import Conditions, choices
from solver.evaluation.simplify import simplify
from solver.language.domain import Domain, Environment, Inconsistent, Interval, point
from solver.language.tree import Compare, Condition, disjunction, negation, variables
from solver.questions.workup.answer import Plan, Route
from solver.questions.workup.route_search import Outcome


def required(
    route: RouteProblem, verifier: Verifier, decision: Decision, outcome: Outcome, plan: Plan
) -> Route | None:
    """The widest values, found one variable after another, with which the outcome still makes the trial certain.

    A number that is compared with variables outside the outcome is judged at the worst of their values. Numbers of the outcome that a
    criterion compares with each other are not widened one by one: the clauses that mention them are required as such. None where
    that does not say what is required. Raises `OutOfBudget`.
    """
    return _Widening(route, verifier, decision, outcome).run(plan)


class _Widening:
    def __init__(self, route: RouteProblem, verifier: Verifier, decision: Decision, outcome: Outcome) -> None:
        self.route, self.verifier, self.outcome = route, verifier, outcome
        self.problem = problem = route.problem
        self.clauses = self._satisfied_clauses(decision)
        every = route.clauses
        theory = [simplify(c, problem.known) for c in problem.oracle.theory]
        self.members = memberships([*every, *theory])
        self.compared, self.compared_in_theory = map(comparisons, (every, theory))
        self.outside = route.cone.difference(outcome.names)
        self.known = {**self._left_open(), **{name: problem.known[name] for name in outcome.names}}
        self.joint: set[str] = set()
        self.together: dict[str, list[Condition]] = {}
        self.premises: list[Condition] = []
        self.cuts: dict[str, list[Fraction]] = {}

    def _left_open(self) -> Environment:
        """What the values that the outcome shows leave of the other variables."""
        left = {**self.problem.known, **{name: self.outcome.completion[name] for name in self.outcome.names}}
        try:
            Conditions(self.route.theory).close(left)
        except Inconsistent:  # a shown value may be the rounded one of an irrational number
            return self.problem.known
        return left

    def _set_cuts(self, compared: Sequence[Compare]) -> None:
        """Cut the domains of the numbers where the comparisons can change."""
        self.cuts = {}
        for name in self.outcome.names:
            domain = self.problem.known[name]
            if isinstance(domain, Interval) and any(name in variables(each) for each in compared):
                found = breakpoints.coupled_breaks(compared, name, self.problem.known, self.outside)
                found |= breakpoints.coupled_breaks(compared, name, self.known, self.outside)
                for comparison in compared:
                    found.update(breakpoints.breaks(comparison, name, domain) or ())
                self.cuts[name] = sorted(found)

    def _satisfied_clauses(self, decision: Decision) -> dict[str, Condition]:
        """The open clauses, by id, of a cohort that takes the patient in the completion of the outcome."""
        for cohort in decision.hopeful(shown=True):
            clauses = {n: simplify(c, self.problem.known) for n, c in decision.open_clauses(cohort).items()}
            if all(evaluate(c, self.outcome.completion) is not False for c in clauses.values()):
                return clauses
        raise EngineError("a route satisfies no cohort")

    def run(self, plan: Plan) -> Route | None:
        """What is required of the results of the plan."""
        regions = self._first_regions()
        if regions is None:
            return None
        self._widen_regions(regions)
        results = [self._requirement_of(name, parts) for name, parts in regions.items()]
        beside = {name for clause in self.together for name in self._open_beside(self.clauses[clause])}
        return Route(plan, tuple(results), *(tuple(sorted(n)) for n in (self.together, self.joint, beside)))

    def _widen_regions(self, regions: dict[str, list[Domain]]) -> None:
        """Add every further cell with which the trial stays certain: all that are not refuted if they do together, else one by one."""
        more = {
            name: [c for c in self._cells_of(name) if c not in parts and not self._refuted_cell(name, c)]
            for name, parts in regions.items()
        }
        wide = {name: [*parts, *more[name]] for name, parts in regions.items()}
        if not any(more.values()) or self._makes_certain(wide):
            regions.update(wide)
            return
        for name, others in more.items():
            for cell in others:
                if self._makes_certain({**regions, name: [cell]}):
                    regions[name].append(cell)

    def _first_regions(self) -> dict[str, list[Domain]] | None:
        """For each variable that is required by itself the cell that the outcome shows, such that with all of them the trial is certain.

        The cells are those that the criteria tell apart; else those that the theory does as well; else numbers that are compared with
        each other are joined. None if that does not do either.
        """
        every = [*self.compared, *self.compared_in_theory]
        compared_now = self.compared
        for compared, joined in (
            (compared_now, ()),
            (every, ()),
            (compared_now, compared_now),
            (every, every),
        ):
            self._set_cuts(compared)
            if self._join_numbers(joined):
                names = [name for name in self.outcome.names if name not in self.joint]
                regions = {name: [self._shown_cell(name)] for name in names}
                if self._makes_certain(regions):
                    return self._cut_finer(regions, every)
        return None

    def _cut_finer(
        self, regions: dict[str, list[Domain]], compared: Sequence[Compare]
    ) -> dict[str, list[Domain]]:
        """The same regions in the cells that the comparisons tell apart."""
        self._set_cuts(compared)
        return {
            name: [cell for cell in self._cells_of(name) if _lies_in(cell, parts)]
            for name, parts in regions.items()
        }

    def _join_numbers(self, compared: Sequence[Compare]) -> bool:
        """Require of numbers that the comparisons compare with each other only that they meet the clauses that mention them.

        Returns whether these can be said of the results alone.
        """
        results = frozenset(self.outcome.names)
        beside = [variables(each) & results for each in compared]
        self.joint = {name for names in beside if len(names) > 1 for name in names}
        self.together = {}
        for name, condition in self.clauses.items():
            if not variables(condition).isdisjoint(self.joint):
                cases = breakpoints.worst_cases(condition, self._open_beside(condition), self.known)
                if cases is None:
                    return False
                self.together[name] = cases
        self.premises = [case for cases in self.together.values() for case in cases]
        self.premises += [self.clauses[name] for name in self.together if self._follows_already(name)]
        return bool(self.together) or not compared

    def _follows_already(self, clause: str) -> bool:
        """Whether what is required together implies a clause, so that it need not be shown again for every result."""
        return self.problem.oracle.possible([*self.premises, negation(self.clauses[clause])]) is None

    def _open_beside(self, condition: Condition) -> list[str]:
        """The variables of a condition that are open and not among the results."""
        return sorted(variables(condition) & self.outside)

    def _cells_of(self, name: str) -> list[Domain]:
        domain = self.problem.known[name]
        if isinstance(domain, Interval):
            return list(breakpoints.cells(domain, self.cuts.get(name, [])))
        assert isinstance(domain, frozenset)
        return list(breakpoints.alike(self.members, name, domain))

    def _shown_cell(self, name: str) -> Domain:
        """The cell of the value that the outcome shows."""
        value = self.outcome.completion[name]
        for cell in self._cells_of(name):
            if isinstance(value, Interval) and isinstance(cell, Interval):
                if Fraction(value.low) in cell:
                    return cell
            elif isinstance(value, frozenset) and isinstance(cell, frozenset) and value <= cell:
                return cell
        raise AssertionError(name)

    def _makes_certain(self, regions: dict[str, list[Domain]]) -> bool:
        """Whether values within the regions are possible, and with all of them the trial is satisfied."""
        within: list[Condition] = list(self.premises)
        for name, parts in regions.items():
            within.append(disjunction([lies_in(name, self.problem.types[name], part) for part in parts]))
        if not self.verifier.certain(within):
            return False
        return self.problem.oracle.possible([*within, self.route.trial]) is not None

    def _refuted_cell(self, name: str, cell: Domain) -> bool:
        """Whether the outcome itself, with a value of the cell in place of its own, is a completion that fails the trial."""
        sample = point(choices(cell)[0], whole=cell.whole) if isinstance(cell, Interval) else cell
        changed = {**self.outcome.completion, name: sample}
        stands = (*self.premises, *self.route.theory)
        about = [condition for condition in stands if name in variables(condition)]
        return all(evaluate(condition, changed) is True for condition in (*self.route.fails, *about))

    def _requirement_of(self, name: str, parts: list[Domain]) -> Requirement:
        possible = self.problem.known[name]
        allowed: Values
        if isinstance(possible, Interval):
            joined: list[Interval] = []
            for cell in self._cells_of(name):
                if cell in parts:
                    assert isinstance(cell, Interval)
                    breakpoints.append_cell(joined, cell)
            allowed = tuple(joined)
        else:
            allowed = frozenset(value for part in parts for value in part)  # type: ignore[assignment]
        return requirement_on(self.problem.library.variables[name], possible, allowed)


def _lies_in(cell: Domain, parts: Sequence[Domain]) -> bool:
    """Whether a cell lies in one of the parts, if it is no larger than these."""
    if isinstance(cell, Interval):
        middle = Fraction(choices(cell)[0])
        return any(isinstance(part, Interval) and middle in part for part in parts)
    return any(isinstance(part, frozenset) and set(cell) <= set(part) for part in parts)
