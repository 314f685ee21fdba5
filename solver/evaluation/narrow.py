"""Narrowing: what must hold of the variables for a condition to have a truth value.

Domains only ever lose values that no assignment satisfying the condition has, so narrowing never changes the set of completions.

That `level * weight <= 80` holds, with a level from 0 to 5 and a weight from 40 to 100, leaves a level of at most 80 / 40 = 2. That it
does not hold leaves one above 80 / 100 = 0.8.

As for `evaluate`, a condition is made into functions when it is first met, one for each truth value: that `level <= 8` holds moves the
high end of what is known of the level to 8, where it is not as low already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from solver.evaluation.evaluate import Bounds, Known, bounds_of, evaluate, truth_of
from solver.language import domain as d
from solver.language import tree as t
from solver.language.calendar import anniversary, last_day_completing, last_day_reaching

Narrowing = dict[str, d.Domain]
"""The domains of all variables, narrowed in place."""

Narrow = Callable[[dict[str, Any], set[str]], None]
"""Narrows what is known to what a condition leaves; names of narrowed variables go to the set. Raises `Inconsistent`."""

_NarrowTerm = Callable[[d.Interval, dict[str, Any], set[str]], None]
"""The same of a term, to what its value lying in an interval leaves."""

_MOST_KEPT = 30_000

_holding: dict[int, tuple[t.Condition, Narrow]] = {}
_failing: dict[int, tuple[t.Condition, Narrow]] = {}


def assume(condition: t.Condition, truth: bool, known: Narrowing, changed: set[str]) -> None:
    """Narrow `known` to what `condition` having the value `truth` leaves; names of narrowed variables go to `changed`.

    Raises `Inconsistent` if nothing is left of some variable.
    """
    assumed(condition, truth)(known, changed)


def assumed(condition: t.Condition, truth: bool) -> Narrow:
    """What narrows to what a condition having a truth value leaves."""
    kept = _holding if truth else _failing
    found = kept.get(id(condition))
    if found is None:
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        make = _ASSUMED.get(type(condition), _checked)
        found = kept[id(condition)] = condition, make(condition, truth)
    return found[1]


def _checked(condition: t.Condition, truth: bool) -> Narrow:
    """Of a condition that narrows nothing: it has the value, or nothing is left."""
    value_of = truth_of(condition)

    def narrow(known: Known, changed: set[str]) -> None:
        if value_of(known) is not truth:
            raise d.Inconsistent

    return narrow


def _kept_values(name: str, values: frozenset[bool] | frozenset[str], *, among: bool = True) -> Narrow:
    """A flag or an enumeration has one of the values, or with `among` off none of them."""

    def narrow(known: dict[str, Any], changed: set[str]) -> None:
        domain = known[name]
        kept = domain & values if among else domain - values
        if not kept:
            raise d.Inconsistent
        if len(kept) < len(domain):
            known[name] = kept
            changed.add(name)

    return narrow


def _all(conditions: Sequence[t.Condition], truth: bool) -> Narrow:
    """Each of the conditions has the value `truth`."""
    parts = [assumed(part, truth) for part in conditions]

    def narrow(known: dict[str, Any], changed: set[str]) -> None:
        for part in parts:
            part(known, changed)

    return narrow


def _some(conditions: Sequence[t.Condition], truth: bool) -> Narrow:
    """Some of the conditions has the value `truth`: if only one still can, it does."""
    parts = [(truth_of(part), part) for part in conditions]

    def narrow(known: dict[str, Any], changed: set[str]) -> None:
        possible = None
        for value_of, part in parts:
            value = value_of(known)
            if value is truth:
                return
            if value is None:
                if possible is not None:
                    return
                possible = part
        if possible is None:
            raise d.Inconsistent
        assumed(possible, truth)(known, changed)

    return narrow


def _iff(condition: t.Iff, truth: bool) -> Narrow:
    left, right = condition.left, condition.right
    left_truth, right_truth = truth_of(left), truth_of(right)

    def narrow(known: dict[str, Any], changed: set[str]) -> None:
        one, other = left_truth(known), right_truth(known)
        if one is not None:
            assumed(right, one is truth)(known, changed)
        elif other is not None:
            assumed(left, other is truth)(known, changed)

    return narrow


def _one_of(condition: t.OneOf, truth: bool) -> Narrow:
    if not truth:
        return _all(condition.conditions, truth)
    name, values, within = condition.name, condition.values, condition.within
    keep = _kept_number(name)

    def narrow(known: dict[str, Any], changed: set[str]) -> None:
        """The number lies between the lowest and the highest of the values that are left."""
        first, end = within(known[name])
        if first >= end:
            raise d.Inconsistent
        keep(d.Interval(values[first], values[end - 1]), known, changed)

    return narrow


def _compare(condition: t.Compare, truth: bool) -> Narrow:
    left, right = condition.left, condition.right
    if condition.relation == "==":
        return _equal(left, right) if truth else _unequal(condition)
    strict = condition.relation == "<"
    if not truth:
        left, right, strict = right, left, not strict
    if isinstance(left, t.NumberVariable) and isinstance(right, t.Constant):
        return _below(left.name, d.plain(right.value), strict)
    if isinstance(right, t.NumberVariable) and isinstance(left, t.Constant):
        return _above(right.name, d.plain(left.value), strict)
    return _in_order(left, right, strict)


def _unequal(condition: t.Compare) -> Narrow:
    value_of = truth_of(condition)

    def narrow(known: Known, changed: set[str]) -> None:
        if value_of(known) is True:
            raise d.Inconsistent

    return narrow


def _equal(left: t.Term, right: t.Term) -> Narrow:
    left_bounds, right_bounds = bounds_of(left), bounds_of(right)
    narrow_left, narrow_right = _term(left), _term(right)

    def narrow(known: dict[str, Any], changed: set[str]) -> None:
        narrow_left(d.any_number_in(right_bounds(known)), known, changed)
        narrow_right(d.any_number_in(left_bounds(known)), known, changed)

    return narrow


def _below(name: str, limit: d.Number, strict: bool) -> Narrow:
    """A variable is less than a number, or at most that where not `strict`."""
    target = d.at_most(limit, strict)

    def narrow(known: dict[str, Any], changed: set[str]) -> None:
        domain = known[name]
        high = domain[1]
        if high > limit or (high == limit and strict and not domain[3]):
            known[name] = d.intersect(domain, target)
            changed.add(name)

    return narrow


def _above(name: str, limit: d.Number, strict: bool) -> Narrow:
    """A variable is more than a number, or at least that where not `strict`."""
    target = d.at_least(limit, strict)

    def narrow(known: dict[str, Any], changed: set[str]) -> None:
        domain = known[name]
        low = domain[0]
        if low < limit or (low == limit and strict and not domain[2]):
            known[name] = d.intersect(domain, target)
            changed.add(name)

    return narrow


def _in_order(left: t.Term, right: t.Term, strict: bool) -> Narrow:
    """One term is less than the other, or at most that where not `strict`: only an end that lies beyond the other's moves."""
    left_bounds, right_bounds = bounds_of(left), bounds_of(right)
    narrow_left, narrow_right = _term(left), _term(right)

    def narrow(known: dict[str, Any], changed: set[str]) -> None:
        low, high, low_open, high_open, _ = left_bounds(known)
        least, most, least_open, most_open, _ = right_bounds(known)
        if high > most or (high == most and not high_open and (strict or most_open)):
            narrow_left(d.at_most(most, strict or most_open), known, changed)
        if least < low or (least == low and not least_open and (strict or low_open)):
            narrow_right(d.at_least(low, strict or low_open), known, changed)

    return narrow


def _term(term: t.Term) -> _NarrowTerm:
    if isinstance(term, t.NumberVariable):
        return _kept_number(term.name)
    within, make = bounds_of(term), _NARROWED.get(type(term))
    inside = None if make is None else make(term)

    def narrow(target: d.Interval, known: dict[str, Any], changed: set[str]) -> None:
        current = within(known)
        wanted = d.intersect(current, target)
        if inside is not None and wanted[:4] != current[:4]:
            inside(wanted, known, changed)

    return narrow


def _kept_number(name: str) -> _NarrowTerm:
    def narrow(target: d.Interval, known: dict[str, Any], changed: set[str]) -> None:
        current = known[name]
        wanted = d.intersect(current, target)
        if wanted[:4] != current[:4]:
            known[name] = wanted
            changed.add(name)

    return narrow


def _beside(parts: Sequence[t.Term]) -> list[tuple[_NarrowTerm, list[Bounds]]]:
    """What narrows each part, with what all others can be; a part that is a number is not ruled out if none of the others is."""
    each = [bounds_of(part) for part in parts]
    open_parts = [(i, part) for i, part in enumerate(parts) if not isinstance(part, t.Constant)]
    return [(_term(part), [*each[:i], *each[i + 1 :]]) for i, part in open_parts]


def _sum(term: t.Sum) -> _NarrowTerm:
    beside = _beside(term.parts)

    def narrow(wanted: d.Interval, known: dict[str, Any], changed: set[str]) -> None:
        for part, others in beside:
            rest = d.any_number_in(wanted)
            for other in others:
                rest = d.add(rest, d.negate(other(known)))
            part(rest, known, changed)

    return narrow


_ONE = d.Interval(1, 1)


def _product(term: t.Product) -> _NarrowTerm:
    beside = _beside(term.parts)

    def narrow(wanted: d.Interval, known: dict[str, Any], changed: set[str]) -> None:
        for part, others in beside:
            rest = (
                reduce(d.multiply, [other(known) for other in others], _ONE)
                if len(others) != 1
                else others[0](known)
            )
            part(d.divide(wanted, rest), known, changed)

    return narrow


def _power(term: t.Power) -> _NarrowTerm:
    exponent, within, base = term.exponent, bounds_of(term.base), _term(term.base)

    def narrow(wanted: d.Interval, known: dict[str, Any], changed: set[str]) -> None:
        # of a square alone the sign of the base is lost
        if within(known).low >= 0:
            base(d.root(wanted, exponent), known, changed)

    return narrow


def _largest(term: t.Largest) -> _NarrowTerm:
    """None is larger than wanted, and if only one can be as large, it is."""
    parts = [(bounds_of(part), _term(part)) for part in term.parts]

    def narrow(wanted: d.Interval, known: dict[str, Any], changed: set[str]) -> None:
        low, _, low_open, _, _ = wanted
        most = [(within(known), part) for within, part in parts]
        able = [
            part
            for each, part in most
            if each.high > low or (each.high == low and not (each.high_open or low_open))
        ]
        if not able:
            raise d.Inconsistent
        above = d.Interval(low, wanted.high, low_open, wanted.high_open)
        for _, part in parts:
            part(above if able == [part] else d.at_most(wanted.high, wanted.high_open), known, changed)

    return narrow


def _choice(term: t.Choice) -> _NarrowTerm:
    condition, then, otherwise = term.condition, _term(term.then), _term(term.otherwise)
    then_bounds, other_bounds = bounds_of(term.then), bounds_of(term.otherwise)

    def narrow(wanted: d.Interval, known: dict[str, Any], changed: set[str]) -> None:
        value = evaluate(condition, known)
        if value is None:
            if not _meet(then_bounds(known), wanted):
                assume(condition, False, known, changed)
                value = False
            elif not _meet(other_bounds(known), wanted):
                assume(condition, True, known, changed)
                value = True
            else:
                return
        (then if value else otherwise)(d.any_number_in(wanted), known, changed)

    return narrow


def _meet(one: d.Interval, wanted: d.Interval) -> bool:
    try:
        d.intersect(one, d.any_number_in(wanted))
    except d.Inconsistent:
        return False
    return True


def _shifted_date(term: t.AddMonths) -> _NarrowTerm:
    months, date = term.months, _term(term.date)

    def narrow(wanted: d.Interval, known: dict[str, Any], changed: set[str]) -> None:
        latest = last_day_reaching(int(wanted.high), months)
        earliest = last_day_reaching(int(wanted.low) - 1, months) + 1
        date(d.Interval(earliest, latest), known, changed)

    return narrow


def _years(term: t.CompletedYears) -> _NarrowTerm:
    start_bounds, end_bounds = bounds_of(term.start), bounds_of(term.end)
    start, end = _term(term.start), _term(term.end)

    def narrow(wanted: d.Interval, known: dict[str, Any], changed: set[str]) -> None:
        fewest, most = int(wanted.low), int(wanted.high)
        last = end_bounds(known)
        latest = last_day_completing(fewest, int(last.high))
        earliest = last_day_completing(most + 1, int(last.low)) + 1
        start(d.intersect(d.EVERYTHING, d.Interval(earliest, latest)), known, changed)
        if not last.exact:
            first = start_bounds(known)
            soonest = anniversary(int(first.low), fewest)
            too_late = anniversary(int(first.high), most + 1)
            end(d.intersect(d.EVERYTHING, d.Interval(soonest, too_late - 1)), known, changed)

    return narrow


# Dispatch by type, as in `evaluate`.
_ASSUMED: dict[type, Callable[..., Narrow]] = {
    t.Not: lambda c, truth: assumed(c.condition, not truth),
    t.BooleanVariable: lambda c, truth: _kept_values(c.name, frozenset({truth})),
    t.Member: lambda c, truth: _kept_values(c.name, c.values, among=truth),
    t.OneOf: _one_of,
    t.And: lambda c, truth: (_all if truth else _some)(c.conditions, truth),
    t.Or: lambda c, truth: (_some if truth else _all)(c.conditions, truth),
    t.Iff: _iff,
    t.Compare: _compare,
}

_NARROWED: dict[type, Callable[..., _NarrowTerm]] = {
    t.Sum: _sum,
    t.Product: _product,
    t.Power: _power,
    t.Largest: _largest,
    t.Choice: _choice,
    t.AddMonths: _shifted_date,
    t.CompletedYears: _years,
}
