"""Replicates that disagree: which settled clauses a single one of them would change. It changes no answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from solver.engine.answer import AnswerWarning
from solver.engine.problem import Problem
from solver.engine.warnings.near_limits import known_with
from solver.evaluation.evaluate import evaluate
from solver.language.domain import Environment, Inconsistent, point
from solver.language.tree import Condition, variables
from solver.text import listed


class Replicates:
    """The replicates that a warning says disagree; `look` collects what a single one would change, `said` adds it to the warning."""

    def __init__(self, problem: Problem, warnings: Iterable[AnswerWarning]) -> None:
        self._problem = problem
        codes = {(check.id, check.variable) for check in problem.library.checks if check.of_replicates}
        named = [
            warning.variable
            for warning in warnings
            if warning.variable and (warning.code, warning.variable) in codes
        ]
        self._codes = codes
        self._single = {name: self._known_with_each(name) for name in named}
        self._found: dict[str, dict[tuple[bool, int], dict[str, None]]] = {name: {} for name in named}

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
