"""Cheapest covers, against all sets of tests."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from random import Random

from solver.engine.finding_out.set_cover import Cover, SetCover, shared_covers
from solver.library.models import Library

MOST_TESTS = 9
"""Of so many tests all sets are looked at."""


def by_looking_at_all(covers: SetCover, names: Iterable[str]) -> Cover | None:
    """The cheapest cover of the variables."""
    wanted = set(names)
    tests = [test.id for test in covers.library.tests.values() if not wanted.isdisjoint(test.reveals)]
    assert len(tests) <= MOST_TESTS
    every = (some for count in range(len(tests) + 1) for some in combinations(tests, count))
    found = [covers.cover(some) for some in every if wanted <= covers.revealed(some)]
    return min(found, key=lambda cover: cover.cost, default=None)


def drawn_sets(library: Library, random: Random, count: int) -> list[tuple[str, ...]]:
    """Sets of variables with few tests between them; some have a variable without a test."""
    known = sorted({name for test in library.tests.values() for name in test.reveals})
    untold = sorted(library.variables.keys() - set(known))
    found = []
    while len(found) < count:
        start = random.choice(list(library.tests.values()))
        near = [test for test in library.tests.values() if not set(test.reveals).isdisjoint(start.reveals)]
        names = {name for test in near for name in test.reveals} | {random.choice(known)}
        some = random.sample(sorted(names), min(len(names), random.randint(1, 4)))
        some += random.sample(untold, random.random() < 0.05)
        tests = [test for test in library.tests.values() if not set(some).isdisjoint(test.reveals)]
        if len(tests) <= MOST_TESTS:
            found.append(tuple(sorted(some)))
    return found


def test_no_set_of_tests_is_cheaper(library: Library) -> None:
    """By weight, number, days and id, of one set of variables and of the best of several; what was found before makes no difference."""
    covers, random = SetCover(library), Random(7)
    some = False
    for names in drawn_sets(library, random, 150):
        expected = by_looking_at_all(covers, names)
        assert covers.cheapest(frozenset(names)) == expected
        some = some or (expected is not None and len(expected.tests) > 1)
    assert some
    for _ in range(60):
        sets = drawn_sets(library, random, random.randint(1, 6))
        found = [cover for cover in (by_looking_at_all(covers, names) for names in sets) if cover is not None]
        assert covers.cheapest_of(sets) == min(found, key=lambda cover: cover.cost, default=None)
        assert covers.cheapest_of(map(frozenset, reversed(sets))) == covers.cheapest_of(sets)


def test_plans_of_several_trials_are_the_cheapest_for_as_many(library: Library) -> None:
    """Of each number of trials; one that settles fewer is there only where it weighs less."""
    covers, random = SetCover(library), Random(8)
    for _ in range(40):
        sets = {code: drawn_sets(library, random, random.randint(1, 3)) for code in "ABC"}
        plans, complete = shared_covers(covers, sets)
        assert complete
        expected: list[Cover] = []
        for count in (3, 2, 1):
            unions = [
                frozenset(name for names in chosen for name in names)
                for codes in combinations(sets, count)
                for chosen in _one_of_each([sets[code] for code in codes])
            ]
            best = min(filter(None, map(covers.cheapest, unions)), key=lambda c: c.cost, default=None)
            if best is not None and (not expected or best.weight < expected[-1].weight):
                expected.append(best)
        assert [cover for cover, _ in plans] == expected


def _one_of_each(choices: list[list[tuple[str, ...]]]) -> list[list[tuple[str, ...]]]:
    if not choices:
        return [[]]
    return [[first, *rest] for first in choices[0] for rest in _one_of_each(choices[1:])]
