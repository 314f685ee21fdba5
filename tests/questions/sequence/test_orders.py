"""The search for orders, against brute force over all orders, on doors that are drawn at random."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.questions.sequence import orders
from solver.questions.sequence.orders import search
from tests.support.drawing.drawn import drawn

CODES = ("A", "B", "C", "D", "E")

State = tuple[int, ...]
"""What the doors gone through left behind: a value for each of three facts."""


class World:
    """Doors that need some values and set some, as trials do.

    `needs` gives for each door the values of a fact with which it is open, and `sets` the fact and the value that it leaves behind.
    """

    def __init__(self, needs: list[tuple[int, set[int]]], sets: list[tuple[int, int] | None]) -> None:
        self.needs, self.sets = needs, sets

    def doors(self, state: State) -> list[int]:
        """The doors that are open, in ascending order."""
        return [i for i, (fact, values) in enumerate(self.needs) if state[fact] in values]

    def go(self, state: State, door: int) -> State:
        """The state behind a door."""
        left = self.sets[door]
        return state if left is None else tuple(left[1] if i == left[0] else v for i, v in enumerate(state))

    def orders(self) -> Iterator[tuple[int, ...]]:
        """Every order that can be gone, however short."""
        for length in range(len(self.needs) + 1):
            yield from filter(self.possible, permutations(range(len(self.needs)), length))

    def possible(self, order: tuple[int, ...]) -> bool:
        """Whether every door is open when it is its turn."""
        return self.end(order) is not None

    def end(self, order: tuple[int, ...]) -> State | None:
        """The state after an order; None if it cannot be gone."""
        state: State = (0, 0, 0)
        for door in order:
            if door not in self.doors(state):
                return None
            state = self.go(state, door)
        return state


NEEDS = st.tuples(st.integers(0, 2), st.sets(st.integers(0, 2), min_size=1))
LEAVES = st.one_of(st.none(), st.tuples(st.integers(0, 2), st.integers(0, 2)))
WORLDS = st.integers(1, 5).flatmap(
    lambda count: st.builds(
        World,
        st.lists(NEEDS, min_size=count, max_size=count),
        st.lists(LEAVES, min_size=count, max_size=count),
    )
)


def first(values: tuple[int, ...], one: int, other: int) -> bool:
    """Whether one stands before the other."""
    return values.index(one) < values.index(other)


@drawn(120)
@given(WORLDS)
def test_the_longest_orders_are_those_of_brute_force(world: World) -> None:
    """Length, number, groups, pairs that never turn round, and the first orders are those found by trying all."""
    roads = search((0, 0, 0), world.doors, world.go)
    assert roads is not None
    found = roads.orders(CODES)
    every = list(world.orders())
    longest = [order for order in every if len(order) == max(map(len, every))]
    assert (found.length, found.count) == (len(longest[0]), len(longest))
    groups: dict[frozenset[int], list[tuple[int, ...]]] = {}
    for order in longest:
        groups.setdefault(frozenset(order), []).append(order)
    assert sorted(group.trials for group in found.groups) == sorted(
        tuple(CODES[i] for i in sorted(members)) for members in groups
    )
    for group in found.groups:
        members = frozenset(CODES.index(code) for code in group.trials)
        tied = groups[members]
        assert group.count == len(tied)
        assert group.listed == tuple(
            tuple(CODES[i] for i in order) for order in sorted(tied)[: orders.LISTED]
        )
        pairs = {
            (a, b) for a in members for b in members if a != b and all(first(order, a, b) for order in tied)
        }
        told = {(CODES.index(a), CODES.index(b)) for a, b in group.always}
        assert told == {
            (a, b) for a, b in pairs if not any((a, c) in pairs and (c, b) in pairs for c in members)
        }
        keeping = [order for order in permutations(members) if all(first(order, a, b) for a, b in pairs)]
        assert group.free == (len(keeping) == len(tied))


@drawn(120)
@given(WORLDS)
def test_what_closes_and_what_opens_is_that_of_brute_force(world: World) -> None:
    """A pair is closed if both doors are open together somewhere and nobody ever goes through the lost one after the other."""
    roads = search((0, 0, 0), world.doors, world.go)
    assert roads is not None
    every = list(world.orders())
    together, later, ways = set(), set(), {}
    for order in every:
        state = world.end(order)
        assert state is not None
        here = [door for door in world.doors(state) if door not in order]
        together.update((a, b) for a in here for b in here if a != b)
        later.update((a, b) for a in here for b in order)
        for door in here:
            ways.setdefault(door, len(order))
    assert roads.closed.keys() == together - later
    assert {door: len(way) for door, way in roads.ways.items()} == ways
    for door, way in roads.ways.items():
        assert world.possible((*way, door))


def test_too_much_is_not_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a number of nodes there is no answer, in place of a wrong one."""
    world = World([(0, {0})] * 5, [None] * 5)
    monkeypatch.setattr(orders, "MOST_NODES", 31)
    assert search((0, 0, 0), world.doors, world.go) is None
    monkeypatch.setattr(orders, "MOST_NODES", 32)
    roads = search((0, 0, 0), world.doors, world.go)
    assert roads is not None
    assert roads.orders(CODES).count == 120
