"""Sets of whole numbers as disjoint spans, each from its first to its last member, in order, no two of which touch.

The union of `((1, 3), (8, 9))` and `((4, 5),)` is `((1, 5), (8, 9))`, since 3 and 4 touch.
"""

from __future__ import annotations

Spans = tuple[tuple[int, int], ...]


def union(left: Spans, right: Spans) -> Spans:
    """The members of either."""
    found: list[tuple[int, int]] = []
    for first, last in sorted((*left, *right)):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def difference(left: Spans, right: Spans) -> Spans:
    """The members of `left` that `right` does not have."""
    found: list[tuple[int, int]] = []
    for first, last in left:
        for other_first, other_last in right:
            if other_last < first or other_first > last:
                continue
            if other_first > first:
                found.append((first, other_first - 1))
            first = other_last + 1
        if first <= last:
            found.append((first, last))
    return tuple(found)


def intersection(left: Spans, right: Spans) -> Spans:
    """The members of both."""
    return difference(left, difference(left, right))
