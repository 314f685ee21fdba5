"""Closing what is known under conditions that hold, and building a completion: both without a solver.

`close` narrows domains to a fixpoint and loses no completion. `complete` looks for a box of values within which every condition is
certainly true, by narrowing and a bounded search; what it returns is a proof that the conditions can hold, and None says
nothing. Of an equation between quantities it is enough that it has a solution within the box: the solution may be irrational.

Of `level + score <= 10` and `4 <= score`, with a level from 0 to 20 and a score from 0 to 30:

    close       leaves a level from 0 to 6, and a score from 4 to 10
    complete    tries the level 0, with which both hold whatever the score is from 4 to 10: that is the box
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from fractions import Fraction
from functools import partial

from solver.evaluation.evaluate import bounds, evaluate
from solver.evaluation.narrow import Narrow, Narrowing, assume, assumed
from solver.language import tree as t
from solver.language.domain import Domain, Environment, Inconsistent, Interval, is_exact, point
from solver.work import spend, spent_up

_REPEATS = 6
"""How often one condition is narrowed within one closure: equations over intervals may converge for ever."""

_BRANCHES = 60
"""How many choices the search for a completion makes at least before it leaves the question to the solver."""


_Step = tuple[t.Condition, Narrow, int]
"""A condition, what narrows to what it leaves, and its size."""

_MOST_KEPT = 30_000

_steps: dict[int, _Step] = {}


def _step_of(condition: t.Condition) -> _Step:
    found = _steps.get(id(condition))
    if found is None:
        if len(_steps) >= _MOST_KEPT:
            _steps.clear()
        found = _steps[id(condition)] = condition, assumed(condition, True), t.size(condition)
    return found


class Conditions:
    """Conditions that hold together, indexed by the variables they mention."""

    def __init__(
        self, conditions: Sequence[t.Condition], mentions: Sequence[frozenset[str]] | None = None
    ) -> None:
        self.conditions = tuple(conditions)
        self.mentions = tuple(mentions) if mentions is not None else tuple(map(t.variables, conditions))
        self._steps: list[_Step | None] = [None] * len(self.conditions)
        index: defaultdict[str, list[int]] = defaultdict(list)
        for i, names in enumerate(self.mentions):
            for name in names:
                index[name].append(i)
        self.index: Mapping[str, list[int]] = index

    def about(self, name: str) -> list[t.Condition]:
        """Those of the conditions that speak of a variable."""
        return [self.conditions[i] for i in self.index.get(name, ())]

    def close(self, known: Narrowing, changed: Iterable[str] | None = None) -> set[str]:
        """Narrow `known`, in place, to what the conditions leave, and give the names of what was narrowed.

        `changed` names the variables that were narrowed since the last closure; None means all. Raises `Inconsistent`.
        """
        if changed is None:
            waiting = set(range(len(self.conditions)))
        else:
            waiting = {i for name in changed for i in self.index.get(name, ())}
        queue, steps = deque(sorted(waiting)), self._steps
        repeats = [0] * len(steps)
        every: set[str] = set()
        narrowed: set[str] = set()
        sizes = 0
        try:
            while queue:
                i = queue.popleft()
                waiting.discard(i)
                repeats[i] += 1
                step = steps[i]
                if step is None:
                    step = steps[i] = _step_of(self.conditions[i])
                _, narrow, size = step
                sizes += size
                narrow(known, narrowed)
                if not narrowed:
                    continue
                every |= narrowed
                for name in sorted(narrowed):
                    for j in self.index[name]:
                        if j not in waiting and repeats[j] < _REPEATS:
                            waiting.add(j)
                            queue.append(j)
                narrowed.clear()
        finally:
            spend(2 * sizes)
        return every

    def and_also(self, condition: t.Condition) -> Conditions:
        """These with one more."""
        more = copy(self)
        names, place = t.variables(condition), len(self.conditions)
        more.conditions, more.mentions = (*self.conditions, condition), (*self.mentions, names)
        more._steps = [*self._steps, None]
        more.index = {**self.index, **{name: [*self.index.get(name, ()), place] for name in names}}
        return more

    def values(self, known: Environment, changed: Collection[str] | None = None) -> list[bool | None]:
        """What evaluation says of each of the conditions within `known`; all were open before the `changed` variables were narrowed."""
        if changed is None:
            return [evaluate(condition, known) for condition in self.conditions]
        pairs = zip(self.conditions, self.mentions, strict=True)
        return [
            None if names.isdisjoint(changed) else evaluate(condition, known) for condition, names in pairs
        ]

    def open(self, known: Environment) -> list[int]:
        """Which conditions are not certainly true within `known`."""
        return [i for i, value in enumerate(self.values(known)) if value is not True]


def complete(
    conditions: Conditions,
    known: Environment,
    changed: Iterable[str] | None = None,
    *,
    most: int | None = None,
    opened: bool = False,
) -> Narrowing | None:
    """A box of values, within `known`, on which every condition is certainly true; None if the search found none, in `most` choices.

    An equation may be open on the box if it has a solution there, and shares no open variable with another that is open.
    `changed` is as in `Conditions.close`; with `opened` evaluation leaves each condition open within `known`. Raises `Inconsistent` if
    narrowing alone shows that there is none.
    """
    box = dict(known)
    narrowed = conditions.close(box, changed)
    values = conditions.values(box, narrowed if opened else None)
    left = {i: value for i, value in enumerate(values) if value is not True}
    spend(len(values))
    # one choice may be needed for each condition that is open
    return _search_box(conditions, box, [max(_BRANCHES, len(left)) if most is None else most], left)


def _search_box(
    conditions: Conditions,
    box: Narrowing,
    left: list[int],
    values: Mapping[int, bool | None],
    rest: Iterable[int] = (),
) -> Narrowing | None:
    """As `complete`, on what is narrowed already, with the `values` of some conditions; the `rest` are open, and all others true."""
    if spent_up():
        return None
    pending = sorted([*rest, *(i for i, value in values.items() if value is not True)])
    spend(len(pending) + sum(t.size(conditions.conditions[i]) for i in values))
    # narrowing is cut after a while, and may leave a box in which a condition is false
    if False in values.values():
        return None
    if not pending or _solvable_apart([conditions.conditions[i] for i in pending], box):
        return box
    # an equation with a solution can wait: fixing its variables first would ask for a root that may be irrational
    first = next((i for i in pending if not has_solution(conditions.conditions[i], box)), pending[0])
    for branch in _branches_of(conditions.conditions[first], True, box):
        left[0] -= 1
        if left[0] < 0:
            return None
        trial = dict(box)
        try:
            chosen = branch(trial)
            narrowed = chosen | conditions.close(trial, chosen)
        except Inconsistent:
            continue
        if not narrowed:
            # the same choice would be met again and again
            continue
        # what speaks of nothing that was narrowed is as open as before
        again: dict[int, bool | None] = {}
        others = []
        for i in pending:
            if narrowed.isdisjoint(conditions.mentions[i]):
                others.append(i)
            else:
                again[i] = evaluate(conditions.conditions[i], trial)
        found = _search_box(conditions, trial, left, again, others)
        if found is not None:
            return found
    return None


def certain(
    conditions: Iterable[t.Condition], box: Environment, whatever: frozenset[str] = frozenset()
) -> bool:
    """Whether some values within the box satisfy all conditions, and all values do but for equations between quantities.

    Equations that are open on the box must each have a solution there, whatever the values of the variables of `whatever`, and share no
    other open variable.
    """
    open_there = [condition for condition in conditions if evaluate(condition, box) is not True]
    return _solvable_apart(open_there, box, whatever)


def _solvable_apart(
    conditions: Iterable[t.Condition], box: Environment, whatever: frozenset[str] = frozenset()
) -> bool:
    seen: set[str] = set()
    for condition in conditions:
        if not has_solution(condition, box, whatever):
            return False
        left = {name for name in t.variables(condition) - whatever if not is_exact(box[name])}
        if seen & left:
            return False
        seen |= left
    return True


_MOST_CORNERS = 16


def has_solution(condition: t.Condition, box: Environment, whatever: frozenset[str] = frozenset()) -> bool:
    """Whether an equation between quantities certainly holds somewhere in the box, for all values of the variables of `whatever`.

    Both sides are continuous, so it does if one side is the smaller at one corner of the box, and the greater at another.
    """
    if not isinstance(condition, t.Compare) or condition.relation != "==":
        return False
    names = t.variables(condition)
    corners = [{name: box[name] for name in names}]
    for name in sorted(names - whatever):
        domain = box[name]
        if is_exact(domain):
            continue
        # a whole number jumps over the values between, where a solution may lie
        if not isinstance(domain, Interval) or domain.whole or len(corners) >= _MOST_CORNERS:
            return False
        if isinstance(domain.low, float) or isinstance(domain.high, float):
            return False
        corners = [{**corner, name: point(end)} for corner in corners for end in (domain.low, domain.high)]
    if any(not isinstance(node, _CONTINUOUS) for node in t.walk(condition)):
        return False
    sides = [(bounds(condition.left, corner), bounds(condition.right, corner)) for corner in corners]
    smaller = any(left.high < right.low for left, right in sides)
    return smaller and any(left.low > right.high for left, right in sides)


_CONTINUOUS = (t.Compare, t.Constant, t.NumberVariable, t.Sum, t.Product, t.Power)


def _assume_truth(condition: t.Condition, truth: bool, box: Narrowing) -> set[str]:
    changed: set[str] = set()
    assume(condition, truth, box, changed)
    return changed


def _set_value(name: str, domain: Domain, box: Narrowing) -> set[str]:
    box[name] = domain
    return {name}


_Branch = Callable[[Narrowing], set[str]]
"""A choice, that a condition has a truth value or a variable a value: it narrows a box and gives what it changed."""


def _branches_of(condition: t.Condition, truth: bool, box: Environment) -> Iterator[_Branch]:
    """Choices one of which an open condition needs in order to have the value `truth`."""
    match condition:
        case t.Not(inner):
            yield from _branches_of(inner, not truth, box)
        case t.OneOf(_, name, values) if truth:
            domain = box[name]
            assert isinstance(domain, Interval)
            first, end = condition.within(domain)
            for at in dict.fromkeys((first, end - 1, (first + end) // 2)):
                yield partial(_set_value, name, point(values[at], whole=domain.whole))
        case t.And(conditions) | t.Or(conditions):
            pending = [part for part in conditions if evaluate(part, box) is None]
            if truth is isinstance(condition, t.And) or len(pending) == 1:
                yield from _branches_of(pending[0], truth, box)
            else:
                yield from (partial(_assume_truth, part, truth) for part in pending)
                # where assuming a part narrows nothing, values of what it compares may
                for part in pending:
                    yield from _branches_of(part, truth, box)
        case t.Iff(left, right):
            one, other = evaluate(left, box), evaluate(right, box)
            if one is not None:
                yield from _branches_of(right, one is truth, box)
            elif other is not None:
                yield from _branches_of(left, other is truth, box)
            else:
                yield from (branch for value in (True, False) for branch in _ways_to_be(left, value, box))
        case t.Compare():
            yield from _values_of_first_open(condition, box)
        case _:
            yield partial(_assume_truth, condition, truth)


def _ways_to_be(condition: t.Condition, truth: bool, box: Environment) -> Iterator[_Branch]:
    """Choices that give an open condition the value `truth`: one for each part that can, where it has the value once a part has it."""
    while isinstance(condition, t.Not):
        condition, truth = condition.condition, not truth
    if isinstance(condition, t.And | t.Or) and truth is isinstance(condition, t.Or):
        open_parts = [part for part in condition.conditions if evaluate(part, box) is None]
        yield from (partial(_assume_truth, part, truth) for part in open_parts)
    else:
        yield partial(_assume_truth, condition, truth)


def _values_of_first_open(node: t.Node, box: Environment) -> Iterator[_Branch]:
    """Values for the first variable of a comparison that is still open."""
    if isinstance(node, t.Choice | t.Count):
        parts = (node.condition,) if isinstance(node, t.Choice) else node.conditions
        part = next((each for each in parts if evaluate(each, box) is None), None)
        if part is not None:
            yield from (branch for value in (True, False) for branch in _ways_to_be(part, value, box))
        elif isinstance(node, t.Choice):
            decided = evaluate(node.condition, box)
            yield from _values_of_first_open(node.then if decided else node.otherwise, box)
        return
    if isinstance(node, t.NumberVariable):
        domain = box[node.name]
        assert isinstance(domain, Interval)
        for value in choices(domain):
            yield partial(_set_value, node.name, point(value, whole=domain.whole))
        return
    for child in t.children(node):
        if not isinstance(child, t.Condition) and not bounds(child, box).exact:
            yield from _values_of_first_open(child, box)
            return


def choices(domain: Interval) -> list[int | Fraction]:
    """A few telling values of an interval: its ends where they are attained, and one between."""
    low, high = domain.low, domain.high
    found: list[int | Fraction] = []
    if not domain.low_open and not isinstance(low, float):
        found.append(low)
    if not domain.high_open and not isinstance(high, float) and high != low:
        found.append(high)
    if isinstance(low, float):
        middle: int | Fraction = 0 if isinstance(high, float) else high - 1
    elif isinstance(high, float):
        middle = low + 1
    else:
        middle = Fraction(low + high, 2)
    if domain.whole:
        middle = math.floor(middle)
    if middle in domain and middle not in found:
        found.append(middle)
    return found


def pin(
    conditions: Conditions, box: Environment, names: Iterable[str], *, highest: bool = False
) -> Narrowing | None:
    """The box with one value for each of the named variables, closed under the conditions; None if the first choices fail.

    Low values, and false, are tried first; with `highest` they are tried last.
    """
    pinned = dict(box)
    for name in names:
        domain = pinned[name]
        if is_exact(domain):
            continue
        values: list[Domain] = (
            [point(value, whole=domain.whole) for value in choices(domain)]
            if isinstance(domain, Interval)
            else [frozenset({value}) for value in sorted(domain)]  # type: ignore[misc]
        )
        for value in reversed(values) if highest else values:
            trial = {**pinned, name: value}
            try:
                conditions.close(trial, {name})
            except Inconsistent:
                continue
            pinned = trial
            break
        else:
            return None
    return pinned
