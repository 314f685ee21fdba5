"""Orders in which doors can be gone through, where going through one may close or open others.

Doors are numbered. What is open depends on a state, and going through a door leads to another state; nobody goes through a door twice.
The search goes over pairs of a state and the doors already gone through, so that orders that come to the same are looked at once.

With doors 0, 1 and 2, where going through 0 closes 2, three orders go through all of them, and one pair tells which:

    1, 2, 0     2, 0, 1     2, 1, 0          2 always before 0, and every order that keeps to it is there: `free`

The pair (2, 0) is `closed`: whoever goes through 0 first has lost 2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Generic, TypeVar

from solver.questions.sequence.answer import OrderGroup, Orders

MOST_NODES = 20_000
"""The most pairs that are looked at."""

LISTED = 12
"""How many orders of the same trials are listed one by one."""

State = TypeVar("State", bound=Hashable)
Node = tuple[int, State]
"""The doors already gone through, as a bit mask, and the state."""

_Counts = dict[Node[State], Counter[int]]


class Roads(Generic[State]):
    """Everything that can be reached: the nodes in the order of their number of doors, with the ways on from each.

    `ways` gives for each door that is open somewhere the first shortest way there, empty for what is open at the start. `closed` holds
    the pairs (lost, other) of doors that are somewhere open together, where whoever goes through the other first never gets
    through the lost one; with the state after the first such step.
    """

    def __init__(self, steps: dict[Node[State], dict[int, Node[State]]], start: Node[State]) -> None:
        self._steps, self._start = steps, start
        self.ways: dict[int, tuple[int, ...]] = {}
        self.closed: dict[tuple[int, int], State] = {}
        self._look_around()
        self._best: dict[Node[State], int] = {}
        for node in reversed(steps):
            self._best[node] = max((1 + self._best[then] for then in steps[node].values()), default=0)

    def _look_around(self) -> None:
        together: dict[tuple[int, int], State] = {}
        later: set[tuple[int, int]] = set()
        way: dict[Node[State], tuple[int, ...]] = {self._start: ()}
        for node, on in self._steps.items():
            for i, then in on.items():
                way.setdefault(then, (*way[node], i))
                self.ways.setdefault(i, way[node])
                for other in on:
                    if other != i:
                        together.setdefault((other, i), then[1])
                later.update((i, before) for before in _doors_in(node[0]))
        self.closed = {pair: state for pair, state in together.items() if pair not in later}

    def orders(self, codes: Sequence[str]) -> Orders:
        """The longest orders, with the doors called by these codes."""
        counts = self._order_counts()
        start = counts[self._start]
        ordered = sorted(start, key=lambda whole: [*_doors_in(whole)])
        groups = [self._order_group(whole, counts, codes) for whole in ordered]
        return Orders(self._best[self._start], sum(start.values()), tuple(groups))

    def _longest_on(self, node: Node[State]) -> dict[int, Node[State]]:
        """The ways on that begin a longest order from here."""
        return {i: then for i, then in self._steps[node].items() if self._best[then] == self._best[node] - 1}

    def _order_counts(self) -> _Counts[State]:
        """For each node, how many longest orders there are from it by the doors they have gone through in the end."""
        counts: _Counts[State] = {}
        for node in reversed(self._steps):
            on = [counts[then] for then in self._longest_on(node).values()]
            counts[node] = sum(on, Counter()) if on else Counter([node[0]])
        return counts

    def _order_group(self, whole: int, counts: _Counts[State], codes: Sequence[str]) -> OrderGroup:
        """The longest orders that go through these doors."""
        on = {
            node: {i: then for i, then in self._longest_on(node).items() if whole in counts[then]}
            for node in self._steps
            if whole in counts[node]
        }
        pairs: set[tuple[int, int]] = set()
        reached = {self._start}
        for node in on:
            for i, then in on[node].items() if node in reached else ():
                reached.add(then)
                pairs.update((before, i) for before in _doors_in(node[0]))
        always = {(first, second) for first, second in pairs if (second, first) not in pairs}
        members = list(_doors_in(whole))
        told = [
            (first, second)
            for first, second in sorted(always)
            if not any((first, between) in always and (between, second) in always for between in members)
        ]
        count = counts[self._start][whole]
        return OrderGroup(
            trials=tuple(codes[i] for i in members),
            count=count,
            always=tuple((codes[first], codes[second]) for first, second in told),
            free=count == _count_extensions(whole, always),
            listed=tuple(
                tuple(codes[i] for i in order) for order in islice(_orders_from(self._start, on), LISTED)
            ),
        )


def _orders_from(
    node: Node[State], on: Mapping[Node[State], Mapping[int, Node[State]]]
) -> Iterator[tuple[int, ...]]:
    """Every order to the end, the lowest doors first."""
    if not on[node]:
        yield ()
    for i, then in on[node].items():
        yield from ((i, *rest) for rest in _orders_from(then, on))


def search(
    start: State, doors: Callable[[State], Sequence[int]], go: Callable[[State, int], State]
) -> Roads[State] | None:
    """Everything that can be reached from a state; None if it is too much.

    `doors` gives the doors that are open in a state, in ascending order, and `go` the state to which a door leads.
    """
    first: Node[State] = (0, start)
    steps: dict[Node[State], dict[int, Node[State]]] = {}
    layer: dict[Node[State], None] = {first: None}
    while layer:
        further: dict[Node[State], None] = {}
        for node in layer:
            entered, state = node
            steps[node] = {i: (entered | 1 << i, go(state, i)) for i in doors(state) if not entered >> i & 1}
            further.update(dict.fromkeys(steps[node].values()))
        if len(steps) + len(further) > MOST_NODES:
            return None
        layer = further
    return Roads(steps, first)


def _doors_in(mask: int) -> Iterator[int]:
    """The doors in a mask, in ascending order."""
    return (i for i in range(mask.bit_length()) if mask >> i & 1)


def _count_extensions(whole: int, always: set[tuple[int, int]]) -> int:
    """How many orders of the doors keep to the pairs."""

    @cache
    def count(left: int) -> int:
        if not left:
            return 1
        return sum(
            count(left & ~(1 << last))
            for last in _doors_in(left)
            if not any((last, other) in always for other in _doors_in(left))
        )

    return count(whole)
