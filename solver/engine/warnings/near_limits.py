"""Near limits: which settled clauses would stand otherwise if one exact result were a little different.

A quantity is moved by `SHARE` of itself, a date by `DAYS`. Three-valued evaluation decides, over all values in between, and the solver
where it was needed before; a mark never changes an answer.

    I1  level >= 8    a level of 8.2 is moved by 5 % to 7.79, which does not meet it: near the limit
                      a level of 9 is moved to 8.55, which does: not near

Of replicates that disagree, each is tried by itself in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from functools import cached_property

from solver.engine.answer import AnswerWarning
from solver.engine.oracle import Oracle
from solver.engine.problem import Problem, plausible, within
from solver.evaluation.evaluate import evaluate
from solver.evaluation.narrow import Narrowing, assume
from solver.evaluation.propagate import Conditions
from solver.language.domain import Environment, Inconsistent, Interval, intersect, point
from solver.language.tree import Condition, variables
from solver.language.types import DateType, QuantityType
from solver.library.models import Variable
from solver.patient.record import Fact
from solver.text import listed
from solver.work import OutOfBudget, allowed, uncounted

NEAR = "near-limit"
"""The code of the warning."""

_A_LOOK = 100_000
"""The work that may go into looking whether a clause stays settled, which is looked at once whatever trial asks."""

SHARE = Fraction(1, 20)
DAYS = 7


def margin(variable: Variable) -> str:
    """By how much a result is moved, in words."""
    return f"{DAYS} days" if isinstance(variable.type, DateType) else f"{SHARE * 100} %"


class NearLimits:
    """What lies around the exact results of one consistent record; `look` collects what is near, `warnings` says it."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._recorded: dict[str, Environment] = {}
        self._closed: dict[str, Environment] = {}
        self._known: dict[tuple[int, str], bool] = {}
        self._found: dict[str, dict[str, None]] = {}

    @cached_property
    def _moved(self) -> dict[str, Interval]:
        """The values around each exact result."""
        facts = self._problem.record.facts.items()
        moved = ((name, _moved_result(self._problem, name, fact)) for name, fact in facts)
        return {name: each for name, each in moved if each is not None}

    def look(self, clause: str, condition: Condition, truth: bool, facts: Iterable[str]) -> None:
        """Note whether the condition of a clause, which the facts force, depends on the exact value of one of them."""
        for name in facts:
            if name in self._moved:
                key = (id(condition), name)
                if key not in self._known:
                    self._known[key] = self._is_near(name, condition, truth)
                if self._known[key]:
                    self._found.setdefault(name, {})[clause] = None

    def warnings(self) -> Iterable[AnswerWarning]:
        """One warning for each result that is near a limit, in the order of the vocabulary."""
        for name, variable in self._problem.library.variables.items():
            if name in self._found:
                clauses = tuple(self._found[name])
                limits = "limit" if len(clauses) == 1 else "limits"
                listed = " and ".join(filter(None, (", ".join(clauses[:-1]), clauses[-1])))
                fact = self._problem.record.facts[name]
                replicates = fact.written is not None and fact.written.replicates
                value = f"({fact.text})" if replicates else fact.text
                text = f"{variable.label} {value} is within {margin(variable)} of the {limits} of {listed}"
                yield AnswerWarning(code=NEAR, text=text, variable=name, clauses=clauses)

    def _is_near(self, name: str, condition: Condition, truth: bool) -> bool:
        if name not in self._recorded:
            self._recorded[name] = {**self._problem.widest, name: self._moved[name]}
        if evaluate(condition, self._recorded[name]) is truth:
            return False
        if name not in self._closed:
            with uncounted(0):  # whoever asks first does not pay for those who ask after
                self._closed[name] = known_with(self._problem, name, self._moved[name])
        around = self._closed[name]
        if evaluate(condition, around) is truth:
            return False
        try:
            assume(condition, not truth, dict(around), set())
        except Inconsistent:
            return False
        seen = evaluate(condition, self._problem.known) is truth
        return seen or not self._stays_settled(condition, truth, around)

    def _stays_settled(self, condition: Condition, truth: bool, around: Environment) -> bool:
        """Whether a clause that only the solver could settle stays settled, or the solver gave up."""
        problem = self._problem
        theory = [*(axiom.condition for axiom in problem.axioms), *problem.choices.values()]
        left = [stated for stated in theory if evaluate(stated, around) is not True]
        try:
            oracle = Oracle(problem.types, around, left, problem.budget, search=problem.search)
            with uncounted(0), allowed(_A_LOOK), oracle.afresh():
                return oracle.settle(condition) is truth
        except OutOfBudget:
            return True


def known_with(problem: Problem, name: str, domain: Interval) -> Environment:
    """What is known with other values of a recorded number: only what the theory links to it has to be closed again.

    Raises `Inconsistent` where the rest of the record does not allow them.
    """
    linked = problem.library.linked[name]
    known: Narrowing = dict(problem.known)
    for other in linked:
        known[other] = left = problem.assumed.get(other, problem.widest[other])
        if other in problem.ranged and isinstance(left, Interval):
            likely = plausible(problem.library.variables[other], problem.record.as_of)
            assert isinstance(likely, Interval)
            known[other] = intersect(left, likely)
    known[name] = domain
    theory = [axiom.condition for axiom in problem.axioms if problem.library.mentions[axiom.id] & linked]
    theory += [choice for other, choice in problem.choices.items() if other in linked]
    Conditions(theory).close(known)
    return known


def _moved_result(problem: Problem, name: str, fact: Fact) -> Interval | None:
    """The values around an exact quantity or date; None for any other fact."""
    variable, domain = problem.library.variables[name], fact.domain
    if not isinstance(domain, Interval) or not domain.exact:
        return None
    if isinstance(variable.type, QuantityType):
        value = Fraction(domain.low)
        return Interval(value * (1 - SHARE), value * (1 + SHARE)) if value else None
    if isinstance(variable.type, DateType):
        day = int(domain.low)
        days = Interval(day - DAYS, day + DAYS, whole=True)
        moved = within(variable, Fact(name, days, fact.text), problem.record.as_of)
        assert isinstance(moved, Interval)
        return moved
    return None


class Replicates:
    """The replicates that a warning says disagree; `look` collects what a single one would change, `said` adds it to the warning."""

    def __init__(self, problem: Problem, warnings: Iterable[AnswerWarning]) -> None:
        self._problem = problem
        warned = any(each.variable for each in warnings)
        checks = problem.library.checks if warned else ()
        codes = {(check.id, check.variable) for check in checks if check.of_replicates}
        named = [each.variable for each in warnings if each.variable and (each.code, each.variable) in codes]
        self._codes = codes
        self._single = {name: self._known_with_each(name) for name in named}
        self._found: dict[str, dict[tuple[bool, int], dict[str, None]]] = {name: {} for name in named}

    @property
    def any(self) -> bool:
        """Whether there are replicates that disagree."""
        return bool(self._single)

    def look(self, clause: str, condition: Condition, truth: bool) -> None:
        """Note how many of the replicates, each by itself, would change a settled clause."""
        for name, singles in self._single.items():
            if self._problem.library.linked[name].isdisjoint(variables(condition)):
                continue
            count = sum(evaluate(condition, known) is (not truth) for known in singles)
            if count:
                self._found[name].setdefault((truth, count), {})[clause] = None

    def said(self, warnings: Iterable[AnswerWarning]) -> list[AnswerWarning]:
        """The warnings, with what single replicates would change."""
        return [self._with_clauses(warning) for warning in warnings]

    def _with_clauses(self, warning: AnswerWarning) -> AnswerWarning:
        changed = self._found.get(warning.variable or "")
        if not changed or (warning.code, warning.variable) not in self._codes:
            return warning
        parts = [
            f"{count} of them would {'not meet' if truth else 'meet'} {listed(list(clauses))}"
            for (truth, count), clauses in changed.items()
        ]
        clauses = dict.fromkeys(clause for found in changed.values() for clause in found)
        text = f"{warning.text.removesuffix('.')}, and {listed(parts)}."
        return replace(warning, text=text, clauses=tuple(clauses))

    def _known_with_each(self, name: str) -> list[Environment]:
        """What would be known with each of the replicates in place of their mean, where the rest allows it."""
        written = self._problem.record.facts[name].written
        found: list[Environment] = []
        for value in written.replicates if written is not None else ():
            try:
                found.append(known_with(self._problem, name, point(value)))
            except Inconsistent:
                continue
        return found
