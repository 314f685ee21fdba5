"""What a route requires of each result: the widest values with which the trial is certain, never a sample of them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from solver.errors import EngineError
from solver.language.domain import Domain, Interval, is_exact, point
from solver.language.evaluate import evaluate
from solver.language.simplify import simplify
from solver.language.tree import Condition, disjunction, variables
from solver.library.closure import choices
from solver.questions.answers import Requirement, Values
from solver.questions.cells import alike, append_cell, breaks, cells, comparisons, memberships
from solver.questions.eligibility import Decision
from solver.questions.proposals import Refuter, Sought, stated
from solver.questions.requirement_text import requirement_text
from solver.questions.routes import Outcome


@dataclass(frozen=True, slots=True)
class Required:
    """What each result must be, and the ids of the clauses that several results, in `jointly`, must meet together.

    `told` says that these clauses turn on the results alone: if not, what is required cannot be said this way.
    """

    results: tuple[Requirement, ...]
    together: tuple[str, ...] = ()
    jointly: tuple[str, ...] = ()
    told: bool = True


def required(sought: Sought, refuter: Refuter, decision: Decision, outcome: Outcome) -> Required:
    """The widest values, found one variable after another, with which the outcome still makes the trial certain.

    Numbers that a criterion or the theory compares with each other are not widened one by one: the clauses that mention them are
    required as such. Raises `OutOfBudget`.
    """
    return _Widening(sought, refuter, decision, outcome).run()


class _Widening:
    def __init__(self, sought: Sought, refuter: Refuter, decision: Decision, outcome: Outcome) -> None:
        self.sought, self.refuter, self.outcome = sought, refuter, outcome
        self.problem = problem = sought.problem
        self.clauses = self._satisfied(decision)
        every = sought.clauses
        theory = [simplify(c, problem.known) for c in problem.oracle.theory]
        self.members = memberships([*every, *theory])
        self.compared = comparisons(every)
        self.compared_in_theory = comparisons(theory)
        self._join({name for name in outcome.names if self._breaks(name) is None})

    def _satisfied(self, decision: Decision) -> dict[str, Condition]:
        """The open clauses, by id, of a cohort that takes the patient in the completion of the outcome."""
        for cohort, verdict in decision.cohorts.items():
            if verdict == "undetermined":
                clauses = {
                    name: simplify(c, self.problem.known) for name, c in decision.open_clauses(cohort).items()
                }
                if all(evaluate(c, self.outcome.completion) is not False for c in clauses.values()):
                    return clauses
        raise EngineError("a route satisfies no cohort")

    def _join(self, names: set[str]) -> None:
        self.joint = names
        self.together = {
            name: condition
            for name, condition in self.clauses.items()
            if not variables(condition).isdisjoint(names)
        }

    def run(self) -> Required:
        """What is required."""
        names, regions = self._starts()
        if not self._certain(regions):
            in_theory = frozenset(name for each in self.compared_in_theory for name in variables(each))
            self._join(self.joint | (in_theory & {name for name in names if _is_number(regions[name])}))
            names, regions = self._starts()
        for name in names:
            for cell in self._cells(name):
                if cell in regions[name] or self._refuted(name, cell):
                    continue
                if self._certain({**regions, name: [cell]}):
                    regions[name].append(cell)
        results = [self._requirement(name, regions[name]) for name in names]
        open_names = frozenset(
            name
            for condition in self.together.values()
            for name in variables(condition)
            if not is_exact(self.problem.known[name])
        )
        told = open_names <= frozenset(self.outcome.names)
        return Required(tuple(results), tuple(sorted(self.together)), tuple(sorted(self.joint)), told)

    def _starts(self) -> tuple[list[str], dict[str, list[Domain]]]:
        """The variables that are required one by one, each with the cell that the outcome shows."""
        names = [name for name in self.outcome.names if name not in self.joint]
        return names, {name: [self._start(name)] for name in names}

    def _breaks(self, name: str) -> list[Fraction] | None:
        """The numbers at which a comparison of the variable can change; None if some comparison is with other open variables."""
        domain = self.problem.known[name]
        found: set[Fraction] = set()
        if isinstance(domain, Interval):
            for comparison in self.compared:
                if name in variables(comparison):
                    each = breaks(comparison, name, domain)
                    if each is None:
                        return None
                    found.update(each)
        return sorted(found)

    def _cells(self, name: str) -> list[Domain]:
        domain = self.problem.known[name]
        if isinstance(domain, Interval):
            return list(cells(domain, self._breaks(name) or []))
        assert isinstance(domain, frozenset)
        return list(alike(self.members, name, domain))

    def _start(self, name: str) -> Domain:
        """The cell of the value that the outcome shows."""
        value = self.outcome.completion[name]
        for cell in self._cells(name):
            if isinstance(value, Interval) and isinstance(cell, Interval):
                if Fraction(value.low) in cell:
                    return cell
            elif isinstance(value, frozenset) and isinstance(cell, frozenset) and value <= cell:
                return cell
        raise AssertionError(name)

    def _certain(self, regions: dict[str, list[Domain]]) -> bool:
        """Whether values within the regions are possible, and with all of them the trial is satisfied."""
        within: list[Condition] = list(self.together.values())
        for name, parts in regions.items():
            within.append(disjunction([stated(self.problem, name, part) for part in parts]))
        if not self.refuter.certain(within):
            return False
        return self.problem.oracle.possible([*within, *self.clauses.values()]) is not None

    def _refuted(self, name: str, cell: Domain) -> bool:
        """Whether the outcome itself, with a value of the cell in place of its own, is a completion that fails the trial."""
        sample = point(choices(cell)[0], whole=cell.whole) if isinstance(cell, Interval) else cell
        changed = {**self.outcome.completion, name: sample}
        stands = (*self.together.values(), *self.sought.theory)
        about = [condition for condition in stands if name in variables(condition)]
        return all(evaluate(condition, changed) is True for condition in (*self.sought.fails, *about))

    def _requirement(self, name: str, parts: list[Domain]) -> Requirement:
        possible = self.problem.known[name]
        allowed: Values
        if isinstance(possible, Interval):
            joined: list[Interval] = []
            for cell in self._cells(name):
                if cell in parts:
                    assert isinstance(cell, Interval)
                    append_cell(joined, cell)
            allowed = tuple(joined)
        else:
            allowed = frozenset(value for part in parts for value in part)  # type: ignore[assignment]
        variable = self.problem.library.variables[name]
        return Requirement(name, possible, allowed, (), requirement_text(possible, allowed, variable))


def _is_number(parts: list[Domain]) -> bool:
    return isinstance(parts[0], Interval)
