"""The cheapest sets of tests that reveal what is asked for: exact weighted covers.

A cover of a set of variables is a set of tests that between them reveal each of it. The cheapest adds up to the least weight; among equals
the one with fewest tests, then the one whose last result comes first, then the first by id.

With the tests `smear` (weight 1) for a, `panel` (2) for b and `biopsy` (5) for a, b and c, the variables a and b are covered by smear and
panel for 3, and a, b and c by biopsy alone for 5: whoever orders it needs none of the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from solver.dataclass import dataclass
from solver.engine.minimal_sets import Subset, keep_minimal
from solver.library.models import Library
from solver.library.orders import Test

Cost = tuple[int, int, int, tuple[str, ...]]
"""Weight, number of tests, days until the last result, ids: plans compare by it."""

MOST_COMBINATIONS = 1000
"""How many ways of choosing one set a trial are compared before the list is cut to the smallest of them."""


@dataclass(frozen=True, slots=True)
class Cover:
    """A set of tests, by id, sorted; `weight` is the sum of their burdens and `days` the longest turnaround."""

    tests: tuple[str, ...]
    weight: int
    days: int

    @property
    def cost(self) -> Cost:
        """What covers are compared by."""
        return (self.weight, len(self.tests), self.days, self.tests)


class SetCover:
    """Finds cheapest covers with the tests of a library."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._weights = {test.id: library.burdens[test.burden].weight for test in library.tests.values()}
        self._revealing: dict[str, tuple[Test, ...]] = {}
        for test in sorted(library.tests.values(), key=lambda test: (self._weights[test.id], test.id)):
            for name in test.reveals:
                self._revealing[name] = (*self._revealing.get(name, ()), test)
        self._least = {name: self._weights[tests[0].id] for name, tests in self._revealing.items()}
        # the variable with the fewest tests first: most have one
        self._rank = {name: (len(tests), name) for name, tests in self._revealing.items()}
        self._found: dict[Subset, Cover | None] = {}

    def weight(self, test: str) -> int:
        """What a test adds to the burden of a plan."""
        return self._weights[test]

    def cover(self, tests: Iterable[str]) -> Cover:
        """These tests as a cover."""
        ids = tuple(sorted(set(tests)))
        days = max((self.library.tests[test].days for test in ids), default=0)
        return Cover(ids, sum(map(self.weight, ids)), days)

    def revealed(self, tests: Iterable[str]) -> Subset:
        """The variables that the tests reveal between them."""
        return frozenset(name for test in tests for name in self.library.tests[test].reveals)

    def cheapest(self, names: Subset) -> Cover | None:
        """The cheapest cover of the variables; None if some variable has no test."""
        if names not in self._found:
            self._found[names] = self._better_cover(names, None)
        return self._found[names]

    def covers(self, names: Iterable[str]) -> bool:
        """Whether every one of the variables has a test."""
        return all(name in self._revealing for name in names)

    def told_apart(self, names: Iterable[str]) -> Subset:
        """Fewer of the variables that the same tests cover: one whose every test reveals another of them as well is enough for both."""
        groups: dict[Subset, str] = {}
        for name in sorted(names):
            groups.setdefault(frozenset(test.id for test in self._revealing[name]), name)
        return frozenset(name for group, name in groups.items() if not any(other < group for other in groups))

    def _better_cover(self, names: Iterable[str], best: Cover | None) -> Cover | None:
        """The better of `best` and the cheapest cover of the variables, if they have one."""
        return self._extended(self.told_apart(names), (), 0, best) if self.covers(names) else best

    def _extended(
        self, left: Subset, chosen: tuple[str, ...], weight: int, best: Cover | None
    ) -> Cover | None:
        """The better of `best` and the cheapest cover that has the chosen tests, of this weight, and reveals what is left."""
        if not left:
            cover = self.cover(chosen)
            return cover if best is None or cover.cost < best.cost else best
        # what is left takes one test at least, and one that weighs as much as the lightest for any of it
        if best is not None:
            bound = weight + max(map(self._least.__getitem__, left))
            if (bound, len(chosen) + 1) > (best.weight, len(best.tests)):
                return best
        name = min(left, key=self._rank.__getitem__)
        for test in self._revealing[name]:
            heavier = weight + self._weights[test.id]
            best = self._extended(left.difference(test.reveals), (*chosen, test.id), heavier, best)
        return best

    def cheapest_of(self, alternatives: Iterable[Iterable[str]]) -> Cover | None:
        """The cheapest cover of some one of the sets of variables; None if none has a cover."""
        best = None
        for names in alternatives:
            best = self._better_cover(names, best)
        return best


def shared_covers(
    covers: SetCover, sets: Mapping[str, Sequence[Sequence[str]]]
) -> tuple[list[tuple[Cover, tuple[str, ...]]], bool]:
    """For each number of trials that can be settled, the cheapest cover that settles that many, with their codes, and whether none was cut.

    `sets` gives the deciding sets of each trial. A cover that settles more for no more weight leaves out those that settle fewer; the
    plan that settles most comes first.
    """
    unions: dict[int, set[Subset]] = {0: {frozenset()}}
    complete = True
    for alternatives in sets.values():
        families = keep_minimal({covers.told_apart(names) for names in alternatives if covers.covers(names)})
        grown = {count: set(each) for count, each in unions.items()}
        for count, each in unions.items():
            joined = {union | family for union in each for family in families}
            grown[count + 1] = grown.get(count + 1, set()) | joined
        complete = complete and all(len(each) <= MOST_COMBINATIONS for each in grown.values())
        unions = {count: keep_minimal(_smaller_sets(each)) for count, each in grown.items() if each}
    plans: list[tuple[Cover, tuple[str, ...]]] = []
    for count in sorted(unions, reverse=True):
        best = covers.cheapest_of(unions[count])
        if count and best is not None and (not plans or best.weight < plans[-1][0].weight):
            revealed = covers.revealed(best.tests)
            settled = (c for c, each in sets.items() if any(revealed.issuperset(names) for names in each))
            plans.append((best, tuple(settled)))
    return plans, complete


def _smaller_sets(sets: set[Subset]) -> set[Subset]:
    """The smaller ones, if there are too many to compare."""
    if len(sets) <= MOST_COMBINATIONS:
        return sets
    return set(sorted(sets, key=lambda names: (len(names), sorted(names)))[:MOST_COMBINATIONS])
