"""Completions of a record on which trials may stand differently, each checked against the theory.

Two are enough to show that a trial is undetermined: one whose values please as many clauses as they can, and one whose values please as
few. The others draw their values. What of the theory is still open parts the variables into groups that have nothing to do with one
another, so that each group is completed by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from random import Random

from solver.engine.problem import Problem
from solver.evaluation.propagate import Conditions, certain
from solver.language import domain as d
from solver.language import tree as t
from solver.program.candidates import Candidates
from solver.work import OutOfBudget

_ALIKE = 6
"""So many completions are much alike, and those after them are not."""

_TRIED = 4
"""How many values of a variable are tried in its group."""


def witnesses(
    problem: Problem, candidates: Candidates, names: frozenset[str], count: int
) -> list[d.Environment]:
    """So many completions in which the named variables have one value each.

    A number that an equation leaves irrational has a range in which the equation has a solution.
    """
    if problem.completion is None:
        with suppress(OutOfBudget):
            problem.consistent()
    known, completion = problem.known, problem.completion
    left = sorted(name for name in names if not d.is_exact(known[name]))
    if not left or completion is None:
        return []
    worlds = [dict(known) for _ in range(count)]
    draws = [Random(k) for k in range(count)]
    groups = list(_groups(problem))
    linked = {name for group, _ in groups for name in group}
    for name in left:
        if name not in linked:
            ranked = candidates.ranked(name, known)
            for k, world in enumerate(worlds):
                world[name] = _chosen(ranked, k, draws[k])[0]
    for group, conditions in groups:
        if names.isdisjoint(group):
            for world in worlds:
                world.update((name, completion[name]) for name in group)
            continue
        theory = Conditions(conditions)
        inside = {name: known[name] for mention in theory.mentions for name in mention}
        inside[t.AS_OF] = known[t.AS_OF]
        ranked_values = {name: candidates.ranked(name, known) for name in sorted(group)}
        for k, world in enumerate(worlds):
            found = _completed(theory, inside, {n: _chosen(v, k, draws[k]) for n, v in ranked_values.items()})
            world.update((name, (found or completion)[name]) for name in group)
    return list(worlds)


def _groups(problem: Problem) -> Iterator[tuple[frozenset[str], list[t.Condition]]]:
    """The open variables that the open theory links, each group with its conditions."""
    oracle = problem.oracle
    left = set(range(len(oracle.theory)))
    while left:
        group = oracle.cone(oracle.mentions[min(left)])
        own = {min(left), *oracle.relevant(group)}
        left -= own
        yield group, [oracle.theory[i] for i in sorted(own)]


def _chosen(ranked: Sequence[d.Domain], k: int, draw: Random) -> Sequence[d.Domain]:
    """The values in the order in which completion `k` tries them."""
    if k == 0:
        return ranked
    if k == 1:
        return ranked[::-1]
    # half of the values as they please, and later few of them, the others drawn
    if draw.random() < (0.5 if k < _ALIKE else 0.1):
        return ranked
    return draw.sample(ranked, len(ranked))


def _completed(
    theory: Conditions, inside: d.Environment, values: dict[str, Sequence[d.Domain]]
) -> d.Environment | None:
    """One value for each variable of a group that the theory allows; None where the first ones tried do not lead there."""
    world = {**inside, **{name: each[0] for name, each in values.items()}}
    if certain(theory.conditions, world):
        return world
    world = dict(inside)
    for name, tried in values.items():
        domain = world[name]
        if d.is_exact(domain):
            continue
        for value in _within(tried, domain):
            trial = {**world, name: value}
            with suppress(d.Inconsistent):
                theory.close(trial, {name})
                world = trial
                break
    return world if certain(theory.conditions, world) else None


def _within(tried: Sequence[d.Domain], domain: d.Domain) -> Iterator[d.Domain]:
    left = _TRIED
    for value in tried:
        if isinstance(domain, d.Interval):
            assert isinstance(value, d.Interval)
            fits = value.low in domain
        else:
            fits = value <= domain  # type: ignore[operator]
        if fits:
            yield value
            left -= 1
            if not left:
                return
