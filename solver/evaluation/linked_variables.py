"""Which variables bear on each other, through conditions that speak of several."""

from __future__ import annotations

from collections.abc import Iterable


def linked(conditions: Iterable[frozenset[str]], start: Iterable[str]) -> frozenset[str]:
    """The variables reachable from `start` through sets of variables that share a condition."""
    reached = set(start)
    pending = list(conditions)
    while True:
        near = [names for names in pending if not reached.isdisjoint(names)]
        if not near:
            return frozenset(reached)
        pending = [names for names in pending if reached.isdisjoint(names)]
        for names in near:
            reached |= names
