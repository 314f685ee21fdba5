"""The tests within a burden that settle the most pairs: branch and bound over sets of tests.

With a smear (1) for a, a panel (2) for b and a biopsy (5) for a, b and c, and the pairs {a, b} twice and {c} once, the smear and the panel
settle two pairs for 3, and the biopsy three for 5. Within 4 the biopsy is too heavy, and c is out of reach: no set settles more than two.

A branch takes a test or leaves it. What it can settle at most are the pairs one of whose deciding sets has nothing left that no test in
reach reveals; where that is no more than is settled elsewhere, for no less burden, the branch is left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from solver.engine.answer import Subsets
from solver.engine.finding_out.set_cover import SetCover
from solver.engine.minimal_sets import Subset
from solver.questions.plan.answer import BestTests

MOST = 20_000
"""So many branches are looked at before the best so far is told as not proved."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Pairs that the same sets settle."""

    sets: tuple[Subset, ...]
    pairs: int


def best_tests(covers: SetCover, pairs: Mapping[Subsets, int], burden: int, *, complete: bool) -> BestTests:
    """The tests that settle the most of the pairs, which are counted by their deciding sets; `complete` if all of these are known."""
    grouped: Counter[tuple[Subset, ...]] = Counter()
    for sets, count in pairs.items():
        told = tuple(frozenset(names) for names in sets if covers.covers(names))
        if told:
            grouped[told] += count
    groups = [_Group(sets, count) for sets, count in grouped.items()]
    wanted = frozenset[str]().union(*(names for group in groups for names in group.sets))
    search = _Search(covers, _useful_tests(covers, wanted, burden), burden)
    search.branch((), frozenset(), groups, 0, search.tests)
    tests, settled, weight = search.best
    return BestTests(tests, weight, settled, complete and search.looked < MOST)


def _useful_tests(covers: SetCover, wanted: Subset, burden: int) -> dict[str, Subset]:
    """The tests in reach with what each tells of what is wanted, without those for which another one tells it too and is no heavier."""
    told = {
        test.id: wanted.intersection(test.reveals)
        for test in covers.library.tests.values()
        if covers.weight(test.id) <= burden and not wanted.isdisjoint(test.reveals)
    }
    order = sorted(told, key=lambda test: (covers.weight(test), -len(told[test]), test))
    kept: dict[str, Subset] = {}
    for test in order:
        if not any(told[test] <= other for other in kept.values()):
            kept[test] = told[test]
    return kept


class _Search:
    """`best` are the tests so far, how many pairs they settle, and what they weigh."""

    def __init__(self, covers: SetCover, tests: Mapping[str, Subset], burden: int) -> None:
        self.tests, self.burden = tests, burden
        self.weights = {test: covers.weight(test) for test in tests}
        self.best: tuple[tuple[str, ...], int, int] = ((), 0, 0)
        self.looked = 0

    def branch(
        self,
        chosen: tuple[str, ...],
        revealed: Subset,
        groups: Sequence[_Group],
        settled: int,
        left: Collection[str],
    ) -> None:
        """Look at all sets of tests with the chosen ones and some of those that are left; `groups` are not settled by the chosen ones."""
        self.looked += 1
        weight = sum(self.weights[test] for test in chosen)
        if (settled, -weight) > (self.best[1], -self.best[2]):
            self.best = (tuple(sorted(chosen)), settled, weight)
        room = self.burden - weight
        left = [test for test in left if self.weights[test] <= room]
        groups = [group for group in groups if self._in_reach(group, revealed, left)]
        most = settled + sum(group.pairs for group in groups)
        lightest = min((self.weights[test] for test in left), default=0)
        if (most, -weight - lightest) <= (self.best[1], -self.best[2]) or self.looked >= MOST:
            return
        worth = Counter[str]()
        for group in groups:
            missing = frozenset[str]().union(*group.sets) - revealed
            worth.update({test: group.pairs for test in left if not missing.isdisjoint(self.tests[test])})
        test = min(left, key=lambda each: (-worth[each], self.weights[each], each))
        others = [other for other in left if other != test]
        told = revealed | self.tests[test]
        still = [group for group in groups if not any(names <= told for names in group.sets)]
        done = sum(group.pairs for group in groups) - sum(group.pairs for group in still)
        self.branch((*chosen, test), told, still, settled + done, others)
        self.branch(chosen, revealed, groups, settled, others)

    def _in_reach(self, group: _Group, revealed: Subset, left: Sequence[str]) -> bool:
        """Whether tests that are left reveal all that some of the sets of a group lacks."""
        told = revealed.union(*(self.tests[test] for test in left))
        return any(names <= told for names in group.sets)
