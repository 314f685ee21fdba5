"""Values that a variable may be tried with, the likeliest to fit many clauses first.

Clauses want `level <= 3` twice, and `level > 8` once: of the levels 0, 3, 4, 8 and 9 the first two please two clauses, 4 and 8 none, and 9
one. The order is 0, 3, 9, 4, 8.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import field
from fractions import Fraction
from itertools import accumulate

from solver.dataclass import dataclass
from solver.evaluation.evaluate import evaluate
from solver.evaluation.propagate import choices
from solver.language import domain as d
from solver.language import tree as t
from solver.program.slots import FlatProgram, Limits, Literal

_MOST_ASKED = 30
"""How many conditions of several variables are asked about a value."""

_MOST_RANKED = 10_000

_MOST_CUTS = 40
"""How many limits of one number are looked at."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """`wanted` says of each slot how many clauses want it to hold, less those that want it not to."""

    program: FlatProgram
    wanted: Sequence[int]
    totals: dict[str, list[int]]
    others: dict[str, list[tuple[int, t.Condition]]]
    _ranked: dict[tuple[str, d.Domain], list[d.Domain]] = field(default_factory=dict)

    @classmethod
    def of(cls, program: FlatProgram, asking: Mapping[Literal, int]) -> Candidates:
        """Those for a program, of which so many cohorts ask for each literal."""
        wanted = [0] * program.count
        for literal, count in asking.items():
            wanted[literal >> 1] += count * (1 - 2 * (literal & 1))
        for slot, parts in reversed(program.conjunctions):
            # a part of many is wanted no more than one of few
            weight = (wanted[slot] > 0) - (wanted[slot] < 0)
            for literal in parts:
                wanted[literal >> 1] += weight * (1 - 2 * (literal & 1))
        totals = {
            name: [*accumulate((wanted[slot] for slot in reversed(limits.slots)), initial=0)][::-1]
            for name, limits in program.limits.items()
        }
        others: dict[str, list[tuple[int, t.Condition]]] = {}
        for slot, condition in sorted(program.others, key=lambda each: -abs(wanted[each[0]])):
            for name in t.variables(condition):
                asked = others.setdefault(name, [])
                if len(asked) < _MOST_ASKED:
                    asked.append((wanted[slot], condition))
        return cls(program, wanted, totals, others)

    def ranked(self, name: str, known: d.Environment) -> list[d.Domain]:
        """Single values within what is known of a variable, the most wanted first."""
        key = name, known[name]
        found = self._ranked.get(key)
        if found is None:
            values = self._values(name, known)
            scores = [-self._score(name, value, known) for value in values]
            found = [values[i] for i in sorted(range(len(values)), key=scores.__getitem__)]
            if name not in self.others:
                if len(self._ranked) >= _MOST_RANKED:
                    self._ranked.clear()
                self._ranked[key] = found
        return found

    def _values(self, name: str, known: d.Environment) -> list[d.Domain]:
        domain = known[name]
        if isinstance(domain, frozenset):
            return [frozenset({value}) for value in sorted(domain)]  # type: ignore[misc]
        assert isinstance(domain, d.Interval)
        numbers = [*choices(domain)]
        limits = self.program.limits.get(name)
        if limits is not None:
            numbers += telling_numbers(limits, domain)
        day = known[t.AS_OF]
        if domain.whole and name in self.others and isinstance(day, d.Interval):
            numbers += [int(day.low) - ago for ago in _AGO]
        return [d.point(each, whole=domain.whole) for each in dict.fromkeys(numbers) if each in domain]

    def _score(self, name: str, value: d.Domain, known: d.Environment) -> int:
        score = 0
        if isinstance(value, d.Interval):
            if name in self.totals:
                score += self.totals[name][self.program.limits[name].sides(value)[1]]
        elif name in self.program.flags:
            score += self.wanted[self.program.flags[name]] if True in value else 0
        else:
            for slot, values in self.program.members.get(name, ()):
                score += self.wanted[slot] if value <= values else 0  # type: ignore[operator]
        if name in self.others:
            with_value = {**known, name: value}
            score += sum(w for w, condition in self.others[name] if evaluate(condition, with_value) is True)
        return score


_AGO = [0, *(2**j for j in range(16)), *(365 * years for years in (5, 15, 30, 50, 70, 85))]
"""Days before the day of evaluation: of each order of magnitude one, and so that people are of several ages."""


def telling_numbers(limits: Limits, domain: d.Interval) -> list[int | Fraction]:
    """Numbers at and between the limits within a domain."""
    first, end = limits.sides(domain)
    cuts = list(dict.fromkeys(limits.cuts[first:end]))
    if len(cuts) > _MOST_CUTS:
        cuts = [cuts[len(cuts) * i // _MOST_CUTS] for i in range(_MOST_CUTS)]
    found: list[int | Fraction] = []
    for i, cut in enumerate(cuts):
        if domain.whole:
            found += [math.floor(cut), math.floor(cut) + 1, math.ceil(cut) - 1]
        else:
            before = cuts[i - 1] if i else cut - 2
            found += [(before + cut) / Fraction(2), cut]
    if cuts and not domain.whole:
        found.append(cuts[-1] + 1)
    return [d.plain(each) for each in found]  # type: ignore[misc]
