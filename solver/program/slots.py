"""The conditions of many trials as one flat program: what is equal is worked out once.

A slot is a condition, and a literal a slot or its negation: 2 * slot, or 2 * slot + 1. Of `level <= 3 and not treated`, `level > 3` and
`treated or level > 3`:

    slot 0  true                          literal 0; literal 1 is false
    slot 1  level <= 3                    literal 2; literal 3 is `level > 3`
    slot 2  treated                       literal 4
    slot 3  literals 2 and 5              literal 6; literal 7 is the third condition

Slots are conjunctions, equivalences and atoms: a flag, a membership, a limit of one number, and whatever else the evaluator of trees looks
at as a whole.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import field
from fractions import Fraction
from typing import Any

from solver.dataclass import dataclass
from solver.language import domain as d
from solver.language import tree as t

Literal = int
TRUE: Literal = 0
FALSE: Literal = 1

SlotKind = Any
"""Of a slot the name of a flag, a tuple that begins with what it is, or a condition."""


@dataclass(slots=True)
class Limits:
    """The limits of one number, in order: of each whether it lies below the cut, or with `attained` at most at it, and its slot."""

    cuts: list[int | Fraction] = field(default_factory=list)
    attained: list[bool] = field(default_factory=list)
    slots: list[int] = field(default_factory=list)

    def add(self, cut: int | Fraction, attained: bool, slot: int) -> None:
        """One more, at its place."""
        at = bisect_left(self.cuts, cut)
        while at < len(self.cuts) and self.cuts[at] == cut and self.attained[at] < attained:
            at += 1
        self.cuts.insert(at, cut)
        self.attained.insert(at, attained)
        self.slots.insert(at, slot)

    def sides(self, domain: d.Interval) -> tuple[int, int]:
        """Where the limits end that are certainly false of a number, and where those begin that are certainly true."""
        cuts, attained = self.cuts, self.attained
        low, high = domain.low, domain.high
        false_end = bisect_left(cuts, low)
        while (
            false_end < len(cuts) and cuts[false_end] == low and (domain.low_open or not attained[false_end])
        ):
            false_end += 1
        true_start = false_end if low == high else bisect_left(cuts, high)
        if not domain.high_open:
            while true_start < len(cuts) and cuts[true_start] == high and not attained[true_start]:
                true_start += 1
        return false_end, true_start


@dataclass(slots=True)
class FlatProgram:
    """Slots in an order in which each stands behind those it is made of.

    `flags`, `members` and `limits` are the atoms of one variable, by its name, and `others` those that the evaluator of trees is asked for.
    """

    count: int = 1
    flags: dict[str, int] = field(default_factory=dict)
    members: dict[str, list[tuple[int, frozenset[str]]]] = field(default_factory=dict)
    limits: dict[str, Limits] = field(default_factory=dict)
    others: list[tuple[int, t.Condition]] = field(default_factory=list)
    conjunctions: list[tuple[int, tuple[Literal, ...]]] = field(default_factory=list)
    equivalences: dict[int, tuple[Literal, Literal]] = field(default_factory=dict)
    _places: dict[object, int] = field(default_factory=dict)
    _known: dict[int, tuple[t.Condition, Literal]] = field(default_factory=dict)

    def literal(self, condition: t.Condition) -> Literal:
        """The literal of a condition, whose slots are added where they are not there."""
        found = self._known.get(id(condition))
        if found is None:
            found = self._known[id(condition)] = (condition, self._compiled(condition))
        return found[1]

    def variables(self) -> frozenset[str]:
        """The names of all variables that some slot looks at."""
        return frozenset({*self.flags, *self.members, *self.limits}).union(
            *(t.variables(condition) for _, condition in self.others)
        )

    def kinds(self) -> list[SlotKind]:
        """Of each slot what it is."""
        kinds: list[SlotKind] = [t.TRUE] * self.count
        for name, slot in self.flags.items():
            kinds[slot] = name
        for name, members in self.members.items():
            for slot, wanted in members:
                kinds[slot] = "member", name, wanted
        for name, limits in self.limits.items():
            for cut, attained, slot in zip(limits.cuts, limits.attained, limits.slots, strict=True):
                kinds[slot] = "limit", name, cut, attained
        for slot, condition in self.others:
            kinds[slot] = condition
        for slot, parts in self.conjunctions:
            kinds[slot] = ("all", parts) if parts else ("same", *self.equivalences[slot])
        return kinds

    def slot(self, kind: SlotKind) -> int:
        """The slot of a kind, which is added where it is not there; its parts are literals of this program."""
        match kind:
            case str(name):
                return self._flag(name)
            case ("all", parts):
                return self._all_of(parts) >> 1
            case ("same", left, right):
                return self._same(left, right) >> 1
            case ("member", name, wanted):
                return self._member(name, wanted)
            case ("limit", name, cut, attained):
                return self._limit(name, cut, attained)
            case _:
                return self._other(kind)

    def _compiled(self, condition: t.Condition) -> Literal:
        kind = type(condition)
        if isinstance(condition, t.Truth):
            return TRUE if condition.value else FALSE
        if isinstance(condition, t.Not):
            return self.literal(condition.condition) ^ 1
        if kind is t.And:
            return self._all_of(map(self.literal, condition.conditions))  # type: ignore[union-attr]
        if kind is t.Or:
            return self._all_of(self.literal(each) ^ 1 for each in condition.conditions) ^ 1  # type: ignore[union-attr]
        if isinstance(condition, t.Iff):
            return self._same(self.literal(condition.left), self.literal(condition.right))
        if isinstance(condition, t.BooleanVariable):
            return 2 * self._flag(condition.name)
        if isinstance(condition, t.Member):
            return 2 * self._member(condition.name, condition.values)
        limit = _limit_of(condition) if isinstance(condition, t.Compare) else None
        if limit is None:
            return 2 * self._other(condition)
        name, cut, attained, negated = limit
        return 2 * self._limit(name, cut, attained) + negated

    def _place(self, key: object) -> tuple[int, bool]:
        """The slot of a key, and whether it is new."""
        slot = self._places.setdefault(key, self.count)
        new = slot == self.count
        self.count += new
        return slot, new

    def _all_of(self, literals: Iterable[Literal]) -> Literal:
        parts = tuple(sorted(set(literals) - {TRUE}))
        if FALSE in parts:
            return FALSE
        if not parts:
            return TRUE
        if len(parts) == 1:
            return parts[0]
        slot, new = self._place(parts)
        if new:
            self.conjunctions.append((slot, parts))
        return 2 * slot

    def _same(self, left: Literal, right: Literal) -> Literal:
        negated = (left & 1) ^ (right & 1)
        parts = tuple(sorted((left & ~1, right & ~1)))
        slot, new = self._place(("same", *parts))
        if new:
            self.conjunctions.append((slot, ()))
            self.equivalences[slot] = (parts[0], parts[1])
        return 2 * slot + negated

    def _flag(self, name: str) -> int:
        slot, new = self._place(name)
        if new:
            self.flags[name] = slot
        return slot

    def _member(self, name: str, values: frozenset[str]) -> int:
        slot, new = self._place((name, values))
        if new:
            self.members.setdefault(name, []).append((slot, values))
        return slot

    def _limit(self, name: str, cut: int | Fraction, attained: bool) -> int:
        slot, new = self._place((name, cut, attained))
        if new:
            self.limits.setdefault(name, Limits()).add(cut, attained, slot)
        return slot

    def _other(self, condition: t.Condition) -> int:
        slot, new = self._place(condition)
        if new:
            self.others.append((slot, condition))
        return slot


def _limit_of(compare: t.Compare) -> tuple[str, int | Fraction, bool, bool] | None:
    """A comparison of one number with a constant: the name, the cut, whether it is attained, and whether the opposite is said."""
    left, right = compare.left, compare.right
    if compare.relation == "==":
        return None
    negated = isinstance(left, t.Constant)
    term, constant = (right, left) if negated else (left, right)
    if not isinstance(constant, t.Constant):
        return None
    named, factor = _multiple(term)
    if named is None or factor <= 0:
        return None
    # `cut <= x` is not `x < cut`, and `cut < x` not `x <= cut`
    attained = (compare.relation == "<=") is not negated
    cut = constant.value / factor
    return named.name, cut.numerator if cut.denominator == 1 else cut, attained, negated


def _multiple(term: t.Term) -> tuple[t.NumberVariable | None, Fraction]:
    if isinstance(term, t.NumberVariable):
        return term, Fraction(1)
    if isinstance(term, t.Product):
        factor, named = Fraction(1), list[t.Term]()
        for part in term.parts:
            if isinstance(part, t.Constant):
                factor *= part.value
            else:
                named.append(part)
        if len(named) == 1 and isinstance(named[0], t.NumberVariable):
            return named[0], factor
    return None, Fraction(0)
