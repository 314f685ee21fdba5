"""Two patients at once: the same conditions, said of a second patient who shares with the first all variables but some."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields, is_dataclass, replace
from typing import Any

from solver.engine.oracle import Oracle
from solver.engine.problem import Problem
from solver.language.tree import BooleanVariable as Flag
from solver.language.tree import Condition, Member, variables
from solver.language.tree import NumberVariable as Number

_MARK = "other!"


def other(name: str) -> str:
    """What the variable is called of the second patient, where it is not shared."""
    return f"{_MARK}{name}"


def of_other(condition: Condition, own: Collection[str]) -> Condition:
    """The condition, said of the second patient, who shares all variables but these with the first."""
    found: Condition = _renamed_part(condition, own)
    return found


def _renamed_part(part: Any, own: Collection[str]) -> Any:
    if isinstance(part, tuple):
        return tuple(_renamed_part(each, own) for each in part)
    if isinstance(part, Flag | Number | Member):
        return replace(part, name=other(part.name)) if part.name in own else part
    if not is_dataclass(part) or isinstance(part, type):
        return part
    return replace(
        part, **{field.name: _renamed_part(getattr(part, field.name), own) for field in fields(part)}
    )


class TwoCopies:
    """Two patients of a problem who share all variables but their `own`."""

    def __init__(self, problem: Problem, own: Collection[str]) -> None:
        self.own = frozenset(own)
        types = {**problem.types, **{other(name): problem.types[name] for name in self.own}}
        known = {**problem.known, **{other(name): problem.known[name] for name in self.own}}
        theory = problem.oracle.theory
        second = [of_other(c, self.own) for c in theory if not variables(c).isdisjoint(self.own)]
        self._second: dict[int, tuple[Condition, Condition]] = {}
        self.oracle = Oracle(types, known, [*theory, *second], problem.budget, search=problem.search)

    def second(self, condition: Condition) -> Condition:
        """The condition, said of the second of them."""
        if variables(condition).isdisjoint(self.own):
            return condition
        if id(condition) not in self._second:
            self._second[id(condition)] = (condition, of_other(condition, self.own))
        return self._second[id(condition)][1]
