"""What the facts that a repair changes would have to be, what is left then, and whether it means that the patient gets worse."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from solver.dataclass import dataclass
from solver.engine.answer import Requirement
from solver.engine.decision import Decision
from solver.engine.finding_out.required_alone import required_alone
from solver.engine.problem import Problem, widest
from solver.engine.requirement_words import requirement_on
from solver.engine.requirements import requirements
from solver.evaluation.breakpoints import append_cell, breaks, cells, coupled_breaks
from solver.evaluation.build import kind_of, within_interval
from solver.evaluation.compared_parts import comparisons
from solver.evaluation.simplify import simplify
from solver.language import tree as t
from solver.language.domain import BOTH, Domain, Inconsistent, Interval, intersect, is_exact
from solver.language.types import BooleanType, EnumerationType
from solver.library.models import Variable
from solver.questions.match.answer import Jointly
from solver.work import OutOfBudget

_NARROW = Fraction(1, 1000)
"""Between what is necessary and what is sufficient, a gap of this share of the number itself is one of rounding only."""

Required = Mapping[str, Requirement | None]
Left = tuple[tuple[Jointly, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a repair asks: if each changed fact is as required, and the other clauses are met, the patient is eligible.

    `such_that` are clauses that turn on a changed fact and on other open variables, `still_open` those that turn on nothing that changes.
    """

    requirements: Required
    such_that: tuple[Jointly, ...] = ()
    still_open: tuple[str, ...] = ()


def asked(problem: Problem, then: Problem, after: Decision, names: Sequence[str]) -> Asked:
    """What the changed facts would have to be; `then` and `after` are the problem and the decision without what a repair changes.

    All values that can be part of it are allowed, if all of them together are enough but for what is not recorded. Otherwise those are
    given that are enough for one cohort, the one that leaves the fewest clauses open. Raises `OutOfBudget`.
    """
    possible = [cohort for cohort, found in after.cohorts.items() if found in ("undetermined", "eligible")]
    if not possible:
        raise OutOfBudget("budget")
    whole = _Asking(problem, then, after, possible).asked(names)
    if not whole.such_that:
        return whole
    alone = [_Asking(problem, then, after, [cohort]).asked(names) for cohort in possible]
    return min(alone, key=lambda each: (len(each.such_that), len(each.still_open)))


class _Asking:
    """What is asked for one of some cohorts."""

    def __init__(self, problem: Problem, then: Problem, after: Decision, cohorts: Sequence[str]) -> None:
        self.problem, self.then, self.cohorts = problem, then, cohorts
        verdicts = {c: v if c in cohorts else "ineligible" for c, v in after.cohorts.items()}
        self.after = replace(after, cohorts=verdicts)
        self.certain = after.verdict == "eligible"

    def asked(self, names: Sequence[str]) -> Asked:
        """The requirements, and the clauses of the cohort that they leave the fewest open in."""
        found = {name: self._required_alone(name) for name in names}
        if self.certain:
            return Asked(found)
        such_that, still_open = self._left_of(found, names)
        if such_that:
            numbers = {name: self._coupled_number(name, found, such_that) for name in names}
            found |= {name: number for name, number in numbers.items() if number is not None}
            such_that, still_open = self._left_of(found, names)
        return Asked(found, such_that, still_open)

    def _left_of(self, found: Required, names: Sequence[str]) -> Left:
        """The clauses that may fail all the same: those that turn on a changed fact, and the others."""
        box = self._required_box(found)
        capped = self.after.extent.capped
        ways = [list(self.after.open_clauses(c).values()) for c in self.cohorts if c not in capped]
        fails = [t.negation(t.conjunction(clauses)) for clauses in ways]
        if fails and self.then.oracle.possible([*box, *fails]) is None:
            return (), ()
        left = (self._left_in(cohort, box, found, names) for cohort in self.cohorts)
        return min(left, key=lambda each: [*map(len, each)])

    def _left_in(
        self, cohort: str, box: Sequence[t.Condition], found: Required, names: Sequence[str]
    ) -> Left:
        """Those of one cohort: what it keeps as text is left in any case."""
        joint, others = [], list(self.after.extent.capped.get(cohort, ()))
        for name, condition in self.after.open_clauses(cohort).items():
            if self.then.oracle.possible([*box, t.negation(condition)]) is not None:
                turning = self._turns_on(condition, found, names)
                if turning:
                    joint.append(Jointly(name, turning))
                else:
                    others.append(name)
        return tuple(joint), tuple(sorted(others))

    def _turns_on(self, condition: t.Condition, found: Required, names: Sequence[str]) -> tuple[str, ...]:
        """The open variables that a clause speaks of, if one of the names is among them or linked to them."""
        known = dict(self.then.known)
        for name, each in found.items():
            if each is not None and isinstance(each.allowed, frozenset):
                known[name] = each.allowed
        said = t.variables(simplify(condition, known)) & known.keys()
        direct = frozenset(name for name in said if not is_exact(known[name]))
        lists = {name for name in names if name in self.then.library.lists}
        through = frozenset[str]().union(*(self.then.library.linked.get(name, ()) for name in direct))
        near = self.then.oracle.cone(direct) | (through & lists)
        near -= {name for name in near if name in known and name not in lists and is_exact(known[name])}
        return tuple(sorted(direct)) if not near.isdisjoint(names) else ()

    def _required_box(self, found: Required) -> list[t.Condition]:
        return [
            _one_of_values(self.then.library.variables[name], each.allowed)
            for name, each in found.items()
            if each is not None and each.allowed is not None
        ]

    def _required_alone(self, name: str) -> Requirement | None:
        """What one changed fact would have to be with which the trial can be satisfied.

        Where more than the fact itself decides, at least on which side of what is recorded it lies, if that is certain.
        """
        library = self.then.library
        if name in library.lists:
            return None
        recorded, variable = self.problem.widest[name], library.variables[name]
        if isinstance(variable.type, BooleanType) and is_exact(recorded):
            # with the recorded value nothing would be repaired
            other = BOTH - recorded  # type: ignore[operator]
            return requirement_on(variable, BOTH, other)
        found = self._from_clauses(name)
        if found is None or found.text is None:
            return _certain_side(self.then, self.after, variable, recorded, found)
        return found

    def _from_clauses(self, name: str) -> Requirement | None:
        met = [cohort for cohort in self.cohorts if self.after.met(cohort)]
        if not self.certain and not met:
            (found,) = requirements(self.then, self.after, [name])
            return found
        for cohort in sorted(met, key=lambda each: each in self.after.extent.capped):
            whole = t.conjunction([condition for _, condition, _ in self.after.clauses(cohort)])
            return required_alone(self.then, whole, name)
        return None

    def _coupled_number(self, name: str, found: Required, joint: Sequence[Jointly]) -> Requirement | None:
        """The values of a number with which the trial can be satisfied, where it is coupled with others; None if that tells nothing.

        Where it is certain of them that the joint clauses that turn on the number are met, but for rounding, only such values are given.
        """
        domain, library = self.then.known[name], self.then.library
        if not isinstance(domain, Interval) or name in library.lists or is_exact(domain):
            return None
        groups = [list(self.after.open_clauses(cohort).values()) for cohort in self.cohorts]
        wanted = {each.clause for each in joint}
        certain = [
            condition
            for cohort in self.cohorts
            for clause, condition in self.after.open_clauses(cohort).items()
            if clause in wanted and self._turns_on(condition, found, [name])
        ]
        if not certain:
            return None
        term = t.NumberVariable(name, kind_of(library.variables[name].type))
        allowed: list[Interval] = []
        enough: list[Interval] = []
        rounded = True
        for cell in cells(domain, sorted(self._cut_values(name, domain, certain))):
            within = within_interval(term, cell)
            if all(self.then.oracle.possible([within, *group]) is None for group in groups):
                continue
            append_cell(allowed, cell)
            if all(self.then.oracle.possible([within, t.negation(each)]) is None for each in certain):
                append_cell(enough, cell)
            else:
                rounded = rounded and _is_narrow(cell)
        if not allowed:
            return None
        shown = tuple(enough if rounded and enough else allowed)
        required = requirement_on(library.variables[name], domain, shown)
        return required if required.text is not None else None

    def _cut_values(self, name: str, domain: Interval, conditions: Iterable[t.Condition]) -> set[Fraction]:
        """The values at which an answer can change: by a comparison of the number alone, by a coupled one, or at what is recorded."""
        known = self.then.known
        compared = comparisons([simplify(c, known) for c in (*conditions, *self.then.oracle.theory)])
        found = coupled_breaks(compared, name, known)
        for comparison in compared:
            if t.variables(comparison) == {name}:
                found.update(breaks(comparison, name, domain) or ())
        recorded = self.problem.widest[name]
        assert isinstance(recorded, Interval)
        return found | {Fraction(end) for end in (recorded.low, recorded.high) if not isinstance(end, float)}


def _one_of_values(
    variable: Variable, allowed: frozenset[bool] | frozenset[str] | tuple[Interval, ...]
) -> t.Condition:
    if isinstance(allowed, tuple):
        term = t.NumberVariable(variable.name, kind_of(variable.type))
        return t.disjunction([within_interval(term, part) for part in allowed])
    if isinstance(variable.type, BooleanType):
        flag = t.BooleanVariable(variable.name)
        return t.disjunction([flag if value else t.negation(flag) for value in sorted(map(bool, allowed))])
    return t.Member(variable.name, frozenset(map(str, allowed)))


def _is_narrow(cell: Interval) -> bool:
    if isinstance(cell.low, float) or isinstance(cell.high, float):
        return False
    return Fraction(cell.high - cell.low) <= Fraction(cell.high) * _NARROW


def _certain_side(
    then: Problem, after: Decision, variable: Variable, recorded: Domain, found: Requirement | None
) -> Requirement | None:
    """That a number lies below what is recorded, or above it; what was found if neither is certain."""
    if not isinstance(recorded, Interval):
        return found
    term = t.NumberVariable(variable.name, kind_of(variable.type))
    if not _can_hold(then, after, [within_interval(term, Interval(recorded.low, math.inf, False, True))]):
        side = Interval(-math.inf, recorded.low, True, True)
    elif not _can_hold(then, after, [within_interval(term, Interval(-math.inf, recorded.high, True, False))]):
        side = Interval(recorded.high, math.inf, True, True)
    else:
        return found
    possible = widest(variable, then.record.as_of)
    assert isinstance(possible, Interval)
    try:
        allowed = (intersect(possible, side),)
    except Inconsistent:
        return found
    return requirement_on(variable, possible, allowed)


def worsening(problem: Problem, then: Problem, after: Decision, names: Sequence[str]) -> frozenset[str]:
    """The changed variables that mean that the patient gets worse: each of those that must, or all if only together they must."""
    variables, widest_of = problem.library.variables, problem.widest
    kept = {n: s for n in names if (s := not_worse(variables[n], widest_of[n])) is not None}
    if not kept or _can_hold(then, after, list(kept.values())):
        return frozenset()
    alone = frozenset(name for name in kept if not _can_hold(then, after, [kept[name]]))
    return alone or frozenset(kept)


def not_worse(variable: Variable, recorded: Domain) -> t.Condition | None:
    """That a variable does not mean that the patient is worse than recorded; None where no value of it means so."""
    if variable.worse in ("true", "false"):
        flag = t.BooleanVariable(variable.name)
        return t.negation(flag) if variable.worse == "true" else flag
    if variable.worse is None:
        return None
    if isinstance(variable.type, EnumerationType) and isinstance(recorded, frozenset):
        order = variable.type.values if variable.worse == "higher" else variable.type.values[::-1]
        last = max(order.index(str(value)) for value in recorded)
        return t.Member(variable.name, frozenset(order[: last + 1]))
    if not isinstance(recorded, Interval):
        return None
    term = t.NumberVariable(variable.name, kind_of(variable.type))
    low, high = recorded.low, recorded.high
    better = (-math.inf, high, True, False) if variable.worse == "higher" else (low, math.inf, False, True)
    return within_interval(term, Interval(*better))


def _can_hold(then: Problem, after: Decision, conditions: Sequence[t.Condition]) -> bool:
    """Whether some completion satisfies the trial and the conditions. Raises `OutOfBudget`."""
    return any(
        verdict != "ineligible"
        and then.oracle.possible([*after.open_clauses(cohort).values(), *conditions]) is not None
        for cohort, verdict in after.cohorts.items()
    )
