"""Requirements: which values of a missing variable still let a patient into the trial.

The requirement of a variable is the set of its values with which some completion satisfies the trial: every other value ends it. It is
exact: the values at which a criterion can change are computed from the criteria, and each of them, and what lies between, is
decided.

    I1  level >= 8
    I2  score <= 2 or level < 12    nothing is recorded

The level can change something at 8 and at 12: below 8 nobody is let in, from 8 up somebody is, so that at least 8 is required. The score
can at 2, but a level between 8 and 12 lets in whoever has more: of the score nothing is required.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property

from solver.engine.answer import Requirement, Values
from solver.engine.decision import Decision
from solver.engine.problem import Problem, pose
from solver.engine.requirement_words import is_event_day, requirement_on
from solver.evaluation import breakpoints
from solver.evaluation.build import kind_of, takes_one_of, within_interval
from solver.evaluation.cases import ways_to_hold
from solver.evaluation.compared_parts import comparisons_by_variable, memberships
from solver.evaluation.evaluate import evaluate
from solver.evaluation.narrow import Narrowing, assume
from solver.evaluation.propagate import Conditions, choices, complete
from solver.language import tree as t
from solver.language.calendar import AFTER_EVERY_DAY, BEFORE_EVERY_DAY
from solver.language.domain import Domain, Environment, Inconsistent, Interval, is_exact, point
from solver.language.types import ConceptType
from solver.work import OutOfBudget, check_left, spend, uncounted, worked_out_once


def requirements(problem: Problem, decision: Decision, names: Sequence[str]) -> tuple[Requirement, ...]:
    """The requirement of each of the open variables of an undetermined trial.

    What the theory assumes of a variable only as long as it is not recorded says nothing of its values.
    """
    found = _requirement_of_each(problem, decision, names)
    return tuple(_with_concepts(problem, decision, each) for each in found)


def _with_concepts(problem: Problem, decision: Decision, found: Requirement) -> Requirement:
    """The requirement on a variable whose value is a concept, with what is required of that concept besides."""
    if not isinstance(problem.types.get(found.variable), ConceptType):
        return found
    asked = {}
    for name, variable in decision.trial.terms.items():
        term = variable.term
        if (
            term is not None
            and term.question == "is"
            and term.variable == found.variable
            and term.of is not None
        ):
            asked[name] = term.of.text
    asked = {name: text for name, text in asked.items() if not is_exact(problem.known[name])}
    words = [] if found.require is None else [found.require]
    for each in _requirement_of_each(problem, decision, list(asked)):
        if each.require is not None:
            words.append(f"{'' if each.require == 'true' else 'not '}{asked[each.variable]}")
    return replace(found, require=" and ".join(words)) if words else found


def values_alone(
    problem: Problem, decision: Decision, missing: Sequence[Requirement], *, shown: bool = False
) -> Iterator[tuple[Requirement, Requirement]]:
    """For each open variable of an undetermined trial the values with which some completion satisfies it, and with which one fails it.

    `missing` are their requirements. Of a number that is compared with others these are exact, up to the digits to which an irrational
    threshold is told, where the comparisons are monotone in each of the others; the first may hold too many values otherwise, and
    so may the second. With `shown` only the cohorts count that are not capped: the values with which some completion is eligible, and with
    which one is not.
    """
    again_of = [each.variable for each in missing if shown or each.allowed is None or each.with_others]
    ways = {"alone": True, "shown": shown}
    again = {each.variable: each for each in _requirement_of_each(problem, decision, again_of, **ways)}
    names = [each.variable for each in missing]
    others = _requirement_of_each(problem, decision, names, failed=True, **ways)
    for each, other in zip(missing, others, strict=True):
        yield again.get(each.variable, each), other


Groups = list[list[t.Condition]]


def _all_cohorts(decision: Decision, shown: bool) -> Groups:
    """Every clause of every cohort, but for what a policy counts as met."""
    counted = decision.counted
    return [
        [condition for name, condition, _ in decision.clauses(cohort) if (name, cohort) not in counted]
        for cohort in decision.cohorts
        if not (shown and cohort in decision.extent.capped)
    ]


def _once_recorded(problem: Problem, name: str) -> Problem | None:
    """The problem without what is assumed of a variable only as long as it is not recorded; None if nothing is."""
    gone = [
        axiom
        for axiom in problem.axioms
        if axiom.assumption is not None
        and name in axiom.while_unrecorded
        and all(other == name or other in problem.record.facts for other in axiom.while_unrecorded)
    ]
    if not gone:
        return None
    library = replace(problem.library, axioms=tuple(a for a in problem.library.axioms if a not in gone))
    return pose(library, problem.record, problem.budget, search=problem.search, assumed=problem.assumed)


def _requirement_of_each(
    problem: Problem,
    decision: Decision,
    names: Sequence[str],
    *,
    failed: bool = False,
    alone: bool = False,
    shown: bool = False,
) -> tuple[Requirement, ...]:
    """The values of each variable with which all conditions of some cohort can hold, or with `failed` those of none.

    With `shown` these are the cohorts that are not capped.
    """
    if not names:
        return ()
    for name in names:
        if name not in problem.once_recorded:
            with uncounted(0):  # whoever asks first does not pay for those who ask after
                problem.once_recorded[name] = _once_recorded(problem, name)
    others = {name: found for name in names if (found := problem.once_recorded[name]) is not None}

    def groups(cohorts: Groups) -> Groups:
        # that every cohort fails is one group
        return [[t.negation(t.conjunction(conditions)) for conditions in cohorts]] if failed else cohorts

    search = None
    if len(others) < len(names):
        left = [list(decision.open_clauses(cohort).values()) for cohort in decision.hopeful(shown=shown)]
        search = _search_opened(problem, groups(left), alone, apart=problem.search and not (failed or alone))
    every = groups(_all_cohorts(decision, shown))
    return tuple(
        _requirement_found(others[name], _search_opened(others[name], every, alone), name)
        if name in others
        else _requirement_found(problem, search, name)
        for name in names
    )


def _search_opened(
    problem: Problem, groups: Groups, alone: bool, *, apart: bool = False
) -> _Requirements | None:
    try:
        return _Requirements(problem, groups, alone=alone, apart=apart)
    except OutOfBudget:
        return None


def _requirement_found(problem: Problem, search: _Requirements | None, name: str) -> Requirement:
    if search is not None:
        return search.of(name)
    return Requirement(variable=name, possible=problem.known[name], allowed=None)


Allows = Callable[[str, Domain, t.Condition], bool]


class _LeftOpen(Exception):
    """Evaluation of what speaks of a variable alone does not say whether a value is allowed."""


class _Requirements:
    """The values of single variables with which all conditions of some group can hold.

    With `apart` each group can hold, and a variable that nothing else bears on is looked at by itself: all trials that ask the same of it
    require the same.
    """

    def __init__(
        self, problem: Problem, groups: Sequence[Sequence[t.Condition]], *, alone: bool, apart: bool
    ) -> None:
        self.problem, self.alone, self.apart = problem, alone, apart
        simple = problem.oracle.simple
        self.cohorts = [[simple(c) for c in group] for group in groups]
        self.theory = problem.oracle.simple_theory
        self.in_theory = problem.oracle.compared_in_theory
        self._parts: dict[tuple[int, int], list[t.Condition]] = {}
        self._speaking: dict[int, Conditions] = {}
        self._sizes: dict[int, int] = {}
        self._left_by: dict[int, tuple[Conditions, Narrowing]] = {}

    @cached_property
    def boxes(self) -> list[tuple[list[t.Condition], Environment]]:
        """The groups that can hold, each with a completion on which it does. Raises `OutOfBudget`."""
        found = [(conditions, self.problem.oracle.possible_apart(conditions)) for conditions in self.cohorts]
        return [(conditions, box) for conditions, box in found if box is not None]

    @cached_property
    def in_trial(self) -> dict[str, list[t.Compare]]:
        """The comparisons of the groups that speak of each variable."""
        return comparisons_by_variable(self._different())

    @cached_property
    def members(self) -> list[t.Member]:
        """Every membership in the groups and in the theory."""
        return [*memberships(self._different()), *self.problem.oracle.members_in_theory]

    def _different(self) -> Iterable[t.Condition]:
        return {id(condition): condition for group in self.cohorts for condition in group}.values()

    def of(self, name: str) -> Requirement:
        """The requirement of one variable."""
        about = self._about_alone(name) if self.apart else None
        try:
            if about is not None:
                key = name, tuple(tuple(map(id, conditions)) for conditions in about)
                found = worked_out_once(self.problem.required, key, about, self._seen_alone, name, about)
                if found is not None:
                    return found
            return self._found(name, self._is_allowed)
        except OutOfBudget:
            return Requirement(variable=name, possible=self.problem.known[name], allowed=None)

    def _about_alone(self, name: str) -> list[list[t.Condition]] | None:
        """What each group says of a variable; None where a condition, or the theory, speaks of another open one with it."""
        if self.problem.oracle.cone({name}) != {name}:
            return None
        about = [self._about(name, conditions) for conditions in self.cohorts]
        return about if all(t.variables(c) == {name} for conditions in about for c in conditions) else None

    def _seen_alone(self, name: str, about: Sequence[Sequence[t.Condition]]) -> Requirement | None:
        """The requirement of a variable on which only these conditions bear; None where evaluation is too weak.

        What evaluates to true with a value of it does so whatever the others are: somebody of whom the group holds can have that value
        instead.
        """
        known, theory = self.problem.known, self._about(name, self.theory)

        def allows(name: str, values: Domain, stated: t.Condition) -> bool:
            within, at = {**known, name: values}, {**known, name: _sample(values)}
            left_open = False
            for conditions in about:
                spend(3 * sum(map(t.size, (*conditions, *theory))))
                if any(evaluate(c, within) is False for c in (*theory, *conditions)):
                    continue
                if all(evaluate(c, at) is True for c in (*theory, *conditions)):
                    return True
                left_open = True
            check_left()
            if left_open:
                raise _LeftOpen
            return False

        try:
            return self._found(name, allows)
        except _LeftOpen:
            return None

    def _found(self, name: str, allows: Allows) -> Requirement:
        domain = self.problem.known[name]
        if isinstance(domain, Interval):
            return self._of_number(name, domain, allows)
        assert isinstance(domain, frozenset)
        groups = breakpoints.alike(self.members, name, domain)
        allowed = [each for each in groups if allows(name, each, takes_one_of(name, each))]
        kept = {value for values in allowed for value in values}
        return self._requirement_of(name, domain, frozenset(kept))  # type: ignore[arg-type]

    def _of_number(self, name: str, domain: Interval, allows: Allows) -> Requirement:
        mine, through = self.in_trial.get(name, []), self.in_theory.get(name, [])
        if not mine and not self.alone:
            others = frozenset[str]().union(*map(t.variables, through)) - {name}
            if others:
                return Requirement(
                    variable=name, possible=domain, allowed=None, with_others=tuple(sorted(others))
                )
        at: set[Fraction] = set()
        if is_event_day(self.problem.library.variables[name]):
            at.update(map(Fraction, (BEFORE_EVERY_DAY, AFTER_EVERY_DAY)))
        together: set[str] = set()
        for comparison in mine:
            found = breakpoints.breaks(comparison, name, domain)
            together |= t.variables(comparison) - {name}
            if found is None and not together and not self.alone:
                return Requirement(variable=name, possible=domain, allowed=None)
            at.update(found or ())
        for comparison in through:
            at.update(breakpoints.breaks(comparison, name, domain) or ())
        if self.alone:
            beside = frozenset[str]().union(*map(t.variables, (*mine, *through))) - {name}
            compared = [*mine, *through]
            for other in sorted(beside):
                compared += [*self.in_trial.get(other, ()), *self.in_theory.get(other, ())]
            compared = list({id(each): each for each in compared}.values())
            at.update(breakpoints.coupled_breaks(compared, name, self.problem.known))
        variable = t.NumberVariable(name, kind_of(self.problem.types[name]))
        allowed: list[Interval] = []
        for cell in breakpoints.cells(domain, sorted(at)):
            if allows(name, cell, within_interval(variable, cell)):
                breakpoints.append_cell(allowed, cell)
        return self._requirement_of(name, domain, tuple(allowed), tuple(sorted(together)))

    def _requirement_of(
        self, name: str, possible: Domain, allowed: Values, with_others: tuple[str, ...] = ()
    ) -> Requirement:
        variable = self.problem.library.variables[name]
        found = requirement_on(variable, possible, allowed)
        return replace(found, with_others=with_others) if with_others else found

    def _is_allowed(self, name: str, values: Domain, stated: t.Condition) -> bool:
        """Whether some completion with one of the values, as the condition states them, satisfies some cohort. Raises `OutOfBudget`.

        A clause or an axiom that certainly fails with them is refutation enough, and a completion at hand that bears the change is proof.
        """
        known = {**self.problem.known, name: values}
        theory = self._about(name, self.theory)
        for cohort, box in self.boxes:
            spend(3 * (self._size_of(cohort) + sum(map(t.size, theory))))
            check_left()
            touched = [self._way_to_hold(c, box, name) for c in self._about(name, cohort)]
            touched = [way for way in touched if name in t.variables(way)]
            if any(evaluate(c, known) is False for c in (*theory, *touched)):
                continue
            changed = {**box, name: _sample(values)}
            if all(evaluate(c, changed) is True for c in (*theory, *touched)):
                return True
            if self._is_borne_near(name, stated, cohort, box):
                return True
            if self.problem.search and self._is_refuted(stated, cohort):
                continue
            ways = [self._way_to_hold(c, box, name) for c in cohort]
            for goals in (ways, cohort) if ways != cohort else (cohort,):
                if self.problem.oracle.possible([stated, *goals]) is not None:
                    return True
        return False

    def _about(self, name: str, conditions: Sequence[t.Condition]) -> list[t.Condition]:
        """Those of the conditions, of a cohort or of the theory, that speak of a variable."""
        found = self._speaking.get(id(conditions))
        if found is None:
            found = self._speaking[id(conditions)] = Conditions(conditions)
        return found.about(name)

    def _size_of(self, cohort: Sequence[t.Condition]) -> int:
        if id(cohort) not in self._sizes:
            self._sizes[id(cohort)] = sum(map(t.size, cohort))
        return self._sizes[id(cohort)]

    def _is_refuted(self, stated: t.Condition, cohort: Sequence[t.Condition]) -> bool:
        """Whether narrowing what the cohort leaves shows that what is stated does not hold with it; False says nothing."""
        kept = self._left_by.get(id(cohort))
        if kept is None:
            conditions, within = Conditions([*cohort, *self.theory]), dict(self.problem.known)
            conditions.close(within)
            kept = self._left_by[id(cohort)] = conditions, within
        conditions, within = kept
        try:
            narrowed, changed = dict(within), set[str]()
            assume(stated, True, narrowed, changed)
            conditions.close(narrowed, changed)
        except Inconsistent:
            return True
        return False

    def _is_borne_near(
        self, name: str, stated: t.Condition, cohort: Sequence[t.Condition], box: Environment
    ) -> bool:
        """Whether a completion bears the change that is like the one at hand, but for what stands in a condition with the variable."""
        if not self.problem.search:
            return False
        beside = (*self._about(name, cohort), *self._about(name, self.theory))
        moved = frozenset({name}).union(*map(t.variables, beside))
        near = {
            id(c): c for each in sorted(moved) for of in (cohort, self.theory) for c in self._about(each, of)
        }
        goals = [stated, *near.values()]
        try:
            found = complete(Conditions(goals), {**box, **{n: self.problem.known[n] for n in moved}})
        except Inconsistent:
            return False
        if found is not None:
            self.problem.oracle.learn([found])
        return found is not None

    def _way_to_hold(self, condition: t.Condition, box: Environment, name: str) -> t.Condition:
        """A part by which a condition holds on a box whatever the variable is; the condition itself if there is none."""
        key = (id(condition), id(box))
        if key not in self._parts:
            self._parts[key] = [part for part in ways_to_hold(condition) if evaluate(part, box) is True]
        return next((part for part in self._parts[key] if name not in t.variables(part)), condition)


def _sample(values: Domain) -> Domain:
    """One of some numbers; all of other values."""
    return point(choices(values)[0], whole=values.whole) if isinstance(values, Interval) else values
