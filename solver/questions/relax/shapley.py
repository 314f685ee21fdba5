"""Shapley values: how much of a patient whom a trial excludes is due to each clause.

Left out, a set of clauses frees the patient if it meets every conflict. With the conflicts A, and B with C, the sets that do are {A, B},
{A, C} and all three. Of the six orders in which the clauses can go, the last one that was needed is A in four, B in one and C in one: A has
2/3, B and C have 1/6 each. L. S. Shapley, "A value for n-person games" (1953).

No order is gone through: sets that meet every conflict are counted by their size, where conflicts that share no clause are counted apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from itertools import zip_longest
from math import comb, factorial

Conflicts = frozenset[frozenset[str]]
Counts = list[int]
"""How many sets there are of each size, from none."""

MOST = 20_000
"""So many smaller games are counted for one patient; of one who needs more nothing is said."""


def shapley_values(
    conflicts: Iterable[Collection[str]], players: Collection[str]
) -> dict[str, Fraction] | None:
    """What each of the players has of a patient with these conflicts; those that have nothing are left out.

    Nobody has anything where a conflict is without players: then the patient is never freed. None where that is too much to count.
    """
    game = _minimal(frozenset(conflict).intersection(players) for conflict in conflicts)
    if frozenset() in game:
        return {}
    alone = sorted(name for conflict in game if len(conflict) == 1 for name in conflict)
    rest = frozenset(conflict for conflict in game if len(conflict) > 1)
    others = sorted(frozenset[str]().union(*rest))
    counter = _Counter()
    try:
        meeting = counter.meeting(rest)
        found = {}
        every = len(alone) + len(others)
        if alone:
            # the last of those that exclude alone, once the others of them are out and the rest meets its conflicts
            share = _weighted(meeting, len(alone) - 1, every)
            found = dict.fromkeys(alone, share)
        for name in others:
            found[name] = _weighted(counter.turning(rest, name), len(alone), every)
    except _TooManyError:
        return None
    return found


def _weighted(counts: Counts, before: int, players: int) -> Fraction:
    """In what share of all orders one of these sets, with so many more, comes before a player and nothing else does."""
    whole = factorial(players)
    ways = (
        count * factorial(before + size) * factorial(players - 1 - before - size)
        for size, count in enumerate(counts)
        if count
    )
    return Fraction(sum(ways), whole)


class _TooManyError(Exception):
    """More is to be counted than is worth it."""


class _Counter:
    """Counts the sets of clauses that meet conflicts, each game once."""

    def __init__(self) -> None:
        self._known: dict[Conflicts, Counts] = {}

    def meeting(self, game: Conflicts) -> Counts:
        """How many sets of the clauses of a game meet every conflict, by size."""
        if not game:
            return [1]
        if frozenset() in game:
            return [0]
        if game not in self._known:
            if len(self._known) >= MOST:
                raise _TooManyError
            parts = _unlinked(game)
            found = [1]
            for part in parts:
                found = _product(found, self.meeting(part) if len(parts) > 1 else self._split(part))
            self._known[game] = found
        return self._known[game]

    def turning(self, game: Conflicts, name: str) -> Counts:
        """How many sets without a clause meet every conflict with it and not without it, by size."""
        with_it, without = self._with(game, name), self._without(game, name)
        return [one - other for one, other in zip_longest(with_it, without, fillvalue=0)]

    def _split(self, game: Conflicts) -> Counts:
        often = Counter(name for conflict in game for name in conflict)
        name = min(often, key=lambda each: (-often[each], each))
        taken, left = [0, *self._with(game, name)], self._without(game, name)
        return [one + other for one, other in zip_longest(taken, left, fillvalue=0)]

    def _with(self, game: Conflicts, name: str) -> Counts:
        """The sets of the other clauses that meet what the clause does not."""
        left = frozenset(conflict for conflict in game if name not in conflict)
        return self._among(left, _names(game) - {name})

    def _without(self, game: Conflicts, name: str) -> Counts:
        """The sets of the other clauses that meet everything."""
        return self._among(_minimal(conflict - {name} for conflict in game), _names(game) - {name})

    def _among(self, game: Conflicts, names: frozenset[str]) -> Counts:
        """The same with clauses that no conflict of the game has: each may be in the set or not."""
        free = len(names) - len(_names(game))
        return _product(self.meeting(game), [comb(free, size) for size in range(free + 1)])


def _names(game: Conflicts) -> frozenset[str]:
    return frozenset[str]().union(*game)


def _minimal(conflicts: Iterable[frozenset[str]]) -> Conflicts:
    kept: list[frozenset[str]] = []
    for conflict in sorted(conflicts, key=len):
        if not any(other <= conflict for other in kept):
            kept.append(conflict)
    return frozenset(kept)


def _unlinked(game: Conflicts) -> list[Conflicts]:
    """The parts of a game that share no clause."""
    parts: list[tuple[set[str], list[frozenset[str]]]] = []
    for conflict in game:
        names, mine = set(conflict), [conflict]
        apart = []
        for other, theirs in parts:
            if names.isdisjoint(other):
                apart.append((other, theirs))
            else:
                names |= other
                mine += theirs
        parts = [*apart, (names, mine)]
    return [frozenset(mine) for _, mine in parts]


def _product(one: Sequence[int], other: Sequence[int]) -> Counts:
    found = [0] * (len(one) + len(other) - 1)
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            found[i + j] += a * b
    return found
