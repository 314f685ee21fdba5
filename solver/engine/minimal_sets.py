"""All minimal subsets with a property that every superset keeps, by the implicit hitting-set duality.

The subsets are conflicts when the property is "cannot hold together" and deciding sets when it is "settles the verdict". A minimal
subset with the property and a minimal correction (the complement of a maximal subset without it) hit each other, and each kind is
exactly the minimal hitting sets of the other: R. Reiter, "A theory of diagnosis from first principles" (1987); the enumeration
keeps the minimal hitting sets of the corrections found so far (C. Berge, "Hypergraphs", 1989).

Of a, b and c let the sets with a, and those with b and c, have the property:

    {} has it not; it grows to {b}, and every minimal set hits the correction {a, c}: {a} and {c} are tried
    {a} has it, and is found
    {c} has it not and does not grow: {a, b} must be hit too, and {c} gives way to {b, c}
    {b, c} has it, and is found; nothing is left to try
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from solver.work import OutOfBudget, check_left, spend

Subset = frozenset[str]

_COMPARED = 10
"""How many pairs of subsets are compared in one unit of work."""

Without = Callable[[Subset], Subset | None]
"""None if the subset has the property; else a subset around it, itself included, that is known to be without it."""


class Minimal(NamedTuple):
    """The minimal subsets, each sorted, the list sorted by size and then by name; `complete` unless it was cut."""

    subsets: tuple[tuple[str, ...], ...]
    complete: bool


def sort_subsets(subsets: set[Subset]) -> tuple[tuple[str, ...], ...]:
    """The subsets in the order of every answer."""
    return tuple(sorted((tuple(sorted(subset)) for subset in subsets), key=lambda s: (len(s), s)))


def keep_minimal(subsets: set[Subset]) -> set[Subset]:
    """Those of the subsets that have no other as a part. Raises `OutOfBudget`."""
    kept: set[Subset] = set()
    for subset in sorted(subsets, key=len):
        spend(1 + len(kept) // _COMPARED)
        check_left()
        if not any(map(subset.issuperset, kept)):
            kept.add(subset)
    return kept


def hitting_sets(families: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    """All minimal sets that have a member of each of the sets, in the order of every answer. Raises `OutOfBudget`."""
    found: set[Subset] = {frozenset()}
    for family in families:
        found = _hitting_as_well(found, frozenset(family))
    return sort_subsets(found)


def minimal_subsets(elements: Sequence[str], without: Without, limit: int) -> Minimal:
    """All minimal subsets of `elements` with the property, at most `limit`.

    `without` must be monotone: a superset of a subset with the property has it. The answer depends on the property alone, not on
    which larger subsets `without` offers. What is found when no work is left is given, as not complete; `without` may raise `OutOfBudget`.
    """
    everything = frozenset(elements)
    found: set[Subset] = set()
    pending: set[Subset] = {frozenset()}
    while pending:
        spend(2 * len(pending))
        # the smallest first: every set below it was tried before, so that one with the property is minimal
        candidate = min(pending, key=lambda subset: (len(subset), sorted(subset)))
        around = without(candidate)
        if around is None:
            pending.discard(candidate)
            found.add(candidate)
            if len(found) >= limit and pending:
                return Minimal(sort_subsets(found), False)
            continue
        # what a maximal set without the property leaves out, every set with it must hit
        correction = everything - _grown_subset(around & everything, elements, without)
        if not correction:
            return Minimal((), True)
        try:
            hit = _hitting_as_well(pending | found, correction)
        except OutOfBudget:
            return Minimal(sort_subsets(found), False)
        pending = hit - found
        # hitting sets can be exponentially many where the answers are few: no memory is worth that
        if len(pending) > 40 * limit:
            return Minimal(sort_subsets(found), False)
    return Minimal(sort_subsets(found), True)


def _grown_subset(subset: Subset, elements: Sequence[str], without: Without) -> Subset:
    """A maximal subset without the property, around one without it.

    Elements are added together where they can be, and else by halves.
    """
    parts = [list(elements)]
    while parts:
        part = [element for element in parts.pop() if element not in subset]
        around = without(subset.union(part)) if part else None
        if around is not None:
            subset = around & frozenset(elements) | subset
        elif len(part) > 1:
            middle = len(part) // 2
            parts += [part[middle:], part[:middle]]
    return subset


def _hitting_as_well(hitting: set[Subset], correction: Subset) -> set[Subset]:
    """The minimal hitting sets once `correction` must be hit as well."""
    hit = {subset for subset in hitting if subset & correction}
    extended = {subset | {element} for subset in hitting if not subset & correction for element in correction}
    spend(len(extended) * (1 + len(hit) // _COMPARED))
    return hit | {subset for subset in keep_minimal(extended) if not any(map(subset.issuperset, hit))}
