"""Conditions simplified within what is known, in which equal parts are one object: what is found of a part serves wherever it stands.

Of a patient of whom nothing but the age of 40 is known, both of these have one and the same `score <= 2`:

    age >= 18 and score <= 2           score <= 2
    not (treated or score <= 2)        not treated and not (score <= 2), each again a part by itself
"""

from __future__ import annotations

from collections.abc import Iterator

from solver.evaluation.simplify import simplify
from solver.language import tree as t
from solver.language.domain import Environment
from solver.work import spend


class SharedConditions:
    """Simplifies conditions within what is `known`, and keeps every part of them."""

    def __init__(self, known: Environment) -> None:
        self.known = known
        self._found: dict[int, tuple[t.Condition, t.Condition]] = {}
        self._parts: dict[int, tuple[t.Condition, tuple[t.Condition, ...]]] = {}
        self._single: dict[t.Condition, t.Condition] = {}
        self._joined: dict[tuple[type, tuple[int, ...]], t.Condition] = {}
        self._denied: dict[int, t.Condition] = {}

    def parts(self, condition: t.Condition) -> tuple[t.Condition, ...]:
        """What must hold, part by part, for the condition to hold; nothing where it does of everyone."""
        found = self._parts.get(id(condition))
        if found is None:
            # the condition is kept as well, so that no other one gets its identity
            found = self._parts[id(condition)] = condition, tuple(self._parts_left(self.of(condition)))
        return found[1]

    def _parts_left(self, left: t.Condition) -> Iterator[t.Condition]:
        match left:
            case t.And(conditions):
                yield from conditions
            case t.Not(t.Or(conditions)) if not isinstance(left.condition, t.OneOf):
                yield from map(self.negation, conditions)
            case t.Truth(True):
                return
            case _:
                yield left

    def of(self, condition: t.Condition) -> t.Condition:
        """The condition that is left: equivalent to it for all values that are known to be possible."""
        found = self._found.get(id(condition))
        if found is None:
            found = self._found[id(condition)] = condition, self._left_of(condition)
        return found[1]

    def _left_of(self, condition: t.Condition) -> t.Condition:
        if isinstance(condition, t.Not):
            return self.negation(self.of(condition.condition))
        # the subclass of `Or` that says which of several numbers one is stays whole
        if type(condition) in (t.And, t.Or):
            return self._joined_parts(condition)  # type: ignore[arg-type]
        spend(t.size(condition))
        left = simplify(condition, self.known)
        if isinstance(left, t.Not) or type(left) in (t.And, t.Or):
            return self._left_of(left)
        return self._single.setdefault(left, left)

    def _joined_parts(self, condition: t.And | t.Or) -> t.Condition:
        kind = type(condition)
        neutral, decisive = (t.TRUE, t.FALSE) if kind is t.And else (t.FALSE, t.TRUE)
        parts: dict[int, t.Condition] = {}
        for part in condition.conditions:
            left = self.of(part)
            if left == decisive:
                return self._single.setdefault(left, left)
            for each in left.conditions if type(left) is kind else (left,):
                if each != neutral:
                    parts[id(each)] = each
        if not parts:
            return self._single.setdefault(neutral, neutral)
        if len(parts) == 1:
            return next(iter(parts.values()))
        return self._joined.setdefault((kind, tuple(parts)), kind(tuple(parts.values())))

    def negation(self, condition: t.Condition) -> t.Condition:
        """That a condition which this gave does not hold."""
        found = self._denied.get(id(condition))
        if found is None:
            denied = t.negation(condition)
            found = self._denied[id(condition)] = (
                self._single.setdefault(denied, denied) if isinstance(denied, t.Truth) else denied
            )
            self._denied[id(found)] = condition
        return found
