"""Refuting conditions by cases: in each of them narrowing leaves nothing.

    active or not late      late or not active      active is not late

Narrowing alone sees nothing wrong with these. It does in each of two cases: that `active` holds, and that it does not, so that `late` does
not hold either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from solver.evaluation.evaluate import evaluate
from solver.evaluation.narrow import Narrowing, assume
from solver.evaluation.propagate import Conditions
from solver.language import tree as t
from solver.language.domain import Environment, Inconsistent, Interval
from solver.work import spend, spent_up

_Case = list[tuple[t.Condition, bool]]
"""Conditions, each with the truth value that it has in a case."""

_LEAST = 2
"""The least number of cases into which a condition falls, where it falls into any."""


def refuted(conditions: Conditions, known: Environment, cases: int) -> bool:
    """Whether it is certain that the conditions cannot hold together within `known`, by so many cases at most; False says nothing."""
    box = dict(known)
    try:
        conditions.close(box)
    except Inconsistent:
        return True
    return _each_refuted(conditions, box, range(len(conditions.conditions)), [cases])


def _each_refuted(conditions: Conditions, box: Narrowing, check: Sequence[int], left: list[int]) -> bool:
    """As `refuted`, on what is narrowed already: all but the conditions to `check` are true."""
    pending = []
    for i in check:
        spend(t.size(conditions.conditions[i]))
        value = evaluate(conditions.conditions[i], box)
        if value is False:
            return True
        if value is None:
            pending.append(i)
    fewest: list[_Case] = []
    for i in pending:
        every = list(_cases_of(conditions.conditions[i], True, box, left[0]))
        if every and (not fewest or len(every) < len(fewest)):
            fewest = every
        if len(fewest) == _LEAST:
            break
    if not fewest:
        return False
    for case in fewest:
        left[0] -= 1
        if left[0] < 0 or spent_up():
            return False
        trial = dict(box)
        changed: set[str] = set()
        try:
            for condition, truth in case:
                assume(condition, truth, trial, changed)
            conditions.close(trial, changed)
        except Inconsistent:
            continue
        if not changed or not _each_refuted(conditions, trial, pending, left):
            return False
    return True


def _cases_of(condition: t.Condition, truth: bool, box: Environment, most: int) -> Iterator[_Case]:
    """Cases one of which holds wherever an open condition has the value `truth`; none where it falls into no parts, or more than `most`."""
    match condition:
        case t.Not(inner):
            yield from _cases_of(inner, not truth, box, most)
        case t.OneOf(parts, name):
            domain = box[name]
            assert isinstance(domain, Interval)
            first, end = condition.within(domain)
            if truth and 1 < end - first <= most:
                yield from _one_by_one(parts[first:end], truth)
        case t.And(parts) | t.Or(parts):
            left = [part for part in parts if evaluate(part, box) is None]
            if truth is isinstance(condition, t.Or) and len(left) > 1:
                if len(left) <= most:
                    yield from _one_by_one(left, truth)
            else:
                yield from next(filter(None, (list(_cases_of(part, truth, box, most)) for part in left)), [])
        case t.Iff(one, other):
            yield from ([(one, value), (other, value is truth)] for value in (True, False))


def _one_by_one(parts: Sequence[t.Condition], truth: bool) -> Iterator[_Case]:
    """That a part has the value and none before it, for each of them."""
    for i, part in enumerate(parts):
        yield [(part, truth), *((before, not truth) for before in parts[:i])]


def ways_to_hold(condition: t.Condition) -> list[t.Condition]:
    """Conditions one of which must hold for the condition to hold."""
    match condition:
        case t.Or(parts):
            return list(parts)
        case t.Not(t.And(parts)):
            return [t.negation(part) for part in parts]
        case _:
            return [condition]
